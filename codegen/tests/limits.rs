//! Nets of a few lines that would take for ever, or all memory, if Python's containers and strings had no limits.
mod support;

use codegen::{Rule, generate};

/// The first finding about the golden net with lines in its constructor, or in its decoder.
#[track_caller]
fn check(anchor: &str, lines: &[&str], rule: &str) {
    let indented: Vec<String> = lines
        .iter()
        .map(|line| format!("        {line}\n"))
        .collect();
    let lines = indented.concat();
    let reply = support::reply("gru_decoder");
    assert!(reply.contains(anchor), "no `{anchor}`");
    let reply = reply.replacen(anchor, &format!("{lines}{anchor}"), 1);
    let rejected = generate(&reply, &support::options()).expect_err(&lines);
    let found: Vec<(Rule, &str)> = rejected
        .diagnostics
        .iter()
        .map(|finding| (finding.rule, finding.message.as_str()))
        .collect();
    assert!(
        found.iter().any(|(found, _)| found.code() == rule),
        "{lines}{found:?}"
    );
}

#[track_caller]
fn in_constructor(lines: &[&str], rule: &str) {
    check("        self.device = device\n", lines, rule);
}

#[track_caller]
fn in_decoder(lines: &[&str], rule: &str) {
    check("        return self.head(words)\n", lines, rule);
}

#[test]
fn strings_that_double_end() {
    for doubled in [
        "s + s",
        "f'{s}{s}'",
        "'%s%s' % (s, s)",
        "'{}{}'.format(s, s)",
        "s.replace('a', s)",
        "s.join([s, s])",
    ] {
        in_constructor(
            &[
                "s = 'aa'",
                "for i in range(60):",
                &format!("    s = {doubled}"),
            ],
            "N013",
        );
    }
}

#[test]
fn tuples_that_double_end() {
    in_constructor(
        &["t = (1,)", "for i in range(60):", "    t = (t, t)"],
        "N013",
    );
    in_constructor(
        &[
            "t = (1,)",
            "for i in range(60):",
            "    t = tuple(zip(t, t))",
        ],
        "N013",
    );
    in_constructor(
        &[
            "t = (1,)",
            "for i in range(100000):",
            "    t = list(zip(t, t))",
        ],
        "N013",
    );
    in_decoder(
        &["t = (words,)", "for i in range(60):", "    t = (t, t)"],
        "N013",
    );
}

#[test]
fn lists_that_double_end_where_they_are_walked() {
    let doubled = [
        "a, b = [1], [1]",
        "for i in range(60):",
        "    a, b = [a, a], [b, b]",
    ];
    in_constructor(&[doubled.as_slice(), &["same = a == b"]].concat(), "N013");
    in_constructor(
        &[doubled.as_slice(), &["import copy", "c = copy.deepcopy(a)"]].concat(),
        "N013",
    );
}

#[test]
fn containers_that_hold_themselves_end() {
    in_constructor(&["a = [1]", "a.append(a)", "same = a == a"], "N013");
    in_constructor(
        &[
            "import copy",
            "a = {}",
            "a['a'] = a",
            "b = copy.deepcopy(a)",
        ],
        "N013",
    );
    in_decoder(
        &[
            "a = [words]",
            "a.append(a)",
            "for t in range(words.size(1)):",
            "    a = a",
        ],
        "N013",
    );
}

#[test]
fn a_module_is_no_part_of_itself() {
    in_constructor(&["self.me = self"], "N014");
    in_constructor(
        &[
            "a = nn.Sequential()",
            "self.b = nn.Sequential(a)",
            "a.add_module('b', self.b)",
        ],
        "N014",
    );
}

#[test]
fn looking_at_many_items_uses_up_fuel() {
    in_constructor(
        &[
            "a = [0] * 100000",
            "for i in range(100000):",
            "    n = sum(a)",
        ],
        "N013",
    );
    in_constructor(
        &["d = {}", "for i in range(100000):", "    d[i] = i"],
        "N013",
    );
    in_constructor(
        &[
            "a = 'a' * 100000",
            "for i in range(100000):",
            "    n = a.split('a')",
        ],
        "N013",
    );
}
