//! Files of captions, told apart by what is in them.
use std::path::Path;

use anyhow::{Context, anyhow, bail};
use serde_json::Value;

/// The captions of a file.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Captions {
    /// By image, in order of appearance; an image may appear again.
    OfImages(Vec<(String, Vec<String>)>),
    /// By line.
    OfLines(Vec<Vec<String>>),
}

impl Captions {
    pub(super) fn read(path: &Path) -> anyhow::Result<Self> {
        let shown = path.display();
        let bytes = std::fs::read(path).with_context(|| format!("cannot read {shown}"))?;
        let text = String::from_utf8(bytes)
            .map_err(|error| anyhow!("{shown} is no UTF-8 text: {}", error.utf8_error()))?;
        let captions = parse(&text).with_context(|| format!("cannot use {shown}"))?;
        if captions.is_empty() {
            bail!("{shown} holds no caption");
        }
        Ok(captions)
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::OfImages(images) => images.is_empty(),
            Self::OfLines(lines) => lines.is_empty(),
        }
    }

    /// What to call them in a message.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::OfImages(_) => "captions of images, by their ids",
            Self::OfLines(_) => "captions of lines",
        }
    }
}

fn parse(text: &str) -> anyhow::Result<Captions> {
    let text = text.trim_start_matches('\u{feff}');
    if !text.trim_start().starts_with(['{', '[']) {
        return Ok(lines(text));
    }
    match serde_json::from_str(text) {
        Ok(Value::Array(entries)) => of_entries(&entries),
        Ok(Value::Object(object)) if object.contains_key("annotations") => {
            let annotations = object["annotations"].as_array();
            of_entries(annotations.context("`annotations` is no list")?)
        }
        Ok(Value::Object(object)) if object.contains_key("captions") && !is_entry(&object) => {
            let captions = object["captions"].as_array();
            of_entries(captions.context("`captions` is no list")?)
        }
        Ok(entry @ Value::Object(_)) => of_entries(&[entry]),
        Ok(_) => Ok(lines(text)),
        Err(whole) => json_lines(text, &whole),
    }
}

fn is_entry(object: &serde_json::Map<String, Value>) -> bool {
    ["image_id", "image", "id"]
        .iter()
        .any(|key| object.contains_key(*key))
}

/// One caption a line, or several with tabs between them. Only `\n` and `\r\n` end a line: captions may hold other marks.
fn lines(text: &str) -> Captions {
    let text = text.strip_suffix('\n').unwrap_or(text);
    let cut = |line: &str| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line.split('\t').map(str::to_owned).collect()
    };
    let lines = if text.is_empty() {
        Vec::new()
    } else {
        text.split('\n').map(cut).collect()
    };
    Captions::OfLines(lines)
}

fn json_lines(text: &str, whole: &serde_json::Error) -> anyhow::Result<Captions> {
    let mut entries = Vec::new();
    for (idx, line) in text.split('\n').enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        match serde_json::from_str(line) {
            Ok(entry) => entries.push(entry),
            // The first line of a file that was meant to be one value.
            Err(_) if idx == 0 => bail!("it is neither JSON ({whole}) nor JSON lines"),
            Err(error) => bail!("line {} is no JSON: {error}", idx + 1),
        }
    }
    of_entries(&entries)
}

/// Entries that name their image are captions of images; entries that do not are lines.
fn of_entries(entries: &[Value]) -> anyhow::Result<Captions> {
    let mut images = Vec::new();
    let mut lines = Vec::new();
    for (idx, entry) in entries.iter().enumerate() {
        let captions = captions(entry).with_context(|| format!("entry {}", idx + 1))?;
        match image(entry) {
            Some(image) => images.push((image, captions)),
            None => lines.push(captions),
        }
    }
    match (images.is_empty(), lines.is_empty()) {
        (_, true) => Ok(Captions::OfImages(images)),
        (true, false) => Ok(Captions::OfLines(lines)),
        (false, false) => bail!(
            "{} entries have an `image_id` and {} do not; all of them must, or none",
            images.len(),
            lines.len()
        ),
    }
}

fn image(entry: &Value) -> Option<String> {
    let id = ["image_id", "image", "id"]
        .iter()
        .find_map(|key| match entry.get("image_id") {
            Some(id) => Some(id),
            None => entry.get(key),
        })?;
    Some(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
}

/// The text or texts of an entry.
fn captions(entry: &Value) -> anyhow::Result<Vec<String>> {
    let keys = [
        "caption",
        "references",
        "refs",
        "captions",
        "hypothesis",
        "hyp",
        "text",
    ];
    let value = match entry {
        Value::Object(object) => keys.iter().find_map(|key| object.get(*key)),
        other => Some(other),
    };
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let found = match value {
        Some(Value::Array(texts)) => texts.iter().map(text).collect(),
        Some(value) => text(value).map(|text| vec![text]),
        None => None,
    };
    found.with_context(|| {
        let mut shown: String = entry.to_string().chars().take(60).collect();
        if shown.chars().count() == 60 {
            shown.push_str("..");
        }
        format!("no text under `caption` and no texts under `references` in {shown}")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    #[test]
    fn files_are_told_apart_by_what_is_in_them() {
        let images = Captions::OfImages(vec![("7".to_owned(), owned(&["a dog"]))]);
        for text in [
            r#"[{"image_id": 7, "caption": "a dog"}]"#,
            r#"{"images": [], "annotations": [{"image_id": 7, "id": 1, "caption": "a dog"}]}"#,
            "{\"image_id\": 7, \"caption\": \"a dog\"}\n",
            r#"{"captions": [{"image": "7", "caption": "a dog"}]}"#,
        ] {
            assert_eq!(parse(text).unwrap(), images, "{text}");
        }
        let lines = Captions::OfLines(vec![owned(&["a dog", "the dog"]), owned(&["a cat"])]);
        for text in [
            "a dog\tthe dog\na cat\n",
            "a dog\tthe dog\r\na cat",
            "{\"references\": [\"a dog\", \"the dog\"]}\n{\"references\": [\"a cat\"]}\n",
        ] {
            assert_eq!(parse(text).unwrap(), lines, "{text}");
        }
    }

    #[test]
    fn a_line_mark_inside_a_caption_does_not_shift_the_next() {
        let Captions::OfLines(lines) = parse("a dog\u{2028}runs\na cat\n").unwrap() else {
            panic!("these are lines");
        };
        assert_eq!(lines.len(), 2);
    }

    #[test]
    fn errors_say_where_and_what_is_wanted() {
        let says = |text: &str, wanted: &str| {
            let error = format!("{:#}", parse(text).unwrap_err());
            assert!(error.contains(wanted), "{error}");
        };
        says(r#"[{"image_id": 7}]"#, "entry 1: no text under `caption`");
        says("{\"caption\": \"a\"}\n{oops\n", "line 2 is no JSON");
        says("[{]", "neither JSON");
        says(
            r#"[{"image_id": 1, "caption": "a"}, {"caption": "b"}]"#,
            "all of them must, or none",
        );
    }
}
