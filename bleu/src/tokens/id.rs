//! Token ids as vocabularies and tensors hold them.

/// An integer that names a token: `u32`, `u64`, `i32`, `i64` or `usize`.
///
/// Ids are only compared, so any value is an id. Only [`Bleu::lemur`](crate::Bleu::lemur) gives one a
/// meaning: 0 is padding.
pub trait TokenId: Copy + sealed::Widen {}

impl<T: Copy + sealed::Widen> TokenId for T {}

mod sealed {
    /// One to one into `u64`, with 0 to 0.
    pub trait Widen {
        fn widen(self) -> u64;
    }

    impl Widen for u32 {
        fn widen(self) -> u64 {
            self.into()
        }
    }

    impl Widen for u64 {
        fn widen(self) -> u64 {
            self
        }
    }

    impl Widen for i32 {
        fn widen(self) -> u64 {
            i64::from(self).cast_unsigned()
        }
    }

    impl Widen for i64 {
        fn widen(self) -> u64 {
            self.cast_unsigned()
        }
    }

    impl Widen for usize {
        fn widen(self) -> u64 {
            self as u64
        }
    }
}
