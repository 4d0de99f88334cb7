//! The rules of a chat completion stream.
//!
//! Input: chunks. Output: findings. State: the ids, roles, calls and ends so far.

use super::chunk::{Choice, Chunk, ToolCall};
use crate::input::Event as _;
use crate::json::{Str, Value};
use crate::lint::{Calls, Input, LintRule as Rule, Log, Rules, is_doubled, text};
use crate::outcome::clip;

#[derive(Debug, Default)]
pub(crate) struct Lint {
    id: Option<String>,
    has_role: bool,
    end: ChoiceEnd,
    has_usage: bool,
    has_done: bool,
    calls: Vec<Call>,
    /// JSON string contents.
    content: Vec<u8>,
}

/// What came of a call.
#[derive(Debug, Default)]
struct Call {
    id: String,
    name: String,
    /// JSON string contents.
    arguments: Vec<u8>,
    is_custom: bool,
}

/// How the answer ended.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum ChoiceEnd {
    #[default]
    Open,
    /// The choice has its finish reason.
    Finished,
    Failed,
}

impl Rules for Lint {
    type Event<'a> = Chunk<'a>;

    fn input(&mut self, input: &Input<'_, Chunk<'_>>, log: &mut Log) {
        if self.has_done {
            log.find(Rule::DoneLast, "more after [DONE]");
        }
        match input {
            Input::Done => self.has_done = true,
            Input::Event(chunk, _) => self.chunk(chunk, log),
        }
    }

    fn end(&mut self, log: &mut Log) {
        if self.end == ChoiceEnd::Open {
            log.find(Rule::FinishOnce, "the stream ends without a finish reason or an error");
        }
        if !self.has_done {
            log.find(Rule::DoneLast, "the stream ends without [DONE]");
        }
    }
}

impl Lint {
    fn chunk(&mut self, chunk: &Chunk<'_>, log: &mut Log) {
        if chunk.is_error() {
            return self.error(log);
        }
        self.members(chunk, chunk.json(), log);
        if self.has_usage {
            log.find(Rule::UsageLast, "a chunk after that with the usage");
        }
        let is_last = chunk.usage.is_some();
        if is_last && chunk.choices().next().is_some() {
            log.find(Rule::UsageLast, "usage in a chunk with choices");
        }
        self.has_usage |= is_last;
        for choice in chunk.choices() {
            self.choice(&choice, log);
        }
    }

    fn error(&mut self, log: &mut Log) {
        if self.end != ChoiceEnd::Open {
            log.find(Rule::FinishOnce, "an error after the end");
        }
        self.end = ChoiceEnd::Failed;
    }

    fn members(&mut self, chunk: &Chunk<'_>, json: Value<'_>, log: &mut Log) {
        let is_there = [
            ("id", chunk.id.is_some()),
            ("object", chunk.object.is_some_and(|object| object.is("chat.completion.chunk"))),
            ("created", chunk.created.is_some()),
            ("model", chunk.model.is_some()),
            ("choices", chunk.choices.is_some()),
        ];
        for (key, _) in is_there.into_iter().filter(|(_, is_there)| !is_there) {
            log.find(Rule::ChunkMembers, format!("{key} is missing"));
        }
        let id = text(json, "id");
        if id.is_some() && self.id.is_some() && self.id != id {
            log.find(Rule::ChunkIdStable, format!("id is {}", clip(&id.clone().unwrap_or_default(), 64)));
        }
        self.id = self.id.take().or(id);
    }

    fn choice(&mut self, choice: &Choice<'_>, log: &mut Log) {
        if choice.index != Some(0) {
            return log.find(Rule::ChunkMembers, "choices[0].index is not 0");
        }
        let delta = choice.delta.unwrap_or_default();
        let members = [
            delta.content,
            delta.refusal,
            delta.reasoning,
            delta.tool_calls,
            delta.images,
            delta.annotations,
        ];
        if delta.role.is_some() && self.has_role {
            log.find(Rule::RoleOnce, "the role is said again");
        } else if delta.role.is_none() && !self.has_role {
            log.find(Rule::RoleOnce, "the first chunk says no role");
        }
        self.has_role = true;
        if self.end != ChoiceEnd::Open
            && (members.iter().any(Option::is_some) || choice.finish_reason.is_some())
        {
            log.find(Rule::FinishOnce, "more after the finish reason");
        }
        for call in delta.calls() {
            self.call(&call, log);
        }
        if let Some(piece) = delta.content.and_then(Value::as_str) {
            self.content.extend_from_slice(piece.raw());
        }
        if let Some(reason) = choice.finish_reason {
            self.end = ChoiceEnd::Finished;
            self.finished(reason, log);
        }
    }

    fn finished(&self, reason: Str<'_>, log: &mut Log) {
        if reason.is("stop") || reason.is("tool_calls") {
            self.completed(log);
        }
        if reason.is("tool_calls") && self.calls.is_empty() {
            log.find(Rule::TerminalAgrees, "the finish reason is tool_calls, and there are none");
        }
        if is_doubled(&Str::from_raw(&self.content).decode()) {
            log.find(Rule::TextTwice, "the content is the same text twice");
        }
    }

    fn completed(&self, log: &mut Log) {
        let mut calls = Calls::default();
        for (index, call) in self.calls.iter().enumerate().filter(|(_, call)| !call.is_custom) {
            let arguments = Str::from_raw(&call.arguments).decode();
            calls.completed(&format!("tool_calls[{index}]"), &call.id, &call.name, &arguments, log);
        }
    }

    fn call(&mut self, call: &ToolCall<'_>, log: &mut Log) {
        let Some(index) = call.index else {
            return log.find(Rule::ToolIndexDense, "a call without an index");
        };
        let path = format!("tool_calls[{index}]");
        let begun = self.calls.len() as u64;
        if index > begun {
            return log.find(Rule::ToolIndexDense, format!("{path} after {begun} calls"));
        }
        let is_head = call.id.is_some() || call.name.is_some();
        if index == begun {
            let text = |text: Option<Str<'_>>| text.map_or(String::new(), Str::decode);
            let (id, name, is_custom) = (text(call.id), text(call.name), call.is_custom);
            self.calls.push(Call { id, name, is_custom, ..Call::default() });
            if call.id.is_none() || call.name.is_none() {
                log.find(Rule::ToolHeadOnce, format!("{path} begins without id or name"));
            }
        } else if is_head {
            let id = call.id.or(call.name).map(Str::decode).unwrap_or_default();
            log.find(Rule::ToolHeadOnce, format!("{path} says {} again", clip(&id, 64)));
        }
        if let (Some(own), Some(piece)) =
            (self.calls.get_mut(index as usize), call.arguments.and_then(Value::as_str))
        {
            own.arguments.extend_from_slice(piece.raw());
        }
    }
}
