//! The transcoder as a JavaScript class, and its calls by number.
//!
//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own object, in `open`.

use crate::convert::{dialect, frame_text, to_js_err};
use crate::open;
use napi::Result;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi_derive::napi;
use sluicegate::{Error, Options};

/// What a call by number gives where there was no room.
const NO_ROOM: i32 = -1;

/// One stream of the upstream's dialect into one of the client's. It is fed by its number: see `feedInto`.
#[napi]
pub struct Transcoder {
    id: u32,
}

impl Drop for Transcoder {
    fn drop(&mut self) {
        open::close(self.id);
    }
}

#[napi]
impl Transcoder {
    /// Options as JSON text.
    #[napi(constructor, catch_unwind)]
    pub fn new(client: String, upstream: String, options: String) -> Result<Self> {
        let (client, upstream) = (dialect(&client, "client")?, dialect(&upstream, "upstream")?);
        let options = Options::for_pair(options.as_bytes(), client, upstream).map_err(to_js_err)?;
        Ok(Self { id: open::open(sluicegate::Transcoder::new(client, upstream, options)) })
    }

    /// Its number, while the object lives.
    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// For Responses clients the final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn response<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        let json = open::with(self.id, |transcoder, _| transcoder.response())?;
        json.map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The outcome as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn outcome_json(&self) -> Result<Option<String>> {
        open::with(self.id, |transcoder, _| transcoder.outcome().map(|outcome| outcome.to_json()))
    }

    /// Whether anything but a failure was written.
    #[napi(getter, catch_unwind)]
    pub fn has_output(&self) -> Result<bool> {
        open::with(self.id, |transcoder, _| transcoder.has_output())
    }

    /// What to send while the upstream is silent.
    #[napi(catch_unwind)]
    pub fn ping<'env>(&self, env: &'env Env, block: bool) -> Result<BufferSlice<'env>> {
        open::with(self.id, |transcoder, _| BufferSlice::copy_from(env, transcoder.ping(block)))?
    }

    /// A comment to send while the upstream is silent.
    #[napi(catch_unwind)]
    pub fn heartbeat(env: &Env, block: bool) -> Result<BufferSlice<'_>> {
        BufferSlice::copy_from(env, sluicegate::Transcoder::heartbeat(block))
    }
}

/// Writes into the slab, from `at` on, what the client of a transcoder must be sent after these upstream bytes. Gives the
/// length; -1 where there is no room: `written` has it then.
#[napi(catch_unwind)]
pub fn feed_into(id: u32, chunk: &[u8], slab: BufferSlice<'_>, at: u32) -> Result<i32> {
    into(id, slab, at, |transcoder, out| transcoder.feed(chunk, out))
}

/// The same for one WebSocket frame, or one chat chunk.
#[napi(catch_unwind)]
pub fn feed_event_into(id: u32, frame: Either<String, &[u8]>, slab: BufferSlice<'_>, at: u32) -> Result<i32> {
    into(id, slab, at, |transcoder, out| transcoder.feed_event(&frame_text(&frame), out))
}

/// The same for what ends the stream; nothing when it has ended already.
#[napi(catch_unwind)]
pub fn finish_into(id: u32, slab: BufferSlice<'_>, at: u32) -> Result<i32> {
    into(id, slab, at, sluicegate::Transcoder::finish)
}

/// What the last call wrote that had no room.
#[napi(catch_unwind)]
pub fn written(env: &Env) -> Result<BufferSlice<'_>> {
    open::written(|bytes| BufferSlice::copy_from(env, bytes))
}

fn into(
    id: u32,
    mut slab: BufferSlice<'_>,
    at: u32,
    call: impl FnOnce(&mut sluicegate::Transcoder, &mut Vec<u8>) -> std::result::Result<(), Error>,
) -> Result<i32> {
    open::with(id, |transcoder, out| {
        call(transcoder, out).map_err(to_js_err)?;
        let room = slab.get_mut(at as usize..).and_then(|rest| rest.get_mut(..out.len()));
        let Some(room) = room else { return Ok(NO_ROOM) };
        room.copy_from_slice(out);
        Ok(i32::try_from(out.len()).unwrap_or(NO_ROOM))
    })?
}

/// Of options for an upstream and clients of any dialect, as JSON text, the names of those that one pair reads. Throws
/// for any other.
#[napi(catch_unwind)]
pub fn pair_options(client: String, upstream: String, options: String) -> Result<Vec<&'static str>> {
    let (client, upstream) = (dialect(&client, "client")?, dialect(&upstream, "upstream")?);
    Options::for_upstream(options.as_bytes(), upstream).map_err(to_js_err)?;
    Ok(Options::names_for_pair(client, upstream).collect())
}
