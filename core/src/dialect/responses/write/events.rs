//! Writes Responses events, numbered, as SSE blocks or one JSON line each.
//!
//! Input: what happened to which item. Output: the event. State: the number, and what stands between two pieces of the text
//! that was written last. Texts and ids are JSON string contents.

use crate::answer::{CallKind, TextKind};
use crate::dialect::responses::Streamed;
use crate::json::{template_gap::Text, write};
use crate::options::Framing;
use std::ops::Range;

/// A text that is open: of which item, and which part of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct OpenText {
    pub(crate) streamed: Option<Streamed>,
    pub(crate) item_id: Vec<u8>,
    pub(crate) output_index: usize,
    pub(crate) part_index: usize,
}

/// What stands around a piece: nearly always also around the next one, but for the number.
#[derive(Debug, Clone, Default)]
struct DeltaFraming {
    of: OpenText,
    /// The end of an event and the beginning of the next one: what stands between two pieces.
    between: Vec<u8>,
    /// Length of the end.
    end: usize,
    /// The number in it, and where its digits are.
    number: u64,
    digits: Range<usize>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct EventWriter {
    framing: Framing,
    number: u64,
    frame: DeltaFraming,
}

/// Closes an event.
fn end(framing: Framing) -> &'static [u8] {
    match framing {
        Framing::Sse => b"}\n\n",
        Framing::JsonLines => b"}\n",
    }
}

impl Streamed {
    /// The events of such a text up to `.delta` and `.done`, and the member that holds the whole.
    fn event(self) -> (&'static str, &'static str) {
        match self {
            Streamed::Text(TextKind::Text) => ("response.output_text", "text"),
            Streamed::Text(TextKind::Refusal) => ("response.refusal", "refusal"),
            Streamed::Text(TextKind::Summary) => ("response.reasoning_summary_text", "text"),
            Streamed::Text(TextKind::Reasoning) => ("response.reasoning_text", "text"),
            Streamed::Call(CallKind::Function) => ("response.function_call_arguments", "arguments"),
            Streamed::Call(CallKind::Custom) => ("response.custom_tool_call_input", "input"),
        }
    }

    /// The member with the number of a text's part.
    fn index_member(self) -> Option<&'static str> {
        match self {
            Streamed::Text(TextKind::Text | TextKind::Refusal | TextKind::Reasoning) => Some("content_index"),
            Streamed::Text(TextKind::Summary) => Some("summary_index"),
            Streamed::Call(CallKind::Function | CallKind::Custom) => None,
        }
    }

    /// `content_part` or `reasoning_summary_part`
    fn part_event(self) -> &'static str {
        if self == Streamed::Text(TextKind::Summary) {
            "response.reasoning_summary_part"
        } else {
            "response.content_part"
        }
    }
}

impl EventWriter {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, ..Self::default() }
    }

    /// `response.created` and the like, up to the response: what follows is written, then closed with [`EventWriter::close`].
    pub(crate) fn open_response(&mut self, out: &mut Vec<u8>, name: &str) {
        self.begin(out, &[name]);
        out.extend_from_slice(b",\"response\":");
    }

    /// `response.output_item.added` or `.done`, up to the item.
    pub(crate) fn open_item(&mut self, out: &mut Vec<u8>, name: &str, output_index: usize) {
        self.begin(out, &[name]);
        out.extend_from_slice(b",\"output_index\":");
        write::number(out, output_index as u64);
        out.extend_from_slice(b",\"item\":");
    }

    /// `….added`, or with `is_done` `….done`, up to the part.
    pub(crate) fn open_part(&mut self, out: &mut Vec<u8>, of: &OpenText, is_done: bool) {
        let name = of.streamed.map_or("", Streamed::part_event);
        self.begin(out, &[name, if is_done { ".done" } else { ".added" }]);
        of.write(out);
        out.extend_from_slice(b",\"part\":");
    }

    /// The end of an event that was opened.
    pub(crate) fn close(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(end(self.framing));
    }

    /// A piece of a text. `logprobs`: its tokens, comma-separated.
    pub(crate) fn delta(&mut self, out: &mut Vec<u8>, of: &OpenText, piece: &[u8], logprobs: &[u8]) {
        self.open_piece(out, of, piece.len());
        out.extend_from_slice(piece);
        if logprobs.is_empty() {
            return out.extend_from_slice(self.frame.after());
        }
        write::pieces(out, [b"\",\"logprobs\":[", logprobs, b"]", end(self.framing)]);
    }

    /// Pieces of one text, each in its own event.
    #[inline]
    pub(crate) fn deltas<'c>(
        &mut self,
        out: &mut Vec<u8>,
        of: &OpenText,
        pieces: impl Iterator<Item = Text<'c>>,
    ) {
        let mut is_open = false;
        pieces.for_each(|piece| {
            if std::mem::replace(&mut is_open, true) {
                self.renumber(of);
                out.extend_from_slice(&self.frame.between);
            } else {
                self.open_piece(out, of, piece.length());
            }
            piece.append_to(out);
        });
        if is_open {
            out.extend_from_slice(self.frame.after());
        }
    }

    /// Makes room for a whole event around `length` bytes, and opens it.
    fn open_piece(&mut self, out: &mut Vec<u8>, of: &OpenText, length: usize) {
        if self.frame.of == *of {
            self.renumber(of);
        } else {
            self.reframe(of);
        }
        out.reserve(self.frame.between.len() + length);
        out.extend_from_slice(self.frame.before());
    }

    /// The whole text. `name`: that of a function.
    pub(crate) fn done(
        &mut self,
        out: &mut Vec<u8>,
        of: &OpenText,
        text: &[u8],
        logprobs: &[u8],
        name: &[u8],
    ) {
        let Some(streamed) = of.streamed else { return };
        let (event, member) = streamed.event();
        self.begin(out, &[event, ".done"]);
        of.write(out);
        write::pieces(out, [b",\"", member.as_bytes(), b"\":"]);
        write::pieces(out, [b"\"", text, b"\""]);
        match streamed {
            Streamed::Text(TextKind::Text) => write::pieces(out, [b",\"logprobs\":[", logprobs, b"]"]),
            Streamed::Call(CallKind::Function) => write::pieces(out, [b",\"name\":\"", name, b"\""]),
            _ => {}
        }
        self.close(out);
    }

    /// `response.output_text.annotation.added`
    pub(crate) fn annotation(&mut self, out: &mut Vec<u8>, of: &OpenText, nth: usize, annotation: &[u8]) {
        self.begin(out, &["response.output_text.annotation.added"]);
        of.write(out);
        out.extend_from_slice(b",\"annotation_index\":");
        write::number(out, nth as u64);
        write::pieces(out, [b",\"annotation\":", annotation, end(self.framing)]);
    }

    /// An event up to its own members; the name comes in pieces.
    fn begin(&mut self, out: &mut Vec<u8>, name: &[&str]) {
        self.open(out, name);
        write::number(out, self.number);
        self.number += 1;
    }

    /// Up to the number.
    fn open(&self, out: &mut Vec<u8>, name: &[&str]) {
        let mut take = |piece: &str| out.extend_from_slice(piece.as_bytes());
        if self.framing == Framing::Sse {
            take("event: ");
            name.iter().copied().for_each(&mut take);
            take("\ndata: ");
        }
        take("{\"type\":\"");
        name.iter().copied().for_each(&mut take);
        take("\",\"sequence_number\":");
    }

    /// Puts the next number into the frame.
    #[inline]
    fn renumber(&mut self, of: &OpenText) {
        if self.frame.number + 1 != self.number || !self.frame.count() {
            return self.reframe(of);
        }
        self.number += 1;
    }

    #[cold]
    fn reframe(&mut self, of: &OpenText) {
        let Some(streamed) = of.streamed else { return };
        let mut between = std::mem::take(&mut self.frame.between);
        between.clear();
        between.extend_from_slice(if streamed == Streamed::Text(TextKind::Text) {
            b"\",\"logprobs\":[]"
        } else {
            b"\""
        });
        between.extend_from_slice(end(self.framing));
        let end = between.len();
        self.open(&mut between, &[streamed.event().0, ".delta"]);
        let start = between.len();
        write::number(&mut between, self.number);
        let digits = start..between.len();
        of.write(&mut between);
        between.extend_from_slice(b",\"delta\":\"");
        self.frame = DeltaFraming { of: of.clone(), between, end, number: self.number, digits };
        self.number += 1;
    }
}

impl DeltaFraming {
    fn before(&self) -> &[u8] {
        &self.between[self.end..]
    }

    fn after(&self) -> &[u8] {
        &self.between[..self.end]
    }

    /// Counts on; `false` where there is no room for another digit.
    #[inline]
    fn count(&mut self) -> bool {
        self.number += 1;
        for digit in self.between[self.digits.clone()].iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return true;
            }
            *digit = b'0';
        }
        false
    }
}

impl OpenText {
    /// `,"item_id":…,"output_index":…` and the part's index
    fn write(&self, out: &mut Vec<u8>) {
        write::pieces(out, [b",\"item_id\":\"", &self.item_id[..], b"\",\"output_index\":"]);
        write::number(out, self.output_index as u64);
        if let Some(member) = self.streamed.and_then(Streamed::index_member) {
            write::pieces(out, [b",\"", member.as_bytes(), b"\":"]);
            write::number(out, self.part_index as u64);
        }
    }
}
