//! The stream commands: bytes or frames in, output due now out, an exit code at the end.

use crate::pipes::tell;
use sluicegate::{Collector, Dialect, Error, Event, Outcome, SseOptions, SseParser, Status, Transcoder};
use std::process::ExitCode;

/// A stream command.
pub(crate) trait Verb {
    fn chunk(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error>;
    fn frame(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error>;
    fn end(&mut self, out: &mut Vec<u8>) -> Result<ExitCode, Error>;
}

/// `stream`
pub(crate) struct Stream {
    pub(crate) transcoder: Transcoder,
    pub(crate) outcome: bool,
}

impl Verb for Stream {
    fn chunk(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        self.transcoder.feed(bytes, out)
    }

    fn frame(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        self.transcoder.feed_event(json, out)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<ExitCode, Error> {
        self.transcoder.finish(out)?;
        Ok(report(self.transcoder.outcome(), self.outcome))
    }
}

/// The exit code; and the outcome on standard error where asked for.
fn report(outcome: Option<Outcome>, is_asked: bool) -> ExitCode {
    if let (true, Some(outcome)) = (is_asked, &outcome) {
        tell(&outcome.to_json());
    }
    exit(outcome.is_some_and(|outcome| matches!(outcome.status, Status::Completed | Status::Incomplete)))
}

/// `collect`
pub(crate) struct Collect {
    pub(crate) collector: Collector,
    pub(crate) client: Dialect,
    pub(crate) outcome: bool,
}

impl Verb for Collect {
    fn chunk(&mut self, bytes: &[u8], _: &mut Vec<u8>) -> Result<(), Error> {
        self.collector.feed(bytes)
    }

    fn frame(&mut self, json: &str, _: &mut Vec<u8>) -> Result<(), Error> {
        self.collector.feed_event(json)
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<ExitCode, Error> {
        self.collector.finish()?;
        let message =
            matches!(self.client, Dialect::Messages).then(|| self.collector.final_message()).flatten();
        let body = match self.client {
            Dialect::Responses => self.collector.final_response(),
            Dialect::Chat => self.collector.final_completion(),
            Dialect::Messages => message.as_deref(),
        };
        out.extend_from_slice(body.unwrap_or_default());
        out.push(b'\n');
        Ok(report(self.collector.outcome(), self.outcome))
    }
}

pub(crate) struct Events {
    parser: SseParser,
    max_event_bytes: usize,
    is_ok: bool,
}

impl Events {
    pub(crate) fn new(options: SseOptions) -> Self {
        let max_event_bytes = options.max_event_bytes;
        Self { parser: SseParser::new(options), max_event_bytes, is_ok: true }
    }
}

impl Verb for Events {
    fn chunk(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
        let mut events = self.parser.feed(bytes);
        loop {
            match events.next_event() {
                Ok(Some(event)) => line(out, &event.to_json()),
                Ok(None) => return Ok(()),
                Err(error) => {
                    self.is_ok = false;
                    line(out, &error.to_json());
                }
            }
        }
    }

    fn frame(&mut self, json: &str, out: &mut Vec<u8>) -> Result<(), Error> {
        if json.len() > self.max_event_bytes {
            self.is_ok = false;
            line(out, &Error::EventTooLarge { offset: 0, limit: self.max_event_bytes }.to_json());
        } else {
            line(out, &Event { event: "message", data: json, id: "", lent: true }.to_json());
        }
        Ok(())
    }

    fn end(&mut self, out: &mut Vec<u8>) -> Result<ExitCode, Error> {
        match self.parser.finish() {
            Ok(Some(event)) => line(out, &event.to_json()),
            Ok(None) => {}
            Err(error) => {
                self.is_ok = false;
                line(out, &error.to_json());
            }
        }
        Ok(exit(self.is_ok))
    }
}

fn line(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
    out.push(b'\n');
}

pub(crate) fn exit(is_ok: bool) -> ExitCode {
    if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
