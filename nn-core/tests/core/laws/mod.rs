//! Laws: what holds for every layer and all numbers.

mod attention;
mod batches;
mod configs;
mod decoder;
mod decoder_configs;
mod embedding;
mod gradients;
mod loss;
mod names;
mod norm;
mod pool;
mod position;
mod recurrent;
