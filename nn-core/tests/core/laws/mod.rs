//! Laws: what holds for every layer and all numbers.

mod attention;
mod batches;
mod configs;
mod embedding;
mod fused;
mod gradients;
mod loss;
mod names;
mod norm;
mod pool;
mod recurrent;
