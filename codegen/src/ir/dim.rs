//! Dimensions: polynomials with integer coefficients, kept in normal form so that equality decides.
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// An unknown number that a size may depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Sym {
    /// Images in a batch. At least 1.
    Batch,
    /// Tokens in a caption, with the start and end tokens. At least 2.
    Length,
    /// Captions of an image. At least 1.
    Captions,
    /// The index of a kept loop. At least 0.
    Index(u32),
    /// How often a kept loop with a `break` ran. At least 1.
    Count(u32),
}

impl Sym {
    /// The least value of the symbol; every decision taken on symbols holds from there on.
    pub fn least(self) -> i64 {
        match self {
            Self::Index(_) => 0,
            Self::Batch | Self::Captions | Self::Count(_) => 1,
            Self::Length => 2,
        }
    }
}

impl fmt::Display for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Batch => f.write_str("B"),
            Self::Length => f.write_str("T"),
            Self::Captions => f.write_str("N"),
            Self::Index(k) => write!(f, "i{k}"),
            Self::Count(k) => write!(f, "c{k}"),
        }
    }
}

/// A product of symbols, sorted, with repetition.
type Monomial = Vec<Sym>;

/// A polynomial over [`Sym`] with integer coefficients.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dim {
    constant: i64,
    /// Sorted, none empty, none with coefficient 0. Shared, since dims are copied with every shape.
    terms: Arc<[(Monomial, i64)]>,
}

impl Dim {
    /// Terms a polynomial may have before arithmetic gives up.
    const MAX_TERMS: usize = 64;

    /// A known number.
    pub fn constant(value: i64) -> Self {
        Self {
            constant: value,
            terms: Arc::default(),
        }
    }

    /// The symbol alone.
    pub fn symbol(sym: Sym) -> Self {
        Self {
            constant: 0,
            terms: Arc::new([(vec![sym], 1)]),
        }
    }

    /// The sum of terms in any order, or nothing when it overflows or is too long.
    fn sum(terms: impl IntoIterator<Item = Option<(Monomial, i64)>>) -> Option<Self> {
        let mut sums: BTreeMap<Monomial, i64> = BTreeMap::new();
        for term in terms {
            let (monomial, coefficient) = term?;
            let sum = sums.entry(monomial).or_default();
            *sum = sum.checked_add(coefficient)?;
        }
        let constant = sums.remove(&Vec::new()).unwrap_or(0);
        sums.retain(|_, coefficient| *coefficient != 0);
        (sums.len() < Self::MAX_TERMS).then(|| Self {
            constant,
            terms: sums.into_iter().collect(),
        })
    }

    /// The number, when no symbol is left.
    pub fn as_constant(&self) -> Option<i64> {
        self.terms.is_empty().then_some(self.constant)
    }

    /// The symbol, when the polynomial is just that.
    pub fn as_symbol(&self) -> Option<Sym> {
        match (self.constant, &*self.terms) {
            (0, [(monomial, 1)]) => match monomial.as_slice() {
                [sym] => Some(*sym),
                _ => None,
            },
            _ => None,
        }
    }

    /// The terms: a coefficient and the symbols it multiplies, constant term first.
    pub fn terms(&self) -> impl Iterator<Item = (i64, &[Sym])> {
        let constant = (self.constant != 0).then_some((self.constant, [].as_slice()));
        let symbolic = self.terms.iter();
        let symbolic = symbolic.map(|(monomial, coefficient)| (*coefficient, monomial.as_slice()));
        constant.into_iter().chain(symbolic)
    }

    /// Every symbol that occurs, sorted.
    pub fn symbols(&self) -> Vec<Sym> {
        let monomials = self.terms.iter().map(|(monomial, _)| monomial);
        let mut all: Vec<Sym> = monomials.flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The constant term.
    pub fn constant_term(&self) -> i64 {
        self.constant
    }

    /// The sum, or nothing when it overflows.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let terms = match (&*self.terms, &*other.terms) {
            (_, []) => &self.terms,
            ([], _) => &other.terms,
            _ => return Self::sum(self.owned().chain(other.owned()).map(Some)),
        };
        Some(Self {
            constant: self.constant.checked_add(other.constant)?,
            terms: Arc::clone(terms),
        })
    }

    fn owned(&self) -> impl Iterator<Item = (Monomial, i64)> {
        self.terms()
            .map(|(coefficient, monomial)| (monomial.to_vec(), coefficient))
    }

    /// The difference, or nothing when it overflows.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        self.add(&other.scale(-1)?)
    }

    /// The product, or nothing when it overflows or grows beyond the limit on terms.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        match (self.as_constant(), other.as_constant()) {
            (_, Some(factor)) => return self.scale(factor),
            (Some(factor), _) => return other.scale(factor),
            (None, None) => {}
        }
        Self::sum(self.terms().flat_map(|(a, left)| {
            other.terms().map(move |(b, right)| {
                let mut monomial = [left, right].concat();
                monomial.sort_unstable();
                Some((monomial, a.checked_mul(b)?))
            })
        }))
    }

    fn scale(&self, factor: i64) -> Option<Self> {
        if factor == 0 {
            return Some(Self::default());
        }
        let scaled = |(monomial, coefficient): &(Monomial, i64)| {
            Some((monomial.clone(), coefficient.checked_mul(factor)?))
        };
        Some(Self {
            constant: self.constant.checked_mul(factor)?,
            terms: self.terms.iter().map(scaled).collect::<Option<_>>()?,
        })
    }

    /// The quotient when `divisor` is one term that divides every term, else nothing.
    pub fn div_exact(&self, divisor: &Self) -> Option<Self> {
        let mut terms = divisor.terms();
        let (factor, by) = terms.next()?;
        if self == divisor {
            return Some(Self::constant(1));
        }
        if terms.next().is_some() {
            return None;
        }
        Self::sum(self.terms().map(|(coefficient, monomial)| {
            let mut rest = monomial.to_vec();
            for sym in by {
                let at = rest.iter().position(|s| s == sym)?;
                rest.remove(at);
            }
            let is_whole = coefficient.checked_rem(factor)? == 0;
            is_whole.then(|| (rest, coefficient / factor))
        }))
    }

    /// The polynomial with `sym` replaced.
    pub fn substitute(&self, replacements: &BTreeMap<Sym, Dim>) -> Option<Self> {
        let mut result = Self::constant(self.constant);
        for (monomial, coefficient) in &*self.terms {
            let mut term = Self::constant(*coefficient);
            for sym in monomial {
                let factor = replacements
                    .get(sym)
                    .cloned()
                    .unwrap_or_else(|| Self::symbol(*sym));
                term = term.mul(&factor)?;
            }
            result = result.add(&term)?;
        }
        Some(result)
    }

    /// The order of two sizes, where it is the same for every value that the symbols may take.
    pub fn compare(&self, other: &Self) -> Option<Ordering> {
        let difference = self.sub(other)?;
        if let Some(difference) = difference.as_constant() {
            return Some(difference.cmp(&0));
        }
        if difference.is_at_least(1) {
            return Some(Ordering::Greater);
        }
        difference
            .scale(-1)?
            .is_at_least(1)
            .then_some(Ordering::Less)
    }

    /// Whether the value is `least` or more whatever the symbols are: each symbol is written as its least value plus
    /// something not negative; then no coefficient may be negative and the constant must reach `least`.
    pub fn is_at_least(&self, least: i64) -> bool {
        let mut shifted = Self::constant(self.constant);
        for (monomial, coefficient) in &*self.terms {
            let mut term = Self::constant(*coefficient);
            for sym in monomial {
                let factor = Self::symbol(*sym).add(&Self::constant(sym.least()));
                match factor.and_then(|factor| term.mul(&factor)) {
                    Some(product) => term = product,
                    None => return false,
                }
            }
            match shifted.add(&term) {
                Some(sum) => shifted = sum,
                None => return false,
            }
        }
        shifted.constant >= least
            && shifted
                .terms
                .iter()
                .all(|(_, coefficient)| *coefficient >= 0)
    }
}

impl From<usize> for Dim {
    fn from(value: usize) -> Self {
        Self::constant(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_number = |(_, monomial): &(i64, &[Sym])| monomial.is_empty();
        // Symbols first, the constant last: `T - 1`.
        let (constant, symbolic): (Vec<_>, Vec<_>) = self.terms().partition(is_number);
        if constant.is_empty() && symbolic.is_empty() {
            return f.write_str("0");
        }
        for (n, (coefficient, monomial)) in symbolic.into_iter().chain(constant).enumerate() {
            let sign = match (n, coefficient < 0) {
                (0, true) => "-",
                (0, false) => "",
                (_, true) => " - ",
                (_, false) => " + ",
            };
            f.write_str(sign)?;
            write_term(f, coefficient.unsigned_abs(), monomial)?;
        }
        Ok(())
    }
}

fn write_term(f: &mut fmt::Formatter<'_>, coefficient: u64, monomial: &[Sym]) -> fmt::Result {
    if coefficient != 1 || monomial.is_empty() {
        write!(f, "{coefficient}")?;
        if !monomial.is_empty() {
            f.write_str("*")?;
        }
    }
    for (n, sym) in monomial.iter().enumerate() {
        if n > 0 {
            f.write_str("*")?;
        }
        write!(f, "{sym}")?;
    }
    Ok(())
}

/// As a list of `[coefficient, [symbols]]`: JSON has no maps with list keys.
impl Serialize for Dim {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.terms())
    }
}

impl<'de> Deserialize<'de> for Dim {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let terms: Vec<(i64, Vec<Sym>)> = Vec::deserialize(deserializer)?;
        let sorted = terms.into_iter().map(|(coefficient, mut monomial)| {
            monomial.sort_unstable();
            Some((monomial, coefficient))
        });
        Self::sum(sorted).ok_or_else(|| serde::de::Error::custom("a coefficient overflows"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn length() -> Dim {
        Dim::symbol(Sym::Length)
    }

    fn number(value: i64) -> Dim {
        Dim::constant(value)
    }

    #[test]
    fn sums_and_products_have_one_normal_form() {
        let left = length()
            .add(&number(1))
            .unwrap()
            .mul(&length().sub(&number(1)).unwrap())
            .unwrap();
        let right = length().mul(&length()).unwrap().sub(&number(1)).unwrap();
        assert_eq!(left, right);
        assert_eq!(left.to_string(), "T*T - 1");
    }

    #[test]
    fn order_is_decided_where_it_always_holds() {
        let shorter = length().sub(&number(1)).unwrap();
        assert_eq!(shorter.compare(&length()), Some(Ordering::Less));
        assert_eq!(shorter.compare(&number(0)), Some(Ordering::Greater));
        assert_eq!(shorter.compare(&number(2)), None);
        assert_eq!(length().compare(&Dim::symbol(Sym::Batch)), None);
    }

    #[test]
    fn division_is_exact_or_refused() {
        let product = length().mul(&number(6)).unwrap();
        assert_eq!(product.div_exact(&number(3)), length().mul(&number(2)));
        assert_eq!(product.div_exact(&length()), Some(number(6)));
        assert_eq!(product.div_exact(&number(4)), None);
        assert_eq!(product.div_exact(&number(0)), None);
    }

    #[test]
    fn overflow_gives_nothing() {
        assert_eq!(number(i64::MAX).add(&number(1)), None);
        assert_eq!(
            number(i64::MAX).mul(&length()).unwrap().mul(&number(2)),
            None
        );
    }

    #[test]
    fn json_round_trip() {
        let dim = length()
            .mul(&Dim::symbol(Sym::Batch))
            .unwrap()
            .add(&number(-3))
            .unwrap();
        let text = serde_json::to_string(&dim).unwrap();
        assert_eq!(serde_json::from_str::<Dim>(&text).unwrap(), dim);
    }
}
