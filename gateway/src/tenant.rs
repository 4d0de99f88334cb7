//! Who asks.
//!
//! Input: a request's headers. Output: the tenant, for what is kept between requests. State: none.

use crate::config::Config;
use crate::headers::CREDENTIALS;
use axum::http::{HeaderMap, HeaderName};
use sha2::{Digest, Sha256};

/// The hash of every credential that is passed on. A client that passes none is nobody: nothing is kept for it, as
/// everybody would find it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Tenant(pub(crate) String);

impl Tenant {
    /// Headers that the operator lets pass may be credentials, too.
    pub(crate) fn of(headers: &HeaderMap, config: &Config) -> Option<Self> {
        let names = CREDENTIALS.into_iter().chain(config.pass_headers.iter().map(HeaderName::as_str));
        let mut hash = Sha256::new();
        let mut count = 0;
        let values = names.flat_map(|name| headers.get_all(name).iter().map(move |value| (name, value)));
        for (name, value) in values.filter(|_| !config.single_tenant) {
            for part in [name.as_bytes(), value.as_bytes()] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
            count += 1;
        }
        (config.single_tenant || count > 0).then(|| Self(format!("{:x}", hash.finalize())))
    }
}
