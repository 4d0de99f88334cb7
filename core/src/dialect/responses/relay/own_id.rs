//! The id that the caller gives to a response, in what is said of it while it comes.
//!
//! Input: an event or a frame, and the two ids. Output: the same with the other id. State: none.

use crate::json::{Value, edit, write};

const MEMBERS: [&str; 2] = ["response_id", "previous_response_id"];
const STEER: &str = "steer";

/// With `to` where it names `from`; `None` where it does not. The events on what the client sent name the response in
/// `response_id` or in `steer.previous_response_id`, the client's frames in `response_id` or `previous_response_id`.
pub(super) fn replaced(json: Value<'_>, from: &str, to: &str) -> Option<Vec<u8>> {
    let to = write::quoted(to);
    let own = |object: Value<'_>| renamed(object, from, &to);
    match json.get(STEER).filter(|steer| steer.is_object()).and_then(own) {
        Some(steer) => Some(edit::with_members(json, &[(STEER, &steer)])),
        None => own(json),
    }
}

fn renamed(object: Value<'_>, from: &str, to: &[u8]) -> Option<Vec<u8>> {
    let names = |member: &str| object.get(member).and_then(Value::as_str).is_some_and(|id| id.is(from));
    let edits: Vec<edit::Edit<'_>> =
        MEMBERS.into_iter().filter(|member| names(member)).map(|member| (member, to)).collect();
    (!edits.is_empty()).then(|| edit::with_members(object, &edits))
}
