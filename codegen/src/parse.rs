//! Python text to a syntax tree.
use ruff_python_ast::ModModule;
use ruff_python_parser::parse_module;

use crate::diagnostic::Diagnostics;
use crate::extract::Block;
use crate::rules::Rule;

/// Parses the block; nothing where a diagnostic says why not.
pub(crate) fn run(block: &Block, diags: &mut Diagnostics) -> Option<ModModule> {
    match parse_module(&block.code) {
        Ok(parsed) => Some(parsed.into_syntax()),
        Err(error) => {
            let range = error.location;
            let span = block.span(range.start().to_u32()..range.end().to_u32());
            diags.error(
                Rule::SyntaxError,
                span,
                format!("this is no Python: {}", error.error),
            );
            None
        }
    }
}
