//! Frames that a client sends while a response comes: `response.steer`, `response.interrupt`.
//!
//! Input: the kinds of those that were sent on, and the frames that come back. Output: whether one of them is still to be
//! answered; a frame for those that cannot be sent on. State: how many are open.

use super::{ClientFrame, INPUT, PREVIOUS, TYPE, kind};
use crate::dialect::responses::{ControlAnswer, Event, EventKind, INTERRUPT_FAILED, STEER_FAILED};
use crate::error::Error;
use crate::input::Event as _;
use crate::json::{tree::Node, write};
use crate::limits::MAX_REQUEST_BYTES;
use crate::request;

/// What is open of the frames that a client sent while a response came, on one connection.
///
/// The upstream answers each, and that may be after the response has ended: `response.steer.pending` comes after
/// `response.completed`, and so does the response that accepted input leads to. Read on while [`Controls::is_open`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Controls {
    /// Input that neither failed nor waits for the next request, nor led to a response.
    steers: usize,
    interrupts: usize,
    /// Input that the upstream puts before that of the next request.
    queued: usize,
    is_steered: bool,
}

impl Controls {
    /// A request is sent.
    pub fn request(&mut self) {
        *self = Self { is_steered: self.queued > 0, ..Self::default() };
    }

    /// A frame of this kind is sent.
    pub fn sent(&mut self, kind: ClientFrame) {
        match kind {
            ClientFrame::Steer => self.steers += 1,
            ClientFrame::Interrupt => self.interrupts += 1,
            _ => {}
        }
    }

    /// Takes a frame of the upstream.
    pub fn frame(&mut self, json: &str) {
        if !self.is_open() {
            return;
        }
        let Ok(event) = Event::parse(json.as_bytes(), "") else { return };
        match ControlAnswer::of(event.name) {
            Some(ControlAnswer::SteerFailed) => self.steers = self.steers.saturating_sub(1),
            Some(ControlAnswer::SteerPending) => {
                (self.steers, self.queued) = (self.steers.saturating_sub(1), self.queued + 1);
            }
            Some(ControlAnswer::Interrupt) => self.interrupts = self.interrupts.saturating_sub(1),
            // Who steers knows the response's id: its own `response.created` is past.
            None if event.kind == EventKind::Progress && self.steers > 0 => {
                (self.steers, self.is_steered) = (0, true);
            }
            Some(ControlAnswer::SteerAccepted) | None => {}
        }
    }

    /// Whether the upstream has still to say what becomes of one of them.
    pub fn is_open(&self) -> bool {
        self.steers + self.interrupts > 0
    }

    /// Whether the last response had further input: its request and its output are not the whole conversation.
    pub fn is_steered(&self) -> bool {
        self.is_steered
    }
}

/// The frame that answers a `response.steer` or `response.interrupt` which cannot be sent on: `response.steer.failed`
/// with its input, `response.interrupt.failed`. The response that comes goes on. `code` is one of the protocol:
/// `steering_not_supported`, `response_not_active`, `interrupt_not_supported`.
///
/// ```
/// let frame = br#"{"type":"response.interrupt","response_id":"resp_1","mode":"discard_partial_items"}"#;
/// assert_eq!(
///     sluicegate::refused_control(frame, "response_not_active", "no response comes")?,
///     r#"{"type":"response.interrupt.failed","sequence_number":0,"error":{"type":"invalid_request_error","code":"response_not_active","message":"no response comes"},"response_id":"resp_1"}"#
/// );
/// # Ok::<(), sluicegate::Error>(())
/// ```
pub fn refused_control(frame: &[u8], code: &str, message: &str) -> Result<String, Error> {
    let tree = request::parse(frame, MAX_REQUEST_BYTES)?;
    let is_steer = kind(tree.root())? == ClientFrame::Steer;
    let name = if is_steer { STEER_FAILED } else { INTERRUPT_FAILED };
    let mut out = format!("{{\"{TYPE}\":\"{name}\",\"sequence_number\":0,\"error\":{{").into_bytes();
    out.extend_from_slice(b"\"type\":\"invalid_request_error\",\"code\":");
    write::string(&mut out, code);
    out.extend_from_slice(b",\"message\":");
    write::string(&mut out, message);
    out.push(b'}');
    if is_steer {
        out.extend_from_slice(b",\"steer\":{");
        copy(&mut out, tree.root(), PREVIOUS);
        out.push(b',');
        copy(&mut out, tree.root(), INPUT);
        out.push(b'}');
    } else {
        out.push(b',');
        copy(&mut out, tree.root(), RESPONSE_ID);
    }
    out.push(b'}');
    Ok(String::from_utf8_lossy(&out).into_owned())
}

const RESPONSE_ID: &str = "response_id";

/// A member as it was sent; `null` where it was not.
fn copy(out: &mut Vec<u8>, frame: Node<'_>, name: &str) {
    write::string(out, name);
    out.push(b':');
    out.extend_from_slice(frame.get(name).map_or(b"null", Node::raw));
}

#[cfg(test)]
mod tests {
    use super::*;

    const ACCEPTED: &str =
        r#"{"type":"response.steer.accepted","steer":{"id":"st_1","previous_response_id":"resp_1"}}"#;
    const PENDING: &str = r#"{"type":"response.steer.pending","reason":"waiting_for_required_input"}"#;
    const CREATED: &str = r#"{"type":"response.created","response":{"id":"resp_2"}}"#;
    const COMPLETED: &str =
        r#"{"type":"response.completed","response":{"id":"resp_1","status":"completed"}}"#;

    fn after(kinds: &[ClientFrame], frames: &[&str]) -> Controls {
        let mut controls = Controls::default();
        controls.request();
        for kind in kinds {
            controls.sent(*kind);
        }
        for frame in frames {
            controls.frame(frame);
        }
        controls
    }

    #[test]
    fn input_that_is_accepted_stays_open_until_a_response_has_it() {
        let accepted = after(&[ClientFrame::Steer, ClientFrame::Steer], &[ACCEPTED, COMPLETED]);
        assert_eq!((accepted.is_open(), accepted.is_steered()), (true, false));
        let created = after(&[ClientFrame::Steer, ClientFrame::Steer], &[ACCEPTED, COMPLETED, CREATED]);
        assert_eq!((created.is_open(), created.is_steered()), (false, true));
    }

    #[test]
    fn input_that_waits_goes_into_the_next_request_alone() {
        let mut pending = after(&[ClientFrame::Steer], &[ACCEPTED, COMPLETED, PENDING]);
        assert_eq!((pending.is_open(), pending.is_steered()), (false, false));
        pending.request();
        assert!(pending.is_steered());
        pending.request();
        assert!(!pending.is_steered());
    }

    #[test]
    fn what_nobody_sent_is_not_counted() {
        let none = after(&[], &[ACCEPTED, PENDING, CREATED, "{", r#"{"type":"response.interrupt.failed"}"#]);
        assert_eq!(none, after(&[], &[]));
        let failed = after(&[ClientFrame::Interrupt], &[r#"{"type":"response.interrupt.failed"}"#]);
        assert!(!failed.is_open());
    }

    #[test]
    fn a_refused_steer_has_its_input() {
        let frame = br#"{"type":"response.steer","input":[{"role":"user","content":"\u0041"}],"previous_response_id":"resp_1"}"#;
        let refused = refused_control(frame, "steering_not_supported", "not here").unwrap();
        let steer =
            r#""steer":{"previous_response_id":"resp_1","input":[{"role":"user","content":"\u0041"}]}}"#;
        assert!(refused.ends_with(steer), "{refused}");
        assert!(refused_control(br#"{"type":"response.nothing"}"#, "", "").is_err());
    }
}
