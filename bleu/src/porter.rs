//! The Porter stemmer (Porter 1980, "An algorithm for suffix stripping") as NLTK 3.10 extends it
//! (`PorterStemmer.NLTK_EXTENSIONS`), for words of ASCII letters in lower case and digits.
//!
//! NLTK differs from the paper: a few irregular words are listed, `ies` and `ied` of four letters keep their `e`,
//! `y` becomes `i` behind any consonant, and step 2 knows some more suffixes.

/// Words that no rule fits.
const IRREGULAR: [(&str, &str); 16] = [
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

/// A suffix, what it becomes, and when.
type Rule = (&'static str, &'static str, fn(&str) -> bool);

const STEP_1A: [Rule; 4] = [
    ("sses", "ss", always),
    ("ies", "i", always),
    ("ss", "ss", always),
    ("s", "", always),
];

const STEP_2: [Rule; 22] = [
    ("ational", "ate", has_measure),
    ("tional", "tion", has_measure),
    ("enci", "ence", has_measure),
    ("anci", "ance", has_measure),
    ("izer", "ize", has_measure),
    ("bli", "ble", has_measure),
    ("alli", "al", has_measure),
    ("entli", "ent", has_measure),
    ("eli", "e", has_measure),
    ("ousli", "ous", has_measure),
    ("ization", "ize", has_measure),
    ("ation", "ate", has_measure),
    ("ator", "ate", has_measure),
    ("alism", "al", has_measure),
    ("iveness", "ive", has_measure),
    ("fulness", "ful", has_measure),
    ("ousness", "ous", has_measure),
    ("aliti", "al", has_measure),
    ("iviti", "ive", has_measure),
    ("biliti", "ble", has_measure),
    ("fulli", "ful", has_measure),
    ("logi", "log", has_measure_with_l),
];

const STEP_3: [Rule; 7] = [
    ("icate", "ic", has_measure),
    ("ative", "", has_measure),
    ("alize", "al", has_measure),
    ("iciti", "ic", has_measure),
    ("ical", "ic", has_measure),
    ("ful", "", has_measure),
    ("ness", "", has_measure),
];

const STEP_4: [Rule; 19] = [
    ("al", "", is_long),
    ("ance", "", is_long),
    ("ence", "", is_long),
    ("er", "", is_long),
    ("ic", "", is_long),
    ("able", "", is_long),
    ("ible", "", is_long),
    ("ant", "", is_long),
    ("ement", "", is_long),
    ("ment", "", is_long),
    ("ent", "", is_long),
    ("ion", "", is_long_and_ends_in_s_or_t),
    ("ou", "", is_long),
    ("ism", "", is_long),
    ("ate", "", is_long),
    ("iti", "", is_long),
    ("ous", "", is_long),
    ("ive", "", is_long),
    ("ize", "", is_long),
];

/// The stem of a word of at least three bytes.
pub(crate) fn stem(word: &str) -> String {
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    let word = step_1a(word);
    let word = step_1c(step_1b(word));
    let word = apply(step_2(word), &STEP_3);
    let word = apply(word, &STEP_4);
    step_5b(step_5a(word))
}

fn step_1a(word: &str) -> String {
    if word.len() == 4 && word.ends_with("ies") {
        return word[..3].to_owned();
    }
    apply(word.to_owned(), &STEP_1A)
}

fn step_1b(word: String) -> String {
    if let Some(stem) = word.strip_suffix("ied") {
        let ending = if word.len() == 4 { "ie" } else { "i" };
        return format!("{stem}{ending}");
    }
    if let Some(stem) = word.strip_suffix("eed") {
        return if has_measure(stem) {
            format!("{stem}ee")
        } else {
            word
        };
    }
    let stripped = ["ed", "ing"]
        .into_iter()
        .filter_map(|suffix| word.strip_suffix(suffix));
    let found = stripped
        .into_iter()
        .find(|stem| contains_vowel(stem))
        .map(complete);
    found.unwrap_or(word)
}

/// What step 1b leaves of a word that lost its ending.
fn complete(stem: &str) -> String {
    if ["at", "bl", "iz"].iter().any(|end| stem.ends_with(end)) {
        return format!("{stem}e");
    }
    if ends_in_double_consonant(stem) {
        let single = &stem[..stem.len() - 1];
        let kept = stem.ends_with(['l', 's', 'z']);
        return if kept { stem } else { single }.to_owned();
    }
    if measure(stem) == 1 && ends_in_short_syllable(stem) {
        return format!("{stem}e");
    }
    stem.to_owned()
}

fn step_1c(word: String) -> String {
    match word.strip_suffix('y') {
        Some(stem) if stem.len() > 1 && ends_in_consonant(stem) => format!("{stem}i"),
        _ => word,
    }
}

fn step_2(mut word: String) -> String {
    // What this rule makes of a word is a new word for the other rules.
    while word.strip_suffix("alli").is_some_and(has_measure) {
        word.truncate(word.len() - "li".len());
    }
    apply(word, &STEP_2)
}

fn step_5a(mut word: String) -> String {
    if let Some(stem) = word.strip_suffix('e') {
        let measure = measure(stem);
        if measure > 1 || measure == 1 && !ends_in_short_syllable(stem) {
            word.pop();
        }
    }
    word
}

fn step_5b(mut word: String) -> String {
    if word.ends_with("ll") && measure(&word[..word.len() - 1]) > 1 {
        word.pop();
    }
    word
}

/// The first rule whose suffix the word has decides, even if it then leaves the word as it is.
fn apply(word: String, rules: &[Rule]) -> String {
    let matching = rules
        .iter()
        .find_map(|rule| word.strip_suffix(rule.0).map(|stem| (stem, rule)));
    match matching {
        Some((stem, (_, ending, condition))) if condition(stem) => format!("{stem}{ending}"),
        _ => word,
    }
}

fn always(_: &str) -> bool {
    true
}

fn has_measure(stem: &str) -> bool {
    measure(stem) > 0
}

/// The `l` of `logi` belongs to the stem, so that `geo` and `theo` are treated as `archaeo`.
fn has_measure_with_l(stem: &str) -> bool {
    measure(&format!("{stem}l")) > 0
}

fn is_long(stem: &str) -> bool {
    measure(stem) > 1
}

fn is_long_and_ends_in_s_or_t(stem: &str) -> bool {
    is_long(stem) && stem.ends_with(['s', 't'])
}

/// Whether each letter is a consonant: a `y` is one unless it follows one.
fn consonants(word: &str) -> impl Iterator<Item = bool> {
    let mut previous = false;
    word.bytes().map(move |byte| {
        previous = match byte {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => !previous,
            _ => true,
        };
        previous
    })
}

/// How often a consonant follows a vowel: the paper's `m`.
fn measure(word: &str) -> usize {
    let vowels = consonants(word).map(|consonant| !consonant);
    let follows = vowels.zip(consonants(word).skip(1));
    follows.filter(|&(vowel, then)| vowel && then).count()
}

fn contains_vowel(word: &str) -> bool {
    consonants(word).any(|consonant| !consonant)
}

fn ends_in_consonant(word: &str) -> bool {
    consonants(word).last() == Some(true)
}

fn ends_in_double_consonant(word: &str) -> bool {
    matches!(word.as_bytes(), [.., before, last] if before == last) && ends_in_consonant(word)
}

/// Ends in consonant, vowel and a consonant other than w, x and y; or is a vowel and a consonant.
fn ends_in_short_syllable(word: &str) -> bool {
    let skipped = word.len().saturating_sub(3);
    let mut last = consonants(word).skip(skipped);
    match [last.next(), last.next(), last.next()] {
        [Some(true), Some(false), Some(true)] => !word.ends_with(['w', 'x', 'y']),
        [Some(false), Some(true), None] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::stem;

    /// The examples of the paper, where NLTK agrees, and of NLTK's extensions.
    #[test]
    fn stems_are_those_of_the_paper() {
        let pairs = [
            ("caresses", "caress"),
            ("ponies", "poni"),
            ("ties", "tie"),
            ("agreed", "agre"),
            ("plastered", "plaster"),
            ("motoring", "motor"),
            ("conflated", "conflat"),
            ("hopping", "hop"),
            ("falling", "fall"),
            ("filing", "file"),
            ("happy", "happi"),
            ("enjoy", "enjoy"),
            ("relational", "relat"),
            ("vietnamization", "vietnam"),
            ("radically", "radic"),
            ("triplicate", "triplic"),
            ("hopefulness", "hope"),
            ("adoption", "adopt"),
            ("controlling", "control"),
            ("skies", "sky"),
        ];
        for (word, expected) in pairs {
            assert_eq!(stem(word), expected, "{word}");
        }
    }
}
