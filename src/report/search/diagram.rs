//! A net as a picture: stages of the encoder, the memory, stages of the decoder.
use std::collections::BTreeSet;
use std::fmt::Write as _;

use codegen::cost::{Batch, Summary};
use codegen::ir::{Expr, FunctionId, Module, ModuleId, Program, Stmt, Type};

use super::numbers::{one_line, short};
use crate::report::escape::Escaped;

/// Boxes of one side that are drawn; of more only the number is said.
const MAX_STAGES: usize = 16;
/// With fewer boxes than this on a side, those that hold several are opened.
const FEW_STAGES: usize = 5;
/// How deep calls are followed.
const MAX_DEPTH: usize = 64;

const WIDTH: f64 = 720.0;
const BOX: (f64, f64) = (268.0, 40.0);
const GAP: f64 = 16.0;
const TOP: f64 = 26.0;

/// What a box shows.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Stage {
    title: String,
    about: String,
    n_params: u64,
    class: &'static str,
}

/// The picture of a Program for batches of so many pictures.
pub(super) fn diagram(program: &Program, batch: usize) -> String {
    let summary = Summary::of(program, Batch::of(batch.max(1)));
    let encoder = side(program, &summary, program.entries.encode);
    let decoder = side(program, &summary, program.entries.decode);
    let [channels, height, width] = program.sizes.image;
    let mut left = vec![end(
        "picture",
        &format!("{channels} \u{d7} {height} \u{d7} {width}"),
    )];
    left.extend(encoder);
    let mut right = vec![end("words so far", "ids")];
    right.extend(decoder);
    right.push(end("scores", &format!("of {} words", program.sizes.vocab)));
    draw(&left, &memory(program), &right, summary.n_params)
}

fn end(title: &str, about: &str) -> Stage {
    Stage {
        title: title.to_owned(),
        about: about.to_owned(),
        n_params: 0,
        class: "end",
    }
}

/// The shapes of what the encoder hands to the decoder.
fn memory(program: &Program) -> Vec<String> {
    let Some(encode) = program.functions.get(program.entries.encode.index()) else {
        return Vec::new();
    };
    let vars = encode.returns.vars();
    let types = vars.iter().filter_map(|var| encode.vars.get(var.index()));
    types
        .map(|var| match &var.ty {
            Type::Tensor(ty) => {
                let dims: Vec<String> = ty.shape.iter().map(ToString::to_string).collect();
                dims.join(" \u{d7} ")
            }
            Type::List { .. } => "list".to_owned(),
        })
        .collect()
}

/// The stages that a function calls, in the order of their first call.
fn side(program: &Program, summary: &Summary, function: FunctionId) -> Vec<Stage> {
    let mut layers = Vec::new();
    called(program, function, &mut BTreeSet::new(), &mut layers, 0);
    let mut depth = 1;
    let mut groups = grouped(program, &layers, depth);
    while groups.len() < FEW_STAGES {
        let deeper = grouped(program, &layers, depth + 1);
        if deeper.len() > MAX_STAGES || depth > MAX_DEPTH {
            break;
        }
        groups = deeper;
        depth += 1;
    }
    let hidden = groups.len().saturating_sub(MAX_STAGES);
    groups.truncate(MAX_STAGES);
    let mut stages: Vec<Stage> = groups
        .into_iter()
        .filter_map(|id| stage(program, summary, id))
        .collect();
    if hidden > 0 {
        stages.push(end(&format!("{hidden} more"), "see the layer table"));
    }
    stages
}

/// The layers that a function calls, through the functions it calls.
fn called(
    program: &Program,
    function: FunctionId,
    seen: &mut BTreeSet<FunctionId>,
    layers: &mut Vec<ModuleId>,
    depth: usize,
) {
    if depth > MAX_DEPTH {
        return;
    }
    let Some(function) = program.functions.get(function.index()) else {
        return;
    };
    let mut blocks = vec![function.body.iter()];
    while let Some(block) = blocks.last_mut() {
        match block.next() {
            None => {
                blocks.pop();
            }
            Some(Stmt::Loop(inner)) => blocks.push(inner.body.iter()),
            Some(Stmt::Let { expr, .. }) => match expr {
                Expr::Layer { layer, .. } if !layers.contains(layer) => layers.push(*layer),
                Expr::Call { function, .. } if seen.insert(*function) => {
                    called(program, *function, seen, layers, depth + 1);
                }
                _ => {}
            },
            Some(_) => {}
        }
    }
}

/// The modules at this depth that hold the layers, each once.
fn grouped(program: &Program, layers: &[ModuleId], depth: usize) -> Vec<ModuleId> {
    let mut groups = Vec::new();
    for layer in layers {
        let mut line = ancestry(program, *layer);
        line.truncate(depth + 1);
        if let Some(group) = line.last()
            && !groups.contains(group)
        {
            groups.push(*group);
        }
    }
    groups
}

/// From the net to the module.
fn ancestry(program: &Program, id: ModuleId) -> Vec<ModuleId> {
    let mut line = vec![id];
    let parent = |id: ModuleId| {
        program
            .modules
            .get(id.index())
            .and_then(|m: &Module| m.parent)
    };
    while let Some(parent) = line.last().and_then(|id| parent(*id)) {
        if line.len() > MAX_DEPTH {
            break;
        }
        line.push(parent);
    }
    line.reverse();
    line
}

fn stage(program: &Program, summary: &Summary, id: ModuleId) -> Option<Stage> {
    let module = program.modules.get(id.index())?;
    let row = summary.rows.get(id.index())?;
    let output: Vec<String> = row.output.iter().skip(1).map(u64::to_string).collect();
    Some(Stage {
        title: format!(
            "{} {}",
            one_line(&module.path, 24),
            one_line(&row.class, 22)
        ),
        about: format!(
            "{}{} params, {} FLOPs",
            match output.join(" \u{d7} ") {
                shape if shape.is_empty() => String::new(),
                shape => format!("{}  \u{b7}  ", one_line(&shape, 24)),
            },
            short(row.n_params),
            short(row.cost.flops / summary.batch.images.max(1) as u64)
        ),
        n_params: row.n_params,
        class: "stage",
    })
}

fn draw(left: &[Stage], memory: &[String], right: &[Stage], all_params: u64) -> String {
    let rows = left.len().max(right.len()).max(1) as f64;
    let height = TOP + rows * (BOX.1 + GAP);
    let mut svg = format!(
        "<svg class=\"diagram\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"Diagram of the net\">\n\
         <text class=\"axis\" x=\"{:.1}\" y=\"14\" text-anchor=\"middle\">encoder</text>\
         <text class=\"axis\" x=\"{:.1}\" y=\"14\" text-anchor=\"middle\">memory</text>\
         <text class=\"axis\" x=\"{:.1}\" y=\"14\" text-anchor=\"middle\">decoder</text>\n",
        BOX.0 / 2.0,
        WIDTH / 2.0,
        WIDTH - BOX.0 / 2.0
    );
    column(&mut svg, 1.0, left, all_params);
    column(&mut svg, WIDTH - BOX.0 - 1.0, right, all_params);
    svg.push_str(&bridge(left.len(), memory));
    svg.push_str("</svg>\n");
    svg
}

/// Boxes below each other, an arrow from each to the next.
fn column(svg: &mut String, x: f64, stages: &[Stage], all_params: u64) {
    for (idx, stage) in stages.iter().enumerate() {
        let y = TOP + idx as f64 * (BOX.1 + GAP);
        let middle = x + BOX.0 / 2.0;
        let share = stage.n_params as f64 / all_params.max(1) as f64;
        let _ = writeln!(
            svg,
            "<rect class=\"{}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{}\" height=\"{}\" rx=\"5\"/>\
             <rect class=\"share\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"3\"/>\
             <text class=\"name\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
             <text class=\"tick\" x=\"{middle:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            stage.class,
            BOX.0,
            BOX.1,
            x + 5.0,
            y + BOX.1 - 3.0,
            share.min(1.0) * (BOX.0 - 10.0),
            y + 16.0,
            Escaped(&stage.title),
            y + 31.0,
            Escaped(&stage.about)
        );
        if idx > 0 {
            svg.push_str(&arrow((middle, y - GAP), (middle, y)));
        }
    }
}

/// The memory between the two columns: from the last stage of the encoder to the first of the decoder.
fn bridge(n_left: usize, memory: &[String]) -> String {
    let middle_of = |row: usize| TOP + row as f64 * (BOX.1 + GAP) + BOX.1 / 2.0;
    let (from, to) = (middle_of(n_left.saturating_sub(1)), middle_of(1));
    let (left, right) = (BOX.0 + 1.0, WIDTH - BOX.0 - 1.0);
    let at = f64::midpoint(from, to);
    let width = right - left - 40.0;
    let shown = memory.iter().take(3);
    let n_lines = memory.len().clamp(1, 3) as f64;
    let height = 12.0 + 16.0 * n_lines;
    let mut svg = format!(
        "<path class=\"edge\" d=\"M{left} {from:.1} h10 V{at:.1} h10\"/>\
         <path class=\"edge\" d=\"M{:.1} {at:.1} h10 V{to:.1} h4\"/>\
         <rect class=\"memory\" x=\"{:.1}\" y=\"{:.1}\" width=\"{width}\" height=\"{height}\" rx=\"5\"/>\n",
        right - 20.0,
        left + 20.0,
        at - height / 2.0
    );
    svg.push_str(&arrow((right - 8.0, to), (right, to)));
    for (idx, shape) in shown.enumerate() {
        let _ = writeln!(
            svg,
            "<text class=\"tick\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>",
            WIDTH / 2.0,
            at - height / 2.0 + 19.0 + 16.0 * idx as f64,
            Escaped(&one_line(shape, 24))
        );
    }
    svg
}

fn arrow((from_x, from_y): (f64, f64), (to_x, to_y): (f64, f64)) -> String {
    let down = to_y > from_y;
    let head = if down { "l-4 -6 h8 z" } else { "l-6 -4 v8 z" };
    format!(
        "<path class=\"edge\" d=\"M{from_x:.1} {from_y:.1} L{to_x:.1} {to_y:.1}\"/>\
         <path class=\"head\" d=\"M{to_x:.1} {to_y:.1} {head}\"/>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demos_net_shows_both_sides_and_its_memory() {
        let options = codegen::Options {
            vocab: 60,
            image: [3, 64, 64],
            ..codegen::Options::default()
        };
        let program = codegen::generate(crate::demo::REPLY, &options)
            .unwrap()
            .program;
        let summary = Summary::of(&program, Batch::of(16));
        let encoder = side(&program, &summary, program.entries.encode);
        let decoder = side(&program, &summary, program.entries.decode);
        let titles = |stages: &[Stage]| -> String {
            stages
                .iter()
                .map(|stage| stage.title.clone() + "\n")
                .collect()
        };
        assert!(titles(&encoder).contains("Conv"), "{}", titles(&encoder));
        assert!(
            !titles(&encoder).contains("Embedding"),
            "{}",
            titles(&encoder)
        );
        assert!(
            titles(&decoder).contains("Embedding"),
            "{}",
            titles(&decoder)
        );
        let svg = diagram(&program, 16);
        assert!(svg.contains("of 60 words") && svg.contains("3 \u{d7} 64 \u{d7} 64"));
        assert!(svg.contains("class=\"memory\""));
    }
}
