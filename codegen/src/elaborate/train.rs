//! The recipe: `train_setup` and `learn` run on one batch that stands for all, and what they did to the optimizer read off.
use super::call::Args;
use super::frame::Frame;
use super::interp::{Eval, Event, Interp, Mode, raised, stop, unsupported};
use super::tensor::tensor_type;
use super::value::{FnId, Group, Object, ObjectId, Value};
use crate::diagnostic::{Cause, Span};
use crate::ir::{
    DType, Dim, FunctionId, FunctionParam, ModuleId, Optimizer, ParamGroup, ParamId, Recipe, Sym,
    Task, Tree, Type,
};
use crate::rules::Rule;

impl Interp<'_, '_> {
    /// `images [B, C, H, W]`
    pub(super) fn image_type(&self) -> crate::ir::TensorType {
        let [channels, height, width] = self.sizes.image;
        let shape = vec![
            Dim::symbol(Sym::Batch),
            channels.into(),
            height.into(),
            width.into(),
        ];
        tensor_type(DType::Float, shape)
    }

    /// Captions `[B, T]` or, of all captions of an image, `[B, N, T]`.
    pub(super) fn caption_type(rank: usize) -> crate::ir::TensorType {
        let mut shape = vec![Dim::symbol(Sym::Batch), Dim::symbol(Sym::Length)];
        if rank == 3 {
            shape.insert(1, Dim::symbol(Sym::Captions));
        }
        tensor_type(DType::Int, shape)
    }

    /// A parameter of the function that is traced from scratch.
    pub(super) fn entry_param(&mut self, name: &str, ty: crate::ir::TensorType) -> Value {
        let frame = self.frame();
        let var = frame.var(Type::Tensor(ty.clone()));
        frame.name_var(var, name);
        frame.params.push(FunctionParam {
            name: name.to_owned(),
            tree: Tree::Var(var),
        });
        self.new_cell(var, ty)
    }

    /// The batch that `learn` is given: `images` and captions or labels, both made parameters of the loss.
    pub(super) fn abstract_batch(&mut self, span: Span) -> Eval<Value> {
        let has_batch = self
            .state
            .frames
            .last()
            .is_some_and(|frame| !frame.params.is_empty());
        if has_batch || self.state.frames.len() != 1 {
            return Err(stop(
                Rule::LearnNotUnderstood,
                span,
                "`learn` goes through its batches more than once, or not itself",
            ));
        }
        let images = self.image_type();
        let images = self.entry_param("images", images);
        let (name, targets) = match self.sizes.task {
            Task::Caption => ("captions", Self::caption_type(3)),
            Task::Classify => (
                "labels",
                tensor_type(DType::Int, vec![Dim::symbol(Sym::Batch)]),
            ),
        };
        let targets = self.entry_param(name, targets);
        Ok(Value::tuple(vec![images, targets]))
    }

    /// Runs `learn` and gives the loss as a function of the Program.
    pub(super) fn trace_loss(
        &mut self,
        net: ModuleId,
        learn: FnId,
        span: Span,
    ) -> Eval<FunctionId> {
        self.state.mode = Mode::Train;
        self.state
            .frames
            .push(Frame::new("loss", Some(net), net, span));
        let loader = self.object(Object::Loader);
        self.call_inline(learn, Args::of(vec![Value::Module(net), loader]), span)?;
        let backwards: Vec<(crate::ir::VarId, usize, Span)> = self
            .state
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Backward { var, level, span } => Some((*var, *level, *span)),
                _ => None,
            })
            .collect();
        let frame = self
            .state
            .frames
            .pop()
            .ok_or_else(|| unsupported(span, "this `learn`"))?;
        let loss = match backwards.as_slice() {
            [(loss, 1, _)] => *loss,
            [] => {
                return Err(stop(
                    Rule::MissingStep,
                    span,
                    "`learn` never calls `backward`",
                ));
            }
            [(_, _, place)] => {
                return Err(stop(
                    Rule::LearnNotUnderstood,
                    *place,
                    "`backward` is called in a method that `learn` calls",
                ));
            }
            [_, (_, _, second), ..] => {
                return Err(stop(
                    Rule::LearnNotUnderstood,
                    *second,
                    "`learn` calls `backward` more than once a batch",
                ));
            }
        };
        let mut function = frame.finish(Tree::Var(loss));
        super::rewrite::drop_dead(&mut function);
        Ok(self.state.functions.push(function))
    }

    /// The recipe that the recorded events make.
    pub(super) fn recipe(&mut self, net: ModuleId, span: Span) -> Eval<Recipe> {
        let events = self.state.events.clone();
        let after = events
            .iter()
            .skip_while(|event| !matches!(event, Event::Backward { .. }));
        let mut clip_norm = None;
        let mut stepped = None;
        for event in after {
            match event {
                Event::Clip { limit, span } => {
                    if stepped.is_some() || clip_norm.replace(*limit).is_some() {
                        return Err(stop(
                            Rule::LearnNotUnderstood,
                            *span,
                            "gradients are clipped after the step, or twice",
                        ));
                    }
                }
                Event::Step { optimizer, span } => {
                    if stepped.replace(*optimizer).is_some() {
                        return Err(stop(
                            Rule::LearnNotUnderstood,
                            *span,
                            "more than one step of an optimizer a batch",
                        ));
                    }
                }
                Event::Backward { .. } | Event::ZeroGrad => {}
            }
        }
        let optimizer = stepped.ok_or_else(|| {
            stop(
                Rule::MissingStep,
                span,
                "`learn` never calls `optimizer.step()`",
            )
        })?;
        if !events.contains(&Event::ZeroGrad) {
            return Err(stop(
                Rule::MissingStep,
                span,
                "`learn` never calls `zero_grad()`: gradients would add up over batches",
            ));
        }
        let Object::Optimizer { class, groups } = self.state.objects[optimizer].clone() else {
            return Err(unsupported(span, "this optimizer"));
        };
        let groups: Vec<ParamGroup> = groups
            .iter()
            .map(|group| self.param_group(net, class, group))
            .collect();
        Ok(Recipe { groups, clip_norm })
    }

    fn param_group(&self, net: ModuleId, class: &str, group: &Group) -> ParamGroup {
        let number = |name: &str| {
            group
                .numbers
                .iter()
                .find(|(key, _)| *key == name)
                .map_or(0.0, |(_, value)| *value)
        };
        let (lr, weight_decay) = (number("lr"), number("weight_decay"));
        let (betas, eps) = ([number("beta1"), number("beta2")], number("eps"));
        let optimizer = match class {
            "SGD" => Optimizer::Sgd {
                lr,
                momentum: number("momentum"),
                dampening: number("dampening"),
                weight_decay,
                nesterov: number("nesterov") != 0.0,
            },
            "Adam" => Optimizer::Adam {
                lr,
                betas,
                eps,
                weight_decay,
            },
            _ => Optimizer::AdamW {
                lr,
                betas,
                eps,
                weight_decay,
            },
        };
        let all: Vec<(String, ParamId)> = self.parameters_of(net);
        let trainable = all
            .iter()
            .filter(|(_, id)| self.state.params[*id].trainable);
        let names: Vec<String> = match &group.params {
            Some(ids) => trainable
                .clone()
                .filter(|(_, id)| ids.contains(id))
                .map(|(name, _)| name.clone())
                .collect(),
            None => Vec::new(),
        };
        let is_all = group.params.is_none() || names.len() == trainable.count();
        ParamGroup {
            params: (!is_all).then_some(names),
            optimizer,
        }
    }

    /// `optimizer.step()` and the like.
    pub(super) fn optimizer_method(
        &mut self,
        id: ObjectId,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        match name {
            "zero_grad" => self.state.events.push(Event::ZeroGrad),
            "step" if args.positional.is_empty() => self.state.events.push(Event::Step {
                optimizer: id,
                span,
            }),
            _ => {
                return Err(stop(
                    Rule::LearnNotUnderstood,
                    span,
                    format!("`optimizer.{name}`"),
                ));
            }
        }
        Ok(Value::None)
    }

    /// Schedulers and gradient scalers: without effect here, but for `scaler.step(optimizer)`.
    pub(super) fn inert_method(
        &mut self,
        what: &str,
        name: &str,
        args: &Args,
        span: Span,
    ) -> Eval<Value> {
        match (name, args.positional.first()) {
            ("scale", Some(loss)) => Ok(loss.clone()),
            ("step", Some(Value::Object(optimizer))) => {
                self.state.events.push(Event::Step {
                    optimizer: *optimizer,
                    span,
                });
                Ok(Value::None)
            }
            ("step" | "update" | "unscale_" | "state_dict", _) => {
                self.note_dropped(span, &format!("`{name}` of {what}"));
                Ok(Value::None)
            }
            _ => Err(raised(
                "AttributeError",
                span,
                format!("{what} has no `{name}`"),
            )),
        }
    }

    /// `prm['name']` of a name that nobody gave.
    pub(super) fn no_hyperparameter(&self, name: &str, span: Span) -> Box<super::interp::Stop> {
        let given = self.prm.map(|id| &self.state.dicts[id]);
        let given: Vec<String> = given
            .into_iter()
            .flatten()
            .map(|(key, _)| format!("`{}`", self.to_str(key)))
            .collect();
        let message = format!("`prm` has no `{name}`; given are {}", given.join(", "));
        raised("KeyError", span, message)
            .help(format!(
                "write the number itself, or `prm.get('{name}', number)`"
            ))
            .because(Cause::NoHyperparameter {
                name: name.to_owned(),
            })
    }

    /// Remembers that a hyper-parameter is used.
    pub(super) fn note_prm(&mut self, key: &Value, span: Span) {
        if let Value::Str(name) = key {
            self.prm_reads.entry(name.to_string()).or_insert(span);
        }
    }
}
