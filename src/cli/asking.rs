//! Who is asked for nets, and for what, as it is written on the command line.
use std::path::PathBuf;

use nn_caption::llm::{LlmSpec, Sampling};
use nn_caption::search::Strategy;
use nn_caption::store::Form;

/// Who is asked, and for what.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Asking")]
pub(crate) struct Asking {
    /// offline, replay:DIR, a server's URL, or a name such as deepseek-r1
    ///
    /// offline is the embedded generator. replay:DIR is a folder of recorded replies, or of another search. A URL is the base
    /// of a server that speaks `OpenAI`'s protocol, as vLLM, llama.cpp and Ollama do; most often it ends in /v1. vllm, llama.cpp
    /// and ollama are such servers on this machine; deepseek-r1, deepseek-r1-llama.cpp and deepseek-r1-ollama are
    /// DeepSeek-R1-0528-Qwen3-8B on them, drawn from as its makers advise. A URL may follow a name: vllm:http://gpu:8000/v1.
    #[arg(long, default_value = "offline", conflicts_with = "resume")]
    pub(crate) llm: LlmSpec,
    /// How a net is written: a PyTorch file, or data that satisfies a JSON Schema
    #[arg(long, value_enum, default_value_t = Reply::Python, conflicts_with = "resume")]
    reply: Reply,
    /// Classification nets in a prompt, K; the paper has 1, 5, 8 and 10
    #[arg(long, default_value_t = 5, value_name = "K", conflicts_with = "resume")]
    pub(crate) snippets: usize,
    /// The captioning net to start from; by default drawn for each trial
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub(crate) anchor: Option<String>,
    /// The decoder to ask for
    #[arg(long, value_enum, conflicts_with = "resume")]
    decoder: Option<Decoder>,
    /// A folder of nets, such as LEMUR's, to draw anchors and snippets from
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) nets: Option<PathBuf>,
    /// Where prompts come from: random draws as in the paper, or the best nets so far
    #[arg(long, value_enum, default_value_t = How::Random, conflicts_with = "resume")]
    strategy: How,
    /// Requests of a trial: the first, and those that send diagnostics back
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=20), conflicts_with = "resume")]
    pub(crate) attempts: u32,
    /// 0 for the likeliest token each time
    #[arg(long, value_name = "T", conflicts_with = "resume")]
    temperature: Option<f64>,
    /// Share of the probability that tokens are drawn from
    #[arg(long, value_name = "P", conflicts_with = "resume")]
    top_p: Option<f64>,
    /// Tokens that are drawn from
    #[arg(long, value_name = "N", conflicts_with = "resume")]
    top_k: Option<u32>,
    /// Longest reply
    #[arg(long, value_name = "TOKENS", conflicts_with = "resume")]
    max_tokens: Option<u32>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Reply {
    Python,
    Spec,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum How {
    Random,
    Evolve,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Decoder {
    Lstm,
    Gru,
    Transformer,
}

impl Asking {
    pub(crate) fn form(&self) -> Form {
        match self.reply {
            Reply::Python => Form::Python,
            Reply::Spec => Form::Spec,
        }
    }

    pub(crate) fn strategy(&self) -> Strategy {
        match self.strategy {
            How::Random => Strategy::Random,
            How::Evolve => Strategy::Evolve,
        }
    }

    /// The decoder's name.
    pub(crate) fn decoder(&self) -> Option<String> {
        let name = match self.decoder? {
            Decoder::Lstm => "lstm",
            Decoder::Gru => "gru",
            Decoder::Transformer => "transformer",
        };
        Some(name.to_owned())
    }

    /// How replies are drawn: as the language model's makers advise where nothing is said.
    pub(crate) fn sampling(&self, seed: u64) -> Sampling {
        let advised = self.llm.sampling(seed);
        Sampling {
            temperature: self.temperature.unwrap_or(advised.temperature),
            top_p: self.top_p.unwrap_or(advised.top_p),
            top_k: self.top_k.or(advised.top_k),
            seed,
            max_tokens: self.max_tokens.unwrap_or(advised.max_tokens),
        }
    }
}
