//! A net that is like another one in all but a part or two.
use codegen::spec::NetSpec;

use super::draw::{self, Decoder};
use crate::llm::random::Random;

/// Parts that may be drawn anew.
const PARTS: [fn(&mut NetSpec, &mut Random); 7] = [
    |spec, random| spec.encoder.family = draw::family(random),
    |spec, random| spec.encoder.activation = draw::encoder(random).activation,
    |spec, random| spec.encoder.stages = draw::encoder(random).stages,
    |spec, random| {
        let gate = draw::gate(random);
        for stage in &mut spec.encoder.stages {
            stage.gate = gate;
        }
    },
    |spec, random| spec.memory = draw::memory(random),
    |spec, random| spec.decoder = draw::decoder(Some(Decoder::of_spec(&spec.decoder)), random),
    |spec, random| spec.recipe = draw::recipe(random),
];

/// The parent with one or two parts drawn anew, and with the decoder that is asked for.
pub(super) fn net(parent: NetSpec, asked: Option<Decoder>, random: &mut Random) -> NetSpec {
    let mut spec = parent;
    for _ in 0..random.one([1, 2]) {
        random.one(PARTS)(&mut spec, random);
    }
    if asked.is_some_and(|asked| asked != Decoder::of_spec(&spec.decoder)) {
        spec.decoder = draw::decoder(asked, random);
    }
    spec
}
