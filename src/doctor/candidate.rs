//! What compiling a net takes: the checkout, its target directory, cargo.
use super::{Finding, Section};
use crate::candidate::Builder;

pub(super) fn section() -> Section {
    Section {
        title: "compiling nets",
        findings: findings(),
    }
}

fn findings() -> Vec<Finding> {
    let advice = "systems such as resnet-lstm train all the same: `nn-caption models` lists them";
    let mut findings = match Builder::find() {
        Ok(builder) => places(&builder),
        Err(error) => vec![Finding::bad("checkout", error.to_string(), advice)],
    };
    findings.push(match Builder::cargo_version() {
        Ok(version) => Finding::good("cargo", version.clone()).with(version),
        Err(error) => Finding::bad(
            "cargo",
            error.to_string(),
            format!("install Rust from rustup.rs; {advice}"),
        ),
    });
    findings
}

fn places(builder: &Builder) -> Vec<Finding> {
    let (source, target) = (builder.source().display(), builder.target().display());
    let dependencies = if builder.has_dependencies() {
        Finding::good("dependencies", "compiled")
    } else {
        Finding::absent(
            "dependencies",
            "not compiled",
            "the first net compiles Burn, which takes minutes and a filled cargo registry",
        )
    };
    vec![
        Finding::good("checkout", source.to_string()).with(source.to_string()),
        Finding::good("target directory", target.to_string()).with(target.to_string()),
        dependencies,
    ]
}
