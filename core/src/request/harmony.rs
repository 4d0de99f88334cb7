//! Reserved tokens of the Harmony format in a request's texts: the Codex backend answers them with `invalid_prompt`.
//!
//! Input: a request. Output: the edits that give each token full-width bars, and their list. State: none.

use super::path::{self, Path};
use super::request_edit::{Change, RequestEdit, reject};
use crate::error::{Error, RejectCode};
use crate::json::Str;
use crate::json::splice::Edits;
use crate::json::tree::Node;
use crate::json::write;

const WORDS: [&str; 7] = ["start", "end", "message", "channel", "constrain", "return", "call"];
/// U+FF5C, which looks like a bar and is none.
const BAR: char = '\u{ff5c}';

/// Whether there may be a token: all of them have bars, and most requests none.
pub(super) fn is_in(body: &[u8]) -> bool {
    let has = |text: &[u8]| memchr::memmem::find(body, text).is_some();
    let is_either = |raw: &[u8], escapes: [&[u8]; 2]| has(raw) || escapes.into_iter().any(has);
    is_either(b"|", [br"\u007c", br"\u007C"]) && is_either(b"<", [br"\u003c", br"\u003C"])
}

pub(super) fn escape(root: Node<'_>, room: usize) -> Result<(Edits, Vec<Change>), Error> {
    let mut edit = RequestEdit::new(false, room);
    inside(root, &Path::Root, &mut edit)?;
    edit.into_edits().map(|(edits, changes, _)| (edits, changes))
}

/// Every text of the request. A name cannot be changed without changing what it names.
fn inside(node: Node<'_>, path: &Path<'_>, edit: &mut RequestEdit) -> Result<(), Error> {
    for member in node.members() {
        let key = member.key().decode();
        let path = &path.key(path::shown(&key));
        if escaped(&key).is_some() {
            let message = "a name holds a reserved token of the backend";
            return Err(reject(RejectCode::UnsupportedValue, member, path, message));
        }
        value(member, path, edit)?;
    }
    for (index, element) in node.elements().enumerate() {
        value(element, &path.index(index), edit)?;
    }
    Ok(())
}

fn value(node: Node<'_>, path: &Path<'_>, edit: &mut RequestEdit) -> Result<(), Error> {
    let Some(text) = node.as_str() else { return inside(node, path, edit) };
    if let Some(text) = may_hold(text).then(|| escaped(&text.decode())).flatten() {
        edit.replace(node, write::quoted(&text), path, "a reserved token of the backend");
    }
    Ok(())
}

fn may_hold(text: Str<'_>) -> bool {
    text.is_escaped() || memchr::memchr(b'|', text.raw()).is_some()
}

/// The text with the bars of its tokens replaced; `None` where it has none.
fn escaped(text: &str) -> Option<String> {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find('<') {
        let (before, from) = rest.split_at(at);
        out.push_str(before);
        let length = token(from);
        let (own, after) = from.split_at(length.unwrap_or(1));
        out.extend(own.chars().map(|c| if c == '|' { BAR } else { c }));
        rest = after;
    }
    out.push_str(rest);
    (out != text).then_some(out)
}

/// The length of the token that a text begins with; characters that nobody sees do not break one up.
fn token(text: &str) -> Option<usize> {
    let mut seen = text.char_indices().filter(|(_, c)| !is_invisible(*c)).take(LONGEST);
    (seen.next()?.1 == '<' && seen.next()?.1 == '|').then_some(())?;
    let name: String = seen.by_ref().map(|(_, c)| c).take_while(|c| *c != '|').collect();
    let (end, last) = seen.next()?;
    (last == '>' && WORDS.contains(&&*name)).then_some(end + 1)
}

/// `<|constrain|>`
const LONGEST: usize = 13;

fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}
