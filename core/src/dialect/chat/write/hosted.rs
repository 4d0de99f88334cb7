//! Calls that ran on the server, for clients that want to read of them.
//!
//! Input: a tool, and what it was asked. Output: a line of the content. State: none.

use super::ChatWriter;
use crate::answer::Context;
use crate::json::Str;
use crate::options::HostedCalls;

impl ChatWriter {
    /// A line for a call that ran on the server, where that is asked for: `[web_search] query`.
    pub(super) fn ran(&mut self, name: &[u8], about: &[u8], cx: &mut Context<'_>) {
        if cx.options.hosted_calls == HostedCalls::Omit {
            return; // another writer beside this one shows it
        }
        self.turn(false, cx);
        let before = if self.has_text { &*cx.options.message_separator } else { "" };
        self.has_text = true;
        let gap: &[u8] = if about.is_empty() { b"" } else { b" " };
        let line = [b"[", name, b"]", gap, about].concat();
        self.content(usize::MAX, before, Str::from_raw(&line), cx);
    }
}
