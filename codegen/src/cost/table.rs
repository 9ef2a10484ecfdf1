//! The layer table as text.
use std::fmt::{self, Display, Formatter};

use super::{Row, Summary};

/// Widest first column.
const MAX_NAME: usize = 44;

impl Display for Summary {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        // What a module inherits follows it, under the same path.
        let above = |at: usize| at.checked_sub(1).and_then(|at| self.rows.get(at));
        let name = |(at, row): (usize, &Row)| {
            let short = row.path.rsplit('.').next().unwrap_or_default();
            let name = match above(at) {
                None => "net",
                Some(above) if above.path == row.path => "inherited",
                Some(_) => short,
            };
            format!("{:1$}{name}: {2}", "", 2 * row.depth, row.class)
        };
        let rows = || self.rows.iter().enumerate();
        let width = rows().map(|row| name(row).chars().count());
        let width = width.max().unwrap_or(0).clamp(5, MAX_NAME);
        let header = ["output", "parameters", "FLOPs", "activations"];
        let [output, params, flops, bytes] = header;
        writeln!(
            f,
            "{:width$}  {output:>22} {params:>13} {flops:>9} {bytes:>11}",
            "layer"
        )?;
        for (at, row) in rows() {
            let output = if row.output.is_empty() {
                "-".to_owned()
            } else {
                format!("{:?}", row.output)
            };
            writeln!(
                f,
                "{:width$}  {output:>22} {:>13} {:>9} {:>11}",
                name((at, row)),
                grouped(row.n_params),
                scaled(row.cost.flops, 1000.0, &["", "K", "M", "G", "T", "P"]),
                bytes_text(row.cost.activation_bytes),
            )?;
        }
        self.fmt_totals(f)
    }
}

impl Summary {
    fn fmt_totals(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let batch = self.batch;
        let frozen = self.n_params - self.n_trainable;
        writeln!(
            f,
            "\nparameters   {}, {} of them trained, {} not; {}",
            grouped(self.n_params),
            grouped(self.n_trainable),
            grouped(frozen),
            bytes_text(4 * self.n_params)
        )?;
        writeln!(
            f,
            "batch        {} images, {} captions each of {} ids",
            batch.images, batch.captions, batch.length
        )?;
        let units = ["", "K", "M", "G", "T", "P"];
        writeln!(
            f,
            "FLOPs        {} forward, {} an image; training takes about three times that",
            scaled(self.total.flops, 1000.0, &units),
            scaled(self.flops_per_image(), 1000.0, &units)
        )?;
        write!(
            f,
            "activations  {} kept for the backward pass",
            bytes_text(self.total.activation_bytes)
        )
    }
}

fn bytes_text(bytes: u64) -> String {
    scaled(bytes, 1024.0, &["B", "KiB", "MiB", "GiB", "TiB", "PiB"])
}

/// Three digits and a unit.
fn scaled(number: u64, base: f64, units: &[&str]) -> String {
    let mut value = number as f64;
    let mut unit = 0;
    while value >= base && unit + 1 < units.len() {
        value /= base;
        unit += 1;
    }
    let digits = usize::from(unit > 0 && value < 100.0);
    let unit = units.get(unit).copied().unwrap_or_default();
    format!("{value:.digits$} {unit}").trim_end().to_owned()
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(grouped(1_234_567), "1 234 567");
        assert_eq!(grouped(12), "12");
        assert_eq!(scaled(1_250_000, 1000.0, &["", "K", "M"]), "1.2 M");
        assert_eq!(bytes_text(512), "512 B");
    }
}
