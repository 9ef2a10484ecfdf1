//! Seeds as a function of the run and the step.

use crate::probe::fill::mix;

/// The device's seed before step `step` of the run seeded `run`: replaying one step needs no
/// state of the generator.
pub fn step_seed(run: u64, step: u64) -> u64 {
    mix(mix(run).wrapping_add(step))
}

#[cfg(test)]
mod tests {
    use super::step_seed;

    #[test]
    fn steps_and_runs_have_seeds_of_their_own() {
        let seeds = [
            step_seed(0, 0),
            step_seed(0, 1),
            step_seed(1, 0),
            step_seed(1, 1),
        ];
        for (idx, seed) in seeds.iter().enumerate() {
            assert!(!seeds[..idx].contains(seed), "{seeds:?}");
        }
    }
}
