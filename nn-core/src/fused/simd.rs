//! The widest vector instructions of the machine, found at run time.

use pulp::{Arch, Simd, WithSimd};

/// Runs a kernel compiled for the machine's vector instructions. The kernel's loops are
/// vectorised for them only where everything they call is inlined.
pub(super) fn vectorised<K: WithSimd>(kernel: K) -> K::Output {
    Arch::new().dispatch(kernel)
}

/// 32-bit floats in one vector register.
pub(super) fn n_lanes() -> usize {
    vectorised(Lanes)
}

struct Lanes;

impl WithSimd for Lanes {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> usize {
        S::F32_LANES
    }
}

/// `factor * by + sum`, fused where the machine has an instruction for it.
#[inline(always)]
pub(super) fn multiply_add<S: Simd>(
    simd: S,
    factor: S::f32s,
    by: S::f32s,
    sum: S::f32s,
) -> S::f32s {
    if S::F32_LANES == 1 {
        simd.add_f32s(simd.mul_f32s(factor, by), sum)
    } else {
        simd.mul_add_f32s(factor, by, sum)
    }
}
