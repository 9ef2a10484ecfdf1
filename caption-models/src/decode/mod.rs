//! Captions from a trained net, word by word. Written once over
//! [`CaptionNet`](crate::harness::CaptionNet).

mod greedy;

pub use greedy::greedy;
