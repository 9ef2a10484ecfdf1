//! Append-only storage with typed handles. A handle comes from the arena it indexes, and an arena only shrinks when
//! everything that was made since is dropped with it, so a lookup cannot miss.
//!
//! A copy of an arena shares its items until they are written: the state is copied wherever evaluation may have to
//! take something back.
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};
use std::rc::Rc;

/// A handle: a number that says which arena it belongs to.
pub(super) trait Handle: Copy {
    fn new(index: usize) -> Self;
    fn index(self) -> usize;
}

/// Defines handle types.
macro_rules! handles {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(super) struct $name(u32);

        impl $crate::elaborate::arena::Handle for $name {
            fn new(index: usize) -> Self {
                Self(u32::try_from(index).unwrap_or(u32::MAX))
            }

            fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}
pub(super) use handles;

#[derive(Debug)]
pub(super) struct Arena<K, T> {
    items: Vec<Rc<T>>,
    key: PhantomData<K>,
}

impl<K, T> Clone for Arena<K, T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            key: PhantomData,
        }
    }
}

impl<K, T> Default for Arena<K, T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            key: PhantomData,
        }
    }
}

impl<K: Handle, T> Arena<K, T> {
    pub(super) fn push(&mut self, item: T) -> K {
        self.items.push(Rc::new(item));
        K::new(self.items.len() - 1)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        self.items
            .iter()
            .enumerate()
            .map(|(index, item)| (K::new(index), &**item))
    }
}

#[expect(clippy::indexing_slicing, reason = "a handle comes from its arena")]
impl<K: Handle, T> Index<K> for Arena<K, T> {
    type Output = T;

    fn index(&self, key: K) -> &T {
        &self.items[key.index()]
    }
}

#[expect(clippy::indexing_slicing, reason = "a handle comes from its arena")]
impl<K: Handle, T: Clone> IndexMut<K> for Arena<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        Rc::make_mut(&mut self.items[key.index()])
    }
}
