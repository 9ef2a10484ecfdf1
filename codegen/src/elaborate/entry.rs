//! The order of elaboration: the file, the net, `train_setup`, `learn`, then `forward` with and without captions.
use ruff_text_size::{TextRange, TextSize};
use serde_json::Value as Json;

use super::call::Args;
use super::frame::Frame;
use super::interp::{Eval, Interp, Mode, State, raised, stop, unsupported};
use super::module::ModuleClass;
use super::pattern::Pattern;
use super::specialise::Traced;
use super::stmt::Flow;
use super::tensor::shape_text;
use super::value::{ClassId, FnId, Value};
use crate::Options;
use crate::diagnostic::Span;
use crate::ir::{
    Alignment, DType, Dim, Expr, FunctionId, ModuleId, Program, Recipe, Stmt, Sym, Task, TensorType,
};
use crate::rules::Rule;

/// The functions of the net that elaboration found.
pub(super) struct Found {
    pub(super) net: ModuleId,
    pub(super) recipe: Recipe,
    pub(super) loss: FunctionId,
    pub(super) logits: FunctionId,
    pub(super) alignment: Alignment,
    pub(super) infer: Option<FunctionId>,
}

impl<'a> Interp<'a, '_> {
    /// Elaborates the net of a parsed file.
    pub(super) fn elaborate(
        &mut self,
        file: &'a [ruff_python_ast::Stmt],
        options: &Options,
    ) -> Eval<Program> {
        if let Flow::Return(_) = self.exec_block(file, self.globals)? {
            return Err(raised(
                "SyntaxError",
                self.block.whole(),
                "`return` outside a function",
            ));
        }
        let class = self.net_class()?;
        let declared = self.declared_hyperparameters()?;
        let prm = self.hyperparameters(options);
        let net = self.build_net(class, &prm, options)?;
        let setup = self.attribute(&Value::Module(net), "train_setup", self.block.whole())?;
        self.call(&setup, Args::of(vec![prm]), self.class_span(class))?;
        let constructed = self.state.clone();
        let span = self.class_span(class);
        let learn = self
            .class_function(class, "learn")
            .ok_or_else(|| unsupported(span, "no `learn`"))?;
        let place = self.state.fns[learn].span;
        let loss = self.trace_loss(net, learn, place)?;
        let recipe = self.recipe(net, place)?;
        self.warn_learning_rate(class, &recipe);
        self.warn_coupled_beams(file);
        let (logits, alignment, infer) = match self.sizes.task {
            Task::Caption => {
                let (logits, alignment) = self.trace_logits(net, class, loss, span)?;
                (logits, alignment, self.trace_infer(net, span))
            }
            Task::Classify => (
                self.trace_class_logits(net, class, span)?,
                Alignment::default(),
                None,
            ),
        };
        self.check_stateless(net, class, logits, &constructed)?;
        self.check_hyperparameters(&declared);
        let found = Found {
            net,
            recipe,
            loss,
            logits,
            alignment,
            infer,
        };
        self.program(found)
    }

    pub(super) fn class_span(&self, class: ClassId) -> Span {
        self.state.classes[class].span
    }

    fn net_class(&self) -> Eval<ClassId> {
        let found = self.state.scopes[self.globals].vars.get("Net");
        let Some(Value::Class(class)) = found else {
            return Err(stop(
                Rule::MissingNet,
                self.block.whole(),
                "the reply defines no class `Net`",
            )
            .help("define `class Net(nn.Module)`"));
        };
        let span = self.class_span(*class);
        if !self.is_module_class(*class) {
            return Err(stop(Rule::MissingNet, span, "`Net` is no `nn.Module`")
                .help("derive it: `class Net(nn.Module)`"));
        }
        for method in ["__init__", "forward", "train_setup", "learn"] {
            if self.class_function(*class, method).is_none() {
                return Err(stop(
                    Rule::MissingMethod,
                    span,
                    format!("`Net` has no method `{method}`"),
                ));
            }
        }
        Ok(*class)
    }

    /// The names that `supported_hyperparameters()` gives.
    fn declared_hyperparameters(&mut self) -> Eval<Vec<String>> {
        let whole = self.block.whole();
        let name = "supported_hyperparameters";
        let Some(function @ Value::Function(_)) = self.lookup(self.globals, name) else {
            let mention = self.block.code.find(name);
            let mention = mention.and_then(|at| TextSize::try_from(at).ok());
            let place = mention.map_or(whole, |at| {
                self.span_of(TextRange::at(at, TextSize::of(name)))
            });
            return Err(stop(
                Rule::MissingHyperparameters,
                place,
                "no function `supported_hyperparameters`",
            )
            .help("define `def supported_hyperparameters(): return {'lr', 'momentum'}`"));
        };
        let names = self.call(&function, Args::default(), whole)?;
        let items = self.iterate(&names, whole)?;
        Ok(items.iter().map(|item| self.to_str(item)).collect())
    }

    fn hyperparameters(&mut self, options: &Options) -> Value {
        let mut pairs: Vec<(Value, Value)> = options
            .prm
            .iter()
            .map(|(name, json)| (Value::str(name), of_json(json)))
            .collect();
        if !options.prm.contains_key("batch") {
            pairs.push((Value::str("batch"), Value::int(options.batch)));
        }
        let dict = self.new_dict(pairs);
        if let Value::Dict(id) = dict {
            self.prm = Some(id);
        }
        dict
    }

    fn build_net(&mut self, class: ClassId, prm: &Value, options: &Options) -> Eval<ModuleId> {
        let [channels, height, width] = options.image;
        let in_shape = [options.batch, channels, height, width]
            .map(Value::int)
            .to_vec();
        let out_shape = Value::tuple(vec![Value::int(options.vocab)]);
        let args = Args::of(vec![
            Value::tuple(in_shape),
            out_shape,
            prm.clone(),
            Value::Device,
        ]);
        match self.call(&Value::Class(class), args, self.class_span(class))? {
            Value::Module(net) => Ok(net),
            _ => Err(unsupported(
                self.class_span(class),
                "a `Net` that is no module",
            )),
        }
    }

    /// `forward(images, captions)` in evaluation mode: as `learn` calls it, if it does.
    fn trace_logits(
        &mut self,
        net: ModuleId,
        class: ClassId,
        loss: FunctionId,
        span: Span,
    ) -> Eval<(FunctionId, Alignment)> {
        self.state.mode = Mode::Eval;
        let forward = self
            .class_function(class, "forward")
            .ok_or_else(|| unsupported(span, "no `forward`"))?;
        let traced = if let Some(function) = self.traced_forward(net, forward) {
            function
        } else {
            let saved: State<'a> = self.state.clone();
            match self.trace_entry(net, forward, Some(2), span) {
                Ok(function) => function,
                Err(first) => {
                    self.state = saved;
                    self.trace_entry(net, forward, Some(3), span)
                        .map_err(|_| first)?
                }
            }
        };
        let rows = self.check_logits(traced, span)?;
        let n_dropped = match Dim::symbol(Sym::Length)
            .sub(&rows)
            .and_then(|dropped| dropped.as_constant())
        {
            Some(0) => 0,
            Some(1) => 1,
            _ => {
                let message = format!(
                    "`forward` gives `{rows}` rows for `T` tokens, and `T` or `T - 1` are wanted"
                );
                return Err(stop(Rule::NoLogits, span, message));
            }
        };
        let padded = super::align::leading_padding(&self.state.functions[traced]);
        let shift = super::align::target_shift(&self.state.functions[loss])
            .unwrap_or(1)
            .saturating_sub(padded);
        Ok((traced, Alignment { n_dropped, shift }))
    }

    /// `forward(images)` of a classifier in evaluation mode, which must give `[B, classes]`.
    fn trace_class_logits(
        &mut self,
        net: ModuleId,
        class: ClassId,
        span: Span,
    ) -> Eval<FunctionId> {
        self.state.mode = Mode::Eval;
        let forward = self
            .class_function(class, "forward")
            .ok_or_else(|| unsupported(span, "no `forward`"))?;
        let traced = self.trace_entry(net, forward, None, span)?;
        let ty = self
            .result_type(traced)
            .ok_or_else(|| stop(Rule::NoLogits, span, "`forward` returns no tensor"))?;
        let classes = Dim::from(self.sizes.vocab);
        if ty.dtype == DType::Float && ty.shape == [Dim::symbol(Sym::Batch), classes.clone()] {
            return Ok(traced);
        }
        let message = format!(
            "`forward(images)` returns {}, and logits `[B, {classes}]` are wanted",
            shape_text(&ty.shape)
        );
        Err(stop(Rule::NoLogits, span, message))
    }

    /// The version of `forward` that `learn` uses, when it does not depend on the mode.
    fn traced_forward(&self, net: ModuleId, forward: FnId) -> Option<FunctionId> {
        let fits = self.state.specialisations.iter().find(|made| {
            let captions = made.params.get(2).map(|(_, pattern)| pattern);
            made.what == Traced::Function(forward)
                && made.home == net
                && made.mode.is_none()
                && matches!(captions, Some(Pattern::Tensor(..)))
                && matches!(made.result, Pattern::Tensor(..))
        })?;
        fits.traced
    }

    /// Traces `forward(images[, captions])` and gives the function whose result is one tensor.
    pub(super) fn trace_entry(
        &mut self,
        net: ModuleId,
        forward: FnId,
        captions: Option<usize>,
        span: Span,
    ) -> Eval<FunctionId> {
        let name = if captions.is_some() || self.sizes.task == Task::Classify {
            "logits"
        } else {
            "infer"
        };
        self.state
            .frames
            .push(Frame::new(name, Some(net), net, span));
        let result = self.call_forward(net, forward, captions, span);
        let frame = self.state.frames.pop();
        let (value, direct) = result?;
        if let Some(function) = direct {
            return Ok(function);
        }
        let mut frame = frame.ok_or_else(|| unsupported(span, "this `forward`"))?;
        if captions.is_none() && matches!(value, Value::Tuple(_)) {
            self.warn_tuple(forward);
        }
        // A tuple (or a parameter): the first part, taken by a function of its own.
        self.state.frames.push(frame);
        let first = match self.items(&value).and_then(|items| items.first().cloned()) {
            Some(first) => first,
            None => value,
        };
        let operand = self.operand(&first, "what `forward` returns", span);
        frame = self
            .state
            .frames
            .pop()
            .ok_or_else(|| unsupported(span, "this `forward`"))?;
        let mut function = frame.finish(crate::ir::Tree::Var(operand?.var));
        super::rewrite::drop_dead(&mut function);
        Ok(self.state.functions.push(function))
    }

    fn warn_tuple(&mut self, forward: FnId) {
        let place = self.state.fns[forward].span;
        let message = "`forward` returns a tuple where `captions` is None, and ids or scores alone are wanted";
        self.diags
            .warn(Rule::TupleAtInference, place, message)
            .help("return the ids or the scores, without a state");
    }

    /// Calls `forward` in the newest frame: its value, and the traced function when that gives just one tensor.
    fn call_forward(
        &mut self,
        net: ModuleId,
        forward: FnId,
        captions: Option<usize>,
        span: Span,
    ) -> Eval<(Value, Option<FunctionId>)> {
        let images = self.image_type();
        let mut args = vec![Value::Module(net), self.entry_param("images", images)];
        if let Some(rank) = captions {
            args.push(self.entry_param("captions", Self::caption_type(rank)));
        }
        let value = self.call_user(forward, Args::of(args), span)?;
        let called = self.frame().blocks.last().and_then(|block| {
            let mut stmts = block.iter().map(|(_, stmt)| stmt);
            match (stmts.next(), stmts.next()) {
                (
                    Some(Stmt::Let {
                        expr: Expr::Call { function, .. },
                        ..
                    }),
                    None,
                ) => Some(*function),
                _ => None,
            }
        });
        let direct = if matches!(value, Value::Tensor(_)) {
            called
        } else {
            None
        };
        Ok((value, direct))
    }

    /// The rows of the logits, when they are `[B, rows, V]`.
    fn check_logits(&self, function: FunctionId, span: Span) -> Eval<Dim> {
        let ty = self
            .result_type(function)
            .ok_or_else(|| stop(Rule::NoLogits, span, "`forward` returns no tensor"))?;
        let vocab = Dim::from(self.sizes.vocab);
        match (ty.dtype, ty.shape.as_slice()) {
            (DType::Float, [batch, rows, words])
                if *batch == Dim::symbol(Sym::Batch) && *words == vocab =>
            {
                Ok(rows.clone())
            }
            _ => {
                let message = format!(
                    "`forward(images, captions)` returns {}, and logits `[B, rows, {vocab}]` are wanted",
                    shape_text(&ty.shape)
                );
                Err(stop(Rule::NoLogits, span, message))
            }
        }
    }

    fn result_type(&self, function: FunctionId) -> Option<TensorType> {
        let function = &self.state.functions[function];
        let crate::ir::Tree::Var(var) = function.returns else {
            return None;
        };
        match &function.vars.get(var.index())?.ty {
            crate::ir::Type::Tensor(ty) => Some(ty.clone()),
            crate::ir::Type::List { .. } => None,
        }
    }

    /// The net's own decoding; a warning where it cannot be translated.
    fn trace_infer(&mut self, net: ModuleId, span: Span) -> Option<FunctionId> {
        let ModuleClass::User(class) = self.state.modules[net].class else {
            return None;
        };
        let forward = self.class_function(class, "forward")?;
        self.state.mode = Mode::Eval;
        let saved = self.state.clone();
        let traced = self
            .trace_entry(net, forward, None, span)
            .and_then(|function| {
                let ty = self.result_type(function);
                let vocab = Dim::from(self.sizes.vocab);
                match ty.as_ref().map(|ty| (ty.dtype, ty.shape.as_slice())) {
                    Some((DType::Int, [_, _])) => Ok(function),
                    Some((DType::Float, [_, _, words])) if *words == vocab => Ok(function),
                    _ => Err(stop(
                        Rule::NoInferencePath,
                        span,
                        "`forward(images)` gives neither ids `[B, L]` nor scores `[B, L, V]`",
                    )),
                }
            });
        match traced {
            Ok(function) => Some(function),
            Err(finding) => {
                self.state = saved;
                // Python itself would stop here, or gets something that is no caption.
                let is_absent =
                    finding.exception.is_some() || finding.rule == Rule::NoInferencePath;
                let (rule, what) = if is_absent {
                    (Rule::NoInferencePath, "the net has no decoding that works")
                } else {
                    (
                        Rule::InferNotTranslatable,
                        "the net's own decoding is not translated",
                    )
                };
                let message = format!("{what}, the library's takes its place: {}", finding.message);
                let warning = self.diags.warn(rule, finding.span, message);
                warning.help = finding.help;
                warning.cause = finding.cause;
                None
            }
        }
    }
}

fn of_json(json: &Json) -> Value {
    match json {
        Json::Null | Json::Object(_) => Value::None,
        Json::Bool(flag) => Value::Bool(*flag),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(int), _) => Value::Int(Dim::constant(int)),
            (None, Some(float)) => Value::Float(float),
            (None, None) => Value::None,
        },
        Json::String(text) => Value::str(text),
        Json::Array(items) => Value::tuple(items.iter().map(of_json).collect()),
    }
}
