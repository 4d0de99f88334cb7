//! An answer through one pair of dialects.
//!
//! Input: an upstream's stream. Output: what the client gets, as a stream and as a body. State: none.

use sluicegate::{Collector, Dialect, Finding, LintProfile, Options, Outcome, Transcoder, lint};

pub(crate) const DIALECTS: [Dialect; 3] = [Dialect::Chat, Dialect::Responses, Dialect::Messages];

/// The options of these tests: usage is asked for.
pub(crate) fn options() -> Options {
    Options { include_usage: true, ..Options::default() }
}

/// The stream for `client`, and how it ended.
pub(crate) fn stream(
    client: Dialect,
    upstream: Dialect,
    chunks: &[&[u8]],
    options: Options,
) -> (Vec<u8>, Outcome) {
    let (mut transcoder, mut out) = (Transcoder::new(client, upstream, options), Vec::new());
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    let outcome = transcoder.outcome().unwrap();
    (out, outcome)
}

/// The body for `client`.
pub(crate) fn body(client: Dialect, upstream: Dialect, input: &[u8], options: Options) -> Vec<u8> {
    let mut collector = Collector::new(upstream, options);
    collector.feed(input).unwrap();
    collector.finish().unwrap();
    match client {
        Dialect::Chat => collector.final_completion().unwrap().to_vec(),
        Dialect::Responses => collector.final_response().unwrap().to_vec(),
        Dialect::Messages => collector.final_message().unwrap(),
    }
}

/// What is wrong with a stream, for every reader of its dialect.
pub(crate) fn findings(dialect: Dialect, stream: &[u8]) -> Vec<Finding> {
    let profiles: &[LintProfile] = match dialect {
        Dialect::Chat => &[LintProfile::Chat],
        Dialect::Responses => &[LintProfile::OpenAi, LintProfile::CodexCli],
        Dialect::Messages => &[LintProfile::Messages, LintProfile::ClaudeCode],
    };
    profiles.iter().flat_map(|profile| lint(stream, *profile)).collect()
}

/// Whole, in pieces of one byte and of seven: the same.
pub(crate) fn same_in_pieces(
    client: Dialect,
    upstream: Dialect,
    input: &[u8],
    options: &Options,
) -> (Vec<u8>, Outcome) {
    let whole = stream(client, upstream, &[input], options.clone());
    for size in [1, 7] {
        let pieces: Vec<_> = input.chunks(size).collect();
        let again = stream(client, upstream, &pieces, options.clone());
        assert!(again == whole, "{client:?} of {upstream:?} in pieces of {size}:\n{}", input.escape_ascii());
    }
    whole
}
