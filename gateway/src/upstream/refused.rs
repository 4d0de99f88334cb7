//! What an upstream answers instead, or why there is no answer.
//!
//! Input: a status and the beginning of a body; an error of the connection. Output: a failure. State: none.

use crate::clock::now_ms;
use axum::http::HeaderMap;
use bytes::Bytes;
use sluicegate::{Envelope, Failure, error_envelope};
use std::error::Error;
use std::future::poll_fn;
use std::io;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::timeout;

const MAX_FAILURE_BYTES: usize = 64 << 10;
/// How long the body of a failure may take.
const FAILURE: Duration = Duration::from_secs(10);

/// What the upstream answered instead.
pub(crate) struct Refused {
    pub(crate) failure: Envelope,
    pub(crate) headers: HeaderMap,
}

/// A failure of this server's own has no headers.
impl From<Envelope> for Refused {
    fn from(failure: Envelope) -> Self {
        Self { failure, headers: HeaderMap::new() }
    }
}

/// All of an answer that is read at once.
pub(crate) type Whole = Result<(HeaderMap, Vec<u8>), Refused>;

/// What an upstream answered with a status that is no success.
pub(super) async fn refused(
    status: u16,
    headers: HeaderMap,
    chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>>,
) -> Refused {
    let mut bytes = Vec::new();
    let _ = timeout(FAILURE, begun(chunk, &mut bytes)).await;
    bytes.truncate(MAX_FAILURE_BYTES);
    let named: Vec<_> =
        headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))).collect();
    let failure = Failure { status: Some(status), headers: &named, body: &bytes, now_ms: Some(now_ms()) };
    Refused { failure: error_envelope(&failure), headers }
}

/// As much of a failure as is worth reading.
async fn begun(mut chunk: impl FnMut(&mut Context<'_>) -> Poll<Option<Bytes>>, bytes: &mut Vec<u8>) {
    while let Some(chunk) = poll_fn(&mut chunk).await {
        bytes.extend_from_slice(&chunk);
        if bytes.len() >= MAX_FAILURE_BYTES {
            break;
        }
    }
}

/// The error's own message may have an address in it.
pub(super) fn unreachable(why: &str) -> Refused {
    let body = format!(
        r#"{{"error":{{"message":"cannot reach the upstream ({why})","type":"server_error","param":null,"code":null}}}}"#
    );
    let failure = Failure { status: Some(502), body: body.as_bytes(), ..Failure::default() };
    Refused { failure: error_envelope(&failure), headers: HeaderMap::new() }
}

/// The kind of the system's error, where that is what it was.
pub(super) fn why(error: &(dyn Error + 'static)) -> String {
    let mut source = Some(error);
    while let Some(inner) = source {
        if let Some(inner) = inner.downcast_ref::<io::Error>() {
            return format!("{:?}", inner.kind());
        }
        source = inner.source();
    }
    if error.is::<hyper::Error>() { "connection lost" } else { "no connection" }.to_owned()
}
