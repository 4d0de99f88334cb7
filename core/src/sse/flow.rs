//! An SSE parser for events too large to hold (images).
//!
//! Input: chunks, cut anywhere. Output: the data bytes of each event while it arrives, as slices of the chunk, and its
//! end. State: the event's name and the field of the current line, never data.
//!
//! Lines, fields and events are those of [`super::SseParser`] with `dispatch_tail`; size limits and UTF-8 are left to
//! the consumer.

use super::block::Field;
use super::line::{self, Bare, Bom, PartialLine};
use crate::limits::MAX_NAME_BYTES;
use std::mem;

/// One step of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow<'c> {
    /// More data of the event in hand. `is_joined`: a further `data` line begins, so an LF comes before `bytes`.
    Data { bytes: &'c [u8], is_joined: bool },
    /// The event in hand is complete; [`SseFlow::name`] is its name until the next step.
    End,
}

#[derive(Debug, Default)]
pub(crate) struct SseFlow {
    bom: Bom,
    /// A CR ended the last line, so an LF that comes next belongs to it.
    skip_lf: bool,
    partial: PartialLine,
    open: OpenEvent,
    name: Vec<u8>,
}

/// What is reset together when a block ends.
#[derive(Debug, Default)]
struct OpenEvent {
    has_data: bool,
    /// The value of the current line has begun.
    is_in_value: bool,
    is_complete: bool,
}

impl SseFlow {
    /// The next step within `chunk`, from `at` on; `None` when the chunk is used up.
    pub(crate) fn next<'c>(&mut self, chunk: &'c [u8], at: &mut usize) -> Option<Flow<'c>> {
        if self.open.is_complete {
            self.reset();
        }
        self.skip_bom(chunk, at);
        while *at < chunk.len() {
            if mem::take(&mut self.skip_lf) && chunk[*at] == b'\n' {
                *at += 1;
                continue;
            }
            let line = &chunk[*at..line::end(chunk, *at).unwrap_or(chunk.len())];
            let step = if line.is_empty() {
                self.skip_lf = chunk[*at] == b'\r';
                *at += 1;
                self.end_line()
            } else {
                *at += line.len();
                self.extend_line(line)
            };
            if step.is_some() {
                return step;
            }
        }
        None
    }

    /// The stream is over; whether that cuts off an event, which then is to be taken as complete. (Of a last line `data`
    /// without a colon only the empty value is missing.)
    pub(crate) fn finish(&mut self) -> bool {
        self.open.has_data && !self.open.is_complete
    }

    /// The event's name; empty where the block gave none, or one longer than any known.
    pub(crate) fn name(&self) -> &str {
        let name = if self.name.len() > MAX_NAME_BYTES { &[] } else { &self.name[..] };
        std::str::from_utf8(name).unwrap_or_default()
    }

    /// As [`super::SseParser::begun_bom`].
    pub(crate) fn begun_bom(&self) -> Option<&'static [u8]> {
        self.bom.begun()
    }

    fn skip_bom(&mut self, chunk: &[u8], at: &mut usize) {
        let (skipped, is_line) = self.bom.skip(&chunk[*at..]);
        *at += skipped;
        if is_line {
            self.partial = PartialLine::Ignored; // bytes that began like a BOM: the name of an unknown field
        }
    }

    /// Bytes of a line, its end not among them.
    fn extend_line<'c>(&mut self, bytes: &'c [u8]) -> Option<Flow<'c>> {
        let (field, value, _) = self.partial.extend(bytes, Bare::Never)?;
        let is_first = !mem::replace(&mut self.open.is_in_value, true);
        match field {
            Field::Data => {
                let is_joined = is_first && mem::replace(&mut self.open.has_data, true);
                (is_joined || !value.is_empty()).then_some(Flow::Data { bytes: value, is_joined })
            }
            Field::Event => {
                self.extend_name(value, is_first);
                None
            }
            Field::Error | Field::Id | Field::Retry => None,
        }
    }

    fn extend_name(&mut self, value: &[u8], is_first: bool) {
        if is_first {
            self.name.clear();
        }
        let room = (MAX_NAME_BYTES + 1).saturating_sub(self.name.len());
        self.name.extend_from_slice(&value[..value.len().min(room)]);
    }

    fn end_line(&mut self) -> Option<Flow<'static>> {
        if self.partial.is_start() {
            return self.dispatch();
        }
        let has_value = mem::take(&mut self.open.is_in_value);
        match self.partial.end()? {
            (Field::Data, _) if !has_value => {
                let is_joined = mem::replace(&mut self.open.has_data, true);
                is_joined.then_some(Flow::Data { bytes: &[], is_joined })
            }
            (Field::Event, _) if !has_value => {
                self.name.clear();
                None
            }
            _ => None,
        }
    }

    /// The blank line (WHATWG §9.2.6 "dispatch the event").
    fn dispatch(&mut self) -> Option<Flow<'static>> {
        if self.open.has_data {
            self.open.is_complete = true;
            return Some(Flow::End);
        }
        self.reset();
        None
    }

    fn reset(&mut self) {
        self.open = OpenEvent::default();
        self.name.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Flow, MAX_NAME_BYTES, PartialLine, SseFlow};
    use crate::{SseOptions, SseParser};
    use std::path::Path;

    /// Name and data of each event.
    fn flow(chunks: &[&[u8]]) -> Vec<(String, Vec<u8>)> {
        let (mut flow, mut data, mut events) = (SseFlow::default(), Vec::new(), Vec::new());
        for chunk in chunks {
            let mut at = 0;
            while let Some(step) = flow.next(chunk, &mut at) {
                match step {
                    Flow::Data { bytes, is_joined } => {
                        data.extend_from_slice(if is_joined { b"\n" } else { b"" });
                        data.extend_from_slice(bytes);
                    }
                    Flow::End => events.push((name(&flow), std::mem::take(&mut data))),
                }
            }
        }
        if flow.finish() {
            data.extend_from_slice(if matches!(flow.partial, PartialLine::Name { .. }) {
                b"\n"
            } else {
                b""
            });
            events.push((name(&flow), data));
        }
        events
    }

    fn name(flow: &SseFlow) -> String {
        flow.name().replace("message", "")
    }

    fn parser(input: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut parser = SseParser::new(SseOptions { dispatch_tail: true, ..SseOptions::default() });
        let mut seen = Vec::new();
        let mut events = parser.feed(input);
        let own = |event: crate::Event<'_>| {
            let name = if event.event == "message" { "" } else { event.event };
            (name.to_owned(), event.data.as_bytes().to_vec())
        };
        while let Some(event) = events.next_event().unwrap() {
            seen.push(own(event));
        }
        seen.extend(parser.finish().unwrap().map(own));
        seen
    }

    #[test]
    fn a_name_longer_than_any_known_is_none() {
        let longest = "x".repeat(MAX_NAME_BYTES);
        for (name, expected) in [(longest.clone(), &*longest), (longest.clone() + "x", "")] {
            let block = format!("event: {name}\ndata: 1\n\n");
            let expected = vec![(expected.to_owned(), b"1".to_vec())];
            assert_eq!(flow(&[block.as_bytes()]), expected);
            assert_eq!(flow(&block.as_bytes().chunks(1).collect::<Vec<_>>()), expected);
        }
    }

    #[test]
    fn events_are_those_of_the_parser_at_every_cut() {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/sse");
        let mut count = 0;
        for case in std::fs::read_dir(fixtures).unwrap() {
            let input = std::fs::read(case.unwrap().path().join("input.sse")).unwrap();
            let whole = flow(&[&input]);
            if std::str::from_utf8(&input).is_ok() {
                assert_eq!(parser(&input), whole);
                count += 1;
            }
            assert_eq!(flow(&input.chunks(1).collect::<Vec<_>>()), whole);
            for at in 0..input.len().min(4096) {
                assert_eq!(flow(&[&input[..at], &input[at..]]), whole);
            }
        }
        assert!(count > 50, "{count}");
    }
}
