//! What the upstream already has on one connection.
//!
//! Input: the request that was sent on it, and the frames that came back. Output: whether the next request is that
//! one, its answer and something more. State: one digest for the members, one for each item.

use super::digest::{self, Sum};
use super::{INPUT, PREVIOUS, named};
use crate::dialect::responses::{Event, EventKind, Status};
use crate::error::Error;
use crate::input::Event as _;
use crate::json::Value;
use crate::json::tree::{Node, Tree};
use crate::limits::{MAX_BASELINE_ITEMS, MAX_NAME_BYTES, MAX_REQUEST_BYTES};
use crate::request;

/// What the upstream has of a conversation at the other end of one connection.
///
/// Made of each request as it was given to [`crate::ws_request`], whole, and fed each frame that comes back. An error,
/// an incomplete response (but one that the client interrupted) or a frame that cannot be read makes it worthless, and so does the end of the connection,
/// which only the host sees: then it drops the baseline, or calls [`Baseline::close`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    members: Sum,
    /// Of the input, then of what was answered.
    items: Vec<Sum>,
    state: Answer,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Answer {
    /// The response has not ended.
    Open,
    /// It is complete and has this id.
    Complete(String),
    /// There is nothing to go on from.
    Lost,
}

/// What a request has beyond a baseline.
pub(super) struct Tail<'t, 'b> {
    pub(super) input: Node<'t>,
    /// The list that the input becomes.
    pub(super) items: Vec<u8>,
    pub(super) response_id: &'b str,
}

impl Baseline {
    /// Of a request that is now sent.
    pub fn new(request: &[u8]) -> Result<Self, Error> {
        let tree = request::parse(request, MAX_REQUEST_BYTES)?;
        let input = whole_input(tree.root()).filter(|input| input.elements().count() <= MAX_BASELINE_ITEMS);
        Ok(Self {
            members: digest::of_members(tree.root()),
            items: input.into_iter().flat_map(Node::elements).map(digest::of_item).collect(),
            state: if input.is_some() { Answer::Open } else { Answer::Lost },
        })
    }

    /// Takes a frame of the answer.
    pub fn frame(&mut self, json: &str) {
        let Ok(event) = Event::parse(json.as_bytes(), "") else { return self.close() };
        match event.kind {
            EventKind::ItemDone => self.item(event.members.item),
            EventKind::Terminal(status) => self.end(status, &event),
            EventKind::Error => self.close(),
            // Not asked for: it goes on from what the client sent while the last one came.
            EventKind::Progress if self.state != Answer::Open => self.close(),
            _ => {}
        }
    }

    /// The connection is gone, or what came over it is not what was asked for.
    pub fn close(&mut self) {
        self.state = Answer::Lost;
    }

    /// The response that the next request can go on from; `None` means that it must be sent whole.
    pub fn response_id(&self) -> Option<&str> {
        match &self.state {
            Answer::Complete(id) => Some(id),
            Answer::Open | Answer::Lost => None,
        }
    }

    fn item(&mut self, item: Option<Value<'_>>) {
        let tree = item.filter(|item| item.is_object()).and_then(|item| Tree::parse(item.raw()).ok());
        match tree {
            Some(item) if self.state == Answer::Open && self.items.len() < MAX_BASELINE_ITEMS => {
                self.items.push(digest::of_item(item.root()));
            }
            _ => self.close(),
        }
    }

    fn end(&mut self, named: Status, event: &Event<'_>) {
        let response = &event.response;
        let status = response.status.map_or(Some(named), Status::named);
        let is_complete = status == Some(Status::Completed) || response.is_interrupted();
        let id = response.id.map(crate::json::Str::decode).filter(|id| id.len() <= MAX_NAME_BYTES);
        self.state = match id {
            Some(id) if is_complete && self.state == Answer::Open => Answer::Complete(id),
            _ => Answer::Lost,
        };
    }

    /// What `request` has beyond the last one and its answer; `None` where it is not a longer form of them.
    pub(super) fn tail<'t>(&self, request: Node<'t>) -> Option<Tail<'t, '_>> {
        let response_id = self.response_id()?;
        let input = whole_input(request)?;
        let mut items = input.elements();
        let is_same = digest::of_members(request) == self.members
            && self
                .items
                .iter()
                .all(|known| items.next().is_some_and(|item| digest::of_item(item) == *known));
        let first = items.next().map_or(input.end() - 1, Node::start);
        let items = [b"[", &input.raw()[first - input.start()..]].concat();
        is_same.then_some(Tail { input, items, response_id })
    }
}

/// The input of a request that goes on from no other: one list.
fn whole_input(request: Node<'_>) -> Option<Node<'_>> {
    let mut inputs = named(request, INPUT);
    let input = inputs.next().filter(|input| input.is_array() && inputs.next().is_none())?;
    named(request, PREVIOUS).all(Node::is_null).then_some(input)
}
