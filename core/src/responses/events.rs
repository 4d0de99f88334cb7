//! Enters: what happened to which item. Leaves: the events that say so, numbered, as SSE blocks or one JSON line each.
//! Kept: the number, and what stands between two pieces of the text that was said last. Texts and ids are JSON string
//! contents.

use super::failed::error_object;
use super::write::REQUIRED_OF_RESPONSE;
use super::{Lane, Status};
use crate::json::{hole::Text, write};
use crate::outcome::{ErrorBody, Usage};
use std::ops::Range;

/// How events are told apart.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Framing {
    #[default]
    Sse,
    /// A WebSocket text frame a line.
    Lines,
}

/// A text that is being said: of which item, and which part of it.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Spoken {
    pub(crate) lane: Option<Lane>,
    pub(crate) item_id: Vec<u8>,
    pub(crate) output_index: usize,
    pub(crate) part_index: usize,
}

/// What stands around a piece: nearly always also around the next one, but for the number.
#[derive(Debug, Default)]
struct Frame {
    of: Spoken,
    /// The end of an event and the beginning of the next one: what stands between two pieces.
    between: Vec<u8>,
    /// Length of the end.
    end: usize,
    /// The number in it, and where its digits are.
    number: u64,
    digits: Range<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Events {
    framing: Framing,
    number: u64,
    frame: Frame,
}

impl Framing {
    /// Closes an event.
    fn end(self) -> &'static [u8] {
        match self {
            Self::Sse => b"}\n\n",
            Self::Lines => b"}\n",
        }
    }
}

impl Lane {
    /// The events of such a text up to `.delta` and `.done`, and the member that holds the whole.
    fn event(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("response.output_text", "text"),
            Self::Refusal => ("response.refusal", "refusal"),
            Self::Summary => ("response.reasoning_summary_text", "text"),
            Self::Reasoning => ("response.reasoning_text", "text"),
            Self::Arguments => ("response.function_call_arguments", "arguments"),
            Self::Input => ("response.custom_tool_call_input", "input"),
        }
    }

    /// The member that says which part of its item a text is.
    fn index_member(self) -> Option<&'static str> {
        match self {
            Self::Text | Self::Refusal | Self::Reasoning => Some("content_index"),
            Self::Summary => Some("summary_index"),
            Self::Arguments | Self::Input => None,
        }
    }

    /// `content_part` or `reasoning_summary_part`
    fn part_event(self) -> &'static str {
        if self == Self::Summary { "response.reasoning_summary_part" } else { "response.content_part" }
    }
}

impl Events {
    pub(crate) fn new(framing: Framing) -> Self {
        Self { framing, ..Self::default() }
    }

    /// `response.created` and the like.
    pub(crate) fn response(&mut self, out: &mut Vec<u8>, name: &str, response: &[u8]) {
        self.event(out, name, &[b",\"response\":", response]);
    }

    /// `response.output_item.added` or `.done`
    pub(crate) fn item(&mut self, out: &mut Vec<u8>, name: &str, output_index: usize, item: &[u8]) {
        let index = output_index.to_string();
        self.event(out, name, &[b",\"output_index\":", index.as_bytes(), b",\"item\":", item]);
    }

    /// `….added`, or with `is_done` `….done`
    pub(crate) fn part(&mut self, out: &mut Vec<u8>, of: &Spoken, is_done: bool, part: &[u8]) {
        let Some(lane) = of.lane else { return };
        let name = [lane.part_event(), if is_done { ".done" } else { ".added" }].concat();
        self.event(out, &name, &[&of.members(), b",\"part\":", part]);
    }

    /// A piece of a text. `logprobs`: its tokens, comma-separated.
    pub(crate) fn delta(&mut self, out: &mut Vec<u8>, of: &Spoken, piece: &[u8], logprobs: &[u8]) {
        self.open_piece(out, of, piece.len());
        out.extend_from_slice(piece);
        if logprobs.is_empty() {
            return out.extend_from_slice(self.frame.after());
        }
        for piece in [b"\",\"logprobs\":[", logprobs, b"]", self.framing.end()] {
            out.extend_from_slice(piece);
        }
    }

    /// Pieces of one text, each in its own event.
    #[inline]
    pub(crate) fn deltas<'c>(
        &mut self,
        out: &mut Vec<u8>,
        of: &Spoken,
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
    fn open_piece(&mut self, out: &mut Vec<u8>, of: &Spoken, length: usize) {
        if self.frame.of == *of {
            self.renumber(of);
        } else {
            self.reframe(of);
        }
        out.reserve(self.frame.between.len() + length);
        out.extend_from_slice(self.frame.before());
    }

    /// The whole text. `name`: that of a function.
    pub(crate) fn done(&mut self, out: &mut Vec<u8>, of: &Spoken, text: &[u8], logprobs: &[u8], name: &[u8]) {
        let Some(lane) = of.lane else { return };
        let (event, member) = lane.event();
        let members = of.members();
        let mut pieces = vec![&members[..], b",\"", member.as_bytes(), b"\":\"", text, b"\""];
        match lane {
            Lane::Text => pieces.extend([&b",\"logprobs\":["[..], logprobs, b"]"]),
            Lane::Arguments => pieces.extend([&b",\"name\":\""[..], name, b"\""]),
            _ => {}
        }
        self.event(out, &[event, ".done"].concat(), &pieces);
    }

    /// `response.output_text.annotation.added`
    pub(crate) fn annotation(&mut self, out: &mut Vec<u8>, of: &Spoken, nth: usize, annotation: &[u8]) {
        let nth = nth.to_string();
        let pieces: [&[u8]; 5] =
            [&of.members(), b",\"annotation_index\":", nth.as_bytes(), b",\"annotation\":", annotation];
        self.event(out, "response.output_text.annotation.added", &pieces);
    }

    fn event(&mut self, out: &mut Vec<u8>, name: &str, members: &[&[u8]]) {
        self.open(out, &[name]);
        write::number(out, self.number);
        self.number += 1;
        for piece in members {
            out.extend_from_slice(piece);
        }
        out.extend_from_slice(self.framing.end());
    }

    /// Up to the number; the name comes in pieces.
    fn open(&self, out: &mut Vec<u8>, name: &[&str]) {
        let mut say = |piece: &str| out.extend_from_slice(piece.as_bytes());
        if self.framing == Framing::Sse {
            say("event: ");
            name.iter().copied().for_each(&mut say);
            say("\ndata: ");
        }
        say("{\"type\":\"");
        name.iter().copied().for_each(&mut say);
        say("\",\"sequence_number\":");
    }

    /// Puts the next number into the frame.
    #[inline]
    fn renumber(&mut self, of: &Spoken) {
        if self.frame.number + 1 != self.number || !self.frame.count() {
            return self.reframe(of);
        }
        self.number += 1;
    }

    #[cold]
    fn reframe(&mut self, of: &Spoken) {
        let Some(lane) = of.lane else { return };
        let mut between = std::mem::take(&mut self.frame.between);
        between.clear();
        between.extend_from_slice(if lane == Lane::Text { b"\",\"logprobs\":[]" } else { b"\"" });
        between.extend_from_slice(self.framing.end());
        let end = between.len();
        self.open(&mut between, &[lane.event().0, ".delta"]);
        let start = between.len();
        write::number(&mut between, self.number);
        let digits = start..between.len();
        of.write(&mut between);
        between.extend_from_slice(b",\"delta\":\"");
        self.frame = Frame { of: of.clone(), between, end, number: self.number, digits };
        self.number += 1;
    }
}

impl Frame {
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

impl Spoken {
    /// `,"item_id":…,"output_index":…` and the part's index
    fn write(&self, out: &mut Vec<u8>) {
        for piece in [b",\"item_id\":\"", &self.item_id[..], b"\",\"output_index\":"] {
            out.extend_from_slice(piece);
        }
        write::number(out, self.output_index as u64);
        if let Some(member) = self.lane.and_then(Lane::index_member) {
            for piece in [b",\"", member.as_bytes(), b"\":"] {
                out.extend_from_slice(piece);
            }
            write::number(out, self.part_index as u64);
        }
    }

    fn members(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.write(&mut out);
        out
    }
}

/// What a response object says of itself, whatever its state.
#[derive(Debug, Default)]
pub(crate) struct Head {
    pub(crate) id: Vec<u8>,
    pub(crate) created_at: u64,
    pub(crate) model: Vec<u8>,
    /// As a JSON string.
    pub(crate) previous_response_id: Option<Vec<u8>>,
}

/// The state of a response object.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct Stand<'a> {
    /// `None`: it goes on.
    pub(crate) status: Option<Status>,
    pub(crate) incomplete_reason: Option<&'static str>,
    pub(crate) error: Option<&'a ErrorBody>,
    /// The items, comma-separated.
    pub(crate) output: &'a [u8],
    pub(crate) usage: Option<&'a Usage>,
    pub(crate) service_tier: Option<&'a [u8]>,
}

impl Head {
    /// A response object with every member that the official clients' models require.
    pub(crate) fn response(&self, stand: Stand<'_>) -> Vec<u8> {
        let mut out = Vec::with_capacity(stand.output.len() + 512);
        let quoted = |text: &[u8]| [b"\"", text, b"\""].concat();
        for (nth, (name, default)) in REQUIRED_OF_RESPONSE.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b"{\"" } else { b",\"" });
            out.extend_from_slice(name.as_bytes());
            out.extend_from_slice(b"\":");
            match *name {
                "id" => out.extend_from_slice(&quoted(&self.id)),
                "created_at" => write::number(&mut out, self.created_at),
                "model" => out.extend_from_slice(&quoted(&self.model)),
                "error" => match stand.error {
                    Some(error) => error_object(&mut out, error),
                    None => out.extend_from_slice(b"null"),
                },
                "incomplete_details" => incomplete(&mut out, stand.incomplete_reason),
                _ => out.extend_from_slice(default.as_bytes()),
            }
        }
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(stand.status.map_or("in_progress", Status::as_str).as_bytes());
        out.extend_from_slice(b"\",\"output\":[");
        out.extend_from_slice(stand.output);
        out.extend_from_slice(b"],\"usage\":");
        usage(&mut out, stand.usage);
        if let Some(tier) = stand.service_tier {
            out.extend_from_slice(&[b",\"service_tier\":\"", tier, b"\""].concat());
        }
        if let Some(previous) = &self.previous_response_id {
            let member = super::PREVIOUS_RESPONSE_ID.as_bytes();
            out.extend_from_slice(&[b",\"", member, b"\":", previous].concat());
        }
        out.push(b'}');
        out
    }
}

fn incomplete(out: &mut Vec<u8>, reason: Option<&str>) {
    match reason {
        Some(reason) => out.extend_from_slice(format!("{{\"reason\":\"{reason}\"}}").as_bytes()),
        None => out.extend_from_slice(b"null"),
    }
}

/// Every count that the official clients' models require; what nobody counted is 0.
fn usage(out: &mut Vec<u8>, usage: Option<&Usage>) {
    let Some(usage) = usage else { return out.extend_from_slice(b"null") };
    let [cached, written, reasoning] =
        [usage.cached_tokens, usage.cache_write_tokens, usage.reasoning_tokens]
            .map(Option::unwrap_or_default);
    let Usage { prompt_tokens, completion_tokens, total_tokens, .. } = usage;
    let text = format!(
        "{{\"input_tokens\":{prompt_tokens},\"input_tokens_details\":{{\"cached_tokens\":{cached},\
         \"cache_write_tokens\":{written}}},\"output_tokens\":{completion_tokens},\
         \"output_tokens_details\":{{\"reasoning_tokens\":{reasoning}}},\"total_tokens\":{total_tokens}}}"
    );
    out.extend_from_slice(text.as_bytes());
}
