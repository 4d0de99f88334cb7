//! Enters: a whole Responses or chat stream. Leaves: where it breaks a rule that clients rely on. Kept: what was opened.
//!
//! Also the oracle of this crate's own tests: everything it writes must be clean.

mod chat;
mod items;
mod responses;
mod rules;

use crate::json::{Value, write};
use crate::limits::MAX_FINDINGS;
use crate::dialect::responses::Event;
use crate::input;
use crate::sse::{SseOptions, SseParser};
pub use rules::{LintProfile, LintRule, Severity};

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
        let mut out = b"{\"rule\":".to_vec();
        write::string(&mut out, self.rule.as_str());
        out.extend_from_slice(b",\"severity\":");
        write::string(&mut out, self.severity.as_str());
        let event = self.event.map_or("null".to_owned(), |event| event.to_string());
        out.extend_from_slice(
            format!(",\"event\":{event},\"offset\":{},\"message\":", self.offset).as_bytes(),
        );
        write::string(&mut out, &self.message);
        out.push(b'}');
        String::from_utf8_lossy(&out).into_owned()
    }
}

/// Reads a stream as the clients of the profile do. One that begins with `{` is taken for frames, one a line.
///
/// ```
/// use sluicegate::{LintProfile, LintRule, lint};
/// let findings = lint(b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n\n", LintProfile::CodexCli);
/// assert!(findings.iter().any(|finding| finding.rule == LintRule::CreatedFirst));
/// ```
pub fn lint(stream: &[u8], profile: LintProfile) -> Vec<Finding> {
    let mut log = Log { profile, findings: Vec::new(), event: None, offset: 0 };
    if profile == LintProfile::Chat {
        let mut chat = chat::Chat::default();
        read(stream, &mut log, |input, log| chat.input(input, log));
        chat.end(&mut log);
    } else {
        let mut responses = responses::Responses::default();
        read(stream, &mut log, |input, log| responses.input(input, log));
        responses.end(&mut log);
    }
    log.findings
}

/// One event, as far as it could be read.
pub(super) enum Input<'a> {
    /// With its SSE event name, where it has one.
    Event(&'a Event<'a>, Option<&'a str>),
    Done,
}

/// The findings so far, and where the reader is.
pub(super) struct Log {
    profile: LintProfile,
    findings: Vec<Finding>,
    event: Option<u64>,
    offset: u64,
}

impl Log {
    fn find(&mut self, rule: LintRule, message: impl Into<String>) {
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

fn read(stream: &[u8], log: &mut Log, mut take: impl FnMut(&Input<'_>, &mut Log)) {
    if source::is_document(stream) == Some(true) {
        frames(stream, log, take);
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
                data(event.data, event.event, log, &mut take);
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
        data(event.data, event.event, log, &mut take);
    }
    log.end(stream.len());
}

fn frames(stream: &[u8], log: &mut Log, mut take: impl FnMut(&Input<'_>, &mut Log)) {
    let mut offset = 0;
    for line in stream.split_inclusive(|byte| *byte == b'\n') {
        let text = String::from_utf8_lossy(line);
        if !text.trim().is_empty() {
            log.next(offset);
            data(text.trim(), "", log, &mut take);
        }
        offset += line.len() as u64;
    }
}

fn data(data: &str, name: &str, log: &mut Log, take: &mut impl FnMut(&Input<'_>, &mut Log)) {
    match data.trim_ascii() {
        "" => log.find(LintRule::EmptyData, "an event without data"),
        "[DONE]" => take(&Input::Done, log),
        _ => match Event::parse(data.as_bytes(), "") {
            Ok(event) => take(&Input::Event(&event, Some(name).filter(|name| *name != "message")), log),
            Err(malformed) => {
                log.find(
                    LintRule::MalformedEvent,
                    format!("no JSON object: see byte {} of the data", malformed.0),
                );
            }
        },
    }
}

/// A member that is a string, or a note that it is none.
pub(super) fn text(holder: Value<'_>, key: &str) -> Option<String> {
    holder.get(key)?.as_str().map(crate::json::Str::decode)
}
