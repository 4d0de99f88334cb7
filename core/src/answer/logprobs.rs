//! Writes logprobs of tokens, in the form that the dialects share.
//!
//! Input: a list of tokens as it was sent. Output: the same tokens with every member that official clients require.

use crate::json::{Value, write as json_write};

/// The tokens of a piece of text, comma-separated, in the form that both dialects have. Responses leaves `bytes` and
/// `top_logprobs` out of events, and chat may have null for `bytes`; `no_bytes` stands for them.
pub(crate) fn write(out: &mut Vec<u8>, tokens: Value<'_>, no_bytes: &[u8]) {
    json_write::separated(out, tokens.elements(), |out, token| {
        logprob(out, token, no_bytes);
        out.extend_from_slice(b",\"top_logprobs\":[");
        if let Some(top) = token.get("top_logprobs") {
            json_write::separated(out, top.elements(), |out, top| {
                logprob(out, top, no_bytes);
                out.push(b'}');
            });
        }
        out.extend_from_slice(b"]}");
    });
}

/// `{"token":…,"logprob":…,"bytes":…`, still open.
fn logprob(out: &mut Vec<u8>, token: Value<'_>, no_bytes: &[u8]) {
    let own = |key| token.get(key).filter(|value| !value.is_null()).map(Value::raw);
    out.extend_from_slice(b"{\"token\":");
    out.extend_from_slice(own("token").unwrap_or(b"\"\""));
    out.extend_from_slice(b",\"logprob\":");
    out.extend_from_slice(own("logprob").unwrap_or(b"0"));
    out.extend_from_slice(b",\"bytes\":");
    json_write::compact(out, own("bytes").unwrap_or(no_bytes));
}
