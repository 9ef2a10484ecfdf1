//! Batches of a data set, read ahead of use.

mod batch;
mod reader;

use std::sync::Arc;

use super::seeded::Seeded;
use super::transform::picture_size;
use super::{Augment, DataError, DataSet};
use crate::features::CachedFeatures;
use crate::vocab::Vocab;

pub use batch::{Batch, BatchFeatures};
pub use reader::Batches;
pub(crate) use reader::on_all_cores;

/// How batches are made.
#[derive(Clone, Debug, PartialEq)]
pub struct LoaderConfig {
    /// Pictures in a batch; the last one of an epoch may hold fewer.
    pub batch: usize,
    /// Channels, height and width of the net's input.
    pub image: [usize; 3],
    /// Captions for each picture: the first ones, or all of them over and over. Default: 5
    pub n_captions: usize,
    /// Most ids of a caption, with SOS and EOS. Default: 22
    pub max_length: usize,
    /// How long the rows of a batch are. Default: as its longest caption
    pub padding: Padding,
    /// In which order pictures come. Default: as the data set lists them
    pub order: Order,
    /// How pictures are changed, and the seed of the changes. Default: not at all
    pub augment: Option<(Augment, u64)>,
}

/// How long the caption rows of a batch are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// As the longest caption of the batch.
    Longest,
    /// As `max_length` in every batch.
    Max,
}

/// In which order pictures come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As the data set lists them.
    InOrder,
    /// In another order each epoch, which follows from the seed and the epoch's number.
    Shuffled {
        /// The run's seed.
        seed: u64,
    },
}

impl LoaderConfig {
    /// Batches of `batch` pictures of shape `image`, everything else at its default.
    pub fn new(batch: usize, image: [usize; 3]) -> Self {
        Self {
            batch,
            image,
            n_captions: 5,
            max_length: 22,
            padding: Padding::Longest,
            order: Order::InOrder,
            augment: None,
        }
    }

    /// Sets [`n_captions`](Self::n_captions).
    #[must_use]
    pub fn with_n_captions(mut self, n_captions: usize) -> Self {
        self.n_captions = n_captions;
        self
    }

    /// Sets [`max_length`](Self::max_length).
    #[must_use]
    pub fn with_max_length(mut self, max_length: usize) -> Self {
        self.max_length = max_length;
        self
    }

    /// Sets [`padding`](Self::padding).
    #[must_use]
    pub fn with_padding(mut self, padding: Padding) -> Self {
        self.padding = padding;
        self
    }

    /// Sets [`order`](Self::order).
    #[must_use]
    pub fn with_order(mut self, order: Order) -> Self {
        self.order = order;
        self
    }

    /// Sets [`augment`](Self::augment).
    #[must_use]
    pub fn with_augment(mut self, augment: Augment, seed: u64) -> Self {
        self.augment = (!augment.is_none()).then_some((augment, seed));
        self
    }
}

/// A data set with its captions as ids, ready to be read epoch by epoch.
///
/// # Examples
///
/// ```
/// use caption_models::data::{DataSpec, Loader, LoaderConfig, Split};
/// use caption_models::vocab::Vocab;
///
/// let data = "scenes:10".parse::<DataSpec>()?.open(Split::Train)?;
/// let vocab = Vocab::build(data.items().iter().flat_map(|item| &item.captions), 1);
/// let loader = Loader::new(data, &vocab, LoaderConfig::new(4, [3, 32, 32]))?;
/// let batches = loader.epoch(0).collect::<Result<Vec<_>, _>>()?;
/// let shapes: Vec<[usize; 4]> = batches.iter().map(|batch| batch.image_shape).collect();
/// assert_eq!(shapes, [[4, 3, 32, 32], [4, 3, 32, 32], [2, 3, 32, 32]]);
/// # Ok::<(), caption_models::data::DataError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Loader {
    source: Arc<Source>,
}

/// What the reading threads share.
#[derive(Clone, Debug)]
struct Source {
    data: Arc<dyn DataSet>,
    /// Ids of every caption of every item.
    captions: Vec<Vec<Vec<i64>>>,
    config: LoaderConfig,
    /// `[height, width]`
    size: [usize; 2],
    /// What is read instead of the pictures.
    features: Option<Arc<CachedFeatures>>,
}

impl Loader {
    /// Turns every caption into ids; pictures are read when an epoch asks for them.
    ///
    /// # Errors
    ///
    /// When the set is empty, `config.image` has not three channels, or a batch would hold nothing.
    pub fn new(
        data: Arc<dyn DataSet>,
        vocab: &Vocab,
        config: LoaderConfig,
    ) -> Result<Self, DataError> {
        let size = picture_size(config.image)?;
        if config.batch == 0 || config.n_captions == 0 {
            let (batch, n_captions) = (config.batch, config.n_captions);
            return Err(DataError::BatchShape { batch, n_captions });
        }
        if data.items().is_empty() {
            return Err(DataError::Empty { name: data.name() });
        }
        let encode = |caption: &String| vocab.encode(caption, config.max_length);
        let rows = data
            .items()
            .iter()
            .map(|item| item.captions.iter().take(config.n_captions));
        let captions = rows.map(|row| row.map(encode).collect()).collect();
        let source = Source {
            data,
            captions,
            config,
            size,
            features: None,
        };
        Ok(Self {
            source: Arc::new(source),
        })
    }

    /// The data set it reads.
    pub fn data(&self) -> &Arc<dyn DataSet> {
        &self.source.data
    }

    /// The same pictures as the data set lists them, unchanged.
    #[must_use]
    pub fn as_listed(&self) -> Self {
        let mut source = Source::clone(&self.source);
        source.config.order = Order::InOrder;
        source.config.augment = None;
        Self {
            source: Arc::new(source),
        }
    }

    /// Reads features instead of pictures.
    #[must_use]
    pub fn with_features(&self, features: Arc<CachedFeatures>) -> Self {
        let mut source = Source::clone(&self.source);
        source.features = Some(features);
        Self {
            source: Arc::new(source),
        }
    }

    /// The captions of each item as the net learns them, SOS and EOS included.
    pub fn captions(&self) -> &[Vec<Vec<i64>>] {
        &self.source.captions
    }

    /// How batches are made.
    pub fn config(&self) -> &LoaderConfig {
        &self.source.config
    }

    /// Batches of an epoch; fewer when every picture of one turns out to be broken.
    pub fn n_batches(&self) -> usize {
        self.source
            .captions
            .len()
            .div_ceil(self.source.config.batch)
    }

    /// Starts reading an epoch. Two calls with the same number give the same batches.
    pub fn epoch(&self, epoch: usize) -> Batches {
        let mut order: Vec<usize> = (0..self.source.captions.len()).collect();
        if let Order::Shuffled { seed } = self.source.config.order {
            Seeded::new(&[seed, epoch as u64]).shuffle(&mut order);
        }
        Batches::start(Arc::clone(&self.source), order, epoch)
    }

    /// Starts reading these items as they are listed, changed as in epoch 0 if at all.
    pub fn only(&self, items: Vec<usize>) -> Batches {
        Batches::start(Arc::clone(&self.source), items, 0)
    }
}
