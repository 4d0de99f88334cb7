//! Transcoders by number: for a method Node looks its object up twice, which costs more than an event; for a number not at all.
//!
//! Input: a transcoder. Output: its number, until it is closed. State: the open ones of this thread, and what the last call
//! wrote.

use sluicegate::{Frames, Transcoder};
use std::cell::RefCell;

/// So much is kept for the next call.
const MAX_KEPT_BYTES: usize = 64 << 10;

#[derive(Default)]
struct Open {
    transcoders: Vec<Option<(Transcoder, Frames)>>,
    free: Vec<u32>,
    out: Vec<u8>,
}

thread_local! {
    static OPEN: RefCell<Open> = RefCell::default();
}

/// The number is the transcoder's until it is closed.
pub(crate) fn open(transcoder: Transcoder) -> u32 {
    OPEN.with_borrow_mut(|open| {
        let id = open.free.pop().unwrap_or(open.transcoders.len() as u32);
        if id as usize == open.transcoders.len() {
            open.transcoders.push(None);
        }
        let frames = transcoder.frames();
        open.transcoders[id as usize] = Some((transcoder, frames));
        id
    })
}

/// Nothing, where the thread ends already.
pub(crate) fn close(id: u32) {
    let closed = OPEN.try_with(|open| {
        let mut open = open.borrow_mut();
        open.free.push(id);
        open.transcoders.get_mut(id as usize).and_then(Option::take)
    });
    drop(closed); // outside of the borrow
}

/// What a call makes of a transcoder, and writes; `out` is empty. JavaScript's object keeps the transcoder open.
pub(crate) fn with<T>(id: u32, call: impl FnOnce(&mut Transcoder, &mut Vec<u8>) -> T) -> napi::Result<T> {
    with_frames(id, |transcoder, _, out| call(transcoder, out))
}

/// The same, with what cuts its output.
pub(crate) fn with_frames<T>(
    id: u32,
    call: impl FnOnce(&mut Transcoder, &mut Frames, &mut Vec<u8>) -> T,
) -> napi::Result<T> {
    OPEN.with_borrow_mut(|Open { transcoders, out, .. }| {
        out.clear();
        out.shrink_to(MAX_KEPT_BYTES);
        let transcoder = transcoders.get_mut(id as usize).and_then(Option::as_mut);
        transcoder
            .map(|(own, frames)| call(own, frames, out))
            .ok_or_else(|| napi::Error::from_reason("no such transcoder"))
    })
}

/// What the last call wrote.
pub(crate) fn written<T>(call: impl FnOnce(&[u8]) -> T) -> T {
    OPEN.with_borrow(|open| call(&open.out))
}
