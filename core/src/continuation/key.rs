//! Keys of records.
//!
//! Input: a scope and what belongs to it. Output: a digest that no other scope has. State: none.

use sha2::{Digest, Sha256};

/// The key format's version; records have their own.
const PREFIX: &str = "sluicegate:1:";

/// The scope's length goes first, so that no scope and id run together into those of another.
pub(super) fn digest(scope: &[u8], content: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update((scope.len() as u32).to_le_bytes());
    hash.update(scope);
    hash.update(content);
    hash.finalize().into()
}

pub(super) fn key(scope: &[u8], id: &str) -> String {
    let mut key = PREFIX.to_owned();
    for byte in digest(scope, id.as_bytes()) {
        key.push_str(&format!("{byte:02x}"));
    }
    key
}
