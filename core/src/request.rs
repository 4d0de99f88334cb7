//! Requests: any client's body becomes one that an upstream accepts.
//!
//! Input: a request of any dialect. Output: the body to send, every change to it, and the context that whatever
//! reads the answer needs. State: none. The passes are in `pipeline`; each edits the bytes as they were sent, and what
//! none touches keeps its order, number format, escapes and white space, so the prompt cache holds.

mod backend_rules;
mod body;
mod cache_marks;
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
mod options;
mod part;
mod path;
mod pipeline;
mod probe;
mod profile;
mod request_edit;
mod short_names;
mod subschemas;
mod to_chat;
mod to_messages;
mod to_responses;

use crate::dialect::Dialect;
use crate::error::Error;
pub(crate) use backend_rules::as_list;
pub(crate) use body::parse;
pub(crate) use call_pairs::reject_orphans;
pub use compact::compaction_request;
pub use context::{ClientTool, RequestContext};
pub use count_tokens::count_tokens;
pub(crate) use item_types::{COMPACTIONS, REASONING};
pub use options::{Harmony, RequestOptions, UnresolvedPrevious};
pub use part::{
    ConvertedPart, PartWay, RequestPart, convert_messages, convert_part, convert_tool_choice, convert_tools,
};
pub use pipeline::{ConvertedRequest, convert_request};
pub use probe::is_probe;
pub use profile::{Profile, Transport};
pub use request_edit::{Action, Change};

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
