//! How many n-grams two sequences share, each as often as in the one that has it less often.
//!
//! Unlike [`NgramTrie`](crate::ngrams::NgramTrie), which clips at the most of all references, this compares with
//! one reference at a time.

use crate::table::Table;

/// No n-gram of this order ends here.
const NONE: u32 = u32::MAX;

/// The node of the n-gram without symbols.
const ROOT: u32 = 0;

/// The n-grams of one sequence of symbols, up to order `N`, as a trie that others walk along.
#[derive(Clone, Debug)]
pub(crate) struct Overlap<const N: usize> {
    /// From a node and the symbol that follows to the node of the longer n-gram.
    edges: Table,
    nodes: Vec<Node>,
    /// Which reference is being read, from 1.
    reference: u32,
    len: usize,
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    in_hypothesis: u32,
    /// Occurrences in the reference that `reference` names.
    in_reference: u32,
    reference: u32,
}

impl<const N: usize> Overlap<N> {
    pub(crate) fn new() -> Self {
        Self {
            edges: Table::new(),
            nodes: Vec::new(),
            reference: 0,
            len: 0,
        }
    }

    /// Forgets the last sequence and takes up a new one.
    pub(crate) fn start(&mut self, symbols: impl Iterator<Item = u32>) {
        self.edges.clear();
        self.nodes.clear();
        self.nodes.push(Node::default());
        self.reference = 0;
        self.len = 0;
        let mut suffixes = [NONE; N];
        for symbol in symbols {
            self.len += 1;
            let mut prefix = ROOT;
            for suffix in &mut suffixes {
                let node = self.child(prefix, symbol);
                self.nodes[node as usize].in_hypothesis += 1;
                prefix = std::mem::replace(suffix, node);
                if prefix == NONE {
                    break;
                }
            }
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "2^32 nodes of 12 bytes do not fit into memory beside their edges"
    )]
    fn child(&mut self, prefix: u32, symbol: u32) -> u32 {
        let fresh = self.nodes.len() as u32;
        let node = self
            .edges
            .get_or_insert(edge(prefix, symbol), |_| true, fresh);
        if node == fresh {
            self.nodes.push(Node::default());
        }
        node
    }

    /// Symbols of the sequence.
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// The shared n-grams of each order, and how many symbols the other sequence has.
    pub(crate) fn with(&mut self, symbols: impl Iterator<Item = u32>) -> ([u64; N], usize) {
        self.reference += 1;
        let mut shared = [0; N];
        let mut suffixes = [NONE; N];
        let mut len = 0;
        for symbol in symbols {
            len += 1;
            let mut prefix = ROOT;
            for order in 0..N {
                let Some(node) = self.edges.get(edge(prefix, symbol), |_| true) else {
                    // Neither is a longer n-gram that ends here.
                    suffixes[order..].fill(NONE);
                    break;
                };
                shared[order] += u64::from(self.credit(node));
                prefix = std::mem::replace(&mut suffixes[order], node);
                if prefix == NONE {
                    break;
                }
            }
        }
        (shared, len)
    }

    /// Whether one more occurrence in the reference is one of the sequence, too.
    #[inline]
    fn credit(&mut self, node: u32) -> bool {
        let node = &mut self.nodes[node as usize];
        if node.reference != self.reference {
            node.reference = self.reference;
            node.in_reference = 0;
        }
        node.in_reference += 1;
        node.in_reference <= node.in_hypothesis
    }
}

fn edge(node: u32, symbol: u32) -> u64 {
    u64::from(node) << 32 | u64::from(symbol)
}

/// How many n-grams of `order` there are in a sequence of this length.
pub(crate) fn n_ngrams(len: usize, order: usize) -> u64 {
    (len + 1).saturating_sub(order) as u64
}
