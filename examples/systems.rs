//! Every ready system after the same few epochs on drawn scenes, beside the best constant caption and a person.
//!
//! `cargo run --release --example systems -- 512 6` trains each on 512 scenes for 6 epochs; after these two numbers come the
//! names of systems, where not all are wanted. BLEU-4 is that of protocol `coco`, its interval the bootstrap's of 95 %.
use std::error::Error;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Instant;

use nn_caption::caption_models::data::{DataSet, DataSpec, Loader, LoaderConfig, Order, Split};
use nn_caption::caption_models::device;
use nn_caption::caption_models::evaluate::{Measured, ProtocolScores, generate, score};
use nn_caption::caption_models::harness::{CaptionNet, ScoreOptions};
use nn_caption::caption_models::system::{SYSTEMS, SystemEntry};
use nn_caption::caption_models::train::Trainer;
use nn_caption::caption_models::vocab::Vocab;

const USAGE: &str = "usage: systems SCENES EPOCHS [NAME..]";
const IMAGE: [usize; 3] = [3, 64, 64];
const BATCH: usize = 16;
const SEED: u64 = 0;

/// The data, the same for all systems.
struct Task {
    train: Loader,
    validation: Loader,
    vocab: Vocab,
    epochs: usize,
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [scenes, epochs, names @ ..] = arguments.as_slice() else {
        return Err(USAGE.into());
    };
    let task = Task::new(&format!("scenes:{scenes}").parse()?, epochs.parse()?)?;
    let mut out = io::stdout();
    writeln!(out, "{}", task.title())?;
    let wanted =
        |entry: &&SystemEntry| names.is_empty() || names.iter().any(|name| name == entry.name);
    let mut last = None;
    for entry in SYSTEMS.iter().filter(wanted) {
        let begin = Instant::now();
        let (parameters, loss, scores) = task.train(entry)?;
        writeln!(
            out,
            "{:24} {:>6.1} M  loss {loss:.3}  {}  under other pictures {:.3}  {:>5.0} s",
            entry.name,
            parameters as f64 / 1e6,
            bleu4(&scores.net),
            scores.shuffled.bleu[3].score,
            begin.elapsed().as_secs_f64()
        )?;
        last = Some(scores);
    }
    let scores = last.ok_or("no system is called so; `nn-caption models` lists them")?;
    if let Some(constant) = scores.constant {
        writeln!(
            out,
            "{:45}{}",
            "best constant caption",
            bleu4(&constant.score)
        )?;
    }
    if let Some(human) = scores.human {
        writeln!(
            out,
            "{:45}{}",
            "one person against the others",
            bleu4(&human)
        )?;
    }
    Ok(())
}

fn bleu4(measured: &Measured) -> String {
    let bleu = &measured.bleu[3];
    format!(
        "BLEU-4 {:.3} [{:.3}, {:.3}]",
        bleu.score, bleu.low, bleu.high
    )
}

impl Task {
    fn new(data: &DataSpec, epochs: usize) -> Result<Self, Box<dyn Error>> {
        let train: Arc<dyn DataSet> = data.open(Split::Train)?;
        let captions = train.items().iter().flat_map(|item| &item.captions);
        let vocab = Vocab::build(captions, 1);
        let config = LoaderConfig::new(BATCH, IMAGE);
        let shuffled = config.clone().with_order(Order::Shuffled { seed: SEED });
        Ok(Self {
            train: Loader::new(train, &vocab, shuffled)?,
            validation: Loader::new(data.open(Split::Validation)?, &vocab, config)?,
            vocab,
            epochs,
        })
    }

    fn title(&self) -> String {
        let n_images = |loader: &Loader| loader.data().items().len();
        format!(
            "{} epochs on {} scenes, scored on {} others",
            self.epochs,
            n_images(&self.train),
            n_images(&self.validation)
        )
    }

    /// Number of parameters, loss of the last epoch, scores.
    fn train(&self, entry: &SystemEntry) -> Result<(usize, f64, ProtocolScores), Box<dyn Error>> {
        let device = device::open("cpu")?;
        let config = entry.config(self.vocab.len());
        let mut net = config.build(IMAGE, &device, SEED)?;
        let mut trainer = Trainer::new(net.as_ref(), SEED, None);
        let mut loss = f64::NAN;
        for epoch in 1..=self.epochs {
            loss = trainer
                .epoch(net.as_mut(), &self.train, epoch, &mut |_| {})?
                .loss;
        }
        Ok((n_parameters(net.as_ref()), loss, self.score(net.as_ref())?))
    }

    fn score(&self, net: &dyn CaptionNet) -> Result<ProtocolScores, Box<dyn Error>> {
        let options = ScoreOptions::default();
        let generated = generate(
            net,
            &self.validation,
            &self.vocab,
            usize::MAX,
            &options.decode,
        )?;
        let references = generated.references(&self.validation, &self.vocab);
        let train = self.train.data().as_ref();
        Ok(score(&generated, &references, train, &self.vocab, &options)?.coco)
    }
}

fn n_parameters(net: &dyn CaptionNet) -> usize {
    let mut n_parameters = 0;
    net.for_each_param(&mut |param| {
        let n_values: usize = param.dims.iter().product();
        n_parameters += n_values * usize::from(param.entry.kind.is_parameter());
    });
    n_parameters
}
