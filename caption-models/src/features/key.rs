//! [`EncoderKey`]: the hash of everything that features follow from, but the picture.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::harness::CaptionNet;
use crate::system::is_head;

/// To be raised when a picture becomes other numbers, or an entry another file.
const FORMAT: u32 = 1;
/// Bytes of a hash that names show: enough that no two of a billion entries share them.
const SHOWN: usize = 16;

#[derive(Clone, Copy, Debug)]
pub(super) struct EncoderKey([u8; 32]);

impl EncoderKey {
    /// Of the frozen encoder, its weights, the size of its pictures, the device and the version of this library.
    pub(super) fn of(net: &dyn CaptionNet, device: &str) -> Option<Self> {
        let encoder = net.frozen_encoder()?;
        let version = env!("CARGO_PKG_VERSION");
        let image = net.spec().image;
        let mut hash = Sha256::new();
        hash.update(format!("{FORMAT} {version} {device} {image:?} {encoder}"));
        net.for_each_param(&mut |param| {
            let name = param.entry.name.strip_prefix("encoder.");
            let Some(name) = name.filter(|name| !is_head(name)) else {
                return;
            };
            hash.update(format!(" {name} {:?} ", param.dims));
            for value in param.value.into_data().iter::<f32>() {
                hash.update(value.to_le_bytes());
            }
        });
        Some(Self(hash.finalize().into()))
    }

    /// The name of the encoder's folder.
    pub(super) fn name(&self) -> String {
        hex(&self.0)
    }

    /// The path of a picture's entry in that folder. Folders of a hundred thousand files are slow.
    pub(super) fn entry(&self, picture: &[u8; 32]) -> String {
        let mut hash = Sha256::new();
        hash.update(self.0);
        hash.update(picture);
        let name = hex(&hash.finalize().into());
        let (folder, file) = name.split_at(2);
        format!("{folder}/{file}.safetensors")
    }
}

fn hex(hash: &[u8; 32]) -> String {
    hash[..SHOWN].iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes any text");
        text
    })
}
