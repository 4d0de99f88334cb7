//! Enters: a block that took the full path, and the bytes that follow. Leaves: the text of a block that is the same
//! but for its text. An exact shortcut: removing this file leaves a correct, slower program.
//!
//! Upstreams repeat one block hundreds of times with another `delta`, `sequence_number` and `obfuscation`. If all
//! other bytes are equal, from the block's first byte to its blank line, and the holes are valid JSON and UTF-8, then
//! the block parses to the same event. It costs a few comparisons instead of a line scan and a JSON walk.

use crate::json::{Str, Value, hole};
use crate::responses::Event;

/// What a repeated block varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeat<'a> {
    pub(crate) text: Str<'a>,
    /// `sequence_number`, in digits.
    pub(crate) number: Option<&'a [u8]>,
}

/// The parts of a block that do not change, and what stands between them.
#[derive(Debug)]
struct Skeleton<T> {
    block: Box<[u8]>,
    /// In the order of the block; each begins where its literal ends.
    holes: Vec<Hole>,
    /// What the consumer made of the event.
    place: T,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Hole {
    start: usize,
    end: usize,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    /// The text.
    Delta,
    /// Another string.
    Text,
    /// A whole number.
    Digits,
}

impl<T> Skeleton<T> {
    /// `block` holds `event` whole and as it was sent; `None` where there is nothing to vary.
    fn learn(block: &[u8], event: &Event<'_>, text: Value<'_>, place: T) -> Option<Self> {
        let at = |raw: &[u8], kind| {
            let start = (raw.as_ptr() as usize).checked_sub(block.as_ptr() as usize)?;
            let end = start + raw.len();
            (block.get(start..end) == Some(raw)).then_some(Hole { start, end, kind })
        };
        let mut holes = vec![at(contents(text)?, Kind::Delta)?];
        if let Some(filler) = event.json.get("obfuscation").and_then(contents) {
            holes.push(at(filler, Kind::Text)?);
        }
        if let Some(number) = event.json.get("sequence_number").filter(|number| number.as_u64().is_some()) {
            holes.push(at(number.raw(), Kind::Digits)?);
        }
        holes.sort_unstable();
        let skeleton = Self { block: block.into(), holes, place };
        // A block that does not match itself (a key twice, an escaped key) has no skeleton.
        (skeleton.hit(block)?.1 == block.len()).then_some(skeleton)
    }

    /// What varies in the block that `bytes` begins with and its length, if it is this one with other holes.
    #[inline]
    fn hit<'c>(&self, bytes: &'c [u8]) -> Option<(Repeat<'c>, usize)> {
        let (mut at, mut literal, mut delta, mut number) = (0, 0, None, None);
        for hole in &self.holes {
            at = skip(bytes, at, &self.block[literal..hole.start])?;
            let end = match hole.kind {
                Kind::Digits => hole::digits(bytes, at)?,
                Kind::Delta | Kind::Text => hole::text(bytes, at)?,
            };
            match hole.kind {
                Kind::Delta => delta = Some(Str::from_raw(&bytes[at..end])),
                Kind::Digits => number = Some(&bytes[at..end]),
                Kind::Text => {}
            }
            (at, literal) = (end, hole.end);
        }
        let end = skip(bytes, at, &self.block[literal..])?;
        Some((Repeat { text: delta?, number }, end))
    }
}

fn contents(value: Value<'_>) -> Option<&[u8]> {
    value.as_str().map(Str::raw)
}

/// Index after `literal`, if it stands at `at`.
#[inline]
fn skip(bytes: &[u8], at: usize, literal: &[u8]) -> Option<usize> {
    let end = at + literal.len();
    let there = bytes.get(at..end)?;
    // Most literals between two holes are a few bytes: a call costs more than they do.
    let is_same = match (there.first_chunk::<8>(), literal.first_chunk::<8>()) {
        (Some(a), Some(b)) if literal.len() <= 16 => {
            a == b && there.last_chunk::<8>() == literal.last_chunk()
        }
        (Some(_), Some(_)) => there == literal,
        _ => there.iter().zip(literal).all(|(a, b)| a == b),
    };
    is_same.then_some(end)
}

/// The skeletons of the last few texts: parallel calls interleave.
#[derive(Debug)]
pub(super) struct Skeletons<T> {
    kept: Vec<Skeleton<T>>,
    /// Learned since the last hit. An upstream that varies more than texts (ids that rotate) makes learning a waste.
    unused: u32,
}

impl<T> Default for Skeletons<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), unused: 0 }
    }
}

impl<T: Copy> Skeletons<T> {
    const KEPT: usize = 4;

    /// Place, variation and length of the block that `bytes` begins with, if it is a known one of at most `limit` bytes.
    #[inline]
    pub(super) fn hit<'c>(&mut self, bytes: &'c [u8], limit: usize) -> Option<((T, Repeat<'c>), usize)> {
        let hit = self.kept.iter().find_map(|skeleton| {
            let (repeat, length) = skeleton.hit(bytes)?;
            Some(((skeleton.place, repeat), length))
        });
        if hit.is_some() {
            self.unused = 0;
        }
        hit.filter(|(_, length)| *length <= limit)
    }

    /// After an event that is not learned from: see [`Skeletons::note`].
    pub(super) fn clear_unless(&mut self, place: Option<T>) {
        if place.is_none() {
            self.kept.clear();
        }
    }

    /// Learns from an event that took the full path. One that went to no place may change what later ones mean.
    /// `event`: and what finds the text of it that varies.
    pub(super) fn note<'e>(
        &mut self,
        place: Option<T>,
        block: Option<&[u8]>,
        event: Option<(&Event<'e>, impl FnOnce() -> Option<Value<'e>>)>,
    ) {
        let Some(place) = place else { return self.kept.clear() };
        let (Some(block), Some((event, varying))) = (block, event) else { return };
        self.unused += 1;
        let is_worth_it = self.unused <= 8 || self.unused.is_power_of_two();
        let text = is_worth_it.then(varying).flatten();
        if let Some(skeleton) = text.and_then(|text| Skeleton::learn(block, event, text, place)) {
            self.kept.truncate(Self::KEPT - 1);
            self.kept.insert(0, skeleton);
        }
    }
}
