//! Limits of what a stream can bring.

use sluicegate::{
    ChatOptions, ChatTranscoder, Collector, Dialect, LintProfile, NoteCode, Options, Outcome,
    ResponseCollector, ResponsesRelay, SseOptions, SseParser, Transcoder, lint,
};

pub(super) const KIB: usize = 1 << 10;

pub(super) fn event(members: &str) -> Vec<u8> {
    format!("data: {{{members}}}\n\n").into_bytes()
}

/// What a chat client's transcoder has to say of these events.
pub(super) fn outcome(chunks: impl IntoIterator<Item = Vec<u8>>, options: Options) -> Outcome {
    let (mut transcoder, mut out) = (ChatTranscoder::new(options), Vec::new());
    for chunk in chunks {
        transcoder.feed(&chunk, &mut out).unwrap();
        out.clear();
    }
    transcoder.finish(&mut out).unwrap();
    transcoder.outcome().unwrap()
}

/// The details of the notes of that code.
fn noted(outcome: &Outcome, code: NoteCode) -> Vec<&str> {
    outcome.notes.iter().filter(|note| note.code == code).map(|note| &*note.detail).collect()
}

/// Whether so many of these events, and no fewer, are too much for that.
fn is_limit(count: usize, of: &str, nth: impl Fn(usize) -> Vec<u8>) {
    for (count, expected) in [(count, false), (count + 1, true)] {
        let outcome = outcome((0..count).map(&nth), Options::default());
        assert_eq!(noted(&outcome, NoteCode::LimitExceeded).contains(&of), expected, "{count} of {of}");
    }
}

pub(super) fn event_bytes(limit: usize) {
    let defaults = (Options::default().max_event_bytes, SseOptions::default().max_event_bytes);
    assert_eq!(defaults, (limit, limit));
    let small = 4 * KIB;
    let options = || Options { max_event_bytes: small, ..Options::default() };
    let padded = |size: usize| {
        let start = "\"type\":\"response.in_progress\",\"x\":\"";
        let event = event(&format!("{start}{}\"", "x".repeat(size - start.len() - 3)));
        assert_eq!(event.len() - "data: \n\n".len(), size);
        event
    };
    for (size, is_over) in [(small - 300, false), (small + 1, true)] {
        let outcome = outcome([padded(size)], options());
        assert_eq!(!noted(&outcome, NoteCode::EventTooLarge).is_empty(), is_over, "{size}");
        let mut parser = SseParser::new(SseOptions { max_event_bytes: small, ..SseOptions::default() });
        assert_eq!(parser.feed(&padded(size)).next_event().is_err(), is_over);
    }
    for (frame, is_over) in [(small, false), (small + 1, true)] {
        let (mut transcoder, mut out) = (ChatTranscoder::new(options()), Vec::new());
        transcoder.feed_event(&format!("{{{}}}", " ".repeat(frame - 2)), &mut out).unwrap();
        transcoder.finish(&mut out).unwrap();
        let outcome = transcoder.outcome().unwrap();
        assert_eq!(!noted(&outcome, NoteCode::EventTooLarge).is_empty(), is_over, "frame of {frame}");
    }
    let document = |size: usize| format!("{{{}}}", " ".repeat(size - 2)).into_bytes();
    for (size, is_over) in [(small, false), (small + 1, true)] {
        let outcome = outcome(document(size).chunks(100).map(<[u8]>::to_vec), options());
        assert_eq!(!noted(&outcome, NoteCode::EventTooLarge).is_empty(), is_over, "document of {size}");
    }
}

pub(super) fn block_per_event(times: usize) {
    let limit = KIB;
    for (comments, is_over) in [(times * limit - 100, false), (times * limit + 200, true)] {
        let options = Options { max_event_bytes: limit, ..Options::default() };
        let (mut relay, mut out) = (ResponsesRelay::new(options), Vec::new());
        let lines = ": ping\n".repeat(comments / 7);
        let block = format!("{lines}data: {{\"type\":\"response.in_progress\"}}\n\n");
        for chunk in block.as_bytes().chunks(500) {
            relay.feed(chunk, &mut out).unwrap();
        }
        relay.finish(&mut out).unwrap();
        assert_eq!(out.starts_with(block.as_bytes()), !is_over);
        assert_eq!(!noted(&relay.outcome().unwrap(), NoteCode::EventTooLarge).is_empty(), is_over);
    }
}

pub(super) fn json_depth(limit: usize) {
    let nested = |levels: usize| "[".repeat(levels) + &"]".repeat(levels);
    let is_malformed = |members: String| {
        !noted(&outcome([event(&members)], Options::default()), NoteCode::MalformedEvent).is_empty()
    };
    // By the member, the levels around it in the event of the final Response.
    for (member, around) in [
        ("\"type\":\"response.in_progress\",\"x\"", 1),
        ("\"type\":\"response.output_item.done\",\"item\"", 3),
        ("\"type\":\"response.content_part.done\",\"part\"", 5),
        ("\"type\":\"response.output_text.delta\",\"delta\":\"x\",\"logprobs\"", 6),
        ("\"type\":\"response.output_text.annotation.added\",\"annotation\"", 7),
        ("\"type\":\"response.output_text.annotation.added\",\"\\u0061nnotation\"", 7),
    ] {
        let of = |levels: usize| is_malformed(format!("{member}:{}", nested(levels)));
        assert!(of(limit - around + 1), "{member}");
        if around == 1 {
            assert!(!of(limit - around));
        }
    }
    let document = |levels: usize| nested(levels).into_bytes();
    assert!(sluicegate::images_api(&document(limit)).is_err()); // no object, however deep
    let request = |levels: usize| format!("{{\"model\":\"m\",\"x\":{}}}", nested(levels - 1)).into_bytes();
    let code = |levels| match sluicegate::http_body(&request(levels)) {
        Err(error) => error.code(),
        Ok(_) => "",
    };
    assert!(code(limit) != "invalid_json" && code(limit + 1) == "invalid_json");
    super::requests::depth(limit);
    // What is read is written so that it can be read again: the deepest item that is taken.
    for levels in limit - 8..=limit {
        let item =
            format!("{{\"type\":\"message\",\"id\":\"m\",\"content\":[],\"x\":{}}}", nested(levels - 1));
        let done =
            event(&format!("\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{item}"));
        let end =
            event("\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\"}");
        let relayed = |chunk: &[u8]| {
            let (mut relay, mut out) = (ResponsesRelay::new(Options::default()), Vec::new());
            relay.feed(chunk, &mut out).unwrap();
            relay.finish(&mut out).unwrap();
            (out, relay.outcome().unwrap())
        };
        let (out, first) = relayed(&[done, end].concat());
        let (_, again) = relayed(&out);
        assert_eq!(again.status, first.status, "{levels} levels");
    }
}

pub(super) fn items(limit: usize) {
    let item = |nth| {
        let item = format!("{{\"type\":\"message\",\"id\":\"{nth}\"}}");
        event(&format!("\"type\":\"response.output_item.added\",\"output_index\":{nth},\"item\":{item}"))
    };
    is_limit(limit, "items", item);
    let said = event("\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"delta\":\"Hi\"");
    let terminal = |count| {
        let items =
            "{\"type\":\"x\"},".repeat(count - 1) + "{\"type\":\"message\",\"id\":\"m\",\"content\":null}";
        let response = format!("\"type\":\"response.completed\",\"response\":{{\"output\":[{items}]}}");
        let mut collector = ResponseCollector::new(ChatOptions::default());
        collector.feed(&[said.clone(), event(&response)].concat()).unwrap();
        String::from_utf8(collector.finish().unwrap()).unwrap()
    };
    let whole = terminal(limit); // each is there, the last one filled
    assert_eq!((whole.matches("\"x\"").count(), whole.contains("Hi")), (limit - 1, true));
    let as_sent = terminal(limit + 1);
    assert_eq!((as_sent.matches("\"x\"").count(), as_sent.contains("Hi")), (limit, false));
}

pub(super) fn id_bytes(limit: usize) {
    let size = 64 * KIB;
    let item = |nth| {
        let item = format!("{{\"type\":\"message\",\"id\":\"{nth:05}{}\"}}", "x".repeat(size - 5));
        event(&format!("\"type\":\"response.output_item.added\",\"output_index\":{nth},\"item\":{item}"))
    };
    is_limit(limit / size, "items", item);
}

pub(super) fn parts(limit: usize) {
    let part = |nth| {
        let at = format!("\"item_id\":\"m\",\"output_index\":0,\"content_index\":{nth}");
        let part = "{\"type\":\"output_text\",\"text\":\"\",\"annotations\":[]}";
        event(&format!("\"type\":\"response.content_part.added\",{at},\"part\":{part}"))
    };
    is_limit(limit, "parts", part);
}

/// The item's id takes some of it.
pub(super) fn held_bytes(limit: usize) {
    let size = 64 * KIB;
    let piece = "1".repeat(size);
    let delta = |nth| {
        let delta =
            "\"type\":\"response.function_call_arguments.delta\",\"item_id\":\"f\",\"output_index\":0";
        let piece = if nth == 0 { &piece[KIB..] } else { &piece };
        event(&format!("{delta},\"delta\":\"{piece}\""))
    };
    is_limit(limit / size, "arguments", delta);
    is_limit(limit / size, "texts", |nth| {
        let content = format!("[{{\"type\":\"output_text\",\"text\":\"{piece}\"}}]");
        let item = format!("{{\"type\":\"message\",\"id\":\"m{nth}\",\"content\":{content}}}");
        event(&format!("\"type\":\"response.output_item.added\",\"output_index\":{nth},\"item\":{item}"))
    });
    for (count, is_over) in [(limit / size - 1, false), (limit / size, true)] {
        let item = |nth| {
            let item =
                format!("{{\"type\":\"reasoning\",\"id\":\"r{nth}\",\"encrypted_content\":\"{piece}\"}}");
            event(&format!("\"type\":\"response.output_item.done\",\"output_index\":{nth},\"item\":{item}"))
        };
        let options = Options { reasoning_details: true, ..Options::default() };
        let outcome = outcome((0..count).map(item), options);
        assert_eq!(
            noted(&outcome, NoteCode::LimitExceeded).contains(&"reasoning_details"),
            is_over,
            "{count}"
        );
    }
}

/// Text of another item, while a call is open.
pub(super) fn bundled_calls(limit: usize) {
    for (count, is_opened) in [(limit, true), (limit + 1, false)] {
        let uses = vec![r#"{\"recipient_name\":\"f\",\"parameters\":{}}"#; count].join(",");
        let call = r#""type":"function_call","call_id":"c","name":"parallel""#;
        let item = format!(r#"{{{call},"arguments":"{{\"tool_uses\":[{uses}]}}"}}"#);
        let done = event(&format!(r#""type":"response.output_item.done","output_index":0,"item":{item}"#));
        let end = event(r#""type":"response.completed","response":{"status":"completed"}"#);
        let outcome = outcome([done, end], Options { open_parallel_calls: true, ..Options::default() });
        assert_eq!(!noted(&outcome, NoteCode::ParallelOpened).is_empty(), is_opened, "{count}");
    }
}

pub(super) fn waiting_bytes(limit: usize) {
    waiting_citations(limit);
    let size = 64 * KIB;
    let call = "\"type\":\"function_call\",\"id\":\"f\",\"call_id\":\"c\",\"name\":\"f\",\"arguments\":\"\"";
    let call =
        event(&format!("\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{{{call}}}"));
    let at = "\"item_id\":\"m\",\"output_index\":1,\"content_index\":0";
    let piece = "x".repeat(size);
    let text = event(&format!("\"type\":\"response.output_text.delta\",{at},\"delta\":\"{piece}\""));
    for (count, expected) in [(limit / size - 1, false), (limit / size + 1, true)] {
        let mut transcoder = Transcoder::new(Dialect::Messages, Dialect::Responses, Options::default());
        let mut out = Vec::new();
        transcoder.feed(&call, &mut out).unwrap();
        for _ in 0..count {
            transcoder.feed(&text, &mut out).unwrap();
        }
        transcoder.finish(&mut out).unwrap();
        let is_noted = noted(&transcoder.outcome().unwrap(), NoteCode::LimitExceeded).contains(&"waiting");
        assert_eq!(is_noted, expected, "{count} pieces");
    }
}

/// Citations of a text that never comes: what they hold waits, too.
fn waiting_citations(limit: usize) {
    let size = 64 * KIB;
    for (count, expected) in [(limit / size - 1, false), (limit / size + 1, true)] {
        let mut transcoder = Transcoder::new(Dialect::Messages, Dialect::Responses, Options::default());
        let mut out = Vec::new();
        for nth in 0..count {
            let index = format!("u\",\"encrypted_index\":\"{}", "x".repeat(size));
            transcoder.feed(&citation(nth, &index), &mut out).unwrap();
        }
        let end = event(r#""type":"response.completed","response":{"status":"completed"}"#);
        transcoder.feed(&end, &mut out).unwrap();
        transcoder.finish(&mut out).unwrap();
        let is_noted = noted(&transcoder.outcome().unwrap(), NoteCode::LimitExceeded).contains(&"waiting");
        assert_eq!(is_noted, expected, "{count} citations");
    }
}

fn citation(nth: usize, url: &str) -> Vec<u8> {
    let range = format!("\"start_index\":0,\"end_index\":{nth}");
    let citation = format!("{{\"type\":\"url_citation\",\"title\":\"\",\"url\":\"{url}\",{range}}}");
    let at = "\"item_id\":\"m\",\"output_index\":0,\"content_index\":0";
    event(&format!("\"type\":\"response.output_text.annotation.added\",{at},\"annotation\":{citation}"))
}

pub(super) fn citations(limit: usize) {
    is_limit(limit, "annotations", |nth| citation(nth, "u"));
}

pub(super) fn citation_bytes(limit: usize) {
    let size = 32 * KIB;
    is_limit(limit / size, "annotations", |nth| citation(nth, &"u".repeat(size)));
}

/// The factor is measured in `memory.rs`.
pub(super) fn response_bytes(limit: usize) {
    assert_eq!(Options::default().max_response_bytes, limit);
    let (small, size) = (64 * KIB, 8 * KIB);
    let piece = "x".repeat(size);
    let of_responses = || event(&format!("\"type\":\"response.output_text.delta\",\"delta\":\"{piece}\""));
    let of_chat = || event(&format!("\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{piece}\"}}}}]"));
    for (count, is_over) in [(small / size, false), (small / size + 1, true)] {
        for (upstream, chunk) in [(Dialect::Responses, of_responses()), (Dialect::Chat, of_chat())] {
            let options = Options { max_response_bytes: small, ..Options::default() };
            let mut collector = Collector::new(upstream, options);
            (0..count).for_each(|_| collector.feed(&chunk).unwrap());
            collector.finish().unwrap();
            let outcome = collector.outcome().unwrap();
            let is_noted = noted(&outcome, NoteCode::LimitExceeded).contains(&"response");
            assert_eq!(is_noted, is_over, "{upstream:?}, {count} pieces");
        }
    }
    answer_bytes();
    call_beyond();
}

/// A call that there was no room for has arguments that can be read.
fn call_beyond() {
    let call =
        "{\"type\":\"function_call\",\"id\":\"f\",\"call_id\":\"c\",\"name\":\"n\",\"arguments\":\"\"}";
    let response = format!("{{\"id\":\"r\",\"status\":\"completed\",\"output\":[{call}]}}");
    let options = Options { max_response_bytes: 8, ..Options::default() };
    let mut collector = ResponseCollector::new(options);
    collector.feed(&event("\"type\":\"response.output_text.delta\",\"delta\":\"a long text\"")).unwrap();
    collector.feed(&event(&format!("\"type\":\"response.completed\",\"response\":{response}"))).unwrap();
    let body = String::from_utf8(collector.finish().unwrap()).unwrap();
    assert!(body.contains("\"arguments\":\"{}\""), "{body}");
}

/// Each byte of an answer counts once: by so much more must there be room for.
fn answer_bytes() {
    let is_over = |stream: &[u8], limit| {
        let options = Options { max_response_bytes: limit, ..Options::default() };
        let mut collector = Collector::new(Dialect::Responses, options);
        collector.feed(stream).unwrap();
        collector.finish().unwrap();
        noted(&collector.outcome().unwrap(), NoteCode::LimitExceeded).contains(&"response")
    };
    let (text, call) = (
        "\"type\":\"message\",\"id\":\"m\"",
        "\"type\":\"function_call\",\"id\":\"f\",\"call_id\":\"c\",\"name\":\"n\"",
    );
    let added = |item| event(&format!("\"type\":\"response.output_item.added\",\"item\":{{{item}}}"));
    let delta = |of, rest| event(&format!("\"type\":\"response.{of}.delta\",{rest}"));
    let tokens = "[{\"token\":\"Hi\",\"logprob\":-0.5}]";
    let logprobs = format!("\"delta\":\"Hi\",\"logprobs\":{tokens}");
    let (mut stream, mut room) = (Vec::new(), 0);
    for (piece, bytes) in [
        (added(text), text.len() + "{}m".len()),
        (delta("output_text", "\"delta\":\"One\""), "One".len()),
        (delta("output_text", &logprobs), "Hi".len() + tokens.len()),
        (
            [added(call), delta("function_call_arguments", "\"delta\":\"12\"")].concat(),
            call.len() + "{}f".len() + "cn".len() + "12".len(),
        ),
        (delta("function_call_arguments", "\"delta\":\"345\""), "345".len()),
    ] {
        stream.extend(piece);
        room += bytes;
        assert!(!is_over(&stream, room) && is_over(&stream, room - 1) && is_over(&stream, 0), "{room}");
    }
}

pub(super) fn notes(limit: usize) {
    let unknown = |nth| event(&format!("\"type\":\"x.{nth}\""));
    for (count, is_over) in [(limit, false), (limit + 10, true)] {
        let outcome = outcome((0..count).map(unknown), Options::default());
        assert_eq!(noted(&outcome, NoteCode::UnknownEvent).len(), limit);
        assert_eq!(noted(&outcome, NoteCode::NotesDropped).len(), usize::from(is_over));
    }
}

pub(super) fn findings(limit: usize) {
    let stream = "data: ?\n\n".repeat(2 * limit);
    assert_eq!(lint(stream.as_bytes(), LintProfile::default()).len(), limit);
}

pub(super) fn name_bytes(limit: usize) {
    for (size, is_over) in [(limit, false), (limit + 1, true)] {
        let id = "r".repeat(size);
        let created = format!("\"type\":\"response.created\",\"response\":{{\"id\":\"{id}\"}}");
        let outcome = outcome([event(&created)], Options::default());
        assert_eq!(outcome.response_id, (!is_over).then_some(id));
        assert_eq!(!noted(&outcome, NoteCode::NameTooLong).is_empty(), is_over);
    }
}

pub(super) fn detail_bytes(limit: usize) {
    let outcome = outcome([event(&format!("\"type\":\"{}\"", "x".repeat(2 * limit)))], Options::default());
    assert_eq!(noted(&outcome, NoteCode::UnknownEvent), ["x".repeat(limit)]);
    let mut collector = ResponseCollector::new(ChatOptions::default());
    collector.feed_event(&format!("{{\"type\":\"{}\"}}", "x".repeat(2 * limit))).unwrap();
    collector.finish().unwrap();
    assert!(collector.outcome().unwrap().notes.iter().all(|note| note.detail.len() <= limit));
}
