//! The Messages writer: an answer as the events of a Messages stream, or as one Message.
//!
//! Input: calls of a [`Writer`]. Output: blocks, one open at a time, numbered from 0; what comes for another block while a
//! call is open waits until the call is over. State: the open block, what waits, the calls; never a text that was written,
//! but for a body.

mod blocks;
mod calls;
mod citations;
mod end;
mod frames;
mod ids;
mod message;
mod output;
mod waiting;

use super::DeltaKind;
use crate::answer::{
    Begins, CallStart, Citation, CitedText, Context, Image, RunWriter, SeenCitations, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::dialect::Dialect;
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Str, Value, write};
use crate::opaque::{is_envelope, seal};
use crate::options::{Images, Options, Reasoning};
use crate::outcome::{FinishReason, NoteCode};
use blocks::BlockHead;
use calls::ToolUse;
use output::MessageOutput;
use std::collections::HashSet;
use waiting::{Waiting, WaitingBlock};

/// Between two parts of one reasoning item.
const PARAGRAPH: &[u8] = b"\\n\\n";

#[derive(Debug, Clone, Default)]
pub(crate) struct MessagesWriter {
    /// There once something was written; frozen, so that the whole answer has one header.
    output: Option<Box<MessageOutput>>,
    is_whole: bool,
    /// The upstream knows the client's tools by other names, and numbers its calls as it likes.
    is_of_chat: bool,
    open: Option<OpenBlock>,
    waiting: Waiting,
    calls: Vec<ToolUse>,
    call_ids: HashSet<Vec<u8>>,
    cited: SeenCitations,
    searches: u64,
    has_refusal: bool,
    /// A block was closed that the client keeps.
    has_closed: bool,
    /// Where each text is, for a body, whose texts can be replaced.
    places: Vec<(Source, u32)>,
}

#[derive(Debug, Clone)]
struct OpenBlock {
    source: Source,
    has_text: bool,
    signature: Vec<u8>,
}

/// What a block is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    /// Item and part.
    Text(usize, usize),
    /// The item.
    Thinking(usize),
    Call(usize),
}

/// The item of texts that this writer makes.
const OWN: usize = usize::MAX;

impl MessagesWriter {
    /// Writes events.
    pub(crate) fn events() -> Self {
        Self::default()
    }

    /// Writes one Message at the end.
    pub(crate) fn message() -> Self {
        Self { is_whole: true, ..Self::default() }
    }

    /// The same for the answer of a chat server.
    pub(crate) fn of_chat(self) -> Self {
        Self { is_of_chat: true, ..self }
    }

    /// The block that a text goes to; `None` where it is not shown.
    fn source(text: TextRef, options: &Options) -> Option<Source> {
        match text.kind {
            TextKind::Text | TextKind::Refusal => Some(Source::Text(text.item(), text.part())),
            _ if text.is_other_form || options.reasoning == Reasoning::Off => None,
            _ => Some(Source::Thinking(text.item())),
        }
    }

    fn is_open(&self, source: Source) -> bool {
        self.open.as_ref().is_some_and(|open| open.source == source)
    }

    /// Whether a call is open that is not over, so that nothing else can be.
    fn is_busy(&self) -> bool {
        let call = self.open.as_ref().and_then(|open| match open.source {
            Source::Call(nth) => self.calls.get(nth),
            _ => None,
        });
        call.is_some_and(|call| !call.is_over)
    }

    /// A piece of a text, or of what goes on like one.
    fn piece(&mut self, source: Source, begins: Begins, piece: &[u8], cx: &mut Context<'_>) {
        if self.is_busy() {
            return self.wait(source, begins, piece, cx);
        }
        self.turn_to(source, cx);
        let (Some(open), Some(output)) = (&mut self.open, &mut self.output) else { return };
        let kind = source.kind();
        if begins != Begins::Nothing && open.has_text && kind == DeltaKind::Thinking {
            output.piece(cx.out, kind, PARAGRAPH);
        }
        open.has_text |= !piece.is_empty();
        output.piece(cx.out, kind, piece);
    }

    fn wait(&mut self, source: Source, begins: Begins, piece: &[u8], cx: &mut Context<'_>) {
        let goes_on = matches!(source, Source::Thinking(_)) && self.waiting.last() == Some(source);
        let before = if goes_on && begins != Begins::Nothing { PARAGRAPH } else { b"" };
        if !(self.waiting.push(source, before) && self.waiting.push(source, piece)) {
            cx.facts.note(NoteCode::LimitExceeded, b"waiting");
        }
    }

    /// Opens the block of `source`, after the one that was open.
    fn turn_to(&mut self, source: Source, cx: &mut Context<'_>) {
        if self.is_open(source) {
            return;
        }
        let head = match source {
            Source::Text(..) => BlockHead::Text,
            Source::Thinking(_) => BlockHead::Thinking,
            Source::Call(nth) => self.calls[nth].head(),
        };
        self.close(cx);
        let is_whole = self.is_whole;
        let output = self.output(cx);
        let at = output.blocks;
        output.block_start(cx.out, head);
        self.open = Some(OpenBlock { source, has_text: false, signature: Vec::new() });
        if is_whole {
            self.places.push((source, at));
        }
        if matches!(source, Source::Text(..)) {
            self.cite_early(source, cx);
        }
    }

    /// Closes the open block. Thinking has its signature last: clients keep the last one.
    fn close(&mut self, cx: &mut Context<'_>) {
        let (Some(open), Some(output)) = (self.open.take(), &mut self.output) else { return };
        if let Source::Thinking(_) = open.source {
            output.signature(cx.out, &open.signature);
        }
        self.has_closed |= !matches!(open.source, Source::Thinking(_));
        output.block_stop(cx.out);
    }

    /// A block without deltas.
    fn whole_block(&mut self, head: BlockHead, cx: &mut Context<'_>) {
        self.close(cx);
        let output = self.output(cx);
        output.block_start(cx.out, head);
        output.block_stop(cx.out);
    }

    /// Writes what waited, up to the next call that is not over.
    fn advance(&mut self, cx: &mut Context<'_>) {
        while !self.is_busy() {
            let Some(block) = self.waiting.pop() else { return };
            self.resume(&block, cx);
        }
    }

    fn resume(&mut self, block: &WaitingBlock, cx: &mut Context<'_>) {
        self.turn_to(block.source, cx);
        let (Some(open), Some(output)) = (&mut self.open, &mut self.output) else { return };
        open.has_text |= !block.text.is_empty();
        output.piece(cx.out, block.source.kind(), &block.text);
        if !block.signature.is_empty() {
            open.signature.clone_from(&block.signature);
        }
        if let Source::Call(nth) = block.source
            && self.calls[nth].is_over
        {
            self.close(cx);
        }
    }

    /// A text of our own.
    fn own_text(&mut self, text: &[u8], cx: &mut Context<'_>) {
        let source = Source::Text(OWN, self.output.as_ref().map_or(0, |output| output.blocks as usize));
        self.piece(source, Begins::Item, text, cx);
    }

    /// State of the upstream as a signature: in an envelope that names its origin.
    fn signature(sealed: &[u8]) -> Vec<u8> {
        if is_envelope(Str::from_raw(sealed)) {
            return sealed.to_vec();
        }
        seal(Dialect::Responses.as_str(), "encrypted_content", sealed)
    }
}

impl Source {
    /// Whether a citation of `own` is of this block; `None`: of any text.
    fn is_cited(self, own: Option<Self>) -> bool {
        own.map_or(matches!(self, Self::Text(..)), |own| own == self)
    }

    fn kind(self) -> DeltaKind {
        match self {
            Self::Text(..) => DeltaKind::Text,
            Self::Thinking(_) => DeltaKind::Thinking,
            Self::Call(_) => DeltaKind::Input,
        }
    }
}

impl Writer for MessagesWriter {
    fn names_answer(&self) -> bool {
        true
    }

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        !kind.is_reasoning() || options.reasoning != Reasoning::Off
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        _: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        let Some(source) = Self::source(text, cx.options) else { return };
        self.has_refusal |= text.kind == TextKind::Refusal;
        if !piece.is_empty() {
            self.piece(source, begins, piece.raw(), cx);
        }
    }

    fn replace_text(&mut self, text: TextRef, whole: Str<'_>, _: Option<Value<'_>>, cx: &mut Context<'_>) {
        let Some(source) = Self::source(text, cx.options) else { return };
        self.replace(source, whole.raw());
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        self.start_call(&call, cx);
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        self.call_piece(nth, piece.raw(), false, cx);
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, _: &mut Context<'_>) {
        if let Some(call) = self.calls.get(nth) {
            let whole = call.whole(whole.raw());
            self.replace(Source::Call(nth), &whole);
        }
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        self.end_call(nth, cx);
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        self.cite(of, citation, cx);
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        if image.is_partial {
            return;
        }
        if cx.options.images == Images::Markdown {
            let mut text = Vec::new();
            let mime = image.mime.as_bytes();
            write::pieces(&mut text, [b"![image](data:", mime, b";base64,", image.base64.raw(), b")"]);
            return self.own_text(&text, cx);
        }
        cx.facts.notes.push(NoteCode::ImageDropped, image.path.to_owned(), b"");
        if cx.options.images != Images::Omit {
            self.own_text(b"[generated image]", cx);
        }
    }

    fn shows_searches(&self, _: &Options) -> bool {
        true
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        self.show_search(search, cx);
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        if cx.options.reasoning == Reasoning::Off {
            return false;
        }
        self.sign(&Self::signature(sealed), cx);
        true
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.finished(reason, cx);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.failed(error, cx);
    }

    fn has_output(&self) -> bool {
        self.output.is_some()
    }

    fn response_id(&self) -> Option<String> {
        self.message_id()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        end::made_up_call_id(nth, cx)
    }

    fn call_path(&self, nth: usize) -> String {
        let place = self.places.iter().find(|(source, _)| *source == Source::Call(nth));
        place.map_or(String::new(), |(_, at)| format!("content[{at}]"))
    }
}

impl RunWriter for MessagesWriter {
    #[inline]
    fn texts<'c>(&mut self, text: TextRef, mut pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let Some(source) = Self::source(text, cx.options) else { return pieces.for_each(drop) };
        if !self.is_open(source)
            && let Some(first) = pieces.next()
        {
            self.piece(source, Begins::Nothing, first.as_str().raw(), cx);
        }
        if !self.is_open(source) {
            return pieces.for_each(|piece| self.piece(source, Begins::Nothing, piece.as_str().raw(), cx));
        }
        if let Some(output) = &mut self.output {
            output.pieces(cx.out, source.kind(), pieces);
        }
    }

    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let is_open = self.is_open(Source::Call(nth));
        let call = self.calls.get_mut(nth).filter(|call| is_open && call.is_plain());
        match (&mut self.output, call) {
            (Some(output), Some(call)) => {
                let pieces = pieces.inspect(|piece| call.follow(piece.as_str()));
                output.pieces(cx.out, DeltaKind::Input, pieces);
            }
            _ => pieces.for_each(|piece| self.call_piece(nth, piece.as_str().raw(), false, cx)),
        }
    }
}
