//! What a body is, by its first bytes: the Codex backend labels event streams `application/json`.

/// Whether a body that begins with these bytes is an event stream, whatever its content type claims (the Codex backend
/// labels streams `application/json`); `None` while nothing but white space was seen.
pub fn is_sse(first_bytes: &[u8]) -> Option<bool> {
    if "\u{feff}".as_bytes().starts_with(first_bytes) {
        return None;
    }
    let text = first_bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(first_bytes).trim_ascii_start();
    let fields = [&b"data"[..], b"event", b"id", b"retry", b":"];
    let is_field = |field: &&[u8]| text.starts_with(field) || field.starts_with(text);
    (!text.is_empty()).then(|| fields.iter().any(is_field))
}

/// The content type a gateway must send, whatever the upstream claimed: a client that asked for a stream gets
/// `text/event-stream`, one that gets the collapsed object `application/json`.
pub fn content_type(is_stream: bool) -> &'static str {
    if is_stream { "text/event-stream" } else { "application/json" }
}

/// Whether a body that begins with these bytes is one JSON object; `None` while nothing but white space was seen.
pub(crate) fn is_document(first_bytes: &[u8]) -> Option<bool> {
    first_bytes.trim_ascii_start().first().map(|byte| *byte == b'{')
}

/// The same for a list, as some servers send an error.
pub(super) fn is_list(first_bytes: &[u8]) -> bool {
    first_bytes.trim_ascii_start().starts_with(b"[")
}

#[cfg(test)]
mod tests {
    use super::is_sse;

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
