//! Whatever an answer is made of, and through whatever chain of dialects it goes, a client ends with the same; and what is
//! cut is never presented as whole.

use crate::cases::{Random, read_cases};
use crate::fold::{End, Fold, events};
use crate::generated::stream;
use crate::pairs::{DIALECTS, body, findings, options, stream as through};
use proptest::prelude::*;
use sluicegate::{CustomTools, Dialect, LintRule, Options, Severity, Status};

/// Rules on what an answer says, not on how it is written.
const OF_THE_ANSWER: [LintRule; 5] = [
    LintRule::ArgumentsAreJson,
    LintRule::CallTwice,
    LintRule::RefusalUnread,
    LintRule::TextTwice,
    LintRule::VisibleOutput,
];

fn faults(dialect: Dialect, stream: &[u8]) -> Vec<String> {
    let is_fault = |rule| !OF_THE_ANSWER.contains(&rule);
    let found = findings(dialect, stream).into_iter();
    found
        .filter(|own| own.severity == Severity::Error && is_fault(own.rule))
        .map(|own| own.to_json())
        .collect()
}

/// Nothing between two messages: there, one text is one already.
fn plain() -> Options {
    Options { message_separator: String::new(), custom_tools: Some(CustomTools::Function), ..options() }
}

/// Where a limit was reached after whole calls, Messages knows the calls alone: a client answers them.
fn in_the_end(known: &Fold, got: &Fold) -> Fold {
    let has_calls = known.end == End::Length && !known.calls.is_empty() && got.end == End::Calls;
    Fold { end: if has_calls { End::Calls } else { known.end }, ..known.clone() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 80, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_survives_any_chain(stream in stream(), seed: u64) {
        let input = String::from_utf8_lossy(&stream.input).into_owned();
        for chain in 0..27 {
            let [first, second, third] = [DIALECTS[chain % 3], DIALECTS[chain / 3 % 3], DIALECTS[chain / 9]];
            let (mut bytes, mut upstream) = (stream.input.clone(), Dialect::Messages);
            for client in [first, second, third] {
                let (out, _) = through(client, upstream, &[&bytes], plain());
                let cut = Random(seed | 1).cut(&bytes);
                prop_assert!(through(client, upstream, &cut, plain()).0 == out, "{client:?} of {upstream:?}, cut: {input}");
                let fold = Fold::of_stream(client, &out);
                let expected = in_the_end(&stream.fold, &fold);
                prop_assert_eq!(&fold, &expected, "{:?} of {:?} in {}: {}\n{}", client, upstream, chain, input, String::from_utf8_lossy(&out));
                let whole = Fold::of_body(client, &body(client, upstream, &bytes, plain()));
                prop_assert_eq!(&whole, &in_the_end(&stream.fold, &whole), "{:?} of {:?}, whole: {}", client, upstream, input);
                if client != upstream {
                    let faults = faults(client, &out);
                    prop_assert!(faults.is_empty(), "{client:?} of {upstream:?}: {faults:?}\n{input}");
                }
                (bytes, upstream) = (out, client);
            }
        }
    }

    #[test]
    fn a_message_that_is_cut_has_no_reason(stream in stream(), at: prop::sample::Index) {
        let input = &stream.input[..at.index(stream.end_at)];
        for client in DIALECTS {
            let (out, outcome) = through(client, Dialect::Messages, &[input], options());
            prop_assert_eq!(outcome.status, Status::Truncated);
            prop_assert_eq!(Fold::of_stream(client, &out).end, End::Failed, "{}", String::from_utf8_lossy(&out));
            prop_assert!(!is_ended(client, &out));
        }
    }

    /// A stream with bytes that were changed, and another after it.
    #[test]
    fn flipped_bytes_break_no_rule(stream in stream(), seed: u64, flips in 1..6_usize) {
        let (mut random, mut input) = (Random(seed | 1), stream.input);
        for _ in 0..flips {
            let at = random.below(input.len());
            input[at] = [random.below(256) as u8, b'"', b'\\', b'0', b'1', b'{', b'}', b'\n'][random.below(8)];
        }
        sound(Dialect::Messages, &input, &mut random)?;
    }

    /// Events that are left out, come twice, or change places.
    #[test]
    fn shuffled_events_break_no_rule(one in stream(), other in stream(), seed: u64) {
        let mut random = Random(seed | 1);
        let text = String::from_utf8_lossy(&[one.input, other.input].concat()).replace("\r\n", "\n");
        let mut frames: Vec<_> = text.split_inclusive("\n\n").collect();
        for _ in 0..=random.below(6) {
            let (at, to) = (random.below(frames.len()), random.below(frames.len()));
            match random.below(3) {
                0 => drop(frames.remove(at)),
                1 => frames.insert(to, frames[at]),
                _ => frames.swap(at, to),
            }
        }
        sound(Dialect::Messages, frames.concat().as_bytes(), &mut random)?;
    }

    /// The same of what other dialects have in the golden cases.
    #[test]
    fn what_others_send_breaks_no_rule(seed: u64, flips in 0..4_usize) {
        let mut random = Random(seed | 1);
        for (upstream, folder) in [(Dialect::Responses, "chat"), (Dialect::Chat, "respond")] {
            let cases = read_cases(folder);
            let inputs = cases.iter().filter_map(|case| case.read_optional("input.sse"));
            let is_read = |input: &Vec<u8>| !String::from_utf8_lossy(input).contains("\\ud83d\""); // serde_json reads no half characters
            let inputs: Vec<_> = inputs.filter(is_read).collect();
            let mut input = inputs[random.below(inputs.len())].clone();
            for _ in 0..flips.min(input.len()) {
                let at = random.below(input.len());
                input[at] = [random.below(256) as u8, b'"', b'\\', b'0', b'{', b'}'][random.below(6)];
            }
            sound(upstream, &input, &mut random)?;
        }
    }
}

/// Any chunking gives the same, with one end that breaks no rule.
fn sound(upstream: Dialect, input: &[u8], random: &mut Random) -> Result<(), TestCaseError> {
    let shown = || input.escape_ascii().to_string();
    for client in DIALECTS {
        let whole = through(client, upstream, &[input], options());
        prop_assert!(through(client, upstream, &random.cut(input), options()) == whole, "cut: {}", shown());
        let bytes: Vec<_> = input.chunks(1).collect();
        prop_assert!(through(client, upstream, &bytes, options()) == whole, "byte by byte: {}", shown());
        let is_success = matches!(whole.1.status, Status::Completed | Status::Incomplete);
        let passes_on = client == upstream && client != Dialect::Messages; // with all that was sent before it failed
        prop_assert!(is_ended(client, &whole.0) == is_success || passes_on, "{client:?}: {}", shown());
        if client != upstream {
            let faults = faults(client, &whole.0);
            prop_assert!(
                faults.is_empty(),
                "{client:?}: {faults:?}\n{}\n{}",
                shown(),
                String::from_utf8_lossy(&whole.0)
            );
        }
    }
    Ok(())
}

/// Whether a stream ends as one that is whole.
fn is_ended(client: Dialect, stream: &[u8]) -> bool {
    events(stream).iter().any(|event| match client {
        Dialect::Messages => event["type"] == "message_stop",
        Dialect::Responses => event["type"] == "response.completed" || event["type"] == "response.incomplete",
        Dialect::Chat => event["choices"][0]["finish_reason"].is_string(),
    })
}
