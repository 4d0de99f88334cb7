//! The shortcut for repeated deltas.
//!
//! Input: a block that took the full path, and the bytes that follow. Output: the texts of the blocks that differ only
//! in their text. State: templates of such blocks.
//!
//! An exact shortcut: removing this file leaves a correct, slower program.
//!
//! Upstreams repeat one block hundreds of times with another `delta`, `sequence_number` and `obfuscation`. If all
//! other bytes are equal, from the block's first byte to its blank line, and the gaps are valid JSON and UTF-8, then
//! the block parses to the same event. It costs a few comparisons instead of a line scan and a JSON walk.

use super::Event;
use crate::json::{Str, Value, template_gap};
use crate::limits::MAX_SHORTCUT_BYTES;
use crate::simd;

/// What a repeated block varies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RepeatedDelta<'a> {
    pub(crate) text: template_gap::Text<'a>,
    /// `sequence_number`, in digits.
    pub(crate) number: Option<&'a [u8]>,
}

/// The parts of a block that do not change, and the gaps between them.
#[derive(Debug, Clone)]
struct EventTemplate<T> {
    /// The block without what was in its gaps, and without spaces before the last brace.
    literals: Vec<u8>,
    /// In the order of the block.
    gaps: Vec<Gap>,
    /// Lengths in `literals` before and after the JSON; `None` where its meaning depends on that.
    around: Option<(u32, u32)>,
    /// Where the JSON is in `literals`, as in `around`.
    json: (u32, u32),
    /// Which of the types that the host asked for it has.
    watched: Option<usize>,
    /// What the consumer made of the event, as long as that holds.
    target: Option<T>,
    /// Which template came after this one: parallel calls take turns.
    next: usize,
}

#[derive(Debug, Clone, Copy)]
struct Gap {
    /// Length of the literal before it; as a block, at most [`MAX_SHORTCUT_BYTES`].
    after: u32,
    kind: GapKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum GapKind {
    /// The text.
    Delta,
    /// Another string.
    Text,
    /// A whole number.
    Digits,
}

impl<T> Default for EventTemplate<T> {
    fn default() -> Self {
        Self {
            literals: Vec::new(),
            gaps: Vec::new(),
            around: None,
            json: (0, 0),
            watched: None,
            target: None,
            next: 0,
        }
    }
}

impl<T> EventTemplate<T> {
    /// `block` holds `event` whole and as it was sent; `None` where there is nothing to vary.
    fn record<'e>(&mut self, block: &[u8], event: &impl Event<'e>, text: Value<'_>) -> Option<()> {
        let at = |raw: &[u8], kind| {
            let start = (raw.as_ptr() as usize).checked_sub(block.as_ptr() as usize)?;
            let end = start + raw.len();
            (block.get(start..end) == Some(raw)).then_some((start, end, kind))
        };
        let [filler, number] = event.varying_rest();
        let filler = filler.and_then(contents);
        let number = number.filter(|number| number.as_u64().is_some());
        let mut gaps = [
            Some(at(contents(text)?, GapKind::Delta)?),
            filler.and_then(|filler| at(filler, GapKind::Text)),
            number.and_then(|number| at(number.raw(), GapKind::Digits)),
        ];
        gaps.sort_unstable();
        let held: usize = gaps.iter().flatten().map(|(start, end, _)| end - start).sum();
        self.literals.clear();
        self.literals.reserve_exact(block.len().saturating_sub(held));
        self.gaps.clear();
        self.gaps.reserve_exact(gaps.len());
        let mut literal = 0;
        for (start, end, kind) in gaps.into_iter().flatten() {
            let before = block.get(literal..start)?;
            self.literals.extend_from_slice(before);
            self.gaps.push(Gap { after: before.len() as u32, kind });
            literal = end;
        }
        let (start, end, _) = at(event.json().raw(), GapKind::Delta)?;
        let filled = block.get(literal..end - 1)?.trim_ascii_end().len();
        self.literals.extend_from_slice(&block[literal..literal + filled]);
        self.literals.extend_from_slice(&block[end - 1..]);
        self.json = (start as u32, (block.len() - end) as u32);
        self.around = event.names_itself().then_some(self.json);
        // A block that does not match itself (a key twice, an escaped key) has no template.
        self.is(block).then_some(())
    }

    /// What varies in the block that `bytes` begin with, if it is this one with other gaps, and what follows it.
    #[inline(never)]
    fn hit<'c>(&self, bytes: &'c [u8]) -> Option<(RepeatedDelta<'c>, &'c [u8])> {
        compare(&self.literals, &self.gaps, 0, bytes)
    }

    /// Whether `block` is this one with other gaps.
    fn is(&self, block: &[u8]) -> bool {
        self.hit(block).is_some_and(|(_, rest)| rest.is_empty())
    }

    /// The same of a block's data alone.
    fn hit_data<'c>(&self, data: &'c [u8]) -> Option<RepeatedDelta<'c>> {
        let (before, after) = self.around?;
        let literals = &self.literals[before as usize..self.literals.len() - after as usize];
        let (repeat, rest) = compare(literals, &self.gaps, before as usize, data)?;
        rest.is_empty().then_some(repeat)
    }
}

/// The contents of the gaps between `literals`, whose first `cut` bytes were cut off, and what follows the last one.
#[expect(clippy::inline_always, reason = "as [`Pattern::hit`]")]
#[inline(always)]
fn compare<'c>(
    literals: &[u8],
    gaps: &[Gap],
    cut: usize,
    bytes: &'c [u8],
) -> Option<(RepeatedDelta<'c>, &'c [u8])> {
    let (mut rest, mut literals, mut cut, mut delta, mut number) = (bytes, literals, cut, None, None);
    for gap in gaps {
        let (literal, later) = literals.split_at_checked(gap.after as usize - std::mem::take(&mut cut))?;
        literals = later;
        rest = skip(rest, literal)?;
        if gap.kind == GapKind::Digits {
            let (digits, after) = rest.split_at_checked(template_gap::digits(rest)?)?;
            (number, rest) = (Some(digits), after);
        } else {
            let text = template_gap::text(rest)?;
            delta = if gap.kind == GapKind::Delta { Some(text) } else { delta };
            rest = rest.get(text.length()..)?;
        }
    }
    rest = match skip(rest, literals) {
        Some(rest) => rest,
        None => skip_padded(rest, literals)?,
    };
    Some((RepeatedDelta { text: delta?, number }, rest))
}

/// The same for the end of a block, where spaces may stand before the last brace: Anthropic fills events up with them.
#[cold]
fn skip_padded<'c>(bytes: &'c [u8], literal: &[u8]) -> Option<&'c [u8]> {
    let brace = literal.iter().rposition(|byte| *byte == b'}')?;
    let (inside, end) = literal.split_at(brace);
    let is_end = end[1..].iter().all(|byte| matches!(byte, b'\r' | b'\n'));
    let rest = skip(bytes, inside).filter(|_| is_end)?;
    let spaces = rest.iter().take_while(|byte| **byte == b' ').count();
    skip(&rest[spaces..], end)
}

fn contents(value: Value<'_>) -> Option<&[u8]> {
    value.as_str().map(Str::raw)
}

/// What follows `literal`, if `bytes` begin with it.
#[inline]
fn skip<'c>(bytes: &'c [u8], literal: &[u8]) -> Option<&'c [u8]> {
    simd::starts_with(bytes, literal).then(|| &bytes[literal.len()..])
}

/// The templates of the last few texts: parallel calls interleave.
#[derive(Debug, Clone)]
pub(super) struct EventTemplates<T> {
    kept: Vec<EventTemplate<T>>,
    /// The one that was hit or learned last.
    last: usize,
    /// Learned since the last hit. An upstream that varies more than texts (ids that rotate) makes learning a waste.
    unused: u32,
}

impl<T> Default for EventTemplates<T> {
    fn default() -> Self {
        Self { kept: Vec::new(), last: 0, unused: 0 }
    }
}

impl<T: Copy> EventTemplates<T> {
    const KEPT: usize = 4;

    /// The blocks that `rest` begins with, if they look like a template that was not `tried`; each is at most `limit` bytes.
    /// As they are taken, `rest` becomes what follows them.
    #[inline]
    pub(super) fn run<'s, 'c>(
        &'s self,
        tried: &mut Tried,
        rest: &'s mut &'c [u8],
        limit: usize,
    ) -> Option<RepeatRun<'s, 'c, T>> {
        let guess = self.kept.get(self.last)?.next;
        let mut fits =
            |at: usize| tried.is_first(at) && self.kept.get(at).is_some_and(|it| it.resembles(rest));
        let at = if fits(guess) { guess } else { (0..Self::KEPT).find(|at| fits(*at))? };
        let template = &self.kept[at];
        let EventTemplate { literals, gaps, .. } = template;
        let pattern = Pattern { literals, gaps, is_cr: literals.ends_with(b"\r"), limit };
        let is_single = template.next != at || template.watched.is_some();
        Some(RepeatRun { template, at, target: template.target?, rest, pattern, is_single })
    }

    /// The same for an event whose block crossed an edge: one block, known by its data.
    pub(super) fn repeat<'c>(&mut self, data: &'c [u8]) -> Option<(T, Option<usize>, RepeatedDelta<'c>)> {
        let guess = self.kept.get(self.last)?.next;
        let found = |at: usize| {
            let template = self.kept.get(at)?;
            Some((at, template.watched, template.target?, template.hit_data(data)?))
        };
        let (at, watched, target, repeat) =
            found(guess).or_else(|| (0..Self::KEPT).filter(|at| *at != guess).find_map(found))?;
        self.hit(at);
        Some((target, watched, repeat))
    }

    /// The template at `at` was the right one.
    pub(super) fn hit(&mut self, at: usize) {
        self.kept[self.last].next = at;
        self.last = at;
        self.unused = 0;
    }

    /// After an event of which no template is made: see [`EventTemplates::note`].
    pub(super) fn clear_unless(&mut self, target: Option<T>) {
        if target.is_none() {
            self.disable();
        }
    }

    /// Keeps the templates but disables them. One is enabled again once its event has gone through the full parser.
    fn disable(&mut self) {
        self.kept.iter_mut().for_each(|template| template.target = None);
    }

    /// Records an event that took the full path. One without a target may change what later ones mean.
    /// `event`: with a function that finds its varying text. `watched`: as in [`EventTemplate`].
    pub(super) fn note<'e>(
        &mut self,
        target: Option<T>,
        block: Option<&[u8]>,
        watched: Option<usize>,
        event: Option<(&impl Event<'e>, impl FnOnce() -> Option<Value<'e>>)>,
    ) {
        let Some(target) = target else { return self.disable() };
        let block = block.filter(|block| block.len() <= MAX_SHORTCUT_BYTES);
        let (Some(block), Some((event, varying))) = (block, event) else { return };
        if let Some(at) = self.kept.iter().position(|template| template.is(block)) {
            self.kept[at].target = Some(target);
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
            (slot.target, slot.next, slot.watched) = (None, at, watched);
            slot.target = slot.record(block, event, text).map(|()| target);
        }
    }

    /// A new one, or the one that is longest out of turn.
    fn slot(&mut self) -> usize {
        if self.kept.len() < Self::KEPT {
            self.kept.reserve_exact(1); // one is the rule, and transcoders idle by the thousand
            self.kept.push(EventTemplate::default());
            return self.kept.len() - 1;
        }
        let stale = self.kept.iter().position(|template| template.target.is_none());
        stale.unwrap_or((self.last + 1) % Self::KEPT)
    }
}

impl<T: Copy> EventTemplate<T> {
    /// Whether `bytes` look like this one: what is right before its first gap is nearly always enough to tell two apart.
    #[inline]
    fn resembles(&self, bytes: &[u8]) -> bool {
        let end = self.gaps.first().map_or(0, |gap| gap.after as usize);
        let start = end.saturating_sub(simd::WIDTH);
        let there = bytes.get(start..).unwrap_or_default();
        self.target.is_some() && simd::starts_with(there, &self.literals[start..end])
    }
}

/// The templates that a block was compared with, as bits.
#[derive(Debug, Default)]
pub(super) struct Tried(u8);

impl Tried {
    fn is_first(&mut self, at: usize) -> bool {
        let before = self.0;
        self.0 |= 1 << at;
        self.0 != before
    }
}

/// Blocks of one template, one after the other.
#[derive(Debug)]
pub(super) struct RepeatRun<'s, 'c, T> {
    template: &'s EventTemplate<T>,
    /// Of the template.
    pub(super) at: usize,
    pub(super) target: T,
    /// What follows the blocks taken so far.
    rest: &'s mut &'c [u8],
    pattern: Pattern<'s>,
    /// Last time another template came after it, which is to be tried first.
    pub(super) is_single: bool,
}

/// What the blocks of a run are compared with. Its loop has a copy: what is behind a reference is loaded again for each block.
#[derive(Debug, Clone, Copy)]
struct Pattern<'s> {
    literals: &'s [u8],
    gaps: &'s [Gap],
    /// The blank line ends in a CR, so an LF that comes next belongs to it.
    is_cr: bool,
    /// Of a block, in bytes.
    limit: usize,
}

impl Pattern<'_> {
    /// The block that `rest` begins with, and what follows it.
    #[expect(
        clippy::inline_always,
        reason = "as a call it costs 10 of 650 instructions an event: ten words go through memory"
    )]
    #[inline(always)]
    fn hit(self, rest: &[u8]) -> Option<(RepeatedDelta<'_>, &[u8])> {
        let block = match rest {
            [b'\n', block @ ..] if self.is_cr => block,
            block => block,
        };
        let (repeat, rest) = compare(self.literals, self.gaps, 0, block)?;
        (block.len() - rest.len() <= self.limit).then_some((repeat, rest))
    }
}

impl<'c, T> RepeatRun<'_, 'c, T> {
    /// One block, off the hot path.
    #[inline(never)]
    pub(super) fn one(&mut self) -> Option<RepeatedDelta<'c>> {
        let (repeat, rest) = self.pattern.hit(self.rest)?;
        *self.rest = rest;
        Some(repeat)
    }

    /// Which of the types that the host asked for the blocks have.
    pub(super) fn watched(&self) -> Option<usize> {
        self.template.watched
    }

    /// The JSON of the block that `before` begins with, after that was taken.
    pub(super) fn json(&self, before: &'c [u8]) -> &'c [u8] {
        let block = &before[..before.len() - self.rest.len()];
        let lf = usize::from(self.pattern.is_cr && block.first() == Some(&b'\n'));
        let (start, after) = self.template.json;
        block.get(lf + start as usize..block.len() - after as usize).unwrap_or_default()
    }
}

/// The deltas of a run. One word: adapters move it about.
#[derive(Debug)]
pub(super) struct Repeats<'r, 's, 'c, T>(pub(super) &'r mut RepeatRun<'s, 'c, T>);

impl<'c, T> Iterator for Repeats<'_, '_, 'c, T> {
    type Item = RepeatedDelta<'c>;

    fn next(&mut self) -> Option<RepeatedDelta<'c>> {
        let run = &mut *self.0;
        let (repeat, rest) = run.pattern.hit(run.rest)?;
        *run.rest = rest;
        Some(repeat)
    }

    /// All at once, where nothing has to be kept between two of them: a third of the cost of [`Repeats::next`]. A function of
    /// its own: what surrounds it would take its registers.
    #[inline(never)]
    fn fold<B, F: FnMut(B, RepeatedDelta<'c>) -> B>(self, init: B, mut take: F) -> B {
        let Self(run) = self;
        let (mut folded, mut rest, pattern) = (init, *run.rest, run.pattern);
        let mut found = pattern.hit(rest);
        while let Some((repeat, after)) = found {
            simd::prefetch(after);
            rest = after;
            folded = take(folded, repeat);
            found = pattern.hit(rest);
        }
        *run.rest = rest;
        folded
    }
}
