//! A request as servers take it: `POST {base URL}/chat/completions`, and what is left out where a server refuses it.
use serde_json::{Map, Value, json};

use crate::llm::Request;

/// What a request may do without.
#[derive(Debug)]
pub(super) struct Parts {
    schema: SchemaForm,
    longest: &'static str,
    left_out: Vec<&'static str>,
}

/// How a JSON Schema is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SchemaForm {
    /// As `OpenAI` has it, and vLLM, Ollama and llama.cpp with it.
    Named,
    /// As older versions of llama.cpp (`response_format.schema`) and vLLM (`guided_json`) have it.
    Bare,
    /// Not at all: the prompt alone says it.
    Absent,
}

/// Fields that some server does not know, each with the words by which a server complains of it.
const OPTIONAL: [(&str, &[&str]); 5] = [
    ("stream_options", &["stream_options", "include_usage"]),
    ("top_k", &["top_k"]),
    ("seed", &["seed"]),
    ("top_p", &["top_p"]),
    ("temperature", &["temperature"]),
];
/// Words by which a server complains of the schema.
const OF_SCHEMA: [&str; 5] = [
    "response_format",
    "schema",
    "grammar",
    "guided",
    "structured",
];
/// The newer name of the longest length, and how a server asks for it.
const LONGEST: &str = "max_completion_tokens";

impl Default for Parts {
    fn default() -> Self {
        Self {
            schema: SchemaForm::Named,
            longest: "max_tokens",
            left_out: Vec::new(),
        }
    }
}

impl Parts {
    /// The body of a request.
    pub(super) fn body(&self, request: &Request, model: &str) -> Value {
        let sampling = &request.sampling;
        let mut body = Map::new();
        let mut put = |name: &str, value: Value| {
            if !self.left_out.contains(&name) {
                body.insert(name.to_owned(), value);
            }
        };
        put("model", json!(model));
        put("messages", json!(request.messages));
        put("stream", json!(true));
        put("stream_options", json!({ "include_usage": true }));
        put("temperature", json!(sampling.temperature));
        put("top_p", json!(sampling.top_p));
        if let Some(top_k) = sampling.top_k {
            put("top_k", json!(top_k));
        }
        put("seed", json!(sampling.seed));
        put(self.longest, json!(sampling.max_tokens));
        if let Some(schema) = &request.schema {
            self.constrain(schema, &mut put);
        }
        Value::Object(body)
    }

    fn constrain(&self, schema: &Value, put: &mut impl FnMut(&str, Value)) {
        match self.schema {
            SchemaForm::Named => {
                let named = json!({ "name": "net", "strict": true, "schema": schema });
                put(
                    "response_format",
                    json!({ "type": "json_schema", "json_schema": named }),
                );
            }
            SchemaForm::Bare => {
                put(
                    "response_format",
                    json!({ "type": "json_object", "schema": schema }),
                );
                put("guided_json", schema.clone());
            }
            SchemaForm::Absent => {}
        }
    }

    /// Leaves out what a server refuses, if the request can do without: then what, in words.
    pub(super) fn leave_out(&mut self, body: &Value, refusal: &str) -> Option<String> {
        let refusal = refusal.to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| refusal.contains(word));
        if body.get("response_format").is_some() && says(&OF_SCHEMA) {
            self.schema = match self.schema {
                SchemaForm::Named => SchemaForm::Bare,
                _ => SchemaForm::Absent,
            };
            return Some(match self.schema {
                SchemaForm::Absent => "the JSON Schema; the prompt alone asks for it".to_owned(),
                _ => "`response_format.json_schema`; the schema goes in its older form".to_owned(),
            });
        }
        if self.longest != LONGEST && says(&[LONGEST]) {
            self.longest = LONGEST;
            return Some(format!("`max_tokens`; it is called `{LONGEST}` now"));
        }
        let is_sent = |name: &str| body.get(name).is_some();
        let (name, _) = OPTIONAL
            .iter()
            .find(|(name, words)| is_sent(name) && says(words))?;
        self.left_out.push(name);
        Some(format!("`{name}`"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::llm::{LlmSpec, Message, Role, Turn};

    fn request() -> Request {
        let mut sampling = LlmSpec::Offline.sampling(5);
        sampling.top_k = Some(20);
        Request {
            turn: Turn::default(),
            messages: vec![Message {
                role: Role::User,
                content: "A net, please.".to_owned(),
            }],
            sampling,
            schema: Some(json!({ "type": "object" })),
        }
    }

    #[test]
    fn a_body_holds_what_was_asked() {
        let body = Parts::default().body(&request(), "m");
        assert_eq!(body["model"], "m");
        assert_eq!(body["messages"][0]["role"], "user");
        assert_eq!((&body["seed"], &body["top_k"]), (&json!(5), &json!(20)));
        assert_eq!(body["max_tokens"], 4096);
        let schema = &body["response_format"]["json_schema"]["schema"];
        assert_eq!(schema, &json!({ "type": "object" }));
    }

    #[test]
    fn a_refused_schema_goes_in_another_form_and_then_not_at_all() {
        let mut parts = Parts::default();
        let body = parts.body(&request(), "m");
        let refusal = "JSON schema error at #: unrecognized type flux";
        assert!(parts.leave_out(&body, refusal).unwrap().contains("older"));
        let body = parts.body(&request(), "m");
        assert_eq!(body["response_format"]["type"], "json_object");
        assert_eq!(body["guided_json"], body["response_format"]["schema"]);
        assert!(parts.leave_out(&body, refusal).unwrap().contains("prompt"));
        let body = parts.body(&request(), "m");
        assert_eq!(body.get("response_format"), None);
        assert_eq!(parts.leave_out(&body, refusal), None);
    }

    #[test]
    fn each_field_is_left_out_once_and_the_question_never() {
        let mut parts = Parts::default();
        let refusals = [
            "Unrecognized request argument supplied: top_k",
            "stream_options is not supported",
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "'temperature' does not support 0.7",
        ];
        for refusal in refusals {
            let body = parts.body(&request(), "m");
            assert!(parts.leave_out(&body, refusal).is_some(), "{refusal}");
            let body = parts.body(&request(), "m");
            assert_eq!(parts.leave_out(&body, refusal), None, "{refusal}");
        }
        let body = parts.body(&request(), "m");
        assert_eq!(body["max_completion_tokens"], 4096);
        for gone in ["top_k", "stream_options", "max_tokens", "temperature"] {
            assert_eq!(body.get(gone), None, "{gone}");
        }
        assert_eq!(parts.leave_out(&body, "messages are not supported"), None);
        assert!(body.get("messages").is_some() && body.get("seed").is_some());
    }
}
