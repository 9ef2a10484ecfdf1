//! Values as Python prints them: LEMUR's ids are md5 sums of that text.
use std::fmt::Write as _;

use md5::{Digest, Md5};
use serde_json::Value;

/// Floats from here on are printed with an exponent.
const LARGE: f64 = 1e16;
/// Floats below this are, too.
const SMALL: f64 = 1e-4;

/// md5 of `str(dict)` without white space.
pub(super) fn uid<'a>(prm: impl Iterator<Item = (&'a str, &'a Value)>) -> String {
    let items: Vec<String> = prm
        .map(|(name, value)| format!("'{name}':{}", text(value)))
        .collect();
    let dict: String = format!("{{{}}}", items.join(","))
        .split_whitespace()
        .collect();
    let digest = Md5::digest(dict.as_bytes());
    digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() => float_text(float),
            _ => number.to_string(),
        },
        Value::String(string) => format!("'{string}'"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(text).collect();
            format!("[{}]", items.join(","))
        }
        Value::Object(items) => {
            let items = items.iter().map(|(k, v)| format!("'{k}':{}", text(v)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(","))
        }
    }
}

/// Both languages print the fewest digits that give the number back; Python's exponent has a sign and two digits.
fn float_text(float: f64) -> String {
    if float == 0.0 || (SMALL..LARGE).contains(&float.abs()) {
        return format!("{float:?}");
    }
    let text = format!("{float:e}");
    match text.split_once('e') {
        Some((digits, exponent)) => {
            let (sign, exponent) = match exponent.strip_prefix('-') {
                Some(exponent) => ('-', exponent),
                None => ('+', exponent),
            };
            format!("{digits}e{sign}{exponent:0>2}")
        }
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn floats_are_printed_as_python_does() {
        let printed = [0.1, 1.0, 1e-4, 0.000_012_5, 1e-7, 2.5e17, 0.0].map(float_text);
        let python = [
            "0.1", "1.0", "0.0001", "1.25e-05", "1e-07", "2.5e+17", "0.0",
        ];
        assert_eq!(printed, python);
    }

    #[test]
    fn the_id_is_pythons() {
        // python3 -c "import hashlib,re; d={'batch':16,'lr':1.25e-05,'momentum':0.9,'transform':'echo_64'};
        //             print(hashlib.md5(re.sub(r'\s','',str(d)).encode()).hexdigest())"
        let prm = [
            ("batch", json!(16)),
            ("lr", json!(1.25e-5)),
            ("momentum", json!(0.9)),
            ("transform", json!("echo_64")),
        ];
        let id = uid(prm.iter().map(|(name, value)| (*name, value)));
        assert_eq!(id, "4c075d062ad187cf9d1c59f94e1e58c6");
    }
}
