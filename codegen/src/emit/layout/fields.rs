//! Names of the fields.
use super::{Layout, Tied};
use crate::emit::ident;
use crate::ir::{Layer, Member, ModuleId, ModuleKind, ParamId, Program};

impl Layout {
    pub(super) fn add_module(&mut self, program: &Program, module: ModuleId) {
        match &program[module].kind {
            ModuleKind::Struct { class, members } => {
                for member in members {
                    match member {
                        Member::Module(child) => {
                            let base = base_name(program, *child, class == "Sequential");
                            let name = self.take(module, &base);
                            self.fields.insert(*child, name);
                        }
                        Member::Param(param) => self.add_param(program, module, *param),
                    }
                }
            }
            ModuleKind::List(items) => {
                let list = self
                    .fields
                    .get(&module)
                    .cloned()
                    .unwrap_or_else(|| "layers".to_owned());
                for item in items {
                    self.fields.insert(*item, list.clone());
                }
            }
            ModuleKind::Layer { params, .. } => self.add_layer(program, module, params),
        }
    }

    fn add_param(&mut self, program: &Program, module: ModuleId, param: ParamId) {
        if program[param].owner == module {
            let name = self.take(module, &ident::field(&program[param].field));
            self.params.insert(param, name);
        }
    }

    /// A layer that does not own all its parameters becomes a method; what it owns becomes fields of the struct around.
    fn add_layer(&mut self, program: &Program, module: ModuleId, params: &[ParamId]) {
        if params.iter().all(|param| program[*param].owner == module) {
            return;
        }
        let holder = Layout::holder(program, module);
        let name = self
            .fields
            .remove(&module)
            .unwrap_or_else(|| "layer".to_owned());
        let is_item = program[module].parent != Some(holder);
        let index = program[module].name.as_str();
        let name = if is_item {
            self.take(holder, &format!("{name}_{}", ident::field(index)))
        } else {
            name
        };
        for param in params
            .iter()
            .filter(|param| program[**param].owner == module)
        {
            let own = self.take(
                holder,
                &format!("{name}_{}", ident::field(&program[*param].field)),
            );
            self.params.insert(*param, own);
        }
        self.tied.insert(
            module,
            Tied {
                name,
                ranks: std::collections::BTreeSet::new(),
            },
        );
    }

    pub(super) fn add_dropout(&mut self, module: ModuleId, prob: f64) {
        if self.dropout(module, prob).is_none() {
            let name = self.take(module, "dropout");
            self.dropouts.entry(module).or_default().push((prob, name));
        }
    }

    /// A name that is free in a struct; now it is not.
    fn take(&mut self, module: ModuleId, base: &str) -> String {
        let taken = self.taken.entry(module).or_default();
        let name = ident::unique(base, taken);
        taken.insert(name.clone());
        name
    }
}

/// The attribute's name; in an `nn.Sequential`, where that is a number, with the layer's name in front.
fn base_name(program: &Program, module: ModuleId, in_sequential: bool) -> String {
    let name = &program[module].name;
    if !in_sequential || !name.chars().all(|c| c.is_ascii_digit()) {
        return ident::field(name);
    }
    let kind = match &program[module].kind {
        ModuleKind::Struct { class, .. } => ident::field(class),
        ModuleKind::List(_) => "list".to_owned(),
        ModuleKind::Layer { layer, .. } => layer_name(layer).to_owned(),
    };
    format!("{kind}_{name}")
}

fn layer_name(layer: &Layer) -> &'static str {
    match layer {
        Layer::Conv2d { .. } => "conv2d",
        Layer::Linear { .. } => "linear",
        Layer::BatchNorm { .. } => "batch_norm",
        Layer::LayerNorm { .. } => "layer_norm",
        Layer::Embedding { .. } => "embedding",
        Layer::Lstm(_) => "lstm",
        Layer::Gru(_) => "gru",
        Layer::LstmCell(_) => "lstm_cell",
        Layer::GruCell(_) => "gru_cell",
        Layer::MultiheadAttention(_) => "multihead_attention",
        Layer::TransformerEncoderLayer(_) => "encoder_layer",
        Layer::TransformerDecoderLayer(_) => "decoder_layer",
        Layer::TransformerEncoder(_) => "encoder",
        Layer::TransformerDecoder(_) => "decoder",
        Layer::MaxPool2d { .. } => "max_pool2d",
        Layer::AvgPool2d { .. } => "avg_pool2d",
        Layer::AdaptiveAvgPool2d { .. } => "adaptive_avg_pool2d",
        Layer::AdaptiveMaxPool2d { .. } => "adaptive_max_pool2d",
        Layer::Dropout { .. } => "dropout",
    }
}
