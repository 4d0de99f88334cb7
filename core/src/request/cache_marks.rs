//! Marks of where a prompt's cache ends, by their members.
//!
//! Input, output, state: none; two names.

/// Of Responses.
pub(super) const BREAKPOINT: &str = "prompt_cache_breakpoint";
/// Of Messages, and of the chat requests that its clients send.
pub(super) const CACHE_CONTROL: &str = "cache_control";
