//! Keys of records.
//!
//! Input: a scope and a response id. Output: a digest that no other scope has. State: none.

use super::seal::digest;
use std::fmt::Write;

/// The key format's version; records have their own.
const PREFIX: &str = "sluicegate:1:";

/// Of a tenant's digest, enough to tell tenants apart.
const TENANT_BYTES: usize = 16;

pub(super) fn key(scope: &[u8], id: &str) -> String {
    hexadecimal(PREFIX, &digest(scope, id.as_bytes()))
}

pub(super) fn tenant(scope: &[u8]) -> String {
    hexadecimal("", &digest(scope, b"")[..TENANT_BYTES])
}

fn hexadecimal(prefix: &str, bytes: &[u8]) -> String {
    bytes.iter().fold(prefix.to_owned(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // a String takes everything
        text
    })
}
