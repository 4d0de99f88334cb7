//! Writes JSON.
//!
//! Input: text and numbers. Output: JSON appended to the caller's buffer, the same bytes as Python's and JavaScript's
//! writers give (short escapes, `\u00xx` for other control characters, everything else as it is). State: none.

/// Appends `text` as a JSON string with its quotes.
pub(crate) fn string(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    escaped(out, text);
    out.push(b'"');
}

/// `text` as a JSON string.
pub(crate) fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    string(&mut out, text);
    out
}

/// `text` escaped for a place between two quotes.
pub(crate) fn contents(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    escaped(&mut out, text);
    out
}

/// Appends `text` escaped for a place between two quotes.
pub(crate) fn escaped(out: &mut Vec<u8>, text: &str) {
    let mut rest = text.as_bytes();
    while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\') {
        out.extend_from_slice(&rest[..at]);
        escape(out, rest[at]);
        rest = &rest[at + 1..];
    }
    out.extend_from_slice(rest);
}

/// Appends JSON string contents escaped for a string inside that string.
pub(crate) fn escaped_again(out: &mut Vec<u8>, raw: &[u8]) {
    for byte in raw {
        if let b'"' | b'\\' = byte {
            out.push(b'\\');
        }
        out.push(*byte);
    }
}

fn escape(out: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        0x08 => out.extend_from_slice(b"\\b"),
        0x0c => out.extend_from_slice(b"\\f"),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            let hex = |nibble: u8| char::from_digit(u32::from(nibble), 16).unwrap_or('0') as u8;
            out.extend_from_slice(&[b'\\', b'u', b'0', b'0', hex(byte >> 4), hex(byte & 15)]);
        }
    }
}

/// Appends `null` or the string.
pub(crate) fn optional(out: &mut Vec<u8>, text: Option<&str>) {
    match text {
        Some(text) => string(out, text),
        None => out.extend_from_slice(b"null"),
    }
}

/// Appends them one after the other.
pub(crate) fn pieces<const N: usize>(out: &mut Vec<u8>, pieces: [&[u8]; N]) {
    for piece in pieces {
        out.extend_from_slice(piece);
    }
}

/// Appends what `each` writes of every item, commas between.
pub(crate) fn separated<T>(
    out: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut each: impl FnMut(&mut Vec<u8>, T),
) {
    for (nth, item) in items.into_iter().enumerate() {
        out.extend_from_slice(if nth == 0 { b"" } else { b"," });
        each(out, item);
    }
}

/// What stands between the tokens of JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Spacing {
    Compact,
    /// One space after each comma and colon, as Python writes it.
    Wide,
}

/// Appends valid JSON without the white space between its tokens.
pub(crate) fn compact(out: &mut Vec<u8>, json: &[u8]) {
    spaced(out, json, Spacing::Compact);
}

/// Appends valid JSON with other white space between its tokens.
pub(crate) fn spaced(out: &mut Vec<u8>, json: &[u8], spacing: Spacing) {
    let (mut is_text, mut is_escaped) = (false, false);
    for byte in json {
        is_text ^= *byte == b'"' && !is_escaped;
        is_escaped = is_text && *byte == b'\\' && !is_escaped;
        if is_text || !byte.is_ascii_whitespace() {
            out.push(*byte);
        }
        if !is_text && spacing == Spacing::Wide && matches!(byte, b',' | b':') {
            out.push(b' ');
        }
    }
}

/// Appends a number in decimal digits, without an allocation: deltas have numbers.
pub(crate) fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut text = [0; 20];
    let mut at = text.len();
    loop {
        at -= 1;
        text[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&text[at..]);
}
