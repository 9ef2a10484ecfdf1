//! The part of teacher forcing that needs no caption, and the rest.
use std::collections::{BTreeMap, BTreeSet};

use super::{Function, FunctionParam, Stmt, Sym, Tree, Type, Var, VarId};

/// Splits `logits(images, captions)` into `encode(images)`, which gives the memory, and `decode(memory.., captions)`.
///
/// A statement belongs to `decode` when it depends on a caption, or on how long or how many they are, or when it depends
/// on nothing (an initial state of zeros) and only `decode` needs it; a loop stays whole. The memory is what `decode`
/// reads of the rest: a tuple of one part a parameter of `decode`.
pub(crate) fn split(logits: &Function) -> (Function, Function) {
    let needed = needed(logits);
    let mut dependent = dependent(logits);
    dependent.extend(postponed(logits, &needed, &dependent));
    let (late, early): (Vec<&Stmt>, Vec<&Stmt>) = logits
        .body
        .iter()
        .filter(|stmt| stmt_is(stmt, &needed))
        .partition(|stmt| stmt_is(stmt, &dependent));
    let inner: BTreeSet<VarId> = late.iter().flat_map(|stmt| stmt.defines()).collect();
    let captions: BTreeSet<VarId> = captions(logits).into_iter().collect();
    let read = late
        .iter()
        .flat_map(|stmt| stmt.reads())
        .chain(logits.returns.vars());
    let crossing: BTreeSet<VarId> = read
        .filter(|var| !inner.contains(var) && !captions.contains(var))
        .collect();
    let memory = memory(logits, &early, &crossing);
    let encode = Part {
        name: "encode",
        params: logits.params.iter().take(1).cloned().collect(),
        body: &early_needed(&early, &crossing),
        returns: Tree::Tuple(memory.iter().map(|part| part.tree.clone()).collect()),
    };
    let decode = Part {
        name: "decode",
        params: memory
            .into_iter()
            .chain(logits.params.iter().skip(1).cloned())
            .collect(),
        body: &late,
        returns: logits.returns.clone(),
    };
    (encode.function(logits), decode.function(logits))
}

/// A function whose variables are asked for one by one, each in the time that its own statements take.
#[derive(Debug)]
pub(crate) struct Slices {
    whole: Function,
    /// Which statements define a variable, or append to it.
    makers: BTreeMap<VarId, Vec<usize>>,
}

impl Slices {
    pub(crate) fn of(whole: Function) -> Self {
        let mut makers: BTreeMap<VarId, Vec<usize>> = BTreeMap::new();
        for (at, stmt) in whole.body.iter().enumerate() {
            for var in stmt.defines().into_iter().chain(stmt.pushes()) {
                makers.entry(var).or_default().push(at);
            }
        }
        Self { whole, makers }
    }

    /// The part that computes one variable, as a function of that result.
    pub(crate) fn slice(&self, name: &str, result: VarId) -> Function {
        let makers = |var| self.makers.get(&var).into_iter().flatten().copied();
        let mut open: BTreeSet<usize> = makers(result).collect();
        let mut body = Vec::new();
        while let Some(at) = open.pop_last() {
            let Some(stmt) = self.whole.body.get(at) else {
                continue;
            };
            for var in stmt.reads().into_iter().chain(stmt.defines()) {
                open.extend(makers(var).take_while(|maker| *maker < at));
            }
            body.push(stmt);
        }
        body.reverse();
        let part = Part {
            name,
            params: Vec::new(),
            body: &body,
            returns: Tree::Var(result),
        };
        part.function(&self.whole)
    }
}

fn captions(logits: &Function) -> Vec<VarId> {
    logits
        .params
        .iter()
        .skip(1)
        .flat_map(|param| param.tree.vars())
        .collect()
}

/// Whether a statement defines, or appends to, one of the variables.
fn stmt_is(stmt: &Stmt, vars: &BTreeSet<VarId>) -> bool {
    stmt.defines()
        .iter()
        .chain(&stmt.pushes())
        .any(|var| vars.contains(var))
}

/// What the result is computed from.
fn needed(logits: &Function) -> BTreeSet<VarId> {
    reaching(
        &logits.body.iter().collect::<Vec<_>>(),
        logits.returns.vars().into_iter().collect(),
    )
}

/// The variables that `wanted` is computed from, itself included.
fn reaching(body: &[&Stmt], mut wanted: BTreeSet<VarId>) -> BTreeSet<VarId> {
    for stmt in body.iter().rev() {
        if stmt_is(stmt, &wanted) {
            wanted.extend(stmt.reads());
            wanted.extend(stmt.defines());
        }
    }
    wanted
}

fn early_needed<'a>(early: &[&'a Stmt], crossing: &BTreeSet<VarId>) -> Vec<&'a Stmt> {
    let wanted = reaching(early, crossing.clone());
    early
        .iter()
        .copied()
        .filter(|stmt| stmt_is(stmt, &wanted))
        .collect()
}

/// The variables that depend on the captions.
fn dependent(logits: &Function) -> BTreeSet<VarId> {
    let mut dependent: BTreeSet<VarId> = captions(logits).into_iter().collect();
    loop {
        let before = dependent.len();
        for stmt in &logits.body {
            let depends = stmt_is(stmt, &dependent)
                || stmt.reads().iter().any(|var| dependent.contains(var))
                || stmt
                    .dims()
                    .into_iter()
                    .any(|dim| dim.symbols().iter().any(|sym| is_of_captions(*sym)))
                || stmt
                    .defines()
                    .iter()
                    .any(|var| has_caption_size(logits, *var));
            if depends {
                dependent.extend(stmt.defines());
                dependent.extend(stmt.pushes());
            }
        }
        if dependent.len() == before {
            return dependent;
        }
    }
}

/// The variables that depend on no input and that nothing in `encode` needs.
fn postponed(
    logits: &Function,
    needed: &BTreeSet<VarId>,
    dependent: &BTreeSet<VarId>,
) -> BTreeSet<VarId> {
    let images = logits
        .params
        .first()
        .map(|param| param.tree.vars())
        .unwrap_or_default();
    let mut on_images: BTreeSet<VarId> = images.into_iter().collect();
    let mut early_reads = BTreeSet::new();
    for stmt in logits
        .body
        .iter()
        .filter(|stmt| stmt_is(stmt, needed) && !stmt_is(stmt, dependent))
    {
        if stmt.reads().iter().any(|var| on_images.contains(var)) {
            on_images.extend(stmt.defines());
            on_images.extend(stmt.pushes());
        }
    }
    let mut postponed = BTreeSet::new();
    for stmt in logits
        .body
        .iter()
        .rev()
        .filter(|stmt| stmt_is(stmt, needed) && !stmt_is(stmt, dependent))
    {
        let is_free = !stmt_is(stmt, &on_images) && !stmt_is(stmt, &early_reads);
        if is_free {
            postponed.extend(stmt.defines());
            postponed.extend(stmt.pushes());
        } else {
            early_reads.extend(stmt.reads());
        }
    }
    postponed
}

fn is_of_captions(sym: Sym) -> bool {
    matches!(sym, Sym::Length | Sym::Captions)
}

fn has_caption_size(function: &Function, var: VarId) -> bool {
    let dims: Vec<_> = match function.vars.get(var.index()).map(|var| &var.ty) {
        Some(Type::Tensor(ty)) => ty.shape.iter().collect(),
        Some(Type::List { item, length }) => item.shape.iter().chain([length]).collect(),
        None => Vec::new(),
    };
    dims.into_iter()
        .any(|dim| dim.symbols().iter().any(|sym| is_of_captions(*sym)))
}

/// The crossing variables as parameters; those that one call gives together stay together.
fn memory(logits: &Function, early: &[&Stmt], crossing: &BTreeSet<VarId>) -> Vec<FunctionParam> {
    let mut left = crossing.clone();
    let mut memory = Vec::new();
    let images = logits.params.iter().take(1).map(|param| &param.tree);
    let defined = early.iter().flat_map(|stmt| match stmt {
        Stmt::Let { out, .. } => vec![out.clone()],
        Stmt::Loop(repeat) => repeat
            .carried
            .iter()
            .map(|carried| Tree::Var(carried.result))
            .collect(),
        Stmt::BreakIf { .. } | Stmt::Push { .. } => Vec::new(),
    });
    for tree in images.cloned().chain(defined) {
        for part in groups(logits, &tree, crossing) {
            if part.vars().iter().all(|var| left.contains(var)) {
                part.vars().iter().for_each(|var| {
                    left.remove(var);
                });
                memory.push(FunctionParam {
                    name: group_name(logits, &part),
                    tree: part,
                });
            }
        }
    }
    memory
}

/// The crossing parts of a tree: nameless tuples that cross whole, else variables.
fn groups(function: &Function, tree: &Tree, crossing: &BTreeSet<VarId>) -> Vec<Tree> {
    match tree {
        Tree::Var(var) => crossing
            .contains(var)
            .then(|| tree.clone())
            .into_iter()
            .collect(),
        Tree::Tuple(parts) => {
            let names: BTreeSet<Option<&String>> = tree
                .vars()
                .iter()
                .map(|var| name_of(function, *var))
                .collect();
            let is_whole = parts.len() > 1 && tree.vars().iter().all(|var| crossing.contains(var));
            if is_whole && names.len() == 1 && parts.iter().all(|part| matches!(part, Tree::Var(_)))
            {
                return vec![tree.clone()];
            }
            parts
                .iter()
                .flat_map(|part| groups(function, part, crossing))
                .collect()
        }
    }
}

fn name_of(function: &Function, var: VarId) -> Option<&String> {
    function
        .vars
        .get(var.index())
        .and_then(|var| var.name.as_ref())
}

fn group_name(function: &Function, tree: &Tree) -> String {
    let param = function
        .params
        .iter()
        .find(|param| param.tree == *tree)
        .map(|param| &param.name);
    let vars = tree.vars();
    let named = |var: &VarId| name_of(function, *var).or_else(|| loop_name(function, *var));
    let first = vars.first().and_then(named);
    let fallback = if matches!(tree, Tree::Var(_)) {
        "memory"
    } else {
        "state"
    };
    param
        .or(first)
        .map_or_else(|| fallback.to_owned(), Clone::clone)
}

/// The name of the loop variable that starts as `var`.
fn loop_name(function: &Function, var: VarId) -> Option<&String> {
    function.body.iter().find_map(|stmt| match stmt {
        Stmt::Loop(repeat) => repeat
            .carried
            .iter()
            .find(|carried| carried.init == var)
            .and_then(|carried| name_of(function, carried.current)),
        Stmt::Let { .. } | Stmt::BreakIf { .. } | Stmt::Push { .. } => None,
    })
}

/// A part of a function on its way to become one.
struct Part<'a> {
    name: &'a str,
    params: Vec<FunctionParam>,
    body: &'a [&'a Stmt],
    returns: Tree,
}

impl Part<'_> {
    fn function(mut self, whole: &Function) -> Function {
        let mut vars: Vec<Var> = Vec::new();
        let mut numbers: BTreeMap<VarId, VarId> = BTreeMap::new();
        let mut renumber = |var: &mut VarId| {
            let next = VarId(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
            let number = *numbers.entry(*var).or_insert(next);
            if number == next {
                vars.extend(whole.vars.get(var.index()).cloned());
            }
            *var = number;
        };
        for param in &mut self.params {
            param.tree.map_vars(&mut renumber);
        }
        let mut body: Vec<Stmt> = self.body.iter().map(|stmt| (*stmt).clone()).collect();
        for stmt in &mut body {
            stmt.map_vars(&mut renumber);
        }
        self.returns.map_vars(&mut renumber);
        Function {
            name: self.name.to_owned(),
            variant: None,
            receiver: whole.receiver,
            home: whole.home,
            params: self.params,
            vars,
            body,
            returns: self.returns,
            span: whole.span,
        }
    }
}
