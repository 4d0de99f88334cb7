use super::{SseOptions, SseParser};
use crate::Error;
use crate::limits::{MAX_NAME_BYTES, RETAINED_BYTES};

fn events(parser: &mut SseParser, chunk: &[u8]) -> Vec<(String, bool)> {
    let mut events = parser.feed(chunk);
    let mut seen = Vec::new();
    while let Some(event) = events.next_event().unwrap() {
        seen.push((event.data.to_owned(), event.lent));
    }
    seen
}

#[test]
fn an_event_inside_one_chunk_is_lent() {
    let mut parser = SseParser::default();
    let chunk = b"event: a\ndata: one\n\ndata: two\n\nda";
    let mut read = parser.feed(chunk);
    let one = read.next_event().unwrap().unwrap();
    assert!(one.lent && chunk.as_ptr_range().contains(&one.data.as_ptr()));
    assert_eq!(read.remaining(), b"data: two\n\nda");
    assert!(read.next_event().unwrap().unwrap().lent);
    assert!(read.next_event().unwrap().is_none());
    assert_eq!(
        events(&mut parser, b"ta: x\n\ndata: y\n\n"),
        [("x".to_owned(), false), ("y".to_owned(), true)]
    );
}

#[test]
fn copied_are_only_crossing_multi_line_and_mended_events() {
    let mut parser = SseParser::default();
    assert_eq!(events(&mut parser, b"data: a\ndata: b\n\n"), [("a\nb".to_owned(), false)]);
    assert_eq!(events(&mut parser, b"data: \xff\n\n"), [("\u{fffd}".to_owned(), false)]);
}

/// G2 and `users_pains` A23: bytes touched, not seconds.
#[test]
fn one_huge_event_is_linear() {
    let (size, chunk) = (50 << 20, 16 << 10);
    let mut parser = SseParser::default();
    let body = vec![b'x'; chunk];
    assert!(events(&mut parser, b"data: ").is_empty());
    for _ in 0..size / chunk {
        assert!(events(&mut parser, &body).is_empty());
    }
    let last = events(&mut parser, b"\n\n");
    assert_eq!(last[0].0.len(), size);
    assert!(parser.bytes_touched() <= 2 * (size as u64 + 8));
}

#[test]
fn four_mebibytes_in_single_bytes_are_linear() {
    let event = b"event: message\r\ndata: {\"delta\":\"0123456789\"}\r\nid: 7\r\n: comment\r\n\r\n";
    let stream = event.repeat((4 << 20) / event.len());
    let mut parser = SseParser::default();
    let count: usize = stream.chunks(1).map(|byte| events(&mut parser, byte).len()).sum();
    assert_eq!(count, stream.len() / event.len());
    assert!(parser.bytes_touched() <= 2 * stream.len() as u64);
}

#[test]
fn a_big_event_does_not_pin_its_memory() {
    let mut parser = SseParser::default();
    events(&mut parser, b"data: ");
    events(&mut parser, &vec![b'x'; 8 << 20]);
    assert_eq!(events(&mut parser, b"\n\n").len(), 1);
    events(&mut parser, b"data: y\n\n");
    assert!(parser.block.capacity() <= 2 << 20, "{}", parser.block.capacity());
}

#[test]
fn a_big_mended_event_does_not_pin_its_memory() {
    let mut parser = SseParser::default();
    events(&mut parser, b"data: \xff");
    events(&mut parser, &vec![b'x'; 8 << 20]);
    assert_eq!(events(&mut parser, b"\n\n").len(), 1);
    events(&mut parser, b"");
    assert!(parser.text.data.capacity() <= RETAINED_BYTES);
}

#[test]
fn a_long_name_is_not_kept_for_the_next_block() {
    for (length, kept) in [(MAX_NAME_BYTES, MAX_NAME_BYTES), (MAX_NAME_BYTES + 1, 0)] {
        let name = "x".repeat(length - "event: \ndata: ".len());
        let block = format!("event: {name}\ndata: 1\n\n");
        let mut parser = SseParser::default();
        let blocks = block.repeat(2);
        let mut read = parser.feed(blocks.as_bytes());
        assert!((0..2).all(|_| read.next_event().is_ok_and(|event| event.is_some())));
        assert_eq!(parser.head.length(), kept);
    }
}

#[test]
fn each_byte_that_is_copied_counts() {
    let touched = |chunks: &[&[u8]]| {
        let mut parser = SseParser::default().with_stray_errors();
        for chunk in chunks {
            events(&mut parser, chunk);
        }
        parser.bytes_touched() - chunks.concat().len() as u64
    };
    assert_eq!(touched(&[b"data: ab\n\n"]), 0);
    assert_eq!(touched(&[b"data: ab\ndata: cde\n\n"]), 5); // joined
    assert_eq!(touched(&[b"data: ab\ndata: cde\n\nerror: f\n\n"]), 5);
    assert_eq!(touched(&[b"id: 12345\ndata: a\n\n"]), 5); // kept
    assert_eq!(touched(&[b"event: name\ndata: xy\nid: z\n", b"\n"]), 4 + 2 + 1); // cut
}

#[test]
fn errors_without_data_are_data_where_that_is_asked_for() {
    let read = |parser: SseParser, stream: &str| {
        let mut parser = parser;
        let mut read = parser.feed(stream.as_bytes());
        read.next_event().unwrap().map(|event| (event.event.to_owned(), event.data.to_owned()))
    };
    for (stream, event, data) in [
        ("error: x\n\n", "error", "x"),
        ("event: own\nerror: x\n\n", "own", "x"),
        ("{\"a\":\n1}\n\n", "message", "{\"a\":\n1}"),
        ("data: y\n{\n\n", "message", "y"),
    ] {
        let expected = Some((event.to_owned(), data.to_owned()));
        assert_eq!(read(SseParser::default().with_stray_errors(), stream), expected);
    }
    assert_eq!(read(SseParser::default(), "error: x\nerror\n{\n\n"), None);
}

#[test]
fn endless_comments_and_unknown_fields_keep_nothing() {
    for line in [&b": "[..], b"unknown", b"x: "] {
        let mut parser = SseParser::default();
        events(&mut parser, line);
        for _ in 0..64 {
            events(&mut parser, &vec![b'x'; 1 << 16]);
        }
        assert_eq!(parser.block.capacity(), 0);
    }
}

#[test]
fn feeding_after_the_end_is_a_misuse() {
    let mut parser = SseParser::new(SseOptions { dispatch_tail: true, ..SseOptions::default() });
    events(&mut parser, b"data: tail");
    assert_eq!(parser.finish().unwrap().unwrap().data, "tail");
    let mut late = parser.feed(b"data: x\n\n");
    assert_eq!(late.next_event(), Err(Error::AfterFinish));
    assert_eq!(late.next_event(), Ok(None));
    assert_eq!(parser.finish(), Err(Error::AfterFinish));
}

#[test]
fn options_name_the_member_that_is_wrong() {
    let path = |json: &str| SseOptions::from_json(json.as_bytes()).unwrap_err().path().map(str::to_owned);
    assert_eq!(path(r#"{"utf8":"latin1"}"#).as_deref(), Some("utf8"));
    assert_eq!(path(r#"{"max_event_bytes":-1}"#).as_deref(), Some("max_event_bytes"));
    assert_eq!(path(r#"{"dispatchTail":true}"#).as_deref(), Some("dispatchTail"));
    assert_eq!(SseOptions::from_json(b"{,}"), Err(Error::InvalidJson { offset: 1 }));
    assert_eq!(SseOptions::from_json(br#"{"utf8":null}"#), Ok(SseOptions::default()));
}

#[cfg(feature = "bytes")]
#[test]
fn owned_events_share_the_chunk() {
    let mut parser = SseParser::default();
    let chunk = bytes::Bytes::from_static(b"data: one\n\ndata: t");
    let one: Vec<_> = parser.feed_bytes(chunk.clone()).map(Result::unwrap).collect();
    assert_eq!(one[0].data, "one");
    assert!(chunk.as_ptr_range().contains(&one[0].data.as_ptr()));
    let two: Vec<_> = parser.feed_bytes("wo\n\n".into()).map(Result::unwrap).collect();
    assert_eq!((&two[0].data[..], &two[0].event[..]), (&b"two"[..], "message"));
}

/// Each block is tried by the shortcut, and taken up by the full path at each place where a chunk can end.
#[test]
fn what_the_shortcut_gives_up_is_not_scanned_again() {
    let block =
        "event: ping\ndata: {\"text\":\"0123456789 é 0123456789 0123456789 0123456789\"}\n\n".as_bytes();
    for end in ["", "id: 7\n\n", ": comment\n\n", "data: more\r\n\r\n"] {
        let stream = [block, block, &block[..block.len() - 1], end.as_bytes()].concat();
        for size in 1..stream.len() {
            let mut parser = SseParser::default();
            let read: Vec<_> = stream.chunks(size).flat_map(|chunk| events(&mut parser, chunk)).collect();
            assert_eq!(read.len(), 2 + usize::from(!end.is_empty()), "{end:?} in chunks of {size}");
            assert!(parser.bytes_touched() <= 2 * stream.len() as u64, "{end:?} in chunks of {size}");
        }
    }
}

#[test]
fn the_common_block_is_lent_however_it_is_spelled() {
    for end in ["\n", "\r\n", "\r"] {
        for head in ["event: a\ndata: ", "event:a\ndata:", "data: ", "data:", "event:\ndata: "] {
            let block = format!("{head}é{end}{end}").replace("\ndata", &format!("{end}data"));
            let stream = [block.as_str(); 3].concat() + "x";
            let mut parser = SseParser::default();
            let read = events(&mut parser, stream.as_bytes());
            // The first one decides where the second begins.
            assert_eq!(read, vec![("é".to_owned(), true); 3], "{block:?}");
        }
    }
    let mut parser = SseParser::default();
    let data: Vec<_> = events(&mut parser, b"data:a\n\ndata:a\n\ndata: a\n\ndata:  a\n\n");
    assert_eq!(data.iter().map(|(data, _)| data.as_str()).collect::<Vec<_>>(), ["a", "a", "a", " a"]);
}
