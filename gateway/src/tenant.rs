//! Who asks.
//!
//! Input: a request's headers. Output: the tenant, for what is kept between requests. State: none.

use crate::headers;
use axum::http::HeaderMap;
use sha2::{Digest, Sha256};

/// The hash of every credential that is passed on. A client that passes none is nobody: nothing is kept for it, as
/// everybody would find it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tenant(pub(crate) String);

impl Tenant {
    /// `single`: all clients are one tenant.
    pub(crate) fn of(headers: &HeaderMap, single: bool) -> Option<Self> {
        let mut hash = Sha256::new();
        let mut count = 0;
        for (name, value) in headers.iter().filter(|(name, _)| !single && headers::is_credential(name)) {
            for part in [name.as_str().as_bytes(), value.as_bytes()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            count += 1;
        }
        (single || count > 0).then(|| Self(format!("{:x}", hash.finalize())))
    }
}
