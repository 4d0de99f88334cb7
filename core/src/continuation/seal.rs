//! Seals: they show that a record is whole, and of which scope; with keys also that a holder of one wrote it.
//!
//! Input: a scope, keys, content. Output: version, digest, content; and the content again. State: none.

use crate::error::Error;
use crate::json::Value;
use crate::option_reader;
use sha2::{Digest, Sha256};
use std::fmt;
use std::hint::black_box;

/// Sealed with SHA-256: whoever can write to the store can make one.
const PLAIN: u8 = 1;
/// Sealed with HMAC-SHA-256.
const KEYED: u8 = 2;

/// What HMAC-SHA-256 pads keys to.
const BLOCK_BYTES: usize = 64;
/// As long as the digest, as RFC 2104 asks.
const MIN_KEY_BYTES: usize = 32;

/// The first key seals, every one opens. Without keys records are sealed with a plain digest.
#[derive(Clone, Default, PartialEq, Eq)]
pub(super) struct MacKeys(Vec<Vec<u8>>);

impl MacKeys {
    pub(super) fn new(keys: Vec<Vec<u8>>) -> Result<Self, Error> {
        let is_long_enough = keys.iter().all(|key| key.len() >= MIN_KEY_BYTES);
        is_long_enough
            .then_some(Self(keys))
            .ok_or_else(|| Error::wrong_option("mac_keys", "", "keys of 32 bytes or more, in hexadecimal"))
    }

    /// A list of keys in hexadecimal.
    pub(super) fn from_json(list: Value<'_>) -> Option<Self> {
        Self::new(option_reader::keys(list)?).ok()
    }
}

impl fmt::Debug for MacKeys {
    /// Keys are secrets: only how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

/// The scope's length goes first, so that no scope and content run together into those of another.
pub(super) fn digest(scope: &[u8], content: &[u8]) -> [u8; 32] {
    digest_after(&[], scope, content)
}

fn digest_after(prefix: &[u8], scope: &[u8], content: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(prefix);
    hash.update((scope.len() as u32).to_le_bytes());
    hash.update(scope);
    hash.update(content);
    hash.finalize().into()
}

/// HMAC-SHA-256 of what [`digest`] takes.
fn mac(key: &[u8], scope: &[u8], content: &[u8]) -> [u8; 32] {
    let mut block = [0; BLOCK_BYTES];
    match block.get_mut(..key.len()) {
        Some(start) => start.copy_from_slice(key),
        None => block[..32].copy_from_slice(&Sha256::digest(key)),
    }
    let inner = digest_after(&block.map(|byte| byte ^ 0x36), scope, content);
    Sha256::new_with_prefix(block.map(|byte| byte ^ 0x5c)).chain_update(inner).finalize().into()
}

pub(super) fn sealed(scope: &[u8], keys: &MacKeys, content: &[u8]) -> Vec<u8> {
    let (version, digest) = match keys.0.first() {
        Some(key) => (KEYED, mac(key, scope, content)),
        None => (PLAIN, digest(scope, content)),
    };
    [&[version], &digest[..], content].concat()
}

/// The content; `None` for what was not sealed in this scope. With keys a plain digest opens nothing.
pub(super) fn opened<'r>(scope: &[u8], keys: &MacKeys, record: &'r [u8]) -> Option<&'r [u8]> {
    let (version, rest) = record.split_first()?;
    let (sealed, content) = rest.split_at_checked(32)?;
    let is_sealed = match &keys.0[..] {
        [] => *version == PLAIN && is_same(sealed, &digest(scope, content)),
        keys => *version == KEYED && keys.iter().any(|key| is_same(sealed, &mac(key, scope, content))),
    };
    is_sealed.then_some(content)
}

/// In a time that does not depend on where they differ.
fn is_same(one: &[u8], other: &[u8; 32]) -> bool {
    let differing = one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b));
    black_box(differing) == 0
}

#[cfg(test)]
mod tests {
    use super::{MacKeys, mac};
    use crate::option_reader::from_hexadecimal;

    /// As Python's `hmac` has it, with keys of half a block, a block and more.
    #[test]
    fn it_is_hmac_sha_256() {
        for (length, expected) in [
            (32, "1e505dffb84109cc6396857531bdde061803ebdcefd1df81308bfe39370808e4"),
            (64, "045faefade8fb201c67a9e9e43e5c1bdc88cfe03bbbb34180d2962bb50d356b6"),
            (65, "db051eb0549f54e6ceaa888506f00f96d4e089523c39443e297a3800f6d30bcb"),
        ] {
            let mac = mac(&vec![0xaa; length], b"s", b"content");
            assert_eq!(Some(mac.to_vec()), from_hexadecimal(expected), "{length}");
        }
    }

    #[test]
    fn keys_are_hexadecimal() {
        assert_eq!(from_hexadecimal("00fF7a"), Some(vec![0, 255, 122]));
        for wrong in ["0", "0g", "+1", " 1", "é"] {
            assert_eq!(from_hexadecimal(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn keys_are_not_shown() {
        assert_eq!(format!("{:?}", MacKeys(vec![vec![7; 32]])), "1 keys");
    }
}
