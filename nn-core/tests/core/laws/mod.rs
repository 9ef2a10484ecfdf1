//! Laws: what holds for every layer and all numbers.

mod attention;
mod batches;
mod blocks;
mod configs;
mod embedding;
mod gradients;
mod loss;
mod names;
mod norm;
mod pool;
mod recurrent;
