//! The writers of a collector: those of the bodies that are wanted.
//!
//! Input: calls of a [`Writer`]. Output: a completion, at the end; a Response is asked for. State: the writers.

use crate::answer::{
    Begins, CallStart, Citation, CitedText, Context, Facts, Image, ReasoningItem, RunWriter, TextKind,
    TextRef, WebSearch, Writer,
};
use crate::dialect::chat::ChatWriter;
use crate::dialect::responses::ResponsesWriter;
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value};
use crate::options::Options;
use crate::outcome::FinishReason;
use std::iter::once;

#[derive(Debug, Clone, Default)]
pub(crate) struct Bodies {
    completion: Option<ChatWriter>,
    /// It decides what only one writer can: ids, and paths in what is written.
    response: Option<ResponsesWriter>,
    /// What that writes meanwhile, and nobody wants.
    scratch: Vec<u8>,
}

impl Bodies {
    pub(super) fn new(completion: Option<ChatWriter>, response: Option<ResponsesWriter>) -> Self {
        Self { completion, response, scratch: Vec::new() }
    }

    /// The Response, where one is kept here.
    pub(super) fn final_response(&self, facts: &Facts, options: &Options) -> Option<Vec<u8>> {
        self.response.as_ref()?.response(facts, options)
    }

    fn completion(&self) -> Option<&dyn Writer> {
        self.completion.as_ref().map(|writer| writer as &dyn Writer)
    }

    fn response(&self) -> Option<&dyn Writer> {
        self.response.as_ref().map(|writer| writer as &dyn Writer)
    }

    fn writers(&self) -> impl Iterator<Item = &dyn Writer> {
        self.completion().into_iter().chain(self.response())
    }

    /// The one that there is, where there is one.
    fn only(&self) -> Option<&dyn Writer> {
        self.completion().xor(self.response())
    }

    /// The one that decides.
    fn first(&self) -> Option<&dyn Writer> {
        self.response().or(self.completion())
    }

    fn each(&mut self, cx: &mut Context<'_>, mut act: impl FnMut(&mut dyn Writer, &mut Context<'_>)) {
        if let Some(writer) = &mut self.completion {
            act(writer, cx);
        }
        if let Some(writer) = &mut self.response {
            self.scratch.clear();
            act(writer, &mut Context { options: cx.options, facts: cx.facts, out: &mut self.scratch });
        }
    }
}

impl Writer for Bodies {
    fn names_answer(&self) -> bool {
        self.first().is_some_and(Writer::names_answer)
    }

    fn keeps_text(&self) -> bool {
        self.only().is_some_and(Writer::keeps_text)
    }

    fn kept_text(&self, kind: TextKind) -> Progress {
        self.only().map_or_else(Progress::default, |writer| writer.kept_text(kind))
    }

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        self.first().is_none() || self.writers().any(|writer| writer.shows(kind, options))
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        self.each(cx, |writer, cx| writer.text(text, begins, piece, logprobs, cx));
    }

    fn replace_text(
        &mut self,
        text: TextRef,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        self.each(cx, |writer, cx| writer.replace_text(text, whole, logprobs, cx));
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.call(call, cx));
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.arguments(nth, piece, cx));
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.replace_arguments(nth, whole, cx));
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.call_end(nth, cx));
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.citation(of, citation, cx));
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.image(image, cx));
    }

    fn shows_searches(&self, options: &Options) -> bool {
        self.first().is_none() || self.writers().any(|writer| writer.shows_searches(options))
    }

    fn shows_hosted(&self, options: &Options) -> bool {
        self.first().is_none() || self.writers().any(|writer| writer.shows_hosted(options))
    }

    fn hosted_call(&mut self, name: &[u8], cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.hosted_call(name, cx));
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.web_search(search, cx));
    }

    fn shows_reasoning_items(&self, options: &Options) -> bool {
        self.writers().any(|writer| writer.shows_reasoning_items(options))
    }

    fn reasoning_item(&mut self, item: &ReasoningItem<'_>, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.reasoning_item(item, cx));
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        let mut has_place = self.first().is_none();
        self.each(cx, |writer, cx| has_place |= writer.opaque(sealed, cx));
        has_place
    }

    fn settle(&mut self, is_cut: bool, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.settle(is_cut, cx));
    }

    fn lacks(&self, reason: FinishReason, cx: &Context<'_>) -> Option<Envelope> {
        self.writers().find_map(|writer| writer.lacks(reason, cx))
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.finish(reason, cx));
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.fail(error, cx));
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        self.each(cx, |writer, cx| writer.end(cx));
    }

    fn has_output(&self) -> bool {
        self.first().is_none() || self.writers().any(Writer::has_output)
    }

    fn response_id(&self) -> Option<String> {
        self.first()?.response_id()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        let made_up = self.first().map(|writer| writer.made_up_call_id(nth, cx));
        made_up.unwrap_or_else(|| format!("call_{nth}").into_bytes())
    }

    fn call_path(&self, nth: usize) -> String {
        self.first().map(|writer| writer.call_path(nth)).unwrap_or_default()
    }
}

impl RunWriter for Bodies {
    fn texts<'c>(&mut self, text: TextRef, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        let Self { completion, response, scratch } = self;
        match (completion, response) {
            (Some(completion), None) => completion.texts(text, pieces, cx),
            (completion, Some(response)) => {
                for piece in pieces {
                    if let Some(completion) = completion {
                        completion.texts(text, once(piece), cx);
                    }
                    scratch.clear();
                    let mut cx = Context { options: cx.options, facts: cx.facts, out: scratch };
                    response.texts(text, once(piece), &mut cx);
                }
            }
            (None, None) => pieces.for_each(drop),
        }
    }

    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        match (&mut self.completion, &self.response) {
            (Some(completion), None) => completion.argument_run(nth, pieces, cx),
            _ => pieces.for_each(|piece| self.arguments(nth, piece.as_str(), cx)),
        }
    }
}
