//! What is measured: sluicegate, as a gateway calls it, in chunks of [`CHUNK`] bytes.

use crate::CHUNK;
use sluicegate::{
    CallbackSink, ChatTranscoder, Dialect, ImageEvent, ImageExtractor, Options, ResponseCollector,
    ResponsesTranscoder, SseParser, Transcoder,
};

/// Each event's data, borrowed.
pub fn parse(stream: &[u8], mut each: impl FnMut(&str)) {
    let mut parser = SseParser::default();
    for chunk in stream.chunks(CHUNK) {
        let mut events = parser.feed(chunk);
        while let Some(event) = events.next_event().expect("no event is too large") {
            each(event.data);
        }
    }
}

/// The chat stream, in the piece that each chunk gives. `out` is passed for its capacity.
pub fn transcode(stream: &[u8], out: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
    let mut transcoder = ChatTranscoder::default();
    for chunk in stream.chunks(CHUNK) {
        out.clear();
        transcoder.feed(chunk, out).expect("it is not finished");
        each(out);
    }
    assert!(transcoder.outcome().is_some());
}

/// The stream of any pair, likewise.
pub fn through(
    client: Dialect,
    upstream: Dialect,
    stream: &[u8],
    out: &mut Vec<u8>,
    mut each: impl FnMut(&[u8]),
) {
    let mut transcoder = Transcoder::new(client, upstream, Options::default());
    for chunk in stream.chunks(CHUNK) {
        out.clear();
        transcoder.feed(chunk, out).expect("it is not finished");
        each(out);
    }
    assert!(transcoder.outcome().is_some());
}

/// The other direction: the Responses stream of a chat stream, likewise.
pub fn respond(stream: &[u8], out: &mut Vec<u8>, mut each: impl FnMut(&[u8])) {
    let mut transcoder = ResponsesTranscoder::default();
    for chunk in stream.chunks(CHUNK) {
        out.clear();
        transcoder.feed(chunk, out).expect("it is not finished");
        each(out);
    }
    assert!(transcoder.outcome().is_some());
}

/// The chat.completion.
pub fn collect(stream: &[u8]) -> Vec<u8> {
    let mut collector = ResponseCollector::default();
    for chunk in stream.chunks(CHUNK) {
        collector.feed(chunk).expect("it is not finished");
    }
    collector.finish().expect("it is not finished");
    collector.chat_completion().map(<[u8]>::to_vec).unwrap_or_default()
}

/// The bytes of the one image in the stream. `out` is passed for its capacity.
pub fn image(stream: &[u8], out: &mut Vec<u8>) {
    out.clear();
    let mut extractor = ImageExtractor::default();
    let mut sink = CallbackSink(|event: ImageEvent<'_>| {
        if let ImageEvent::Write(_, bytes) = event {
            out.extend_from_slice(bytes);
        }
        Ok(())
    });
    for chunk in stream.chunks(CHUNK) {
        extractor.feed(chunk, &mut sink).expect("the sink takes all");
    }
    extractor.finish(&mut sink).expect("the sink takes all");
    assert!(extractor.outcome().is_some_and(|outcome| outcome.is_ok()));
}

/// The chat stream of one terminal event that nothing came before.
pub fn terminal(json: &str, out: &mut Vec<u8>) {
    out.clear();
    end(&mut ChatTranscoder::default(), json, out);
}

/// A transcoder that was fed these events, and its output.
pub fn fed(events: &[String]) -> (ChatTranscoder, Vec<u8>) {
    let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
    for event in events {
        transcoder.feed_event(event, &mut out).expect("it is not finished");
    }
    (transcoder, out)
}

/// The end of a chat stream, for the terminal event `json`.
pub fn end(transcoder: &mut ChatTranscoder, json: &str, out: &mut Vec<u8>) {
    transcoder.feed_event(json, out).expect("it is not finished");
    assert!(transcoder.outcome().is_some());
}
