//! Enters: a client's request, Responses or chat. Leaves: the body that the backend takes, a ledger of every change,
//! and what the answer must be told of the request.
//!
//! Two steps, each an edit of the bytes as they were sent: `shape` makes any body a Responses request, `rules` makes
//! it one that the profile's backend accepts. What neither touches keeps its order, number format, escapes and white
//! space, so the prompt cache holds.

mod choice;
mod context;
mod draft;
mod fields;
mod history;
mod items;
mod kinds;
mod names;
mod path;
mod profile;
mod reverse;
mod rules;
mod shape;
mod system;
mod target;
mod tools;

use crate::dialect::Dialect;
use crate::error::{Error, RejectCode};
use crate::json::splice::Edits;
use crate::json::tree::{Node, Tree};
use crate::json::{Malformed, Value};
use crate::options;
use crate::outcome::ErrorBody;
pub use context::{ClientTool, RequestContext};
pub use draft::{Action, Change};
pub(crate) use items::as_list;
pub(crate) use kinds::REASONING;
pub use profile::{Profile, Transport};
use rules::BREAKPOINT;

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
    /// Where the reasoning in its history came from. Encrypted reasoning of another origin is dropped.
    pub history_origin: Option<String>,
}

/// A `previous_response_id` on a backend that stores nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum UnresolvedPrevious {
    /// Dropping it would lose the conversation.
    #[default]
    Reject,
    /// It is removed, and that is in the ledger.
    Drop,
}

impl RequestOptions {
    /// Reads an object whose members are named like the fields; every member is optional. `transport`: `http` or
    /// `websocket`; `unresolved_previous`: `reject` or `drop`.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        options::read(json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "transport" => self.transport = Transport::read(value)?,
            "strict" => self.strict = value.as_bool()?,
            "unresolved_previous" => {
                let choices = [("reject", UnresolvedPrevious::Reject), ("drop", UnresolvedPrevious::Drop)];
                self.unresolved_previous = options::one_of(value, &choices)?;
            }
            "origin" => self.origin = Some(options::text(value)?),
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
#[derive(Debug, Clone, PartialEq, Eq)]
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
/// `to` where it is mapped, `reason` where it is lost, `default` where that value asks for nothing.
pub fn chat_fields() -> &'static str {
    shape::CHAT_FIELDS
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
        Dialect::Responses => to_responses(body, client, profile, options),
        Dialect::Chat => to_chat(body, client, profile, options),
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
) -> Result<Normalized, Error> {
    convert_request(body, Some(Dialect::Responses), Dialect::Responses, profile, options)
}

/// [`convert_request`] for chat clients of a Responses upstream.
///
/// ```
/// use sluicegate::{Profile, RequestOptions, chat_to_responses};
/// let body = br#"{"model":"gpt-5.5","messages":[{"role":"user","content":"Hi"}],"max_tokens":5,"stop":"x"}"#;
/// let request = chat_to_responses(body, &Profile::named("openai").unwrap(), &RequestOptions::default())?;
/// let body = String::from_utf8(request.body).unwrap();
/// assert!(body.contains(r#""content":[{"type":"input_text","text":"Hi"}]"#) && body.contains(r#""max_output_tokens":5"#));
/// assert!(request.changes.iter().any(|change| change.path == "stop"));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn chat_to_responses(
    body: &[u8],
    profile: &Profile,
    options: &RequestOptions,
) -> Result<Normalized, Error> {
    convert_request(body, Some(Dialect::Chat), Dialect::Responses, profile, options)
}

fn to_responses(
    body: &[u8],
    client: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<Normalized, Error> {
    let tree = parse(body, profile.body_bytes)?;
    let mut context = RequestContext::default();
    let (edits, mut changes) = shape::shape(tree.root(), client, options, &mut context)?;
    let shaped = (!edits.is_empty()).then(|| edits.apply(tree.root()));
    let reshaped = shaped.as_deref().map(Tree::parse).transpose().map_err(not_json)?;
    let root = reshaped.as_ref().unwrap_or(&tree).root();
    let ruled = rules::apply(root, profile, options, &mut context);
    let (rules, ruled_changes) = ruled.map_err(|error| error.at_origin(&edits, tree.root()))?;
    changes.extend(ruled_changes);
    let ruled = (!rules.is_empty()).then(|| rules.apply(root));
    let body = ruled.or(shaped).unwrap_or_else(|| body.to_vec());
    Ok(ConvertedRequest { body, changes, context })
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
) -> Result<Normalized, Error> {
    convert_request(body, Some(Dialect::Responses), Dialect::Chat, profile, options)
}

fn to_chat(
    body: &[u8],
    client: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    let Some(target) = &profile.chat else {
        return Err(Error::InvalidOption { path: "profile.chat".to_owned() });
    };
    let tree = parse(body, profile.body_bytes)?;
    if shape::dialect(tree.root(), client)? == Dialect::Chat {
        let context = shape::asked(tree.root(), Dialect::Chat);
        return Ok(ConvertedRequest { body: body.to_vec(), changes: Vec::new(), context });
    }
    let ConvertedRequest { body: ruled, mut changes, mut context } =
        to_responses(body, client, profile, options)?;
    let ruled = Tree::parse(&ruled).map_err(not_json)?;
    let reversed = reverse::reverse(ruled.root(), profile, target, options, &mut context);
    let (edits, reversed_changes) = reversed.map_err(Error::without_offset)?;
    changes.extend(reversed_changes);
    Ok(ConvertedRequest { body: edits.apply(ruled.root()), changes, context })
}

/// A request body that is UTF-8, JSON and an object.
pub(crate) fn parse(body: &[u8], limit: usize) -> Result<Tree<'_>, Error> {
    if body.len() > limit {
        let message = format!("the request is larger than {limit} bytes");
        return Err(whole(RejectCode::RequestTooLarge, limit, message));
    }
    let body_text = simdutf8::compat::from_utf8(body);
    body_text.map_err(|error| not_json(Malformed(error.valid_up_to())))?;
    let tree = Tree::parse(body).map_err(not_json)?;
    if !tree.root().is_object() {
        let message = "the request must be a JSON object".to_owned();
        return Err(whole(RejectCode::InvalidType, tree.root().start(), message));
    }
    Ok(tree)
}

impl Error {
    /// The body to answer a rejected request with, status 400: `{"error":{"message","type","param","code"}}`.
    pub fn envelope(&self) -> String {
        let body = ErrorBody {
            message: self.to_string(),
            kind: "invalid_request_error".to_owned(),
            param: self.path().map(str::to_owned),
            code: Some(self.code().to_owned()),
            ..ErrorBody::default()
        };
        let mut out = Vec::new();
        body.write_envelope(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    /// The same error, its offset in the edited body now that in the body as it came.
    fn at_origin(mut self, edits: &Edits, root: Node<'_>) -> Self {
        if let Self::Rejected { offset: Some(offset), .. } = &mut self {
            *offset = edits.origin(root, *offset as usize) as u64;
        }
        self
    }

    /// The same error, for a body that is not the one that came: the path says where.
    fn without_offset(mut self) -> Self {
        if let Self::Rejected { offset, .. } = &mut self {
            *offset = None;
        }
        self
    }

    /// The ledger's line for a rejected request.
    pub fn change(&self) -> Change {
        let path = self.path().unwrap_or_default().to_owned();
        Change { action: Action::Rejected, path, reason: self.to_string() }
    }
}

fn not_json(Malformed(offset): Malformed) -> Error {
    whole(RejectCode::InvalidJson, offset, format!("the request is not valid JSON: see byte {offset}"))
}

/// An error of the body as a whole.
fn whole(code: RejectCode, offset: usize, message: String) -> Error {
    Error::Rejected { code, path: None, offset: Some(offset as u64), message }
}
