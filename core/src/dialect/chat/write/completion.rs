//! Writes one chat.completion, the fold of the chunks that would have been sent.
//!
//! Input: what to write. Output: strings concatenated, calls by index, lists appended. State: all of it, as JSON text ready
//! to be spliced; bounded by `max_response_bytes`.

use super::own_state::OwnState;
use super::token_runs::TokenRuns;
use crate::dialect::chat::{self, CallForm, ChunkHeader, Citation, DeltaField, Logprobs, ObjectForm};
use crate::json::{Str, Value, write};
use crate::opaque::DETAILS;
use crate::outcome::{FinishReason, Usage};
use std::collections::HashMap;

#[derive(Debug, Clone, Default)]
pub(crate) struct Completion {
    /// Up to and including the model.
    head: Vec<u8>,
    content: Option<Texts>,
    refusal: Option<Texts>,
    reasoning: Option<(DeltaField, Texts)>,
    calls: Vec<MessageCall>,
    annotations: Vec<u8>,
    details: Vec<u8>,
    /// Opaque state of the message, each member after a comma.
    state: Vec<u8>,
    images: Vec<u8>,
    logprobs: TokenRuns,
    form: ObjectForm,
    /// The call is one of a legacy function.
    is_legacy: bool,
    bytes: usize,
    max_bytes: usize,
}

/// The texts of one member in the order they came: a run of pieces each, with the number of its part and the length of what
/// separates it from the one before.
#[derive(Debug, Clone, Default)]
struct Texts(Vec<(usize, usize, Vec<u8>)>);

impl Texts {
    fn push(&mut self, part: usize, before: &str, text: &[u8]) {
        if !matches!(self.0.last(), Some((last, ..)) if *last == part && before.is_empty()) {
            let mut run = Vec::new();
            write::escaped(&mut run, before);
            self.0.push((part, run.len(), run));
        }
        if let Some((_, _, run)) = self.0.last_mut() {
            run.extend_from_slice(text);
        }
    }

    /// How many code points come before each part.
    fn begins(&self) -> HashMap<usize, u64> {
        let (mut begins, mut length) = (HashMap::new(), 0);
        for (part, before, run) in &self.0 {
            let gap = Str::from_raw(&run[..*before]).code_points();
            begins.entry(*part).or_insert(length + gap);
            length += Str::from_raw(run).code_points();
        }
        begins
    }

    /// Whether all of a part is `whole`.
    fn is(&self, part: usize, whole: &[u8]) -> bool {
        let mut rest = Some(whole);
        for (_, before, run) in self.0.iter().filter(|(own, ..)| *own == part) {
            rest = rest.and_then(|rest| rest.strip_prefix(&run[*before..]));
        }
        rest.is_some_and(<[u8]>::is_empty)
    }

    /// Puts `whole` where the part began; its other runs go. Nothing is separated from nothing.
    fn replace(&mut self, part: usize, whole: &[u8]) {
        let Some(first) = self.0.iter().position(|(own, ..)| *own == part) else { return };
        let is_alone = whole.is_empty() || self.0[..first].iter().all(|(_, _, run)| run.is_empty());
        let (_, before, run) = &mut self.0[first];
        *before = if is_alone { 0 } else { *before };
        run.truncate(*before);
        run.extend_from_slice(whole);
        let mut at = 0;
        self.0.retain(|(own, ..)| {
            at += 1;
            *own != part || at == first + 1
        });
    }

    fn write(&self, out: &mut Vec<u8>) {
        out.push(b'"');
        self.0.iter().for_each(|(_, _, run)| out.extend_from_slice(run));
        out.push(b'"');
    }
}

#[derive(Debug, Clone)]
struct MessageCall {
    /// Up to the quote that opens the arguments.
    head: Vec<u8>,
    arguments: Vec<u8>,
    /// As [`Completion::state`]: of the function, of the call.
    state: [Vec<u8>; 2],
}

impl Completion {
    pub(in crate::dialect::chat) fn new(form: ObjectForm, max_bytes: usize) -> Self {
        Self { form, max_bytes, ..Self::default() }
    }

    pub(in crate::dialect::chat) fn name(&mut self, of: ChunkHeader<'_>) {
        self.head.clear();
        of.write(&mut self.head, self.form.of_whole());
    }

    pub(in crate::dialect::chat) fn is_full(&self) -> bool {
        self.bytes > self.max_bytes
    }

    /// Whether there is room for `bytes` more; once there is none, there is none for anything.
    fn has_room(&mut self, bytes: usize) -> bool {
        if !self.is_full() {
            self.bytes += bytes;
        }
        !self.is_full()
    }

    pub(in crate::dialect::chat) fn text(
        &mut self,
        field: DeltaField,
        part: usize,
        before: &str,
        text: Str<'_>,
        logprobs: Option<Logprobs<'_>>,
    ) {
        if !self.has_room(before.len() + text.raw().len()) {
            return;
        }
        self.texts(field).push(part, before, text.raw());
        if let Some(logprobs) = logprobs {
            self.bytes += logprobs.tokens.raw().len();
            self.logprobs.push(part, logprobs.tokens);
        }
    }

    /// Tokens of another text than `whole` go.
    pub(in crate::dialect::chat) fn replace_text(
        &mut self,
        field: DeltaField,
        part: usize,
        whole: Str<'_>,
        logprobs: Option<Value<'_>>,
    ) {
        if !self.has_room(whole.raw().len() + logprobs.map_or(0, |tokens| tokens.raw().len())) {
            return;
        }
        let texts = self.texts(field);
        let is_same = texts.is(part, whole.raw());
        texts.replace(part, whole.raw());
        if logprobs.is_some() || !is_same {
            self.logprobs.replace(part, logprobs);
        }
    }

    fn texts(&mut self, field: DeltaField) -> &mut Texts {
        match field {
            DeltaField::Content => self.content.get_or_insert_default(),
            DeltaField::Refusal => self.refusal.get_or_insert_default(),
            DeltaField::ReasoningContent | DeltaField::Reasoning => {
                &mut self.reasoning.get_or_insert_with(|| (field, Texts::default())).1
            }
        }
    }

    pub(in crate::dialect::chat) fn replace_arguments(&mut self, index: usize, whole: &[u8]) {
        let has_room = self.has_room(whole.len());
        if let Some(call) = self.calls.get_mut(index).filter(|_| has_room) {
            call.arguments.clear();
            call.arguments.extend_from_slice(whole);
        }
    }

    pub(in crate::dialect::chat) fn call(&mut self, form: CallForm, id: &[u8], name: &[u8]) {
        if !self.has_room(id.len() + name.len()) {
            return;
        }
        let (before_name, after_name, _) = form.members();
        self.is_legacy |= form == CallForm::Legacy;
        let head = match form {
            CallForm::Legacy => [b"{\"name\":\"", name, after_name].concat(),
            _ => [b"{\"id\":\"", id, b"\",\"type\":\"", before_name, name, after_name].concat(),
        };
        self.calls.push(MessageCall { head, arguments: Vec::new(), state: [Vec::new(), Vec::new()] });
    }

    pub(in crate::dialect::chat) fn arguments(&mut self, index: usize, piece: &[u8]) {
        let has_room = self.has_room(piece.len());
        if let Some(call) = self.calls.get_mut(index).filter(|_| has_room) {
            call.arguments.extend_from_slice(piece);
        }
    }

    pub(in crate::dialect::chat) fn annotations(&mut self, citations: &[Citation]) {
        chat::annotations(&mut self.annotations, citations);
    }

    pub(in crate::dialect::chat) fn details(&mut self, entries: Vec<u8>) {
        if self.has_room(entries.len()) {
            self.details = entries;
        }
    }

    pub(in crate::dialect::chat) fn state(&mut self, state: &OwnState) {
        self.state = state.of_message();
        for (nth, call) in self.calls.iter_mut().enumerate() {
            call.state = state.of_call(nth);
        }
    }

    pub(in crate::dialect::chat) fn image(&mut self, index: usize, mime: &str, base64: &[u8]) {
        if !self.has_room(base64.len()) {
            return;
        }
        comma(&mut self.images);
        chat::image(&mut self.images, index, mime, base64);
    }

    pub(in crate::dialect::chat) fn finish(
        &self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        out.extend_from_slice(&self.head);
        match self.form {
            ObjectForm::Chat => self.choice(out),
            ObjectForm::Text => self.text_choice(out),
        }
        let reason = self.form.finish_reason(reason, self.is_legacy);
        write::pieces(out, [b",\"finish_reason\":\"", reason.as_bytes(), b"\"}]"]);
        if let Some(tier) = service_tier.filter(|_| self.form == ObjectForm::Chat) {
            array(out, b",\"service_tier\":\"", tier, b"\"");
        }
        if let Some(usage) = usage {
            out.extend_from_slice(b",\"usage\":");
            usage.write(out);
        }
        out.push(b'}');
    }

    fn choice(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"message\":");
        self.message(out);
        if self.logprobs.is_empty() {
            out.extend_from_slice(b",\"logprobs\":null"); // the official type requires it here, not in chunks
        } else {
            out.extend_from_slice(b",\"logprobs\":{\"content\":[");
            self.logprobs.write(out);
            out.extend_from_slice(b"],\"refusal\":null}");
        }
    }

    /// Nothing else has come: the writer keeps it back.
    fn text_choice(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"text\":");
        self.content.as_ref().unwrap_or(&Texts::default()).write(out);
        out.extend_from_slice(b",\"logprobs\":");
        if self.logprobs.is_empty() {
            out.extend_from_slice(b"null");
        } else {
            let begins = self.content.as_ref().map(Texts::begins).unwrap_or_default();
            self.logprobs.write_texts(begins, out);
        }
    }

    /// `role`, `content` and `refusal` always, the others when there is something in them.
    fn message(&self, out: &mut Vec<u8>) {
        let is_empty = self.refusal.is_none()
            && self.reasoning.is_none()
            && self.details.is_empty()
            && self.calls.is_empty()
            && self.images.is_empty()
            && self.annotations.is_empty();
        let nothing = Texts::default();
        let content = self.content.as_ref().or(is_empty.then_some(&nothing));
        out.extend_from_slice(b"{\"role\":\"assistant\"");
        string(out, DeltaField::Content, content);
        string(out, DeltaField::Refusal, self.refusal.as_ref());
        if let Some((field, text)) = &self.reasoning {
            string(out, *field, Some(text));
        }
        if !self.details.is_empty() {
            write::pieces(out, [b",\"", DETAILS.as_bytes(), b"\":[", &self.details, b"]"]);
        }
        out.extend_from_slice(&self.state);
        array(out, b",\"annotations\":[", &self.annotations, b"]");
        array(out, b",\"images\":[", &self.images, b"]");
        if let Some(call) = self.calls.first().filter(|_| self.is_legacy) {
            write::pieces(out, [b",\"function_call\":", &call.head, &call.arguments, b"\"}}"]);
            return;
        }
        for (nth, call) in self.calls.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b",\"tool_calls\":[" } else { b"," });
            let [inner, outer] = &call.state;
            write::pieces(out, [&call.head, &call.arguments, b"\"", inner, b"}", outer, b"}"]);
        }
        out.extend_from_slice(if self.calls.is_empty() { b"}" } else { b"]}" });
    }
}

fn comma(list: &mut Vec<u8>) {
    if !list.is_empty() {
        list.push(b',');
    }
}

/// `,"member":"…"` or `,"member":null`
fn string(out: &mut Vec<u8>, field: DeltaField, text: Option<&Texts>) {
    out.push(b',');
    out.extend_from_slice(field.member());
    match text {
        Some(text) => text.write(out),
        None => out.extend_from_slice(b"null"),
    }
}

fn array(out: &mut Vec<u8>, open: &[u8], inside: &[u8], close: &[u8]) {
    if !inside.is_empty() {
        write::pieces(out, [open, inside, close]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Completion, DeltaField};
    use crate::json::Str;

    #[test]
    fn more_than_the_limit_is_not_kept() {
        let mut completion = Completion { max_bytes: 4, ..Completion::default() };
        let mut take = |text: &'static [u8]| {
            completion.text(DeltaField::Content, 0, "", Str::from_raw(text), None);
            let mut content = Vec::new();
            completion.content.as_ref().unwrap().write(&mut content);
            (content, completion.is_full())
        };
        assert_eq!(take(b"1234"), (b"\"1234\"".to_vec(), false));
        assert_eq!(take(b"5"), (b"\"1234\"".to_vec(), true));
        assert_eq!(take(b""), (b"\"1234\"".to_vec(), true));
    }
}
