//! What is called for each event, as plain functions of Node-API: what `#[napi]` makes of one notes the objects that the call
//! borrows, which takes longer than to read the event, and these borrow none.
//!
//! Input: a transcoder's number, bytes or a frame. Output: a length in the slab, objects as JSON, or what is told of events. State:
//! none.

#![allow(unsafe_code, reason = "a third of what a call costs: benches/bindings.mjs, an event a chunk")]

use crate::convert::{frame_text, text};
use crate::open;
use crate::streams::{into, objects};
use napi::bindgen_prelude::{Either, Env, FromNapiValue, JsError, Object, ToNapiValue, panic_to_error};
use napi::{JsString, Result, sys};
use napi_derive::napi;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

/// `feedInto`: writes into the slab, from `at` on, what the client of a transcoder must be sent after these upstream bytes.
/// Gives the length, and 2^30 more where there are events to be told; -1 where there is no room: `written` has it then.
/// `feedEventInto`: the same for one WebSocket frame, or one chat chunk.
/// `objectsOf`, `objectsOfEvent`: the objects of frames instead, as one JSON array; null for none.
/// `events`: types and data by turns of the events that the last call read, and whose types were named; null for none. Of one
/// alone, if only one type was named (`isOne`), its data.
#[napi(
    catch_unwind,
    ts_return_type = "{
  feedInto(id: number, chunk: Uint8Array, slab: Buffer, at: number): number,
  feedEventInto(id: number, frame: string | Uint8Array, slab: Buffer, at: number): number,
  objectsOf(id: number, chunk: Uint8Array): string | null,
  objectsOfEvent(id: number, frame: string | Uint8Array): string | null,
  events(id: number, isOne: boolean): string | Array<string> | null,
}"
)]
pub fn per_event(env: &Env) -> Result<Object<'_>> {
    let mut calls = Object::new(env)?;
    calls.set("feedInto", env.create_function::<(), ()>("feedInto", feed_into)?)?;
    calls.set("feedEventInto", env.create_function::<(), ()>("feedEventInto", feed_event_into)?)?;
    calls.set("objectsOf", env.create_function::<(), ()>("objectsOf", objects_of)?)?;
    calls.set("objectsOfEvent", env.create_function::<(), ()>("objectsOfEvent", objects_of_event)?)?;
    calls.set("events", env.create_function::<(), ()>("events", events)?)?;
    Ok(calls)
}

unsafe extern "C" fn feed_into(env: sys::napi_env, call: sys::napi_callback_info) -> sys::napi_value {
    answer(env, call, |[id, chunk, slab, at]| {
        let chunk = chunk.read::<&[u8]>()?;
        into(id.read()?, slab.read()?, at.read()?, |transcoder, out| transcoder.feed(chunk, out))
    })
}

unsafe extern "C" fn feed_event_into(env: sys::napi_env, call: sys::napi_callback_info) -> sys::napi_value {
    answer(env, call, |[id, frame, slab, at]| {
        let frame = frame.read::<Either<String, &[u8]>>()?;
        let frame = frame_text(&frame);
        into(id.read()?, slab.read()?, at.read()?, |transcoder, out| transcoder.feed_event(&frame, out))
    })
}

unsafe extern "C" fn objects_of(env: sys::napi_env, call: sys::napi_callback_info) -> sys::napi_value {
    let own = Env::from_raw(env);
    answer(env, call, |[id, chunk]| {
        let chunk = chunk.read::<&[u8]>()?;
        objects(&own, id.read()?, false, |transcoder, out| transcoder.feed(chunk, out))
    })
}

unsafe extern "C" fn objects_of_event(env: sys::napi_env, call: sys::napi_callback_info) -> sys::napi_value {
    let own = Env::from_raw(env);
    answer(env, call, |[id, frame]| {
        let frame = frame.read::<Either<String, &[u8]>>()?;
        let frame = frame_text(&frame);
        objects(&own, id.read()?, false, |transcoder, out| transcoder.feed_event(&frame, out))
    })
}

unsafe extern "C" fn events(env: sys::napi_env, call: sys::napi_callback_info) -> sys::napi_value {
    let own = Env::from_raw(env);
    answer(env, call, |[id, is_one]| told(&own, id.read()?, is_one.read()?))
}

fn told(env: &Env, id: u32, is_one: bool) -> Result<Option<Either<JsString<'_>, Vec<String>>>> {
    open::with(id, |transcoder, _| {
        let mut events = transcoder.events();
        let Some(first) = events.next() else { return Ok(None) };
        let second = events.next();
        if is_one && second.is_none() {
            return text(env, first.1.as_bytes()).map(|data| Some(Either::A(data)));
        }
        let all = [first].into_iter().chain(second).chain(events);
        Ok(Some(Either::B(all.flat_map(|(name, data)| [name.to_owned(), data.to_owned()]).collect())))
    })?
}

/// An argument of the call under way.
#[derive(Clone, Copy)]
struct Argument {
    env: sys::napi_env,
    value: sys::napi_value,
}

impl Argument {
    fn read<T: FromNapiValue>(self) -> Result<T> {
        // SAFETY: both are of the call under way; see `answer`.
        unsafe { T::from_napi_value(self.env, self.value) }
    }
}

/// What a call from JavaScript gives; what fails or panics is thrown there.
fn answer<const N: usize, T: ToNapiValue>(
    env: sys::napi_env,
    call: sys::napi_callback_info,
    run: impl FnOnce([Argument; N]) -> Result<T>,
) -> sys::napi_value {
    let (mut count, mut values) = (N, [ptr::null_mut(); N]);
    // SAFETY: Node gave the environment and the call, which both last until this returns, and fills in N values.
    unsafe {
        sys::napi_get_cb_info(
            env,
            call,
            &raw mut count,
            values.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
        )
    };
    let run = || {
        let value = run(values.map(|value| Argument { env, value }))?;
        // SAFETY: the environment is that of the call.
        unsafe { T::to_napi_value(env, value) }
    };
    let result = catch_unwind(AssertUnwindSafe(run)).map_err(panic_to_error).and_then(|result| result);
    result.unwrap_or_else(|error| {
        // SAFETY: the same.
        unsafe { JsError::from(error).throw_into(env) };
        ptr::null_mut()
    })
}
