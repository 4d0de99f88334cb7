//! The final Response of a stream.
//!
//! Input: the items that streamed, the response objects, the facts on the answer. Output: one Response as JSON; the error
//! envelope where nothing but an error came.

use super::conform;
use super::merge::{self, Terminal};
use super::{Accumulator, PREVIOUS_RESPONSE_ID, Response, Status as Said, mended, write_usage};
use crate::answer::{End, Facts};
use crate::envelope::Envelope;
use crate::json::{Value, edit, write};
use crate::options::Options;
use crate::outcome::{Reconstructed, Status, Usage};

/// The final Response, and in the facts what it was rebuilt from; `None` before the end.
pub(crate) fn response(log: &Accumulator, facts: &mut Facts, options: &Options) -> Option<Vec<u8>> {
    let End { status, error, .. } = facts.end.as_ref()?;
    let error = error.as_deref();
    let is_bare = log.terminal.is_none() && log.earlier.is_none() && log.is_empty();
    if let Some(error) = error.filter(|_| is_bare) {
        return Some(error.body().into_bytes());
    }
    let error = error.filter(|_| *status == Status::Failed);
    let (response, rebuilt) = merged(log, *status, error, facts.joined_usage(), options);
    facts.rebuilt = rebuilt;
    Some(response)
}

/// What had arrived of a response that failed or was cut, as a failed Response; in the facts what it was rebuilt from.
pub(crate) fn failed_response(log: &Accumulator, facts: &mut Facts, options: &Options) -> Vec<u8> {
    let error = facts.end.as_ref().and_then(|end| end.error.as_deref());
    let (response, rebuilt) = merged(log, Status::Failed, error, facts.joined_usage(), options);
    facts.rebuilt = rebuilt;
    response
}

/// Without a terminal object it is the latest earlier one, with status and error set right.
fn merged(
    log: &Accumulator,
    status: Status,
    error: Option<&Envelope>,
    usage: Option<&Usage>,
    options: &Options,
) -> (Vec<u8>, Reconstructed) {
    let terminal = log.terminal.as_deref().and_then(Value::document);
    let earlier = log.earlier.as_deref().and_then(Value::document);
    // Called finished, and nothing but an error.
    let is_denied =
        status == Status::Failed && terminal.is_some_and(|own| Response::parse(own).denies_its_error());
    let own = terminal.and_then(|terminal| terminal.get("status"));
    // One in the background, which a client that reads it as a stream never sees end.
    let is_open = status == Status::Failed && own.and_then(Value::as_str).is_some_and(Said::goes_on);
    let is_named = own.is_some() && !is_denied && !is_open;
    // A failed image alone is a failure to chat clients, not to those who read items.
    let is_told = |terminal: Value<'_>| {
        let own = terminal.get("status").and_then(Value::as_str).and_then(Said::named);
        !is_denied && own.is_some_and(|own| own != Said::Failed)
    };
    let error = error.filter(|_| !terminal.is_some_and(is_told));
    let error = error.and_then(|error| mended(terminal.and_then(|terminal| terminal.get("error")), error));
    let usage = usage.map(|usage| {
        let mut out = Vec::new();
        write_usage(&mut out, Some(usage));
        out
    });
    let (blank, id) = (blank(options), options.id.as_deref().map(write::quoted));
    let response = terminal.or(earlier).or(Value::document(&blank)).unwrap_or(Value::EMPTY);
    let served = response.get("model").or_else(|| earlier?.get("model"));
    let model = options.relayed_model(served);
    let terminal = Terminal {
        response,
        earlier,
        status: (!is_named).then_some(status.as_response_status()),
        error: error.as_deref(),
        usage: usage.as_deref(),
        id: id.as_deref(),
        model: model.as_deref(),
        options,
        item_status: if status == Status::Completed { "completed" } else { "incomplete" },
    };
    let (response, rebuilt) = merge::response(terminal, log);
    (conform::filled_if(options, response), rebuilt)
}

/// What stands for a response object that never came.
fn blank(options: &Options) -> Vec<u8> {
    let id = options.previous_response_id.as_deref().map(write::quoted);
    let id = id.as_ref().map(|id| (PREVIOUS_RESPONSE_ID, &id[..]));
    edit::with_members(options.request().unwrap_or(Value::EMPTY), id.as_slice())
}
