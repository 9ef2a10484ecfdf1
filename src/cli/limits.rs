//! Limits of a candidate's process, as they are written on the command line.
use anyhow::{Context, anyhow, bail};
use nn_caption::caption_models::limits::Limits;
use nn_caption::run::Plan;

/// What the training process may use, beside what it never may: the network, and files other than its own.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Limits")]
#[group(skip)]
pub(crate) struct Args {
    /// Memory of the training process, such as 800m or 4g
    ///
    /// MiB or GiB of heap and stacks. By default three quarters of the machine's memory on the CPU, and no limit on a GPU.
    /// More ends in outcome `oom`.
    #[arg(long, value_parser = parse_size, value_name = "SIZE")]
    memory: Option<u64>,
    /// CPU seconds of the training process, all its threads together
    ///
    /// A number of seconds, or one with a unit: 90, 90s, 30m, 2h. By default as many as it takes. More ends in outcome
    /// `timeout`.
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    cpu_seconds: Option<u64>,
    /// Largest file that it may write, such as 800m or 4g
    ///
    /// MiB or GiB; its largest is the checkpoint. By default 8g. More ends in outcome `disk`.
    #[arg(long, value_parser = parse_size, value_name = "SIZE")]
    file_size: Option<u64>,
    /// Wall clock of the training process, such as 90, 90s, 30m or 2h
    ///
    /// From its start to the last score; compiling it does not count. By default as long as it takes, in a search an
    /// hour for each rung. More ends in outcome `timeout`.
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    time_limit: Option<u64>,
    /// Train without checking the net first
    ///
    /// The checks take seconds and find nets that read the caption they should write, ignore the picture, or make no
    /// numbers. A failed one ends in outcome `verify`.
    #[arg(long)]
    no_verify: bool,
}

impl Args {
    /// `plan` within these limits.
    pub(crate) fn bound(&self, plan: Plan) -> Plan {
        Plan {
            limits: self.over(Limits::default()),
            time_limit: self.time_limit,
            verify: !self.no_verify,
            ..plan
        }
    }

    /// The limits that are given, and `others` for the rest.
    pub(crate) fn over(&self, others: Limits) -> Limits {
        Limits {
            memory_mb: self.memory.or(others.memory_mb),
            cpu_seconds: self.cpu_seconds.or(others.cpu_seconds),
            file_mb: self.file_size.or(others.file_mb),
            ..others
        }
    }

    /// The limit of the wall clock, where one is given.
    pub(crate) fn time_limit(&self) -> Option<u64> {
        self.time_limit
    }

    /// Whether nets are checked before training.
    pub(crate) fn verify(&self) -> bool {
        !self.no_verify
    }
}

/// MiB.
fn parse_size(text: &str) -> anyhow::Result<u64> {
    let (number, unit) = split_unit(text);
    let mb = match unit.as_str() {
        "m" | "mb" | "mib" => whole(number)?,
        "g" | "gb" | "gib" => whole(number)?.saturating_mul(1 << 10),
        "t" | "tb" | "tib" => whole(number)?.saturating_mul(1 << 20),
        "" => bail!("a size needs a unit: m for MiB or g for GiB, such as 800m or 4g"),
        _ => bail!("a size is a whole number with m for MiB or g for GiB, such as 800m or 4g"),
    };
    Ok(mb)
}

/// Seconds.
pub(crate) fn parse_time(text: &str) -> anyhow::Result<u64> {
    let (number, unit) = split_unit(text);
    let seconds = match unit.as_str() {
        "" | "s" => whole(number)?,
        "m" => whole(number)?.saturating_mul(60),
        "h" => whole(number)?.saturating_mul(3600),
        _ => bail!(
            "a time is a whole number of seconds, or one with s, m or h, such as 90, 30m or 2h"
        ),
    };
    Ok(seconds)
}

/// The digits, and what follows them in lower case.
fn split_unit(text: &str) -> (&str, String) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    (number, unit.trim().to_ascii_lowercase())
}

fn whole(number: &str) -> anyhow::Result<u64> {
    match number.parse() {
        Ok(0) => Err(anyhow!("a limit of 0 leaves nothing to run with")),
        parsed => parsed.context("a limit is a whole number, such as 800m or 30m"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_mebibytes_and_have_a_unit() {
        assert_eq!(parse_size("800m").unwrap(), 800);
        assert_eq!(parse_size("4G").unwrap(), 4096);
        assert_eq!(parse_size("4 GiB").unwrap(), 4096);
        for wrong in ["", "4", "g", "0m", "-1g", "1.5g", "4k", "4gg"] {
            let error = parse_size(wrong).unwrap_err();
            assert!(!error.to_string().is_empty(), "{wrong}");
        }
        assert!(parse_size("4").unwrap_err().to_string().contains("unit"));
    }

    #[test]
    fn times_are_seconds() {
        assert_eq!(parse_time("90").unwrap(), 90);
        assert_eq!(parse_time("90s").unwrap(), 90);
        assert_eq!(parse_time("30m").unwrap(), 1800);
        assert_eq!(parse_time("2h").unwrap(), 7200);
        for wrong in ["", "0", "s", "-5", "1.5h", "2d", "1h30m"] {
            assert!(parse_time(wrong).is_err(), "{wrong}");
        }
    }
}
