//! Content that its chunk calls a thought (Gemini), with or without tags around it.
//!
//! Input: contents. Output: what of them is reasoning, and what is text. State: whether a tag is open, which the first text
//! after it may close.

use crate::answer::TextKind;
use crate::json::{Str, Value, write};

const OPEN: &str = "<thought>";
const CLOSE: &str = "</thought>";

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Thoughts {
    is_open: bool,
}

impl Thoughts {
    /// Whether a content is to be looked at.
    pub(super) fn concerns(self, is_thought: bool) -> bool {
        is_thought || self.is_open
    }

    /// The reasoning and the text in a content, each as JSON.
    pub(super) fn split(&mut self, content: Value<'_>, is_thought: bool) -> [(TextKind, Vec<u8>); 2] {
        let empty = b"\"\"".to_vec();
        let (thought, text) = match content.as_str().map(Str::decode) {
            Some(content) => {
                let (thought, text) = self.parts(&content, is_thought);
                (json(thought), json(text))
            }
            None if is_thought => (content.raw().to_vec(), empty),
            None => (empty, content.raw().to_vec()),
        };
        [(TextKind::Reasoning, thought), (TextKind::Text, text)]
    }

    fn parts<'t>(&mut self, content: &'t str, is_thought: bool) -> (&'t str, &'t str) {
        let opened = content.strip_prefix(OPEN).filter(|_| is_thought);
        let was_open = std::mem::take(&mut self.is_open) || opened.is_some();
        let content = opened.unwrap_or(content);
        let closed = content.split_once(CLOSE).filter(|(thought, _)| is_thought || thought.is_empty());
        if let Some((thought, text)) = closed.filter(|_| was_open) {
            return (thought, text.trim_start_matches(['\n', '\r']));
        }
        self.is_open = was_open && (is_thought || content.is_empty());
        if is_thought { (content, "") } else { ("", content) }
    }
}

fn json(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    write::string(&mut out, text);
    out
}

#[cfg(test)]
mod tests {
    use super::Thoughts;

    #[test]
    fn tags_around_a_thought_are_no_part_of_it() {
        for (contents, thought, text) in [
            (&[("a", true), ("b", true), ("c", false)][..], "ab", "c"),
            (&[("<thought>a", true), ("b</thought>", true), ("c", false)], "ab", "c"),
            (&[("<thought>a", true), ("b", true), ("</thought>c", false)], "ab", "c"),
            (&[("<thought>a</thought>\n\nc", true)], "a", "c"),
            (&[("<thought>a", true), ("", false), ("c</thought>", false)], "a", "c</thought>"),
            (&[("a </thought> b", true), ("</thought>c", false)], "a </thought> b", "</thought>c"),
            (&[("<thought>c", false)], "", "<thought>c"),
        ] {
            let (mut thoughts, mut seen) = (Thoughts::default(), (String::new(), String::new()));
            for (content, is_thought) in contents {
                let (own, rest) = thoughts.parts(content, *is_thought);
                seen.0.push_str(own);
                seen.1.push_str(rest);
            }
            assert_eq!(seen, (thought.to_owned(), text.to_owned()), "{contents:?}");
        }
    }
}
