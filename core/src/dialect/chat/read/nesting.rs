//! Whether the arguments of a call are complete.
//!
//! Input: the arguments, decoded, cut anywhere. Output: whether their object is closed. State: how deep it is open.

/// How deep in an object its text has come.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Nesting {
    depth: u32,
    is_text: bool,
    is_escaped: bool,
    is_object: Option<bool>,
    /// The last byte outside of texts and white space.
    last: u8,
}

impl Nesting {
    pub(super) fn push(&mut self, text: &[u8]) {
        for byte in text {
            if self.is_text {
                self.is_text = self.is_escaped || *byte != b'"';
                self.is_escaped = !self.is_escaped && *byte == b'\\';
                continue;
            }
            if !byte.is_ascii_whitespace() {
                self.is_object.get_or_insert(*byte == b'{');
                self.last = *byte;
            }
            match byte {
                b'"' => self.is_text = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// Nothing but white space came.
    pub(super) fn is_blank(self) -> bool {
        self.is_object.is_none()
    }

    /// Nothing is open.
    pub(super) fn is_whole(self) -> bool {
        self.depth == 0 && !self.is_text
    }

    /// Whether an object can begin here.
    pub(super) fn can_open(self) -> bool {
        !self.is_text && matches!(self.last, b':' | b'[' | b',')
    }

    /// An object that is closed: nothing can follow. What is no object is never complete.
    pub(super) fn is_complete(self) -> bool {
        self.is_object == Some(true) && self.depth == 0 && !self.is_text
    }
}

#[cfg(test)]
mod tests {
    use super::Nesting;

    #[test]
    fn an_object_can_begin_where_a_value_can() {
        for (text, can_open) in [("", false), ("{", false), ("{\"a\": ", true), ("[", true), ("{\"a:", false)]
        {
            let mut nesting = Nesting::default();
            nesting.push(text.as_bytes());
            assert_eq!(nesting.can_open(), can_open, "{text}");
        }
    }

    #[test]
    fn an_object_is_complete_when_its_last_bracket_closes() {
        let is_complete = |text: &str| {
            let mut nesting = Nesting::default();
            nesting.push(text.as_bytes());
            nesting.is_complete()
        };
        for complete in ["{}", " {\"a\":[1,{\"b\":\"}\"}]}\n", r#"{"a":"\""}"#] {
            assert!(is_complete(complete), "{complete}");
        }
        for open in ["", " ", "*** Begin", "[]", "{", r#"{"a":"}"#, r#"{"a":"\"}"#, r#"{"a":[1}"#, "\""] {
            assert!(!is_complete(open), "{open}");
        }
    }
}
