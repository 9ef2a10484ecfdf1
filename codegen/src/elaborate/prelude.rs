//! torchvision's networks, and what torch has that is written with the rest of it: preludes of Python of our own,
//! elaborated like the classes of the reply.
//!
//! What is found in a prelude is reported where the reply calls it.
use std::sync::OnceLock;

use ruff_python_ast::{ModModule, Stmt};
use ruff_python_parser::parse_module;

use super::call::Args;
use super::classes::is_base_of;
use super::expr::last_part;
use super::interp::{Eval, Interp};
use super::stmt::Flow;
use super::value::{ClassId, Scope, ScopeId, Value};
use crate::diagnostic::Span;
use crate::rules::Rule;

/// The files of a prelude; later ones use the names of earlier ones.
type Sources = &'static [&'static str];

/// What torch has and is written with the rest of it.
const TORCH: Sources = &[
    include_str!("../prelude/functional.py"),
    include_str!("../prelude/modules.py"),
];

/// Functions of torch's prelude that tensors have as methods.
const TENSOR_METHODS: &[&str] = &[
    "narrow",
    "select",
    "unbind",
    "var",
    "std",
    "addcmul",
    "addcdiv",
    "lerp",
    "log2",
    "logsumexp",
    "roll",
];

const TORCHVISION: Sources = &[
    include_str!("../prelude/common.py"),
    include_str!("../prelude/resnet.py"),
    include_str!("../prelude/convnext.py"),
    include_str!("../prelude/classic.py"),
    include_str!("../prelude/densenet.py"),
    include_str!("../prelude/mobilenet.py"),
    include_str!("../prelude/efficientnet.py"),
    include_str!("../prelude/vit.py"),
    include_str!("../prelude/inception.py"),
    include_str!("../prelude/swin.py"),
];

/// Names that begin with an underscore, and that nets call all the same.
const VISIBLE: &[&str] = &["torch._assert", "torchvision.models._utils._make_divisible"];

/// Whether a file of the prelude defines the function or class: most names are looked for in vain.
fn is_defined(which: Which, name: &str) -> bool {
    which
        .files()
        .iter()
        .flat_map(|file| &file.body)
        .any(|item| match item {
            Stmt::FunctionDef(function) => function.name.as_str() == name,
            Stmt::ClassDef(class) => class.name.as_str() == name,
            _ => false,
        })
}

/// A prelude's place in [`State::preludes`](super::interp::State).
#[derive(Clone, Copy)]
enum Which {
    Torch,
    Torchvision,
}

impl Which {
    /// The prelude that may have the name.
    fn of(path: &str) -> Option<Self> {
        if path.starts_with("torchvision.") {
            return Some(Self::Torchvision);
        }
        let owners = ["torch.nn.functional", "torch.nn", "torch", "torch.Tensor"];
        let (owner, name) = path.rsplit_once('.')?;
        let is_method = owner != "torch.Tensor" || is_tensor_method(name);
        (owners.contains(&owner) && is_method).then_some(Self::Torch)
    }

    fn files(self) -> &'static [ModModule] {
        static FILES: [OnceLock<Vec<ModModule>>; 2] = [OnceLock::new(), OnceLock::new()];
        let [torch, torchvision] = &FILES;
        let (files, sources) = match self {
            Self::Torch => (torch, TORCH),
            Self::Torchvision => (torchvision, TORCHVISION),
        };
        files.get_or_init(|| {
            let parsed = sources.iter().filter_map(|text| parse_module(text).ok());
            parsed
                .map(ruff_python_parser::Parsed::into_syntax)
                .collect()
        })
    }
}

/// Whether torch's prelude has the method of a tensor.
pub(super) fn is_tensor_method(name: &str) -> bool {
    TENSOR_METHODS.contains(&name)
}

impl Interp<'_, '_> {
    /// A function or class of a prelude, called; nothing where no prelude has it.
    pub(super) fn call_prelude(
        &mut self,
        path: &str,
        mut args: Args,
        span: Span,
    ) -> Eval<Option<Value>> {
        let Some(callee) = self.of_prelude(path, span)? else {
            return Ok(None);
        };
        let is_builder = path.starts_with("torchvision.") && !last_part(path).starts_with('_');
        if matches!(callee, Value::Function(_)) && is_builder {
            self.take_weights(last_part(path), &mut args, span);
        }
        self.call(&callee, args, span).map(Some)
    }

    /// A name that a prelude defines.
    pub(super) fn of_prelude(&mut self, path: &str, span: Span) -> Eval<Option<Value>> {
        let name = last_part(path);
        let Some(which) = Which::of(path) else {
            return Ok(None);
        };
        let is_hidden = name.starts_with('_') && !VISIBLE.contains(&path);
        if is_hidden || !is_defined(which, name) {
            return Ok(None);
        }
        let scope = self.prelude(which, span)?;
        Ok(self.state.scopes[scope].vars.get(name).cloned())
    }

    /// The class of the reply or of a prelude that a module is an instance of, when a prelude has it under this name.
    pub(super) fn is_of_prelude(&self, class: ClassId, path: &str) -> bool {
        let class = &self.state.classes[class];
        let home = self.state.scopes[class.scope].parent;
        let is_library = home.is_some_and(|home| self.state.preludes.contains(&Some(home)));
        let is_it = class.name == last_part(path) || is_base_of(last_part(path), class.name);
        is_library && is_it
            || class.bases.iter().any(|base| match base {
                Value::Class(base) => self.is_of_prelude(*base, path),
                _ => false,
            })
    }

    /// The scope that holds a prelude, run at its first use.
    fn prelude(&mut self, which: Which, span: Span) -> Eval<ScopeId> {
        if let Some(Some(scope)) = self.state.preludes.get(which as usize) {
            return Ok(*scope);
        }
        let scope = self.state.scopes.push(Scope::default());
        let outside = self.library_call.replace(span);
        let frames = std::mem::take(&mut self.state.frames);
        let ran: Eval<()> = which.files().iter().try_for_each(|file| {
            let flow = self.exec_block(&file.body, scope)?;
            debug_assert!(matches!(flow, Flow::Next), "a prelude does not return");
            Ok(())
        });
        self.state.frames = frames;
        self.library_call = outside;
        if let Some(place) = self.state.preludes.get_mut(which as usize) {
            *place = Some(scope);
        }
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
        for (which, sources) in [(Which::Torch, TORCH), (Which::Torchvision, TORCHVISION)] {
            assert_eq!(which.files().len(), sources.len());
        }
    }
}
