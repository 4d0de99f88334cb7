//! Requests as `serde_json::Value`.
//!
//! Input: a request that is parsed. Output: one that its upstream takes, and it as any type. State: none.

use crate::dialect::Dialect;
use crate::error::Error;
use crate::request::{ConvertedRequest, Profile, RequestOptions, convert_request};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// [`convert_request`] of a body that is parsed already. What a type of your own is: `serde_json::to_value`.
///
/// ```
/// use serde_json::{Value, json};
/// use sluicegate::{Dialect, Profile, RequestOptions, convert_request_value};
/// let body = json!({"model": "gpt-5.5", "messages": [{"role": "user", "content": "Hi"}]});
/// let upstream = Dialect::Responses;
/// let request =
///     convert_request_value(&body, None, upstream, &Profile::of_upstream(upstream), &RequestOptions::default())?;
/// let sent: Value = request.json()?;
/// assert_eq!(sent["input"][0]["content"], json!([{"type": "input_text", "text": "Hi"}]));
/// let kept = serde_json::to_string(&request.context)?; // for the transcoder that reads the answer
/// # assert_eq!(kept, request.context.to_json());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn convert_request_value(
    body: &Value,
    client: Option<Dialect>,
    upstream: Dialect,
    profile: &Profile,
    options: &RequestOptions,
) -> Result<ConvertedRequest, Error> {
    convert_request(body.to_string().as_bytes(), client, upstream, profile, options)
}

impl ConvertedRequest {
    /// The body, parsed: a `serde_json::Value`, or a type of your own.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}
