//! Opaque state of a chat server on its way to a chat client, which sends it back from where the server had it.
//!
//! Input: envelopes, ids of calls. Output: members of the message and of its calls. State: these, up to [`MAX_HELD_BYTES`].

use crate::json::{Str, Value};
use crate::limits::MAX_HELD_BYTES;
use crate::opaque::{FUNCTION, Opaque, STATE_OF_CALL, STATE_OF_MESSAGE, write_members};

#[derive(Debug, Clone, Default)]
pub(crate) struct OwnState {
    list: Vec<Opaque>,
    bytes: usize,
    /// Ids of the calls, in their order.
    calls: Vec<String>,
}

impl OwnState {
    /// `false`: there is no room.
    pub(super) fn add(&mut self, sealed: &[u8]) -> bool {
        let has_room = self.bytes + sealed.len() <= MAX_HELD_BYTES;
        if has_room {
            self.bytes += sealed.len();
            self.list.extend(Opaque::open(Str::from_raw(sealed)));
        }
        has_room
    }

    /// A call starts; `id` is JSON string contents.
    pub(super) fn call(&mut self, id: &[u8]) {
        self.calls.push(Str::from_raw(id).decode());
    }

    /// How many calls there are.
    pub(super) fn calls(&self) -> usize {
        self.calls.len()
    }

    /// `,"member":…` for each member of the message.
    pub(super) fn of_message(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_members(&self.of(None), &STATE_OF_MESSAGE, &mut out);
        out
    }

    /// The same of call number `nth`: those of its function, its own.
    pub(super) fn of_call(&self, nth: usize) -> [Vec<u8>; 2] {
        let mut out = [Vec::new(), Vec::new()];
        let Some(id) = self.calls.get(nth) else { return out };
        let own = self.of(Some(id));
        let inner: Vec<_> = own.iter().filter_map(|state| state.get(FUNCTION)).collect();
        write_members(&inner, &STATE_OF_CALL, &mut out[0]);
        write_members(&own, &STATE_OF_CALL, &mut out[1]);
        out
    }

    fn of(&self, call_id: Option<&String>) -> Vec<Value<'_>> {
        let own = self.list.iter().filter(|state| state.call_id.as_ref() == call_id);
        own.filter_map(|state| Value::document(&state.members)).collect()
    }
}
