//! Clipped n-gram matches of one hypothesis (Papineni et al. 2002, section 2.1.1).
//!
//! Only n-grams of the hypothesis can match. They become a trie; references walk along it and stop at the
//! first n-gram the hypothesis does not have, so no n-gram of a reference is ever stored.

use crate::table::Table;

/// No n-gram of this order ends here.
const NONE: u32 = u32::MAX;

/// The n-grams of one hypothesis, up to order `N`, and how many of them references hold.
#[derive(Clone, Debug)]
pub(crate) struct NgramTrie<const N: usize> {
    /// From a node and the word that follows to the node of the longer n-gram.
    edges: Table,
    /// One node for an n-gram; the node of a single word has that word's number.
    nodes: Vec<Node>,
    /// `suffixes[k - 1]`: the node of the k-gram that ends at the last word, if it is known.
    suffixes: [u32; N],
    /// Which reference is being read, from 1.
    reference: u32,
    matches: [u64; N],
}

#[derive(Clone, Copy, Debug, Default)]
struct Node {
    in_hypothesis: u32,
    /// The most occurrences that one reference has, at most `in_hypothesis`.
    matched: u32,
    /// Occurrences in the reference that `reference` names.
    in_reference: u32,
    reference: u32,
}

impl<const N: usize> NgramTrie<N> {
    pub(crate) fn new() -> Self {
        const { assert!(N > 0, "BLEU counts n-grams of at least one word") };
        Self {
            edges: Table::new(),
            nodes: Vec::new(),
            suffixes: [NONE; N],
            reference: 0,
            matches: [0; N],
        }
    }

    /// Forgets the last hypothesis and takes up a new one, whose words are numbers below `n_words`.
    pub(crate) fn start(&mut self, n_words: usize, hypothesis: &[u32]) {
        self.edges.clear();
        self.nodes.clear();
        self.nodes.resize(n_words, Node::default());
        self.suffixes = [NONE; N];
        self.reference = 0;
        self.matches = [0; N];
        for &word in hypothesis {
            self.push_word(word);
        }
    }

    fn push_word(&mut self, word: u32) {
        let previous = self.suffixes;
        self.suffixes[0] = word;
        for (suffix, prefix) in self.suffixes[1..].iter_mut().zip(previous) {
            if prefix == NONE {
                break;
            }
            let fresh = fresh_node(&self.nodes);
            *suffix = self
                .edges
                .get_or_insert(edge(prefix, word), |_| true, fresh);
            if *suffix == fresh {
                self.nodes.push(Node::default());
            }
        }
        for &node in self.suffixes.iter().take_while(|&&node| node != NONE) {
            self.nodes[node as usize].in_hypothesis += 1;
        }
    }

    /// Before the first word of each reference.
    pub(crate) fn start_reference(&mut self) {
        self.suffixes = [NONE; N];
        self.reference += 1;
    }

    /// The next word of a reference, `None` if the hypothesis does not have it.
    #[inline]
    pub(crate) fn match_word(&mut self, word: Option<u32>) {
        let previous = std::mem::replace(&mut self.suffixes, [NONE; N]);
        let Some(word) = word else { return };
        self.suffixes[0] = word;
        self.credit(0, word);
        for order in 1..N {
            let prefix = previous[order - 1];
            if prefix == NONE {
                break;
            }
            // A k-gram the hypothesis lacks is the end of no longer one either.
            let Some(node) = self.edges.get(edge(prefix, word), |_| true) else {
                break;
            };
            self.suffixes[order] = node;
            self.credit(order, node);
        }
    }

    #[inline]
    fn credit(&mut self, order: usize, node: u32) {
        let node = &mut self.nodes[node as usize];
        if node.reference != self.reference {
            node.reference = self.reference;
            node.in_reference = 0;
        }
        node.in_reference += 1;
        if node.in_reference > node.matched && node.matched < node.in_hypothesis {
            node.matched += 1;
            self.matches[order] += 1;
        }
    }

    pub(crate) fn matches(&self) -> [u64; N] {
        self.matches
    }
}

fn edge(node: u32, word: u32) -> u64 {
    u64::from(node) << 32 | u64::from(word)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "2^32 nodes of 16 bytes do not fit into memory beside their edges"
)]
fn fresh_node(nodes: &[Node]) -> u32 {
    nodes.len() as u32
}
