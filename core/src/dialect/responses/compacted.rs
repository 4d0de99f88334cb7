//! A Response that holds a compacted conversation, as the answer to `/responses/compact`.
//!
//! Input: a final Response. Output: what that endpoint answers. State: none.

use super::{Response, conform};
use crate::error::{Error, RejectCode};
use crate::json::{self, Value, write};
use crate::request::COMPACTIONS;

/// Folds a final Response (JSON) into `{"id":…,"object":"response.compaction","created_at":…,"output":[…],"usage":…}`: its
/// compaction items. An error with the code `unsupported_value` where it has none: the upstream does not compact.
pub fn compaction_response(response: &[u8]) -> Result<Vec<u8>, Error> {
    json::walk(response, |_, _| {}).map_err(|malformed| Error::InvalidJson { offset: malformed.0 as u64 })?;
    let document = Value::document(response).unwrap_or(Value::EMPTY);
    let read = Response::parse(document);
    let items = read.output.into_iter().flat_map(Value::elements).filter(|item| is_compaction(*item));
    let items: Vec<_> = items.collect();
    if items.is_empty() {
        let message = "the upstream does not compact conversations".to_owned();
        return Err(Error::Rejected {
            code: RejectCode::UnsupportedValue,
            path: None,
            offset: None,
            message,
        });
    }
    let id = document.get("id").map_or(&b"null"[..], Value::raw);
    let mut out = [b"{\"id\":", id, b",\"object\":\"response.compaction\",\"created_at\":"].concat();
    write::number(&mut out, read.created_at.unwrap_or(0));
    out.extend_from_slice(b",\"output\":[");
    write::separated(&mut out, &items, |out, item| out.extend_from_slice(item.raw()));
    write::pieces(&mut out, [b"],\"usage\":", &conform::usage(document.get("usage")), b"}"]);
    Ok(out)
}

/// Whether an item holds a conversation that was compacted.
pub(crate) fn is_compaction(item: Value<'_>) -> bool {
    let kind = item.get("type").and_then(Value::as_str);
    kind.is_some_and(|kind| COMPACTIONS.iter().any(|name| kind.is(name)))
}
