//! What an n-gram weighs.

/// Inverse document frequencies by the number of images that have an n-gram.
#[derive(Clone, Debug)]
pub(super) struct Idf {
    small: Vec<f64>,
    rarest: f64,
}

impl Idf {
    /// Below this, logarithms are taken once.
    const N_SMALL: u32 = 4096;

    pub(super) fn new(n_images: u64) -> Self {
        let rarest = (n_images as f64).ln();
        let idf = |n_images: u32| rarest - f64::from(n_images.max(1)).ln();
        Self {
            small: (0..Self::N_SMALL).map(idf).collect(),
            rarest,
        }
    }

    #[inline]
    pub(super) fn of(&self, n_images: u32) -> f64 {
        let common = || self.rarest - f64::from(n_images).ln();
        let idf = self.small.get(n_images as usize);
        idf.copied().unwrap_or_else(common)
    }
}
