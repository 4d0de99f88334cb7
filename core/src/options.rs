//! Options of a stream: what a caller may set, by who reads it, and the defaults.
//!
//! Input: a struct, or a JSON object, the one form that all three languages can give. Output: [`Options`], or a typed error.

mod choices;
mod values;

use crate::compaction::SealKeys;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::{self, Value};
use crate::limits;
use crate::option_reader::{one_of, read, size, text};
use crate::outcome::Messages;
use crate::request::RequestContext;
pub use choices::{
    Commentary, Conform, CustomTools, Framing, HostedCalls, Images, ModelFrom, Reasoning, ThinkTags,
};
use values::{messages, reasoning, tag_names, think_tags};

/// Options of one stream. Each field begins with who reads it: both sides, the reader of the upstream's dialect, or the writer of
/// the client's. What neither side of a pair reads is without effect; as JSON it is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the caller's")]
pub struct Options {
    /// Both: the model the client asked for.
    pub model: Option<String>,
    /// Both. Default: the requested one, but for a relay, which leaves it as it was sent.
    pub model_from: ModelFrom,
    /// Both: the id of the answer; default the upstream's with the client's prefix. In Responses, the ids of items, and of
    /// calls that came without one, are made of it.
    pub id: Option<String>,
    /// Both: Unix time in seconds, used where the upstream gives none. Default 0.
    pub created: u64,
    /// Both: the context of the converted request; restores tool names and call ids, and stands for `model` and
    /// `include_usage` where they are not set.
    pub context: Option<Box<RequestContext>>,
    /// Both: the response that the client continues, where the request was expanded ([`crate::Expanded`]). Responses say
    /// it again, as the client expects.
    pub previous_response_id: Option<String>,
    /// Both: cap on one event, in bytes; a larger one is skipped and noted. Default 64 MiB.
    pub max_event_bytes: usize,
    /// Both: cap on what is kept of one answer for its final form, in bytes; the rest is dropped and noted. Default 256 MiB.
    pub max_response_bytes: usize,
    /// Both: codes and words of the failures that this library makes itself, in place of its own.
    pub messages: Messages,
    /// Both readers: take `[DONE]` without another end for completion (Grok-like upstreams). Default off.
    pub done_is_complete: bool,
    /// Chat reader: take what stands between tags at the beginning of the content for reasoning. Default off.
    pub think_tags: ThinkTags,
    /// Chat reader and writer: names of the tags around reasoning; the first one is written. Default `think`, `thinking`.
    pub tag_names: Vec<String>,
    /// Responses reader: give function calls item ids that begin with `fc_`, as some clients demand. Default off.
    pub fc_ids: bool,
    /// Both writers. Default: as the dialect has it.
    pub reasoning: Reasoning,
    /// Both writers: where nobody counted, write zeros, for clients that need the object. Default off.
    pub usage_zeros: bool,
    /// Both writers: write the calls in a call of `multi_tool_use.parallel`, which nobody declared, as calls of their own.
    /// Default off.
    pub open_parallel_calls: bool,
    /// Both writers: end the answer before the first stop sequence that the client asked for and the upstream could not be: as
    /// the context has them. Default off.
    pub apply_stop: bool,
    /// Chat writer: the client's `stream_options.include_usage`. Default off.
    pub include_usage: bool,
    /// Chat writer: write the usage that the client asked for into the chunk with the finish reason, not into one of its own.
    /// Default off.
    pub usage_in_finish: bool,
    /// Chat writer: begin with a chunk that has the role. Default on; without it the first chunk of the answer has the role.
    pub include_role_chunk: bool,
    /// Chat writer: write objects of the legacy Completions API, which has the answer's text alone. Default off.
    pub legacy_completions: bool,
    /// Chat writer: give reasoning items back as `reasoning_details`, for the next turn. Default off; on where the request asks
    /// for it, as the context has it.
    pub reasoning_details: bool,
    /// Chat writer. Default: as the client declared the tool, else as functions.
    pub custom_tools: Option<CustomTools>,
    /// Chat and Messages writer. Default: data URLs; to Messages, which has no images, a note in words.
    pub images: Images,
    /// Chat writer: show partial images too, each with its own index. Default off.
    pub partial_images: bool,
    /// Chat writer. Default: content.
    pub commentary: Commentary,
    /// What is shown of calls that ran on the server.
    pub hosted_calls: HostedCalls,
    /// Chat writer: stands before the first text of a second and later message. Default a blank line.
    pub message_separator: String,
    /// Messages writer: what `message_start` counts as input tokens, which clients show until the end: an estimate of the host's.
    /// Default 0.
    pub input_tokens: u64,
    /// Messages writer: give reasoning that only its origin can read as `redacted_thinking`. Default: thinking without a text.
    pub redacted_thinking: bool,
    /// Images writer: name the events `image_edit.…`, for a client that edits, not `image_generation.…`. Default off.
    pub image_edits: bool,
    /// Responses writer: end the stream with `[DONE]`, as Open Responses does and OpenAI does not. Default off.
    pub done_sentinel: bool,
    /// Responses writer, and the relay: fill what Responses lack of the members that this schema requires, from the request
    /// where the context has it, else with neutral values. Default: none.
    pub conform: Option<Conform>,
    /// Responses writer: keys that seal the summary of a compacted conversation; without any it is readable, and marked so.
    pub seal_keys: SealKeys,
    /// Responses writer. Default: SSE.
    pub framing: Framing,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            model: None,
            model_from: ModelFrom::Default,
            id: None,
            created: 0,
            context: None,
            previous_response_id: None,
            max_event_bytes: limits::MAX_EVENT_BYTES,
            max_response_bytes: limits::MAX_RESPONSE_BYTES,
            messages: Messages::default(),
            done_is_complete: false,
            think_tags: ThinkTags::Off,
            tag_names: vec!["think".to_owned(), "thinking".to_owned()],
            fc_ids: false,
            reasoning: Reasoning::Default,
            usage_zeros: false,
            open_parallel_calls: false,
            apply_stop: false,
            include_usage: false,
            usage_in_finish: false,
            include_role_chunk: true,
            legacy_completions: false,
            reasoning_details: false,
            custom_tools: None,
            images: Images::DataUrl,
            partial_images: false,
            commentary: Commentary::Content,
            hosted_calls: HostedCalls::Omit,
            message_separator: "\n\n".to_owned(),
            input_tokens: 0,
            redacted_thinking: false,
            image_edits: false,
            done_sentinel: false,
            conform: None,
            seal_keys: SealKeys::default(),
            framing: Framing::Sse,
        }
    }
}

/// Who reads an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Both,
    AnyReader,
    Reader(Dialect),
    AnyWriter,
    Writer(Dialect),
    Writers([Dialect; 2]),
    /// The reader of that dialect, and its writer.
    Either(Dialect),
    /// The writer for clients of the Images API.
    Images,
}

const SIDES: &[(&str, Side)] = &[
    ("model", Side::Both),
    ("model_from", Side::Both),
    ("id", Side::Both),
    ("created", Side::Both),
    ("context", Side::Both),
    ("previous_response_id", Side::Both),
    ("max_event_bytes", Side::Both),
    ("max_response_bytes", Side::Both),
    ("messages", Side::Both),
    ("done_is_complete", Side::AnyReader),
    ("think_tags", Side::Reader(Dialect::Chat)),
    ("tag_names", Side::Either(Dialect::Chat)),
    ("fc_ids", Side::Reader(Dialect::Responses)),
    ("reasoning", Side::AnyWriter),
    ("usage", Side::AnyWriter),
    ("open_parallel_calls", Side::AnyWriter),
    ("apply_stop", Side::AnyWriter),
    ("include_usage", Side::Writer(Dialect::Chat)),
    ("usage_in_finish", Side::Writer(Dialect::Chat)),
    ("include_role_chunk", Side::Writer(Dialect::Chat)),
    ("legacy_completions", Side::Writer(Dialect::Chat)),
    ("reasoning_details", Side::Writer(Dialect::Chat)),
    ("custom_tools", Side::Writer(Dialect::Chat)),
    ("images", Side::Writers([Dialect::Chat, Dialect::Messages])),
    ("partial_images", Side::Writer(Dialect::Chat)),
    ("commentary", Side::Writer(Dialect::Chat)),
    ("hosted_calls", Side::Writer(Dialect::Chat)),
    ("message_separator", Side::Writer(Dialect::Chat)),
    ("input_tokens", Side::Writer(Dialect::Messages)),
    ("redacted_thinking", Side::Writer(Dialect::Messages)),
    ("image_edits", Side::Images),
    ("done_sentinel", Side::Writer(Dialect::Responses)),
    ("conform", Side::Writer(Dialect::Responses)),
    ("seal_keys", Side::Writer(Dialect::Responses)),
    ("framing", Side::Writer(Dialect::Responses)),
];

impl Options {
    /// Reads an object whose members are named like the fields (`usage`: `"upstream"` or `"zeros"` for `usage_zeros`);
    /// every member is optional, `null` is as if left out.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        Self::some_of(json, |_| true)
    }

    /// The same for one pair: an option that neither its reader nor its writer reads is an error.
    pub fn for_pair(json: &[u8], client: Dialect, upstream: Dialect) -> Result<Self, Error> {
        Self::some_of(json, |name| is_read(name, client, upstream))
    }

    /// The same for an images transcoder: options of the Responses reader, and of the Images writer.
    pub fn for_images(json: &[u8]) -> Result<Self, Error> {
        let is_read = |side| {
            matches!(side, Side::Both | Side::AnyReader | Side::AnyWriter | Side::Images)
                || side == Side::Reader(Dialect::Responses)
        };
        Self::some_of(json, |name| SIDES.iter().any(|(own, side)| *own == name && is_read(*side)))
    }

    /// The same for what reads `upstream` for clients of any dialect: a collector, a transport.
    pub fn for_upstream(json: &[u8], upstream: Dialect) -> Result<Self, Error> {
        Self::some_of(json, |name| Dialect::ALL.iter().any(|client| is_read(name, *client, upstream)))
    }

    fn some_of(json: &[u8], is_known: impl Fn(&str) -> bool) -> Result<Self, Error> {
        let mut options = Self::default();
        let set = |name: &str, value: Value<'_>| if is_known(name) { options.set(name, value) } else { None };
        read("TranscoderOptions", json, set).map_err(|error| match error {
            Error::InvalidOption { path, .. } if !is_known(&path) => {
                let allowed = Self::names().filter(|name| is_known(name)).collect::<Vec<_>>().join(", ");
                Error::InvalidOption { path, given: String::new(), allowed }
            }
            other => other,
        })?;
        Ok(options)
    }

    /// The options that a pair reads, by their names as JSON.
    pub fn names_for_pair(client: Dialect, upstream: Dialect) -> impl Iterator<Item = &'static str> {
        Self::names().filter(move |name| is_read(name, client, upstream))
    }

    /// Every option there is, by its name as JSON.
    pub fn names() -> impl Iterator<Item = &'static str> {
        SIDES.iter().map(|(name, _)| *name)
    }

    pub(crate) fn wants_usage(&self) -> bool {
        self.include_usage || self.context.as_ref().is_some_and(|context| context.include_usage)
    }

    pub(crate) fn wants_details(&self) -> bool {
        let is_asked = || self.context.as_ref().is_some_and(|context| context.reasoning_details);
        !self.legacy_completions && (self.reasoning_details || is_asked())
    }

    /// What a relay must write for the model of an object, as JSON; `None` where that stays as it was sent. `served`: the
    /// member that the object has.
    pub(crate) fn relayed_model(&self, served: Option<Value<'_>>) -> Option<Vec<u8>> {
        let is_lacking = || served.and_then(Value::as_str).is_none_or(json::Str::is_blank);
        let is_due = match self.model_from {
            ModelFrom::Default => false,
            ModelFrom::Requested => true,
            ModelFrom::Served => is_lacking(),
        };
        let model = self.requested_model().filter(|_| is_due)?;
        Some(json::write::quoted(model)).filter(|model| served.is_none_or(|served| served.raw() != model))
    }

    /// An object with that model; `None` where it stays as it was sent.
    pub(crate) fn with_relayed_model(&self, object: Value<'_>) -> Option<Vec<u8>> {
        let model = self.relayed_model(object.get("model"))?;
        Some(json::edit::with_members(object, &[("model", &model)]))
    }

    /// Whether a relay looks at models at all.
    pub(crate) fn relays_models(&self) -> bool {
        self.model_from != ModelFrom::Default && self.requested_model().is_some()
    }

    /// The model that the client asked for: from the caller, else from its request.
    pub(crate) fn requested_model(&self) -> Option<&str> {
        RequestContext::model_or(self.model.as_deref(), self.context.as_deref())
    }

    /// Whether the answer is the summary of a conversation that is compacted.
    pub(crate) fn compacts(&self) -> bool {
        self.context.as_ref().is_some_and(|context| context.compacts)
    }

    /// What the answer is to end before; `None` where it ends by itself.
    pub(crate) fn stop_sequences(&self) -> Option<&[String]> {
        let stop = &self.context.as_ref().filter(|_| self.apply_stop)?.stop;
        Some(&**stop).filter(|stop| !stop.is_empty())
    }

    /// What a Response repeats of its request, where the context has it.
    pub(crate) fn request(&self) -> Option<Value<'_>> {
        self.context.as_ref()?.request.as_deref().map(|json| Value::of_valid(json.as_bytes()))
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "model" => self.model = Some(text(value)?),
            "model_from" => {
                let choices = [("requested", ModelFrom::Requested), ("served", ModelFrom::Served)];
                self.model_from = one_of(value, &choices)?;
            }
            "id" => self.id = Some(text(value)?),
            "created" => self.created = value.as_u64()?,
            "context" => self.context = Some(Box::new(RequestContext::from_json(value.raw()).ok()?)),
            "previous_response_id" => self.previous_response_id = Some(text(value)?),
            "max_event_bytes" => self.max_event_bytes = size(value)?,
            "max_response_bytes" => self.max_response_bytes = size(value)?,
            "messages" => self.messages = messages(value)?,
            "done_is_complete" => self.done_is_complete = value.as_bool()?,
            "think_tags" => self.think_tags = think_tags(value)?,
            "tag_names" => self.tag_names = tag_names(value)?,
            "fc_ids" => self.fc_ids = value.as_bool()?,
            "reasoning" => self.reasoning = reasoning(value)?,
            "usage" => self.usage_zeros = one_of(value, &[("upstream", false), ("zeros", true)])?,
            "apply_stop" => self.apply_stop = value.as_bool()?,
            "open_parallel_calls" => self.open_parallel_calls = value.as_bool()?,
            _ => return self.set_of_writer(name, value),
        }
        Some(())
    }

    fn set_of_writer(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "include_usage" => self.include_usage = value.as_bool()?,
            "usage_in_finish" => self.usage_in_finish = value.as_bool()?,
            "include_role_chunk" => self.include_role_chunk = value.as_bool()?,
            "legacy_completions" => self.legacy_completions = value.as_bool()?,
            "reasoning_details" => self.reasoning_details = value.as_bool()?,
            "custom_tools" => {
                let choices = [
                    ("function", CustomTools::Function),
                    ("custom", CustomTools::Custom),
                    ("raw", CustomTools::Raw),
                ];
                self.custom_tools = Some(one_of(value, &choices)?);
            }
            "images" => {
                let choices =
                    [("data_url", Images::DataUrl), ("markdown", Images::Markdown), ("omit", Images::Omit)];
                self.images = one_of(value, &choices)?;
            }
            "partial_images" => self.partial_images = value.as_bool()?,
            "commentary" => {
                let choices = [("content", Commentary::Content), ("reasoning", Commentary::Reasoning)];
                self.commentary = one_of(value, &choices)?;
            }
            "hosted_calls" => {
                self.hosted_calls =
                    one_of(value, &[("omit", HostedCalls::Omit), ("text", HostedCalls::Text)])?;
            }
            "message_separator" => self.message_separator = text(value)?,
            "input_tokens" => self.input_tokens = value.as_u64()?,
            "redacted_thinking" => self.redacted_thinking = value.as_bool()?,
            "image_edits" => self.image_edits = value.as_bool()?,
            "done_sentinel" => self.done_sentinel = value.as_bool()?,
            "conform" => self.conform = Some(one_of(value, &[("open_responses", Conform::OpenResponses)])?),
            "seal_keys" => self.seal_keys = SealKeys::from_json(value)?,
            "framing" => {
                let choices = [("sse", Framing::Sse), ("json_lines", Framing::JsonLines)];
                self.framing = one_of(value, &choices)?;
            }
            _ => return None,
        }
        Some(())
    }
}

fn is_read(name: &str, client: Dialect, upstream: Dialect) -> bool {
    let side = SIDES.iter().find(|(own, _)| *own == name).map(|(_, side)| *side);
    side.is_some_and(|side| match side {
        Side::Both | Side::AnyReader | Side::AnyWriter => true,
        Side::Reader(dialect) => upstream == dialect,
        Side::Writer(dialect) => client == dialect,
        Side::Writers(dialects) => dialects.contains(&client),
        Side::Either(dialect) => client == dialect || upstream == dialect,
        Side::Images => false,
    })
}
