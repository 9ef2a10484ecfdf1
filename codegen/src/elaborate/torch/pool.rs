//! Windows: the sizes that convolutions and pools leave.
use super::super::interp::{Eval, Interp, raised, stop};
use super::super::value::Value;
use crate::diagnostic::Span;
use crate::ir::Dim;
use crate::rules::Rule;

/// A window along one axis.
#[derive(Clone, Copy)]
pub(super) struct Window {
    pub(super) kernel: usize,
    pub(super) stride: usize,
    pub(super) padding: usize,
    pub(super) dilation: usize,
    pub(super) ceil_mode: bool,
}

impl Window {
    /// The window of each of two axes.
    pub(super) fn pair(
        kernel: [usize; 2],
        stride: [usize; 2],
        padding: [usize; 2],
        dilation: [usize; 2],
        ceil_mode: bool,
    ) -> [Self; 2] {
        let ([k0, k1], [s0, s1], [p0, p1], [d0, d1]) = (kernel, stride, padding, dilation);
        let of = |kernel, stride, padding, dilation| Self {
            kernel,
            stride,
            padding,
            dilation,
            ceil_mode,
        };
        [of(k0, s0, p0, d0), of(k1, s1, p1, d1)]
    }

    /// PyTorch's formula; nothing where no window fits.
    fn output(self, size: usize) -> Option<usize> {
        let reach = self.dilation * self.kernel.checked_sub(1)? + 1;
        let room = (size + 2 * self.padding).checked_sub(reach)?;
        if !self.ceil_mode {
            return Some(room.checked_div(self.stride)? + 1);
        }
        let mut output = (room + self.stride.checked_sub(1)?).checked_div(self.stride)? + 1;
        // A last window that starts in the padding is not counted.
        if (output - 1) * self.stride >= size + self.padding {
            output -= 1;
        }
        Some(output)
    }
}

impl Interp<'_, '_> {
    /// The size of an axis after a window went over it.
    pub(super) fn windowed(&self, size: &Dim, window: Window, span: Span) -> Eval<Dim> {
        let Some(known) = size
            .as_constant()
            .and_then(|size| usize::try_from(size).ok())
        else {
            return Err(stop(
                Rule::UndecidableDim,
                span,
                format!("a window over `{size}` elements"),
            ));
        };
        window.output(known).map(Dim::from).ok_or_else(|| {
            let kernel = window.kernel;
            let message = format!(
                "a window of {kernel} does not fit into {known} elements with padding {}",
                window.padding
            );
            stop(Rule::ShapeMismatch, span, message).raises("RuntimeError")
        })
    }

    /// Two sizes from a number or a pair of numbers.
    pub(super) fn pair(&mut self, value: &Value, what: &str, span: Span) -> Eval<[usize; 2]> {
        let Some(items) = self.items(value) else {
            let size = self.known_size(value, what, span)?;
            return Ok([size, size]);
        };
        match items.as_slice() {
            [first, second] => Ok([
                self.known_size(first, what, span)?,
                self.known_size(second, what, span)?,
            ]),
            [only] => self.pair(&only.clone(), what, span),
            _ => Err(raised(
                "ValueError",
                span,
                format!("{what} has {} numbers, and 2 are wanted", items.len()),
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn window(kernel: usize, stride: usize, padding: usize, ceil_mode: bool) -> Window {
        Window {
            kernel,
            stride,
            padding,
            dilation: 1,
            ceil_mode,
        }
    }

    #[test]
    fn sizes_follow_pytorch() {
        assert_eq!(window(7, 2, 3, false).output(224), Some(112));
        assert_eq!(window(3, 2, 1, false).output(32), Some(16));
        assert_eq!(window(3, 2, 0, true).output(6), Some(3));
        // The third window would start in the padding.
        assert_eq!(window(2, 2, 1, true).output(3), Some(2));
        assert_eq!(window(9, 1, 0, false).output(4), None);
        assert_eq!(window(0, 1, 0, false).output(4), None);
    }
}
