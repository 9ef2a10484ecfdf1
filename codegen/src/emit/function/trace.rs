//! What the first printing of a function finds out for the second: the last use of each value, and the names.
//!
//! A function is printed twice by the same code. The first time uses and definitions are noted in order; the second time
//! the last use of a value moves it, every other clones it, and a name is free again once nothing needs it.
use std::collections::{BTreeMap, BTreeSet};

use crate::emit::ident;
use crate::ir::VarId;

/// A Rust variable's definition.
#[derive(Clone, Debug)]
struct Definition {
    local: VarId,
    at: usize,
    /// The end of its block.
    until: usize,
    /// Names it would like, the best first; the last one may get a number.
    bases: Vec<String>,
}

/// The notes.
#[derive(Debug, Default)]
pub(super) struct Trace {
    is_replay: bool,
    clock: usize,
    depth: usize,
    /// Loop depth at which a value is defined.
    depths: BTreeMap<VarId, usize>,
    /// Time of the last use of a value.
    last: BTreeMap<VarId, usize>,
    /// Times at which a Rust variable is needed.
    touches: BTreeMap<VarId, Vec<usize>>,
    definitions: Vec<Definition>,
    /// For each open block, the first of its definitions.
    blocks: Vec<Vec<usize>>,
    names: BTreeMap<VarId, String>,
}

impl Trace {
    pub(super) fn new() -> Self {
        Self {
            blocks: vec![Vec::new()],
            ..Self::default()
        }
    }

    pub(super) fn is_replay(&self) -> bool {
        self.is_replay
    }

    /// Notes a use of a value that lives in `local`; whether it moves the value.
    pub(super) fn use_value(&mut self, value: VarId, local: VarId) -> bool {
        self.clock += 1;
        if self.is_replay {
            return self.is_here(value) && self.last.get(&value) == Some(&self.clock);
        }
        self.last.insert(value, self.clock);
        self.touches.entry(local).or_default().push(self.clock);
        false
    }

    /// Whether a value is defined in the loop that is being printed.
    pub(super) fn is_here(&self, value: VarId) -> bool {
        self.depths
            .get(&value)
            .is_none_or(|depth| *depth == self.depth)
    }

    /// Notes that a value is defined here, in a Rust variable that exists.
    pub(super) fn define_value(&mut self, value: VarId) {
        self.depths.insert(value, self.depth);
    }

    /// Notes that a Rust variable is assigned or changed.
    pub(super) fn touch(&mut self, local: VarId) {
        self.clock += 1;
        if !self.is_replay {
            self.touches.entry(local).or_default().push(self.clock);
        }
    }

    /// Notes the definition of a Rust variable that would like one of the names; the name it has.
    pub(super) fn define(&mut self, local: VarId, bases: Vec<String>) -> String {
        self.clock += 1;
        if self.is_replay {
            return self.name(local);
        }
        if let Some(block) = self.blocks.last_mut() {
            block.push(self.definitions.len());
        }
        let name = bases.first().cloned().unwrap_or_default();
        self.definitions.push(Definition {
            local,
            at: self.clock,
            until: usize::MAX,
            bases,
        });
        self.names.insert(local, name.clone());
        name
    }

    pub(super) fn name(&self, local: VarId) -> String {
        self.names
            .get(&local)
            .cloned()
            .unwrap_or_else(|| "_".to_owned())
    }

    /// Whether a value is never used.
    pub(super) fn is_unused(&self, value: VarId) -> bool {
        self.is_replay && !self.last.contains_key(&value)
    }

    /// Whether a Rust variable is never needed.
    pub(super) fn is_untouched(&self, local: VarId) -> bool {
        self.is_replay && !self.touches.contains_key(&local)
    }

    pub(super) fn open_loop(&mut self) {
        self.depth += 1;
        self.blocks.push(Vec::new());
    }

    pub(super) fn close_loop(&mut self) {
        self.depth -= 1;
        self.clock += 1;
        for definition in self.blocks.pop().unwrap_or_default() {
            if let Some(definition) = self.definitions.get_mut(definition) {
                definition.until = self.clock;
            }
        }
    }

    /// Ends the first printing: names the Rust variables, apart from `reserved`.
    pub(super) fn settle(&mut self, reserved: &BTreeSet<String>) {
        self.is_replay = true;
        self.clock = 0;
        self.names.clear();
        // The variables of a name that may be needed once more.
        let mut named: BTreeMap<String, Vec<Definition>> = BTreeMap::new();
        for later in std::mem::take(&mut self.definitions) {
            let mut is_refused = |name: &str| {
                let earlier = named.get_mut(name).map(|named| {
                    named.retain(|earlier| self.next_touch(earlier, later.at).is_some());
                    named.iter().filter(|earlier| earlier.local != later.local)
                });
                let mut touches = earlier.into_iter().flatten();
                let is_needed = touches.any(|earlier| {
                    let touch = self.next_touch(earlier, later.at);
                    touch.is_some_and(|touch| touch <= later.until)
                });
                is_needed || reserved.contains(name)
            };
            let free = later.bases.iter().find(|base| !is_refused(base));
            let last = later.bases.last().map_or("value", String::as_str);
            let name = match free {
                Some(base) => base.clone(),
                None => ident::numbered(last, is_refused),
            };
            self.names.insert(later.local, name.clone());
            named.entry(name).or_default().push(later);
        }
    }

    /// When a Rust variable is needed next in its block.
    fn next_touch(&self, definition: &Definition, from: usize) -> Option<usize> {
        let touches = self.touches.get(&definition.local)?;
        let next = touches.partition_point(|touch| *touch < from);
        let touch = touches.get(next).copied();
        touch.filter(|_| definition.until > from)
    }
}
