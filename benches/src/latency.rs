//! How long an event takes on its way through, where each comes in a chunk of its own: from its last byte to the client's first.
//!
//! Input: many mixed streams. Output: percentiles, and the longest. State: the shortest time that each event took in some
//! rounds: what the machine does meanwhile falls on another event each time, what the code does on the same one.

use crate::shapes::shape;
use crate::stream::Shape;
use memchr::memmem;
use sluicegate::{Dialect, Options, Transcoder};
use std::fmt::Write as _;
use std::time::Instant;

const ROUNDS: usize = 5;
const STREAMS: usize = 500;
const STREAM_BYTES: usize = 512 << 10;

/// Nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latency {
    /// The pair.
    pub name: &'static str,
    /// How many.
    pub events: usize,
    /// Half of them take no longer.
    pub p50: u32,
    /// 99 % take no longer.
    pub p99: u32,
    /// 99.99 % take no longer.
    pub p9999: u32,
    /// None takes longer, but for the last of a stream.
    pub longest: u32,
    /// The longest of those.
    pub terminal: u32,
    /// p99 / p50 of deltas alone.
    pub deltas: f64,
    /// p99 / p50 of what begins and ends items, parts and answers.
    pub frames: f64,
}

const PAIRS: [(&str, Dialect); 3] =
    [("to chat", Dialect::Chat), ("to Messages", Dialect::Messages), ("relay", Dialect::Responses)];

/// Of each pair that reads Responses.
pub fn latencies() -> Vec<Latency> {
    let streams: Vec<Shape> = (0..STREAMS as u64).map(|seed| shape("mixed", seed, STREAM_BYTES)).collect();
    PAIRS.iter().map(|(name, client)| latency(name, *client, &streams)).collect()
}

/// # Panics
/// If there are no streams.
pub fn latency(name: &'static str, client: Dialect, streams: &[Shape]) -> Latency {
    let (mut deltas, mut frames, mut terminal) = (Vec::new(), Vec::new(), 0);
    for shape in streams {
        let mut best = Vec::new();
        for _ in 0..ROUNDS {
            shortest(&mut best, &timed(client, &shape.stream));
        }
        terminal = terminal.max(best.pop().expect("a stream has an end"));
        for (time, event) in best.into_iter().zip(events(&shape.stream)) {
            if is_delta(event) { deltas.push(time) } else { frames.push(time) }
        }
    }
    let mut times = [&*deltas, &*frames].concat();
    let [deltas, frames] = [&mut deltas, &mut frames].map(|times| {
        times.sort_unstable();
        ratio(at(times, 9_900), at(times, 5_000))
    });
    times.sort_unstable();
    let [p50, p99, p9999, longest] = [5_000, 9_900, 9_999, 10_000].map(|place| at(&times, place));
    Latency { name, events: times.len(), p50, p99, p9999, longest, terminal, deltas, frames }
}

fn at(sorted: &[u32], per_10_000: usize) -> u32 {
    sorted[(sorted.len() - 1) * per_10_000 / 10_000]
}

fn ratio(one: u32, other: u32) -> f64 {
    f64::from(one) / f64::from(other)
}

fn events(stream: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memmem::find_iter(stream, b"\n\n").map(|at| at + 2);
    ends.scan(0, |from, end| Some(&stream[std::mem::replace(from, end)..end]))
}

/// By the line that names it.
fn is_delta(event: &[u8]) -> bool {
    event.split(|byte| *byte == b'\n').next().is_some_and(|line| line.ends_with(b".delta"))
}

/// Of each event of the stream.
fn timed(client: Dialect, stream: &[u8]) -> Vec<u32> {
    let mut transcoder = Transcoder::new(client, Dialect::Responses, Options::default());
    let (mut out, mut times) = (Vec::with_capacity(1 << 20), Vec::new());
    for event in events(stream) {
        out.clear();
        let begun = Instant::now();
        transcoder.feed(event, &mut out).expect("it is not finished");
        times.push(u32::try_from(begun.elapsed().as_nanos()).unwrap_or(u32::MAX));
    }
    times
}

fn shortest(best: &mut Vec<u32>, times: &[u32]) {
    if best.is_empty() {
        best.extend_from_slice(times);
    }
    for (best, time) in best.iter_mut().zip(times) {
        *best = (*best).min(*time);
    }
}

/// A table of the record.
pub fn table(rows: &[Latency]) -> String {
    let mut out =
        "| through | events | p50 | p99 | p99 / p50 | of deltas | of others | p99.99 | longest | longest end |\n"
            .to_owned();
    out.push_str("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n");
    for Latency { name, events, p50, p99, p9999, longest, terminal, deltas, frames } in rows {
        let ratio = ratio(*p99, *p50);
        let row = format!(
            "| {name} | {events} | {p50} ns | {p99} ns | {ratio:.1} | {deltas:.1} | {frames:.1} | {p9999} ns | {longest} ns | {terminal} ns |"
        );
        let _ = writeln!(out, "{row}");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_timed_and_the_end_apart() {
        let streams = [shape("mixed", 1, 1 << 12), shape("mixed", 2, 1 << 12)];
        let found = latency("to chat", Dialect::Chat, &streams);
        assert_eq!(found.events + streams.len(), streams.iter().map(|shape| shape.events).sum::<usize>());
        assert!(found.deltas >= 1.0 && found.frames > found.deltas.recip());
        assert!(found.p50 > 0 && found.p50 <= found.p99 && found.p99 <= found.longest);
        assert!(table(&[found]).contains("| to chat |"));
    }
}
