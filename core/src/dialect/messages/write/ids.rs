//! Ids that Messages clients take: `^[A-Za-z0-9_-]{1,64}$`, and no two alike in a conversation.
//!
//! Input: the upstream's ids. Output: the same, or one made of it. State: none; a request turns back what a context has.
//!
//! Some servers number the calls of each answer anew (`call_0`). Claude Code then keeps only the first call of the
//! conversation: the model never sees the later ones. So such an id gets that of its answer mixed in, and so does any that
//! the history has.

use crate::json::Str;
use sha2::{Digest, Sha256};

const MAX_BYTES: usize = 64;
/// Of an id that is too long: what is kept of it, and of its digest.
const KEPT: usize = 40;
const DIGEST_BYTES: usize = 8;
/// Of an answer's id, what tells it from others.
const BASE_BYTES: usize = 24;

/// The id of a call; all are JSON string contents. `base`: the id of the answer, without a prefix, where ids may come again.
pub(super) fn call_id(id: &[u8], base: Option<&[u8]>) -> Vec<u8> {
    let id = Str::from_raw(id).decode();
    let out = valid(&id);
    match base.filter(|_| is_position(&id)) {
        Some(base) => mixed(out, base),
        None => bounded(out),
    }
}

/// The id of a call that has that of an earlier one, as a client takes it.
pub(super) fn repeated(id: &[u8], base: &[u8]) -> Vec<u8> {
    mixed(String::from_utf8_lossy(id).into_owned(), base)
}

fn mixed(id: String, base: &[u8]) -> Vec<u8> {
    let base = valid(&String::from_utf8_lossy(base));
    let unique = &base[base.len().saturating_sub(BASE_BYTES)..];
    bounded(id + "_" + unique)
}

fn bounded(mut out: String) -> Vec<u8> {
    if out.len() > MAX_BYTES {
        let digest = Sha256::digest(out.as_bytes());
        out.truncate(KEPT);
        out.push('_');
        digest.iter().take(DIGEST_BYTES).for_each(|byte| out.push_str(&format!("{byte:02x}")));
    }
    out.into_bytes()
}

/// Whether an id is no more than a position: `call_0`, `7`, `functions.bash:12`.
fn is_position(id: &str) -> bool {
    const DIGITS: usize = 3;
    let name = id.trim_end_matches(|letter: char| letter.is_ascii_digit());
    let digits = id.len() - name.len();
    let is_plain = |name: &str| name.chars().all(|letter| letter.is_ascii_alphabetic());
    let is_word = is_plain(name.trim_end_matches(['_', '-', ':', '.']));
    digits <= DIGITS && (name.ends_with(':') || is_word) && (digits > 0 || id.len() <= DIGITS)
}

fn valid(id: &str) -> String {
    let letters = id.chars().map(|letter| {
        let is_valid = letter.is_ascii_alphanumeric() || letter == '_' || letter == '-';
        if is_valid { letter } else { '_' }
    });
    letters.collect()
}

#[cfg(test)]
mod tests {
    use super::call_id;

    fn made(id: &str) -> String {
        String::from_utf8(call_id(id.as_bytes(), Some(b"abcdefghijklmnopqrstuvwxyz"))).unwrap()
    }

    #[test]
    fn ids_are_kept_where_they_can_be() {
        for id in ["toolu_01EKqbqmZrGRXy18eN7m9kvY", "call_abc123", "call_9f8e7d6c5b4a", "chatcmpl-tool-0c1e"]
        {
            assert_eq!(made(id), id);
        }
        assert_eq!(made("call.with space:x"), "call_with_space_x");
        let long = made(&"x".repeat(200));
        assert!(long.len() <= 64 && long != made(&"x".repeat(201)), "{long}");
    }

    #[test]
    fn positions_get_the_answers_id() {
        for id in ["call_0", "0", "functions.bash:12", "tool-1", ""] {
            assert!(made(id).ends_with("_cdefghijklmnopqrstuvwxyz"), "{id}: {}", made(id));
        }
    }
}
