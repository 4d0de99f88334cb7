//! Enters: a block that took the full path, and the bytes that follow. Leaves: the texts of the blocks that are the same
//! but for their text. An exact shortcut: removing this file leaves a correct, slower program.
//!
//! Upstreams repeat one block hundreds of times with another `delta`, `sequence_number` and `obfuscation`. If all
//! other bytes are equal, from the block's first byte to its blank line, and the holes are valid JSON and UTF-8, then
//! the block parses to the same event. It costs a few comparisons instead of a line scan and a JSON walk.

use crate::json::{Str, Value, hole};
use crate::lanes;
use crate::limits::MAX_SHORTCUT_BYTES;
use crate::responses::Event;

/// What a repeated block varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Repeat<'a> {
    pub(crate) text: hole::Text<'a>,
    /// `sequence_number`, in digits.
    pub(crate) number: Option<&'a [u8]>,
}

/// The parts of a block that do not change, and what stands between them.
#[derive(Debug)]
struct Skeleton<T> {
    /// The block without what was in its holes.
    literals: Vec<u8>,
    /// In the order of the block.
    holes: Vec<Hole>,
    /// What stands in `literals` before and after the JSON; `None` where its meaning depends on that.
    around: Option<(usize, usize)>,
    /// What the consumer made of the event, as long as that holds.
    place: Option<T>,
    /// Which skeleton came after this one: parallel calls take turns.
    next: usize,
}

#[derive(Debug, Clone, Copy)]
struct Hole {
    /// Length of the literal before it; as a block, at most [`MAX_SHORTCUT_BYTES`].
    after: u32,
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

impl<T> Default for Skeleton<T> {
    fn default() -> Self {
        Self { literals: Vec::new(), holes: Vec::new(), around: None, place: None, next: 0 }
    }
}

impl<T> Skeleton<T> {
    /// `block` holds `event` whole and as it was sent; `None` where there is nothing to vary.
    fn learn(&mut self, block: &[u8], event: &Event<'_>, text: Value<'_>) -> Option<()> {
        let at = |raw: &[u8], kind| {
            let start = (raw.as_ptr() as usize).checked_sub(block.as_ptr() as usize)?;
            let end = start + raw.len();
            (block.get(start..end) == Some(raw)).then_some((start, end, kind))
        };
        let [filler, number] = event.json.members(["obfuscation", "sequence_number"]);
        let filler = filler.and_then(contents);
        let number = number.filter(|number| number.as_u64().is_some());
        let mut holes = [
            Some(at(contents(text)?, Kind::Delta)?),
            filler.and_then(|filler| at(filler, Kind::Text)),
            number.and_then(|number| at(number.raw(), Kind::Digits)),
        ];
        holes.sort_unstable();
        let held: usize = holes.iter().flatten().map(|(start, end, _)| end - start).sum();
        self.literals.clear();
        self.literals.reserve_exact(block.len().saturating_sub(held));
        self.holes.clear();
        self.holes.reserve_exact(holes.len());
        let mut literal = 0;
        for (start, end, kind) in holes.into_iter().flatten() {
            let before = block.get(literal..start)?;
            self.literals.extend_from_slice(before);
            self.holes.push(Hole { after: before.len() as u32, kind });
            literal = end;
        }
        self.literals.extend_from_slice(&block[literal..]);
        let (start, end, _) = at(event.json.raw(), Kind::Delta)?;
        self.around = event.members.kind.map(|_| (start, block.len() - end));
        // A block that does not match itself (a key twice, an escaped key) has no skeleton.
        self.is(block).then_some(())
    }

    /// [`Skeleton::hit`] off the hot path.
    #[inline(never)]
    fn try_hit<'c>(&self, bytes: &'c [u8]) -> Option<(Repeat<'c>, &'c [u8])> {
        self.hit(bytes)
    }

    /// Whether `block` is this one with other holes.
    fn is(&self, block: &[u8]) -> bool {
        self.try_hit(block).is_some_and(|(_, rest)| rest.is_empty())
    }

    /// What varies in the block that `bytes` begin with, if it is this one with other holes, and what follows it.
    #[expect(
        clippy::inline_always,
        reason = "as a call it costs 10 of 650 instructions an event: ten words go through memory"
    )]
    #[inline(always)]
    fn hit<'c>(&self, bytes: &'c [u8]) -> Option<(Repeat<'c>, &'c [u8])> {
        compare(&self.literals, &self.holes, 0, bytes)
    }

    /// The same of a block's data alone.
    fn hit_data<'c>(&self, data: &'c [u8]) -> Option<Repeat<'c>> {
        let (before, after) = self.around?;
        let literals = &self.literals[before..self.literals.len() - after];
        let (repeat, rest) = compare(literals, &self.holes, before, data)?;
        rest.is_empty().then_some(repeat)
    }
}

/// What stands in the holes between `literals`, whose first `cut` bytes were cut off, and what follows the last one.
#[expect(clippy::inline_always, reason = "as `hit`")]
#[inline(always)]
fn compare<'c>(
    literals: &[u8],
    holes: &[Hole],
    cut: usize,
    bytes: &'c [u8],
) -> Option<(Repeat<'c>, &'c [u8])> {
    let (mut rest, mut literals, mut cut, mut delta, mut number) = (bytes, literals, cut, None, None);
    for hole in holes {
        let (literal, later) = literals.split_at_checked(hole.after as usize - std::mem::take(&mut cut))?;
        literals = later;
        rest = skip(rest, literal)?;
        let length = if hole.kind == Kind::Digits {
            let length = hole::digits(rest)?;
            number = Some(&rest[..length]);
            length
        } else {
            let text = hole::text(rest)?;
            delta = if hole.kind == Kind::Delta { Some(text) } else { delta };
            text.length()
        };
        rest = rest.get(length..)?;
    }
    rest = skip(rest, literals)?;
    Some((Repeat { text: delta?, number }, rest))
}

fn contents(value: Value<'_>) -> Option<&[u8]> {
    value.as_str().map(Str::raw)
}

/// What follows `literal`, if `bytes` begin with it.
#[inline]
fn skip<'c>(bytes: &'c [u8], literal: &[u8]) -> Option<&'c [u8]> {
    lanes::starts_with(bytes, literal).then(|| &bytes[literal.len()..])
}

/// The skeletons of the last few texts: parallel calls interleave.
#[derive(Debug)]
pub(super) struct Skeletons<T> {
    kept: Vec<Skeleton<T>>,
    /// The one that was hit or learned last.
    last: usize,
    /// Learned since the last hit. An upstream that varies more than texts (ids that rotate) makes learning a waste.
    unused: u32,
}

impl<T> Default for Skeletons<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), last: 0, unused: 0 }
    }
}

impl<T: Copy> Skeletons<T> {
    const KEPT: usize = 4;

    /// The blocks that `rest` begins with, if the first one is known; each is at most `limit` bytes. As they are taken,
    /// `rest` becomes what follows them.
    #[inline]
    pub(super) fn run<'s, 'c>(&'s mut self, rest: &'s mut &'c [u8], limit: usize) -> Option<Run<'s, 'c, T>> {
        let bytes = *rest;
        let guess = self.kept.get(self.last)?.next;
        let first = |at: usize| Some((at, self.kept.get(at)?.begin(bytes, limit)?));
        let (at, (place, first, after)) =
            first(guess).or_else(|| (0..Self::KEPT).filter(|at| *at != guess).find_map(first))?;
        self.hit(at);
        let skeleton = &self.kept[at];
        let is_cr = skeleton.literals.ends_with(b"\r");
        *rest = after;
        Some(Run { skeleton, place, first: Some(first), rest, is_cr, limit })
    }

    /// The same for an event whose block crossed an edge: one block, known by its data.
    pub(super) fn repeat<'c>(&mut self, data: &'c [u8]) -> Option<(T, Repeat<'c>)> {
        let guess = self.kept.get(self.last)?.next;
        let found = |at: usize| {
            let skeleton = self.kept.get(at)?;
            Some((at, skeleton.place?, skeleton.hit_data(data)?))
        };
        let (at, place, repeat) =
            found(guess).or_else(|| (0..Self::KEPT).filter(|at| *at != guess).find_map(found))?;
        self.hit(at);
        Some((place, repeat))
    }

    fn hit(&mut self, at: usize) {
        self.kept[self.last].next = at;
        self.last = at;
        self.unused = 0;
    }

    /// After an event that is not learned from: see [`Skeletons::note`].
    pub(super) fn clear_unless(&mut self, place: Option<T>) {
        if place.is_none() {
            self.forget();
        }
    }

    /// The blocks stay, to be known again; until then none repeats.
    fn forget(&mut self) {
        self.kept.iter_mut().for_each(|skeleton| skeleton.place = None);
    }

    /// Learns from an event that took the full path. One that went to no place may change what later ones mean.
    /// `event`: and what finds the text of it that varies.
    pub(super) fn note<'e>(
        &mut self,
        place: Option<T>,
        block: Option<&[u8]>,
        event: Option<(&Event<'e>, impl FnOnce() -> Option<Value<'e>>)>,
    ) {
        let Some(place) = place else { return self.forget() };
        let block = block.filter(|block| block.len() <= MAX_SHORTCUT_BYTES);
        let (Some(block), Some((event, varying))) = (block, event) else { return };
        if let Some(at) = self.kept.iter().position(|skeleton| skeleton.is(block)) {
            self.kept[at].place = Some(place);
            self.last = at;
            return;
        }
        self.unused += 1;
        if (self.unused <= 8 || self.unused.is_power_of_two())
            && let Some(text) = varying()
        {
            let at = self.slot();
            self.last = at;
            let slot = &mut self.kept[at];
            (slot.place, slot.next) = (None, at);
            slot.place = slot.learn(block, event, text).map(|()| place);
        }
    }

    /// A new one, or the one that is longest out of turn.
    fn slot(&mut self) -> usize {
        if self.kept.len() < Self::KEPT {
            self.kept.reserve_exact(1); // one is the rule, and transcoders idle by the thousand
            self.kept.push(Skeleton::default());
            return self.kept.len() - 1;
        }
        let stale = self.kept.iter().position(|skeleton| skeleton.place.is_none());
        stale.unwrap_or((self.last + 1) % Self::KEPT)
    }
}

impl<T: Copy> Skeleton<T> {
    #[inline]
    fn begin<'c>(&self, bytes: &'c [u8], limit: usize) -> Option<(T, Repeat<'c>, &'c [u8])> {
        let place = self.place?;
        let (repeat, rest) = self.try_hit(bytes)?;
        (bytes.len() - rest.len() <= limit).then_some((place, repeat, rest))
    }
}

/// Blocks of one skeleton, one after the other.
#[derive(Debug)]
pub(super) struct Run<'s, 'c, T> {
    skeleton: &'s Skeleton<T>,
    pub(super) place: T,
    first: Option<Repeat<'c>>,
    /// What follows the blocks taken so far.
    rest: &'s mut &'c [u8],
    /// The blank line ends in a CR, so an LF that comes next belongs to it.
    is_cr: bool,
    limit: usize,
}

impl<'c, T> Run<'_, 'c, T> {
    /// The block that `rest` begins with, and what follows it.
    #[expect(clippy::inline_always, reason = "as [`Skeleton::hit`]")]
    #[inline(always)]
    fn hit(&self, rest: &'c [u8]) -> Option<(Repeat<'c>, &'c [u8])> {
        let block = match rest {
            [b'\n', block @ ..] if self.is_cr => block,
            block => block,
        };
        let (repeat, rest) = self.skeleton.hit(block)?;
        (block.len() - rest.len() <= self.limit).then_some((repeat, rest))
    }
}

impl<'c, T> Iterator for Run<'_, 'c, T> {
    type Item = Repeat<'c>;

    fn next(&mut self) -> Option<Repeat<'c>> {
        self.first.take().or_else(|| {
            let (repeat, rest) = self.hit(self.rest)?;
            *self.rest = rest;
            Some(repeat)
        })
    }

    /// All at once, where nothing has to be kept between two of them: a third of the cost of [`Run::next`].
    #[inline]
    fn fold<B, F: FnMut(B, Repeat<'c>) -> B>(mut self, init: B, mut take: F) -> B {
        let (mut folded, mut found, mut rest) = (init, self.first.take(), *self.rest);
        while let Some(repeat) = found {
            lanes::prefetch(rest);
            folded = take(folded, repeat);
            found = self.hit(rest).map(|(repeat, after)| {
                rest = after;
                repeat
            });
        }
        *self.rest = rest;
        folded
    }
}
