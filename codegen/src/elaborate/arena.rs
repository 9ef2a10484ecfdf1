//! Append-only storage with typed handles. A handle comes from the arena it indexes, and an arena only shrinks when
//! everything that was made since is dropped with it, so a lookup cannot miss.
//!
//! A copy of an arena shares its items, in chunks, until they are written: the state is copied wherever evaluation may
//! have to take something back.
use std::marker::PhantomData;
use std::ops::{Index, IndexMut};
use std::rc::Rc;

/// Items that are copied one by one when a copy of the arena is written.
const CHUNK: usize = 64;

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
    /// All full but the last.
    chunks: Vec<Rc<Vec<Rc<T>>>>,
    key: PhantomData<K>,
}

impl<K, T> Clone for Arena<K, T> {
    fn clone(&self) -> Self {
        Self {
            chunks: self.chunks.clone(),
            key: PhantomData,
        }
    }
}

impl<K, T> Default for Arena<K, T> {
    fn default() -> Self {
        Self {
            chunks: Vec::new(),
            key: PhantomData,
        }
    }
}

impl<K: Handle, T> Arena<K, T> {
    pub(super) fn push(&mut self, item: T) -> K {
        let key = K::new(self.len());
        match self.chunks.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => Rc::make_mut(chunk).push(Rc::new(item)),
            _ => self.chunks.push(Rc::new(vec![Rc::new(item)])),
        }
        key
    }

    pub(super) fn len(&self) -> usize {
        let last = self.chunks.last().map_or(0, |chunk| chunk.len());
        self.chunks.len().saturating_sub(1) * CHUNK + last
    }

    pub(super) fn find(&self, key: K) -> Option<&T> {
        let (chunk, at) = (key.index() / CHUNK, key.index() % CHUNK);
        self.chunks.get(chunk)?.get(at).map(|item| &**item)
    }

    pub(super) fn find_mut(&mut self, key: K) -> Option<&mut T>
    where
        T: Clone,
    {
        let (chunk, at) = (key.index() / CHUNK, key.index() % CHUNK);
        let chunk = Rc::make_mut(self.chunks.get_mut(chunk)?);
        chunk.get_mut(at).map(Rc::make_mut)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, &T)> {
        let items = self.chunks.iter().flat_map(|chunk| chunk.iter());
        items
            .enumerate()
            .map(|(index, item)| (K::new(index), &**item))
    }

    /// The items, copied where another copy of the arena has them too.
    pub(super) fn into_items(self) -> Vec<T>
    where
        T: Clone,
    {
        let chunks = self.chunks.into_iter().map(Rc::unwrap_or_clone);
        chunks.flatten().map(Rc::unwrap_or_clone).collect()
    }
}

#[expect(clippy::expect_used, reason = "a handle comes from its arena")]
impl<K: Handle, T> Index<K> for Arena<K, T> {
    type Output = T;

    fn index(&self, key: K) -> &T {
        self.find(key).expect("a handle comes from its arena")
    }
}

#[expect(clippy::expect_used, reason = "a handle comes from its arena")]
impl<K: Handle, T: Clone> IndexMut<K> for Arena<K, T> {
    fn index_mut(&mut self, key: K) -> &mut T {
        self.find_mut(key).expect("a handle comes from its arena")
    }
}
