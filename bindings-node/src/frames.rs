//! What a client is sent, cut into frames.
//!
//! Input: what a transcoder gave. Output: a buffer for each whole frame, or their data as one JSON array. State: the core's own
//! object.

use crate::convert::text;
use napi::JsString;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Env};
use napi_derive::napi;
use sluicegate::Frame;

/// Cuts output into frames.
#[napi]
pub struct Frames {
    inner: sluicegate::Frames,
}

impl Frames {
    pub(crate) fn new(inner: sluicegate::Frames) -> Self {
        Self { inner }
    }
}

#[napi]
impl Frames {
    /// Whole frames; with `is_end` what is left, too.
    #[napi(catch_unwind)]
    pub fn feed<'env>(
        &mut self,
        env: &'env Env,
        bytes: &[u8],
        is_end: bool,
    ) -> Result<Vec<BufferSlice<'env>>> {
        let mut whole = Vec::new();
        each(&mut self.inner, bytes, is_end, |frame| whole.push(BufferSlice::copy_from(env, frame.bytes)));
        whole.into_iter().collect()
    }

    /// The JSON of their data, as the elements of an array; null where there is none.
    #[napi(catch_unwind)]
    pub fn objects<'env>(
        &mut self,
        env: &'env Env,
        bytes: &[u8],
        is_end: bool,
    ) -> Result<Option<JsString<'env>>> {
        objects(env, &mut self.inner, bytes, is_end)
    }
}

/// Calls `each` with the frames that are whole now; with `is_end` with all.
fn each(frames: &mut sluicegate::Frames, bytes: &[u8], is_end: bool, mut each: impl FnMut(Frame<'_>)) {
    frames.feed(bytes, &mut each);
    if is_end {
        frames.finish(each);
    }
}

/// See [`Frames::objects`].
pub(crate) fn objects<'env>(
    env: &'env Env,
    frames: &mut sluicegate::Frames,
    bytes: &[u8],
    is_end: bool,
) -> Result<Option<JsString<'env>>> {
    let mut array = Vec::with_capacity(bytes.len() + 2);
    each(frames, bytes, is_end, |frame| {
        if let Some(json) = frame.json() {
            array.push(if array.is_empty() { b'[' } else { b',' });
            array.extend_from_slice(&json);
        }
    });
    if array.is_empty() {
        return Ok(None);
    }
    array.push(b']');
    text(env, &array).map(Some)
}
