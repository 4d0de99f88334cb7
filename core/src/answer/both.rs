//! Two writers of one answer: for a collector, which gives either body.
//!
//! Input: calls of a [`Writer`]. Output: that of the first; what the second writes is thrown away, its state counts.
//! State: both.

use super::{
    Begins, CallStart, Citation, CitedText, Context, Image, ReasoningItem, RunWriter, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Str, Value};
use crate::options::Options;
use crate::outcome::FinishReason;
use std::iter::once;

#[derive(Debug, Clone)]
pub(crate) struct Both<A, B> {
    pub(crate) first: A,
    /// It decides what only one can: ids, and paths in what is written.
    pub(crate) second: B,
    scratch: Vec<u8>,
}

impl<A: RunWriter, B: RunWriter> Both<A, B> {
    pub(crate) fn new(first: A, second: B) -> Self {
        Self { first, second, scratch: Vec::new() }
    }

    fn second(&mut self, cx: &mut Context<'_>, act: impl FnOnce(&mut B, &mut Context<'_>)) {
        self.scratch.clear();
        let mut cx = Context { options: cx.options, facts: cx.facts, out: &mut self.scratch };
        act(&mut self.second, &mut cx);
    }
}

impl<A: RunWriter, B: RunWriter> Writer for Both<A, B> {
    fn names_answer(&self) -> bool {
        self.second.names_answer()
    }

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        self.first.shows(kind, options) || self.second.shows(kind, options)
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        self.first.text(text, begins, piece, logprobs, cx);
        self.second(cx, |writer, cx| writer.text(text, begins, piece, logprobs, cx));
    }

    fn replace_text(
        &mut self,
        text: TextRef,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        self.first.replace_text(text, whole, logprobs, cx);
        self.second(cx, |writer, cx| writer.replace_text(text, whole, logprobs, cx));
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        self.first.call(call, cx);
        self.second(cx, |writer, cx| writer.call(call, cx));
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        self.first.arguments(nth, piece, cx);
        self.second(cx, |writer, cx| writer.arguments(nth, piece, cx));
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, cx: &mut Context<'_>) {
        self.first.replace_arguments(nth, whole, cx);
        self.second(cx, |writer, cx| writer.replace_arguments(nth, whole, cx));
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        self.first.call_end(nth, cx);
        self.second(cx, |writer, cx| writer.call_end(nth, cx));
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        self.first.citation(of, citation, cx);
        self.second(cx, |writer, cx| writer.citation(of, citation, cx));
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        self.first.image(image, cx);
        self.second(cx, |writer, cx| writer.image(image, cx));
    }

    fn shows_searches(&self, options: &Options) -> bool {
        self.first.shows_searches(options) || self.second.shows_searches(options)
    }

    fn shows_hosted(&self, options: &Options) -> bool {
        self.first.shows_hosted(options) || self.second.shows_hosted(options)
    }

    fn hosted_call(&mut self, name: &[u8], cx: &mut Context<'_>) {
        self.first.hosted_call(name, cx);
        self.second(cx, |writer, cx| writer.hosted_call(name, cx));
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        self.first.web_search(search, cx);
        self.second(cx, |writer, cx| writer.web_search(search, cx));
    }

    fn reasoning_item(&mut self, item: &ReasoningItem<'_>, cx: &mut Context<'_>) {
        self.first.reasoning_item(item, cx);
        self.second(cx, |writer, cx| writer.reasoning_item(item, cx));
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        let mut has_place = self.first.opaque(sealed, cx);
        self.second(cx, |writer, cx| has_place |= writer.opaque(sealed, cx));
        has_place
    }

    fn settle(&mut self, is_cut: bool, cx: &mut Context<'_>) {
        self.first.settle(is_cut, cx);
        self.second(cx, |writer, cx| writer.settle(is_cut, cx));
    }

    fn lacks(&self, reason: FinishReason, cx: &Context<'_>) -> Option<Envelope> {
        self.first.lacks(reason, cx).or_else(|| self.second.lacks(reason, cx))
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.first.finish(reason, cx);
        self.second(cx, |writer, cx| writer.finish(reason, cx));
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.first.fail(error, cx);
        self.second(cx, |writer, cx| writer.fail(error, cx));
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        self.first.end(cx);
        self.second(cx, Writer::end);
    }

    fn has_output(&self) -> bool {
        self.first.has_output() || self.second.has_output()
    }

    fn response_id(&self) -> Option<String> {
        self.second.response_id()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        self.second.made_up_call_id(nth, cx)
    }

    fn call_path(&self, nth: usize) -> String {
        self.second.call_path(nth)
    }
}

impl<A: RunWriter, B: RunWriter> RunWriter for Both<A, B> {
    fn texts<'c>(&mut self, text: TextRef, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        for piece in pieces {
            self.first.texts(text, once(piece), cx);
            self.second(cx, |writer, cx| writer.texts(text, once(piece), cx));
        }
    }
}
