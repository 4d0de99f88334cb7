//! Enters: a whole body, or how one begins. Leaves: what the core makes of it. Kept: nothing.

use crate::convert::to_js_err;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;

/// Of a final Response what the Images API would have answered, both JSON.
#[napi]
pub fn images_api<'env>(env: &'env Env, response: Either<String, &[u8]>) -> Result<BufferSlice<'env>> {
    let json = match &response {
        Either::A(text) => text.as_bytes(),
        Either::B(bytes) => bytes,
    };
    BufferSlice::copy_from(env, sluicegate::images_api(json).map_err(to_js_err)?)
}

/// The content type that a gateway must send.
#[napi]
pub fn content_type(is_stream: bool) -> &'static str {
    sluicegate::content_type(is_stream)
}

/// Whether a body that begins so is an event stream; null while nothing but white space was seen.
#[napi]
pub fn is_sse(first_bytes: &[u8]) -> Option<bool> {
    sluicegate::is_sse(first_bytes)
}
