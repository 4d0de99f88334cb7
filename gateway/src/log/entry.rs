//! What is known of a request.
//!
//! Input: facts, by and by. Output: a line for the log, without content, and one for the page. State: those facts.

use crate::clock::now_ms;
use crate::config::Config;
use serde::Serialize;
use serde_json::{Value, json};
use sluicegate::{Envelope, OtelOptions, Outcome, Reconstructed, Status, Verdict};
use std::collections::BTreeMap;

/// Of a model's name that a client made up.
const MAX_MODEL_CHARS: usize = 128;
/// What `--show-content` shows of a request, and of its answer.
const MAX_SHOWN_BYTES: usize = 4 << 10;

const ERROR_TYPE: &str = "error.type";

/// What a line has; the names are those of the gateway example.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Entry {
    /// Of the request; its answer has it as `x-request-id`, where the upstream gave none.
    pub(crate) id: String,
    /// The upstream's `x-request-id`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) upstream_id: Option<String>,
    pub(crate) method: &'static str,
    /// None for a path that is not served: it could contain anything.
    pub(crate) path: Option<&'static str>,
    /// Of the route.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) changes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) transport: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) retries: Option<u32>,
    /// Of the failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) class: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) notes: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) input_tokens: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) output_tokens: Option<u64>,
    /// Why the next request cannot go on from this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) unrecorded: Option<&'static str>,
    /// Of this server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fault: Option<&'static str>,
    pub(crate) status: Option<u16>,
    /// Whether the client was gone before the end.
    pub(crate) is_cut: bool,
    pub(crate) ms: u64,
    /// By OpenTelemetry's conventions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) attributes: Option<Value>,
    /// The client was gone before it was answered.
    #[serde(skip)]
    pub(crate) is_left: bool,
    #[serde(skip)]
    shown: Shown,
}

/// What the page alone has.
#[derive(Debug, Default)]
struct Shown {
    model: String,
    notes: BTreeMap<&'static str, usize>,
    request: Vec<u8>,
    answer: Vec<u8>,
}

impl Entry {
    pub(super) fn new(id: String, method: &'static str, path: Option<&'static str>) -> Self {
        Self { id, method, path, is_cut: true, ..Self::default() }
    }

    /// The model that the client asked for.
    pub(crate) fn model(&mut self, model: &str) {
        self.shown.model = model.chars().take(MAX_MODEL_CHARS).collect();
    }

    /// What was asked, for `--show-content` alone.
    pub(crate) fn show_request(&mut self, body: &[u8]) {
        self.shown.request = body[..body.len().min(MAX_SHOWN_BYTES)].to_vec();
    }

    /// What is answered, for `--show-content` alone.
    pub(crate) fn show_answer(&mut self, bytes: &[u8]) {
        let room = MAX_SHOWN_BYTES - self.shown.answer.len();
        self.shown.answer.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    /// An answer has ended.
    pub(crate) fn end(&mut self, outcome: &Outcome, config: &Config, is_stream: bool) {
        (self.outcome, self.notes) = (Some(outcome.status.as_str()), Some(outcome.notes.len()));
        self.class = outcome.failure.map(|failure| failure.class.as_str());
        self.input_tokens = outcome.usage.as_ref().map(|usage| usage.prompt_tokens);
        self.output_tokens = outcome.usage.as_ref().map(|usage| usage.completion_tokens);
        self.shown.notes.clear();
        for note in &outcome.notes {
            *self.shown.notes.entry(note.code.as_str()).or_default() += 1;
        }
        self.attributes = self.otel(outcome, config, is_stream);
    }

    /// There is no answer, but this failure.
    pub(crate) fn refuse(&mut self, failure: &Envelope, config: &Config, is_stream: bool) {
        let refused = self.otel(&of_failure(failure), config, is_stream);
        let Some(attributes) = &mut self.attributes else { return self.attributes = refused };
        // An answer can be whole, and no answer to what was asked: it has no image.
        if let Some(why) = refused.and_then(|mut refused| Some(refused.get_mut(ERROR_TYPE)?.take())) {
            attributes[ERROR_TYPE] = why;
        }
    }

    fn otel(&self, outcome: &Outcome, config: &Config, is_stream: bool) -> Option<Value> {
        let options = OtelOptions {
            server_address: config.upstream_host(),
            request_model: Some(self.shown.model.clone()).filter(|model| !model.is_empty()),
            stream: is_stream,
            ..OtelOptions::default()
        };
        serde_json::from_str(&outcome.otel_attributes(&options).to_json()).ok()
    }

    /// For the page; `client` is what the client speaks.
    pub(crate) fn row(&self, client: &str) -> Value {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let mut row = json!(self);
        row["at"] = json!(now_ms().saturating_sub(self.ms));
        row["client"] = json!(client);
        row["model"] = json!(self.shown.model);
        row["notes"] = json!(self.shown.notes);
        if !self.shown.request.is_empty() {
            row["request"] = json!(text(&self.shown.request));
            row["answer"] = json!(text(&self.shown.answer));
        }
        row
    }
}

fn of_failure(failure: &Envelope) -> Outcome {
    let Envelope { status, class, retry_after_ms, .. } = *failure;
    Outcome {
        status: Status::Failed,
        finish_reason: None,
        usage: None,
        error: Some(failure.error.clone()),
        failure: Some(Verdict { status, class, retry_after_ms }),
        response_id: None,
        model: None,
        tool_usage: None,
        input_transformations: None,
        rate_limits: None,
        reconstructed: Reconstructed::None,
        notes: Vec::new(),
    }
}
