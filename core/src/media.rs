//! Media types of images.
//!
//! Input: the first bytes of an image. Output: its media type, by magic bytes; a declared format is only a hint.
//! State: none.

/// How many bytes tell the type.
pub(crate) const HEAD: usize = 48;

/// The media type of an image that begins so.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', b'i', b'f', ..] => Some("image/avif"),
        _ => is_svg(bytes).then_some("image/svg+xml"),
    }
}

/// Text that begins as XML: of images only SVG does.
fn is_svg(bytes: &[u8]) -> bool {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).trim_ascii_start();
    let begins = |tag: &[u8]| text.get(..tag.len()).is_some_and(|head| head.eq_ignore_ascii_case(tag));
    [&b"<svg"[..], b"<?xml", b"<!--", b"<!doctype svg"].iter().any(|tag| begins(tag))
}

/// The media type of a format as it is declared (`png`, `jpeg`, …), in any case.
pub(crate) fn declared(format: &[u8]) -> Option<&'static str> {
    match &*format.to_ascii_lowercase() {
        b"png" => Some("image/png"),
        b"jpeg" | b"jpg" => Some("image/jpeg"),
        b"webp" => Some("image/webp"),
        b"gif" => Some("image/gif"),
        b"avif" => Some("image/avif"),
        b"svg" | b"svg+xml" => Some("image/svg+xml"),
        _ => None,
    }
}

/// The media type of an image in base64: from its bytes, else from `format`, else PNG.
pub(crate) fn of_base64(base64: &[u8], format: Option<&[u8]>) -> &'static str {
    sniff_base64(base64).or_else(|| declared(format?)).unwrap_or("image/png")
}

/// The same, by its bytes alone.
pub(crate) fn sniff_base64(base64: &[u8]) -> Option<&'static str> {
    let (mut head, mut bits, mut count) = (Vec::with_capacity(HEAD), 0_u32, 0);
    for sextet in base64.iter().take(HEAD / 3 * 4).map_while(|byte| sextet(*byte)) {
        bits = bits << 6 | u32::from(sextet);
        count += 6;
        if count >= 8 {
            count -= 8;
            head.push((bits >> count) as u8);
        }
    }
    sniff(&head)
}

fn sextet(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}
