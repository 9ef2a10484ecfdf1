//! `search`: a language model writes nets; those that pass are trained, scored and ranked.
use std::collections::BTreeMap;
use std::path::PathBuf;

use nn_caption::caption_models::data::DataSpec;
use nn_caption::caption_models::device;
use nn_caption::caption_models::limits::Limits;
use nn_caption::llm::{self, LlmError, Provider};
use nn_caption::search::prompt::Pool;
use nn_caption::search::{Budget, Halving, Search, SearchError, SearchPlan};
use nn_caption::store::{SearchRecord, Store, StoreError};
use nn_caption::view::View;
use serde_json::Value;

use super::asking::Asking;
use super::dry_run;
use super::exit::{Answer, Exit, Failure};
use super::input::{parse_count, parse_image, parse_prm};
use super::limits::{self, parse_time};
use super::search_end::{last_will, show, stopped};
use super::server;
use super::terminal::Terminal;
use super::tokenizer::Tokenizer;

const EXAMPLES: &str = "\
Examples:
  nn-caption search                                        offline, on embedded defaults
  nn-caption search --trials 2 --out runs/try              two trials only
  nn-caption search --reply spec --snippets 1               nets described in data
  nn-caption search --dry-run --snippets 10                 the prompt of the first trial, to be read
  nn-caption search --llm replay:nets --data scenes         recorded replies, or a folder of nets
  nn-caption search --llm http://127.0.0.1:8080/v1          a server that speaks OpenAI's protocol
  nn-caption search --llm deepseek-r1:http://gpu:8000/v1    one that is known by name, at another address
  nn-caption search --strategy evolve --trials 40 --budget-time 2h
  nn-caption search --resume --out runs/search              go on after an interruption
  nn-caption search --resume --out runs/search --trials 80  and with more trials

A trial asks for one net: a prompt with a baseline captioning net and K snippets of classification nets goes to the
language model; its reply is checked and mended, or sent back with the diagnostics; a net that was seen before is dropped;
any other is compiled, checked, trained for --first epochs and scored. One of --eta nets goes on to --eta times as many
epochs, up to --epochs. Everything is kept in the folder of the search as it comes, so a killed search goes on with
--resume, and several processes may work on one.";

/// Trials by default.
const TRIALS: u64 = 8;
/// Seconds that a candidate may run on one rung by default.
const TIME_LIMIT: u64 = 3600;

/// Let a language model write nets, train and rank them
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The folder of the search; by default a new one under runs/
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,
    /// Go on with the search in --out; --trials, the budgets and the limits may be given anew
    #[arg(long, requires = "out")]
    resume: bool,
    /// Print what the next trial would ask, and do nothing else
    #[arg(long)]
    dry_run: bool,
    /// Trials in all
    #[arg(long, value_name = "N")]
    trials: Option<u64>,
    /// Begin nothing new after this time, such as 90s, 30m or 2h
    #[arg(long, value_parser = parse_time, value_name = "TIME")]
    budget_time: Option<u64>,
    /// Begin no trial after so many tokens, read and written
    #[arg(long, value_name = "N")]
    budget_tokens: Option<u64>,
    #[command(flatten)]
    asking: Asking,
    #[command(flatten)]
    server: server::Args,
    #[command(flatten)]
    training: Training,
    #[command(flatten)]
    limits: limits::Args,
}

/// How nets are trained.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Training")]
struct Training {
    /// Captioned pictures: scenes, scenes:N, coco:DIR, karpathy:FILE, flickr:DIR or jsonl:FILE
    #[arg(
        long,
        default_value = "scenes:256",
        value_name = "DATA",
        conflicts_with = "resume"
    )]
    data: DataSpec,
    /// Epochs of the nets that go all the way
    #[arg(long, default_value_t = 9, value_parser = parse_count, conflicts_with = "resume")]
    epochs: usize,
    /// Epochs that every net gets
    #[arg(long, default_value_t = 1, value_parser = parse_count, value_name = "EPOCHS", conflicts_with = "resume")]
    first: usize,
    /// One of so many nets goes on, for so many times the epochs; 1 trains all of them to the end
    #[arg(long, default_value_t = 3, value_parser = parse_count, value_name = "N", conflicts_with = "resume")]
    eta: usize,
    /// Picture size: one side, or height and width as in 224x160
    #[arg(long, default_value = "64", value_parser = parse_image, value_name = "SIZE", conflicts_with = "resume")]
    image: [usize; 3],
    /// Pictures a step; the net's hyper-parameter `batch`
    #[arg(long, default_value_t = 16, value_parser = parse_count, conflicts_with = "resume")]
    batch: usize,
    /// A hyper-parameter of all nets; may be repeated
    #[arg(long, value_parser = parse_prm, value_name = "NAME=VALUE", conflicts_with = "resume")]
    prm: Vec<(String, Value)>,
    /// Rarer words of the training captions are not learned
    #[arg(
        long,
        default_value_t = 1,
        value_name = "COUNT",
        conflicts_with = "resume"
    )]
    min_count: usize,
    /// How captions become words
    #[arg(long, value_enum, default_value_t = Tokenizer::Plain, conflicts_with = "resume")]
    tokenizer: Tokenizer,
    /// Seeds prompts, replies and training
    #[arg(long, default_value_t = 0, conflicts_with = "resume")]
    seed: u64,
    /// cpu, wgpu[:index] or cuda[:index]
    #[arg(long, default_value = "cpu", conflicts_with = "resume")]
    device: String,
}

/// A search that can begin, or go on.
type Begun = (SearchPlan, Store, Box<dyn Provider>);

impl Args {
    pub(crate) fn run(self, terminal: &Terminal) -> Answer {
        if self.dry_run {
            return match &self.out {
                Some(folder) if self.resume => dry_run::next(terminal, folder),
                _ => dry_run::first(terminal, &self.plan()),
            };
        }
        let (plan, store, provider) = if self.resume {
            self.reopen()?
        } else {
            self.begin()?
        };
        let pool = pool(&plan)?;
        let folder = store.folder().to_path_buf();
        terminal.say(&format!(
            "search in {}: {} trials, {} writes the nets",
            folder.display(),
            plan.trials,
            provider.name()
        ));
        let n_trials = plan.trials;
        let mut search = Search::new(plan, store, provider, pool)?;
        let _will = last_will(terminal.clone(), &folder);
        let known = search.store().trials().map_err(SearchError::from)?;
        let mut view = View::new(&known, n_trials);
        let ended = search.run(&mut |event| view.show(&event));
        drop(view);
        let trials = search.store().trials().map_err(SearchError::from)?;
        match ended {
            Ok(end) => {
                show(terminal, &folder, end, &trials);
                Ok(Exit::Done)
            }
            Err(error) => Err(stopped(terminal, &folder, error)),
        }
    }

    fn begin(self) -> Result<Begun, Failure> {
        let place = self.out.clone();
        let plan = self.plan();
        // What cannot begin leaves no folder behind.
        device::parse(&plan.device)?;
        let provider = provider(&plan)?;
        pool(&plan)?;
        let record = plan.record();
        let store = match place {
            Some(path) => Store::create(&path, &record),
            None => next_free(&record),
        };
        Ok((plan, store.map_err(SearchError::from)?, provider))
    }

    /// The search that is there, with what may be given anew.
    fn reopen(self) -> Result<Begun, Failure> {
        let path = self.out.unwrap_or_default();
        let mut store = Store::resume(&path).map_err(SearchError::from)?;
        let record = store.search().map_err(SearchError::from)?;
        let mut plan = SearchPlan::of(&record).map_err(SearchError::from)?;
        plan.trials = self.trials.unwrap_or(plan.trials);
        plan.limits = self.limits.over(plan.limits);
        plan.time_limit = self.limits.time_limit().unwrap_or(plan.time_limit);
        plan.verify &= self.limits.verify();
        plan.budget = Budget {
            seconds: self.budget_time,
            tokens: self.budget_tokens.or(plan.budget.tokens),
        };
        let changed = SearchRecord {
            plan: plan.record().plan,
            ..record
        };
        store.set_search(&changed).map_err(SearchError::from)?;
        device::parse(&plan.device)?;
        let provider = provider(&plan)?;
        Ok((plan, store, provider))
    }

    fn plan(self) -> SearchPlan {
        let Self {
            asking, training, ..
        } = self;
        SearchPlan {
            form: asking.form(),
            decoder: asking.decoder(),
            strategy: asking.strategy(),
            sampling: asking.sampling(training.seed),
            llm: asking.llm,
            server: self.server.options(),
            snippets: asking.snippets,
            anchor: asking.anchor,
            nets: asking.nets,
            trials: self.trials.unwrap_or(TRIALS),
            attempts: asking.attempts,
            halving: Halving {
                first: training.first.min(training.epochs),
                last: training.epochs,
                eta: training.eta,
            },
            seed: training.seed,
            data: training.data,
            image: training.image,
            batch: training.batch,
            min_count: training.min_count,
            tokenization: training.tokenizer.tokenization(),
            device: training.device,
            prm: training.prm.into_iter().collect::<BTreeMap<_, _>>(),
            limits: self.limits.over(Limits::default()),
            time_limit: self.limits.time_limit().unwrap_or(TIME_LIMIT),
            verify: self.limits.verify(),
            budget: Budget {
                seconds: self.budget_time,
                tokens: self.budget_tokens,
            },
        }
    }
}

/// Who writes the nets; a server has answered once.
fn provider(plan: &SearchPlan) -> Result<Box<dyn Provider>, Failure> {
    llm::open(&plan.llm, &plan.server).map_err(|error| match error {
        LlmError::Server { .. } => SearchError::from(error).into(),
        error => Failure::usage(error),
    })
}

pub(super) fn pool(plan: &SearchPlan) -> Result<Pool, Failure> {
    let pool = match &plan.nets {
        Some(folder) => Pool::folder(folder).map_err(SearchError::from)?,
        None => Pool::embedded(),
    };
    Ok(pool)
}

/// The store of a search in `runs/search`, or the next number that is free.
fn next_free(record: &SearchRecord) -> Result<Store, StoreError> {
    let mut n = 1;
    loop {
        let path = match n {
            1 => PathBuf::from("runs/search"),
            n => PathBuf::from(format!("runs/search-{n}")),
        };
        match Store::create(&path, record) {
            Err(StoreError::Taken { .. }) => n += 1,
            made => return made,
        }
    }
}
