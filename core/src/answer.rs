//! The language between readers and writers: what an answer consists of, whatever the dialect.
//!
//! Input: what a reader has decided (identity, repair, held arguments are its business). Output: calls of a [`Writer`],
//! whose business is framing, order and indexes. State: [`Facts`], what is known of the answer as a whole.
//! Texts are JSON string contents as they were sent, so a writer can splice them.

mod amended;
mod custom_input;
mod facts;
pub(crate) mod finish_words;
mod image;
pub(crate) mod logprobs;
mod seen_citations;
mod silent;
pub(crate) mod usage;
mod wrapped_input;

use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value};
pub(crate) use crate::kinds::{CallKind, TextKind};
use crate::options::Options;
use crate::outcome::FinishReason;
pub(crate) use amended::Amended;
pub(crate) use custom_input::CustomInputDecoder;
pub(crate) use facts::{End, Facts, Further, Known, Stop};
pub use image::NoImage;
pub(crate) use image::{Declared, Image};
pub(crate) use seen_citations::{SeenCitations, Sighting};
pub(crate) use silent::Silent;
pub(crate) use wrapped_input::WrappedInput;

/// One text of the answer. `item` and `part` count from 0 in order of first sight; a part is of one item and one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TextRef {
    // Half words: a run of deltas copies this for every piece.
    item: u32,
    part: u32,
    pub(crate) kind: TextKind,
    /// Of a message that reports on work in progress; not the answer.
    pub(crate) is_commentary: bool,
    /// Reasoning in a second form: the item has already sent a summary of it, or all of it.
    pub(crate) is_other_form: bool,
}

impl TextRef {
    /// Both are under the limits on what is open, far below 2^32.
    pub(crate) const fn new(item: usize, part: usize, kind: TextKind) -> Self {
        Self { item: item as u32, part: part as u32, kind, is_commentary: false, is_other_form: false }
    }

    pub(crate) const fn item(self) -> usize {
        self.item as usize
    }

    pub(crate) const fn part(self) -> usize {
        self.part as usize
    }
}

/// What a piece begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Begins {
    /// Nothing: it goes on.
    Nothing,
    /// A part of an item.
    Part,
    /// The answer text of an item.
    Item,
}

/// A call whose name is known. `nth` counts the calls in the order they start.
#[derive(Debug, Clone, Copy)]
pub(crate) struct CallStart<'a> {
    pub(crate) nth: usize,
    pub(crate) kind: CallKind,
    pub(crate) id: &'a [u8],
    pub(crate) name: &'a [u8],
}

/// A citation of a web page. Offsets count code points.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Citation<'a> {
    pub(crate) url: Str<'a>,
    pub(crate) title: Option<Str<'a>>,
    pub(crate) start: u64,
    pub(crate) end: u64,
    /// Its members as they were sent.
    pub(crate) json: Value<'a>,
}

/// What the offsets of a citation are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CitedText {
    /// The beginning of this text, of which perhaps nothing has come yet.
    Part(TextRef),
    /// The beginning of the whole answer.
    Answer,
}

impl CitedText {
    pub(crate) fn part(self) -> Option<usize> {
        match self {
            Self::Part(text) => Some(text.part()),
            Self::Answer => None,
        }
    }
}

/// A search of the web that ran on the server.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WebSearch<'a> {
    pub(crate) id: Option<Str<'a>>,
    pub(crate) query: Option<Str<'a>>,
    /// Its results: a list of objects, each with a `url`.
    pub(crate) results: Option<Value<'a>>,
    pub(crate) has_failed: bool,
}

/// A reasoning item, as far as it is known: announced, done, or in the terminal response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReasoningItem<'a> {
    /// As in [`TextRef`].
    pub(crate) item: usize,
    pub(crate) id: Option<Str<'a>>,
    /// Whose state it has; see [`crate::opaque`].
    pub(crate) format: &'static str,
    pub(crate) parts: &'a [(TextKind, Str<'a>)],
    /// What only the upstream can read.
    pub(crate) state: Option<Str<'a>>,
}

/// What surrounds every call of a reader or writer.
pub(crate) struct Context<'a> {
    pub(crate) options: &'a Options,
    pub(crate) facts: &'a mut Facts,
    /// What the client is to be sent.
    pub(crate) out: &'a mut Vec<u8>,
}

/// Writes the answer in one dialect. A reader calls it in the order of the answer: calls may interleave, texts too.
pub(crate) trait Writer {
    /// Whether the answer gets an id of its own: [`Writer::response_id`], once it has begun.
    fn names_answer(&self) -> bool {
        false
    }

    /// Whether [`Writer::kept_text`] knows what was written, so that no reader has to.
    fn keeps_text(&self) -> bool {
        false
    }

    /// Whether nothing is written: the answer is passed on as what it is.
    fn is_silent(&self) -> bool {
        false
    }

    /// Digest of all that was written of a kind of text.
    fn kept_text(&self, _kind: TextKind) -> Progress {
        Progress::default()
    }

    /// Whether texts of this kind are shown at all.
    fn shows(&self, _kind: TextKind, _options: &Options) -> bool {
        true
    }

    /// A piece of a text.
    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    );

    /// A text differs from what was streamed of it: `whole` is all of it, with its logprobs if it has some. For writers that can
    /// still change it.
    fn replace_text(
        &mut self,
        _text: TextRef,
        _whole: Str<'_>,
        _logprobs: Option<Value<'_>>,
        _cx: &mut Context<'_>,
    ) {
    }

    /// A call starts.
    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>);

    /// A piece of the arguments of a call that has started and not ended.
    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>);

    /// As [`Writer::replace_text`].
    fn replace_arguments(&mut self, _nth: usize, _whole: Str<'_>, _cx: &mut Context<'_>) {}

    /// Nothing more comes for a call; its arguments are whole.
    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>);

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>);

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>);

    /// Whether searches of the web have a place here.
    fn shows_searches(&self, _options: &Options) -> bool {
        false
    }

    /// Whether other calls that ran on the server have one.
    fn shows_hosted(&self, _options: &Options) -> bool {
        false
    }

    /// Another such call, by the name of its tool. Only for writers that show them.
    fn hosted_call(&mut self, _name: &[u8], _cx: &mut Context<'_>) {}

    /// A search that is over. Only for writers that show them.
    fn web_search(&mut self, _search: &WebSearch<'_>, _cx: &mut Context<'_>) {}

    /// Whether whole reasoning items have a place here.
    fn shows_reasoning_items(&self, _options: &Options) -> bool {
        false
    }

    /// A reasoning item, once more whenever more of it is known. Its texts and state come on their own, too: this is for
    /// writers that give whole items back.
    fn reasoning_item(&mut self, _item: &ReasoningItem<'_>, _cx: &mut Context<'_>) {}

    /// State that only its origin can read, and wants back in the next turn; see [`crate::opaque`]. `false`: it has no
    /// place here.
    fn opaque(&mut self, _sealed: &[u8], _cx: &mut Context<'_>) -> bool {
        false
    }

    /// Texts and calls are over; `is_cut`: they did not reach their end.
    fn settle(&mut self, _is_cut: bool, _cx: &mut Context<'_>) {}

    /// Why the answer, though over, is a failure to its client.
    fn lacks(&self, _reason: FinishReason, _cx: &Context<'_>) -> Option<Envelope> {
        None
    }

    /// The answer is over. Usage and tier are in the facts.
    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>);

    /// The answer failed, or was cut.
    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>);

    /// After [`Writer::finish`] or [`Writer::fail`], when the upstream's bytes are over.
    fn end(&mut self, _cx: &mut Context<'_>) {}

    /// Whether anything but a failure was written, so that the HTTP status is no longer free.
    fn has_output(&self) -> bool;

    /// The id that the client knows the answer by, where it is not the upstream's.
    fn response_id(&self) -> Option<String> {
        None
    }

    /// The id of a call that has none: `nth` counts all that were seen.
    fn made_up_call_id(&self, nth: usize, _cx: &Context<'_>) -> Vec<u8> {
        format!("call_{nth}").into_bytes()
    }

    /// JSON path of a call in what is written, where the upstream has no items.
    fn call_path(&self, _nth: usize) -> String {
        String::new()
    }
}

/// A writer that takes a run of deltas in one call: the hot loop, made for each pair. Of all else a reader asks any [`Writer`],
/// so that there is one of its code.
pub(crate) trait RunWriter: Writer {
    /// Further pieces of a text that has begun; none is empty.
    fn texts<'c>(&mut self, text: TextRef, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>);

    /// Further pieces of the arguments of a call; none is empty.
    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        pieces.for_each(|piece| self.arguments(nth, piece.as_str(), cx));
    }
}
