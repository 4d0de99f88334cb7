//! Logprobs of a completion, text by text: a text may be taken back, and its tokens with it.
//!
//! Input: tokens as they were sent. Output: one list of all, in either form. State: the tokens, as JSON.

use super::text_logprobs::TextLogprobs;
use crate::answer::logprobs;
use crate::dialect::chat::Logprobs;
use crate::json::{Value, write};
use std::collections::HashMap;

/// Lists of tokens in the order they came, each with the number of its text.
#[derive(Debug, Default, Clone)]
pub(super) struct TokenRuns(Vec<(usize, Box<[u8]>)>);

impl TokenRuns {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those of a further piece of a text.
    pub(super) fn push(&mut self, part: usize, tokens: Value<'_>) {
        self.0.push((part, tokens.raw().into()));
    }

    /// All that there are of a text.
    pub(super) fn replace(&mut self, part: usize, tokens: Option<Value<'_>>) {
        let at = self.0.iter().position(|(own, _)| *own >= part).unwrap_or(self.0.len());
        self.0.retain(|(own, _)| *own != part);
        if let Some(tokens) = tokens {
            self.0.insert(at, (part, tokens.raw().into()));
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write::separated(out, self.0.iter(), |out, (_, tokens)| {
            logprobs::write(out, Value::of_valid(tokens), b"null");
        });
    }

    /// As the legacy Completions API has them. `ends`: where each text begins; then, how far its tokens go.
    pub(super) fn write_texts(&self, mut ends: HashMap<usize, u64>, out: &mut Vec<u8>) {
        let mut all = TextLogprobs::default();
        for (part, tokens) in &self.0 {
            let end = ends.entry(*part).or_default();
            *end = all.add(Logprobs { tokens: Value::of_valid(tokens), offset: *end });
        }
        all.write(out);
    }
}
