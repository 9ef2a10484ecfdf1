//! Laws: what holds for every layer and all numbers.

mod adam;
mod attention;
mod batches;
mod blocks;
mod configs;
mod coverage;
mod decoder;
mod decoder_configs;
mod embedding;
mod encoders;
mod fused;
mod gradients;
mod loss;
mod macs;
mod mobile_blocks;
mod names;
mod norm;
mod pool;
mod position;
mod recurrent;
mod widths;
