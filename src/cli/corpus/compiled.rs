//! The second column: a sample of the generated nets, in one build.
use nn_caption::candidate::Builder;
use nn_caption::run::RunError;

use super::super::exit::Failure;
use super::super::terminal::Terminal;
use super::generated::{self, Plan, Row};

/// Compiles `n_nets` of the generated rows.
pub(super) fn run(
    terminal: &Terminal,
    rows: &mut [Row],
    plan: &Plan,
    n_nets: usize,
) -> Result<(), Failure> {
    let mut places = generated::drawn(rows, plan.seed);
    places.truncate(n_nets);
    let mut sample = Vec::with_capacity(places.len());
    for at in places {
        if let (_, Some(net)) = generated::one(&rows[at].path, plan) {
            sample.push((at, net.source));
        }
    }
    terminal.say(&format!("compiling {} nets in one build", sample.len()));
    let sources: Vec<&str> = sample.iter().map(|(_, source)| source.as_str()).collect();
    let refused = Builder::find()
        .and_then(|builder| builder.build_many(&sources, None))
        .map_err(RunError::from)?;
    for (number, (at, _)) in sample.iter().enumerate() {
        let row = &mut rows[*at];
        row.compiled = Some(!refused.contains_key(&number));
        row.against.extend(refused.get(&number).cloned());
    }
    Ok(())
}
