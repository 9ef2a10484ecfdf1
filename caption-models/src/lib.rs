//! Captioning systems: data, vocabulary, training, decoding, evaluation, checkpoints

pub mod checkpoint;
pub mod data;
pub mod decode;
pub mod device;
pub mod evaluate;
pub mod features;
pub mod harness;
pub mod limits;
pub mod optim;
pub mod probe;
pub mod system;
pub mod tokenize;
pub mod train;
pub mod trained;
pub mod verify;
pub mod vocab;
pub mod weights;
