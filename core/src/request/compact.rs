//! A request to compact the conversation, for a server that knows none: it is asked for a summary in plain words.
//!
//! Input: a Responses request whose input ends with a trigger. Output: the same with the profile's prompt as the user's last
//! message, and tools that cannot be called. State: none.

use super::item_types::ADDITIONAL_TOOLS;
use super::options::RequestOptions;
use super::path::Path;
use super::request_edit::{Action, Change, Loss, RequestEdit, reject};
use crate::error::Error;
use crate::error::RejectCode;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_REQUEST_BYTES;

const TRIGGER: &str = "compaction_trigger";
/// Says nothing, and may come after the trigger.
const SETTINGS: &str = "configuration_update";
const NOT_NEEDED: &str = "a summary needs none";
/// What a summary is not shaped by.
const FORMAT: &str = "text";

/// What becomes of the tools, which a summary must not call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tools {
    /// They are left out: few servers know a choice of none.
    Dropped,
    /// They stay, with a choice of none: the server has them in its cache, and wants them where the history has calls.
    Kept,
}

impl Tools {
    fn dropped(self) -> &'static [&'static str] {
        match self {
            Self::Dropped => &["tools", "tool_choice", "parallel_tool_calls"],
            Self::Kept => &["parallel_tool_calls"],
        }
    }
}

/// Makes a request to `/responses/compact` one to `/responses`: its input ends with the trigger. [`crate::compaction_response`]
/// makes the answer of the Response.
///
/// ```
/// let request = sluicegate::compaction_request(br#"{"model":"m","input":"Hi"}"#)?;
/// assert!(request.ends_with(br#""text":"Hi"}]},{"type":"compaction_trigger"}]}"#));
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn compaction_request(body: &[u8]) -> Result<Vec<u8>, Error> {
    let tree = super::parse(body, MAX_REQUEST_BYTES)?;
    let root = tree.root();
    if root.text("model").is_none() {
        let message = "Missing required parameter: 'model'.";
        return Err(reject(RejectCode::MissingParameter, root, &Path::Root.key("model"), message));
    }
    let trigger = format!(r#"{{"type":"{TRIGGER}"}}"#).into_bytes();
    let alone = || [b"[", &trigger[..], b"]"].concat();
    let mut edits = Edits::default();
    root.members().filter(|member| member.is_named("stream")).for_each(|member| edits.remove(member));
    match root.get("input") {
        None => edits.append_member(root, "input", &alone()),
        Some(input) if input.is_null() => edits.replace(input, alone()),
        Some(input) => match input.as_str() {
            Some(text) => {
                let list = super::as_list(text);
                let elements = list.strip_suffix(b"]").unwrap_or_default();
                edits.replace(input, [elements, b",", &trigger, b"]"].concat());
            }
            None if input.is_array() => edits.append(input, trigger),
            None => {
                let path = &Path::Root.key("input");
                return Err(reject(RejectCode::InvalidType, input, path, "input must be a string or a list"));
            }
        },
    }
    Ok(edits.apply(root))
}

/// A request for a summary, and its changes.
type Summary = (Vec<u8>, Vec<Change>);

/// The request for a summary and its changes; `None` where nothing asks to compact.
pub(super) fn summary_instead(
    root: Node<'_>,
    prompt: &str,
    tools: Tools,
    options: &RequestOptions,
    room: usize,
) -> Result<Option<Summary>, Error> {
    let is_of = |item: &Node<'_>, name: &str| item.get("type").is_some_and(|kind| kind.is(name));
    let items = root.get("input").into_iter().flat_map(Node::elements).enumerate();
    let last = items.clone().filter(|(_, item)| !is_of(item, SETTINGS)).last();
    let last = last.filter(|(_, item)| !prompt.is_empty() && is_of(item, TRIGGER));
    let Some((index, trigger)) = last else { return Ok(None) };
    let (mut edit, input) = (RequestEdit::new(options.strict, room), Path::Root.key("input"));
    let dropped = tools.dropped().iter().chain([&FORMAT]);
    for (name, member) in dropped.filter_map(|name| Some((name, root.get(name)?))) {
        edit.remove(member, &Path::Root.key(name), NOT_NEEDED, Loss::Harmless)?;
    }
    let declared = items.filter(|(_, item)| is_of(item, ADDITIONAL_TOOLS));
    let declared = declared.filter_map(|(index, item)| Some((index, item.get("tools")?)));
    if tools == Tools::Dropped {
        for (index, list) in declared {
            edit.put(list, "[]");
            edit.note(Action::Removed, &input.index(index).key("tools"), NOT_NEEDED);
        }
    } else if declared
        .map(|(_, list)| list)
        .chain(root.get("tools"))
        .any(|list| list.elements().next().is_some())
    {
        edit.set(root, "tool_choice", b"\"none\"", &Path::Root, "a summary calls none");
    }
    edit.replace(
        trigger,
        message("user", "input_text", prompt),
        &input.index(index),
        "a summary is asked for",
    );
    edit.into_edits().map(|(edits, changes, _)| Some((edits.apply(root), changes)))
}

/// A message of one text, as an input item.
pub(super) fn message(role: &str, part: &str, text: &str) -> Vec<u8> {
    let head = format!(r#"{{"type":"message","role":"{role}","content":[{{"type":"{part}","text":"#);
    let mut out = head.into_bytes();
    write::string(&mut out, text);
    out.extend_from_slice(b"}]}");
    out
}
