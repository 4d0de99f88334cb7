//! The free text of a custom tool as the arguments of a function, for clients that know only functions.
//!
//! Input: pieces of the text. Output: pieces of `{"input":"…"}`, as JSON string contents. State: how much of the wrapping was
//! written. The end comes when the text is complete, so a call that was cut stays open.

use crate::json::write;

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WrappedInput {
    #[default]
    Unopened,
    Open,
    Closed,
}

const OPENING: &[u8] = br#"{\"input\":\""#;
const CLOSING: &[u8] = br#"\"}"#;

impl WrappedInput {
    /// Appends what is to be written for a piece; `is_end`: nothing more comes.
    pub(crate) fn piece(&mut self, piece: &[u8], is_end: bool, out: &mut Vec<u8>) {
        if *self == Self::Unopened && (!piece.is_empty() || is_end) {
            out.extend_from_slice(OPENING);
            *self = Self::Open;
        }
        write::escaped_again(out, piece);
        if *self == Self::Open && is_end {
            out.extend_from_slice(CLOSING);
            *self = Self::Closed;
        }
    }

    /// All of the text, wrapped as far as it has come.
    pub(crate) fn whole(self, whole: &[u8]) -> Vec<u8> {
        let mut out = OPENING.to_vec();
        write::escaped_again(&mut out, whole);
        out.extend_from_slice(if self == Self::Closed { CLOSING } else { b"" });
        out
    }
}
