//! How a server of language models is asked, as it is written on the command line.
use std::time::Duration;

use nn_caption::llm::{KEY_ENV, Rates, ServerOptions, TimeOuts};

use super::limits::parse_time;

/// How a server is asked; of no use to other language models.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Servers (--llm URL)")]
#[group(skip)]
pub(crate) struct Args {
    /// The language model; by default the first one that the server lists
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    model: Option<String>,
    /// The environment variable with the server's key; by default `NN_CAPTION_API_KEY`
    ///
    /// The key is sent to the server and nowhere else. It is neither shown nor kept, so --resume needs it again.
    #[arg(long, value_name = "VARIABLE", conflicts_with = "resume")]
    key_env: Option<String>,
    /// Requests again to a server that is away or busy; by default 8
    ///
    /// After 1, 2, 4, .. 60 seconds, each shortened by up to a half, or when the server says. A reply of no use is asked for
    /// again twice at most.
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    retries: Option<u32>,
    /// Requests that the server allows in a minute
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), conflicts_with = "resume")]
    requests_per_minute: Option<u32>,
    /// Tokens that the server allows in a minute, read and written
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), conflicts_with = "resume")]
    tokens_per_minute: Option<u64>,
    /// Longest wait for a connection; by default 10s
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "resume")]
    connect_timeout: Option<u64>,
    /// Longest wait for the first token of a reply; by default 15m, since a CPU reads long prompts slowly
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "resume")]
    first_token_timeout: Option<u64>,
    /// Longest wait for the next token; by default 2m
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "resume")]
    idle_timeout: Option<u64>,
    /// Longest wait for a whole reply; by default 2h
    #[arg(long, value_name = "TIME", value_parser = parse_time, conflicts_with = "resume")]
    reply_timeout: Option<u64>,
}

impl Args {
    /// The options.
    pub(crate) fn options(&self) -> ServerOptions {
        let defaults = ServerOptions::default();
        let times = defaults.time_outs;
        let or = |given: Option<u64>, default| given.map_or(default, Duration::from_secs);
        ServerOptions {
            model: self.model.clone(),
            key_env: self.key_env.clone().unwrap_or_else(|| KEY_ENV.to_owned()),
            time_outs: TimeOuts {
                connect: or(self.connect_timeout, times.connect),
                first_token: or(self.first_token_timeout, times.first_token),
                idle: or(self.idle_timeout, times.idle),
                whole: or(self.reply_timeout, times.whole),
            },
            retries: self.retries.unwrap_or(defaults.retries),
            backoff: defaults.backoff,
            rates: Rates {
                requests: self.requests_per_minute,
                tokens: self.tokens_per_minute,
            },
        }
    }
}
