//! What the caller wants otherwise than the upstream sent it, whatever the dialects: stop sequences applied, bundles of calls
//! opened.
//!
//! Input: calls of a [`Writer`]. Output: the same for the writer that it wraps, amended. State: that of each; none where nothing
//! is asked for.

mod bundles;
mod stop;

use super::{
    Begins, CallStart, Citation, CitedText, Context, Image, ReasoningItem, RunWriter, TextKind, TextRef,
    WebSearch, Writer,
};
use crate::envelope::Envelope;
use crate::json::template_gap::Text;
use crate::json::{Progress, Str, Value};
use crate::options::Options;
use crate::outcome::FinishReason;
use bundles::Bundles;
use stop::StopSequences;

#[derive(Debug, Clone)]
pub(crate) struct Amended<W> {
    pub(crate) inner: W,
    /// In one place, as transcoders idle by the thousand.
    amends: Option<Box<Amends>>,
}

#[derive(Debug, Clone)]
struct Amends {
    bundles: Option<Bundles>,
    stop: Option<StopSequences>,
}

impl<W: RunWriter> Amended<W> {
    pub(crate) fn new(inner: W, options: &Options) -> Self {
        let bundles = options.open_parallel_calls.then(Bundles::default);
        let stop = options.stop_sequences().map(StopSequences::new);
        let is_asked = !inner.is_silent() && (bundles.is_some() || stop.is_some());
        Self { inner, amends: is_asked.then(|| Box::new(Amends { bundles, stop })) }
    }

    fn stop(&mut self) -> Option<(&mut StopSequences, &mut W)> {
        Some((self.amends.as_mut()?.stop.as_mut()?, &mut self.inner))
    }

    fn bundles(&mut self) -> Option<(&mut Bundles, &mut W)> {
        Some((self.amends.as_mut()?.bundles.as_mut()?, &mut self.inner))
    }

    fn stopped(&self) -> Option<&StopSequences> {
        self.amends.as_ref()?.stop.as_ref()
    }

    /// Whether the answer is over, though the upstream goes on.
    fn is_over(&self) -> bool {
        self.stopped().is_some_and(StopSequences::is_found)
    }

    /// Something comes that ends the text before it. False where it comes after the end of the answer.
    fn takes(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some((stop, writer)) = self.stop() {
            stop.flush(writer, cx);
        }
        !self.is_over()
    }

    /// Whether a call belongs to the answer.
    fn has_call(&self, nth: usize) -> bool {
        self.stopped().is_none_or(|stop| stop.has_call(nth))
    }

    /// The number that the writer has for a call; `None` for one in a bundle.
    fn written(&self, nth: usize) -> Option<usize> {
        match self.amends.as_ref().and_then(|amends| amends.bundles.as_ref()) {
            None => Some(nth).filter(|nth| self.has_call(*nth)),
            Some(bundles) => bundles.written(nth),
        }
    }
}

impl<W: RunWriter> Writer for Amended<W> {
    fn names_answer(&self) -> bool {
        self.inner.names_answer()
    }

    fn keeps_text(&self) -> bool {
        self.inner.keeps_text()
    }

    fn is_silent(&self) -> bool {
        self.inner.is_silent()
    }

    /// What came, where not all of it was written: the reader asks what it need not say again.
    fn kept_text(&self, kind: TextKind) -> Progress {
        match self.stopped() {
            Some(stop) if kind == TextKind::Text => stop.taken(),
            _ => self.inner.kept_text(kind),
        }
    }

    fn text(
        &mut self,
        text: TextRef,
        begins: Begins,
        piece: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        match self.stop() {
            None => self.inner.text(text, begins, piece, logprobs, cx),
            Some((stop, writer)) => stop.text(text, begins, piece, logprobs, writer, cx),
        }
    }

    fn replace_text(
        &mut self,
        text: TextRef,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
        cx: &mut Context<'_>,
    ) {
        match self.stop() {
            None => self.inner.replace_text(text, whole, logprobs, cx),
            Some((stop, writer)) => stop.replace(text, whole, logprobs, writer, cx),
        }
    }

    fn call(&mut self, call: CallStart<'_>, cx: &mut Context<'_>) {
        if let Some((stop, writer)) = self.stop() {
            stop.flush(writer, cx);
            if !stop.takes_call() {
                return;
            }
        }
        match self.bundles() {
            None => self.inner.call(call, cx),
            Some((bundles, writer)) => bundles.call(call, writer, cx),
        }
    }

    fn arguments(&mut self, nth: usize, piece: Str<'_>, cx: &mut Context<'_>) {
        if let Some(written) = self.written(nth) {
            self.inner.arguments(written, piece, cx);
        } else if let Some((bundles, writer)) = self.bundles() {
            bundles.hold(nth, piece, writer, cx);
        }
    }

    fn replace_arguments(&mut self, nth: usize, whole: Str<'_>, cx: &mut Context<'_>) {
        if let Some(written) = self.written(nth) {
            self.inner.replace_arguments(written, whole, cx);
        } else if let Some((bundles, writer)) = self.bundles() {
            bundles.replace(nth, whole, writer, cx);
        }
    }

    fn call_end(&mut self, nth: usize, cx: &mut Context<'_>) {
        let mut written = self.written(nth);
        if written.is_none()
            && let Some((bundles, writer)) = self.bundles()
        {
            written = bundles.over(nth, writer, cx);
        }
        if let Some(written) = written {
            self.inner.call_end(written, cx);
        }
    }

    fn citation(&mut self, of: CitedText, citation: &Citation<'_>, cx: &mut Context<'_>) {
        if !self.is_over() {
            self.inner.citation(of, citation, cx);
        }
    }

    fn image(&mut self, image: &Image<'_>, cx: &mut Context<'_>) {
        if self.takes(cx) {
            self.inner.image(image, cx);
        }
    }

    fn hosted_call(&mut self, name: &[u8], cx: &mut Context<'_>) {
        if self.takes(cx) {
            self.inner.hosted_call(name, cx);
        }
    }

    fn web_search(&mut self, search: &WebSearch<'_>, cx: &mut Context<'_>) {
        if self.takes(cx) {
            self.inner.web_search(search, cx);
        }
    }

    fn settle(&mut self, is_cut: bool, cx: &mut Context<'_>) {
        self.takes(cx);
        if let Some((bundles, writer)) = self.bundles() {
            bundles.keep_all(writer, cx);
        }
        let is_whole = self.stopped().is_some_and(StopSequences::is_whole);
        self.inner.settle(is_cut && !is_whole, cx);
    }

    fn finish(&mut self, reason: FinishReason, cx: &mut Context<'_>) {
        let reason = self.stopped().map_or(reason, |stop| stop.reason(reason, cx));
        self.inner.finish(reason, cx);
    }

    fn fail(&mut self, error: &Envelope, cx: &mut Context<'_>) {
        self.takes(cx);
        if let Some((bundles, writer)) = self.bundles() {
            bundles.keep_all(writer, cx);
        }
        self.inner.fail(error, cx);
    }

    fn call_path(&self, nth: usize) -> String {
        self.written(nth).map_or_else(String::new, |written| self.inner.call_path(written))
    }

    // The rest is the writer's.

    fn shows(&self, kind: TextKind, options: &Options) -> bool {
        self.inner.shows(kind, options)
    }

    fn shows_searches(&self, options: &Options) -> bool {
        self.inner.shows_searches(options)
    }

    fn shows_hosted(&self, options: &Options) -> bool {
        self.inner.shows_hosted(options)
    }

    fn shows_reasoning_items(&self, options: &Options) -> bool {
        self.inner.shows_reasoning_items(options)
    }

    fn reasoning_item(&mut self, item: &ReasoningItem<'_>, cx: &mut Context<'_>) {
        self.inner.reasoning_item(item, cx);
    }

    fn opaque(&mut self, sealed: &[u8], cx: &mut Context<'_>) -> bool {
        self.inner.opaque(sealed, cx)
    }

    fn lacks(&self, reason: FinishReason, cx: &Context<'_>) -> Option<Envelope> {
        self.inner.lacks(reason, cx)
    }

    fn end(&mut self, cx: &mut Context<'_>) {
        self.inner.end(cx);
    }

    fn has_output(&self) -> bool {
        self.inner.has_output()
    }

    fn response_id(&self) -> Option<String> {
        self.inner.response_id()
    }

    fn made_up_call_id(&self, nth: usize, cx: &Context<'_>) -> Vec<u8> {
        self.inner.made_up_call_id(nth, cx)
    }
}

impl<W: RunWriter> RunWriter for Amended<W> {
    fn texts<'c>(&mut self, text: TextRef, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        match self.stopped() {
            None => self.inner.texts(text, pieces, cx),
            Some(_) => pieces.for_each(|piece| self.text(text, Begins::Nothing, piece.as_str(), None, cx)),
        }
    }

    fn argument_run<'c>(&mut self, nth: usize, pieces: impl Iterator<Item = Text<'c>>, cx: &mut Context<'_>) {
        match self.written(nth) {
            Some(written) => self.inner.argument_run(written, pieces, cx),
            None => pieces.for_each(|piece| self.arguments(nth, piece.as_str(), cx)),
        }
    }
}
