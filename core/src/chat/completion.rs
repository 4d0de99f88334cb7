//! Enters: what to say. Leaves: one chat.completion, the fold of the chunks that would have been sent: strings
//! concatenated, calls by index, lists appended. Everything kept is JSON text, ready to be spliced; bounded by
//! [`MAX_RESPONSE_BYTES`].

use super::{CallForm, Citation, Head, Voice};
use crate::json::{Str, Value, write};
use crate::limits::MAX_RESPONSE_BYTES;
use crate::outcome::{FinishReason, Usage};

#[derive(Debug, Default)]
pub(crate) struct Completion {
    /// Up to and including the model.
    head: Vec<u8>,
    content: Option<Vec<u8>>,
    refusal: Option<Vec<u8>>,
    reasoning: Option<(Voice, Vec<u8>)>,
    calls: Vec<Call>,
    annotations: Vec<u8>,
    images: Vec<u8>,
    logprobs: Vec<u8>,
    bytes: usize,
}

#[derive(Debug)]
struct Call {
    /// Up to the quote that opens the arguments.
    head: Vec<u8>,
    arguments: Vec<u8>,
}

impl Completion {
    pub(super) fn new(of: Head<'_>) -> Self {
        let mut head = Vec::new();
        of.write(&mut head, "chat.completion");
        Self { head, ..Self::default() }
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes > MAX_RESPONSE_BYTES
    }

    /// Whether there is room for `bytes` more; once there is none, there is none for anything.
    fn has_room(&mut self, bytes: usize) -> bool {
        if !self.is_full() {
            self.bytes += bytes;
        }
        !self.is_full()
    }

    pub(super) fn text(&mut self, voice: Voice, before: &str, text: Str<'_>, logprobs: Option<Value<'_>>) {
        if !self.has_room(before.len() + text.raw().len()) {
            return;
        }
        let said = match voice {
            Voice::Content => self.content.get_or_insert_default(),
            Voice::Refusal => self.refusal.get_or_insert_default(),
            Voice::ReasoningContent | Voice::Reasoning => {
                &mut self.reasoning.get_or_insert((voice, Vec::new())).1
            }
        };
        write::escaped(said, before);
        said.extend_from_slice(text.raw());
        if let Some(tokens) = logprobs {
            let before = self.logprobs.len();
            comma(&mut self.logprobs);
            super::logprobs(&mut self.logprobs, tokens, b"null");
            self.bytes += self.logprobs.len() - before;
        }
    }

    pub(super) fn call(&mut self, form: CallForm, id: &[u8], name: &[u8]) {
        if !self.has_room(id.len() + name.len()) {
            return;
        }
        let (before_name, after_name, _) = form.members();
        let head = [b"{\"id\":\"", id, b"\",\"type\":\"", before_name, name, after_name].concat();
        self.calls.push(Call { head, arguments: Vec::new() });
    }

    pub(super) fn arguments(&mut self, index: usize, piece: &[u8]) {
        let has_room = self.has_room(piece.len());
        if let Some(call) = self.calls.get_mut(index).filter(|_| has_room) {
            call.arguments.extend_from_slice(piece);
        }
    }

    pub(super) fn annotations(&mut self, citations: &[Citation]) {
        super::annotations(&mut self.annotations, citations);
    }

    pub(super) fn image(&mut self, index: usize, mime: &str, base64: &[u8]) {
        if !self.has_room(base64.len()) {
            return;
        }
        comma(&mut self.images);
        super::image(&mut self.images, index, mime, base64);
    }

    pub(super) fn finish(
        &self,
        out: &mut Vec<u8>,
        reason: FinishReason,
        service_tier: Option<&[u8]>,
        usage: Option<&Usage>,
    ) {
        out.extend_from_slice(&self.head);
        out.extend_from_slice(b",\"choices\":[{\"index\":0,\"message\":");
        self.message(out);
        if self.logprobs.is_empty() {
            out.extend_from_slice(b",\"logprobs\":null"); // the official type requires it here, not in chunks
        }
        array(out, b",\"logprobs\":{\"content\":[", &self.logprobs, b"],\"refusal\":null}");
        out.extend_from_slice(b",\"finish_reason\":\"");
        out.extend_from_slice(reason.as_str().as_bytes());
        out.extend_from_slice(b"\"}]");
        if let Some(tier) = service_tier {
            array(out, b",\"service_tier\":\"", tier, b"\"");
        }
        if let Some(usage) = usage {
            out.extend_from_slice(b",\"usage\":");
            usage.write(out);
        }
        out.push(b'}');
    }

    /// `role`, `content` and `refusal` always, the others when there is something in them.
    fn message(&self, out: &mut Vec<u8>) {
        let is_empty = self.refusal.is_none()
            && self.reasoning.is_none()
            && self.calls.is_empty()
            && self.images.is_empty()
            && self.annotations.is_empty();
        let nothing = Vec::new();
        let content = self.content.as_ref().or(is_empty.then_some(&nothing));
        out.extend_from_slice(b"{\"role\":\"assistant\"");
        string(out, Voice::Content, content);
        string(out, Voice::Refusal, self.refusal.as_ref());
        if let Some((voice, text)) = &self.reasoning {
            string(out, *voice, Some(text));
        }
        array(out, b",\"annotations\":[", &self.annotations, b"]");
        array(out, b",\"images\":[", &self.images, b"]");
        for (nth, call) in self.calls.iter().enumerate() {
            out.extend_from_slice(if nth == 0 { b",\"tool_calls\":[" } else { b"," });
            out.extend_from_slice(&call.head);
            out.extend_from_slice(&call.arguments);
            out.extend_from_slice(b"\"}}");
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
fn string(out: &mut Vec<u8>, voice: Voice, text: Option<&Vec<u8>>) {
    out.push(b',');
    out.extend_from_slice(voice.member());
    let Some(text) = text else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

fn array(out: &mut Vec<u8>, open: &[u8], inside: &[u8], close: &[u8]) {
    if !inside.is_empty() {
        write::pieces(out, [open, inside, close]);
    }
}

#[cfg(test)]
mod tests {
    use super::{Completion, Voice};
    use crate::json::Str;
    use crate::limits::MAX_RESPONSE_BYTES;

    #[test]
    fn more_than_the_limit_is_not_kept() {
        let mut completion = Completion { bytes: MAX_RESPONSE_BYTES - 4, ..Completion::default() };
        let mut say = |text: &'static [u8]| {
            completion.text(Voice::Content, "", Str::from_raw(text), None);
            (completion.content.clone().unwrap_or_default(), completion.is_full())
        };
        assert_eq!(say(b"1234"), (b"1234".to_vec(), false));
        assert_eq!(say(b"5"), (b"1234".to_vec(), true));
        assert_eq!(say(b""), (b"1234".to_vec(), true));
    }
}
