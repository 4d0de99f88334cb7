//! Blocks of an event stream on their way to a consumer: those that repeat an earlier one, and those that are parsed.
//!
//! Input: blocks, templates. Output: calls of the consumer. State: none of its own.

use super::pass::{pass, pass_renamed};
use super::raw::Raw;
use super::repeats::{EventTemplates, RepeatedDelta, Repeats, Tried};
use super::{Consumer, Event, Watch};
use crate::sse;
use std::ops::Range;

/// The raw block at `span`, for a consumer that asked for it; what came before it is passed on.
#[inline]
pub(super) fn block<'r>(
    raw: &'r mut Option<Box<Raw>>,
    span: Range<u64>,
    skipped_until: u64,
    to: &mut impl Consumer,
    out: &mut Vec<u8>,
) -> &'r [u8] {
    let Some(raw) = raw else { return &[] };
    raw.skipped_until(skipped_until);
    raw.block(span, |between| to.between(between, out))
}

/// Passes on the blocks that `blocks` begin with, as far as they repeat an earlier one; returns their length.
#[inline]
pub(super) fn read_repeats<C: Consumer>(
    templates: &mut EventTemplates<C::Target>,
    watch: &mut Option<Box<Watch>>,
    blocks: &[u8],
    limit: usize,
    to: &mut C,
    out: &mut Vec<u8>,
) -> usize {
    let (mut rest, mut tried) = (blocks, Tried::default());
    while let Some(mut run) = templates.run(&mut tried, &mut rest, limit) {
        let (at, target) = (run.at, run.target);
        if !run.is_single {
            to.on_repeats(target, Repeats(&mut run), out);
        } else if let Some(repeat) = run.one() {
            if let Some((watch, which)) = watch.as_mut().zip(run.watched())
                && let Ok(json) = simdutf8::basic::from_utf8(run.json(blocks))
            {
                watch.keep(which, json);
            }
            pass_repeat(target, repeat, to, out);
        }
        if rest.len() < blocks.len() {
            templates.hit(at);
            break;
        }
    }
    blocks.len() - rest.len()
}

/// One block that repeats an earlier one.
#[inline(never)]
pub(super) fn pass_repeat<C: Consumer>(
    target: C::Target,
    repeat: RepeatedDelta<'_>,
    to: &mut C,
    out: &mut Vec<u8>,
) {
    to.on_repeats(target, std::iter::once(repeat), out);
}

/// Parses one event, passes it on and keeps its template. `sent`: its block, where it lies in one chunk.
#[inline]
pub(super) fn read_event<C: Consumer>(
    templates: &mut EventTemplates<C::Target>,
    watch: &mut Option<Box<Watch>>,
    event: sse::Event<'_>,
    sent: Option<&[u8]>,
    block: &[u8],
    to: &mut C,
    out: &mut Vec<u8>,
) {
    let parsed = C::Event::parse(event.data.as_bytes(), event.event);
    let read = parsed.as_ref().ok();
    let watched = watch.as_mut().and_then(|watch| watch.see(read.map(Event::json), event.event, event.data));
    if let Some(json) = read.and_then(|event| to.rename_back(event)) {
        pass_renamed(&json, event.event, to, out);
        return templates.clear_unless(to.repeat_target());
    }
    pass(&parsed, event, block, to, out);
    let varying = read.map(|event| (event, || event.varying_text()));
    templates.note(to.repeat_target(), sent, watched, varying);
}
