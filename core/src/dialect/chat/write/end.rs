//! The end of a chat answer.
//!
//! Input: why it ended, and the facts. Output: what comes once, at the end: state, details, citations, the reason, the usage.
//! State: that of the writer.

use super::ChatWriter;
use super::naming::Naming;
use crate::answer::Context;
use crate::outcome::{CACHE_WRITE_TTL, FinishReason, NoteCode, Usage};

impl ChatWriter {
    pub(super) fn finished(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        note_usage(self.is_whole || cx.options.wants_usage(), cx);
        self.turn(false, cx);
        let citations = self.citations.take();
        let details = self.details.take().map_or(Vec::new(), |mut details| details.take());
        let state = self.own_state.take();
        self.output(citations.is_empty() && details.is_empty(), cx);
        let Some(output) = &mut self.output else { return };
        if let Some(state) = state {
            output.state(cx.out, &state);
        }
        if !details.is_empty() {
            output.details(cx.out, details);
        }
        if !citations.is_empty() {
            output.annotations(cx.out, &citations);
        }
        let tier = cx.facts.upstream.service_tier.as_deref();
        let zeros = cx.options.usage_zeros.then(Usage::default);
        let usage = cx.facts.usage().or(zeros);
        if self.is_whole {
            output.name(Naming::of(cx.options, cx.facts).header()); // the end may know what the beginning did not
        }
        output.finish(cx.out, reason, tier, usage.as_ref());
        if self.is_full() {
            cx.facts.note(NoteCode::LimitExceeded, b"response");
        }
    }
}

/// Counts that are missing, and those that chat has no place for. `is_written`: the client is given the usage.
fn note_usage(is_written: bool, cx: &mut Context<'_>) {
    if cx.options.wants_usage() && cx.facts.usage().is_none() {
        cx.facts.notes.push(NoteCode::UsageMissing, "usage".to_owned(), b"");
    }
    let usage = cx.facts.usage().filter(|_| is_written);
    if usage.is_some_and(|usage| usage.cache_write_ttl != [None; 4]) {
        cx.facts.notes.push(NoteCode::UsageDropped, "usage".to_owned(), CACHE_WRITE_TTL.as_bytes());
    }
    cx.facts.note_tool_usage();
}
