//! Classifies a picture with torchvision's weights, read from PyTorch's own file.
//!
//! `cargo run --release --example classify -- mobilenet_v2 mobilenet_v2-b0353104.pth picture.jpg`
//!
//! Prints ImageNet's class numbers; torchvision's `weights.meta["categories"]` names them.
use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use burn::tensor::Device;
use burn::tensor::activation::softmax;
use nn_caption::caption_models::data::{cut_centre, image_tensor, normalise, read_picture};
use nn_caption::caption_models::weights::{self, LoadOptions};
use nn_caption::nn_core::encoder::{self, Encoder};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, file, picture] = arguments.as_slice() else {
        return Err("usage: classify ENCODER WEIGHTS PICTURE".into());
    };
    let entry = encoder::find(name).ok_or("there is no such encoder: see `nn-caption models`")?;
    let device = Device::default();
    let mut model = (entry.config)().init(&device);
    weights::load(&mut model, Path::new(file), &LoadOptions::default())?;

    let side = entry.input_size;
    let picture = cut_centre(&read_picture(Path::new(picture))?, side * 8 / 7, side)?;
    let images = image_tensor(normalise(&picture), [1, 3, side, side], &device);
    let (probabilities, classes) = softmax(model.classify(images), 1).topk_with_indices(5, 1);
    let probabilities: Vec<f32> = probabilities.try_to_vec_as()?;
    let classes: Vec<i64> = classes.try_to_vec_as()?;
    let mut out = io::stdout();
    for (class, probability) in classes.iter().zip(probabilities) {
        writeln!(out, "class {class:4} {:5.1} %", 100.0 * probability)?;
    }
    Ok(())
}
