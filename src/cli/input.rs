//! Arguments that several subcommands read.
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

use super::exit::Failure;

/// No reply is longer; what is, is some other file.
const MAX_REPLY: u64 = 16 << 20;

/// Reads a reply or a bare Python file; `-` is stdin. Bytes that are no UTF-8 are replaced.
pub(crate) fn read_reply(path: &Path) -> Result<String, Failure> {
    let reply = if path == Path::new("-") {
        read(io::stdin().lock()).context("cannot read the reply from stdin")
    } else {
        File::open(path)
            .map_err(anyhow::Error::from)
            .and_then(read)
            .with_context(|| format!("cannot read the reply {}", path.display()))
    };
    reply.map_err(Failure::usage)
}

fn read(from: impl Read) -> anyhow::Result<String> {
    let mut bytes = Vec::new();
    let n_read = from.take(MAX_REPLY + 1).read_to_end(&mut bytes)?;
    if n_read as u64 > MAX_REPLY {
        bail!("it is longer than {} MB", MAX_REPLY >> 20);
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// `224` or `HEIGHTxWIDTH`: the shape of a colour picture.
pub(crate) fn parse_image(text: &str) -> anyhow::Result<[usize; 3]> {
    let side = |text: &str| match text.parse() {
        Ok(side @ 1..=4096) => Ok(side),
        _ => Err(anyhow!(
            "a side is a number from 1 to 4096, such as 64 or 224x160"
        )),
    };
    let (height, width) = text.split_once('x').unwrap_or((text, text));
    Ok([3, side(height)?, side(width)?])
}

/// A number of things of which there must be one.
pub(crate) fn parse_count(text: &str) -> anyhow::Result<usize> {
    match text.parse() {
        Ok(count @ 1..) => Ok(count),
        _ => bail!("a whole number from 1 is wanted here"),
    }
}

/// `name=value`; a value that is no JSON is a string.
pub(crate) fn parse_prm(text: &str) -> anyhow::Result<(String, Value)> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => {
            let value = serde_json::from_str(value).unwrap_or_else(|_| Value::from(value));
            Ok((name.to_owned(), value))
        }
        _ => bail!("a hyper-parameter is written name=value, such as lr=0.01"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_side_or_two_are_a_shape() {
        assert_eq!(parse_image("64").unwrap(), [3, 64, 64]);
        assert_eq!(parse_image("224x160").unwrap(), [3, 224, 160]);
        for wrong in ["", "0", "x", "64x", "-1", "5000", "64x64x3"] {
            assert!(parse_image(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_count_is_at_least_one() {
        assert_eq!(parse_count("16").unwrap(), 16);
        for wrong in ["", "0", "-1", "1.5", "many"] {
            assert!(parse_count(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn hyper_parameters_keep_their_type() {
        assert_eq!(
            parse_prm("lr=1e-3").unwrap(),
            ("lr".to_owned(), Value::from(1e-3))
        );
        assert_eq!(parse_prm("layers=2").unwrap().1, Value::from(2));
        assert_eq!(parse_prm("mode=a=b").unwrap().1, Value::from("a=b"));
        assert!(parse_prm("lr").is_err() && parse_prm("=1").is_err());
    }

    #[test]
    fn a_reply_of_any_bytes_is_text() {
        assert_eq!(read(&b"a\xff"[..]).unwrap(), "a\u{fffd}");
        assert!(read(io::repeat(b'a')).is_err());
    }
}
