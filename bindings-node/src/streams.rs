//! The transcoder as a JavaScript class, and its calls by number.
//!
//! Input: upstream bytes or frames. Output: the bytes of a stream for the client. State: the core's own object, in `open`.

use crate::convert::{as_bytes, dialect, to_js_err};
use crate::frames::{self, Frames};
use crate::open;
use napi::bindgen_prelude::{BufferSlice, Either, Env};
use napi::{JsString, Result};
use napi_derive::napi;
use sluicegate::{Error, Options};

/// What a call by number gives where there was no room.
const NO_ROOM: i32 = -1;

/// What is added to a length where there are events to be told.
const HAS_EVENTS: i32 = 1 << 30;

/// One stream of the upstream's dialect into one of the client's. It is fed by its number: see `perEvent`.
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
        let made = sluicegate::Transcoder::from_names(&client, &upstream, options.as_bytes());
        Ok(Self { id: open::open(made.map_err(to_js_err)?) })
    }

    /// Its number, while the object lives.
    #[napi(getter, catch_unwind)]
    pub fn id(&self) -> u32 {
        self.id
    }

    /// What cuts what it gives into frames.
    #[napi(catch_unwind)]
    pub fn frames(&self) -> Result<Frames> {
        open::with(self.id, |transcoder, _| Frames::new(transcoder.frames()))
    }

    /// Names the types of events that are to be told.
    #[napi(catch_unwind)]
    pub fn watch_events(&self, names: Vec<String>) -> Result<()> {
        open::with(self.id, |transcoder, _| transcoder.watch_events(names))
    }

    /// For Responses clients the final Response as JSON; null before the end.
    #[napi(catch_unwind)]
    pub fn response<'env>(&mut self, env: &'env Env) -> Result<Option<BufferSlice<'env>>> {
        let json = open::with(self.id, |transcoder, _| transcoder.response())?;
        json.map(|json| BufferSlice::copy_from(env, json)).transpose()
    }

    /// The id of the answer; null while it is not known.
    #[napi(getter, catch_unwind)]
    pub fn response_id(&self) -> Result<Option<String>> {
        open::with(self.id, |transcoder, _| transcoder.response_id())
    }

    /// The usage so far as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn usage_json(&self) -> Result<Option<String>> {
        open::with(self.id, |transcoder, _| transcoder.usage().map(|usage| usage.to_json()))
    }

    /// What to do about the failure as JSON text.
    #[napi(getter, catch_unwind)]
    pub fn failure_json(&self) -> Result<Option<String>> {
        open::with(self.id, |transcoder, _| transcoder.failure().map(|failure| failure.to_json()))
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

/// Writes into the slab, from `at` on, what the client of a transcoder must be sent after one finished body, with the HTTP
/// status that it came with. Gives the length, and 2^30 more where there are events to be told; -1 where there is no room:
/// `written` has it then.
#[napi(catch_unwind)]
pub fn feed_document_into(
    id: u32,
    body: Either<String, &[u8]>,
    slab: BufferSlice<'_>,
    at: u32,
    status: Option<u16>,
) -> Result<i32> {
    into(id, slab, at, |transcoder, out| transcoder.feed_document(as_bytes(&body), status, out))
}

/// The same for what ends the stream; nothing when it has ended already.
#[napi(catch_unwind)]
pub fn finish_into(id: u32, slab: BufferSlice<'_>, at: u32) -> Result<i32> {
    into(id, slab, at, sluicegate::Transcoder::finish)
}

/// The objects of frames, as one JSON array, that the client must be sent after one finished body, with the HTTP status that it
/// came with; null for none.
#[napi(catch_unwind)]
pub fn objects_of_document<'env>(
    env: &'env Env,
    id: u32,
    body: Either<String, &[u8]>,
    status: Option<u16>,
) -> Result<Option<JsString<'env>>> {
    objects(env, id, false, |transcoder, out| transcoder.feed_document(as_bytes(&body), status, out))
}

/// The same for what ends the stream.
#[napi(catch_unwind)]
pub fn objects_of_end(env: &Env, id: u32) -> Result<Option<JsString<'_>>> {
    objects(env, id, true, sluicegate::Transcoder::finish)
}

pub(crate) fn objects(
    env: &Env,
    id: u32,
    is_end: bool,
    call: impl FnOnce(&mut sluicegate::Transcoder, &mut Vec<u8>) -> std::result::Result<(), Error>,
) -> Result<Option<JsString<'_>>> {
    open::with_frames(id, |transcoder, frames, out| {
        call(transcoder, out).map_err(to_js_err)?;
        frames::objects(env, frames, out, is_end)
    })?
}

/// What the last call wrote that had no room.
#[napi(catch_unwind)]
pub fn written(env: &Env) -> Result<BufferSlice<'_>> {
    open::written(|bytes| BufferSlice::copy_from(env, bytes))
}

pub(crate) fn into(
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
        let told = if transcoder.has_events() { HAS_EVENTS } else { 0 };
        Ok(i32::try_from(out.len()).map_or(NO_ROOM, |length| length | told))
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
