//! Enters: the data of one event after the other, cut anywhere. Leaves: a [`Reading`] of each; image bytes go to the
//! sink as they come. Kept: the path to the value in hand.
//!
//! Members come in any order, so a string that may be an image is decoded before it is known to be one, and given up
//! when it proves to be none.

use super::meta::ImageErrorCode;
use super::options::ImageOptions;
use super::payload::{Fault, Outlet, Payload, Workbench};
use super::place::{IMAGE_ITEM, Member, Place, Slot};
use super::reading::{Capture, Reading};
use super::state::{State, kind};
use crate::dialect::responses::EventKind;
use crate::json::{Begun, Malformed, Token, Tokenizer};
use crate::limits::MAX_IMAGES;
use std::mem;

#[derive(Debug)]
pub(super) struct Reader {
    cursor: Cursor,
    reading: Reading,
    capture: Capture,
    bench: Workbench,
    max_event_bytes: usize,
}

/// Where in the event the reader is.
#[derive(Debug, Default)]
struct Cursor {
    tokens: Tokenizer,
    path: Vec<Place>,
    /// Objects and arrays open that are not looked into.
    skipped: usize,
    /// What the last key said of its value.
    member: Option<Member>,
    target: Target,
    /// Bytes so far, images not among them.
    size: usize,
}

/// Where the string or number in hand goes.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Target {
    #[default]
    Nowhere,
    Key,
    Text(Place, Slot),
    Image(Place),
}

impl Reader {
    pub(super) fn new(options: &ImageOptions) -> Self {
        Self {
            cursor: Cursor::default(),
            reading: Reading::default(),
            capture: Capture::default(),
            bench: Workbench::new(options.max_image_bytes),
            max_event_bytes: options.max_event_bytes,
        }
    }

    /// More of the event in hand.
    pub(super) fn feed(&mut self, data: &[u8], state: &State, out: &mut Outlet<'_>) {
        let mut at = 0;
        while self.reading.fault.is_none() {
            let start = at;
            let is_counted = !matches!(self.cursor.target, Target::Image(_));
            let next = self.cursor.tokens.next(data, &mut at);
            self.cursor.size += if is_counted { at - start } else { 0 };
            match next {
                // Before the token counts, so that it does not matter where its bytes were cut.
                _ if self.cursor.size > self.max_event_bytes => {
                    self.reading.fault = Some(Fault::of(ImageErrorCode::EventTooLarge));
                }
                Err(malformed) => self.malformed(malformed),
                Ok(Some(token)) => self.token(token, state, out),
                Ok(None) => return,
            }
        }
    }

    /// The end of the event in hand.
    pub(super) fn end(&mut self) -> Reading {
        let cursor = mem::take(&mut self.cursor);
        if self.reading.fault.is_none() && !cursor.tokens.is_complete() {
            self.malformed(Malformed(cursor.tokens.offset()));
        }
        mem::take(&mut self.reading)
    }

    fn malformed(&mut self, malformed: Malformed) {
        let offset = Some(malformed.0 as u64);
        self.reading.fault = Some(Fault { code: ImageErrorCode::InvalidJson, offset });
    }

    fn token(&mut self, token: Token<'_>, state: &State, out: &mut Outlet<'_>) {
        match token {
            Token::Open { is_object } => self.open(is_object, out),
            Token::Close => self.close(out),
            Token::Begin(begun) => self.begin(begun, state, out),
            Token::Piece(piece) => match self.cursor.target {
                Target::Nowhere => {}
                Target::Key | Target::Text(..) => self.capture.push(piece),
                Target::Image(place) => self.reading.found(place).payload.push(piece, &mut self.bench, out),
            },
            Token::End => self.end_text(out),
            Token::Literal => match self.here() {
                Some((place, Member::Text(slot))) => self.reading.set(place, slot, None),
                Some((place, Member::Image)) => self.reading.found(place).payload.discard(out),
                _ => {}
            },
        }
    }

    /// The place that a value stands at, and what it is there; `None` where nothing is looked into.
    fn here(&self) -> Option<(Place, Member)> {
        let place = *self.cursor.path.last().filter(|_| self.cursor.skipped == 0)?;
        Some((place, place.element().or(self.cursor.member)?))
    }

    fn open(&mut self, is_object: bool, out: &mut Outlet<'_>) {
        let place = match self.here() {
            Some((_, Member::Inside(place))) => Some(place),
            None if self.cursor.path.is_empty() && self.cursor.skipped == 0 => Some(Place::Event),
            _ => None,
        };
        match place.filter(|place| place.is_object() == is_object) {
            Some(place) => self.enter(place, out),
            None => self.cursor.skipped += 1,
        }
    }

    fn enter(&mut self, place: Place, out: &mut Outlet<'_>) {
        let parent = self.cursor.path.last().copied();
        self.cursor.path.push(place);
        match place {
            Place::Item if parent == Some(Place::Event) => self.reading.discard_items(out),
            Place::Output => {
                self.reading.response.has_output = true;
                self.reading.discard_items(out); // of a repeated key the last one counts
            }
            Place::Tools => self.reading.response.has_image_tool = Some(false),
            _ => {}
        }
    }

    fn close(&mut self, out: &mut Outlet<'_>) {
        if self.cursor.skipped > 0 {
            self.cursor.skipped -= 1;
        } else if let Some(Place::Item) = self.cursor.path.pop() {
            self.close_item(out);
        }
    }

    fn close_item(&mut self, out: &mut Outlet<'_>) {
        let mut item = mem::take(&mut self.reading.item);
        let is_image = item.type_name.as_deref() == Some(IMAGE_ITEM);
        if is_image && self.reading.items.len() < MAX_IMAGES {
            return self.reading.items.push(item);
        }
        self.reading.is_over_limit |= is_image;
        item.payload.discard(out);
    }

    fn begin(&mut self, begun: Begun, state: &State, out: &mut Outlet<'_>) {
        self.capture.clear();
        self.cursor.target = match (begun, self.here()) {
            (Begun::Key, _) if self.cursor.skipped == 0 => Target::Key,
            (Begun::Text | Begun::Number, Some((place, Member::Text(slot)))) => Target::Text(place, slot),
            (Begun::Text, Some((place, Member::Image))) => {
                self.begin_image(place, state, out);
                Target::Image(place)
            }
            _ => Target::Nowhere,
        };
    }

    /// Decodes unless it is known by now that this is no image, or one that is there already.
    fn begin_image(&mut self, place: Place, state: &State, out: &mut Outlet<'_>) {
        let kind = self.reading.event.type_name.as_deref().map(kind);
        let found = self.reading.found(place);
        found.payload.discard(out); // of a repeated key the last one counts
        let is_due = if place == Place::Event {
            matches!(kind, None | Some(EventKind::PartialImage))
        } else {
            matches!(kind, None | Some(EventKind::ItemDone | EventKind::Terminal(_)))
                && found.type_name.as_deref().is_none_or(|name| name == IMAGE_ITEM)
        };
        let is_there = found.id.as_deref().is_some_and(|id| state.has_image(id));
        if is_due && !is_there {
            self.cursor.tokens.trust_text();
            found.payload = Payload::begin(&mut self.bench);
        } else {
            found.payload = Payload::Ignored;
        }
    }

    fn end_text(&mut self, out: &mut Outlet<'_>) {
        match mem::take(&mut self.cursor.target) {
            Target::Nowhere => {}
            Target::Key => {
                let key = self.capture.key();
                self.cursor.member = self.cursor.path.last().map(|place| place.member(key));
            }
            Target::Text(place, slot) => {
                let text = self.capture.text(slot);
                self.reading.set(place, slot, text);
            }
            Target::Image(place) => self.reading.found(place).payload.end(&mut self.bench, out),
        }
    }
}
