//! Values from names: FNV-1a of the name seeds splitmix64.

/// The weight of one draw's 53 bits.
const SCALE: f64 = 1.0 / (1_u64 << 53) as f64;

/// FNV-1a, 64 bits, of a name's UTF-8 bytes.
pub fn seed(name: &str) -> u64 {
    name.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    })
}

/// The output of splitmix64 for a state that has already been advanced.
pub const fn mix(state: u64) -> u64 {
    let state = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let state = (state ^ (state >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    state ^ (state >> 31)
}

/// The raw draws of splitmix64 from `seed`.
pub fn draws(seed: u64) -> impl Iterator<Item = u64> {
    (1_u64..).map(move |idx| mix(seed.wrapping_add(idx.wrapping_mul(0x9E37_79B9_7F4A_7C15))))
}

/// The first `n_values` values of the fill called `name`, uniform in `[-bound, bound)`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the fill is defined as f64 rounded to f32"
)]
pub fn values(name: &str, n_values: usize, bound: f64) -> Vec<f32> {
    let value = |raw: u64| (2.0 * ((raw >> 11) as f64 * SCALE) - 1.0) * bound;
    draws(seed(name))
        .take(n_values)
        .map(|raw| value(raw) as f32)
        .collect()
}

/// The bound of a parameter of PyTorch shape `shape`.
pub fn bound(shape: &[usize]) -> f64 {
    match shape {
        [] | [_] => 0.05,
        [_, inner @ ..] => (3.0 / inner.iter().product::<usize>() as f64).sqrt(),
    }
}

/// The captions called `name`, row by row: SOS, words, EOS.
pub fn captions(name: &str, [batch, length]: [usize; 2], vocab: usize) -> Vec<i64> {
    let n_words = vocab.saturating_sub(4).max(1) as u64;
    let token = |idx: usize, raw: u64| match idx % length {
        0 => 1,
        column if column == length - 1 => 2,
        _ => (4 + raw % n_words).cast_signed(),
    };
    let raws = draws(seed(name)).take(batch * length).enumerate();
    raws.map(|(idx, raw)| token(idx, raw)).collect()
}

/// The labels called `name`, each one of `classes`.
pub fn labels(name: &str, batch: usize, classes: usize) -> Vec<i64> {
    let n_classes = classes.max(1) as u64;
    let raws = draws(seed(name)).take(batch);
    raws.map(|raw| (raw % n_classes).cast_signed()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_hash_as_fnv_1a_does() {
        assert_eq!(seed(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(seed("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(seed("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn draws_are_splitmix64s() {
        let first: Vec<u64> = draws(1_234_567).take(2).collect();
        assert_eq!(
            first,
            [6_457_827_717_110_365_317, 3_203_168_211_198_807_973]
        );
    }

    #[test]
    fn values_are_the_reference_ones_to_the_bit() {
        let bits: Vec<u32> = values("images", 5, 1.0)
            .iter()
            .map(|value| value.to_bits())
            .collect();
        let expected = [
            0xbf21_8c8e,
            0xbf6f_adfb,
            0xbf48_12a1,
            0xbf00_2ff7,
            0x3f36_ee3f,
        ];
        assert_eq!(bits, expected);
        let bound = bound(&[32, 3, 7, 7]);
        let first = values("encoder.conv1.weight", 1, bound);
        assert_eq!(first[0].to_bits(), 0x3e08_985d);
    }

    #[test]
    fn captions_start_and_end() {
        let expected = [
            1, 26, 49, 14, 16, 43, 32, 56, 2, 1, 16, 12, 47, 21, 59, 45, 5, 2,
        ];
        assert_eq!(captions("captions", [2, 9], 60), expected);
    }
}
