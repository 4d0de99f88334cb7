//! An upstream's JSON as every program can read it.
//!
//! Input: a value of an upstream's. Output: the same on one line, without lone surrogates, without numbers that most
//! programs cannot hold, without the last levels of what is nested to the limit. State: none.

use crate::json::{Str, Value, write};
use crate::limits::{MAX_JSON_DEPTH, MAX_NUMBER_BYTES};

/// Levels that are left for what the value becomes part of: an outcome, an error in a response in an event.
const ROOM: usize = 8;

/// How texts and names are written.
pub(crate) type Text = fn(&mut Vec<u8>, Str<'_>);

/// With as few escapes as there can be.
pub(crate) fn decoded(out: &mut Vec<u8>, text: Str<'_>) {
    write::string(out, &text.decode());
}

/// With the escapes that it has; but not those of surrogates, which may be alone.
pub(crate) fn as_sent(out: &mut Vec<u8>, text: Str<'_>) {
    let raw = text.raw();
    if raw.windows(3).any(|escape| escape.eq_ignore_ascii_case(b"\\ud")) {
        decoded(out, text);
    } else {
        write::pieces(out, [b"\"", raw, b"\""]);
    }
}

/// Appends the value; `false` where something was left out, which is `null` then.
pub(crate) fn copy(out: &mut Vec<u8>, value: Value<'_>, text: Text) -> bool {
    copy_within(out, value, text, MAX_JSON_DEPTH - ROOM)
}

fn copy_within(out: &mut Vec<u8>, value: Value<'_>, text: Text, levels: usize) -> bool {
    let mut is_whole = true;
    match (value.raw().first(), value.as_str()) {
        (_, Some(own)) => text(out, own),
        (Some(b'{' | b'['), _) if levels == 0 => is_whole = null(out),
        (Some(b'{'), _) => {
            let mut members = Vec::new();
            value.each_member(|key, value| members.push((key, value)));
            out.push(b'{');
            write::separated(out, members, |out, (key, value)| {
                text(out, key);
                out.push(b':');
                is_whole &= copy_within(out, value, text, levels - 1);
            });
            out.push(b'}');
        }
        (Some(b'['), _) => {
            out.push(b'[');
            write::separated(out, value.elements(), |out, value| {
                is_whole &= copy_within(out, value, text, levels - 1);
            });
            out.push(b']');
        }
        _ if is_unreadable(value) => is_whole = null(out),
        _ => out.extend_from_slice(value.raw()),
    }
    is_whole
}

fn null(out: &mut Vec<u8>) -> bool {
    out.extend_from_slice(b"null");
    false
}

/// A number that is infinite to most programs, or that Python refuses for its digits.
fn is_unreadable(value: Value<'_>) -> bool {
    let number = std::str::from_utf8(value.raw()).ok().and_then(|text| text.parse::<f64>().ok());
    value.raw().len() > MAX_NUMBER_BYTES || number.is_some_and(f64::is_infinite)
}
