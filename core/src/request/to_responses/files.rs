//! Files of other protocols: chat's, whose members are nested, and documents.
//!
//! Input: a part. Output: a Responses part. State: none.

use super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::input_shapes::{INPUT_FILE, INPUT_TEXT};
use super::super::path::Path;
use super::parts::{marked, source, text_part};
use super::tools::closed;
use super::{given, missing, wrong_type};
use crate::error::Error;
use crate::json::tree::Node;
use crate::json::write;

/// Where chat nests the members.
pub(super) const NEST: &str = "file";
/// What a file is given by, and what it is called in Responses.
const GIVEN: [(&str, &str); 4] =
    [("file_id", "file_id"), ("file_data", "file_data"), ("file_url", "file_url"), ("url", "file_url")];
pub(super) const MEMBERS: &[&str] =
    &["type", NEST, "file_id", "file_data", "file_url", "url", "filename", "detail"];
const OF_DOCUMENT: &[&str] = &["type", "source", "title"];

/// The members that a file is written with.
pub(super) fn members(part: Node<'_>) -> &'static [&'static str] {
    if is_document(part) { OF_DOCUMENT } else { MEMBERS }
}

/// Whether an `input_file` keeps what it shows as the files of other protocols do.
pub(super) fn is_nested(part: Node<'_>) -> bool {
    let has = |key: &str| given(part, key).is_some();
    let is_given = GIVEN[..3].iter().any(|(key, _)| has(key));
    given(part, NEST).is_some_and(Node::is_object) || has("source") || (has("url") && !is_given)
}

fn is_document(part: Node<'_>) -> bool {
    given(part, NEST).is_none() && given(part, "source").is_some()
}

/// `file` as `input_file`: its members, flat. `document`: its source, or the text that it is.
pub(super) fn file(part: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    match given(part, NEST) {
        Some(file) if !file.is_object() => Err(wrong_type(file, &path.key(NEST), "an object")),
        None if is_document(part) => document(part, path),
        None if !GIVEN.iter().any(|(key, _)| given(part, key).is_some()) => {
            Err(missing(part, &path.key(NEST)))
        }
        nest => Ok(flat(part, nest)),
    }
}

fn flat(part: Node<'_>, nest: Option<Node<'_>>) -> Vec<u8> {
    let mut out = [br#"{"type":""#, INPUT_FILE.as_bytes(), b"\""].concat();
    let members = part.members().chain(nest.into_iter().flat_map(Node::members));
    for member in members.filter(|member| !member.is_null()) {
        if let Some(name) = name_of(member) {
            write::pieces(&mut out, [b",\"", name.as_bytes(), b"\":", member.raw()]);
        }
    }
    closed(out)
}

fn name_of(member: Node<'_>) -> Option<&'static str> {
    let others = ["filename", "detail", BREAKPOINT, CACHE_CONTROL].map(|name| (name, name));
    GIVEN.into_iter().chain(others).find(|(own, _)| member.is_named(own)).map(|(_, name)| name)
}

fn document(part: Node<'_>, path: &Path<'_>) -> Result<Vec<u8>, Error> {
    let own = part.get("source").filter(|source| source.is_object());
    let source_text = own.filter(|source| source.get("type").is_some_and(|kind| kind.is("text")));
    if let Some(text) = source_text.and_then(|source| source.text("data")) {
        return Ok(marked(text_part(INPUT_TEXT, text), part));
    }
    let wrong = || wrong_type(part, &path.key("source"), "a file's data, URL or id");
    let is_fetched = own.is_some_and(|source| source.get("url").is_some());
    let url_key = if is_fetched { "file_url" } else { "file_data" };
    let mut out = br#"{"type":"input_file","#.to_vec();
    out.extend_from_slice(&source(part, [url_key, "file_id"]).ok_or_else(wrong)?);
    if let Some(title) = part.text("title").filter(|_| !is_fetched) {
        write::pieces(&mut out, [b",\"filename\":\"", title.raw(), b"\""]);
    }
    Ok(marked(closed(out), part))
}
