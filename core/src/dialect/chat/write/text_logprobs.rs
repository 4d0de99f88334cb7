//! Logprobs as the legacy Completions API has them: four lists, side by side.
//!
//! Input: tokens in the form that chat and Responses share. Output: the object. State: the lists, as JSON.

use crate::dialect::chat::Logprobs;
use crate::json::{Str, Value, write};

#[derive(Debug, Default, Clone)]
pub(super) struct TextLogprobs {
    tokens: Vec<u8>,
    logprobs: Vec<u8>,
    top: Vec<u8>,
    offsets: Vec<u8>,
}

impl TextLogprobs {
    pub(super) fn of(piece: Logprobs<'_>) -> Self {
        let mut all = Self::default();
        all.add(piece);
        all
    }

    /// Offsets count code points of the answer. The one behind the last token.
    pub(super) fn add(&mut self, Logprobs { tokens, mut offset }: Logprobs<'_>) -> u64 {
        for token in tokens.elements() {
            self.next();
            self.tokens.extend_from_slice(name(token));
            self.logprobs.extend_from_slice(logprob(token));
            write::number(&mut self.offsets, offset);
            offset += token.get("token").and_then(Value::as_str).map_or(0, Str::code_points);
            self.top.push(b'{');
            if let Some(top) = token.get("top_logprobs") {
                write::separated(&mut self.top, top.elements(), |out, top| {
                    write::pieces(out, [name(top), b":", logprob(top)]);
                });
            }
            self.top.push(b'}');
        }
        offset
    }

    fn next(&mut self) {
        if self.tokens.is_empty() {
            return;
        }
        let Self { tokens, logprobs, top, offsets } = self;
        for list in [tokens, logprobs, top, offsets] {
            list.push(b',');
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write::pieces(out, [b"{\"tokens\":[", &self.tokens, b"],\"token_logprobs\":[", &self.logprobs]);
        write::pieces(
            out,
            [b"],\"top_logprobs\":[", &self.top, b"],\"text_offset\":[", &self.offsets, b"]}"],
        );
    }
}

fn name(token: Value<'_>) -> &[u8] {
    token.get("token").filter(|name| name.as_str().is_some()).map_or(b"\"\"", Value::raw)
}

fn logprob(token: Value<'_>) -> &[u8] {
    token.get("logprob").filter(|number| !number.is_null()).map_or(b"0", Value::raw)
}
