//! Enters: pieces of a text. Leaves: parts and items as JSON. Kept: the texts, because the end of an item and the end of
//! the response say them again.

use super::calls::CallRef;
use crate::json::{Str, write};
use crate::responses::{self, Lane, Spoken};

/// A part of a message, or a reasoning text; JSON string contents and comma-separated JSON.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) lane: Lane,
    pub(super) text: Vec<u8>,
    pub(super) logprobs: Vec<u8>,
    annotations: Vec<u8>,
    annotated: usize,
}

#[derive(Debug)]
pub(super) enum Body {
    Message(Vec<Part>),
    Reasoning(Part),
    Call(CallRef),
    /// Format and base64.
    Image(Vec<u8>, Vec<u8>),
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) id: Vec<u8>,
    pub(super) body: Body,
    /// Its status, once it is done.
    pub(super) ended: Option<&'static str>,
}

/// The items in the order of the response.
#[derive(Debug, Default)]
pub(super) struct Items {
    pub(super) list: Vec<Item>,
    /// The text that is open: always of the last item.
    pub(super) open: Option<Spoken>,
}

impl Part {
    pub(super) fn new(lane: Lane) -> Self {
        let [text, logprobs, annotations] = [(); 3].map(|()| Vec::new());
        Self { lane, text, logprobs, annotations, annotated: 0 }
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
        responses::write_part(out, self.lane, &self.text, &self.annotations);
        if !self.logprobs.is_empty() {
            out.pop();
            write::pieces(out, [b",\"logprobs\":[", &self.logprobs[..], b"]}"]);
        }
    }
}

/// Appends to what is comma-separated.
fn append(list: &mut Vec<u8>, element: &[u8]) {
    list.extend_from_slice(if list.is_empty() || element.is_empty() { b"" } else { b"," });
    list.extend_from_slice(element);
}

impl Item {
    /// The part that is or was open last.
    pub(super) fn part(&mut self) -> Option<&mut Part> {
        match &mut self.body {
            Body::Message(parts) => parts.last_mut(),
            Body::Reasoning(part) => Some(part),
            Body::Call(_) | Body::Image(..) => None,
        }
    }
}

impl Items {
    /// What is open, if it is in this lane, and its part.
    pub(super) fn open_in(&mut self, lane: Lane) -> Option<(&Spoken, &mut Part)> {
        let open = self.open.as_ref().filter(|open| open.lane == Some(lane))?;
        Some((open, self.list.get_mut(open.output_index)?.part()?))
    }

    pub(super) fn part(&mut self, output_index: usize) -> Option<&mut Part> {
        self.list.get_mut(output_index)?.part()
    }

    /// Code points of the content before a part.
    pub(super) fn content_before(&self, open: &Spoken) -> u64 {
        let parts = self.list.iter().enumerate().flat_map(|(at, item)| match &item.body {
            Body::Message(parts) => {
                parts.iter().enumerate().map(move |(nth, part)| (at, nth, part)).collect()
            }
            _ => Vec::new(),
        });
        parts
            .filter(|(at, nth, part)| {
                part.lane == Lane::Text && (*at, *nth) < (open.output_index, open.part_index)
            })
            .map(|(_, _, part)| Str::from_raw(&part.text).code_points())
            .sum()
    }
}
