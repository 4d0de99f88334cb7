//! G9: what hostile streams make us hold does not grow with their length. Each stream is endless; where what is held is
//! bounded by the response, not by the event, the bound is that of `limits.rs`.

mod allocator;

use allocator::{HELD, PEAK};
use sluicegate::{
    CallbackSink, ChatOptions, ChatTranscoder, Collector, Dialect, ImageEvent, ImageExtractor, ImageOptions,
    ResponseCollector, ResponsesOptions, ResponsesRelay, ResponsesTranscoder, SseOptions, SseParser,
    Transcoder,
};

const KIB: usize = 1 << 10;
const MIB: usize = 1 << 20;
const EVENT: usize = 4 * KIB;

/// The most that `run` makes this thread hold.
fn peak(run: impl FnOnce()) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    run();
    (PEAK.get() - before).cast_unsigned()
}

/// Chunk number n, from 0, of an endless stream.
type Stream<'a> = dyn Fn(usize) -> Vec<u8> + 'a;

/// The most held over `count` chunks, by each consumer.
fn consumers(stream: &Stream<'_>, count: usize, max_event_bytes: usize) -> [(&'static str, usize); 6] {
    let chunks = || (0..count).map(stream);
    let options = || ChatOptions { max_event_bytes, ..ChatOptions::default() };
    let parser = || {
        let mut parser = SseParser::new(SseOptions { max_event_bytes, ..SseOptions::default() });
        for chunk in chunks() {
            let mut events = parser.feed(&chunk);
            while events.next_event().is_ok_and(|event| event.is_some()) || !events.remaining().is_empty() {}
        }
    };
    let chat = || {
        let (mut chat, mut out) = (ChatTranscoder::new(options()), Vec::new());
        for chunk in chunks() {
            chat.feed(&chunk, &mut out).unwrap();
            out.clear();
        }
    };
    let relay = || {
        let (mut relay, mut out) = (ResponsesRelay::new(options()), Vec::new());
        for chunk in chunks() {
            relay.feed(&chunk, &mut out).unwrap();
            out.clear();
        }
    };
    let collector = || {
        let mut collector = ResponseCollector::new(options());
        chunks().for_each(|chunk| collector.feed(&chunk).unwrap());
    };
    let images = || {
        let options = ImageOptions { max_event_bytes, ..ImageOptions::default() };
        let (mut images, mut sink) =
            (ImageExtractor::new(&options), CallbackSink(|_: ImageEvent<'_>| Ok(())));
        chunks().for_each(|chunk| images.feed(&chunk, &mut sink).unwrap());
    };
    let responder = || responder(&mut chunks(), max_event_bytes);
    [
        ("parser", peak(parser)),
        ("chat", peak(chat)),
        ("relay", peak(relay)),
        ("collector", peak(collector)),
        ("images", peak(images)),
        ("responder", peak(responder)),
    ]
}

fn responder(chunks: &mut dyn Iterator<Item = Vec<u8>>, max_event_bytes: usize) {
    let options = ResponsesOptions { max_event_bytes, ..ResponsesOptions::default() };
    let (mut responder, mut out) = (ResponsesTranscoder::new(options), Vec::new());
    for chunk in chunks {
        responder.feed(&chunk, &mut out).unwrap();
        out.clear();
    }
}

fn check(name: &str, held: &[(&str, usize)], bound: usize) {
    for (consumer, bytes) in held {
        assert!(*bytes <= bound, "{name}: {consumer} holds {bytes} bytes, more than {bound}");
    }
}

/// `once`, then `again` for ever, in chunks of 1 KiB.
fn tail<'a>(once: &'a str, again: &'a str) -> Box<Stream<'a>> {
    let repeated = again.repeat(KIB / again.len());
    Box::new(move |nth| if nth == 0 { once.into() } else { repeated.clone().into_bytes() })
}

#[test]
fn framing_without_end() {
    let endless = [
        ("a comment", tail(":", "c")),
        ("comment lines", tail("", ": ping\n")),
        ("comments in a block", tail("data: {}\n", ": ping\r\n")),
        ("comments in a block without data", tail("event: x\n", ":\r")),
        ("an unknown field", tail("x:", "x")),
        ("a line without a colon", tail("", "x")),
        ("an id", tail("id:", "1")),
        ("an event name", tail("event:", "e")),
        ("a retry time", tail("retry:", "0")),
        ("one data line", tail("data: {\"type\":\"", "x")),
        ("base64", tail("data: {\"partial_image_b64\":\"", "A")),
        ("empty data lines", tail("", "data:\n")),
        ("ids", tail("", "id: 1\n")),
        ("blank lines", tail("", "\n")),
        ("a document", tail("{\"a\":[", "0,")),
        ("bad characters", tail("data: ", "\u{ff}\u{0}\u{ff}\u{0}")),
        ("open arrays", tail("data: ", "[")),
    ];
    for (name, stream) in endless {
        check(name, &consumers(&*stream, 4 * KIB, EVENT), 256 * KIB);
    }
}

fn event(members: &str) -> Vec<u8> {
    format!("data: {{{members}}}\n\n").into_bytes()
}

/// Things that are kept once a response, however often they come.
#[test]
fn events_without_end() {
    let long = "x".repeat(2 * KIB);
    let named = |name: &'static str, members: &'static str| {
        move |nth: usize| event(&format!("\"type\":\"{name}\",{members}").replace('N', &nth.to_string()))
    };
    let endless: [(&str, Box<Stream<'_>>); 9] = [
        ("unknown events", Box::new(named("a.N", "\"b\":0"))),
        ("malformed events", Box::new(|nth| format!("event: {nth}\ndata: ?\n\n").into_bytes())),
        ("events that are too large", Box::new(|_| event(&"x".repeat(EVENT)))),
        ("rate limits", Box::new(named("codex.rate_limits", "\"limit\":N"))),
        ("empty texts", Box::new(named("response.output_text.delta", "\"content_index\":N,\"delta\":\"\""))),
        (
            "ids that rotate",
            Box::new(|nth| {
                let id = format!("\"item_id\":\"{nth}{long}\"");
                event(&format!(
                    "\"type\":\"response.output_text.delta\",{id},\"output_index\":0,\"delta\":\"\""
                ))
            }),
        ),
        (
            "response objects",
            Box::new(|_| event(&format!("\"type\":\"response.created\",\"response\":{{\"a\":\"{long}\"}}"))),
        ),
        (
            "ends",
            Box::new(named(
                "response.completed",
                "\"response\":{\"id\":\"N\",\"output\":[{\"type\":\"N\"}]}",
            )),
        ),
        ("sentinels", Box::new(|_| b"data: [DONE]\n\n".to_vec())),
    ];
    for (name, stream) in endless {
        // Of parts there are MAX_PARTS, at 24 to 350 bytes.
        let (count, bound) = if name == "empty texts" { (200_000, 24 * MIB) } else { (10_000, 512 * KIB) };
        check(name, &consumers(&*stream, count, EVENT), bound);
    }
}

/// What grows with the response, up to the limits: ids, names, arguments that wait, parts, citations.
#[test]
fn responses_without_end() {
    let long = "x".repeat(60 * KIB);
    let item = |members: String| {
        let item = format!("{{\"type\":\"function_call\",{members}}}");
        event(&format!("\"type\":\"response.output_item.added\",\"item\":{item}"))
    };
    let delta = "\"type\":\"response.function_call_arguments.delta\"";
    let endless: [(&str, Box<Stream<'_>>); 6] = [
        ("item ids", Box::new(|nth| item(format!("\"id\":\"{nth}{long}\"")))),
        ("call ids", Box::new(|nth| item(format!("\"call_id\":\"{nth}{long}\"")))),
        ("names", Box::new(|nth| item(format!("\"id\":\"{nth}\",\"name\":\"{long}\"")))),
        ("arguments", Box::new(|nth| item(format!("\"id\":\"{nth}\",\"arguments\":\"{long}\"")))),
        (
            "arguments that wait",
            Box::new(|nth| event(&format!("{delta},\"item_id\":\"{nth}\",\"delta\":\"{long}\""))),
        ),
        (
            "citations",
            Box::new(|nth| {
                let citation = format!(
                    "{{\"type\":\"url_citation\",\"url\":\"{long}\",\"start_index\":{nth},\"end_index\":1}}"
                );
                event(&format!(
                    "\"type\":\"response.output_text.annotation.added\",\"annotation\":{citation}"
                ))
            }),
        ),
    ];
    for (name, stream) in endless {
        let held = consumers(&*stream, 800, 64 * KIB); // 48 MiB
        check(name, &held[..2], 42 * MIB);
        check(name, &held[2..4], 160 * MIB); // those keep the response
        check(name, &held[4..], MIB);
    }
}

/// The same of a chat server: what a Responses writer keeps, which repeats it at the end.
#[test]
fn completions_without_end() {
    let long = "x".repeat(60 * KIB);
    let chunk =
        |delta: String| event(&format!("\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}}}}]"));
    let call = |members: String| chunk(format!("\"tool_calls\":[{{{members}}}]"));
    let endless: [(&str, Box<Stream<'_>>, usize); 7] = [
        ("texts", Box::new(|_| chunk(format!("\"content\":\"{long}\""))), 160),
        ("thoughts", Box::new(|_| chunk(format!("\"reasoning_content\":\"{long}\""))), 160),
        (
            "arguments",
            Box::new(|_| call(format!("\"index\":0,\"function\":{{\"arguments\":\"{long}\"}}"))),
            320,
        ),
        ("call ids", Box::new(|nth| call(format!("\"index\":{nth},\"id\":\"{nth}{long}\""))), 42),
        (
            "names",
            Box::new(|nth| {
                call(format!("\"index\":{nth},\"id\":\"{nth}\",\"function\":{{\"name\":\"{nth}{long}\"}}"))
            }),
            42,
        ),
        ("ids", Box::new(|nth| event(&format!("\"id\":\"{nth}{long}\",\"choices\":[]"))), 1),
        ("models", Box::new(|nth| event(&format!("\"model\":\"{nth}{long}\",\"choices\":[]"))), 1),
    ];
    for (name, stream, bound) in endless {
        let held = peak(|| responder(&mut (0..800).map(&*stream), 64 * KIB)); // 48 MiB
        check(name, &[("responder", held)], bound * MIB);
    }
}

/// Streams of a response that is larger than its limit: how the upstream sends it, its dialect, its pieces.
fn large_responses(piece: &str) -> [(&'static str, Dialect, Box<Stream<'_>>); 5] {
    let delta = |name: &str, members: String| event(&format!("\"type\":\"response.{name}.delta\",{members}"));
    let item = "\"type\":\"function_call\",\"id\":\"f\",\"call_id\":\"c\",\"name\":\"n\",\"arguments\":\"\"";
    let call =
        event(&format!("\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{{{item}}}"));
    let message = move |nth: usize| {
        let part = format!("{{\"type\":\"output_text\",\"text\":\"{piece}\",\"annotations\":[]}}");
        let item = format!(
            "{{\"type\":\"message\",\"id\":\"m{nth}\",\"status\":\"completed\",\"content\":[{part}]}}"
        );
        event(&format!("\"type\":\"response.output_item.done\",\"output_index\":{nth},\"item\":{item}"))
    };
    let arguments = move |nth: usize| {
        let piece = format!("\"item_id\":\"f\",\"output_index\":0,\"delta\":\"{piece}\"");
        let piece = delta("function_call_arguments", piece);
        if nth == 0 { [&call[..], &piece].concat() } else { piece }
    };
    let chunk =
        move |_| event(&format!("\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{piece}\"}}}}]"));
    let block = move |_| {
        let delta = format!("{{\"type\":\"text_delta\",\"text\":\"{piece}\"}}");
        event(&format!("\"type\":\"content_block_delta\",\"index\":0,\"delta\":{delta}"))
    };
    [
        (
            "text",
            Dialect::Responses,
            Box::new(move |_| delta("output_text", format!("\"delta\":\"{piece}\""))),
        ),
        ("items", Dialect::Responses, Box::new(message)),
        ("arguments", Dialect::Responses, Box::new(arguments)),
        ("chunks", Dialect::Chat, Box::new(chunk)),
        ("blocks", Dialect::Messages, Box::new(block)),
    ]
}

/// What is held at the end of a response that is as large as its limit, in multiples of that: docs/reference/limits.md has these.
#[test]
fn a_response_at_its_limit() {
    const LIMIT: usize = 4 * MIB + 100 * KIB;
    let piece = "x".repeat(8 * KIB);
    let ends = |upstream| match upstream {
        Dialect::Chat => b"data: {\"choices\":[{\"index\":0,\"finish_reason\":\"stop\"}]}\n\n".to_vec(),
        Dialect::Messages => event("\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"}"),
        Dialect::Responses => event(
            "\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\",\"output\":[]}",
        ),
    };
    for (name, upstream, stream) in large_responses(&piece) {
        let chunks = || (0..LIMIT / (8 * KIB) + 8).map(&*stream).chain([ends(upstream)]);
        let options = || ChatOptions { max_response_bytes: LIMIT, ..ChatOptions::default() };
        let collector = peak(|| {
            let mut collector = Collector::new(upstream, options());
            chunks().for_each(|chunk| collector.feed(&chunk).unwrap());
            collector.finish().unwrap();
            assert!(collector.outcome().unwrap().to_json().contains("limit_exceeded"), "{name}");
            let held = [collector.final_response(), collector.final_completion()].map(Option::unwrap);
            assert!(held.iter().all(|body| body.len() <= LIMIT * 5 / 4), "{name}");
        });
        let streamed = peak(|| {
            let (mut transcoder, mut out) =
                (Transcoder::new(Dialect::Responses, upstream, options()), Vec::new());
            for chunk in chunks() {
                out.clear();
                transcoder.feed(&chunk, &mut out).unwrap();
            }
            transcoder.finish(&mut out).unwrap();
            assert!(transcoder.response().is_some());
        });
        // Of a chat server each text is written four times at the end; of a Messages server its blocks are kept, too.
        let times = match upstream {
            Dialect::Chat => 14,
            Dialect::Messages => 15,
            Dialect::Responses => 9,
        };
        check(name, &[("collector", collector), ("transcoder", streamed)], times * LIMIT);
    }
}
