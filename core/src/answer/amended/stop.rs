//! Stop sequences that the upstream could not be asked for: the answer ends before the first one.
//!
//! Input: the texts of a reader. Output: the same for the writer, as far as they go. State: the end of the last text where it may
//! be the beginning of a sequence, and a digest of all that came.
//! Only the text of the answer counts. What began before goes on: a call is whole, and the upstream's usage is what it counted.

use crate::answer::{Begins, Context, Stop, TextKind, TextRef, Writer};
use crate::json::{Progress, Str, Value, write};
use crate::outcome::{FinishReason, NoteCode};

#[derive(Debug, Clone)]
pub(super) struct StopSequences {
    sequences: Vec<String>,
    waiting: Option<Waiting>,
    taken: Progress,
    found: Option<Found>,
    /// Calls that began before.
    calls: usize,
}

/// The end of a text, as JSON string contents.
#[derive(Debug, Clone)]
struct Waiting {
    of: TextRef,
    begins: Begins,
    raw: Vec<u8>,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    sequence: usize,
    of: TextRef,
}

/// How far a text goes.
enum Reach {
    /// To here, where this sequence begins.
    Sequence(usize, usize),
    /// From here on it may be the beginning of one.
    Open(usize),
}

impl StopSequences {
    pub(super) fn new(sequences: &[String]) -> Self {
        Self {
            sequences: sequences.to_vec(),
            waiting: None,
            taken: Progress::default(),
            found: None,
            calls: 0,
        }
    }

    pub(super) fn is_found(&self) -> bool {
        self.found.is_some()
    }

    /// Whether the answer ended where it should, however the upstream did. A call that began before may be cut.
    pub(super) fn is_whole(&self) -> bool {
        self.is_found() && self.calls == 0
    }

    /// All of the answer's text that came.
    pub(super) fn taken(&self) -> Progress {
        self.taken
    }

    /// Whether a call that starts belongs to the answer.
    pub(super) fn takes_call(&mut self) -> bool {
        self.calls += usize::from(self.found.is_none());
        self.found.is_none()
    }

    /// Whether a call that has started does.
    pub(super) fn has_call(&self, nth: usize) -> bool {
        nth < self.calls
    }

    /// A piece of a text.
    pub(super) fn text(
        &mut self,
        of: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if self.waiting.as_ref().is_some_and(|waiting| waiting.of != of) {
            self.flush(writer, cx);
        }
        if of.kind != TextKind::Text {
            return writer.text(of, begins, piece, logprobs, cx);
        }
        self.taken.push(piece);
        if self.is_found() {
            return;
        }
        let fresh = Waiting { of, begins, raw: Vec::new() };
        let Waiting { begins, mut raw, .. } = self.waiting.take().unwrap_or(fresh);
        raw.extend_from_slice(piece.raw());
        let end = self.end_of(of, &raw, cx);
        let is_due = end > 0 || logprobs.is_some() || piece.is_empty();
        if is_due {
            writer.text(of, begins, Str::from_raw(&raw[..end]), logprobs, cx);
        }
        if end < raw.len() && !self.is_found() {
            let begins = if is_due { Begins::Nothing } else { begins };
            self.waiting = Some(Waiting { of, begins, raw: raw.split_off(end) });
        }
    }

    /// A text is another than what came of it. What comes after the end of the answer stays out.
    pub(super) fn replace(
        &mut self,
        of: TextRef,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
        writer: &mut dyn Writer,
        cx: &mut Context<'_>,
    ) {
        if of.kind != TextKind::Text {
            return writer.replace_text(of, whole, logprobs, cx);
        }
        if self.found.is_some_and(|found| found.of.item() < of.item()) {
            return;
        }
        self.flush(writer, cx); // it came; who cannot change what was written keeps it
        let end = match self.reach(whole.raw()) {
            Reach::Sequence(end, sequence) => {
                self.end_with(Found { sequence, of }, cx);
                end
            }
            Reach::Open(_) => whole.raw().len(),
        };
        let logprobs = logprobs.filter(|_| end == whole.raw().len());
        writer.replace_text(of, Str::from_raw(&whole.raw()[..end]), logprobs, cx);
    }

    /// What waits is the answer's: nothing more comes for its text.
    pub(super) fn flush(&mut self, writer: &mut dyn Writer, cx: &mut Context<'_>) {
        if let Some(Waiting { of, begins, raw }) = self.waiting.take() {
            writer.text(of, begins, Str::from_raw(&raw), None, cx);
        }
    }

    /// Why the answer ended.
    pub(super) fn reason(&self, reason: FinishReason, cx: &mut Context<'_>) -> FinishReason {
        let is_stopped = match reason {
            FinishReason::Stop | FinishReason::Length => true,
            FinishReason::ToolCalls => self.calls == 0,
            FinishReason::ContentFilter => false,
        };
        let Some(Found { sequence, .. }) = self.found.filter(|_| is_stopped) else { return reason };
        let sequence = &self.sequences[sequence];
        let mut text = Vec::new();
        write::escaped(&mut text, sequence);
        cx.facts.stop = Some(Stop::Sequence(text.into()));
        cx.facts.is_stopped = true;
        FinishReason::Stop
    }

    /// How much of it is known to be the answer's.
    fn end_of(&mut self, of: TextRef, raw: &[u8], cx: &mut Context<'_>) -> usize {
        match self.reach(raw) {
            Reach::Sequence(end, sequence) => {
                self.end_with(Found { sequence, of }, cx);
                end
            }
            Reach::Open(end) => end,
        }
    }

    fn end_with(&mut self, found: Found, cx: &mut Context<'_>) {
        cx.facts.note(NoteCode::StopApplied, self.sequences[found.sequence].as_bytes());
        self.found = Some(found);
    }

    fn reach(&self, raw: &[u8]) -> Reach {
        let (text, places) = Str::from_raw(raw).located();
        let found = |(nth, own): (usize, &String)| Some((memchr::memmem::find(&text, own.as_bytes())?, nth));
        if let Some((at, nth)) = self.sequences.iter().enumerate().filter_map(found).min() {
            return Reach::Sequence(places[at], nth);
        }
        let may_begin =
            |from: &usize| self.sequences.iter().any(|own| own.as_bytes().starts_with(&text[*from..]));
        let longest = self.sequences.iter().map(String::len).max().unwrap_or_default();
        let open = (text.len().saturating_sub(longest)..text.len()).find(may_begin);
        Reach::Open(places[open.unwrap_or(text.len())])
    }
}
