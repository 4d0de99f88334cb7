//! What a request makes this library hold: at most [`BYTES`] for each byte that came, whatever it is made of.

mod allocator;
mod request_shapes;

use allocator::{HELD, PEAK};
use request_shapes::shapes;
use sluicegate::{Dialect, Harmony, Profile, RequestOptions, convert_request};

/// Bytes held for each byte of a request, what comes out included.
const BYTES: usize = 24;

/// Large enough that what small requests may take does not count; two, since tables and lists are not always as full.
const SIZES: [usize; 2] = [700_000, 1 << 20];

/// The most that `run` makes this thread hold.
fn peak<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = HELD.get();
    PEAK.set(before);
    let result = run();
    ((PEAK.get() - before).cast_unsigned(), result)
}

/// Of about that many bytes.
fn sized(body: &dyn Fn(usize) -> String, bytes: usize) -> String {
    let each = (body(2_000).len() - body(1_000).len()).div_ceil(1_000);
    body(bytes / each)
}

#[test]
fn every_shape_takes_a_small_multiple_of_its_size() {
    let mut failed = Vec::new();
    let options = RequestOptions { harmony: Harmony::Escape, ..RequestOptions::default() };
    for (upstream, profile) in [
        (Dialect::Responses, "codex"),
        (Dialect::Responses, "openai"),
        (Dialect::Chat, "chat"),
        (Dialect::Messages, "anthropic"),
    ] {
        let rules = Profile::named(profile).unwrap();
        for (shape, size) in shapes().iter().flat_map(|shape| SIZES.map(|size| (shape, size))) {
            let body = sized(&*shape.body, size);
            let convert = || convert_request(body.as_bytes(), None, upstream, &rules, &options);
            let (held, result) = peak(convert);
            let outcome = match &result {
                Ok(request) => format!("{} bytes, {} changes", request.body.len(), request.changes.len()),
                Err(error) => error.to_string(),
            };
            let line =
                format!("{profile}: {}: {} bytes a byte: {outcome:.60}", shape.name, held / body.len());
            println!("{line}"); // with --nocapture a table of all
            if held > BYTES * body.len() {
                failed.push(line);
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
