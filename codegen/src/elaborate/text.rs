//! Strings with values put in: `str.format` and `%`, as far as nets name modules with them.
use super::call::Args;
use super::interp::{Eval, Interp, raised, unsupported};
use super::value::Value;
use crate::diagnostic::Span;

impl Interp<'_, '_> {
    /// `text.format(...)`: fields without conversions and formats.
    pub(super) fn format_str(&self, text: &str, args: &Args, span: Span) -> Eval<Value> {
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        let mut n_auto = 0;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, brace) = rest.split_at(at);
            out.push_str(before);
            if brace.starts_with("{{") || brace.starts_with("}}") {
                out.push_str(brace.get(..1).unwrap_or_default());
                rest = brace.get(2..).unwrap_or_default();
                continue;
            }
            let field = brace
                .strip_prefix('{')
                .and_then(|field| field.split_once('}'));
            let Some((field, after)) = field else {
                return Err(raised(
                    "ValueError",
                    span,
                    "a brace of the string has no partner",
                ));
            };
            if field.contains([':', '!', '.', '[']) {
                // Formatted numbers are for people: nothing is decided on them.
                return Ok(Value::Unknown);
            }
            let position = if field.is_empty() {
                n_auto += 1;
                Some(n_auto - 1)
            } else {
                field.parse::<usize>().ok()
            };
            let named = || args.keywords.iter().find(|(name, _)| **name == *field);
            let value = match position {
                Some(position) => args.positional.get(position),
                None => named().map(|(_, value)| value),
            };
            let value = value.ok_or_else(|| {
                raised("IndexError", span, "the string has more fields than values")
            })?;
            if matches!(value, Value::Unknown) {
                return Ok(Value::Unknown);
            }
            out.push_str(&self.to_str(value));
            self.check_length(out.len(), span)?;
            rest = after;
        }
        out.push_str(rest);
        Ok(Value::str(&out))
    }

    /// `text % values`: `%s` and `%d`.
    pub(super) fn percent_str(&self, text: &str, values: &Value, span: Span) -> Eval<Value> {
        let values = match values {
            Value::Tuple(items) => items.to_vec(),
            other => vec![other.clone()],
        };
        let mut values = values.into_iter();
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('%') {
            out.push_str(before);
            let Some(kind) = after.chars().next() else {
                return Err(raised("ValueError", span, "the format ends in `%`"));
            };
            rest = after.get(kind.len_utf8()..).unwrap_or_default();
            match kind {
                '%' => out.push('%'),
                's' | 'd' | 'i' => match values.next() {
                    Some(Value::Unknown) => return Ok(Value::Unknown),
                    Some(value) if kind == 's' || value.as_int().is_some() => {
                        out.push_str(&self.to_str(&value));
                        self.check_length(out.len(), span)?;
                    }
                    Some(_) => return Err(unsupported(span, "this value of `%d`")),
                    None => {
                        return Err(raised("TypeError", span, "the format wants more values"));
                    }
                },
                // Formatted numbers are for people: nothing is decided on them.
                _ => return Ok(Value::Unknown),
            }
        }
        out.push_str(rest);
        Ok(Value::str(&out))
    }
}
