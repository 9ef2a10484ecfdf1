//! Rules about a finished Program: what it holds must be printable, and of a size that can be trained.
mod reach;

use crate::diagnostic::Diagnostics;
use crate::ir::Program;

/// Reports every rule that the Program breaks.
pub(crate) fn run(program: &Program, diags: &mut Diagnostics) {
    reach::run(program, diags);
}
