//! Rules about a finished Program: what it holds must be printable, and of a size that can be trained.
mod attention;
mod reach;
mod special_ids;

use crate::Options;
use crate::cost::{self, Batch};
use crate::diagnostic::Diagnostics;
use crate::ir::Program;

/// Reports every rule that the Program breaks.
pub(crate) fn run(program: &Program, options: &Options, diags: &mut Diagnostics) {
    reach::run(program, diags);
    special_ids::run(program, diags);
    attention::run(program, diags);
    cost::check(program, Batch::of(options.batch), &options.limits, diags);
}
