//! The rules of a Responses stream.
//!
//! Input: events. Output: findings. State: the response's id, its items and its end.

mod items;

use super::write::missing::CREATED;
use super::{Event, EventKind, Status, id};
use crate::json::{Str, Value};
use crate::lint::{Input, LintProfile, LintRule as Rule, Log, Rules, text};
use crate::outcome::clip;
use items::Items;

#[derive(Debug, Default)]
pub(crate) struct Lint {
    has_begun: bool,
    /// The terminal event was there.
    ended: bool,
    number: Option<u64>,
    id: Option<String>,
    items: Items,
}

impl Rules for Lint {
    type Event<'a> = Event<'a>;

    fn input(&mut self, input: &Input<'_, Event<'_>>, log: &mut Log) {
        match input {
            Input::Done => log.find(Rule::DoneSentinel, "[DONE]"),
            Input::Event(event, name) => {
                self.every(event, *name, log);
                self.event(event, log);
                self.has_begun = true;
            }
        }
    }

    fn end(&mut self, log: &mut Log) {
        if !self.ended {
            log.find(Rule::OneTerminal, "the stream ends without a terminal event");
        }
    }
}

impl Lint {
    /// What holds for every event.
    fn every(&mut self, event: &Event<'_>, name: Option<&str>, log: &mut Log) {
        let kind = event.members.kind.map(Str::decode);
        match (&kind, name) {
            (None, _) => log.find(Rule::TypeMissing, "an event without a type"),
            (Some(kind), Some(name)) if kind != name && !name.is_empty() => {
                log.find(Rule::EventNameMismatch, format!("{} is called {}", clip(kind, 64), clip(name, 64)));
            }
            _ => {}
        }
        if self.ended {
            log.find(Rule::OneTerminal, format!("{} after the end", shown(event)));
        }
        let is_created = kind.as_deref() == Some(CREATED);
        if !self.has_begun && !is_created {
            log.find(Rule::CreatedFirst, format!("{} comes first", shown(event)));
        }
        let before = self.number;
        self.number = event.sequence_number().or(before);
        match (before, event.sequence_number()) {
            (_, None) => log.find(Rule::SequenceGap, "no sequence_number"),
            (Some(before), Some(now)) if now <= before => {
                log.find(Rule::Sequence, format!("{now} after {before}"));
            }
            (Some(before), Some(now)) if now != before + 1 => {
                log.find(Rule::SequenceGap, format!("{now} after {before}"));
            }
            _ => {}
        }
    }

    fn event(&mut self, event: &Event<'_>, log: &mut Log) {
        if let Some(response) = event.members.response {
            self.response_id(response, log);
        }
        let items = &mut self.items;
        match event.kind {
            EventKind::ItemAdded => items.open(event, log),
            EventKind::ItemDone => items.close(event, log),
            EventKind::Delta(streamed) => items.delta(streamed, event, log),
            EventKind::Done(streamed) => items.done(streamed, event, log),
            EventKind::PartDone => items.close_part(event, log),
            EventKind::Annotation => items.annotation(event, log),
            EventKind::PartAdded => items.open_part(event, log),
            EventKind::Terminal(status) => self.terminal(status, event, log),
            EventKind::Error => log.find(Rule::ErrorEvent, "an error event"),
            EventKind::Other if event.members.kind.is_some() => {
                log.find(Rule::UnknownType, format!("type {}", shown(event)));
            }
            EventKind::Progress
            | EventKind::PartialImage
            | EventKind::RateLimits
            | EventKind::LegacyCallDelta
            | EventKind::ItemInterrupted
            | EventKind::Audio
            | EventKind::Silent
            | EventKind::Other => {}
        }
    }

    fn response_id(&mut self, response: Value<'_>, log: &mut Log) {
        let Some(id) = text(response, "id") else { return };
        if self.id.as_ref().is_some_and(|own| *own != id) {
            log.find(Rule::IdsStable, format!("response.id is {}", clip(&id, 64)));
        }
        self.id.get_or_insert(id);
    }

    fn terminal(&mut self, named: Status, event: &Event<'_>, log: &mut Log) {
        self.ended = true;
        let Some(response) = event.members.response else {
            return log.find(Rule::ResponseId, "a terminal event without a response");
        };
        if id(response.get("id")).is_none() {
            log.find(Rule::ResponseId, "response.id is missing");
        }
        let status = response.get("status").and_then(Value::as_str);
        if let Some(status) = status.filter(|status| Status::named(*status) != Some(named)) {
            log.find(Rule::StatusMismatch, format!("{} says {}", shown(event), clip(&status.decode(), 64)));
        }
        usage(response, log);
        if named == Status::Completed {
            self.items.all_closed(log);
            Items::agree(response, log);
        }
        if named != Status::Failed || log.profile == LintProfile::OpenAi {
            self.items.equal(response.get("output"), log);
        }
    }
}

fn usage(response: Value<'_>, log: &mut Log) {
    let Some(usage) = response.get("usage").filter(|usage| !usage.is_null()) else { return };
    for key in ["input_tokens", "output_tokens", "total_tokens"] {
        if usage.get(key).and_then(Value::as_u64).is_none() {
            log.find(Rule::UsageComplete, format!("response.usage.{key} is missing"));
        }
    }
}

fn shown(event: &Event<'_>) -> String {
    let name = String::from_utf8_lossy(event.name);
    if name.is_empty() { "an event without a type".to_owned() } else { clip(&name, 64).to_owned() }
}
