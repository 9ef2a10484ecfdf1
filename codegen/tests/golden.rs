//! Replies and the Rust they become, one folder a case. `UPDATE_EXPECT=1` writes the Rust anew: read the difference.
mod support;

use codegen::{Options, Task, generate};
use expect_test::expect_file;

#[track_caller]
fn check(name: &str) {
    check_for(name, &support::options());
}

#[track_caller]
fn check_for(name: &str, options: &Options) {
    let reply = support::reply(name);
    let generated =
        generate(&reply, options).unwrap_or_else(|rejected| panic!("{name}: {rejected}"));
    syn::parse_file(&generated.source).expect("the source is Rust");
    expect_file![support::case(name).join("module.rs")].assert_eq(&generated.source);
}

#[test]
fn gru_decoder() {
    check("gru_decoder");
}

#[test]
fn tied_embedding() {
    check("tied_embedding");
}

#[test]
fn inplace_residual() {
    check("inplace_residual");
}

#[test]
fn sequential_blocks() {
    check("sequential_blocks");
}

#[test]
fn growing_prefix() {
    check("growing_prefix");
}

#[test]
fn transformer_masks() {
    check("transformer_masks");
}

#[test]
fn stepwise() {
    check("stepwise");
}

#[test]
fn classifier() {
    let options = Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, 32, 32],
        ..support::options()
    };
    check_for("classifier", &options);
}

#[test]
fn bends() {
    let options = Options {
        task: Task::Classify,
        vocab: 10,
        image: [3, 8, 8],
        ..support::options()
    };
    check_for("bends", &options);
}

#[test]
fn every_case_has_a_test() {
    let this = include_str!("golden.rs");
    for entry in std::fs::read_dir(support::case("")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(
            this.contains(&format!("(\"{name}\"")),
            "no test for the golden `{name}`"
        );
    }
}

#[test]
fn the_same_net_has_the_same_hash_whatever_is_said_around_it() {
    let reply = support::reply("gru_decoder");
    let other = format!("Another sentence.\n\n{}", reply.replace("# ", "#  "));
    let hashes = [reply, other].map(|reply| generate(&reply, &support::options()).unwrap().hash);
    assert_eq!(hashes[0], hashes[1]);
    let wider = support::reply("gru_decoder").replace(
        "nn.Embedding(self.vocab_size, 16, padding_idx=0)",
        "nn.Embedding(self.vocab_size, 16)",
    );
    assert_ne!(
        generate(&wider, &support::options()).unwrap().hash,
        hashes[0]
    );
}

#[test]
fn a_state_of_one_tensor_twice_has_a_name_for_each_part() {
    let changes = [
        ("state = None", "state = ((first, first), first)"),
        ("self.cell(word, state)", "self.cell(word, state[0])"),
        (
            "return self.head(out), (h, c)",
            "return self.head(out + state[1].unsqueeze(1)), ((h, c), h)",
        ),
    ];
    let reply = changes
        .iter()
        .fold(support::reply("stepwise"), |reply, (from, to)| {
            reply.replace(from, to)
        });
    let source = generate(&reply, &support::options()).unwrap().source;
    assert!(source.contains("(next_state, next_state_2)"), "{source}");
}

#[test]
fn generation_is_deterministic() {
    let reply = support::reply("sequential_blocks");
    let sources = [(); 2].map(|()| generate(&reply, &support::options()).unwrap().source);
    assert_eq!(sources[0], sources[1]);
}
