//! Numbers as short text.

/// Three digits and a unit: `1.25 M`.
pub fn short(number: u64) -> String {
    let mut value = number as f64;
    let mut units = ["K", "M", "G", "T", "P", "E"].into_iter();
    let mut unit = "";
    while value >= 999.5 {
        let Some(next) = units.next() else { break };
        value /= 1000.0;
        unit = next;
    }
    let digits = match value {
        _ if unit.is_empty() => 0,
        value if value < 9.995 => 2,
        value if value < 99.95 => 1,
        _ => 0,
    };
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// Seconds as people say them: `42 s`, `3 min 20 s`, `2 h 5 min`.
pub fn duration(seconds: f64) -> String {
    // Negative, infinite and missing times are no times: the cast makes them 0 or the largest number.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float saturates"
    )]
    let whole = seconds.round() as u64;
    match whole {
        0..10 => format!("{:.1} s", seconds.max(0.0)),
        10..60 => format!("{whole} s"),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

/// Text from a language model or a file name as a terminal may be shown it: no control characters, one line, at most
/// `limit` characters.
pub fn one_line(text: &str, limit: usize) -> String {
    let mut line: String = text
        .chars()
        .map(|letter| if letter.is_control() { ' ' } else { letter })
        .take(limit)
        .collect();
    if text.chars().nth(limit).is_some() {
        line.pop();
        line.push('\u{2026}');
    }
    line
}

/// A net's name with the first digits of its md5 only: `C5C-RESNETLSTM-2710f3b9`.
pub fn short_name(name: &str) -> String {
    const DIGITS: usize = 8;
    match name.rsplit_once('-') {
        Some((stem, md5)) if md5.len() == 32 && md5.is_ascii() => {
            one_line(&format!("{stem}-{}", &md5[..DIGITS]), 60)
        }
        _ => one_line(name, 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_digits_at_most() {
        let shown = [0, 999, 1_000, 1_254_000, 12_340_000, 999_900, u64::MAX].map(short);
        let expected = ["0", "999", "1.00 K", "1.25 M", "12.3 M", "1.00 M", "18.4 E"];
        assert_eq!(shown, expected);
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        let shown = [0.04, 42.0, 200.0, 7500.0, -1.0].map(duration);
        assert_eq!(shown, ["0.0 s", "42 s", "3 min 20 s", "2 h 5 min", "0.0 s"]);
    }

    #[test]
    fn a_terminal_is_shown_no_control_characters() {
        assert_eq!(one_line("a\u{1b}[2J\nb", 80), "a [2J b");
        assert_eq!(one_line("abcdef", 4), "abc\u{2026}");
    }

    #[test]
    fn names_keep_the_first_digits() {
        let name = "C5C-RESNETLSTM-2710f3b99727c92b2c7ead7bfa8efe49";
        assert_eq!(short_name(name), "C5C-RESNETLSTM-2710f3b9");
        assert_eq!(short_name("mine"), "mine");
    }
}
