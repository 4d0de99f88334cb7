//! Any failure: an envelope, the same each time, with a status to answer with.
#![no_main]
use sluicegate::{Failure, error_envelope};

libfuzzer_sys::fuzz_target!(|input: (Option<u16>, &str, &[u8])| {
    let headers = [("retry-after", input.1)];
    let failure = Failure { status: input.0, headers: &headers, body: input.2, now_ms: Some(1_700_000_000_000) };
    let envelope = error_envelope(&failure);
    assert!((400..600).contains(&envelope.status));
    assert_eq!(envelope.to_json(), error_envelope(&failure).to_json());
});
