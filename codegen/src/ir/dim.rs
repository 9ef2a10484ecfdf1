//! Dimensions: polynomials with integer coefficients, kept in normal form so that equality decides.
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::fmt;

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

/// A product of symbols, sorted, with repetition; empty for the constant term.
type Monomial = Vec<Sym>;

/// A polynomial over [`Sym`] with integer coefficients; no term has coefficient 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dim {
    terms: BTreeMap<Monomial, i64>,
}

impl Dim {
    /// Terms a polynomial may have before arithmetic gives up.
    const MAX_TERMS: usize = 64;

    /// A known number.
    pub fn constant(value: i64) -> Self {
        let mut dim = Self::default();
        dim.add_term(Vec::new(), value);
        dim
    }

    /// The symbol alone.
    pub fn symbol(sym: Sym) -> Self {
        Self {
            terms: BTreeMap::from([(vec![sym], 1)]),
        }
    }

    /// The number, when no symbol is left.
    pub fn as_constant(&self) -> Option<i64> {
        match self.terms.len() {
            0 => Some(0),
            1 => self.terms.get(&Vec::new()).copied(),
            _ => None,
        }
    }

    /// The symbol, when the polynomial is just that.
    pub fn as_symbol(&self) -> Option<Sym> {
        let (monomial, coefficient) = self.terms.first_key_value()?;
        match (self.terms.len(), monomial.as_slice(), coefficient) {
            (1, [sym], 1) => Some(*sym),
            _ => None,
        }
    }

    /// The terms: a coefficient and the symbols it multiplies, constant term first.
    pub fn terms(&self) -> impl Iterator<Item = (i64, &[Sym])> {
        self.terms
            .iter()
            .map(|(monomial, coefficient)| (*coefficient, monomial.as_slice()))
    }

    /// Every symbol that occurs, sorted.
    pub fn symbols(&self) -> Vec<Sym> {
        let mut all: Vec<Sym> = self.terms.keys().flatten().copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// The constant term.
    pub fn constant_term(&self) -> i64 {
        self.terms.get(&Vec::new()).copied().unwrap_or(0)
    }

    /// The sum, or nothing when it overflows.
    pub fn add(&self, other: &Self) -> Option<Self> {
        let mut sum = self.clone();
        for (monomial, coefficient) in &other.terms {
            sum.checked_add_term(monomial.clone(), *coefficient)?;
        }
        (sum.terms.len() <= Self::MAX_TERMS).then_some(sum)
    }

    /// The difference, or nothing when it overflows.
    pub fn sub(&self, other: &Self) -> Option<Self> {
        self.add(&other.scale(-1)?)
    }

    /// The product, or nothing when it overflows or grows beyond the limit on terms.
    pub fn mul(&self, other: &Self) -> Option<Self> {
        let mut product = Self::default();
        for (left, a) in &self.terms {
            for (right, b) in &other.terms {
                let mut monomial = [left.as_slice(), right.as_slice()].concat();
                monomial.sort_unstable();
                product.checked_add_term(monomial, a.checked_mul(*b)?)?;
            }
        }
        (product.terms.len() <= Self::MAX_TERMS).then_some(product)
    }

    fn scale(&self, factor: i64) -> Option<Self> {
        self.mul(&Self::constant(factor))
    }

    /// The quotient when `divisor` is one term that divides every term, else nothing.
    pub fn div_exact(&self, divisor: &Self) -> Option<Self> {
        if self == divisor && !self.terms.is_empty() {
            return Some(Self::constant(1));
        }
        let (by, factor) = divisor.terms.first_key_value()?;
        if divisor.terms.len() != 1 {
            return None;
        }
        let mut quotient = Self::default();
        for (monomial, coefficient) in &self.terms {
            let mut rest = monomial.clone();
            for sym in by {
                let at = rest.iter().position(|s| s == sym)?;
                rest.remove(at);
            }
            if coefficient.checked_rem(*factor)? != 0 {
                return None;
            }
            quotient.checked_add_term(rest, coefficient / factor)?;
        }
        Some(quotient)
    }

    /// The polynomial with `sym` replaced.
    pub fn substitute(&self, replacements: &BTreeMap<Sym, Dim>) -> Option<Self> {
        let mut result = Self::default();
        for (monomial, coefficient) in &self.terms {
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
        if difference.terms.is_empty() {
            return Some(Ordering::Equal);
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
        let mut shifted = Self::default();
        for (monomial, coefficient) in &self.terms {
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
        let constant = shifted.constant_term();
        constant >= least && shifted.terms.iter().all(|(m, c)| m.is_empty() || *c >= 0)
    }

    fn checked_add_term(&mut self, monomial: Monomial, coefficient: i64) -> Option<()> {
        let sum = self
            .terms
            .get(&monomial)
            .copied()
            .unwrap_or(0)
            .checked_add(coefficient)?;
        if sum == 0 {
            self.terms.remove(&monomial);
        } else {
            self.terms.insert(monomial, sum);
        }
        Some(())
    }

    fn add_term(&mut self, monomial: Monomial, coefficient: i64) {
        if coefficient != 0 {
            self.terms.insert(monomial, coefficient);
        }
    }
}

impl From<usize> for Dim {
    fn from(value: usize) -> Self {
        Self::constant(i64::try_from(value).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.terms.is_empty() {
            return f.write_str("0");
        }
        // Symbols first, the constant last: `T - 1`.
        let (constant, symbolic): (Vec<_>, Vec<_>) =
            self.terms.iter().partition(|(m, _)| m.is_empty());
        for (n, (monomial, coefficient)) in symbolic.into_iter().chain(constant).enumerate() {
            let sign = match (n, *coefficient < 0) {
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
        let mut dim = Self::default();
        for (coefficient, mut monomial) in terms {
            monomial.sort_unstable();
            dim.checked_add_term(monomial, coefficient)
                .ok_or_else(|| serde::de::Error::custom("a coefficient overflows"))?;
        }
        Ok(dim)
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
