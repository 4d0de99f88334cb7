//! Decodes the input of a custom tool from arguments `{"input":"…"}`, while they arrive.
//!
//! Input: the arguments, cut anywhere. Output: the input as JSON string contents. State: an escape that a cut splits.
//!
//! What a string inside a string holds is, once decoded, itself the contents of a JSON string: it is passed on as it is.
//! Models also write what is no JSON: line ends as they are, escapes that do not exist. That is repaired.

use crate::json::{Str, SurrogatePairs, Value, write};

const HEAD: &[u8] = b"{\"input\":\"";

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum DecoderState {
    /// So much of `{"input":"` was there.
    #[default]
    Head,
    Inside,
    /// After the closing quote.
    After,
    /// It began otherwise: only the whole decides.
    Other,
}

/// The input of a custom call, taken out of its wrapping.
#[derive(Debug, Clone, Default)]
pub(crate) struct CustomInputDecoder {
    units: SurrogatePairs,
    state: DecoderState,
    matched: usize,
    /// An escape that is not complete, or the first half of a surrogate pair.
    held: Vec<u8>,
    /// It was not JSON as it came.
    is_repaired: bool,
}

impl CustomInputDecoder {
    /// Takes more of the arguments; appends what of the input is known now.
    pub(crate) fn piece(&mut self, piece: Str<'_>, out: &mut Vec<u8>) {
        let mut decoded = Vec::new();
        piece.decode_onto(&mut self.units, &mut decoded);
        self.push(&decoded, out);
    }

    /// Nothing more comes. Appends the input that could not be known before: of arguments that begin otherwise, or are no
    /// JSON at all. False where they are not what they should be.
    pub(crate) fn rest(&mut self, arguments: Str<'_>, out: &mut Vec<u8>) -> bool {
        let text = arguments.decode();
        let whole = Value::document(text.as_bytes());
        if self.has_begun() {
            self.end(out);
            return whole.is_some();
        }
        let inner = whole.and_then(|own| own.get("input")?.as_str());
        out.extend_from_slice(inner.unwrap_or(arguments).raw());
        inner.is_some()
    }

    /// [`CustomInputDecoder::piece`], decoded.
    fn push(&mut self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while let Some(byte) = text.get(at) {
            match self.state {
                DecoderState::Head => self.head(*byte),
                DecoderState::Inside if self.held.is_empty() => {
                    let run = text[at..].iter().position(|byte| matches!(byte, b'"' | b'\\' | ..0x20));
                    let run = run.unwrap_or(text.len() - at);
                    out.extend_from_slice(&text[at..at + run]);
                    at += run;
                    if let Some(byte) = text.get(at) {
                        self.special(*byte, out);
                    }
                }
                DecoderState::Inside => self.escaped(*byte, out),
                DecoderState::After | DecoderState::Other => return,
            }
            at += 1;
        }
    }

    /// Whether any of the input can have been written.
    pub(crate) fn has_begun(&self) -> bool {
        matches!(self.state, DecoderState::Inside | DecoderState::After)
    }

    /// White space may stand between tokens, not in the name.
    fn head(&mut self, byte: u8) {
        let is_between = matches!(self.matched, 0 | 1 | 8 | 9);
        if HEAD.get(self.matched) == Some(&byte) {
            self.matched += 1;
            if self.matched == HEAD.len() {
                self.state = DecoderState::Inside;
            }
        } else if !(is_between && byte.is_ascii_whitespace()) {
            self.state = DecoderState::Other;
        }
    }

    /// A quote, a backslash or a control character.
    fn special(&mut self, byte: u8, out: &mut Vec<u8>) {
        match byte {
            b'"' => self.state = DecoderState::After,
            b'\\' => self.held.push(byte),
            control => {
                self.is_repaired = true;
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
            self.is_repaired = true;
            out.push(b'\\');
            out.extend_from_slice(rest);
        }
        match byte {
            b'"' | b'\\' | ..0x20 => self.special(byte, out),
            byte => out.push(byte),
        }
    }

    /// Nothing more comes.
    fn end(&mut self, out: &mut Vec<u8>) {
        let held = std::mem::take(&mut self.held);
        let (half, rest) = held.split_at(held.len() / 6 * 6);
        out.extend_from_slice(half);
        if !rest.is_empty() {
            write::escaped(out, &String::from_utf8_lossy(rest));
        }
        self.is_repaired |= self.state != DecoderState::After;
    }
}

#[cfg(test)]
mod tests {
    use super::CustomInputDecoder;

    /// The input, by pieces of every size, and whether it was JSON.
    fn decoded(arguments: &str) -> (String, bool) {
        let by = |size: usize| {
            let (mut decoder, mut out) = (CustomInputDecoder::default(), Vec::new());
            arguments.as_bytes().chunks(size).for_each(|piece| decoder.push(piece, &mut out));
            decoder.end(&mut out);
            (String::from_utf8(out).unwrap(), !decoder.is_repaired)
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
            assert_eq!(decoded(&arguments), (input.to_owned(), true), "{arguments}");
        }
        assert_eq!(decoded(" { \"input\" :\n \"x\" } "), ("x".to_owned(), true));
    }

    #[test]
    fn what_is_no_json_is_repaired() {
        for (arguments, input) in [
            ("{\"input\":\"a\nb\"}", r"a\nb"),
            (r#"{"input":"\d+ \u12x"}"#, r"\\d+ \\u12x"),
            (r#"{"input":"cut \"#, r"cut \\"),
            (r#"{"input":"cut \u12"#, r"cut \\u12"),
            (r#"{"input":"cut"#, "cut"),
            (r#"{"inp"#, ""),
        ] {
            assert_eq!(decoded(arguments), (input.to_owned(), false), "{arguments}");
        }
    }
}
