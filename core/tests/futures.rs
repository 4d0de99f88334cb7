//! What the push consumers give, as streams and futures: the same bytes, an end whatever the source does, nothing early,
//! nothing late.
#![cfg(feature = "futures")]

mod cases;

use bytes::Bytes;
use cases::{Case, cuts, read_cases};
use futures::channel::mpsc;
use futures::executor::block_on;
use futures::stream::{self, Stream, StreamExt};
use futures::task::noop_waker;
use sluicegate::futures::{SseStream, chat_sse, collect, images, responses_sse};
use sluicegate::{CallbackSink, ChatOptions, ErrorClass, ImageOptions, MemorySink, Outcome, Status};
use std::cell::Cell;
use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

const HELLO: &[u8] = b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"Hello\"}\n\n";
const END: &[u8] =
    b"data: {\"type\":\"response.completed\",\"response\":{\"id\":\"r\",\"status\":\"completed\"}}\n\n";
const FAILED: &[u8] =
    b"data: {\"type\":\"error\",\"code\":\"rate_limit_exceeded\",\"message\":\"Slow down.\"}\n\n";
const RESET: &str = "connection reset";

type Chunk = Result<&'static [u8], &'static str>;

/// Yields these, and fails a test that polls on after the end.
fn source(chunks: Vec<Chunk>) -> impl Stream<Item = Chunk> + Unpin {
    let mut chunks = chunks.into_iter();
    let mut is_over = false;
    stream::poll_fn(move |_| {
        assert!(!is_over, "polled after its end");
        let next = chunks.next();
        is_over = !matches!(next, Some(Ok(_)));
        Poll::Ready(next)
    })
}

/// All items; the bytes as one text.
fn drained<S, E>(stream: S) -> (String, Vec<E>)
where
    S: Stream<Item = Result<Bytes, E>>,
{
    let (mut text, mut errors) = (Vec::new(), Vec::new());
    for item in block_on(stream.collect::<Vec<_>>()) {
        match item {
            Ok(bytes) => {
                assert!(!bytes.is_empty() && errors.is_empty());
                text.extend_from_slice(&bytes);
            }
            Err(error) => errors.push(error),
        }
    }
    (String::from_utf8(text).unwrap(), errors)
}

fn poll<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    Pin::new(stream).poll_next(&mut Context::from_waker(&noop_waker()))
}

fn status(stream: &SseStream<impl Stream<Item = Chunk>>) -> Option<Status> {
    stream.outcome().map(|outcome| outcome.status)
}

fn options(case: &Case) -> ChatOptions {
    case.options().map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap())
}

#[test]
fn any_cut_of_a_fixture_gives_its_golden_files() {
    for case in read_cases("chat") {
        let Some(input) = case.read_optional("input.sse") else { continue };
        let relayed = case.read_optional("relayed.sse").unwrap_or_else(|| input.clone());
        for cut in cuts(&input).into_iter().step_by(29) {
            let source = || stream::iter(cut.iter().map(|chunk| Ok::<_, Infallible>(*chunk)));
            let mut chat = chat_sse(source(), options(&case));
            assert_eq!(drained(&mut chat).0.as_bytes(), case.read("output.sse"), "{}", case.name);
            let outcome = chat.outcome().unwrap().to_json() + "\n";
            assert_eq!(outcome.as_bytes(), case.read("outcome.json"), "{}", case.name);
            let mut relay = responses_sse(source(), options(&case));
            assert_eq!(drained(&mut relay).0.as_bytes(), relayed, "{}", case.name);
            let collected = block_on(collect(source(), options(&case)));
            let lines = [&collected.response[..], b"\n", &collected.completion, b"\n"].concat();
            assert_eq!(
                lines,
                [case.read("response.json"), case.read("completion.json")].concat(),
                "{}",
                case.name
            );
            assert_eq!(collected.error, None);
        }
    }
}

#[test]
fn images_are_those_of_the_extractor() {
    for case in read_cases("images") {
        let Some(input) = case.read_optional("input.sse") else { continue };
        let mut alone = (sluicegate::ImageExtractor::default(), MemorySink::default());
        alone.0.feed(&input, &mut alone.1).unwrap();
        alone.0.finish(&mut alone.1).unwrap();
        let source = stream::iter(input.chunks(100).map(Ok::<_, Infallible>));
        let extracted = block_on(images(source, ImageOptions::default(), MemorySink::default()));
        assert_eq!(extracted.sink.images, alone.1.images, "{}", case.name);
        assert_eq!(Some(extracted.outcome), alone.0.outcome(), "{}", case.name);
        assert_eq!((extracted.sink_error, extracted.error), (None, None));
    }
}

#[test]
fn a_sink_that_fails_and_a_source_that_fails_are_both_reported() {
    let item = br#"{"id":"ig_1","type":"image_generation_call","result":"R0lGODlh"}"#;
    let event = [&b"data: {\"type\":\"response.output_item.done\",\"item\":"[..], item, b"}\n\n"].concat();
    let source = stream::iter([Ok(event), Err(RESET)]);
    let sink = CallbackSink(|_: sluicegate::ImageEvent<'_>| Err(io::Error::other("disk full")));
    let extracted = block_on(images(source, ImageOptions::default(), sink));
    assert_eq!(extracted.sink_error.map(|error| error.code()), Some("sink"));
    assert_eq!(extracted.error, Some(RESET));
    assert_eq!(extracted.outcome.status, Status::Truncated);
}

#[test]
fn an_error_in_mid_stream_comes_after_a_proper_ending() {
    let half = &HELLO[..40];
    let mut chat = chat_sse(source(vec![Ok(HELLO), Ok(half), Err(RESET)]), ChatOptions::default());
    let (text, errors) = drained(&mut chat);
    assert!(text.contains("Hello") && text.ends_with("data: [DONE]\n\n"), "{text}");
    assert_eq!(text.matches("upstream_truncated").count(), 1, "{text}");
    assert_eq!((errors, status(&chat)), (vec![RESET], Some(Status::Truncated)));
    assert_eq!(poll(&mut chat), Poll::Ready(None));

    let mut relay = responses_sse(source(vec![Ok(HELLO), Err(RESET)]), ChatOptions::default());
    let (text, errors) = drained(&mut relay);
    assert!(text.starts_with(std::str::from_utf8(HELLO).unwrap()), "{text}");
    assert_eq!(text.matches("event: response.failed\n").count(), 1, "{text}");
    assert_eq!((errors, status(&relay)), (vec![RESET], Some(Status::Truncated)));
    assert!(String::from_utf8(relay.response().unwrap()).unwrap().contains("\"text\":\"Hello\""));

    let collected = block_on(collect(source(vec![Ok(HELLO), Err(RESET)]), ChatOptions::default()));
    assert_eq!((collected.outcome.status, collected.error), (Status::Truncated, Some(RESET)));
}

#[test]
fn an_error_after_the_terminal_event_changes_nothing_but_is_reported() {
    let whole = drained(chat_sse(source(vec![Ok(HELLO), Ok(END)]), ChatOptions::default()));
    let mut chat = chat_sse(source(vec![Ok(HELLO), Ok(END), Err(RESET)]), ChatOptions::default());
    assert_eq!(drained(&mut chat), (whole.0, vec![RESET]));
    assert_eq!(status(&chat), Some(Status::Completed));
}

#[test]
fn output_comes_before_the_input_ends_and_the_source_is_gone_with_its_last_chunk() {
    let (sender, receiver) = mpsc::unbounded::<Chunk>();
    let mut chat = chat_sse(receiver, ChatOptions::default());
    assert_eq!(poll(&mut chat), Poll::Pending);
    sender.unbounded_send(Ok(&HELLO[..20])).unwrap();
    assert_eq!(poll(&mut chat), Poll::Pending, "no empty items");
    sender.unbounded_send(Ok(&HELLO[20..])).unwrap();
    let Poll::Ready(Some(Ok(first))) = poll(&mut chat) else { panic!("nothing came") };
    assert!(first.ends_with(b"\"Hello\"},\"finish_reason\":null}]}\n\n"), "{first:?}");
    assert_eq!(poll(&mut chat), Poll::Pending);
    sender.unbounded_send(Err(RESET)).unwrap();
    assert!(matches!(poll(&mut chat), Poll::Ready(Some(Ok(_)))));
    assert!(sender.is_closed(), "the upstream's connection is let go before the ending is read");
}

#[test]
fn a_dropped_stream_drops_its_source() {
    let (sender, receiver) = mpsc::unbounded::<Chunk>();
    let mut chat = chat_sse(receiver, ChatOptions::default());
    sender.unbounded_send(Ok(HELLO)).unwrap();
    assert!(poll(&mut chat).is_ready() && !sender.is_closed());
    drop(chat);
    assert!(sender.is_closed());

    let (sender, receiver) = mpsc::unbounded::<Chunk>();
    let mut collecting = Box::pin(collect(receiver, ChatOptions::default()));
    assert!(collecting.as_mut().poll(&mut Context::from_waker(&noop_waker())).is_pending());
    drop(collecting);
    assert!(sender.is_closed());
}

#[test]
fn failure_is_known_before_the_first_byte() {
    let failure = |chunks| {
        let mut chat = chat_sse(source(chunks), ChatOptions::default());
        let failure = block_on(chat.failure());
        (failure.map(|failure| (failure.status, failure.class)), drained(&mut chat))
    };
    let (failed, (text, _)) = failure(vec![Ok(FAILED)]);
    assert_eq!(failed, Some((429, ErrorClass::RateLimited)));
    assert!(text.starts_with("data: {\"error\":"), "what was read comes out: {text}");
    let (cut, (_, errors)) = failure(vec![Err(RESET)]);
    assert_eq!((cut, errors), (Some((502, ErrorClass::Truncated)), vec![RESET]));
    let (none, (text, _)) = failure(vec![Ok(HELLO), Ok(FAILED)]);
    assert!(none.is_none() && text.contains("Hello") && text.contains("Slow down."), "{text}");
    let at_once = [HELLO, FAILED].concat().leak();
    assert_eq!(failure(vec![Ok(at_once)]).0, None, "something came before it");
}

#[test]
fn failure_reads_no_further_than_it_must() {
    let (sender, receiver) = mpsc::unbounded::<Chunk>();
    let mut relay = responses_sse(receiver, ChatOptions::default());
    sender.unbounded_send(Ok(HELLO)).unwrap();
    let mut failure = Box::pin(relay.failure());
    let known = failure.as_mut().poll(&mut Context::from_waker(&noop_waker()));
    assert_eq!(known, Poll::Ready(None));
    drop(failure);
    assert_eq!(poll(&mut relay), Poll::Ready(Some(Ok(Bytes::from_static(HELLO)))));
}

/// What `on_end` reported, with how many times.
type Report = Rc<Cell<(usize, Option<(Status, Option<&'static str>)>)>>;

fn reporter(report: &Report) -> impl FnOnce(Outcome, Option<&'static str>) + use<> {
    let report = report.clone();
    move |outcome, error| report.set((report.get().0 + 1, Some((outcome.status, error))))
}

#[test]
fn the_end_is_told_once_and_the_error_with_it() {
    let report = Report::default();
    let chat =
        chat_sse(source(vec![Ok(HELLO), Err(RESET)]), ChatOptions::default()).on_end(reporter(&report));
    let (text, errors) = drained(chat);
    assert!(text.ends_with("data: [DONE]\n\n") && errors == Vec::<Infallible>::new());
    assert_eq!(report.get(), (1, Some((Status::Truncated, Some(RESET)))));
}

#[test]
fn the_end_is_told_to_one_who_leaves_after_the_terminal_event_only() {
    for (chunks, status) in [(vec![HELLO], None), (vec![HELLO, END], Some((Status::Completed, None)))] {
        let report = Report::default();
        let (sender, receiver) = mpsc::unbounded::<Chunk>();
        let mut chat = chat_sse(receiver, ChatOptions::default()).on_end(reporter(&report));
        for chunk in chunks {
            sender.unbounded_send(Ok(chunk)).unwrap();
            assert!(poll(&mut chat).is_ready());
        }
        assert_eq!(report.get().0, 0);
        drop(chat);
        assert_eq!(report.get().1, status);
        assert!(sender.is_closed());
    }
}

#[test]
fn streams_and_futures_go_where_their_source_goes() {
    fn check(sendable: impl Send + 'static) {
        drop(sendable);
    }
    let source = || stream::empty::<Result<Vec<u8>, io::Error>>();
    check(chat_sse(source(), ChatOptions::default()));
    check(responses_sse(source(), ChatOptions::default()).on_end(|_, _| ()));
    check(collect(source(), ChatOptions::default()));
    check(images(source(), ImageOptions::default(), MemorySink::default()));
    check(async {
        chat_sse(stream::empty::<Result<Bytes, io::Error>>(), ChatOptions::default()).failure().await
    });
}

/// An endless source of the same chunk, which counts its bytes.
fn endless(chunk: &'static [u8], read: Rc<Cell<usize>>) -> impl Stream<Item = Chunk> + Unpin {
    stream::repeat(chunk).map(move |chunk| {
        read.set(read.get() + chunk.len());
        Ok(chunk)
    })
}

#[test]
fn what_never_becomes_an_answer_is_given_up() {
    const MIB: usize = 1 << 20;
    for (chunk, most) in [(&[b' '; 4096], 2 * MIB), (&[b'<'; 4096], 2 * MIB), (&[b'{'; 4096], 66 * MIB)] {
        let read = Rc::new(Cell::new(0));
        let mut frames = chat_sse(endless(chunk, read.clone()), ChatOptions::default());
        let failure = block_on(frames.failure()).expect("a failure");
        assert_eq!(failure.status, 502);
        assert!(read.get() <= most, "{} bytes of {:?}", read.get(), chunk[0]);
        if chunk[0] == b'{' {
            continue; // one that collects reads it to its end
        }
        read.set(0);
        let collected = block_on(collect(endless(chunk, read.clone()), ChatOptions::default()));
        assert_eq!(collected.outcome.status, Status::Truncated);
        assert!(read.get() <= most, "{} bytes of {:?}", read.get(), chunk[0]);
    }
}

#[test]
fn comments_do_not_wait_for_the_status() {
    let read = Rc::new(Cell::new(0));
    let mut frames = responses_sse(endless(b": ping\n\n", read.clone()), ChatOptions::default());
    assert_eq!(block_on(frames.failure()), None);
    assert!(read.get() <= 65 << 10, "{}", read.get());
    assert!(block_on(frames.next()).unwrap().unwrap().starts_with(b": ping"));
}

#[test]
fn what_comes_after_the_end_is_not_read_for_ever() {
    let once_more = |read: &Rc<Cell<usize>>| {
        stream::iter([Ok(HELLO), Ok(END)]).chain(endless(b": ping\n\n", read.clone()))
    };
    let read = Rc::new(Cell::new(0));
    let collected = block_on(collect(once_more(&read), ChatOptions::default()));
    assert_eq!((collected.outcome.status, read.get() <= 65 << 10), (Status::Completed, true));
    read.set(0);
    let (text, _) = drained(responses_sse(once_more(&read), ChatOptions::default()));
    assert!(text.contains("Hello") && read.get() <= 65 << 10);
    let document =
        stream::iter([Ok(&b"{\"output\":["[..])]).chain(endless(b"0,0,0,0,0,0,0,0,", read.clone()));
    let options = ChatOptions { max_event_bytes: 1 << 20, ..ChatOptions::default() };
    read.set(0);
    let collected = block_on(collect(document, options));
    assert_eq!((collected.outcome.status, read.get() <= 2 << 20), (Status::Truncated, true));
}
