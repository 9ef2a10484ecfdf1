//! The random numbers of numpy's `default_rng`, so that a resample here is one there.

/// O'Neill's PCG XSL RR 128/64 (2014), seeded as numpy's `SeedSequence` seeds it.
///
/// The same numbers on every machine; and those that sacrebleu draws with the same seed.
#[derive(Clone, Debug)]
pub(crate) struct Pcg64 {
    state: u128,
    increment: u128,
    /// The upper half of the last 64 bits, while only the lower was used.
    kept: Option<u32>,
}

impl Pcg64 {
    const MULTIPLIER: u128 = 0x2360_ed05_1fc6_5da4_4385_df64_9fcc_f645;

    pub(crate) fn new(seed: u64) -> Self {
        let [high, low, increment_high, increment_low] = seed_words(seed);
        let wide = |high: u64, low: u64| u128::from(high) << 64 | u128::from(low);
        let mut random = Self {
            state: 0,
            increment: wide(increment_high, increment_low) << 1 | 1,
            kept: None,
        };
        random.step();
        random.state = random.state.wrapping_add(wide(high, low));
        random.step();
        random
    }

    #[inline]
    fn step(&mut self) {
        self.state = self
            .state
            .wrapping_mul(Self::MULTIPLIER)
            .wrapping_add(self.increment);
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    fn next_u64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
    fn next_u32(&mut self) -> u32 {
        if let Some(kept) = self.kept.take() {
            return kept;
        }
        let both = self.next_u64();
        self.kept = Some((both >> 32) as u32);
        both as u32
    }

    /// A number below `bound`, by Lemire's multiplication (2019): `integers(0, bound)`.
    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "low halves are meant")]
    pub(crate) fn below(&mut self, bound: u32) -> u32 {
        let mut product = u64::from(self.next_u32()) * u64::from(bound);
        if (product as u32) < bound {
            let threshold = bound.wrapping_neg() % bound;
            while (product as u32) < threshold {
                product = u64::from(self.next_u32()) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// 32 times heads or tails, from the lowest bit on: `integers(2, dtype=bool)`.
    pub(crate) fn coins(&mut self) -> u32 {
        self.next_u32()
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)` (O'Neill 2015, "Developing a `seed_seq` alternative").
fn seed_words(seed: u64) -> [u64; 4] {
    let pool = seed_pool(seed);
    let mut constant = 0x8b51_f9dd_u32;
    let mut words = pool.iter().cycle().map(|&word| {
        let mixed = word ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        let mixed = mixed.wrapping_mul(constant);
        u64::from(mixed ^ mixed >> 16)
    });
    std::array::from_fn(|_| {
        let low = words.next().unwrap_or_default();
        low | words.next().unwrap_or_default() << 32
    })
}

#[expect(clippy::cast_possible_truncation, reason = "both halves are used")]
fn seed_pool(seed: u64) -> [u32; 4] {
    let mut constant = 0x43b0_d7e5_u32;
    let mut hash = |word: u32| {
        let mixed = word ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        let mixed = mixed.wrapping_mul(constant);
        mixed ^ mixed >> 16
    };
    let mut pool = [seed as u32, (seed >> 32) as u32, 0, 0].map(&mut hash);
    for from in 0..pool.len() {
        for to in (0..pool.len()).filter(|to| *to != from) {
            let mixed = pool[to]
                .wrapping_mul(0xca01_f9dd)
                .wrapping_sub(hash(pool[from]).wrapping_mul(0x4973_f715));
            pool[to] = mixed ^ mixed >> 16;
        }
    }
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_numpy() {
        let mut random = Pcg64::new(12345);
        let numbers = [(); 4].map(|()| random.next_u64());
        let numpys = [
            4_193_609_425_186_963_869,
            5_843_160_025_838_961_886,
            14_708_796_524_633_321_433,
            12_474_696_839_993_944_336,
        ];
        assert_eq!(numbers, numpys);
    }

    #[test]
    fn draws_are_those_of_numpy() {
        let mut random = Pcg64::new(12345);
        let draws = [(); 8].map(|()| random.below(60));
        assert_eq!(draws, [41, 13, 47, 19, 12, 47, 38, 40]);
        let coins = Pcg64::new(12345).coins();
        let heads = [0, 1, 2, 3, 4, 5, 6, 7].map(|toss| coins >> toss & 1 == 1);
        assert_eq!(heads, [true, false, true, true, true, false, false, true]);
    }

    #[test]
    fn every_number_below_the_bound_is_as_likely_as_another() {
        let mut random = Pcg64::new(7);
        let mut counts = [0_u32; 6];
        for _ in 0..60_000 {
            counts[random.below(6) as usize] += 1;
        }
        assert!(
            counts.iter().all(|count| (9_600..10_400).contains(count)),
            "{counts:?}"
        );
    }
}
