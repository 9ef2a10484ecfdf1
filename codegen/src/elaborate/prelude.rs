//! torchvision's networks: a prelude of Python of our own, elaborated like the classes of the reply.
//!
//! What is found in the prelude is reported where the reply calls it.
use std::sync::OnceLock;

use ruff_python_ast::ModModule;
use ruff_python_parser::parse_module;

use super::call::Args;
use super::expr::last_part;
use super::interp::{Eval, Interp};
use super::stmt::Flow;
use super::value::{Scope, ScopeId, Value};
use crate::diagnostic::Span;
use crate::rules::Rule;

/// The files of the prelude; later ones use the names of earlier ones.
const SOURCES: &[&str] = &[
    include_str!("../prelude/common.py"),
    include_str!("../prelude/resnet.py"),
    include_str!("../prelude/convnext.py"),
];

fn files() -> &'static [ModModule] {
    static FILES: OnceLock<Vec<ModModule>> = OnceLock::new();
    FILES.get_or_init(|| {
        let parsed = SOURCES.iter().filter_map(|text| parse_module(text).ok());
        parsed
            .map(ruff_python_parser::Parsed::into_syntax)
            .collect()
    })
}

impl Interp<'_, '_> {
    /// A function or class of torchvision, called; nothing where the prelude does not have it.
    pub(super) fn call_prelude(
        &mut self,
        path: &str,
        mut args: Args,
        span: Span,
    ) -> Eval<Option<Value>> {
        let name = last_part(path);
        if !path.starts_with("torchvision.") || name.starts_with('_') {
            return Ok(None);
        }
        let scope = self.prelude(span)?;
        let Some(callee) = self.state.scopes[scope].vars.get(name).cloned() else {
            return Ok(None);
        };
        if matches!(callee, Value::Function(_)) {
            self.take_weights(name, &mut args, span);
        }
        self.call(&callee, args, span).map(Some)
    }

    /// The scope that holds the prelude, run at its first use.
    fn prelude(&mut self, span: Span) -> Eval<ScopeId> {
        if let Some(scope) = self.state.prelude {
            return Ok(scope);
        }
        let scope = self.state.scopes.push(Scope::default());
        let outside = self.library_call.replace(span);
        let frames = std::mem::take(&mut self.state.frames);
        let ran: Eval<()> = files().iter().try_for_each(|file| {
            let flow = self.exec_block(&file.body, scope)?;
            debug_assert!(matches!(flow, Flow::Next), "a prelude does not return");
            Ok(())
        });
        self.state.frames = frames;
        self.library_call = outside;
        self.state.prelude = Some(scope);
        ran.map(|()| scope)
    }

    /// Takes the arguments of a torchvision builder that say which weights to load: a wish that is not fulfilled here.
    fn take_weights(&mut self, name: &str, args: &mut Args, span: Span) {
        let mut wishes: Vec<Value> = std::mem::take(&mut args.positional);
        args.keywords.retain(|(key, value)| {
            let is_wish = matches!(&**key, "weights" | "pretrained");
            if is_wish {
                wishes.push(value.clone());
            }
            !is_wish && &**key != "progress"
        });
        let wish = wishes.first();
        if wish.is_some_and(|wish| !matches!(wish, Value::None | Value::Bool(false))) {
            self.diags
                .warn(
                    Rule::PretrainedWeights,
                    span,
                    format!("`{name}` asks for pretrained weights, and starts from random ones"),
                )
                .help("load weights into the trained net's parameters by their PyTorch names");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_prelude_is_python() {
        assert_eq!(files().len(), SOURCES.len());
    }
}
