//! Frames of what is given and events of what is read are the same for any chunking.

mod cases;

use cases::{Case, cuts, read_cases};
use serde_json::value::RawValue;
use sluicegate::{Collector, Dialect, Frame, Frames, Options, Tee, TeeOutput, Transcoder};

const KINDS: [(&str, Dialect); 5] = [
    ("chat", Dialect::Responses),
    ("relay", Dialect::Responses),
    ("respond", Dialect::Chat),
    ("messages", Dialect::Responses),
    ("messages_upstream", Dialect::Messages),
];

#[test]
fn are_the_same_for_any_chunking() {
    for (kind, upstream) in KINDS {
        for case in read_cases(kind) {
            let (upstream, options) = setup(&case, upstream);
            let Some(input) = case.read_optional("input.sse") else { continue };
            for client in Dialect::ALL {
                let whole = given(client, upstream, &options, &[&input]);
                check_frames(&case.name, &whole);
                for cut in cuts(&input).into_iter().step_by(7) {
                    assert!(given(client, upstream, &options, &cut) == whole, "{}: {client:?}", case.name);
                }
            }
        }
    }
}

fn setup(case: &Case, upstream: Dialect) -> (Dialect, Options) {
    let Some(json) = case.options() else { return (upstream, Options::default()) };
    let members: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let own = members.get("options").unwrap_or(&members);
    let named = members["upstream"].as_str().and_then(Dialect::named);
    (named.unwrap_or(upstream), Options::from_json(own.to_string().as_bytes()).unwrap_or_default())
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Given {
    bytes: Vec<u8>,
    frames: Vec<Vec<u8>>,
    objects: Vec<String>,
    with_data: usize,
    events: Vec<(String, String)>,
}

impl Given {
    fn keep(&mut self, frame: Frame<'_>) {
        self.frames.push(frame.bytes.to_vec());
        self.with_data += usize::from(frame.data().is_some());
        self.objects.extend(frame.json().map(|json| {
            let value: Box<RawValue> = serde_json::from_slice(&json).unwrap();
            value.get().to_owned()
        }));
    }
}

const NAMES: [&str; 7] = [
    "message",
    "response.created",
    "response.output_text.delta",
    "response.completed",
    "content_block_delta",
    "error",
    "ping",
];

fn given(client: Dialect, upstream: Dialect, options: &Options, chunks: &[&[u8]]) -> Given {
    let mut transcoder = Transcoder::new(client, upstream, options.clone());
    transcoder.watch_events(NAMES);
    let (mut given, mut frames) = (Given::default(), transcoder.frames());
    let calls = chunks.iter().copied().map(Some).chain([None]);
    for chunk in calls {
        let mut out = Vec::new();
        match chunk {
            Some(chunk) => transcoder.feed(chunk, &mut out).unwrap(),
            None => transcoder.finish(&mut out).unwrap(),
        }
        given.bytes.extend_from_slice(&out);
        frames.feed(&out, |frame| given.keep(frame));
        given.events.extend(transcoder.events().map(|(name, data)| (name.to_owned(), data.to_owned())));
    }
    frames.finish(|frame| given.keep(frame));
    given
}

fn check_frames(name: &str, given: &Given) {
    assert_eq!(given.frames.concat(), given.bytes, "{name}");
    let is_sse = !given.bytes.starts_with(b"{");
    let blocks = |text: &str| sluicegate_events(text.as_bytes());
    let all = String::from_utf8_lossy(&given.bytes);
    if is_sse {
        assert_eq!(given.with_data, given.objects.len(), "{name}");
        assert_eq!(given.with_data, blocks(&all), "{name}");
    }
    for frame in &given.frames {
        let text = String::from_utf8_lossy(frame);
        assert!(!is_sse || blocks(&text) <= 1, "{name}: {text}");
    }
}

/// How many events a parser finds.
fn sluicegate_events(bytes: &[u8]) -> usize {
    let mut parser =
        sluicegate::SseParser::new(sluicegate::SseOptions { dispatch_tail: true, ..Default::default() });
    let mut events = parser.feed(bytes);
    let mut count = 0;
    while let Ok(Some(_)) = events.next_event() {
        count += 1;
    }
    count + usize::from(parser.finish().unwrap().is_some())
}

#[test]
fn line_ends_of_any_kind_end_frames() {
    for (stream, expected) in [
        ("data: 1\r\n\r\ndata: 2\r\n\r\n", vec!["data: 1\r\n\r\n", "data: 2\r\n\r\n"]),
        ("data: 1\r\rdata: 2\r\r", vec!["data: 1\r\r", "data: 2\r\r"]),
        (": ping\n\ndata: 1\n\n", vec![": ping\n\n", "data: 1\n\n"]),
        (": ping\ndata: 1\n\n\n\ndata: 2\n\n", vec![": ping\ndata: 1\n\n", "\n\ndata: 2\n\n"]),
        ("data: 1\r\n\rdata: 2\r\n\r\n", vec!["data: 1\r\n\r", "data: 2\r\n\r\n"]),
        ("event: a\ndata: 1\ndata: 2\n\n: rest\n", vec!["event: a\ndata: 1\ndata: 2\n\n", ": rest\n"]),
    ] {
        for cut in cuts(stream.as_bytes()) {
            let (mut frames, mut seen) = (Frames::default(), Vec::new());
            for chunk in cut {
                frames.feed(chunk, |frame| seen.push(String::from_utf8_lossy(frame.bytes).into_owned()));
            }
            frames.finish(|frame| seen.push(String::from_utf8_lossy(frame.bytes).into_owned()));
            assert_eq!(seen, expected);
        }
    }
}

#[test]
fn comments_without_end_are_bounded() {
    for piece in [":", "x", ":\n", "\n", ": ping\r\n"] {
        let stream = [":", &piece.repeat(200_000 / piece.len())].concat();
        let of = |chunks: &mut dyn Iterator<Item = &[u8]>| {
            let (mut frames, mut lengths) = (Frames::default(), Vec::new());
            chunks.for_each(|chunk| frames.feed(chunk, |frame| lengths.push(frame.bytes.len())));
            lengths
        };
        let whole = of(&mut std::iter::once(stream.as_bytes()));
        assert!(piece.contains("\n\n") || piece == "\n" || whole.iter().all(|length| *length <= 64 << 10));
        assert!(!whole.is_empty());
        assert_eq!(of(&mut stream.as_bytes().chunks(1000)), whole);
        assert_eq!(of(&mut stream.as_bytes().chunks(1)), whole);
    }
}

const STREAM: &str = "event: response.created\ndata: {\"type\":\"response.created\",\"response\":{\"id\":\"r\"}}\n\n\
    data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"a\"}\n\n\
    data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"b\"}\n\n\
    data:  {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"c\"} \n\n\
    data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"d\"}\n\n\
    data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\ndata: [DONE]\n\n";

#[test]
fn those_that_were_named_come_with_their_data() {
    let delta =
        |text: &str| format!(r#"{{"type":"response.output_text.delta","item_id":"m","delta":"{text}"}}"#);
    let expected = ["a", "b", "c", "d"].map(delta);
    for cut in cuts(STREAM.as_bytes()) {
        let mut collector = Collector::new(Dialect::Responses, Options::default());
        let mut tee = Tee::new(Options::default()).chat().relay().collect();
        let mut out = TeeOutput::default();
        collector.watch_events(["response.output_text.delta", "message"]);
        tee.watch_events(["response.output_text.delta", "message"]);
        let mut seen = [Vec::new(), Vec::new()];
        for chunk in cut {
            collector.feed(chunk).unwrap();
            tee.feed(chunk, &mut out).unwrap();
            seen[0].extend(collector.events().map(|(name, data)| (name.to_owned(), data.to_owned())));
            seen[1].extend(tee.events().map(|(name, data)| (name.to_owned(), data.to_owned())));
        }
        for mut seen in seen {
            assert_eq!(seen.pop(), Some(("message".to_owned(), "[DONE]".to_owned())));
            assert!(seen.iter().all(|(name, _)| name == "response.output_text.delta"));
            assert!(seen.into_iter().map(|(_, data)| data).eq(expected.iter().cloned()));
        }
    }
}

#[test]
fn frames_and_bytes_may_take_turns() {
    let blocks: Vec<_> = STREAM.split_inclusive("\n\n").collect();
    let whole = given(Dialect::Chat, Dialect::Responses, &Options::default(), &[STREAM.as_bytes()]);
    for pattern in 0..1 << blocks.len() {
        let mut transcoder = Transcoder::new(Dialect::Chat, Dialect::Responses, Options::default());
        transcoder.watch_events(NAMES);
        let (mut out, mut events) = (Vec::new(), Vec::new());
        for (nth, block) in blocks.iter().enumerate() {
            let data = block.lines().find_map(|line| line.strip_prefix("data:")).unwrap();
            if pattern >> nth & 1 == 1 {
                transcoder.feed_event(data, &mut out).unwrap();
            } else {
                transcoder.feed(block.as_bytes(), &mut out).unwrap();
            }
            events.extend(transcoder.events().map(|(name, data)| (name.to_owned(), data.to_owned())));
        }
        transcoder.finish(&mut out).unwrap();
        assert_eq!(out, whole.bytes, "{pattern:b}");
        assert_eq!(events, whole.events, "{pattern:b}");
    }
}

#[test]
fn those_of_the_last_call_are_there() {
    let mut transcoder = Transcoder::new(Dialect::Chat, Dialect::Responses, Options::default());
    let mut out = Vec::new();
    transcoder.feed(STREAM.as_bytes(), &mut out).unwrap();
    assert_eq!(transcoder.events().count(), 0);
    transcoder.watch_events(["response.created"]);
    transcoder.feed_event(r#"{"type":"response.created"}"#, &mut out).unwrap();
    assert!(transcoder.events().eq([("response.created", r#"{"type":"response.created"}"#)]));
    transcoder.finish(&mut out).unwrap();
    assert_eq!(transcoder.events().count(), 0);
}
