//! One function of the Program as one Rust method.
mod bind;
mod block;
mod body;
mod carry;
mod dead;
mod fold;
mod inline;
mod pack;
mod printer;
mod signature;
mod sizes;
mod trace;
mod value;

pub(super) use body::{Body, SlotType};
pub(super) use printer::Printer;
pub(super) use signature::{Printed, Style, docs, print};
