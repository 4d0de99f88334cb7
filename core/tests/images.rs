//! Every case in `fixtures/images`, whole, byte by byte, at every cut (random cuts for large inputs): the same images
//! and the same outcome. `BLESS=1 cargo test` writes what came out whole, for a person to read in the diff.

mod cases;

use cases::{Case, Random, cuts, read_cases};
use sha2::{Digest, Sha256};
use sluicegate::{
    Error, FileSink, ImageExtractor, ImageKey, ImageMeta, ImageOptions, ImageSink, ImagesTranscoder,
    MemorySink, Options, images_api, images_request,
};
use std::collections::{HashMap, HashSet};
use std::io;

/// Keeps hashes, and checks the order of calls.
#[derive(Default)]
struct Recorder {
    open: HashMap<ImageKey, (Sha256, u64)>,
    begun: HashSet<ImageKey>,
    images: Vec<String>,
}

impl ImageSink for Recorder {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        assert!(self.begun.insert(key), "{key:?} twice");
        self.open.insert(key, (Sha256::new(), 0));
        Ok(())
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        let (hash, length) = self.open.get_mut(&key).expect("not open");
        hash.update(bytes);
        *length += bytes.len() as u64;
        assert!(!bytes.is_empty());
        Ok(())
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        let (hash, length) = self.open.remove(&key).expect("not open");
        assert!(length == meta.bytes && length > 0);
        self.images.push(format!("{{\"sha256\":\"{:x}\",\"meta\":{}}}", hash.finalize(), meta.to_json()));
        Ok(())
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        self.open.remove(&key).expect("not open");
        Ok(())
    }
}

#[derive(Clone, Copy)]
enum Input<'a> {
    Chunks(&'a [&'a [u8]]),
    Frames(&'a str),
}

/// `{"images":[{"sha256":…,"meta":{…}}…],"outcome":{…}}`, an image a line; and how many were begun.
fn extract(options: &ImageOptions, input: Input<'_>) -> (String, usize) {
    let mut extractor = ImageExtractor::new(options);
    let mut sink = Recorder::default();
    match input {
        Input::Chunks(chunks) => chunks.iter().for_each(|chunk| extractor.feed(chunk, &mut sink).unwrap()),
        Input::Frames(frames) => {
            frames.lines().for_each(|frame| extractor.feed_event(frame, &mut sink).unwrap());
        }
    }
    assert!(extractor.outcome().is_none());
    extractor.finish(&mut sink).unwrap();
    assert!(sink.open.is_empty(), "neither finished nor aborted");
    let outcome = extractor.outcome().unwrap();
    assert!(outcome.images.is_empty() || outcome.no_image.is_none());
    let outcome = outcome.to_json();
    (format!("{{\"images\":[\n{}\n],\"outcome\":{outcome}}}\n", sink.images.join(",\n")), sink.begun.len())
}

fn options(case: &Case) -> ImageOptions {
    case.options().map_or_else(ImageOptions::default, |json| ImageOptions::from_json(&json).unwrap())
}

#[test]
fn images() {
    for case in read_cases("images") {
        let options = options(&case);
        if let Some(frames) = case.read_optional("frames.jsonl") {
            let (images, _) = extract(&options, Input::Frames(std::str::from_utf8(&frames).unwrap()));
            case.check("images.json", images.as_bytes());
            continue;
        }
        let input = case.read("input.sse");
        let whole = extract(&options, Input::Chunks(&[&input]));
        case.check("images.json", whole.0.as_bytes());
        serde_json::from_str::<serde_json::Value>(&whole.0).unwrap();
        for cut in cuts(&input) {
            assert!(extract(&options, Input::Chunks(&cut)) == whole, "{}", case.name);
        }
    }
}

/// The events of an Images API stream, and the outcome.
fn streamed(options: &Options, input: Input<'_>) -> (Vec<u8>, String) {
    let (mut transcoder, mut out) = (ImagesTranscoder::new(options.clone()), Vec::new());
    match input {
        Input::Chunks(chunks) => chunks.iter().for_each(|chunk| transcoder.feed(chunk, &mut out).unwrap()),
        Input::Frames(frames) => {
            frames.lines().for_each(|frame| transcoder.feed_event(frame, &mut out).unwrap());
        }
    }
    transcoder.finish(&mut out).unwrap();
    assert_eq!(transcoder.has_output(), !out.starts_with(b"event: error\n"));
    (out, transcoder.outcome().unwrap().to_json() + "\n")
}

/// Each event is named by its type, an error is the last one, and there is one exactly where the outcome has one.
fn assert_sound(name: &str, stream: &[u8], outcome: &str) {
    let stream = std::str::from_utf8(stream).unwrap();
    let types: Vec<_> = stream
        .split_terminator("\n\n")
        .map(|block| {
            let (event, data) = block.strip_prefix("event: ").unwrap().split_once("\ndata: ").unwrap();
            let json: serde_json::Value = serde_json::from_str(data).unwrap();
            assert_eq!(json["type"], event, "{name}");
            assert!(event == "error" || !json["b64_json"].as_str().unwrap().is_empty(), "{name}");
            event
        })
        .collect();
    let has_failed = !outcome.contains("\"failure\":null");
    assert_eq!(types.last() == Some(&"error"), has_failed, "{name}");
    assert_eq!(types.iter().filter(|name| **name == "error").count(), usize::from(has_failed), "{name}");
    assert!(has_failed || types.last().unwrap().ends_with(".completed"), "{name}");
}

#[test]
fn images_stream() {
    for case in read_cases("images_stream") {
        let options =
            case.options().map_or_else(Options::default, |json| Options::for_images(&json).unwrap());
        let frames = case.read_optional("frames.jsonl").map(|frames| String::from_utf8(frames).unwrap());
        let input = case.read_optional("input.sse").unwrap_or_default();
        let whole = match &frames {
            Some(frames) => streamed(&options, Input::Frames(frames)),
            None => streamed(&options, Input::Chunks(&[&input])),
        };
        case.check("output.sse", &whole.0);
        case.check("outcome.json", whole.1.as_bytes());
        assert_sound(&case.name, &whole.0, &whole.1);
        for cut in cuts(&input).into_iter().filter(|_| frames.is_none()) {
            assert!(streamed(&options, Input::Chunks(&cut)) == whole, "{}", case.name);
        }
    }
}

/// All that an extractor can read: no panic, one sound end, the same for any chunking.
#[test]
fn images_stream_of_any_images() {
    for case in read_cases("images") {
        let Some(input) = case.read_optional("input.sse") else { continue };
        let whole = streamed(&Options::default(), Input::Chunks(&[&input]));
        let chunks: Vec<_> = input.chunks(7).collect();
        assert!(streamed(&Options::default(), Input::Chunks(&chunks)) == whole, "{}", case.name);
        assert_sound(&case.name, &whole.0, &whole.1);
    }
}

#[test]
fn options_of_an_images_transcoder() {
    assert!(Options::for_images(br#"{"image_edits":true,"created":1,"messages":{}}"#).unwrap().image_edits);
    for wrong in [&br#"{"include_usage":true}"#[..], br#"{"image_edits":1}"#, br#"{"think_tags":true}"#] {
        assert!(matches!(Options::for_images(wrong), Err(Error::InvalidOption { .. })));
    }
    assert_eq!(ImagesTranscoder::heartbeat(false), b": ping\n");
}

/// Broken and shuffled streams: no panic, whole calls, the same for any chunking.
#[test]
fn shuffled_events_do_not_depend_on_cuts() {
    let split = |input: Vec<u8>| {
        String::from_utf8_lossy(&input).split_inclusive("\n\n").map(Into::into).collect::<Vec<String>>()
    };
    let inputs = read_cases("images").into_iter().filter_map(|case| case.read_optional("input.sse"));
    let blocks: Vec<String> = inputs.flat_map(split).collect();
    let mut random = Random(7);
    for round in 0..400 {
        let count = 1 + random.below(8);
        let mut input: Vec<u8> =
            (0..count).flat_map(|_| blocks[random.below(blocks.len())].as_bytes().to_vec()).collect();
        for _ in 0..random.below(3) {
            let at = random.below(input.len());
            input[at] = random.below(256) as u8;
        }
        let max_event_bytes = if round % 3 == 0 { 1 + random.below(900) } else { 1 << 20 };
        let max_image_bytes = if round % 5 == 0 { 1 + random.below(100) as u64 } else { 1 << 20 };
        let options = ImageOptions { partials: round % 2 == 0, max_image_bytes, max_event_bytes };
        let whole = extract(&options, Input::Chunks(&[&input]));
        for chunks in [random.cut(&input), input.chunks(1).collect()] {
            assert!(
                extract(&options, Input::Chunks(&chunks)) == whole,
                "{}",
                String::from_utf8_lossy(&input)
            );
        }
    }
}

/// One event with one image.
fn done(id: &str, index: usize, base64: &str) -> String {
    let item = format!(r#"{{"id":"{id}","type":"image_generation_call","result":"{base64}"}}"#);
    format!("data: {{\"type\":\"response.output_item.done\",\"output_index\":{index},\"item\":{item}}}\n\n")
}

/// Fails at the n-th call that may fail.
struct Failing {
    calls: usize,
    at: usize,
    inner: MemorySink,
}

impl Failing {
    fn call(&mut self) -> io::Result<()> {
        self.calls += 1;
        if self.calls == self.at { Err(io::Error::other("disk full")) } else { Ok(()) }
    }
}

impl ImageSink for Failing {
    fn begin(&mut self, key: ImageKey) -> io::Result<()> {
        self.call().and_then(|()| self.inner.begin(key))
    }

    fn write(&mut self, key: ImageKey, bytes: &[u8]) -> io::Result<()> {
        self.call().and_then(|()| self.inner.write(key, bytes))
    }

    fn finish(&mut self, key: ImageKey, meta: &ImageMeta) -> io::Result<()> {
        self.call().and_then(|()| self.inner.finish(key, meta))
    }

    fn abort(&mut self, key: ImageKey) -> io::Result<()> {
        self.inner.abort(key)
    }
}

#[test]
fn an_error_of_the_sink_costs_one_image() {
    let stream = format!("{}{}", done("ig_1", 0, "R0lGODlh"), done("ig_2", 1, "R0lGODlh"));
    for at in 1..=6 {
        let mut sink = Failing { calls: 0, at, inner: MemorySink::default() };
        let mut extractor = ImageExtractor::default();
        let error = extractor.feed(stream.as_bytes(), &mut sink).unwrap_err();
        let message = "disk full".to_owned();
        assert_eq!(error, Error::Sink { kind: io::ErrorKind::Other, message });
        assert_eq!(error.to_json(), r#"{"error":{"code":"sink"}}"#);
        extractor.finish(&mut sink).unwrap();
        let outcome = extractor.outcome().unwrap();
        assert_eq!((sink.inner.images.len(), outcome.images.len(), outcome.errors.len()), (1, 1, 1), "{at}");
        assert_eq!(outcome.errors[0].code.as_str(), "sink");
        assert_eq!(outcome.errors[0].item_id.as_deref(), Some(if at < 4 { "ig_1" } else { "ig_2" }));
    }
}

#[test]
fn feeding_after_the_end_is_a_misuse() {
    let (mut extractor, mut sink) = (ImageExtractor::default(), MemorySink::default());
    extractor.finish(&mut sink).unwrap();
    assert_eq!(extractor.feed(b"", &mut sink), Err(Error::AfterFinish));
    assert_eq!(extractor.feed_event("{}", &mut sink), Err(Error::AfterFinish));
    assert_eq!(extractor.finish(&mut sink), Err(Error::AfterFinish));
}

#[test]
fn a_hostile_stream_is_bounded() {
    let (mut extractor, mut sink) = (ImageExtractor::default(), Recorder::default());
    for nth in 0..2000 {
        extractor.feed(done(&format!("ig_{nth}"), nth, "R0lGODlh").as_bytes(), &mut sink).unwrap();
    }
    let items: Vec<_> =
        (0..2000).map(|_| r#"{"type":"image_generation_call","result":"R0lG"}"#.to_owned()).collect();
    let terminal =
        format!(r#"{{"type":"response.completed","response":{{"output":[{}]}}}}"#, items.join(","));
    extractor.feed_event(&terminal, &mut sink).unwrap();
    extractor.finish(&mut sink).unwrap();
    let outcome = extractor.outcome().unwrap();
    assert_eq!((sink.images.len(), outcome.images.len(), sink.open.len()), (256, 256, 0));
    assert_eq!(outcome.errors.len(), 1);
    assert_eq!(outcome.errors[0].code.as_str(), "limit_exceeded");
}

/// Two gateways' worth of streams into one directory: a finished sink must not remove what another one began.
#[test]
fn sinks_of_one_directory_keep_each_others_files() {
    let directory = Directory::new("shared");
    let write = |thread: usize| {
        for nth in 0..400 {
            let mut sink = FileSink::new(&directory.0).unwrap();
            let mut extractor = ImageExtractor::default();
            extractor.feed(done(&format!("ig_{thread}_{nth}"), 0, "R0lGODlh").as_bytes(), &mut sink).unwrap();
            assert_eq!(sink.take_written().len(), 1);
        }
    };
    std::thread::scope(|scope| {
        for thread in 0..4 {
            scope.spawn(move || write(thread));
        }
    });
    assert_eq!(directory.names().len(), 1600);
}

#[test]
fn files_get_their_name_when_they_are_complete() {
    let directory = Directory::new("files");
    let mut sink = FileSink::new(format!("{}/a/..", directory.0)).unwrap();
    let mut extractor = ImageExtractor::default();
    let stream = [
        done("../up", 0, "R0lGODlh"),
        done("__.up", 1, "R0lGODlhAAAA"),
        done("ig", 2, "R0lGODlhAAAAAAAA*"),
        done("cut", 3, "R0lGODlhAAAA"),
    ]
    .concat();
    let (begin, rest) = stream.split_at(stream.len() - 10);
    extractor.feed(begin.as_bytes(), &mut sink).unwrap();
    let names = directory.names();
    assert_eq!(names.len(), 4, "{names:?}");
    assert!(names[0].starts_with(".sluicegate-"), "{names:?}");
    assert_eq!(names[1..], ["___up-2.gif", "___up.gif", "a"]);
    extractor.feed(&rest.as_bytes()[..1], &mut sink).unwrap();
    drop((extractor, sink));
    assert_eq!(directory.names(), ["___up-2.gif", "___up.gif", "a"]);
    assert_eq!(std::fs::read(format!("{}/___up-2.gif", directory.0)).unwrap(), b"GIF89a\0\0\0");
}

/// A fresh directory, removed when it goes.
struct Directory(String);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sluicegate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.to_str().unwrap().to_owned())
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn options_name_the_member_that_is_wrong() {
    let options = ImageOptions::from_json(br#"{"partials":true,"max_image_bytes":5,"max_event_bytes":null}"#);
    assert_eq!(options, Ok(ImageOptions { partials: true, max_image_bytes: 5, ..ImageOptions::default() }));
    let error = ImageOptions::from_json(br#"{"partials":1}"#).unwrap_err();
    assert_eq!(error.path(), Some("partials"));
}

#[test]
fn a_response_folds_into_an_images_api_response() {
    let response = r#"{"created_at":1700000000,"output":[
        {"type":"message","content":[]},
        {"type":"image_generation_call","status":"completed","result":"AA\/+","revised_prompt":"a \"b\""},
        {"type":"image_generation_call","status":"failed","result":"AAAA"},
        {"type":"image_generation_call","result":null},
        {"result":"BBBB","type":"image_generation_call","revised_prompt":null}],
        "tool_usage":{"image_gen":{"input_tokens":1, "total_tokens":2}},"usage":{"total_tokens":9}}"#;
    let folded = images_api(response.as_bytes()).unwrap();
    assert_eq!(
        String::from_utf8(folded).unwrap(),
        r#"{"created":1700000000,"data":[{"b64_json":"AA\/+","revised_prompt":"a \"b\""},{"b64_json":"BBBB"}],"usage":{"input_tokens":1, "total_tokens":2}}"#
    );
    assert_eq!(images_api(b"{}").unwrap(), br#"{"created":0,"data":[]}"#);
    assert_eq!(images_api(b"{,}"), Err(Error::InvalidJson { offset: 1 }));
}

#[test]
fn an_images_api_request_becomes_a_request_for_the_tool() {
    let asked = br#"{"model":"gpt-image-2","prompt":"A \"cat\"","n":1,"stream":false,"response_format":"b64_json","quality":null,"size":"1024x1024"}"#;
    let request: serde_json::Value = serde_json::from_slice(&images_request(asked, "host").unwrap()).unwrap();
    assert_eq!(request["model"], "host");
    assert_eq!(request["input"][0]["content"][0]["text"], "A \"cat\"");
    let tool = serde_json::json!({ "type": "image_generation", "model": "gpt-image-2", "size": "1024x1024" });
    assert_eq!(request["tools"], serde_json::json!([tool]));
    let wrong = [
        ("{}", Some("prompt")),
        (r#"{"prompt":5}"#, Some("prompt")),
        (r#"{"prompt":"","n":2}"#, Some("n")),
        (r#"{"prompt":"","stream":1}"#, Some("stream")),
        (r#"{"prompt":"","images":[1]}"#, Some("images[0]")),
        (r#"{"prompt":"","response_format":"url"}"#, Some("response_format")),
        ("[]", None),
        ("{", None),
    ];
    for (asked, path) in wrong {
        assert_eq!(images_request(asked.as_bytes(), "host").unwrap_err().path(), path, "{asked}");
    }
}

#[test]
fn table_of_images_requests() {
    for line in include_str!("../../fixtures/images/requests.jsonl").lines() {
        let mut case: serde_json::Value = serde_json::from_str(line).unwrap();
        let host_model = case["host_model"].as_str().unwrap().to_owned();
        match images_request(case["request"].as_str().unwrap().as_bytes(), &host_model) {
            Ok(sent) => case["sent"] = serde_json::json!(String::from_utf8(sent).unwrap()),
            Err(error) => case["rejected"] = serde_json::from_str(&error.envelope()).unwrap(),
        }
        assert_eq!(case, serde_json::from_str::<serde_json::Value>(line).unwrap(), "{case}");
    }
}

#[test]
fn without_an_image_there_is_an_envelope() {
    for case in read_cases("images") {
        let outcome: serde_json::Value = serde_json::from_slice(&case.read("images.json")).unwrap();
        let outcome = &outcome["outcome"];
        let why = outcome["no_image"].as_str().or(outcome["errors"][0]["code"].as_str());
        let why = why.filter(|_| outcome["images"] == serde_json::json!([]));
        let mut extractor = ImageExtractor::new(&options(&case));
        let mut sink = MemorySink::default();
        if let Some(input) = case.read_optional("input.sse") {
            let _ = extractor.feed(&input, &mut sink);
            let _ = extractor.finish(&mut sink);
            let envelope = extractor.outcome().unwrap().envelope();
            let code = envelope.and_then(|envelope| envelope.error.code);
            assert_eq!(code.as_deref(), why, "{}", case.name);
        }
    }
}
