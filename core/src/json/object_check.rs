//! Whether a text that comes in pieces is one JSON object.
//!
//! Input: pieces, as JSON string contents. Output: the answer, after any of them. State: the nesting; never text.

use super::{Str, SurrogatePairs, Token, Tokenizer};

#[derive(Debug, Clone, Default)]
pub(crate) struct ObjectCheck {
    tokens: Tokenizer,
    units: SurrogatePairs,
    /// Of one piece.
    decoded: Vec<u8>,
    has_begun: bool,
    is_other: bool,
}

impl ObjectCheck {
    pub(crate) fn push(&mut self, piece: Str<'_>) {
        if self.is_other {
            return;
        }
        self.decoded.clear();
        piece.decode_onto(&mut self.units, &mut self.decoded);
        let mut at = 0;
        loop {
            match self.tokens.next(&self.decoded, &mut at) {
                Ok(None) => return,
                Ok(Some(token)) if self.has_begun || token == (Token::Open { is_object: true }) => {
                    self.has_begun = true;
                }
                _ => return self.is_other = true,
            }
        }
    }

    /// All pieces together are an object, and nothing else.
    pub(crate) fn is_object(&self) -> bool {
        !self.is_other && self.tokens.is_complete()
    }

    /// All pieces together are the beginning of an object.
    pub(crate) fn is_cut(&self) -> bool {
        !self.is_other && self.has_begun && !self.tokens.is_complete()
    }
}

#[cfg(test)]
mod tests {
    use super::{ObjectCheck, Str};

    #[test]
    fn an_object_is_one_however_it_is_cut() {
        let long = r#"{"a":[1,{"b":"x y"}],"c":null}"#;
        for (text, expected) in [
            ("{}", true),
            (long, true),
            (" {} ", true),
            ("{\"a\":1,", false),
            ("{\"a\":1,}", false),
            ("{} {}", false),
            ("[1]", false),
            ("null", false),
            ("hello", false),
            ("", false),
        ] {
            for size in 1..=text.len().max(1) {
                let mut check = ObjectCheck::default();
                for piece in text.as_bytes().chunks(size) {
                    let piece = String::from_utf8_lossy(piece).replace('"', "\\\"");
                    check.push(Str::from_raw(piece.as_bytes()));
                }
                assert_eq!(check.is_object(), expected, "{text} by {size}");
            }
        }
    }
}
