//! What a body is, by its first bytes: the Codex backend labels event streams `application/json`.

use crate::limits::MAX_ERROR_TEXT_BYTES;
use crate::sse::is_stream_line;

/// Whether a body that begins with these bytes is an event stream, whatever its content type claims (the Codex backend
/// labels streams `application/json`); `None` while nothing but white space was seen.
pub fn is_sse(first_bytes: &[u8]) -> Option<bool> {
    if BOM.starts_with(first_bytes) {
        return None;
    }
    let text = without_mark(first_bytes).trim_ascii_start();
    let is_field = |field: &&[u8]| text.starts_with(field) || field.starts_with(text);
    (!text.is_empty()).then(|| FIELDS.iter().any(is_field))
}

/// What a line of a stream begins with.
const FIELDS: [&[u8]; 5] = [b"data", b"event", b"id", b"retry", b":"];

const BOM: &[u8] = "\u{feff}".as_bytes();

fn without_mark(body: &[u8]) -> &[u8] {
    body.strip_prefix(BOM).unwrap_or(body)
}

/// What follows a byte order mark, of which these bytes came before `chunk`; `Err`: they were none.
pub(crate) fn after_mark<'c>(
    begun: Option<&'static [u8]>,
    chunk: &'c [u8],
) -> Result<&'c [u8], &'static [u8]> {
    let Some(begun) = begun else { return Ok(chunk) };
    let rest = &BOM[begun.len()..];
    match chunk.strip_prefix(rest) {
        Some(after) => Ok(after),
        None if rest.starts_with(chunk) => Ok(b""),
        None if begun.is_empty() => Ok(chunk),
        None => Err(begun),
    }
}

/// Whether a body begins with a whole field, whatever follows.
pub(crate) fn begins_stream(body: &[u8]) -> bool {
    let text = without_mark(body);
    let has_colon = |rest: &[u8]| rest.first() == Some(&b':');
    has_colon(text) || FIELDS.iter().any(|field| text.strip_prefix(*field).is_some_and(has_colon))
}

/// Keeps a body that may be a page; false for one that is a stream, or too long.
pub(crate) fn may_be_page(body: &mut Vec<u8>, chunk: &[u8]) -> bool {
    let has_room = body.len() + chunk.len() <= MAX_ERROR_TEXT_BYTES;
    if has_room {
        body.extend_from_slice(chunk);
    }
    has_room && !begins_stream(body)
}

/// Whether a whole body has no line that a stream may have, nor is the beginning of one.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let text = without_mark(body).trim_ascii();
    let is_cut = BOM.starts_with(body) || FIELDS.iter().any(|field| field.starts_with(text));
    !is_cut && !text.split(|byte| matches!(byte, b'\n' | b'\r')).any(is_stream_line)
}

/// The content type a gateway must send, whatever the upstream claimed: a client that asked for a stream gets
/// `text/event-stream`, one that gets the collapsed object `application/json`.
pub fn content_type(is_stream: bool) -> &'static str {
    if is_stream { "text/event-stream" } else { "application/json" }
}

/// Whether a body that begins with these bytes is one JSON object; `None` while nothing but white space was seen.
pub(crate) fn is_document(first_bytes: &[u8]) -> Option<bool> {
    without_mark(first_bytes).trim_ascii_start().first().map(|byte| *byte == b'{')
}

/// The same for a list, as some servers send an error.
pub(super) fn is_list(first_bytes: &[u8]) -> bool {
    without_mark(first_bytes).trim_ascii_start().starts_with(b"[")
}

#[cfg(test)]
mod tests {
    use super::{BOM, after_mark, begins_stream, is_page, is_sse};

    #[test]
    fn a_page_has_no_line_of_a_stream() {
        for page in
            [&b"<html>\n data: x"[..], b"upstream connect error", b"identity: none", b"data center is down"]
        {
            assert!(is_page(page) && !begins_stream(page), "{}", String::from_utf8_lossy(page));
        }
        for other in
            [&b"even"[..], b"\xef\xbb", b"<p>\ndata: x", b"x\r: ping", b"x\n{}", b"data", b"x\nerror: y"]
        {
            assert!(!is_page(other), "{}", String::from_utf8_lossy(other));
        }
    }

    #[test]
    fn a_mark_is_one_however_it_is_cut() {
        for size in 1..4 {
            let mark = &BOM[..size];
            assert_eq!(after_mark(Some(b""), mark), Ok(&b""[..]));
            let body = [&BOM[size..], b"{"].concat();
            assert_eq!(after_mark((size < 3).then_some(mark), &body), Ok(&b"{"[..]));
        }
        assert_eq!(after_mark(Some(b""), b"{"), Ok(&b"{"[..]));
        assert_eq!(after_mark(Some(&BOM[..1]), b"{"), Err(&BOM[..1]));
    }

    #[test]
    fn the_first_bytes_tell_a_stream_from_a_document() {
        for stream in
            [&b"data: x"[..], b"event: a", b": ping", b"\n\ndata:", b"\xef\xbb\xbfid: 1", b"da", b"retry"]
        {
            assert_eq!(is_sse(stream), Some(true), "{}", String::from_utf8_lossy(stream));
        }
        for other in [&b"{\"a\":1}"[..], b"<html>", b"[1]", b"garbage", b" {"] {
            assert_eq!(is_sse(other), Some(false), "{}", String::from_utf8_lossy(other));
        }
        for open in [&b" \r\n"[..], b"", b"\xef", b"\xef\xbb\xbf"] {
            assert_eq!(is_sse(open), None);
        }
    }
}
