//! Enters: the arguments of a function call, decoded, cut anywhere. Leaves: whether they are complete; and of a custom
//! tool's, which are `{"input":"…"}`, the input as JSON string contents while it arrives. Kept: the nesting, and an escape
//! that a cut splits.
//!
//! What a string inside a string holds is, once decoded, itself the contents of a JSON string: it is passed on as it is.
//! Models also write what is no JSON: line ends as they are, escapes that do not exist. That is mended.

use crate::json::write;

/// How deep in an object its text has come.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Nesting {
    depth: u32,
    is_text: bool,
    is_escaped: bool,
    is_object: Option<bool>,
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
            }
            match byte {
                b'"' => self.is_text = true,
                b'{' | b'[' => self.depth = self.depth.saturating_add(1),
                b'}' | b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
    }

    /// An object that is closed: nothing can follow. What is no object is never complete.
    pub(super) fn is_complete(self) -> bool {
        self.is_object == Some(true) && self.depth == 0 && !self.is_text
    }
}

const HEAD: &[u8] = b"{\"input\":\"";

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// So much of `{"input":"` was there.
    #[default]
    Head,
    Inside,
    /// After the closing quote.
    After,
    /// It began otherwise: only the whole can tell.
    Other,
}

/// The input of a custom call, taken out of its wrapping.
#[derive(Debug, Default)]
pub(super) struct Unwrap {
    state: State,
    matched: usize,
    /// An escape that is not complete, or the first half of a surrogate pair.
    held: Vec<u8>,
    /// It was not JSON as it came.
    pub(super) is_mended: bool,
}

impl Unwrap {
    /// Takes more of the arguments; appends what of the input is known now.
    pub(super) fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match self.state {
                State::Head => self.head(*byte),
                State::Inside if self.held.is_empty() => {
                    let run = text[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
                    let run = run.unwrap_or(text.len() - at);
                    out.extend_from_slice(&text[at..at + run]);
                    at += run;
                    if let Some(byte) = text.get(at) {
                        self.special(*byte, out);
                    }
                }
                State::Inside => self.escaped(*byte, out),
                State::After | State::Other => return,
            }
            at += 1;
        }
    }

    /// Whether any of the input can have been said.
    pub(super) fn has_spoken(&self) -> bool {
        matches!(self.state, State::Inside | State::After)
    }

    /// White space may stand between tokens, not in the name.
    fn head(&mut self, byte: u8) {
        let is_between = matches!(self.matched, 0 | 1 | 8 | 9);
        if HEAD.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == HEAD.len() {
                self.state = State::Inside;
            }
        } else if !(is_between && byte.is_ascii_whitespace()) {
            self.state = State::Other;
        }
    }

    /// A quote, a backslash or a control character.
    fn special(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'"' => self.state = State::After,
            b'\\' => self.held.push(byte),
            control => {
                self.is_mended = true;
                write::escaped(out, char::from(control).encode_utf8(&mut [0; 4]));
            }
        }
    }

    /// Goes on with what is held: `\`, `\u12`, or `\ud83d` and perhaps the beginning of the second half.
    fn escaped(&mut self, byte: u8, out: &mut Vec<u8>) {
        let escape = self.held.len() % 6;
        let is_fine = match escape {
            0 => byte == b'\\', // after a first half
            1 => matches!(byte, b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' | b'u'),
            _ => byte.is_ascii_hexdigit(),
        };
        if !is_fine {
            return self.give_up(byte, out);
        }
        self.held.push(byte);
        let is_over = (escape == 1 && byte != b'u') || (escape == 5 && !self.is_first_half());
        if is_over {
            out.append(&mut self.held);
        }
    }

    fn is_first_half(&self) -> bool {
        self.held.len() == 6
            && matches!(self.held[2..4], [b'd' | b'D', b'8'..=b'9' | b'a'..=b'b' | b'A'..=b'B'])
    }

    /// What is held is no escape: its backslash stands for itself. A first half goes on alone.
    fn give_up(&mut self, byte: u8, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let (half, rest) = held.split_at(held.len() / 6 * 6);
        out.extend_from_slice(half);
        if !rest.is_empty() {
            self.is_mended = true;
            out.push(b'\\');
            out.extend_from_slice(rest);
        }
        match byte {
            b'"' | b'\\' | ..0x20 => self.special(byte, out),
            byte => out.push(byte),
        }
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let (half, rest) = held.split_at(held.len() / 6 * 6);
        out.extend_from_slice(half);
        if !rest.is_empty() {
            write::escaped(out, &String::from_utf8_lossy(rest));
        }
        self.is_mended |= self.state != State::After;
    }
}

#[cfg(test)]
mod tests {
    use super::{Nesting, Unwrap};

    /// The input, by pieces of every size, and whether it was JSON.
    fn unwrapped(arguments: &str) -> (String, bool) {
        let by = |size: usize| {
            let (mut unwrap, mut out) = (Unwrap::default(), Vec::new());
            arguments.as_bytes().chunks(size).for_each(|piece| unwrap.push(piece, &mut out));
            unwrap.end(&mut out);
            (String::from_utf8(out).unwrap(), !unwrap.is_mended)
        };
        let whole = by(arguments.len().max(1));
        (1..arguments.len()).for_each(|size| assert_eq!(by(size), whole, "{arguments} in pieces of {size}"));
        whole
    }

    #[test]
    fn the_input_stays_the_json_text_that_it_was() {
        for input in [
            "",
            "a",
            r"a\nb",
            r#"\"\\\/"#,
            r"\ud83d\ude00",
            r"\ud83dx",
            r"\ud83d\n",
            r"\u00e9é",
            r"\ud83d\ud83d\ude00",
        ] {
            let arguments = format!("{{\"input\":\"{input}\"}}");
            assert_eq!(unwrapped(&arguments), (input.to_owned(), true), "{arguments}");
        }
        assert_eq!(unwrapped(" { \"input\" :\n \"x\" } "), ("x".to_owned(), true));
    }

    #[test]
    fn what_is_no_json_is_mended() {
        for (arguments, input) in [
            ("{\"input\":\"a\nb\"}", r"a\nb"),
            (r#"{"input":"\d+ \u12x"}"#, r"\\d+ \\u12x"),
            (r#"{"input":"cut \"#, r"cut \\"),
            (r#"{"input":"cut \u12"#, r"cut \\u12"),
            (r#"{"input":"cut"#, "cut"),
            (r#"{"inp"#, ""),
        ] {
            assert_eq!(unwrapped(arguments), (input.to_owned(), false), "{arguments}");
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
