//! A large hash table that is asked many questions at a time.

/// An n-gram among document frequencies.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    pub(super) node: u32,
    pub(super) n_images: u32,
}

impl Entry {
    /// An n-gram that no image has, or only one.
    const RARE: Self = Self {
        node: u32::MAX,
        n_images: 0,
    };
}

/// Entries by their keys; open addressing, linear probing, at most half full.
#[derive(Clone, Debug)]
pub(super) struct Entries {
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    key: u64,
    entry: Entry,
}

/// A question, and the first slot that may hold its answer.
///
/// Slots are read without a branch that depends on them, so that a processor waits for many of them at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lookup {
    key: u64,
    home: Slot,
}

/// No key is this one: there are fewer n-grams.
const EMPTY: Slot = Slot {
    key: u64::MAX,
    entry: Entry::RARE,
};

impl Lookup {
    pub(super) const NOTHING: Self = Self {
        key: 0,
        home: EMPTY,
    };
}

impl Entries {
    pub(super) fn of(entries: impl ExactSizeIterator<Item = (u64, Entry)>) -> Self {
        let n_slots = (2 * entries.len() + 1).next_power_of_two();
        let mut table = Self {
            slots: vec![EMPTY; n_slots],
        };
        for (key, entry) in entries {
            let mut idx = table.home(key);
            while table.slots[idx].key != EMPTY.key && table.slots[idx].key != key {
                idx = table.after(idx);
            }
            table.slots[idx] = Slot { key, entry };
        }
        table
    }

    #[inline]
    pub(super) fn look_up(&self, key: u64) -> Lookup {
        let home = self.slots[self.home(key)];
        Lookup { key, home }
    }

    #[inline]
    pub(super) fn find(&self, lookup: &Lookup) -> Entry {
        let mut slot = lookup.home;
        let mut idx = self.home(lookup.key);
        while slot.key != lookup.key && slot.key != EMPTY.key {
            idx = self.after(idx);
            slot = self.slots[idx];
        }
        slot.entry
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
