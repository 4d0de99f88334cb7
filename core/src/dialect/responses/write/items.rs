//! The output items of a response that this crate makes.
//!
//! Input: pieces of texts. Output: parts and items as JSON. State: the texts, because the end of an item and the end of the
//! response repeat them.

use super::events::OpenText;
use super::missing::write_part;
use super::objects;
use crate::answer::TextKind;
use crate::json::{Progress, Str, write};

/// A part of a message or reasoning item; JSON string contents and comma-separated JSON.
#[derive(Debug, Clone)]
pub(super) struct Part {
    pub(super) kind: TextKind,
    pub(super) text: Vec<u8>,
    pub(super) logprobs: Vec<u8>,
    annotations: Vec<u8>,
    annotated: usize,
}

#[derive(Debug, Clone)]
pub(super) enum ItemBody {
    /// A message.
    Message(Vec<Part>),
    /// Reasoning of one kind, and its opaque state.
    Reasoning(TextKind, Vec<Part>, Vec<u8>),
    /// Position among the calls.
    Call(usize),
    /// Format and base64.
    Image(Vec<u8>, Vec<u8>),
    /// What a search of the web did, as JSON.
    Search(Vec<u8>),
    /// A sealed summary of the conversation.
    Compaction(Vec<u8>),
}

#[derive(Debug, Clone)]
pub(super) struct OutputItem {
    pub(super) id: Vec<u8>,
    pub(super) body: ItemBody,
    /// Its status, once it is done.
    pub(super) ended: Option<&'static str>,
}

/// The items in the order of the response.
#[derive(Debug, Clone, Default)]
pub(super) struct OutputItems {
    pub(super) list: Vec<OutputItem>,
    /// The text that is open, always of the last item; and which text of the reader it is.
    pub(super) open: Option<OpenText>,
    pub(super) source: (usize, usize),
}

impl Part {
    pub(super) fn new(kind: TextKind) -> Self {
        let [text, logprobs, annotations] = [(); 3].map(|()| Vec::new());
        Self { kind, text, logprobs, annotations, annotated: 0 }
    }

    /// Tokens, comma-separated.
    pub(super) fn push_logprobs(&mut self, tokens: &[u8]) {
        append(&mut self.logprobs, tokens);
    }

    /// A citation; which one it is.
    pub(super) fn push_annotation(&mut self, annotation: &[u8]) -> usize {
        append(&mut self.annotations, annotation);
        self.annotated += 1;
        self.annotated - 1
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_part(out, self.kind, &self.text, &self.annotations, &self.logprobs);
    }
}

/// Appends to what is comma-separated.
fn append(list: &mut Vec<u8>, element: &[u8]) {
    list.extend_from_slice(if list.is_empty() || element.is_empty() { b"" } else { b"," });
    list.extend_from_slice(element);
}

impl OutputItem {
    /// The part that is or was open last.
    pub(super) fn part(&mut self) -> Option<&mut Part> {
        match &mut self.body {
            ItemBody::Message(parts) | ItemBody::Reasoning(_, parts, _) => parts.last_mut(),
            ItemBody::Call(_) | ItemBody::Image(..) | ItemBody::Search(_) | ItemBody::Compaction(_) => None,
        }
    }

    /// The item as JSON, but for a call; one that goes on has no texts yet.
    pub(super) fn write(&self, status: &str, is_begun: bool, out: &mut Vec<u8>) {
        let id = &self.id;
        match &self.body {
            ItemBody::Message(parts) => objects::message(out, id, status, |out| {
                write::separated(out, parts, |out, part| part.write(out));
            }),
            ItemBody::Reasoning(kind, parts, opaque) => {
                objects::reasoning(out, id, status, *kind, opaque, |out| {
                    let parts = if is_begun { &[] } else { &parts[..] };
                    write::separated(out, parts, |out, part| part.write(out));
                });
            }
            ItemBody::Image(format, base64) => {
                objects::image(out, id, status, format, (!is_begun).then_some(&base64[..]));
            }
            ItemBody::Search(action) => objects::search(out, id, status, action),
            ItemBody::Compaction(sealed) => objects::compaction(out, id, sealed),
            ItemBody::Call(_) => {}
        }
    }
}

impl OutputItems {
    pub(super) fn part(&mut self, output_index: usize) -> Option<&mut Part> {
        self.list.get_mut(output_index)?.part()
    }

    /// Digest of all texts of a kind; reasoning is one, in whichever form.
    pub(super) fn text_of(&self, kind: TextKind) -> Progress {
        let parts = self.list.iter().flat_map(|item| match &item.body {
            ItemBody::Message(parts) | ItemBody::Reasoning(_, parts, _) => &parts[..],
            ItemBody::Call(_) | ItemBody::Image(..) | ItemBody::Search(_) | ItemBody::Compaction(_) => &[],
        });
        let mut all = Progress::default();
        parts
            .filter(|part| part.kind == kind || (part.kind.is_reasoning() && kind.is_reasoning()))
            .for_each(|part| all.push(Str::from_raw(&part.text)));
        all
    }

    /// Code points of the answer before a part.
    pub(super) fn content_before(&self, open: &OpenText) -> u64 {
        let parts = self.list.iter().enumerate().flat_map(|(at, item)| match &item.body {
            ItemBody::Message(parts) => {
                parts.iter().enumerate().map(move |(nth, part)| (at, nth, part)).collect()
            }
            _ => Vec::new(),
        });
        parts
            .filter(|(at, nth, part)| {
                part.kind == TextKind::Text && (*at, *nth) < (open.output_index, open.part_index)
            })
            .map(|(_, _, part)| Str::from_raw(&part.text).code_points())
            .sum()
    }
}
