//! The linter's base: rules, findings, and the reading of a whole stream.
//!
//! Input: a stream, as bytes. Output: its events, for the rules of a dialect; findings. State: where the reading is.

mod rules;

use crate::input::{self, Event};
use crate::json::{Str, Value, write};
use crate::limits::MAX_FINDINGS;
use crate::outcome::clip;
use crate::sse::{SseOptions, SseParser};
pub use rules::{LintProfile, LintRule, Severity};
use std::collections::HashMap;

/// A rule that a stream breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which.
    pub rule: LintRule,
    /// How bad that is for the clients of the profile.
    pub severity: Severity,
    /// The number of the event, from 0; none where it is the whole stream.
    pub event: Option<u64>,
    /// Offset of that event, or of the stream's end, in bytes.
    pub offset: u64,
    /// For people: where, and what stands there.
    pub message: String,
}

impl Finding {
    /// One compact JSON object, members in declaration order.
    pub fn to_json(&self) -> String {
        let mut out = Vec::new();
        self.write(&mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"rule\":");
        write::string(out, self.rule.as_str());
        out.extend_from_slice(b",\"severity\":");
        write::string(out, self.severity.as_str());
        let event = self.event.map_or("null".to_owned(), |event| event.to_string());
        out.extend_from_slice(
            format!(",\"event\":{event},\"offset\":{},\"message\":", self.offset).as_bytes(),
        );
        write::string(out, &self.message);
        out.push(b'}');
    }
}

/// One event, as far as it could be read.
pub(crate) enum Input<'i, E> {
    /// With its SSE event name, where it has one.
    Event(&'i E, Option<&'i str>),
    Done,
}

/// The findings so far, and where the reader is.
pub(crate) struct Log {
    pub(crate) profile: LintProfile,
    pub(crate) findings: Vec<Finding>,
    event: Option<u64>,
    offset: u64,
}

impl Log {
    pub(crate) fn new(profile: LintProfile) -> Self {
        Self { profile, findings: Vec::new(), event: None, offset: 0 }
    }

    pub(crate) fn find(&mut self, rule: LintRule, message: impl Into<String>) {
        if self.findings.len() < MAX_FINDINGS {
            let Self { event, offset, .. } = *self;
            let severity = rule.severity(self.profile);
            self.findings.push(Finding { rule, severity, event, offset, message: message.into() });
        }
    }

    fn next(&mut self, offset: u64) {
        self.event = Some(self.event.map_or(0, |event| event + 1));
        self.offset = offset;
    }

    fn end(&mut self, offset: usize) {
        self.event = None;
        self.offset = offset as u64;
    }
}

/// The rules of one dialect.
pub(crate) trait Rules {
    type Event<'a>: Event<'a>;
    fn input(&mut self, input: &Input<'_, Self::Event<'_>>, log: &mut Log);
    fn end(&mut self, log: &mut Log);
}

/// Reads a whole stream by these rules. One that begins with `{` is taken for frames, one a line.
pub(crate) fn read<R: Rules>(stream: &[u8], mut rules: R, log: &mut Log) {
    events(stream, &mut rules, log);
    rules.end(log);
}

fn events<R: Rules>(stream: &[u8], rules: &mut R, log: &mut Log) {
    if input::is_document(stream) == Some(true) {
        frames(stream, rules, log);
        return log.end(stream.len());
    }
    let mut parser = SseParser::new(SseOptions { dispatch_tail: true, ..SseOptions::default() });
    let mut id = String::new();
    let mut events = parser.feed(stream);
    loop {
        match events.next_spanned() {
            Ok(Some((event, span, _))) => {
                log.next(span.start);
                if event.id != id {
                    event.id.clone_into(&mut id);
                    log.find(LintRule::SseId, "an id: line");
                }
                data(event.data, event.event, log, rules);
            }
            Ok(None) => break,
            Err(error) => {
                log.next(error.offset().unwrap_or_default());
                log.find(LintRule::EventTooLarge, error.to_string());
            }
        }
    }
    if let Ok(Some(event)) = parser.finish() {
        log.next(log.offset);
        data(event.data, event.event, log, rules);
    }
    log.end(stream.len());
}

fn frames<R: Rules>(stream: &[u8], rules: &mut R, log: &mut Log) {
    let mut offset = 0;
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        let text = text.trim_start_matches('\u{feff}').trim();
        if !text.is_empty() {
            log.next(offset);
            data(text, "", log, rules);
        }
        offset += line.len() as u64;
    }
}

fn data<R: Rules>(data: &str, name: &str, log: &mut Log, rules: &mut R) {
    match data.trim_ascii() {
        "" => log.find(LintRule::EmptyData, "an event without data"),
        "[DONE]" => rules.input(&Input::Done, log),
        _ => match R::Event::parse(data.as_bytes(), "") {
            Ok(event) => {
                let name = Some(name).filter(|name| *name != "message");
                rules.input(&Input::Event(&event, name), log);
            }
            Err(malformed) => {
                log.find(
                    LintRule::MalformedEvent,
                    format!("no JSON object: see byte {} of the data", malformed.0),
                );
            }
        },
    }
}

/// The calls of an answer, by what they do.
#[derive(Debug, Default)]
pub(crate) struct Calls(HashMap<(String, Vec<u8>), String>);

impl Calls {
    /// A function call that is completed. `arguments`: decoded.
    pub(crate) fn completed(&mut self, path: &str, id: &str, name: &str, arguments: &str, log: &mut Log) {
        let json = format!("{{\"arguments\":{arguments}}}");
        if Value::document(json.as_bytes()).is_none() {
            log.find(LintRule::ArgumentsAreJson, format!("{path}: arguments are no JSON"));
        }
        let mut compact = Vec::new();
        write::compact(&mut compact, arguments.as_bytes());
        let known = self.0.entry((name.to_owned(), compact)).or_insert_with(|| id.to_owned());
        if known != id {
            let message = format!("{path} is {} again, as {}", clip(known, 64), clip(id, 64));
            log.find(LintRule::CallTwice, message);
        }
    }
}

/// Whether a text is the same twice, perhaps with white space between. What is short may well be.
pub(crate) fn is_doubled(text: &str) -> bool {
    const SHORTEST: usize = 8;
    let half = text.len() / 2;
    let between = ["", "\n", "\n\n"];
    text.len() >= 2 * SHORTEST
        && between.iter().any(|between| {
            let length = half - between.len().div_ceil(2);
            let rest = text.get(length..).and_then(|rest| rest.strip_prefix(between));
            rest.is_some_and(|rest| text.get(..length) == Some(rest))
        })
}

/// A member that is a string, or a note that it is none.
pub(crate) fn text(holder: Value<'_>, key: &str) -> Option<String> {
    holder.get(key)?.as_str().map(Str::decode)
}
