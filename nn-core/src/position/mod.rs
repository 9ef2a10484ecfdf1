//! Where a vector stands: what attention, which sees a set, must be told.

mod learned;
mod sinusoidal;
mod sinusoidal_2d;

pub use learned::{LearnedPosition, LearnedPositionConfig};
pub use sinusoidal::{SinusoidalPosition, SinusoidalPositionConfig};
pub use sinusoidal_2d::{SinusoidalPosition2d, SinusoidalPosition2dConfig};
