//! Options of an SSE parser, and the defaults.
//!
//! Input: a struct, or a JSON object. Output: [`SseOptions`], or a typed error. State: none.

use crate::{error::Error, json, limits, option_reader};

/// What to do with bytes that are not UTF-8.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Utf8Policy {
    /// One U+FFFD per maximal invalid subpart (WHATWG "UTF-8 decode").
    #[default]
    Replace,
    /// The event is dropped with [`Error::InvalidUtf8`].
    Strict,
}

/// Options of an [`crate::SseParser`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseOptions {
    /// Cap on line + data + type + id of one block, in bytes; a larger one is skipped with
    /// [`Error::EventTooLarge`]. Default 64 MiB.
    pub max_event_bytes: usize,
    /// Default: replace.
    pub utf8: Utf8Policy,
    /// Dispatch a block that the end of the stream cuts off (LLM upstreams do forget the last blank line). Default
    /// off, as WHATWG has it.
    pub dispatch_tail: bool,
}

impl Default for SseOptions {
    fn default() -> Self {
        Self { max_event_bytes: limits::MAX_EVENT_BYTES, utf8: Utf8Policy::Replace, dispatch_tail: false }
    }
}

impl SseOptions {
    /// Reads `{"max_event_bytes": n, "utf8": "replace"|"strict", "dispatch_tail": bool}`; every member is optional.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let mut read = Self::default();
        option_reader::read("SseOptions", json, |name, value| read.set(name, value))?;
        Ok(read)
    }

    pub(super) fn is_strict(&self) -> bool {
        self.utf8 == Utf8Policy::Strict
    }

    fn set(&mut self, name: &str, value: json::Value<'_>) -> Option<()> {
        match name {
            "max_event_bytes" => self.max_event_bytes = option_reader::size(value)?,
            "utf8" => {
                let choices = [("replace", Utf8Policy::Replace), ("strict", Utf8Policy::Strict)];
                self.utf8 = option_reader::one_of(value, &choices)?;
            }
            "dispatch_tail" => self.dispatch_tail = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }
}
