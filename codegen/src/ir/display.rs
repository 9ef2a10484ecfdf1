//! A readable listing of a Program.
use std::fmt::{self, Display, Formatter};

use super::{
    Block, DType, Dim, Expr, Function, FunctionId, Layer, Loop, Module, ModuleId, ModuleKind, Op,
    ParamId, Program, Scalar, SliceRange, Stmt, Task, Tree, Type, VarId,
};

impl Display for Program {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let [channels, height, width] = self.sizes.image;
        writeln!(
            f,
            "program {} {} image [{channels}, {height}, {width}]",
            match self.sizes.task {
                Task::Caption => "vocab",
                Task::Classify => "classes",
            },
            self.sizes.vocab
        )?;
        writeln!(f, "\nmodules")?;
        for (at, module) in self.modules.iter().enumerate() {
            let parent =
                |module: &Module| module.parent.and_then(|id| self.modules.get(id.index()));
            let depth = std::iter::successors(parent(module), |above| parent(above)).count();
            let name = if at == 0 { "net" } else { module.name.as_str() };
            writeln!(
                f,
                "  {:indent$}{name}: {}",
                "",
                KindText(&module.kind),
                indent = 2 * depth
            )?;
        }
        writeln!(f, "\nparameters")?;
        for param in &self.params {
            let frozen = if param.trainable { "" } else { ", not trained" };
            write!(f, "  {} {:?}{frozen}", param.name, param.shape)?;
            match param.start {
                Some(start) => writeln!(f, ", {start:?}")?,
                None => writeln!(f)?,
            }
        }
        for tie in &self.ties {
            let name = self
                .params
                .get(tie.param.index())
                .map_or("?", |param| param.name.as_str());
            writeln!(f, "  {} = {name}", tie.name)?;
        }
        for (at, function) in self.functions.iter().enumerate() {
            writeln!(
                f,
                "\nf{at} {}",
                Listing {
                    function,
                    program: Some(self)
                }
            )?;
        }
        self.fmt_ends(f)
    }
}

impl Program {
    fn fmt_ends(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let entries = &self.entries;
        let infer = entries
            .infer
            .map_or_else(|| "none".to_owned(), |id| format!("f{}", id.0));
        writeln!(
            f,
            "\nentries logits f{} (drops {}, shift {}) encode f{} decode f{} loss f{} infer {infer}",
            entries.logits.0,
            entries.alignment.n_dropped,
            entries.alignment.shift,
            entries.encode.0,
            entries.decode.0,
            entries.loss.0,
        )?;
        for group in &self.recipe.groups {
            let params = group
                .params
                .as_ref()
                .map_or_else(|| "all".to_owned(), |names| names.join(", "));
            writeln!(f, "recipe {:?} of {params}", group.optimizer)?;
        }
        match self.recipe.clip_norm {
            Some(norm) => writeln!(f, "recipe clips the gradient norm at {norm}"),
            None => Ok(()),
        }
    }

    fn path(&self, module: ModuleId) -> &str {
        match self
            .modules
            .get(module.index())
            .map(|module| module.path.as_str())
        {
            None | Some("") => "net",
            Some(path) => path,
        }
    }
}

struct KindText<'a>(&'a ModuleKind);

impl Display for KindText<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            ModuleKind::Struct { class, .. } => f.write_str(class),
            ModuleKind::List(items) => write!(f, "ModuleList of {}", items.len()),
            ModuleKind::Layer { layer, .. } => fmt_layer(f, layer),
        }
    }
}

/// The layer as `Debug` shows it, in one line.
fn fmt_layer(f: &mut Formatter<'_>, layer: &Layer) -> fmt::Result {
    write!(f, "{layer:?}")
}

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Listing {
            function: self,
            program: None,
        }
        .fmt(f)
    }
}

/// A function, with the names of the Program's modules where it is known.
struct Listing<'a> {
    function: &'a Function,
    program: Option<&'a Program>,
}

impl Display for Listing<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let function = self.function;
        if let Some(receiver) = function.receiver {
            write!(f, "{}.", self.module(receiver))?;
        }
        f.write_str(&function.name)?;
        if let Some(variant) = &function.variant {
            write!(f, " ({variant})")?;
        }
        f.write_str("(")?;
        for (at, param) in function.params.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{}: {}", param.name, self.typed(&param.tree))?;
        }
        writeln!(f, ")")?;
        self.fmt_block(f, &function.body, 1)?;
        write!(f, "  return {}", self.tree(&function.returns))
    }
}

impl Listing<'_> {
    fn fmt_block(&self, f: &mut Formatter<'_>, block: &Block, depth: usize) -> fmt::Result {
        block
            .iter()
            .try_for_each(|stmt| self.fmt_stmt(f, stmt, depth))
    }

    fn fmt_stmt(&self, f: &mut Formatter<'_>, stmt: &Stmt, depth: usize) -> fmt::Result {
        write!(f, "{:indent$}", "", indent = 2 * depth)?;
        match stmt {
            Stmt::Let { out, expr, .. } => writeln!(f, "{} = {}", self.typed(out), self.expr(expr)),
            Stmt::Push { list, item, .. } => {
                writeln!(f, "push {} to {}", self.var(*item), self.var(*list))
            }
            Stmt::BreakIf { cond, next, .. } => {
                writeln!(f, "break if {} with {}", self.var(*cond), self.vars(next))
            }
            Stmt::Loop(repeat) => self.fmt_loop(f, repeat, depth),
        }
    }

    fn fmt_loop(&self, f: &mut Formatter<'_>, repeat: &Loop, depth: usize) -> fmt::Result {
        writeln!(
            f,
            "for {} ({}) in 0..{}",
            repeat.index, repeat.name, repeat.count
        )?;
        let inner = 2 * (depth + 1);
        for carried in &repeat.carried {
            let (init, current) = (
                self.var(carried.init),
                self.typed(&Tree::Var(carried.current)),
            );
            writeln!(f, "{:inner$}carry {current} from {init}", "")?;
        }
        self.fmt_block(f, &repeat.body, depth + 1)?;
        for carried in &repeat.carried {
            let (next, result) = (self.var(carried.next), self.var(carried.result));
            writeln!(f, "{:inner$}next {next} giving {result}", "")?;
        }
        Ok(())
    }

    fn expr(&self, expr: &Expr) -> String {
        let trees = |args: &[Tree]| {
            args.iter()
                .map(|arg| self.tree(arg))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match expr {
            Expr::Op { op, args } => format!("{}({})", op_text(op), self.vars(args)),
            Expr::Param(param) => self.param(*param),
            Expr::Layer { layer, args } => format!("{}({})", self.module(*layer), trees(args)),
            Expr::Call {
                function,
                receiver,
                args,
                ..
            } => {
                let receiver =
                    receiver.map_or_else(String::new, |module| format!("{}.", self.module(module)));
                format!("{receiver}{}({})", self.callee(*function), trees(args))
            }
            Expr::List(items) => format!("[{}]", self.vars(items)),
        }
    }

    fn typed(&self, tree: &Tree) -> String {
        match tree {
            Tree::Var(var) => format!("{}: {}", self.var(*var), self.ty(*var)),
            Tree::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.typed(part)).collect();
                format!("({})", parts.join(", "))
            }
        }
    }

    fn tree(&self, tree: &Tree) -> String {
        match tree {
            Tree::Var(var) => self.var(*var),
            Tree::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(|part| self.tree(part)).collect();
                format!("({})", parts.join(", "))
            }
        }
    }

    fn vars(&self, vars: &[VarId]) -> String {
        vars.iter()
            .map(|var| self.var(*var))
            .collect::<Vec<_>>()
            .join(", ")
    }

    fn var(&self, var: VarId) -> String {
        let name = self
            .function
            .vars
            .get(var.index())
            .and_then(|var| var.name.as_deref());
        format!(
            "%{}{}",
            var.0,
            name.map_or_else(String::new, |name| format!(".{name}"))
        )
    }

    fn ty(&self, var: VarId) -> String {
        match self.function.vars.get(var.index()).map(|var| &var.ty) {
            Some(Type::Tensor(ty)) => tensor_text(ty.dtype, &ty.shape),
            Some(Type::List { item, length }) => {
                format!("list of {length} {}", tensor_text(item.dtype, &item.shape))
            }
            None => "?".to_owned(),
        }
    }

    fn module(&self, module: ModuleId) -> String {
        self.program.map_or_else(
            || format!("m{}", module.0),
            |program| program.path(module).to_owned(),
        )
    }

    fn param(&self, param: ParamId) -> String {
        let name = self
            .program
            .and_then(|program| program.params.get(param.index()))
            .map(|param| &param.name);
        name.map_or_else(|| format!("p{}", param.0), Clone::clone)
    }

    fn callee(&self, function: FunctionId) -> String {
        let name = self
            .program
            .and_then(|program| program.functions.get(function.index()))
            .map(|f| &f.name);
        name.map_or_else(
            || format!("f{}", function.0),
            |name| format!("{name}:f{}", function.0),
        )
    }
}

fn tensor_text(dtype: DType, shape: &[Dim]) -> String {
    let dtype = match dtype {
        DType::Float => "float",
        DType::Int => "int",
        DType::Bool => "bool",
    };
    format!("{dtype}[{}]", dims_text(shape))
}

fn dims_text(dims: &[Dim]) -> String {
    dims.iter()
        .map(Dim::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}

fn op_text(op: &Op) -> String {
    match op {
        Op::Unary(unary) => format!("{unary:?}"),
        Op::Binary(binary) => format!("{binary:?}"),
        Op::BinaryScalar(binary, scalar) => format!("{binary:?} by {}", scalar_text(scalar)),
        Op::ScalarBinary(scalar, binary) => format!("{} {binary:?} by", scalar_text(scalar)),
        Op::Full(scalar) => format!("Full {}", scalar_text(scalar)),
        Op::MaskedFill(scalar) => format!("MaskedFill {}", scalar_text(scalar)),
        Op::Random { normal: true } => "Random normal".to_owned(),
        Op::Random { normal: false } => "Random uniform".to_owned(),
        Op::Arange { start, step } => format!(
            "Arange from {} by {}",
            scalar_text(start),
            scalar_text(step)
        ),
        Op::Repeat(counts) => format!("Repeat [{}]", dims_text(counts)),
        Op::Slice(ranges) => format!("Slice [{}]", ranges_text(ranges)),
        Op::SliceAssign(ranges) => format!("SliceAssign [{}]", ranges_text(ranges)),
        Op::Select { axis, index } => format!("Select {index} of axis {axis}"),
        other => format!("{other:?}"),
    }
}

fn scalar_text(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Float(value) => format!("{value:?}"),
        Scalar::Int(dim) => dim.to_string(),
    }
}

fn ranges_text(ranges: &[SliceRange]) -> String {
    let range = |range: &SliceRange| {
        let end = range.end.as_ref().map_or_else(String::new, Dim::to_string);
        let step = if range.step == 1 {
            String::new()
        } else {
            format!(":{}", range.step)
        };
        if *range == SliceRange::full() {
            ":".to_owned()
        } else {
            format!("{}:{end}{step}", range.start)
        }
    };
    ranges.iter().map(range).collect::<Vec<_>>().join(", ")
}
