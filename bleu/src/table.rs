//! A hash table that is emptied without being touched.

/// A map from `u64` keys to numbers: open addressing, linear probing, at most half full.
///
/// Slots of an older epoch count as empty, so that [`clear`](Self::clear) costs nothing and a table that is
/// reused for millions of short segments neither allocates nor sweeps.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    slots: Vec<Slot>,
    epoch: u32,
    len: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    key: u64,
    epoch: u32,
    value: u32,
}

impl Table {
    /// Slots of a new table; a power of two, as after every growth.
    const CAPACITY: usize = 256;

    pub(crate) fn new() -> Self {
        Self {
            slots: vec![Slot::default(); Self::CAPACITY],
            epoch: 1,
            len: 0,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.len = 0;
        self.epoch = self.epoch.wrapping_add(1);
        if self.epoch == 0 {
            self.slots.fill(Slot::default());
            self.epoch = 1;
        }
    }

    /// The value of `key` that is `accepted`: keys may be hashes, which two tokens can share.
    #[inline]
    pub(crate) fn get(&self, key: u64, accepted: impl Fn(u32) -> bool) -> Option<u32> {
        let mut idx = self.home(key);
        loop {
            let slot = &self.slots[idx];
            if slot.epoch != self.epoch {
                return None;
            }
            if slot.key == key && accepted(slot.value) {
                return Some(slot.value);
            }
            idx = self.after(idx);
        }
    }

    /// The accepted value of `key`, or `fresh`, which then becomes it.
    #[inline]
    pub(crate) fn get_or_insert(
        &mut self,
        key: u64,
        accepted: impl Fn(u32) -> bool,
        fresh: u32,
    ) -> u32 {
        if 2 * self.len >= self.slots.len() {
            self.grow();
        }
        let mut idx = self.home(key);
        loop {
            let slot = &mut self.slots[idx];
            if slot.epoch != self.epoch {
                *slot = Slot {
                    key,
                    epoch: self.epoch,
                    value: fresh,
                };
                self.len += 1;
                return fresh;
            }
            if slot.key == key && accepted(slot.value) {
                return slot.value;
            }
            idx = self.after(idx);
        }
    }

    #[cold]
    fn grow(&mut self) {
        let larger = vec![Slot::default(); 2 * self.slots.len()];
        let old = std::mem::replace(&mut self.slots, larger);
        self.len = 0;
        let epoch = self.epoch;
        for slot in old.into_iter().filter(|slot| slot.epoch == epoch) {
            self.get_or_insert(slot.key, |_| false, slot.value);
        }
    }

    /// Fibonacci hashing: the high bits of the product depend on every bit of the key.
    #[inline]
    fn home(&self, key: u64) -> usize {
        let high = (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize;
        high & (self.slots.len() - 1)
    }

    #[inline]
    fn after(&self, idx: usize) -> usize {
        (idx + 1) & (self.slots.len() - 1)
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn a_grown_table_keeps_every_key() {
        let mut table = Table::new();
        for value in 0..10_000 {
            assert_eq!(
                table.get_or_insert(u64::from(value) << 32, |_| true, value),
                value
            );
        }
        for value in 0..10_000 {
            assert_eq!(table.get(u64::from(value) << 32, |_| true), Some(value));
        }
        assert_eq!(table.get(1, |_| true), None);
    }

    #[test]
    fn a_cleared_table_is_empty_even_when_the_epoch_wraps() {
        let mut table = Table::new();
        table.epoch = u32::MAX;
        table.get_or_insert(7, |_| true, 1);
        table.clear();
        assert_eq!(table.epoch, 1);
        assert_eq!(table.get(7, |_| true), None);
    }

    #[test]
    fn keys_that_collide_are_told_apart_by_their_values() {
        let mut table = Table::new();
        table.get_or_insert(7, |value| value == 1, 1);
        table.get_or_insert(7, |value| value == 2, 2);
        assert_eq!(table.get(7, |value| value == 2), Some(2));
        assert_eq!(table.get(7, |value| value == 3), None);
    }
}
