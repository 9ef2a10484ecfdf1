//! Elementwise operations.
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::emit::function::Printer;
use crate::emit::token;
use crate::ir::{Binary, DType, Dim, Scalar, Unary, VarId};

impl Printer<'_> {
    pub(super) fn unary(&mut self, unary: Unary, input: VarId) -> TokenStream {
        let x = self.operand(input);
        let imports = self.cx.imports;
        let call = |name: &'static str| {
            let name = imports.activation(name);
            quote!(#name(#x))
        };
        let of_core = |name: &str| {
            let (activation, name) = (imports.core("Activation"), format_ident!("{name}"));
            quote!(#activation::#name.forward(#x))
        };
        match unary {
            Unary::Relu => call("relu"),
            // The slopes of Burn's functions at the bends are not PyTorch's.
            Unary::Relu6 => of_core("Relu6"),
            Unary::Hardswish => of_core("HardSwish"),
            Unary::Hardsigmoid => of_core("HardSigmoid"),
            Unary::RootOfSquares => {
                let root = imports.core("root_of_squares");
                quote!(#root(#x))
            }
            Unary::Sigmoid => call("sigmoid"),
            Unary::Gelu => call("gelu"),
            Unary::GeluTanh => call("gelu_approximate"),
            Unary::Silu => call("silu"),
            Unary::Mish => call("mish"),
            Unary::Softplus => {
                let softplus = imports.activation("softplus");
                quote!(#softplus(#x, 1.0))
            }
            Unary::Tanh => quote!(#x.tanh()),
            Unary::Exp => quote!(#x.exp()),
            Unary::Log => quote!(#x.log()),
            Unary::Log1p => quote!(#x.log1p()),
            Unary::Sqrt => quote!(#x.sqrt()),
            Unary::Rsqrt => quote!(#x.sqrt().recip()),
            Unary::Square => quote!(#x.square()),
            Unary::Abs => quote!(#x.abs()),
            Unary::Sin => quote!(#x.sin()),
            Unary::Cos => quote!(#x.cos()),
            Unary::Sign => quote!(#x.sign()),
            Unary::Round => quote!(#x.round()),
            Unary::Floor => quote!(#x.floor()),
            Unary::Ceil => quote!(#x.ceil()),
            Unary::Erf => quote!(#x.erf()),
            Unary::Sinh => quote!(#x.sinh()),
            Unary::Cosh => quote!(#x.cosh()),
            Unary::Tan => quote!(#x.tan()),
            Unary::Atan => quote!(#x.atan()),
            Unary::Reciprocal => quote!(#x.recip()),
            Unary::Neg => quote!(-#x),
            Unary::Not => quote!(#x.bool_not()),
        }
    }

    /// An operand with axes of size 1 in front, up to `rank`.
    pub(super) fn aligned(&mut self, var: VarId, rank: usize) -> TokenStream {
        let own = self.rank(var).max(1);
        let tokens = self.operand(var);
        if own >= rank {
            return tokens;
        }
        let rank = token::size(rank);
        token::operand(quote!(#tokens.unsqueeze::<#rank>()))
    }

    pub(super) fn binary(&mut self, binary: Binary, left: VarId, right: VarId) -> TokenStream {
        let rank = self.rank(left).max(self.rank(right));
        let dtype = self.ty(left).dtype;
        let (a, b) = (self.aligned(left, rank), self.aligned(right, rank));
        let shared = |name: &'static str| {
            let name = self.cx.imports.core(name);
            quote!(#name(#a, #b))
        };
        match (binary, dtype) {
            (Binary::Add, DType::Bool) | (Binary::Or, _) => quote!(#a.bool_or(#b)),
            (Binary::Mul, DType::Bool) | (Binary::And, _) => quote!(#a.bool_and(#b)),
            (Binary::Add, _) => quote!(#a + #b),
            (Binary::Sub, _) => quote!(#a - #b),
            (Binary::Mul, _) => quote!(#a * #b),
            (Binary::Div, _) => quote!(#a / #b),
            (Binary::Pow, DType::Float) => quote!(#a.powf(#b)),
            (Binary::Pow, _) => quote!(#a.powi(#b)),
            (Binary::Maximum, DType::Float) => shared("maximum"),
            (Binary::Minimum, DType::Float) => shared("minimum"),
            (Binary::Maximum, _) => quote!(#a.max_pair(#b)),
            (Binary::Minimum, _) => quote!(#a.min_pair(#b)),
            (Binary::Equal, _) => quote!(#a.equal(#b)),
            (Binary::NotEqual, _) => quote!(#a.not_equal(#b)),
            (Binary::Less, _) => quote!(#a.lower(#b)),
            (Binary::LessEqual, _) => quote!(#a.lower_equal(#b)),
            (Binary::Greater, _) => quote!(#a.greater(#b)),
            (Binary::GreaterEqual, _) => quote!(#a.greater_equal(#b)),
        }
    }

    /// A number of the tensor's type.
    fn number(&mut self, scalar: &Scalar, dtype: DType) -> TokenStream {
        match dtype {
            DType::Float => self.float(scalar),
            DType::Int => self.integer(scalar),
            DType::Bool => {
                let is_true = is_true(scalar);
                quote!(#is_true)
            }
        }
    }

    pub(super) fn binary_scalar(
        &mut self,
        binary: Binary,
        scalar: &Scalar,
        left: VarId,
    ) -> TokenStream {
        let dtype = self.ty(left).dtype;
        let x = self.operand(left);
        if binary == Binary::Pow {
            return self.power(&x, scalar, dtype);
        }
        let (binary, scalar) = without_sign(binary, scalar);
        let n = self.number(&scalar, dtype);
        match binary {
            Binary::Add => quote!(#x + #n),
            Binary::Sub => quote!(#x - #n),
            Binary::Mul => quote!(#x * #n),
            Binary::Div => quote!(#x / #n),
            Binary::Maximum => quote!(#x.clamp_min(#n)),
            Binary::Minimum => quote!(#x.clamp_max(#n)),
            Binary::Equal => quote!(#x.equal_elem(#n)),
            Binary::NotEqual => quote!(#x.not_equal_elem(#n)),
            Binary::Less => quote!(#x.lower_elem(#n)),
            Binary::LessEqual => quote!(#x.lower_equal_elem(#n)),
            Binary::Greater => quote!(#x.greater_elem(#n)),
            Binary::GreaterEqual => quote!(#x.greater_equal_elem(#n)),
            Binary::And if is_true(&scalar) => x,
            Binary::Or if !is_true(&scalar) => x,
            Binary::And => quote!(#x.zeros_like()),
            Binary::Or => quote!(#x.ones_like()),
            Binary::Pow => x,
        }
    }

    fn power(&mut self, x: &TokenStream, scalar: &Scalar, dtype: DType) -> TokenStream {
        let whole = match scalar {
            Scalar::Float(value) if value.fract() == 0.0 && value.abs() < 64.0 => Some(*value),
            Scalar::Float(_) => None,
            Scalar::Int(dim) => dim.as_constant().map(|value| value as f64),
        };
        if whole == Some(2.0) {
            return quote!(#x.square());
        }
        if whole.is_some() || dtype != DType::Float {
            let exponent = self.integer(scalar);
            return quote!(#x.powi_scalar(#exponent));
        }
        let exponent = self.float(scalar);
        quote!(#x.powf_scalar(#exponent))
    }

    pub(super) fn scalar_binary(
        &mut self,
        scalar: &Scalar,
        binary: Binary,
        right: VarId,
    ) -> TokenStream {
        let mirrored = match binary {
            Binary::Less => Binary::Greater,
            Binary::LessEqual => Binary::GreaterEqual,
            Binary::Greater => Binary::Less,
            Binary::GreaterEqual => Binary::LessEqual,
            Binary::Sub | Binary::Div | Binary::Pow => {
                return self.scalar_first(scalar, binary, right);
            }
            symmetric => symmetric,
        };
        self.binary_scalar(mirrored, scalar, right)
    }

    fn scalar_first(&mut self, scalar: &Scalar, binary: Binary, right: VarId) -> TokenStream {
        let dtype = self.ty(right).dtype;
        let x = self.operand(right);
        let n = self.number(scalar, dtype);
        let is_one = matches!(scalar, Scalar::Float(value) if value.total_cmp(&1.0).is_eq())
            || matches!(scalar, Scalar::Int(dim) if dim.as_constant() == Some(1));
        match binary {
            // The suffix: several types of numbers can have a tensor subtracted.
            Binary::Sub if is_negative(scalar) => quote!(-#x + #n),
            Binary::Sub => {
                let n = token::suffixed(n, if dtype == DType::Float { "f64" } else { "i64" });
                quote!(#n - #x)
            }
            Binary::Div if dtype != DType::Float => quote!(#x.full_like(#n) / #x),
            Binary::Div if is_one => quote!(#x.recip()),
            Binary::Div => quote!(#x.recip() * #n),
            // base ** x = exp(x * ln(base))
            _ if dtype == DType::Float => quote!((#x * f64::ln(#n)).exp()),
            _ => quote!(#x.full_like(#n).powi(#x)),
        }
    }
}

fn is_negative(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Float(value) => *value < 0.0,
        Scalar::Int(dim) => dim.as_constant().is_some_and(|value| value < 0),
    }
}

fn is_true(scalar: &Scalar) -> bool {
    match scalar {
        Scalar::Float(value) => *value != 0.0,
        Scalar::Int(dim) => dim.as_constant() != Some(0),
    }
}

/// `x - 3` for `x + -3`, and the other way round.
fn without_sign(binary: Binary, scalar: &Scalar) -> (Binary, Scalar) {
    let opposite = match binary {
        Binary::Add => Binary::Sub,
        Binary::Sub => Binary::Add,
        other => return (other, scalar.clone()),
    };
    match scalar {
        Scalar::Float(value) if *value < 0.0 => (opposite, Scalar::Float(-value)),
        Scalar::Int(dim) => match dim
            .as_constant()
            .filter(|value| *value < 0)
            .and_then(i64::checked_neg)
        {
            Some(value) => (opposite, Scalar::Int(Dim::constant(value))),
            None => (binary, scalar.clone()),
        },
        Scalar::Float(_) => (binary, scalar.clone()),
    }
}
