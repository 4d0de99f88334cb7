//! Summaries of conversations that were compacted here, in the form in which clients keep them.
//!
//! Input: a summary, keys. Output: one string, for `encrypted_content` of a compaction item; and the summary again. State: none.
//!
//! The string is `sluicegate.compaction.1.`, how it is sealed, a dot, and base64 without padding for URLs:
//! `aes256gcm`, of a nonce of 12 bytes, the encrypted summary and a tag of 16; `unsealed`, of the summary in UTF-8, where there
//! was no key. The words before the base64 are authenticated too. A key of any length is hashed to one of AES-256. The nonce is a
//! digest of a second such key and the summary: no randomness is needed, and only the same summary has the same nonce.

use crate::error::Error;
use crate::json::{Str, Value};
use crate::option_reader;
use base64_simd::URL_SAFE_NO_PAD as BASE64;
use std::fmt;

const PREFIX: &str = "sluicegate.compaction.";
const SEALED: &str = "sluicegate.compaction.1.aes256gcm.";
const UNSEALED: &str = "sluicegate.compaction.1.unsealed.";

/// As long as what they are hashed to.
const MIN_KEY_BYTES: usize = 32;

/// Keys for summaries: the first one seals, all open. Without keys summaries are readable, and marked so.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct SealKeys(Vec<Vec<u8>>);

impl SealKeys {
    /// A key of under 32 bytes is an error, and so is any key without the feature `seal`.
    pub fn new(keys: Vec<Vec<u8>>) -> Result<Self, Error> {
        let is_usable = keys.is_empty() || cfg!(feature = "seal");
        let is_long_enough = keys.iter().all(|key| key.len() >= MIN_KEY_BYTES);
        let wrong = || {
            Error::wrong_option(
                "seal_keys",
                "other keys",
                "keys of 32 bytes or more, with the feature `seal`",
            )
        };
        (is_usable && is_long_enough).then_some(Self(keys)).ok_or_else(wrong)
    }

    /// A list of keys in hexadecimal.
    pub(crate) fn from_json(list: Value<'_>) -> Option<Self> {
        Self::new(option_reader::keys(list)?).ok()
    }
}

impl fmt::Debug for SealKeys {
    /// Keys are secrets: only how many there are.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} keys", self.0.len())
    }
}

/// What an `encrypted_content` is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Opened {
    Summary(String),
    /// Made here, but under another key, of another version, or damaged.
    Locked,
    /// Another server's.
    Foreign,
}

/// The string for a summary; without escapes, so JSON string contents too.
pub(crate) fn seal(summary: &str, keys: &SealKeys) -> Vec<u8> {
    let sealed = keys.0.first().and_then(|key| aes::seal(key, summary.as_bytes()));
    let (prefix, content) = match &sealed {
        Some(sealed) => (SEALED, &sealed[..]),
        None => (UNSEALED, summary.as_bytes()),
    };
    let mut out = prefix.as_bytes().to_vec();
    BASE64.encode_append(content, &mut out);
    out
}

/// The summary in a string, where it is one of ours.
pub(crate) fn open(text: Str<'_>, keys: &SealKeys) -> Opened {
    let text = text.unescaped();
    if !text.starts_with(PREFIX.as_bytes()) {
        return Opened::Foreign;
    }
    let content = |prefix: &str| BASE64.decode_to_vec(text.strip_prefix(prefix.as_bytes())?).ok();
    let sealed = || content(SEALED).and_then(|sealed| keys.0.iter().find_map(|key| aes::open(key, &sealed)));
    let summary = content(UNSEALED).or_else(sealed).and_then(|summary| String::from_utf8(summary).ok());
    summary.map_or(Opened::Locked, Opened::Summary)
}

#[cfg(feature = "seal")]
mod aes {
    use super::SEALED;
    use aes_gcm::aead::{Aead, KeyInit, Payload};
    use aes_gcm::{Aes256Gcm, Nonce};
    use sha2::{Digest, Sha256};

    const NONCE_BYTES: usize = 12;

    /// A key of its own for each use.
    fn key(of: &[u8], purpose: &str) -> [u8; 32] {
        Sha256::new_with_prefix(purpose).chain_update(of).finalize().into()
    }

    fn cipher(of: &[u8]) -> Aes256Gcm {
        Aes256Gcm::new(&key(of, "sluicegate compaction seal").into())
    }

    pub(super) fn seal(of: &[u8], summary: &[u8]) -> Option<Vec<u8>> {
        let digest =
            Sha256::new_with_prefix(key(of, "sluicegate compaction nonce")).chain_update(summary).finalize();
        let nonce = &digest[..NONCE_BYTES];
        let payload = Payload { msg: summary, aad: SEALED.as_bytes() };
        let sealed = cipher(of).encrypt(Nonce::from_slice(nonce), payload).ok()?;
        Some([nonce, &sealed[..]].concat())
    }

    pub(super) fn open(of: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE_BYTES)?;
        let payload = Payload { msg: sealed, aad: SEALED.as_bytes() };
        cipher(of).decrypt(Nonce::from_slice(nonce), payload).ok()
    }
}

/// There are no keys without the feature.
#[cfg(not(feature = "seal"))]
mod aes {
    pub(super) fn seal(_: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }

    pub(super) fn open(_: &[u8], _: &[u8]) -> Option<Vec<u8>> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::{Opened, SealKeys, open, seal};
    use crate::json::Str;

    fn opened(text: &[u8], keys: &SealKeys) -> Opened {
        open(Str::from_raw(text), keys)
    }

    #[test]
    fn without_a_key_it_is_marked() {
        let sealed = seal("It is \"4\", é.", &SealKeys::default());
        assert!(sealed.starts_with(b"sluicegate.compaction.1.unsealed."));
        assert_eq!(opened(&sealed, &SealKeys::default()), Opened::Summary("It is \"4\", é.".to_owned()));
        let damaged = b"sluicegate.compaction.1.unsealed.!";
        for (text, expected) in [
            (&damaged[..], Opened::Locked),
            (b"sluicegate.compaction.2.x.e30", Opened::Locked),
            (b"gAAAA==", Opened::Foreign),
        ] {
            assert_eq!(opened(text, &SealKeys::default()), expected);
        }
    }

    #[cfg(feature = "seal")]
    #[test]
    fn with_a_key_only_it_opens() {
        let keys = |bytes: &[u8]| SealKeys::new(bytes.iter().map(|byte| vec![*byte; 32]).collect()).unwrap();
        let sealed = seal("secret", &keys(&[1]));
        assert!(sealed.starts_with(b"sluicegate.compaction.1.aes256gcm."));
        assert_eq!(sealed, seal("secret", &keys(&[1])));
        assert_ne!(sealed[..50], seal("other", &keys(&[1]))[..50]);
        assert_eq!(opened(&sealed, &keys(&[2, 1])), Opened::Summary("secret".to_owned()));
        assert_eq!(opened(&sealed, &keys(&[2])), Opened::Locked);
        for at in 34..sealed.len() {
            let mut damaged = sealed.clone();
            damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
            assert_eq!(opened(&damaged, &keys(&[1])), Opened::Locked, "{at}");
        }
    }

    #[test]
    fn keys_are_long_and_not_shown() {
        assert!(SealKeys::new(vec![vec![7; 31]]).is_err());
        assert_eq!(SealKeys::new(vec![vec![7; 32]]).is_ok(), cfg!(feature = "seal"));
        assert_eq!(format!("{:?}", SealKeys(vec![vec![7; 32]])), "1 keys");
    }
}
