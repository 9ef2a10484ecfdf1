//! N030 `tied-across-modules`: a method reaches only what is below its own module, because it is printed as a method of
//! that module's struct.
use crate::diagnostic::{Diagnostics, Span};
use crate::ir::{Block, Expr, Function, Layer, ModuleId, ModuleKind, ParamId, Program, Stmt};
use crate::rules::Rule;

pub(super) fn run(program: &Program, diags: &mut Diagnostics) {
    for function in &program.functions {
        check_block(program, function, &function.body, diags);
    }
    for (index, module) in program.modules.iter().enumerate() {
        let ModuleKind::Layer { layer, params } = &module.kind else {
            continue;
        };
        let id = ModuleId(u32::try_from(index).unwrap_or(u32::MAX));
        let owner = |param: &ParamId| program.params.get(param.index()).map(|param| param.owner);
        let is_tied = params.iter().any(|param| owner(param) != Some(id));
        if is_tied && !may_be_tied(layer) {
            let message = "this layer shares a weight with another module";
            diags
                .error(Rule::TiedAcrossModules, module.span, message)
                .help("a `Linear`, `Conv2d` or `Embedding` may; call one layer twice");
            continue;
        }
        for param in params {
            check_tie(program, id, *param, module.span, diags);
        }
    }
}

fn check_block(program: &Program, function: &Function, block: &Block, diags: &mut Diagnostics) {
    for stmt in block {
        match stmt {
            Stmt::Let { expr, span, .. } => check_expr(program, function, expr, *span, diags),
            Stmt::Loop(inner) => check_block(program, function, &inner.body, diags),
            Stmt::BreakIf { .. } | Stmt::Push { .. } => {}
        }
    }
}

fn check_expr(
    program: &Program,
    function: &Function,
    expr: &Expr,
    span: Span,
    diags: &mut Diagnostics,
) {
    let target = match expr {
        Expr::Layer { layer, .. } => Some(*layer),
        Expr::Call { receiver, .. } => *receiver,
        Expr::Param(param) => program.params.get(param.index()).map(|param| param.owner),
        Expr::Op { .. } | Expr::List(_) => None,
    };
    let Some(target) = target else { return };
    if function
        .receiver
        .is_none_or(|receiver| !is_below(program, target, receiver))
    {
        let path = program
            .modules
            .get(target.index())
            .map_or("", |module| module.path.as_str());
        diags
            .error(
                Rule::TiedAcrossModules,
                span,
                format!(
                    "`{}` uses `{path}`, which is not below its own module",
                    function.name
                ),
            )
            .help("call the module from a method of one that holds it");
    }
}

/// Whether a layer of this kind can be printed as a method that takes its weights from elsewhere.
fn may_be_tied(layer: &Layer) -> bool {
    matches!(
        layer,
        Layer::Linear { .. } | Layer::Conv2d { .. } | Layer::Embedding { .. }
    )
}

/// A layer with a tied weight is printed as a method of the struct that holds the layer: the weight must be below that.
fn check_tie(
    program: &Program,
    layer: ModuleId,
    param: ParamId,
    span: Span,
    diags: &mut Diagnostics,
) {
    let owner = program.params.get(param.index()).map(|param| param.owner);
    let holder = program
        .modules
        .get(layer.index())
        .and_then(|module| module.parent);
    if let (Some(owner), Some(holder)) = (owner, holder)
        && owner != layer
        && !is_below(program, owner, holder)
    {
        let name = program
            .params
            .get(param.index())
            .map_or("", |param| param.name.as_str());
        diags
            .error(Rule::TiedAcrossModules, span, format!("this layer's weight is `{name}`, which is not below the module that holds the layer"))
            .help("tie weights within one module");
    }
}

fn is_below(program: &Program, module: ModuleId, ancestor: ModuleId) -> bool {
    let mut at = Some(module);
    while let Some(id) = at {
        if id == ancestor {
            return true;
        }
        at = program
            .modules
            .get(id.index())
            .and_then(|module| module.parent);
    }
    false
}
