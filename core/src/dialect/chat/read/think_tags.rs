//! Splits content that begins with reasoning in tags, `<think>…</think>`.
//!
//! Input: content, in pieces, decoded. Output: reasoning and text. State: a beginning of a tag that a cut splits.

use crate::answer::TextKind;
use crate::json::Str;

/// White space that is waited through for the tag.
const MAX_LEAD: usize = 256;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum TagState {
    /// Nothing but white space so far. A content that begins inside a tag may still open one.
    #[default]
    Start,
    /// Inside the tag of this number; `None`: it was opened before the content, by whichever name.
    Inside(Option<usize>),
    /// The tag is behind; line ends that follow it belong to neither.
    Between,
    Text,
}

#[derive(Debug, Clone, Default)]
pub(super) struct ThinkTags {
    state: TagState,
    held: String,
    /// The content begins inside a tag.
    is_open: bool,
    /// There is more than white space in the tag.
    has_thought: bool,
    /// The reasoning of the same chunk that is not in the content.
    beside: String,
    /// What is in the tag is that again.
    is_mirror: bool,
}

impl ThinkTags {
    /// `is_open`: the content begins inside a tag.
    pub(super) fn new(is_open: bool) -> Self {
        Self { is_open, ..Self::default() }
    }

    /// The reasoning is not in the content, or not only there.
    pub(super) fn is_elsewhere(&mut self, thought: Str<'_>, is_split: bool) {
        self.is_open = false;
        self.beside = if is_split { thought.decode() } else { String::new() };
    }

    /// Takes a piece. `names`: of the tags.
    pub(super) fn push(&mut self, piece: &str, names: &[String], take: &mut impl FnMut(TextKind, &str)) {
        self.held.push_str(piece);
        while self.step(names, take) {}
        self.beside.clear();
    }

    /// Nothing more comes: what is held is no tag.
    pub(super) fn end(&mut self, take: &mut impl FnMut(TextKind, &str)) {
        let held = std::mem::take(&mut self.held);
        let is_inside = match self.state {
            TagState::Start => self.is_open,
            state => matches!(state, TagState::Inside(_)),
        };
        let is_nothing = held.is_empty() || (is_inside && (self.is_mirror || self.is_blank(&held)));
        if !is_nothing {
            take(if is_inside { TextKind::Reasoning } else { TextKind::Text }, &held);
        }
    }

    /// Whether the state changed, so that what is left must be looked at again.
    fn step(&mut self, names: &[String], take: &mut impl FnMut(TextKind, &str)) -> bool {
        match self.state {
            TagState::Start => self.start(names),
            TagState::Inside(nth) => self.inside(nth, names, take),
            TagState::Between => {
                let rest = self.held.trim_start_matches(['\n', '\r']).to_owned();
                self.held = rest;
                if !self.held.is_empty() {
                    self.state = TagState::Text;
                }
                !self.held.is_empty()
            }
            TagState::Text => {
                if !self.held.is_empty() {
                    take(TextKind::Text, &self.held);
                    self.held.clear();
                }
                false
            }
        }
    }

    fn start(&mut self, names: &[String]) -> bool {
        let text = self.held.trim_start();
        let opened = names.iter().enumerate().find_map(|(nth, name)| {
            let rest = text.strip_prefix('<')?.strip_prefix(&**name)?.strip_prefix('>')?;
            Some((nth, rest.to_owned()))
        });
        if let Some((nth, rest)) = opened {
            (self.held, self.state) = (rest, TagState::Inside(Some(nth)));
            return true;
        }
        if names.iter().any(|name| format!("<{name}>").starts_with(text)) && self.held.len() < MAX_LEAD {
            return false;
        }
        self.state = if self.is_open { TagState::Inside(None) } else { TagState::Text };
        true
    }

    fn inside(
        &mut self,
        nth: Option<usize>,
        names: &[String],
        take: &mut impl FnMut(TextKind, &str),
    ) -> bool {
        let names = nth.map_or(names, |nth| &names[nth..=nth]);
        let tags: Vec<_> = names.iter().map(|name| format!("</{name}>")).collect();
        let found = tags.iter().filter_map(|tag| Some((self.held.find(tag)?, tag.len()))).min();
        let (end, tag) = found.unwrap_or_else(|| (self.held.len() - partial(&self.held, &tags), 0));
        let is_blank = self.is_blank(&self.held[..end]);
        if is_blank && found.is_none() && self.held.len() <= MAX_LEAD {
            return false;
        }
        if !is_blank || (found.is_none() && end > 0) {
            let beside = self.beside.trim();
            self.is_mirror |= !beside.is_empty() && self.held[..end].trim() == beside;
            if !self.is_mirror {
                take(TextKind::Reasoning, &self.held[..end]);
            }
            self.has_thought = true;
        }
        self.held.drain(..end + tag);
        if found.is_some() {
            self.state = TagState::Between;
        }
        found.is_some()
    }

    /// Whether a piece of reasoning is none: nothing but white space came between the tags.
    fn is_blank(&self, thought: &str) -> bool {
        !self.has_thought && thought.trim().is_empty()
    }
}

/// Bytes at the end that may begin a closing tag.
fn partial(text: &str, tags: &[String]) -> usize {
    let longest = |tag: &String| (1..tag.len()).rev().find(|length| text.ends_with(&tag[..*length]));
    tags.iter().filter_map(longest).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{TextKind, ThinkTags};

    fn split(text: &str, size: usize, is_open: bool) -> (String, String) {
        let names = ["think".to_owned(), "thinking".to_owned()];
        let (mut tags, mut reasoning, mut rest) = (ThinkTags::new(is_open), String::new(), String::new());
        let mut take = |kind: TextKind, piece: &str| match kind {
            TextKind::Reasoning => reasoning.push_str(piece),
            _ => rest.push_str(piece),
        };
        for piece in text.as_bytes().chunks(size) {
            tags.push(std::str::from_utf8(piece).unwrap(), &names, &mut take);
        }
        tags.end(&mut take);
        (reasoning, rest)
    }

    #[test]
    fn only_what_the_content_begins_with_is_reasoning() {
        for (text, is_open, reasoning, rest) in [
            ("<think>a</think>\n\nb", false, "a", "b"),
            ("<thinking>a</think></thinking>b", false, "a</think>", "b"),
            (" \n<think>a < b </thin </think>c<think>d</think>", false, "a < b </thin ", "c<think>d</think>"),
            ("b <think>a</think>", false, "", "b <think>a</think>"),
            ("<think>cut </th", false, "cut </th", ""),
            ("<thi", false, "", "<thi"),
            ("  b", false, "", "  b"),
            ("<think></think>", false, "", ""),
            ("<think>\n\n</think>\n\nb", false, "", "b"),
            ("<think>\n\na\n</think>b", false, "\n\na\n", "b"),
            ("<think>\n", false, "", ""),
            (" \n</think>b", true, "", "b"),
            ("a</think>b", true, "a", "b"),
            ("a</thinking>b", true, "a", "b"),
            ("a", true, "a", ""),
            ("<think>a</think>b", true, "a", "b"),
            ("<thi", true, "<thi", ""),
        ] {
            for size in 1..=text.len() {
                let split = split(text, size, is_open);
                assert_eq!(split, (reasoning.to_owned(), rest.to_owned()), "{text} by {size}");
            }
        }
    }
}
