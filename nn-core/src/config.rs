//! [`ConfigError`]: the rule that a configuration breaks, and the rules themselves.

use thiserror::Error;

/// The first rule that a configuration breaks.
///
/// Every configuration has `check`, which returns it; `init` calls `check` and panics with its
/// text.
#[derive(Clone, Debug, PartialEq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// A count that must not be zero is zero.
    #[error("`{field}` is 0, but at least 1 is required")]
    Zero {
        /// The configuration's field.
        field: &'static str,
    },
    /// A number lies outside its range.
    #[error("`{field}` is {found}, but {required} is required")]
    OutOfRange {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: f64,
        /// The range, in words.
        required: &'static str,
    },
    /// An index is not below the count it points into.
    #[error("`{field}` is {found}, but less than `{limit_field}` {limit} is required")]
    IndexTooLarge {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: usize,
        /// The field that holds the count.
        limit_field: &'static str,
        /// The count.
        limit: usize,
    },
    /// A number must be a multiple of another one.
    #[error("`{field}` {found} is not divisible by `{divisor_field}` {divisor}")]
    NotDivisible {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: usize,
        /// The field that holds the divisor.
        divisor_field: &'static str,
        /// The divisor.
        divisor: usize,
    },
    /// Two numbers must be equal.
    #[error("`{field}` is {found}, but `{other_field}` {other} is required")]
    NotEqual {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: usize,
        /// The field that holds the other number.
        other_field: &'static str,
        /// The other number.
        other: usize,
    },
    /// A number must be even.
    #[error("`{field}` is {found}, but an even number is required")]
    Odd {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: usize,
    },
    /// A number must be odd.
    #[error("`{field}` is {found}, but an odd number is required")]
    Even {
        /// The configuration's field.
        field: &'static str,
        /// Its value.
        found: usize,
    },
}

/// `value` must be at least 1.
pub(crate) fn at_least_one(field: &'static str, value: usize) -> Result<(), ConfigError> {
    match value {
        0 => Err(ConfigError::Zero { field }),
        _ => Ok(()),
    }
}

/// Each of `values` must be at least 1.
pub(crate) fn each_at_least_one<const N: usize>(
    fields: [&'static str; N],
    values: [usize; N],
) -> Result<(), ConfigError> {
    fields
        .into_iter()
        .zip(values)
        .try_for_each(|(field, value)| at_least_one(field, value))
}

/// `index`, when there is one, must be below `limit`.
pub(crate) fn index_below(
    field: &'static str,
    index: Option<usize>,
    limit_field: &'static str,
    limit: usize,
) -> Result<(), ConfigError> {
    match index {
        Some(found) if found >= limit => Err(ConfigError::IndexTooLarge {
            field,
            found,
            limit_field,
            limit,
        }),
        _ => Ok(()),
    }
}

/// `value` must be finite and above 0.
pub(crate) fn positive(field: &'static str, value: f64) -> Result<(), ConfigError> {
    within(
        field,
        value,
        value.is_finite() && value > 0.0,
        "a finite number above 0",
    )
}

/// `value` must be finite and at least 0.
pub(crate) fn not_negative(field: &'static str, value: f64) -> Result<(), ConfigError> {
    within(
        field,
        value,
        value.is_finite() && value >= 0.0,
        "a finite number of at least 0",
    )
}

/// `value` must lie in [0, 1].
pub(crate) fn fraction(field: &'static str, value: f64) -> Result<(), ConfigError> {
    within(
        field,
        value,
        (0.0..=1.0).contains(&value),
        "a number in [0, 1]",
    )
}

/// `value` must lie in [0, 1): the probability that dropout clears an element.
pub(crate) fn dropout(field: &'static str, value: f64) -> Result<(), ConfigError> {
    within(
        field,
        value,
        (0.0..1.0).contains(&value),
        "a number in [0, 1)",
    )
}

/// `found` must be a multiple of `divisor`, which is not 0.
pub(crate) fn divides(
    divisor_field: &'static str,
    divisor: usize,
    field: &'static str,
    found: usize,
) -> Result<(), ConfigError> {
    if found.is_multiple_of(divisor) {
        return Ok(());
    }
    Err(ConfigError::NotDivisible {
        field,
        found,
        divisor_field,
        divisor,
    })
}

/// `found` must be `other`.
pub(crate) fn equal(
    field: &'static str,
    found: usize,
    other_field: &'static str,
    other: usize,
) -> Result<(), ConfigError> {
    if found == other {
        return Ok(());
    }
    Err(ConfigError::NotEqual {
        field,
        found,
        other_field,
        other,
    })
}

/// `found` must be even.
pub(crate) fn even(field: &'static str, found: usize) -> Result<(), ConfigError> {
    if found.is_multiple_of(2) {
        return Ok(());
    }
    Err(ConfigError::Odd { field, found })
}

/// `value` must be odd.
pub(crate) fn odd(field: &'static str, found: usize) -> Result<(), ConfigError> {
    if found.is_multiple_of(2) {
        return Err(ConfigError::Even { field, found });
    }
    Ok(())
}

fn within(
    field: &'static str,
    found: f64,
    holds: bool,
    required: &'static str,
) -> Result<(), ConfigError> {
    if holds {
        return Ok(());
    }
    Err(ConfigError::OutOfRange {
        field,
        found,
        required,
    })
}

/// Panics with the text of the rule that a configuration of `layer` breaks.
#[track_caller]
pub(crate) fn expect_valid(layer: &str, checked: Result<(), ConfigError>) {
    if let Err(error) = checked {
        panic!("{layer}: {error}");
    }
}
