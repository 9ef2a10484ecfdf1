//! Numbers against naive loops in f64, straight from the formulas.

mod attention;
mod bends;
mod decoder_numbers;
mod encoder_numbers;
mod init_encoders;
mod init_layers;
mod loss;
mod norm;
mod pool;
mod position;
mod recurrent;
mod region_attention;
mod spread;

/// Row `row` of a row-major matrix.
fn row(matrix: &[f32], row: usize, width: usize) -> impl Iterator<Item = f64> {
    matrix[row * width..(row + 1) * width]
        .iter()
        .map(|value| f64::from(*value))
}

/// `matrix[row] . vector`
fn dot(matrix: &[f32], at: usize, vector: &[f64]) -> f64 {
    row(matrix, at, vector.len())
        .zip(vector)
        .map(|(a, b)| a * b)
        .sum()
}
