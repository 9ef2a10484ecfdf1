//! Imports: torch and a few packages that hold no side effects; all others are refused.
use ruff_python_ast as ast;

use super::interp::{Eval, Interp, stop};
use super::value::{ScopeId, Value};
use crate::diagnostic::Span;
use crate::ir::Task;
use crate::rules::Rule;

/// Packages that a net may import.
const ALLOWED: &[&str] = &[
    "torch",
    "torchvision",
    "math",
    "typing",
    "collections",
    "functools",
    "itertools",
    "copy",
    "warnings",
    "numpy",
    "random",
    "dataclasses",
    "abc",
    "enum",
    "__future__",
    "tqdm",
    "ab",
    "einops",
    "timm",
];

/// Packages whose import does nothing, and of which a net has no use: an import is let be, a use is refused.
const IDLE: &[&str] = &[
    "contextlib",
    "gc",
    "inspect",
    "json",
    "logging",
    "numbers",
    "operator",
    "packaging",
    "re",
    "string",
    "time",
    "traceback",
    "types",
];

/// The same, for classifiers: LEMUR's carry these imports along.
const IDLE_IN_CLASSIFIERS: &[&str] = &["getpass", "glob", "os", "sys"];

/// What `import *` brings of Python's own packages, as far as nets use it.
const STARRED: &[(&str, &[&str])] = &[
    (
        "collections",
        &[
            "OrderedDict",
            "defaultdict",
            "deque",
            "namedtuple",
            "Counter",
        ],
    ),
    (
        "functools",
        &["partial", "reduce", "lru_cache", "wraps", "cached_property"],
    ),
    ("itertools", &["chain", "product", "repeat", "count"]),
    (
        "math",
        &[
            "ceil", "cos", "exp", "floor", "gcd", "log", "log10", "log2", "pow", "prod", "sin",
            "sqrt", "tan", "tanh",
        ],
    ),
    (
        "typing",
        &[
            "Any", "Callable", "Dict", "Iterable", "List", "Optional", "Sequence", "Set", "Tuple",
            "Type", "Union", "cast",
        ],
    ),
];

impl<'a> Interp<'a, '_> {
    pub(super) fn import(&mut self, import: &'a ast::StmtImport, scope: ScopeId) -> Eval<()> {
        for alias in &import.names {
            let span = self.span(alias);
            let path = alias.name.as_str();
            self.check_import(path, span)?;
            let (name, value) = if let Some(name) = &alias.asname {
                (name.as_str(), path)
            } else {
                let root = path.split('.').next().unwrap_or(path);
                (root, root)
            };
            self.assign_name(scope, name, Value::Native(value.into()));
        }
        Ok(())
    }

    pub(super) fn import_from(
        &mut self,
        import: &'a ast::StmtImportFrom,
        scope: ScopeId,
    ) -> Eval<()> {
        let span = self.span(import);
        let Some(module) = &import.module else {
            return Err(stop(
                Rule::ForbiddenImport,
                span,
                "a relative import names no package",
            ));
        };
        self.check_import(module.as_str(), span)?;
        for alias in &import.names {
            let name = alias.name.as_str();
            if name == "*" {
                if let Some((_, names)) = STARRED.iter().find(|(path, _)| *path == module.as_str())
                {
                    for name in *names {
                        let value = Value::Native(format!("{module}.{name}").into());
                        self.assign_name(scope, name, value);
                    }
                    continue;
                }
                return Err(stop(
                    Rule::ForbiddenImport,
                    span,
                    "`import *` hides what a net uses",
                )
                .help("name what you import"));
            }
            let path = format!("{module}.{name}");
            let known = super::torch::constant(&path).or_else(|| self.supplied(&path));
            let value = known.unwrap_or_else(|| Value::Native(path.into()));
            let bound = alias.asname.as_ref().unwrap_or(&alias.name);
            self.assign_name(scope, bound.as_str(), value);
        }
        Ok(())
    }

    fn check_import(&self, path: &str, span: Span) -> Eval<()> {
        let root = path.split('.').next().unwrap_or(path);
        let is_idle = IDLE.contains(&root)
            || (self.sizes.task == Task::Classify && IDLE_IN_CLASSIFIERS.contains(&root));
        if ALLOWED.contains(&root) || is_idle {
            return Ok(());
        }
        Err(stop(
            Rule::ForbiddenImport,
            span,
            format!("`{root}` may not be imported by a net"),
        )
        .help("a net needs `torch` and `math`, and reads its data from `learn`")
        .raises("ModuleNotFoundError"))
    }
}

/// Whether a dotted name belongs to a package of which a net has no use.
pub(super) fn is_idle(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    IDLE.contains(&root) || IDLE_IN_CLASSIFIERS.contains(&root)
}
