//! Enters: a chunk, between two blocks. Leaves: the block that begins there, if it is the common one and whole: at most
//! one `event` line, one `data` line, the blank line. An exact shortcut past the line by line path, which takes
//! everything else: removing this file leaves a correct, slower parser.

use super::SseParser;
use super::block::Slot;
use super::line::Ends;

/// A line's value, and where the next line begins.
struct Line {
    value: Slot,
    length: usize,
    next: usize,
}

impl SseParser {
    /// Steps over the block and makes it the event in hand; `false` where the full path has to look.
    #[inline]
    pub(super) fn whole_block(&mut self, chunk: &[u8], at: &mut usize) -> bool {
        let Some(start) = self.between_blocks(chunk, *at) else { return false };
        let Some((event, data)) = event_and_data(chunk, start, &mut self.ends) else { return false };
        // The blank line. A CR ends it at once; an LF that follows belongs to it.
        let is_cr = match chunk.get(data.next) {
            Some(b'\n') => false,
            Some(b'\r') => true,
            _ => return false,
        };
        let event_length = event.as_ref().map_or(0, |event| event.value.length());
        if event_length + data.length > self.options.max_event_bytes || self.options.is_strict() {
            return false;
        }
        let offset = self.offset + (start - *at) as u64;
        self.block.set_whole(offset, event.map(|event| event.value), data.value);
        self.step(at, data.next + 1 - *at);
        self.skip_lf = is_cr;
        true
    }
}

fn event_and_data(chunk: &[u8], start: usize, ends: &mut Ends) -> Option<(Option<Line>, Line)> {
    let event = named(chunk, start, b"event:", ends);
    let data = named(chunk, event.as_ref().map_or(start, |event| event.next), b"data:", ends)?;
    Some((event, data))
}

/// The line at `at`, if its field is `name` and its end is in the chunk, the LF of a CRLF included.
#[inline]
fn named(chunk: &[u8], at: usize, name: &[u8], ends: &mut Ends) -> Option<Line> {
    let value = at + name.len();
    if chunk.get(at..value)? != name {
        return None;
    }
    let end = ends.next(chunk, value)?;
    let is_cr = chunk[end] == b'\r';
    if is_cr && chunk.get(end + 1).is_none() {
        return None;
    }
    let next = end + 1 + usize::from(is_cr && chunk[end + 1] == b'\n');
    let value = value + usize::from(chunk[value] == b' ');
    Some(Line { value: Slot::Lent(value..end), length: end - at, next })
}
