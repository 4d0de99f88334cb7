//! Items and parts held against the table of [`input_shapes`]: inner shapes unfolded, members that are only ever
//! output removed, parts that may not stand where they stand moved or refused.
//!
//! Input: an item. Output: edits, and the paths of what the table does not have. State: none of its own.

use super::super::cache_marks::{BREAKPOINT, CACHE_CONTROL};
use super::super::input_members::{Member, Members};
use super::super::input_shapes::{
    self, COMPUTER_OUTPUT, INPUT_FILE, INPUT_IMAGE, INPUT_TEXT, LOCAL_SHELL_OUTPUT, NAMELESS, OUTPUT_TEXT,
    PartKind, Place, REFUSAL,
};
use super::super::item_types::{self, CONTENT, Item, ItemType, OUTPUT, Role};
use super::super::path::{self, Path};
use super::super::request_edit::{Action, Loss, RuleResult, reject};
use super::super::to_responses::annotation;
use super::Rules;
use crate::error::{Error, RejectCode};
use crate::json::tree::Node;
use crate::json::write;
use crate::limits::MAX_CHANGES;

const ARGUMENTS: Member = Member::of("arguments");
const INPUT: Member = Member::of("input");
/// Of an uploaded file.
pub(super) const FILE_ID: &str = "file_id";
const IMAGE_URL: &str = "image_url";
const FILE_DATA: &str = "file_data";
const FILE_URL: &str = "file_url";
const FETCHED: [&[u8]; 2] = [b"https://", b"http://"];
const OUTPUT_ONLY: &str = "no input item has it";

impl<'t> Rules<'t> {
    /// One item, before the rules about ids and history; `kind`: what it is sent as.
    pub(super) fn shape(&mut self, item: &Item<'t>, kind: &ItemType, path: &Path<'_>) -> RuleResult {
        let node = item.node;
        if self.is_for_chat() {
            return Ok(()); // chat has other shapes
        }
        if !kind.is_known() {
            self.note_unknown(&path.key("type"));
            return Ok(());
        }
        if !kind.has(item.members) {
            for member in node.members() {
                let key = member.key_bytes();
                if !kind.has(Members::at(Members::place(&key))) {
                    self.odd_member(member, &key, kind.is_hosted, path)?;
                }
            }
        }
        match item.get(CONTENT).filter(|_| kind.name == item_types::MESSAGE) {
            Some(content) if content.is_array() => self.message(item, content, path),
            Some(content) if content.as_str().is_none() && !content.is_null() => {
                let path = &path.key("content");
                let message = format!("Invalid type for '{path}': expected a string or a list of parts.");
                Err(reject(RejectCode::InvalidType, content, path, &message))
            }
            _ => self.call_and_output(item, path),
        }
    }

    fn note_unknown(&mut self, path: &Path<'_>) {
        if self.unknown.len() < MAX_CHANGES {
            self.unknown.push(path.to_string());
        }
    }

    /// A member that its row of the table does not have.
    fn odd_member(&mut self, member: Node<'t>, key: &[u8], is_hosted: bool, path: &Path<'_>) -> RuleResult {
        let is_mark = [BREAKPOINT, CACHE_CONTROL].iter().any(|mark| mark.as_bytes() == key);
        if is_mark || self.edit.is_removed(member) {
            return Ok(());
        }
        let name = member.key().decode();
        let path = &path.key(path::shown(&name));
        if !is_hosted && !input_shapes::is_refused(key) {
            self.note_unknown(path);
            return Ok(());
        }
        let loss = if name == "name" && !member.is_null() { Loss::ClientSetting } else { Loss::Harmless };
        self.edit.remove(member, path, OUTPUT_ONLY, loss)
    }

    /// The parts of a message. What an assistant's message cannot hold becomes a message of the user's after it.
    fn message(&mut self, item: &Item<'t>, content: Node<'t>, path: &Path<'_>) -> RuleResult {
        let place = if item.role == Role::Assistant { Place::Assistant } else { Place::Input };
        let (mut carried, mut is_all) = (Vec::new(), true);
        let list = &path.key("content");
        for (index, part) in content.elements().enumerate() {
            let path = &list.index(index);
            if self.part(part, place, path)? {
                is_all = false;
            } else {
                self.edit.note(Action::Moved, path, "the assistant's messages hold text: now the user's");
                carried.push(part);
            }
        }
        if !carried.is_empty() {
            self.carry(item.node, carried, is_all, path);
        }
        Ok(())
    }

    /// Moves parts into a message of the user's, after the one they stood in or instead of it.
    fn carry(&mut self, message: Node<'t>, parts: Vec<Node<'t>>, is_all: bool, path: &Path<'_>) {
        let written: Vec<_> = parts.iter().map(|part| self.edit.unlisted().edited(*part)).collect();
        let list = written.join(&b',');
        let text = [br#"{"type":"message","role":"user","content":["#, &list[..], b"]}"].concat();
        if is_all {
            return self.edit.replace(message, text, path, "only what the user can show");
        }
        for part in parts {
            self.edit.unlisted().remove(part);
        }
        self.edit.insert_after(message, text);
    }

    /// Whether the part may stay where it is.
    pub(super) fn part(&mut self, part: Node<'t>, place: Place, path: &Path<'_>) -> Result<bool, Error> {
        if is_plain_text(part, place) {
            return Ok(true);
        }
        let known = part_kind(part, place, path)?;
        self.edit.remove_duplicates(part, path);
        for member in part.members() {
            let key = member.key_bytes();
            if !known.has(&key) {
                self.odd_member(member, &key, false, path)?;
            }
        }
        match known.name {
            INPUT_IMAGE => self.image(part, path)?,
            INPUT_FILE => self.file(part, path)?,
            INPUT_TEXT => text_in(part, "text", path)?,
            OUTPUT_TEXT => {
                text_in(part, "text", path)?;
                self.annotations(part, path);
            }
            REFUSAL => text_in(part, REFUSAL, path)?,
            _ => {}
        }
        self.breakpoint(part, path)?;
        Ok(known.stands(place))
    }

    /// An image's URL, and beside it the detail that chat keeps with the URL.
    fn image(&mut self, part: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.uploaded(part, FILE_ID, path)?;
        if let Some(data) = part.get(IMAGE_URL).filter(|own| is_document(*own)) {
            return self.document(part, data, path);
        }
        let Some(image) = self.url(part, IMAGE_URL, path)? else { return Ok(()) };
        let detail = image.get("detail").filter(|detail| !detail.is_null());
        if let Some(detail) = detail.filter(|_| part.get("detail").is_none_or(Node::is_null)) {
            self.edit.set(part, "detail", detail.raw(), path, "stood in image_url");
        }
        Ok(())
    }

    /// A document by its bytes, where some clients have but images: a file, which has a name with its data.
    fn document(&mut self, part: Node<'t>, data: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.url(part, IMAGE_URL, path)?;
        if let Some(detail) = part.get("detail") {
            self.edit.remove(detail, &path.key("detail"), "of images only", Loss::Harmless)?;
        }
        if let Some(kind) = part.get("type") {
            self.edit.put(kind, write::quoted(INPUT_FILE));
        }
        let edits = self.edit.unlisted();
        edits.rename(data, FILE_DATA);
        if part.get("filename").is_none() && self.profile.messages.is_none() {
            edits.append_member(part, "filename", &write::quoted(NAMELESS));
        }
        self.edit.note(Action::Replaced, path, "a file, not an image");
        Ok(())
    }

    /// The URL itself, where it stands in an object; gives that object.
    fn url(&mut self, part: Node<'t>, key: &str, path: &Path<'_>) -> Result<Option<Node<'t>>, Error> {
        let own = part.get(key).filter(|own| !own.is_null() && own.as_str().is_none());
        let (Some(holder), path) = (own, &path.key(key)) else { return Ok(None) };
        let Some(url) = holder.get("url").filter(|url| url.as_str().is_some()) else {
            let message = format!("Invalid type for '{path}': expected a URL.");
            return Err(reject(RejectCode::InvalidType, holder, path, &message));
        };
        self.edit.replace(holder, url.raw(), path, "a URL in Responses");
        Ok(Some(holder))
    }

    /// Citations in chat's nesting, flat.
    fn annotations(&mut self, part: Node<'t>, path: &Path<'_>) {
        let path = &path.key("annotations");
        for (index, own) in part.get("annotations").into_iter().flat_map(Node::elements).enumerate() {
            if let Some(flat) = annotation(own).filter(|_| own.get("url_citation").is_some()) {
                self.edit.replace(own, flat, &path.index(index), "a citation in Responses");
            }
        }
    }

    /// A file that is fetched has no name of its own.
    fn file(&mut self, part: Node<'t>, path: &Path<'_>) -> RuleResult {
        self.uploaded(part, FILE_ID, path)?;
        self.url(part, FILE_URL, path)?;
        let given = |key| part.get(key).filter(|member| !member.is_null());
        let is_fetched = match (given(FILE_DATA), given(FILE_URL)) {
            (Some(data), None) if FETCHED.iter().any(|head| begins_with(data, head)) => {
                self.misplaced(part, data, FILE_URL, path);
                true
            }
            (None, Some(url)) if begins_with(url, b"data:") => {
                self.misplaced(part, url, FILE_DATA, path);
                false
            }
            (data, url) => url.is_some() && data.is_none(),
        };
        match part.get("filename").filter(|_| is_fetched) {
            Some(name) => {
                let reason = "a file that is given by its URL has no name";
                self.edit.remove(name, &path.key("filename"), reason, Loss::Harmless)
            }
            None => Ok(()),
        }
    }

    /// A URL where the data should be, or the other way round. What has the right name is null.
    fn misplaced(&mut self, part: Node<'t>, own: Node<'t>, name: &str, path: &Path<'_>) {
        part.get(name).into_iter().for_each(|null| self.edit.unlisted().remove(null));
        self.edit.unlisted().rename(own, name);
        let key = own.key().decode();
        self.edit.note(Action::Renamed, &path.key(&key), &format!("{name} in Responses"));
    }

    /// A backend that stores nothing has no files either.
    pub(super) fn uploaded(&mut self, holder: Node<'t>, key: &str, path: &Path<'_>) -> RuleResult {
        let has_none = self.profile.removes_references && !self.is_for_chat();
        let asks = |id: &Node<'_>| !id.is_array() || id.elements().next().is_some();
        let Some(id) = holder.get(key).filter(|_| has_none).filter(asks) else { return Ok(()) };
        let path = &path.key(key);
        if id.is_null() {
            return self.edit.remove(id, path, "asks for nothing", Loss::Harmless);
        }
        let message = format!("Unsupported parameter: {path} (the backend has no uploaded files)");
        Err(reject(RejectCode::UnsupportedParameter, id, path, &message))
    }

    /// What a tool is called with is text, and what it answers is text or parts.
    fn call_and_output(&mut self, item: &Item<'t>, path: &Path<'_>) -> RuleResult {
        match item.kind.name {
            item_types::FUNCTION_CALL => self.text_of(item, ARGUMENTS, "{}", path),
            item_types::CUSTOM_CALL => self.text_of(item, INPUT, "", path),
            item_types::FUNCTION_OUTPUT | item_types::CUSTOM_OUTPUT => self.tool_output(item, path)?,
            LOCAL_SHELL_OUTPUT => self.text_of(item, OUTPUT, "", path),
            COMPUTER_OUTPUT => {
                let screen = item.get(OUTPUT);
                screen.map_or(Ok(()), |own| self.uploaded(own, FILE_ID, &path.key(OUTPUT.name)))?;
            }
            _ => {}
        }
        Ok(())
    }

    /// `none`: what stands for nothing. Arguments are JSON: blank ones are none.
    fn text_of(&mut self, call: &Item<'t>, key: Member, none: &str, path: &Path<'_>) {
        let own = call.get(key).filter(|own| !own.is_null());
        let text = match own.map(|own| (own, own.as_str())) {
            Some((_, Some(text))) if none.is_empty() || !text.is_blank() => return,
            Some((own, None)) => write::quoted(&String::from_utf8_lossy(own.raw())),
            _ => write::quoted(none),
        };
        self.edit.set(call.node, key.name, &text, path, "text in Responses");
    }
}

/// Whether the URL of an image is the data of a PDF.
fn is_document(url: Node<'_>) -> bool {
    begins_with(url, b"data:application/pdf")
}

/// How a URL begins, also one that stands in an object.
fn begins_with(url: Node<'_>, head: &[u8]) -> bool {
    let text = if url.is_object() { url.text("url") } else { url.as_str() };
    text.is_some_and(|text| text.prefix(head.len()).eq_ignore_ascii_case(head))
}

/// Whether a part is a text and nothing else, as most are.
fn is_plain_text(part: Node<'_>, place: Place) -> bool {
    let kind = if place == Place::Assistant { OUTPUT_TEXT } else { INPUT_TEXT };
    let mut members = part.members();
    let (Some(first), Some(second), None) = (members.next(), members.next(), members.next()) else {
        return false;
    };
    let is_typed = first.is_named("type") && first.is(kind);
    is_typed && second.is_named("text") && second.as_str().is_some()
}

/// The part's row. Images and files of the assistant are known: they are carried.
fn part_kind(part: Node<'_>, place: Place, path: &Path<'_>) -> Result<&'static PartKind, Error> {
    if !part.is_object() {
        let message = format!("Invalid type for '{path}': expected an object.");
        return Err(reject(RejectCode::InvalidType, part, path, &message));
    }
    let path = &path.key("type");
    let Some(kind) = part.get("type") else {
        return Err(reject(RejectCode::MissingParameter, part, path, &missing(path)));
    };
    let known = kind.as_str().and_then(|name| PartKind::named(name));
    let is_carried =
        |known: &PartKind| place == Place::Assistant && [INPUT_IMAGE, INPUT_FILE].contains(&known.name);
    let known = known.filter(|known| known.stands(place) || is_carried(known));
    known.ok_or_else(|| no_part(kind, place, path))
}

fn no_part(kind: Node<'_>, place: Place, path: &Path<'_>) -> Error {
    let given = kind.as_str().map(crate::json::Str::decode).unwrap_or_default();
    let names = PartKind::names(place);
    let message = format!("Invalid value: '{}'. Supported values are: {names}.", path::shown(&given));
    reject(RejectCode::UnsupportedValue, kind, path, &message)
}

/// A part's text must be there.
fn text_in(part: Node<'_>, key: &str, path: &Path<'_>) -> RuleResult {
    let path = &path.key(key);
    match part.get(key) {
        Some(text) if text.as_str().is_some() => Ok(()),
        Some(wrong) => {
            let message = format!("Invalid type for '{path}': expected a string.");
            Err(reject(RejectCode::InvalidType, wrong, path, &message))
        }
        None => Err(reject(RejectCode::MissingParameter, part, path, &missing(path))),
    }
}

fn missing(path: &Path<'_>) -> String {
    format!("Missing required parameter: '{path}'.")
}
