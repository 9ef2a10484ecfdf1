//! One function of the Program as one Rust method.
mod attention;
mod bind;
mod block;
mod body;
mod carry;
mod dead;
mod fold;
mod inline;
mod pack;
mod printer;
mod shown;
mod signature;
mod sizes;
mod states;
mod trace;
mod value;

pub(super) use body::{Body, SlotType};
pub(super) use printer::Printer;
pub(super) use shown::docs;
pub(super) use signature::{Printed, Style, print};
