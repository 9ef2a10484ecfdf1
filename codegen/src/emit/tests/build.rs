//! A small builder of Programs.
use crate::diagnostic::Span;
use crate::ir::{
    Alignment, Block, Carried, DType, Dim, Entries, Expr, Function, FunctionId, FunctionParam,
    Layer, Loop, Member, Module, ModuleId, ModuleKind, Op, Optimizer, Param, ParamGroup, ParamId,
    Program, Recipe, Sizes, Stmt, Sym, TensorType, Tie, Tree, Type, Var, VarId, split,
};

pub(super) fn batch() -> Dim {
    Dim::symbol(Sym::Batch)
}

pub(super) fn length() -> Dim {
    Dim::symbol(Sym::Length)
}

pub(super) fn number(value: i64) -> Dim {
    Dim::constant(value)
}

pub(super) fn float(shape: &[Dim]) -> TensorType {
    TensorType {
        dtype: DType::Float,
        shape: shape.to_vec(),
    }
}

pub(super) fn int(shape: &[Dim]) -> TensorType {
    TensorType {
        dtype: DType::Int,
        shape: shape.to_vec(),
    }
}

pub(super) fn boolean(shape: &[Dim]) -> TensorType {
    TensorType {
        dtype: DType::Bool,
        shape: shape.to_vec(),
    }
}

/// A Program in the making.
pub(super) struct Net {
    pub(super) program: Program,
}

impl Net {
    pub(super) fn new() -> Self {
        let none = FunctionId(0);
        let alignment = Alignment {
            n_dropped: 1,
            shift: 1,
        };
        let optimizer = Optimizer::Sgd {
            lr: 1e-3,
            momentum: 0.9,
            dampening: 0.0,
            weight_decay: 1e-4,
            nesterov: true,
        };
        let program = Program {
            sizes: Sizes {
                task: crate::ir::Task::Caption,
                vocab: 60,
                image: [3, 64, 64],
            },
            modules: Vec::new(),
            params: Vec::new(),
            ties: Vec::new(),
            functions: Vec::new(),
            recipe: Recipe {
                groups: vec![ParamGroup {
                    params: None,
                    optimizer,
                }],
                clip_norm: Some(3.0),
            },
            entries: Entries {
                logits: none,
                alignment,
                encode: none,
                decode: none,
                loss: none,
                infer: None,
            },
        };
        let mut net = Self { program };
        net.add(
            "",
            None,
            ModuleKind::Struct {
                class: "Net".into(),
                members: Vec::new(),
            },
        );
        net
    }

    fn add(&mut self, name: &str, parent: Option<ModuleId>, kind: ModuleKind) -> ModuleId {
        let id = ModuleId(u32::try_from(self.program.modules.len()).unwrap());
        let path = match parent.map(|parent| self.program[parent].path.clone()) {
            None => String::new(),
            Some(above) if above.is_empty() => name.to_owned(),
            Some(above) => format!("{above}.{name}"),
        };
        self.program.modules.push(Module {
            path,
            name: name.into(),
            parent,
            kind,
            span: Span::default(),
        });
        if let Some(parent) = parent {
            match &mut self.program.modules[parent.index()].kind {
                ModuleKind::Struct { members, .. } => members.push(Member::Module(id)),
                ModuleKind::List(items) => items.push(id),
                ModuleKind::Layer { .. } => {}
            }
        }
        id
    }

    pub(super) fn class(&mut self, parent: ModuleId, name: &str, class: &str) -> ModuleId {
        self.add(
            name,
            Some(parent),
            ModuleKind::Struct {
                class: class.into(),
                members: Vec::new(),
            },
        )
    }

    pub(super) fn list(&mut self, parent: ModuleId, name: &str) -> ModuleId {
        self.add(name, Some(parent), ModuleKind::List(Vec::new()))
    }

    pub(super) fn layer(&mut self, parent: ModuleId, name: &str, layer: Layer) -> ModuleId {
        self.tied_layer(parent, name, layer, &[])
    }

    /// A layer whose first parameters are the given ones.
    pub(super) fn tied_layer(
        &mut self,
        parent: ModuleId,
        name: &str,
        layer: Layer,
        shared: &[ParamId],
    ) -> ModuleId {
        let tensors = layer.tensors();
        let id = self.add(
            name,
            Some(parent),
            ModuleKind::Layer {
                layer,
                params: Vec::new(),
            },
        );
        let mut params = shared.to_vec();
        for (at, tensor) in tensors.into_iter().enumerate() {
            let name = format!("{}.{}", self.program[id].path, tensor.name);
            if let Some(param) = shared.get(at) {
                self.program.ties.push(Tie {
                    name,
                    param: *param,
                });
                continue;
            }
            params.push(ParamId(u32::try_from(self.program.params.len()).unwrap()));
            self.program.params.push(Param {
                name,
                owner: id,
                field: tensor.field,
                shape: tensor.shape,
                role: tensor.role,
                trainable: matches!(tensor.role, crate::ir::Role::Weight | crate::ir::Role::Norm),
                transposed: tensor.transposed,
                dtype: crate::ir::DType::Float,
                init: None,
                start: None,
                start_rows: None,
            });
        }
        if let ModuleKind::Layer { params: own, .. } = &mut self.program.modules[id.index()].kind {
            *own = params;
        }
        id
    }

    pub(super) fn param_of(&self, layer: ModuleId, at: usize) -> ParamId {
        let ModuleKind::Layer { params, .. } = &self.program[layer].kind else {
            panic!("a layer")
        };
        params[at]
    }

    pub(super) fn function(&mut self, function: Fun) -> FunctionId {
        self.program.functions.push(function.function);
        FunctionId(u32::try_from(self.program.functions.len() - 1).unwrap())
    }

    /// Sets the entry points; `encode` and `decode` are split off `logits`.
    pub(super) fn finish(
        mut self,
        logits: FunctionId,
        loss: FunctionId,
        infer: Option<FunctionId>,
    ) -> Program {
        let (encode, decode) = split(&self.program[logits]);
        self.program.functions.extend([encode, decode]);
        let n_functions = u32::try_from(self.program.functions.len()).unwrap();
        let entries = &mut self.program.entries;
        entries.logits = logits;
        entries.loss = loss;
        entries.infer = infer;
        entries.encode = FunctionId(n_functions - 2);
        entries.decode = FunctionId(n_functions - 1);
        self.program
    }
}

/// A function in the making.
pub(super) struct Fun {
    function: Function,
    /// Open blocks below the body.
    blocks: Vec<Block>,
    n_symbols: u32,
}

impl Fun {
    pub(super) fn new(name: &str, receiver: Option<ModuleId>, home: ModuleId) -> Self {
        let function = Function {
            name: name.into(),
            variant: None,
            receiver,
            home,
            params: Vec::new(),
            vars: Vec::new(),
            body: Vec::new(),
            returns: Tree::empty(),
            span: Span::default(),
        };
        Self {
            function,
            blocks: Vec::new(),
            n_symbols: 0,
        }
    }

    pub(super) fn variant(mut self, variant: &str) -> Self {
        self.function.variant = Some(variant.into());
        self
    }

    pub(super) fn var(&mut self, name: &str, ty: Type) -> VarId {
        let name = (!name.is_empty()).then(|| name.to_owned());
        self.function.vars.push(Var { ty, name });
        VarId(u32::try_from(self.function.vars.len() - 1).unwrap())
    }

    pub(super) fn tensor(&mut self, name: &str, ty: TensorType) -> VarId {
        self.var(name, Type::Tensor(ty))
    }

    pub(super) fn param(&mut self, name: &str, ty: TensorType) -> VarId {
        let var = self.tensor("", ty);
        self.function.params.push(FunctionParam {
            name: name.into(),
            tree: Tree::Var(var),
        });
        var
    }

    pub(super) fn pair(&mut self, name: &str, names: [&str; 2], ty: &TensorType) -> [VarId; 2] {
        let vars = names.map(|name| self.tensor(name, ty.clone()));
        self.function.params.push(FunctionParam {
            name: name.into(),
            tree: pair(vars),
        });
        vars
    }

    pub(super) fn push(&mut self, stmt: Stmt) {
        self.blocks
            .last_mut()
            .unwrap_or(&mut self.function.body)
            .push(stmt);
    }

    pub(super) fn bind(&mut self, out: Tree, expr: Expr) {
        self.push(Stmt::Let {
            out,
            expr,
            span: Span::default(),
        });
    }

    pub(super) fn op(&mut self, name: &str, op: Op, args: &[VarId], ty: TensorType) -> VarId {
        let out = self.tensor(name, ty);
        self.bind(
            Tree::Var(out),
            Expr::Op {
                op,
                args: args.to_vec(),
            },
        );
        out
    }

    pub(super) fn apply(
        &mut self,
        name: &str,
        layer: ModuleId,
        input: VarId,
        ty: TensorType,
    ) -> VarId {
        let out = self.tensor(name, ty);
        self.bind(
            Tree::Var(out),
            Expr::Layer {
                layer,
                args: vec![Tree::Var(input)],
            },
        );
        out
    }

    pub(super) fn call(
        &mut self,
        function: FunctionId,
        receiver: Option<ModuleId>,
        args: Vec<Tree>,
        symbols: Vec<(Sym, Dim)>,
        out: Tree,
    ) {
        self.bind(
            out,
            Expr::Call {
                function,
                receiver,
                args,
                symbols,
            },
        );
    }

    pub(super) fn index(&mut self) -> Sym {
        self.n_symbols += 1;
        Sym::Index(self.n_symbols)
    }

    pub(super) fn open(&mut self) {
        self.blocks.push(Vec::new());
    }

    pub(super) fn close(&mut self, index: Sym, name: &str, count: Dim, carried: Vec<Carried>) {
        let body = self.blocks.pop().unwrap();
        self.push(Stmt::Loop(Loop {
            index,
            name: name.into(),
            count,
            carried,
            body,
            span: Span::default(),
        }));
    }

    pub(super) fn append(&mut self, list: VarId, item: VarId) {
        self.push(Stmt::Push {
            list,
            item,
            span: Span::default(),
        });
    }

    pub(super) fn into_function(self, returns: Tree) -> Function {
        self.returns(returns).function
    }

    pub(super) fn returns(mut self, tree: Tree) -> Self {
        self.function.returns = tree;
        self
    }
}

pub(super) fn pair([first, second]: [VarId; 2]) -> Tree {
    Tree::Tuple(vec![Tree::Var(first), Tree::Var(second)])
}
