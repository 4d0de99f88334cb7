//! Requests: any client's body becomes one that an upstream accepts.
//!
//! Input: a request, Responses or chat. Output: the body to send, every change to it, and the context that whatever
//! reads the answer needs. State: none. The passes are in `pipeline`; each edits the bytes as they were sent, and what
//! none touches keeps its order, number format, escapes and white space, so the prompt cache holds.

mod backend_rules;
mod call_pairs;
mod compact;
mod configuration;
mod context;
mod count_tokens;
mod echo;
mod functions;
mod harmony;
mod input_members;
mod input_shapes;
mod item_types;
mod messages_rules;
mod model_rules;
mod name_table;
mod nested;
mod open_calls;
mod part;
mod path;
mod pipeline;
mod probe;
mod profile;
mod request_edit;
mod short_names;
mod to_chat;
mod to_messages;
mod to_responses;

use crate::catalog::ModelCatalog;
use crate::compaction::SealKeys;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::Value;
use crate::options;
pub(crate) use backend_rules::as_list;
use backend_rules::{BREAKPOINT, CACHE_CONTROL};
pub(crate) use call_pairs::reject_orphans;
pub use compact::compaction_request;
pub use context::{ClientTool, RequestContext};
pub use count_tokens::count_tokens;
pub(crate) use item_types::{COMPACTIONS, REASONING};
pub use part::{
    ConvertedPart, PartWay, RequestPart, convert_messages, convert_part, convert_tool_choice, convert_tools,
};
pub(crate) use pipeline::parse;
pub use probe::is_probe;
pub use profile::{Profile, Transport};
pub use request_edit::{Action, Change};

/// What a caller may set on a request.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct RequestOptions {
    /// Default: HTTP. On a WebSocket a top-level `type: "response.create"` is kept, and so is `previous_response_id`.
    pub transport: Transport,
    /// Removing anything that the client asked for is an error. Default off.
    pub strict: bool,
    /// What happens to a `previous_response_id` that was not expanded, where the backend knows none.
    pub unresolved_previous: UnresolvedPrevious,
    /// The backend and account that this request goes to; never sent.
    pub origin: Option<String>,
    /// What happens to the reserved tokens of the Harmony format in texts, which the Codex backend blocks.
    pub harmony: Harmony,
    /// What is known of the request's model, whose rules it must keep to.
    pub catalog: ModelCatalog,
    /// Where the reasoning in its history came from. Encrypted reasoning of another origin is dropped.
    pub history_origin: Option<String>,
    /// Keys that open summaries of compacted conversations in its history.
    pub seal_keys: SealKeys,
    /// The conversation that a Messages request belongs to, from a header of the client's: the upstream's key for its
    /// cache. Default: the session in `metadata.user_id`.
    pub session: Option<String>,
}

/// A `previous_response_id` on a backend that stores nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum UnresolvedPrevious {
    /// Dropping it would lose the conversation.
    #[default]
    Reject,
    /// It is removed, and that is in the list of changes.
    Drop,
}

/// Reserved tokens of the Harmony format (`<|start|>`, `<|end|>`, …) in a request's texts.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Harmony {
    /// They are sent as they are; the Codex backend answers `invalid_prompt`.
    #[default]
    Keep,
    /// Their bars become full-width ones, which mean nothing to the model.
    Escape,
}

impl RequestOptions {
    /// Reads an object whose members are named like the fields; every member is optional. `transport`: `http` or
    /// `websocket`; `unresolved_previous`: `reject` or `drop`; `harmony`: `keep` or `escape`; `catalog`: `bundled`, `none`,
    /// or a `/models` document that is merged over the bundled one.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        options::read("RequestOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "transport" => self.transport = options::transport(value)?,
            "strict" => self.strict = value.as_bool()?,
            "unresolved_previous" => {
                let choices = [("reject", UnresolvedPrevious::Reject), ("drop", UnresolvedPrevious::Drop)];
                self.unresolved_previous = options::one_of(value, &choices)?;
            }
            "harmony" => {
                let choices = [("keep", Harmony::Keep), ("escape", Harmony::Escape)];
                self.harmony = options::one_of(value, &choices)?;
            }
            "catalog" => self.catalog = ModelCatalog::read(value)?,
            "origin" => self.origin = Some(options::text(value)?),
            "seal_keys" => self.seal_keys = SealKeys::from_json(value)?,
            "session" => self.session = Some(options::text(value)?),
            "history_origin" => self.history_origin = Some(options::text(value)?),
            _ => return None,
        }
        Some(())
    }

    /// Whether the history's reasoning can be read where this request goes.
    fn is_foreign(&self) -> bool {
        self.history_origin.is_some() && self.history_origin != self.origin
    }
}

/// A request that its upstream takes.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConvertedRequest {
    /// What to send.
    pub body: Vec<u8>,
    /// Every difference from what came in. Paths are those of the Responses request; for a chat request the lines that
    /// turned it into one come first, with its own paths.
    pub changes: Vec<Change>,
    /// What to give the transcoder or collector that reads the answer.
    pub context: RequestContext,
}

/// The older name of [`ConvertedRequest`].
pub type Normalized = ConvertedRequest;

/// What becomes of each member of a chat request, as JSON: name → `{"class":"mapped|passed|removed|rejected",…}` with
/// `to` where it is mapped, `reason` where it is lost, `default` where that value asks for nothing, `as: "switch"` where
/// another vendor's switch means an effort.
pub fn chat_fields() -> &'static str {
    to_responses::CHAT_FIELDS
}

/// What becomes of each member of a Messages request, in the form of [`chat_fields`]; `chat`: the member of a chat request
/// that has its meaning, where Responses has none.
pub fn messages_fields() -> &'static str {
    to_responses::MESSAGES_FIELDS
}

/// Makes a client's request one that the upstream accepts, by a profile that says what that is: [`Profile::of_upstream`], or
/// one of your own. Without a `client` the body tells its dialect; a body that is plainly of another dialect than `client`
/// is read as what it is. Give the `context` to what reads the answer.
///
/// ```
/// use sluicegate::{Dialect, Profile, RequestOptions, convert_request};
/// let body = br#"{"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"stop":"x"}"#;
/// let upstream = Dialect::Responses;
/// let profile = Profile::of_upstream(upstream);
/// let request = convert_request(body, None, upstream, &profile, &RequestOptions::default())?;
/// assert!(String::from_utf8_lossy(&request.body).contains(r#""content":[{"type":"input_text","text":"Hi"}]"#));
/// assert!(request.changes.iter().any(|change| change.path == "stop"));
/// assert_eq!(request.context.dialect, Dialect::Chat);
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn convert_request(
    body: &[u8],
    client: Option<Dialect>,
    upstream: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let client = client.unwrap_or_default();
    match upstream {
        Dialect::Responses => pipeline::normalize(body, client, profile, options),
        Dialect::Chat => pipeline::to_chat(body, client, profile, options),
        Dialect::Messages => pipeline::to_messages(body, client, profile, options),
    }
}

/// [`convert_request`] for Responses clients of a Responses upstream: makes a Responses request one that the profile's
/// backend accepts.
///
/// ```
/// use sluicegate::{Profile, RequestOptions, normalize_request};
/// let body = br#"{"model":"gpt-5.5", "input":[{"role":"user","content":"Hi"}], "temperature":0.20}"#;
/// let request = normalize_request(body, &Profile::codex(), &RequestOptions::default())?;
/// assert!(request.body.starts_with(br#"{"model":"gpt-5.5", "input":[{"role":"user","content":"Hi"}],"#));
/// assert_eq!(request.changes[0].path, "temperature");
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn normalize_request(
    body: &[u8],
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    convert_request(body, Some(Dialect::Responses), Dialect::Responses, profile, options)
}

/// [`convert_request`] for chat clients of a Responses upstream.
///
/// ```
/// use sluicegate::{Profile, RequestOptions, chat_to_responses};
/// let body = br#"{"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"max_tokens":50,"stop":"x"}"#;
/// let request = chat_to_responses(body, &Profile::named("openai").unwrap(), &RequestOptions::default())?;
/// let body = String::from_utf8(request.body).unwrap();
/// assert!(body.contains(r#""content":[{"type":"input_text","text":"Hi"}]"#) && body.contains(r#""max_output_tokens":50"#));
/// assert!(request.changes.iter().any(|change| change.path == "stop"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn chat_to_responses(
    body: &[u8],
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    convert_request(body, Some(Dialect::Chat), Dialect::Responses, profile, options)
}

/// [`convert_request`] for Responses clients of a chat upstream; by the profile `chat`, or one that extends it. A body with
/// `messages` and no `input` is a chat request already.
///
/// ```
/// use sluicegate::{Profile, RequestOptions, responses_to_chat};
/// let body = br#"{"model":"qwen","instructions":"Be brief.","input":"Hi","store":false,"stream":true}"#;
/// let request = responses_to_chat(body, &Profile::named("chat").unwrap(), &RequestOptions::default())?;
/// let body = String::from_utf8(request.body).unwrap();
/// assert!(body.contains(r#""messages":[{"role":"system","content":"Be brief."},{"role":"user","content":"Hi"}]"#));
/// assert!(body.contains(r#""stream_options":{"include_usage":true}"#) && !body.contains("store"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn responses_to_chat(
    body: &[u8],
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    convert_request(body, Some(Dialect::Responses), Dialect::Chat, profile, options)
}
