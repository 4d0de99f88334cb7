//! Media types of images.
//!
//! Input: the first bytes of an image. Output: its media type, by magic bytes; a declared format is only a hint.
//! State: none.

/// `image/png`, `image/jpeg`, `image/gif` or `image/webp`.
pub(crate) fn sniff(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        _ => None,
    }
}

/// The media type of an image in base64: from its bytes, else from `format` (`png`, `jpeg`, …), else PNG.
pub(crate) fn of_base64(base64: &[u8], format: Option<&[u8]>) -> &'static str {
    let mut head = [0; 12];
    let sextets = base64.iter().take(16).map_while(|byte| sextet(*byte));
    let mut bits = 0_u128;
    let mut count = 0;
    for sextet in sextets {
        bits = bits << 6 | u128::from(sextet);
        count += 6;
    }
    for (nth, byte) in head.iter_mut().enumerate().take(count / 8) {
        *byte = (bits >> (count - 8 * (nth + 1))) as u8;
    }
    sniff(&head).unwrap_or(match format {
        Some(b"jpeg" | b"jpg") => "image/jpeg",
        Some(b"webp") => "image/webp",
        Some(b"gif") => "image/gif",
        _ => "image/png",
    })
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
