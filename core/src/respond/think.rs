//! Enters: content that may begin with `<think>…</think>`, in pieces. Leaves: what of it is thought and what is said.
//! Kept: a beginning of a tag that a cut splits.

use crate::chat::Tone;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";
/// White space that is waited through for the tag.
const MAX_LEAD: usize = 256;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but white space so far.
    #[default]
    Start,
    Thinking,
    /// The tag is behind; line ends that follow it belong to neither.
    Between,
    Saying,
}

#[derive(Debug, Default)]
pub(super) struct Think {
    state: State,
    held: String,
}

impl Think {
    /// Takes a piece, decoded.
    pub(super) fn push(&mut self, piece: &str, take: &mut impl FnMut(Tone, &str)) {
        self.held.push_str(piece);
        while self.step(take) {}
    }

    /// Nothing more comes: what is held is no tag.
    pub(super) fn end(&mut self, take: &mut impl FnMut(Tone, &str)) {
        let held = std::mem::take(&mut self.held);
        let tone = if self.state == State::Thinking { Tone::Thought } else { Tone::Said };
        if !held.is_empty() {
            take(tone, &held);
        }
    }

    /// Whether the state changed, so that what is left must be looked at again.
    fn step(&mut self, take: &mut impl FnMut(Tone, &str)) -> bool {
        match self.state {
            State::Start => {
                let text = self.held.trim_start();
                if let Some(rest) = text.strip_prefix(OPEN) {
                    (self.held, self.state) = (rest.to_owned(), State::Thinking);
                    return true;
                }
                if OPEN.starts_with(text) && self.held.len() < MAX_LEAD {
                    return false;
                }
                self.state = State::Saying;
                true
            }
            State::Thinking => {
                let (end, is_closed) = match self.held.find(CLOSE) {
                    Some(at) => (at, true),
                    None => (self.held.len() - partial(&self.held), false),
                };
                if end > 0 {
                    take(Tone::Thought, &self.held[..end]);
                }
                self.held.drain(..end + if is_closed { CLOSE.len() } else { 0 });
                if is_closed {
                    self.state = State::Between;
                }
                is_closed
            }
            State::Between => {
                let rest = self.held.trim_start_matches(['\n', '\r']).to_owned();
                self.held = rest;
                if !self.held.is_empty() {
                    self.state = State::Saying;
                }
                !self.held.is_empty()
            }
            State::Saying => {
                if !self.held.is_empty() {
                    take(Tone::Said, &self.held);
                    self.held.clear();
                }
                false
            }
        }
    }
}

/// Bytes at the end that may begin the closing tag.
fn partial(text: &str) -> usize {
    (1..CLOSE.len()).rev().find(|length| text.ends_with(&CLOSE[..*length])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Think, Tone};

    fn split(text: &str, size: usize) -> (String, String) {
        let (mut think, mut thought, mut said) = (Think::default(), String::new(), String::new());
        let mut take = |tone: Tone, piece: &str| match tone {
            Tone::Thought => thought.push_str(piece),
            Tone::Said => said.push_str(piece),
        };
        for piece in text.as_bytes().chunks(size) {
            think.push(std::str::from_utf8(piece).unwrap(), &mut take);
        }
        think.end(&mut take);
        (thought, said)
    }

    #[test]
    fn only_what_the_content_begins_with_is_thought() {
        for (text, thought, said) in [
            ("<think>a</think>\n\nb", "a", "b"),
            (" \n<think>a < b </thin </think>c<think>d</think>", "a < b </thin ", "c<think>d</think>"),
            ("b <think>a</think>", "", "b <think>a</think>"),
            ("<think>cut </th", "cut </th", ""),
            ("<thi", "", "<thi"),
            ("  b", "", "  b"),
            ("<think></think>", "", ""),
        ] {
            for size in 1..=text.len() {
                assert_eq!(split(text, size), (thought.to_owned(), said.to_owned()), "{text} by {size}");
            }
        }
    }
}
