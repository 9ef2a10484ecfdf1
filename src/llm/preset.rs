//! Servers and language models that are known by name.

/// A server, or a language model on a server, with what its makers advise.
#[derive(Debug, PartialEq)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// Where such a server listens when nothing else is said.
    pub url: &'static str,
    /// The language model to ask for; the first one of the server where absent.
    pub model: Option<&'static str>,
    /// See [`Sampling`](super::Sampling).
    pub temperature: f64,
    /// See [`Sampling`](super::Sampling).
    pub top_p: f64,
    /// Longest reply, reasoning included.
    pub max_tokens: u32,
}

const VLLM: &str = "http://127.0.0.1:8000/v1";
const LLAMA_CPP: &str = "http://127.0.0.1:8080/v1";
const OLLAMA: &str = "http://127.0.0.1:11434/v1";

/// The temperature that is taken where nobody advises one.
pub(super) const TEMPERATURE: f64 = 0.7;
/// Likewise.
pub(super) const TOP_P: f64 = 0.95;
/// Likewise: room for a long net.
pub(super) const MAX_TOKENS: u32 = 4096;

const fn server(name: &'static str, url: &'static str) -> Preset {
    Preset {
        name,
        url,
        model: None,
        temperature: TEMPERATURE,
        top_p: TOP_P,
        max_tokens: MAX_TOKENS,
    }
}

/// DeepSeek-R1-0528-Qwen3-8B with its card's temperature and `top_p`; it thinks before it writes.
const fn deepseek(name: &'static str, url: &'static str, model: Option<&'static str>) -> Preset {
    Preset {
        name,
        url,
        model,
        temperature: 0.6,
        top_p: 0.95,
        max_tokens: 16_384,
    }
}

/// All of them.
pub static PRESETS: &[Preset] = &[
    server("vllm", VLLM),
    server("llama.cpp", LLAMA_CPP),
    server("ollama", OLLAMA),
    deepseek(
        "deepseek-r1",
        VLLM,
        Some("deepseek-ai/DeepSeek-R1-0528-Qwen3-8B"),
    ),
    deepseek("deepseek-r1-llama.cpp", LLAMA_CPP, None),
    deepseek("deepseek-r1-ollama", OLLAMA, Some("deepseek-r1:8b")),
];
