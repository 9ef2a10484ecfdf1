//! Expressions: parameters, layers, calls. The operations are in `ops`.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::fold;
use super::printer::Printer;
use crate::emit::layout::Layout;
use crate::emit::{ident, token};
use crate::ir::{Dim, Expr, FunctionId, Layer, ModuleId, ModuleKind, Op, Sym, Tree, VarId};

impl Printer<'_> {
    /// The expression; `out` is what it is bound to.
    pub(in crate::emit) fn expr(&mut self, expr: &Expr, out: &Tree) -> TokenStream {
        match expr {
            Expr::Op { op, args } => match out {
                Tree::Var(var) => self.op(op, args, *var),
                Tree::Tuple(_) => TokenStream::new(),
            },
            Expr::Param(param) => {
                self.cx
                    .layout
                    .param_value(self.cx.program, self.receiver, *param)
            }
            Expr::Layer { layer, args } => self.layer(*layer, args, out),
            Expr::Call {
                function,
                receiver,
                args,
                symbols,
            } => self.call(*function, *receiver, args, symbols),
            Expr::List(items) => self.list(items, out),
        }
    }

    fn list(&mut self, items: &[VarId], out: &Tree) -> TokenStream {
        if !items.is_empty() {
            let items: Vec<TokenStream> = items.iter().map(|item| self.operand(*item)).collect();
            return quote!(vec![#(#items),*]);
        }
        let length = match out {
            Tree::Var(var) => match &self.body[*var].ty {
                super::body::SlotType::List { length, .. } => Some(length.clone()),
                _ => None,
            },
            Tree::Tuple(_) => None,
        };
        let is_known = |length: &Dim| {
            !length
                .symbols()
                .iter()
                .any(|sym| matches!(sym, Sym::Index(_) | Sym::Count(_)))
        };
        if let Some(length) = length.filter(is_known) {
            let length = self.size(&length);
            quote!(Vec::with_capacity(#length))
        } else {
            quote!(Vec::new())
        }
    }

    fn call(
        &mut self,
        function: FunctionId,
        receiver: Option<ModuleId>,
        args: &[Tree],
        symbols: &[(Sym, Dim)],
    ) -> TokenStream {
        let name = self.cx.method(function);
        if let Some(list) =
            receiver.filter(|module| matches!(self.cx.program[*module].kind, ModuleKind::List(_)))
        {
            return self.fold(list, args, |printer, rest| {
                let mut args: Vec<TokenStream> = rest.iter().map(|arg| printer.tree(arg)).collect();
                args.extend(printer.extra_args(function, symbols));
                (quote!(#name), args)
            });
        }
        let mut args: Vec<TokenStream> = args.iter().map(|arg| self.tree(arg)).collect();
        args.extend(self.extra_args(function, symbols));
        if let Some(module) = receiver {
            let path = self.path(module);
            quote!(#path.#name(#(#args),*))
        } else {
            let home = self.cx.home(function, self.home);
            quote!(#home::#name(#(#args),*))
        }
    }

    /// What a function takes beside its own arguments.
    fn extra_args(&mut self, function: FunctionId, symbols: &[(Sym, Dim)]) -> Vec<TokenStream> {
        let facts = self.cx.facts(function);
        let mut args = Vec::new();
        for symbol in &facts.symbols {
            let here = symbols
                .iter()
                .find(|(sym, _)| sym == symbol)
                .map(|(_, dim)| dim.clone());
            args.push(self.size(&here.unwrap_or_else(|| Dim::symbol(*symbol))));
        }
        if facts.device {
            args.push(self.device());
        }
        args
    }

    /// `self.layers.iter().fold(x, |x, layer| layer.forward(x, mask.clone()))`
    fn fold(
        &mut self,
        list: ModuleId,
        args: &[Tree],
        call: impl FnOnce(&mut Self, &[Tree]) -> (TokenStream, Vec<TokenStream>),
    ) -> TokenStream {
        let Some((first, rest)) = fold::split_first(args) else {
            return TokenStream::new();
        };
        let path = self.path(list);
        let start = self.operand(first);
        let field = self.cx.layout.field(list).unwrap_or("layers");
        let item = field
            .strip_suffix('s')
            .filter(|item| item.len() > 1)
            .unwrap_or("layer");
        // The closure may run often: what it uses from outside is cloned.
        self.trace.open_loop();
        let names = ["x", item].map(|name| {
            let variable = self.extra();
            let name = format_ident!("{}", self.trace.define(variable, vec![ident::local(name)]));
            (variable, name)
        });
        let (method, args) = call(self, rest);
        let [value, item] = names.map(|(variable, name)| {
            self.trace.touch(variable);
            name
        });
        self.trace.close_loop();
        let args = [quote!(#value)].into_iter().chain(args);
        quote!(#path.iter().fold(#start, |#value, #item| #item.#method(#(#args),*)))
    }

    fn path(&self, module: ModuleId) -> TokenStream {
        self.cx.layout.path(self.cx.program, self.receiver, module)
    }

    fn layer(&mut self, id: ModuleId, args: &[Tree], out: &Tree) -> TokenStream {
        let layer = match &self.cx.program[id].kind {
            ModuleKind::Layer { layer, .. } => layer,
            ModuleKind::List(_) => {
                return self.fold(id, args, |_, _| (quote!(forward), Vec::new()));
            }
            ModuleKind::Struct { .. } => return TokenStream::new(),
        };
        let (Some(Tree::Var(input)), state) = (args.first(), args.get(1)) else {
            return TokenStream::new();
        };
        if let Some(method) = self.cx.layout.tied(id) {
            return self.tied(id, &method.name.clone(), *input, out);
        }
        let path = self.path(id);
        if matches!(layer, Layer::Embedding { .. }) {
            return self.embed(&path, *input, out);
        }
        if let Some(call) = self.attend(layer, &path, args, out) {
            return call;
        }
        let input = self.operand(*input);
        match layer {
            Layer::Lstm(_) => {
                let state = self.state(state, "LstmState");
                quote!(#path.forward(#input, #state))
            }
            Layer::LstmCell(_) => {
                let state = self.state(state, "LstmCellState");
                quote!(#path.forward(#input, #state))
            }
            Layer::Gru(_) | Layer::GruCell(_) => {
                let state = self.optional(state);
                quote!(#path.forward(#input, #state))
            }
            _ => quote!(#path.forward(#input)),
        }
    }

    /// An embedding takes indices of rank 1 or 2; those of a higher rank are flattened.
    fn embed(&mut self, path: &TokenStream, indices: VarId, out: &Tree) -> TokenStream {
        let rank = self.rank(indices);
        let tokens = self.operand(indices);
        match (rank, out) {
            (0 | 1, _) => quote!(#path.forward_token(#tokens)),
            (3.., Tree::Var(out)) => {
                let (last, shape) = (token::size(rank - 1), self.body.tensor(*out).shape.clone());
                let shape = self.shape(&shape);
                quote!(#path.forward_token(#tokens.flatten::<1>(0, #last)).reshape(#shape))
            }
            _ => quote!(#path.forward(#tokens)),
        }
    }

    fn tied(&mut self, id: ModuleId, method: &str, input: VarId, out: &Tree) -> TokenStream {
        let holder = Layout::holder(self.cx.program, id);
        let path = self.path(holder);
        let method = format_ident!("{method}");
        let (rank, tokens) = (self.rank(input), self.operand(input));
        let is_embedding = matches!(
            &self.cx.program[id].kind,
            ModuleKind::Layer {
                layer: Layer::Embedding { .. },
                ..
            }
        );
        match out {
            Tree::Var(out) if is_embedding && rank != 2 => {
                let shape = self.body.tensor(*out).shape.clone();
                let shape = self.shape(&shape);
                let tokens = if rank == 1 {
                    quote!(#tokens.unsqueeze::<2>())
                } else {
                    let last = token::size(rank - 1);
                    quote!(#tokens.flatten::<1>(0, #last).unsqueeze::<2>())
                };
                quote!(#path.#method(#tokens).reshape(#shape))
            }
            _ => quote!(#path.#method(#tokens)),
        }
    }

    fn optional(&mut self, state: Option<&Tree>) -> TokenStream {
        if let Some(state) = state {
            let state = self.tree(state);
            quote!(Some(#state))
        } else {
            quote!(None)
        }
    }

    /// The state of a layer that takes it as a struct.
    fn state(&mut self, state: Option<&Tree>, class: &'static str) -> TokenStream {
        let Some(state) = state else {
            return quote!(None);
        };
        let class = self.cx.imports.core(class);
        let parts: Vec<TokenStream> = state
            .vars()
            .into_iter()
            .map(|part| self.operand(part))
            .collect();
        quote!(Some(#class::new(#(#parts),*)))
    }

    /// Whether the expression gives a state as a struct.
    pub(super) fn gives_state(&self, expr: &Expr) -> bool {
        let Expr::Layer { layer, .. } = expr else {
            return false;
        };
        matches!(
            &self.cx.program[*layer].kind,
            ModuleKind::Layer {
                layer: Layer::Lstm(_) | Layer::LstmCell(_),
                ..
            }
        )
    }

    /// A name for a value that Python gave none.
    pub(super) fn hint(&self, expr: &Expr) -> String {
        match expr {
            Expr::Op { op, .. } => op_hint(op).to_owned(),
            Expr::Param(param) => self.cx.program[*param]
                .field
                .rsplit('.')
                .next()
                .unwrap_or("weight")
                .to_owned(),
            Expr::Layer { layer, .. } => self.module_hint(*layer),
            Expr::Call {
                function, receiver, ..
            } => match (self.cx.program[*function].name.as_str(), receiver) {
                ("forward" | "__call__", Some(module)) => self.module_hint(*module),
                (name, _) => ident::method(name, None, false),
            },
            Expr::List(_) => "items".to_owned(),
        }
    }

    fn module_hint(&self, module: ModuleId) -> String {
        let name = self.cx.layout.field(module);
        name.map_or_else(|| "output".to_owned(), str::to_owned)
    }
}

fn op_hint(op: &Op) -> &'static str {
    match op {
        Op::MatMul => "product",
        Op::Softmax(_) => "weights",
        Op::LogSoftmax(_) => "scores",
        Op::Cat(_) => "joined",
        Op::Stack(_) => "stacked",
        Op::Argmax { .. } => "ids",
        Op::Reduce { .. } => "reduced",
        Op::Arange { .. } => "positions",
        Op::Random { .. } => "noise",
        Op::Triangle { .. } | Op::All | Op::Any => "mask",
        Op::CrossEntropy { .. } => "loss",
        Op::Binary(binary) | Op::BinaryScalar(binary, _) if binary.is_comparison() => "mask",
        Op::Binary(_) | Op::BinaryScalar(..) | Op::ScalarBinary(..) => "sum",
        _ => "value",
    }
}
