//! CIDEr-D as `coco-caption` computes it (`pycocoevalcap` 1.2, `cider_scorer.py`), whose class is named `Cider`.
//!
//! It differs from Vedantam et al. (2015, arXiv:1411.5726, section 7): term frequencies are counts, not shares
//! of a caption, and a caption's length is its number of bigrams. A score lies between 0 and 10.

use crate::error::Error;
use crate::segment_scores::SegmentScores;
use crate::table::Table;
use crate::tokens::{Numbering, python_words};

/// The longest n-gram.
const N: usize = 4;

/// The deviation of the Gaussian that lengths may differ by.
const SIGMA: f64 = 6.0;

/// CIDEr-D of each text against its own list of references, between 0 and 10.
///
/// How much an n-gram weighs depends on the references of all images, so one image alone has no score.
///
/// # Errors
///
/// [`Error::LengthMismatch`], [`Error::NoReferences`] or [`Error::EmptyCorpus`]; [`Error::NoFrequencies`] where
/// the reference gives 0 to a single image and fails on references without words.
///
/// # Examples
///
/// ```
/// let hyps = ["a dog runs", "a cat sleeps on a bed", "birds fly high"];
/// let refs = [
///     vec!["a dog runs on grass", "the dog runs"],
///     vec!["a cat sleeps", "one cat sleeps on a bed"],
///     vec!["two birds fly"],
/// ];
/// let scores = bleu::cider_d(&hyps, &refs)?;
/// assert!((scores.mean() - 4.298_422_743_516_093).abs() < 1e-12);
/// # Ok::<(), bleu::Error>(())
/// ```
pub fn cider_d<H, S, R>(hyps: &[H], refs: &[S]) -> Result<SegmentScores, Error>
where
    H: AsRef<str>,
    S: AsRef<[R]>,
    R: AsRef<str>,
{
    let mut ngrams = NgramIndex::new();
    let refs: Vec<Vec<Caption>> = refs
        .iter()
        .map(|refs| {
            refs.as_ref()
                .iter()
                .map(|text| ngrams.read(text.as_ref()))
                .collect()
        })
        .collect();
    let hyps: Vec<Caption> = hyps.iter().map(|text| ngrams.read(text.as_ref())).collect();
    let mut space = VectorSpace::of(&refs, ngrams.len());
    let scores = SegmentScores::of(&hyps, &refs, |hyp, refs| space.score(hyp, refs))?;
    if refs.len() < 2
        || refs
            .iter()
            .flatten()
            .all(|caption| caption.ngrams[0].is_empty())
    {
        return Err(Error::NoFrequencies {
            n_images: refs.len(),
        });
    }
    Ok(scores)
}

/// A caption as the numbers of its n-grams, from left to right, for each order.
#[derive(Clone, Debug)]
struct Caption {
    ngrams: [Vec<u32>; N],
}

/// Numbers all n-grams of a corpus: the nodes of a trie.
struct NgramIndex<'a> {
    numbering: Numbering,
    words: Vec<&'a str>,
    edges: Table,
    n_nodes: u32,
}

impl<'a> NgramIndex<'a> {
    /// The empty n-gram.
    const ROOT: u32 = 0;

    fn new() -> Self {
        Self {
            numbering: Numbering::new(),
            words: Vec::new(),
            edges: Table::new(),
            n_nodes: 1,
        }
    }

    fn len(&self) -> usize {
        self.n_nodes as usize
    }

    fn read(&mut self, text: &'a str) -> Caption {
        let words: Vec<u32> = python_words(text)
            .map(|word| self.numbering.number(&mut self.words, word))
            .collect();
        let mut nodes = vec![Self::ROOT; words.len()];
        let ngrams = std::array::from_fn(|order| {
            nodes.truncate(words.len().saturating_sub(order));
            for (node, &word) in nodes.iter_mut().zip(words.iter().skip(order)) {
                *node = self.longer(*node, word);
            }
            nodes.clone()
        });
        Caption { ngrams }
    }

    fn longer(&mut self, node: u32, word: u32) -> u32 {
        let key = u64::from(node) << 32 | u64::from(word);
        let longer = self.edges.get_or_insert(key, |_| true, self.n_nodes);
        self.n_nodes += u32::from(longer == self.n_nodes);
        longer
    }
}

/// What every n-gram of a corpus weighs, and room for one vector.
struct VectorSpace {
    /// The inverse document frequency of each n-gram.
    idf: Vec<f64>,
    /// Occurrences in the caption at hand; zeros in between.
    counts: Vec<u32>,
    /// Weights of the reference at hand; zeros in between.
    weights: Vec<f64>,
}

/// The distinct n-grams of a caption and their weights, in order of appearance.
struct Vector {
    weights: [Vec<(u32, f64)>; N],
    norms: [f64; N],
    n_bigrams: usize,
}

impl VectorSpace {
    fn of(refs: &[Vec<Caption>], n_ngrams: usize) -> Self {
        let log_images = (refs.len() as f64).ln();
        let idf = |n_images: u32| log_images - f64::from(n_images.max(1)).ln();
        Self {
            idf: document_frequencies(refs, n_ngrams)
                .into_iter()
                .map(idf)
                .collect(),
            counts: vec![0; n_ngrams],
            weights: vec![0.0; n_ngrams],
        }
    }

    /// `None` without a reference.
    fn score(&mut self, hyp: &Caption, refs: &[Caption]) -> Option<f64> {
        let hyp = self.vector(hyp);
        let mut sums = [0.0; N];
        for reference in refs {
            let reference = self.vector(reference);
            for (sum, similarity) in sums.iter_mut().zip(self.similarities(&hyp, &reference)) {
                *sum += similarity;
            }
        }
        let mean = sums.iter().sum::<f64>() / N as f64;
        (!refs.is_empty()).then(|| mean / refs.len() as f64 * 10.0)
    }

    fn vector(&mut self, caption: &Caption) -> Vector {
        let weights = caption.ngrams.each_ref().map(|ngrams| self.weigh(ngrams));
        let norms = weights.each_ref().map(|weights| {
            let squares = weights.iter().map(|(_, weight)| weight * weight);
            squares.sum::<f64>().sqrt()
        });
        Vector {
            weights,
            norms,
            n_bigrams: caption.ngrams[1].len(),
        }
    }

    fn weigh(&mut self, ngrams: &[u32]) -> Vec<(u32, f64)> {
        for &ngram in ngrams {
            self.counts[ngram as usize] += 1;
        }
        let mut weights = Vec::with_capacity(ngrams.len());
        for &ngram in ngrams {
            let count = std::mem::take(&mut self.counts[ngram as usize]);
            if count > 0 {
                weights.push((ngram, f64::from(count) * self.idf[ngram as usize]));
            }
        }
        weights
    }

    /// The clipped cosine of each order, less for lengths that differ.
    fn similarities(&mut self, hyp: &Vector, reference: &Vector) -> [f64; N] {
        let delta = hyp.n_bigrams as f64 - reference.n_bigrams as f64;
        let gaussian = (-(delta * delta) / (2.0 * SIGMA * SIGMA)).exp();
        std::array::from_fn(|order| {
            let product = self.clipped_product(&hyp.weights[order], &reference.weights[order]);
            let norms = hyp.norms[order] * reference.norms[order];
            let cosine = if norms == 0.0 {
                product
            } else {
                product / norms
            };
            cosine * gaussian
        })
    }

    fn clipped_product(&mut self, hyp: &[(u32, f64)], reference: &[(u32, f64)]) -> f64 {
        for &(ngram, weight) in reference {
            self.weights[ngram as usize] = weight;
        }
        let clipped = hyp.iter().map(|&(ngram, weight)| {
            let in_reference = self.weights[ngram as usize];
            weight.min(in_reference) * in_reference
        });
        let product = clipped.sum();
        for &(ngram, _) in reference {
            self.weights[ngram as usize] = 0.0;
        }
        product
    }
}

/// In the references of how many images each n-gram stands.
fn document_frequencies(refs: &[Vec<Caption>], n_ngrams: usize) -> Vec<u32> {
    let mut frequencies = vec![0; n_ngrams];
    let mut last_image = vec![usize::MAX; n_ngrams];
    for (image, captions) in refs.iter().enumerate() {
        for &ngram in captions
            .iter()
            .flat_map(|caption| caption.ngrams.iter().flatten())
        {
            if last_image[ngram as usize] != image {
                last_image[ngram as usize] = image;
                frequencies[ngram as usize] += 1;
            }
        }
    }
    frequencies
}
