//! `math`.
use super::call::Args;
use super::interp::{Eval, Interp, raised, unsupported};
use super::value::Value;
use crate::diagnostic::Span;

impl Interp<'_, '_> {
    /// `math`.
    pub(super) fn call_math(&mut self, name: &str, args: &Args, span: Span) -> Eval<Value> {
        if name == "prod" {
            let items = args
                .positional
                .first()
                .map_or(Ok(Vec::new()), |arg| self.iterate(arg, span))?;
            return items.iter().try_fold(Value::int(1), |product, item| {
                self.binary(ruff_python_ast::Operator::Mult, &product, item, span)
            });
        }
        let mut numbers = Vec::with_capacity(args.positional.len());
        for arg in &args.positional {
            if matches!(arg, Value::Unknown) {
                return Ok(Value::Unknown);
            }
            numbers.push(self.known_float(arg, &format!("the argument of `math.{name}`"), span)?);
        }
        let value = match (name, numbers.as_slice()) {
            ("sqrt" | "log" | "log2" | "log10", [x])
                if *x < 0.0 || (*x == 0.0 && name != "sqrt") =>
            {
                return Err(raised("ValueError", span, format!("`math.{name}` of {x}")));
            }
            ("sqrt", [x]) => x.sqrt(),
            ("log", [x]) => x.ln(),
            ("log", [x, base]) => x.ln() / base.ln(),
            ("log2", [x]) => x.log2(),
            ("log10", [x]) => x.log10(),
            ("exp", [x]) => x.exp(),
            ("sin", [x]) => x.sin(),
            ("cos", [x]) => x.cos(),
            ("tanh", [x]) => x.tanh(),
            ("fabs", [x]) => x.abs(),
            ("pow", [x, y]) => x.powf(*y),
            ("floor", [x]) => return self.to_int(&Value::Float(x.floor()), span),
            ("ceil", [x]) => return self.to_int(&Value::Float(x.ceil()), span),
            ("gcd", [x, y]) => {
                let (mut a, mut b) = (x.abs(), y.abs());
                while b > 0.0 {
                    (a, b) = (b, a % b);
                }
                return self.to_int(&Value::Float(a), span);
            }
            ("isnan", [x]) => return Ok(Value::Bool(x.is_nan())),
            ("isinf", [x]) => return Ok(Value::Bool(x.is_infinite())),
            _ => {
                return Err(unsupported(
                    span,
                    format!("`math.{name}` with these arguments"),
                ));
            }
        };
        Ok(Value::Float(value))
    }
}
