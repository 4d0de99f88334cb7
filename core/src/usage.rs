//! Token counts, from one dialect into another.
//!
//! Input: a `usage` object. Output: the other dialect's. State: none. The readers and writers of answers do the work.

use crate::answer::usage as counts;
use crate::dialect::{Dialect, messages, responses};
use crate::error::Error;
use crate::json::Value;

/// A `usage` object as another dialect has it; `null` where nothing was counted. Input tokens are with the cached ones in chat
/// and Responses, and without them in Messages. Counts go by any name that servers have for them.
///
/// ```
/// use sluicegate::{Dialect, convert_usage};
/// let usage = br#"{"prompt_tokens":12,"completion_tokens":7,"prompt_tokens_details":{"cached_tokens":4}}"#;
/// let usage = convert_usage(usage, Dialect::Chat, Dialect::Messages)?;
/// assert!(usage.starts_with(br#"{"input_tokens":8,"#));
/// assert_eq!(convert_usage(b"{}", Dialect::Chat, Dialect::Responses)?, b"null");
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn convert_usage(usage: &[u8], from: Dialect, to: Dialect) -> Result<Vec<u8>, Error> {
    let value = Value::document(usage).ok_or(Error::InvalidJson { offset: 0 })?;
    let counted = match from {
        Dialect::Messages => messages::read_usage(value),
        Dialect::Chat | Dialect::Responses => counts::read(value),
    };
    let mut out = Vec::new();
    match (counted, to) {
        (None, _) => out.extend_from_slice(b"null"),
        (Some(counted), Dialect::Chat) => counted.write(&mut out),
        (Some(counted), Dialect::Responses) => responses::write_usage(&mut out, Some(&counted)),
        (Some(counted), Dialect::Messages) => messages::write_usage(&mut out, Some(&counted)),
    }
    Ok(out)
}
