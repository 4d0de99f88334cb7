//! Parts of a request, converted by the passes of a whole one.
//!
//! Input: tools, the choice of one, or a conversation, as the client has them. Output: the same as the upstream has it. State:
//! none. Around the part stands the least request that can hold it.

use super::body;
use super::context::RequestContext;
use super::options::RequestOptions;
use super::pipeline::convert_request;
use super::profile::Profile;
use super::request_edit::Change;
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_REQUEST_BYTES;

/// A part of a request, as the upstream takes it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct ConvertedPart {
    /// What to send, as JSON.
    pub json: Vec<u8>,
    /// Every difference from what came in.
    pub changes: Vec<Change>,
    /// What this part adds to the context of the answer: names and ids that come back.
    pub context: RequestContext,
}

/// Who asks, who answers, and by which rules.
#[derive(Debug, Clone, Copy)]
pub struct PartWay<'a> {
    /// The dialect that the part has.
    pub client: Dialect,
    /// The dialect that it gets.
    pub upstream: Dialect,
    /// The model, whose rules count; without it, no model's do.
    pub model: Option<&'a str>,
    /// What the upstream takes: [`Profile::of_upstream`], or one of your own.
    pub profile: &'a Profile,
    /// As of [`convert_request`].
    pub options: &'a RequestOptions,
}

/// Which part of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequestPart {
    /// As [`convert_tools`].
    Tools,
    /// As [`convert_tool_choice`].
    ToolChoice,
    /// As [`convert_messages`].
    Messages,
}

impl RequestPart {
    /// The part of that name: the member of a chat request that has it.
    pub fn named(name: &str) -> Option<Self> {
        let parts = [(TOOLS, Self::Tools), (CHOICE, Self::ToolChoice), (SAID[0], Self::Messages)];
        parts.into_iter().find(|(own, _)| *own == name).map(|(_, part)| part)
    }
}

/// A part of a request, whichever it is. `tools` counts for a choice.
pub fn convert_part(
    part: RequestPart,
    json: &[u8],
    tools: Option<&[u8]>,
    way: &PartWay<'_>,
) -> Result<ConvertedPart, Error> {
    match part {
        RequestPart::Tools => convert_tools(json, way),
        RequestPart::ToolChoice => convert_tool_choice(json, tools, way),
        RequestPart::Messages => convert_messages(json, way),
    }
}

/// Where a part stands: its member in the client's request, and those that it becomes in the upstream's.
struct Place {
    member: &'static str,
    becomes: &'static [&'static str],
    /// The path of a change to it begins with one of these.
    paths: &'static [&'static str],
    /// What stands for a member that is gone; none where the part is an object of the members that it becomes.
    nothing: Option<&'static [u8]>,
}

const TOOLS: &str = "tools";
const CHOICE: &str = "tool_choice";
const SAID: [&str; 4] = ["messages", "input", "system", "instructions"];

/// Tools, as [`convert_request`] would send them: a list, `[]` where none is left.
///
/// ```
/// use sluicegate::{Dialect, PartWay, Profile, RequestOptions, convert_tools};
/// let tools = br#"[{"name":"look","input_schema":{"type":"object","properties":{}}}]"#;
/// let (profile, options) = (Profile::of_upstream(Dialect::Chat), RequestOptions::default());
/// let (client, upstream) = (Dialect::Messages, Dialect::Chat);
/// let way = PartWay { client, upstream, model: None, profile: &profile, options: &options };
/// let part = convert_tools(tools, &way)?;
/// assert!(part.json.starts_with(br#"[{"type":"function","function":{"name":"look""#));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn convert_tools(tools: &[u8], way: &PartWay<'_>) -> Result<ConvertedPart, Error> {
    let place = Place { member: TOOLS, becomes: &[TOOLS], paths: &[TOOLS], nothing: Some(b"[]") };
    part(tools, &place, &[said(way.client)], way)
}

/// The choice of a tool, as [`convert_request`] would send it; `null` where none is. `tools`: those of the request, in the
/// client's form; without them, the tools that the choice names count as declared. What it says of parallel calls is in the
/// changes.
pub fn convert_tool_choice(
    choice: &[u8],
    tools: Option<&[u8]>,
    way: &PartWay<'_>,
) -> Result<ConvertedPart, Error> {
    let paths = &[CHOICE, "parallel_tool_calls"];
    let place = Place { member: CHOICE, becomes: &[CHOICE], paths, nothing: Some(b"null") };
    let tools = match tools {
        Some(tools) => tools.to_vec(),
        None => named(body::value(choice, MAX_REQUEST_BYTES)?.root(), way.client),
    };
    part(choice, &place, &[member(TOOLS, &tools), said(way.client)], way)
}

/// A conversation: the list of messages, of a Responses client that of input items. What comes back is an object of the members
/// that it becomes: `messages`; `input` and `instructions`; `messages` and `system`.
pub fn convert_messages(messages: &[u8], way: &PartWay<'_>) -> Result<ConvertedPart, Error> {
    let member = match way.client {
        Dialect::Responses => "input",
        Dialect::Chat | Dialect::Messages => "messages",
    };
    let becomes: &[_] = match way.upstream {
        Dialect::Responses => &["instructions", "input"],
        Dialect::Chat => &["messages"],
        Dialect::Messages => &["system", "messages"],
    };
    part(messages, &Place { member, becomes, paths: &SAID, nothing: None }, &[], way)
}

fn part(json: &[u8], place: &Place, around: &[Vec<u8>], way: &PartWay<'_>) -> Result<ConvertedPart, Error> {
    body::value(json, MAX_REQUEST_BYTES)?;
    let mut body = [b"{\"", place.member.as_bytes(), b"\":"].concat();
    let start = body.len();
    body.extend_from_slice(json);
    let limit = (way.client == Dialect::Messages).then(|| b"\"max_tokens\":1".to_vec());
    let model = member("model", &write::quoted(way.model.unwrap_or_default()));
    for further in around.iter().chain([&model]).chain(&limit) {
        write::pieces(&mut body, [b",", &further[..]]);
    }
    body.push(b'}');
    let converted = convert_request(&body, Some(way.client), way.upstream, way.profile, way.options);
    let converted = converted.map_err(|error| inside(error, start, json.len()))?;
    let tree = body::parse(&converted.body, usize::MAX)?;
    let json = match (place.nothing, place.becomes) {
        (Some(nothing), [one, ..]) => tree.root().get(one).map_or(nothing, Node::raw).to_vec(),
        _ => object(tree.root(), place.becomes),
    };
    let is_own = |change: &Change| {
        place.paths.iter().any(|own| {
            change.path.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
        })
    };
    let changes = converted.changes.into_iter().filter(is_own).collect();
    let context = RequestContext { model: way.model.map(str::to_owned), ..converted.context };
    Ok(ConvertedPart { json, changes, context })
}

/// The offset is that in the part; outside of it, none.
fn inside(mut error: Error, start: usize, length: usize) -> Error {
    if let Error::Rejected { offset, .. } = &mut error {
        *offset = offset.and_then(|at| at.checked_sub(start as u64)).filter(|at| *at <= length as u64);
    }
    error
}

fn object(root: Node<'_>, keys: &[&str]) -> Vec<u8> {
    let members = keys.iter().filter_map(|key| Some(member(key, root.get(key)?.raw())));
    [b"{", &members.collect::<Vec<_>>().join(&b',')[..], b"}"].concat()
}

fn member(key: &str, value: &[u8]) -> Vec<u8> {
    [b"\"", key.as_bytes(), b"\":", value].concat()
}

/// The least conversation.
fn said(client: Dialect) -> Vec<u8> {
    let key = if client == Dialect::Responses { "input" } else { "messages" };
    member(key, br#"[{"role":"user","content":"-"}]"#)
}

/// Tools that a choice names, declared; or one, so that there is something to choose.
fn named(choice: Node<'_>, client: Dialect) -> Vec<u8> {
    let mut tools = Vec::new();
    for object in [choice].into_iter().chain(choice.descendants()).filter(|node| node.is_object()) {
        let Some(kind) = object.text("type") else { continue };
        let name = object.text("name").or_else(|| object.get("function")?.text("name"));
        tools.extend(match name {
            Some(name) => Some(declared(&kind.decode(), name.raw(), client)),
            None if ["auto", "any", "none", "allowed_tools"].iter().any(|word| kind.is(word)) => None,
            None => Some([b"{\"type\":", &write::quoted(&kind.decode())[..], b"}"].concat()),
        });
    }
    if tools.is_empty() {
        tools.push(declared("function", b"f", client));
    }
    [b"[", &tools.join(&b',')[..], b"]"].concat()
}

/// `name`: JSON string contents.
fn declared(kind: &str, name: &[u8], client: Dialect) -> Vec<u8> {
    let inner = |inner: &[u8]| [&b"{\"name\":\""[..], name, b"\"", inner, b"}"].concat();
    match (client, kind) {
        (Dialect::Messages, _) => inner(br#","input_schema":{"type":"object","properties":{}}"#),
        (Dialect::Chat, "custom") => [b"{\"type\":\"custom\",\"custom\":", &inner(b"")[..], b"}"].concat(),
        (Dialect::Chat, _) => [b"{\"type\":\"function\",\"function\":", &inner(b"")[..], b"}"].concat(),
        (Dialect::Responses, "custom") => inner(b",\"type\":\"custom\""),
        (Dialect::Responses, _) => inner(b",\"type\":\"function\""),
    }
}
