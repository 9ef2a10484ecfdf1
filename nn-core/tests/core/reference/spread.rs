//! How the parameters of a module are spread, against rules for each of them.
//!
//! Tests share the device's generator, so no seed fixes the values. Limits lie six standard
//! deviations out, and widen as a parameter has fewer values.

use burn::module::{Module, ModuleVisitor, Param};
use burn::tensor::Tensor;
use nn_core::StatePath;

use crate::wave::values;

/// Where the values of a parameter come from.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spread {
    /// All values from minus this to this, each as often.
    Uniform(f64),
    /// Around 0, with this deviation.
    Normal(f64),
    /// This value.
    Constant(f64),
}

/// The type of a module, a path of fields in it, and what lies there.
pub(super) type Rule = (&'static str, &'static str, fn(&Place<'_>) -> Spread);

/// A parameter and where it lies.
struct Leaf {
    name: String,
    /// Names of fields and the types of what holds them, from the root.
    path: Vec<(String, String)>,
    torch_shape: Vec<usize>,
    values: Vec<f32>,
}

/// A parameter among those beside it.
pub(super) struct Place<'a> {
    leaf: &'a Leaf,
    leaves: &'a [Leaf],
}

impl Place<'_> {
    /// PyTorch's shape of this parameter.
    pub(super) fn shape(&self) -> &[usize] {
        &self.leaf.torch_shape
    }

    /// PyTorch's shape of the `field` in the same module.
    pub(super) fn shape_of(&self, field: &str) -> &[usize] {
        let (_, holder) = self.leaf.path.split_last().unwrap();
        let beside = |leaf: &&Leaf| {
            let (last, path) = leaf.path.split_last().unwrap();
            path == holder && last.0 == field
        };
        let leaf = self.leaves.iter().find(beside).unwrap();
        &leaf.torch_shape
    }
}

/// Inputs that meet in one output: `torch.nn.init`'s `fan_in`.
pub(super) fn fan_in(torch_shape: &[usize]) -> f64 {
    torch_shape[1..].iter().product::<usize>() as f64
}

/// Outputs that one input reaches: `torch.nn.init`'s `fan_out`.
pub(super) fn fan_out(torch_shape: &[usize]) -> f64 {
    (torch_shape[0] * torch_shape[2..].iter().product::<usize>()) as f64
}

/// Compares every parameter with the first rule for it. One without a rule fails.
#[track_caller]
pub(super) fn check<M: Module>(module: &M, rules: &[&[Rule]]) {
    let leaves = leaves(module);
    assert!(!leaves.is_empty(), "no parameters");
    let failures: Vec<_> = leaves
        .iter()
        .filter_map(|leaf| {
            let (_, _, spread) = rules
                .iter()
                .copied()
                .flatten()
                .find(|(owner, field, _)| leaf.is(owner, field))
                .unwrap_or_else(|| panic!("no rule for {}: {:?}", leaf.name, leaf.path));
            let leaves = &leaves;
            let spread = spread(&Place { leaf, leaves });
            let differs = spread.differs(&leaf.values)?;
            Some(format!("{}: {differs}, expected {spread:?}", leaf.name))
        })
        .collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The values of the parameter of that name in PyTorch.
#[track_caller]
pub(super) fn parameter<M: Module>(module: &M, name: &str) -> Vec<f32> {
    let mut leaves = leaves(module).into_iter();
    let leaf = leaves.find(|leaf| leaf.name == name);
    leaf.unwrap_or_else(|| panic!("there is no {name}")).values
}

fn leaves<M: Module>(module: &M) -> Vec<Leaf> {
    let mut leaves = Leaves::default();
    module.visit(&mut leaves);
    leaves.met
}

impl Leaf {
    /// Whether it lies at `field`, a path, in an `owner`.
    fn is(&self, owner: &str, field: &str) -> bool {
        let n_fields = field.split('.').count();
        let Some(first) = self.path.len().checked_sub(n_fields) else {
            return false;
        };
        let names = self.path[first..].iter().map(|(name, _)| &**name);
        self.path[first].1 == owner && names.eq(field.split('.'))
    }
}

impl Spread {
    /// How values differ from this.
    pub(super) fn differs(self, values: &[f32]) -> Option<String> {
        let (deviation, kurtosis) = match self {
            Self::Constant(expected) => {
                let same = |value: &&f32| (f64::from(**value) / expected - 1.0).abs() < 1e-6;
                let same = |value: &&f32| **value == 0.0 && expected == 0.0 || same(value);
                let other = values.iter().find(|value| !same(value));
                return other.map(|other| format!("value {other}"));
            }
            Self::Uniform(bound) => (bound / 3.0_f64.sqrt(), 1.8),
            Self::Normal(deviation) => (deviation, 3.0),
        };
        let count = values.len() as f64;
        let (mut sum, mut squares, mut largest) = (0.0, 0.0, 0.0_f64);
        for value in values.iter().map(|value| f64::from(*value)) {
            sum += value;
            squares += value * value;
            largest = largest.max(value.abs());
        }
        let mean = sum / count;
        if mean.abs() > 6.0 * deviation / count.sqrt() {
            return Some(format!("mean {mean}"));
        }
        let found = (squares / count).sqrt();
        // The variance of a variance follows from the kurtosis.
        let limit = 6.0 * ((kurtosis - 1.0) / count).sqrt();
        if ((found / deviation).powi(2) - 1.0).abs() > limit {
            return Some(format!("deviation {found}"));
        }
        let (least, most) = self.largest(count);
        let outside = largest < least || largest > most;
        outside.then(|| format!("largest value {largest}, not in {least}..={most}"))
    }

    /// Between which limits the largest absolute value of so many lies.
    fn largest(self, count: f64) -> (f64, f64) {
        /// The logarithm of the chance that a limit errs.
        const CHANCE: f64 = -20.0;
        match self {
            Self::Uniform(bound) => (bound * (CHANCE / count).exp(), bound * (1.0 + 1e-6)),
            // One in 14 lies beyond 1.8 deviations; of even values with this deviation, none.
            Self::Normal(deviation) if CHANCE / count > (1.0 - 0.0719_f64).ln() => {
                (1.8 * deviation, f64::INFINITY)
            }
            Self::Normal(_) | Self::Constant(_) => (0.0, f64::INFINITY),
        }
    }
}

#[derive(Default)]
struct Leaves {
    state_path: StatePath,
    path: Vec<(String, String)>,
    met: Vec<Leaf>,
}

impl ModuleVisitor for Leaves {
    fn enter_module(&mut self, name: &str, container: &str) {
        self.state_path.enter(name, container);
        let container = container.strip_prefix("Struct:").unwrap_or(container);
        self.path.push((name.to_owned(), container.to_owned()));
    }

    fn exit_module(&mut self, _: &str, _: &str) {
        self.state_path.exit();
        self.path.pop();
    }

    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = values(&param.val());
        let torch_shape = self.state_path.torch_shape(&param.lazy_shape());
        self.met.push(Leaf {
            name: self.state_path.name(),
            path: self.path.clone(),
            torch_shape,
            values,
        });
    }
}

/// The check itself tells distributions apart.
#[test]
fn spreads_differ() {
    let even: Vec<f32> = (0_u16..400)
        .map(|i| f32::from(i) / 200.0 - 0.9975)
        .collect();
    assert_eq!(Spread::Uniform(1.0).differs(&even), None);
    let shifted: Vec<f32> = even.iter().map(|x| x + 0.25).collect();
    let normal = Spread::Normal(3.0_f64.sqrt().recip());
    for (spread, values, text) in [
        (Spread::Uniform(0.99), &even, "largest value"),
        (Spread::Uniform(0.7), &even, "deviation"),
        (Spread::Uniform(1.4), &even, "deviation"),
        (Spread::Uniform(1.0), &shifted, "mean"),
        (normal, &even, "largest value"),
        (Spread::Constant(1.0), &even, "value"),
    ] {
        let differs = spread.differs(values).unwrap();
        assert!(differs.starts_with(text), "{spread:?}: {differs}");
    }
}
