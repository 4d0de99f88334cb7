//! What must hold for any bytes: the same result for any chunking, the slow oracle's result, well-formed output.

mod cases;
mod oracle;

use cases::{Random, sse_events};
use proptest::prelude::*;
use sluicegate::{ChatTranscoder, ResponseCollector, ResponsesRelay, ResponsesTranscoder, SseOptions};

/// Bytes that make SSE structure likely.
fn sse_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"\n"[..],
        b"\r",
        b"\r\n",
        b"\n\n",
        b"data",
        b"data:",
        b"data: ",
        b"id:",
        b"event: ",
        b"retry:",
        b":",
        b" ",
        b"x",
        b"12",
        b"\xef\xbb\xbf",
        b"\xef",
        b"\xbb",
        b"\xf0\x9f",
        b"\x98\x80",
        b"\0",
        b"\xe2\x80\xa8",
        b"dat",
        b"\xff",
    ]);
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn transcode(chunks: &[&[u8]]) -> (Vec<u8>, String) {
    let mut transcoder = ChatTranscoder::default();
    let mut out = Vec::new();
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json())
}

fn respond(chunks: &[&[u8]]) -> (Vec<u8>, String) {
    let mut transcoder = ResponsesTranscoder::default();
    let mut out = Vec::new();
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap().to_json())
}

fn collect(chunks: &[&[u8]]) -> (Vec<u8>, Vec<u8>) {
    let mut collector = ResponseCollector::default();
    for chunk in chunks {
        collector.feed(chunk).unwrap();
    }
    (collector.finish().unwrap(), collector.chat_completion().unwrap().to_vec())
}

fn relay(chunks: &[&[u8]]) -> Vec<u8> {
    let (mut relay, mut out) = (ResponsesRelay::default(), Vec::new());
    for chunk in chunks {
        relay.feed(chunk, &mut out).unwrap();
    }
    relay.finish(&mut out).unwrap();
    out
}

/// The events of all chat fixtures, each a block: material for shuffled streams.
fn blocks() -> Vec<Vec<u8>> {
    let split = |input: Vec<u8>| {
        String::from_utf8_lossy(&input).split_inclusive("\n\n").map(Into::into).collect::<Vec<_>>()
    };
    let inputs = cases::read_cases("chat").into_iter().filter_map(|case| case.read_optional("input.sse"));
    inputs.flat_map(split).map(|block: String| block.into_bytes()).collect()
}

/// Events on few items whose ids, indexes and call ids are mixed up, or missing.
fn colliding_events(random: &mut Random) -> String {
    let mut event = || {
        let mut one_of = |members: [&str; 4]| members[random.below(4)].to_owned();
        let index = one_of(["", "\"output_index\":0,", "\"output_index\":1,", "\"output_index\":1,"]);
        let id = one_of(["", "_id\":\"a\",", "_id\":\"b\",", "_id\":\"c\","]);
        let call = one_of(["", "", "\"call_id\":\"x\",", "\"call_id\":\"y\","]);
        let lane =
            one_of(["output_text", "reasoning_text", "function_call_arguments", "function_call_arguments"]);
        let kind = one_of(["message", "custom_tool_call", "function_call", "function_call"]);
        let about = if id.is_empty() { String::new() } else { format!("\"item{id}") };
        let own = id.replace("_id", "\"id");
        match random.below(8) {
            0 | 1 => {
                let state = ["added", "done"][random.below(2)];
                format!(
                    "{{\"type\":\"response.output_item.{state}\",{index}\"item\":{{{own}{call}\"name\":\"f\",\"type\":\"{kind}\"}}}}"
                )
            }
            2 if lane.starts_with('f') => {
                format!("{{\"type\":\"response.{lane}.done\",{index}{about}{call}\"arguments\":\"ab\"}}")
            }
            3 => format!("{{\"type\":\"response.{lane}.delta\",{index}{about}{call}\"delta\":\"a\"}}"),
            _ => format!("{{\"type\":\"response.{lane}.delta\",{index}{about}\"delta\":\"b\"}}"),
        }
    };
    (0..24).map(|_| format!("data: {}\n\n", event())).collect()
}

/// The same of a chat server's calls, and the other members of its chunks.
fn colliding_chunks(random: &mut Random) -> String {
    let only_calls = random.below(3) > 0;
    let mut chunk = || {
        let mut one_of = |members: [&str; 4]| members[random.below(4)].to_owned();
        let index = one_of(["", "\"index\":0,", "\"index\":1,", "\"index\":1,"]);
        let id = one_of(["", "", "\"id\":\"a\",", "\"id\":\"b\","]);
        let name = one_of(["", "", "\"name\":\"f\",", "\"name\":\"g\","]);
        let arguments = one_of(["", "1", "{", "}"]);
        let tier = one_of(["", "", "\"service_tier\":\"x\",", "\"service_tier\":\"y\","]);
        let usage = one_of(["", "", "", "\"usage\":{\"prompt_tokens\":1},"]);
        let (id, name) = if random.below(3) == 0 { (id, name) } else { Default::default() };
        let call =
            format!("\"tool_calls\":[{{{index}{id}\"function\":{{{name}\"arguments\":\"{arguments}\"}}}}]");
        let (tier, usage) = if only_calls { Default::default() } else { (tier, usage) };
        let delta = match random.below(8) {
            _ if only_calls => call,
            0 => format!("\"content\":\"{arguments}\""),
            1 => format!("\"reasoning_content\":\"{arguments}\""),
            _ => call,
        };
        format!("{{{tier}{usage}\"choices\":[{{\"index\":0,\"delta\":{{{delta}}}}}]}}")
    };
    (0..24).map(|_| format!("data: {}\n\n", chunk())).collect()
}

/// A block that is known means nothing any more once a frame has ended the stream.
#[test]
fn a_frame_between_repeated_blocks_counts() {
    let chat_delta = b"data: {\"choices\":[{\"delta\":{\"content\":\"a\"}}]}\n\n";
    let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::new());
    transcoder.feed(&chat_delta.repeat(3), &mut out).unwrap();
    transcoder.feed_event("{\"error\":{\"message\":\"gone\"}}", &mut out).unwrap();
    let end = out.len();
    transcoder.feed(chat_delta, &mut out).unwrap();
    assert_eq!(out.len(), end, "{}", out[end..].escape_ascii());

    let delta = b"data: {\"type\":\"response.output_text.delta\",\"item_id\":\"m\",\"output_index\":0,\"delta\":\"a\"}\n\n";
    let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
    transcoder.feed(&delta.repeat(3), &mut out).unwrap();
    transcoder.feed_event("{\"type\":\"response.completed\",\"response\":{}}", &mut out).unwrap();
    let end = out.len();
    transcoder.feed(delta, &mut out).unwrap();
    assert_eq!(out.len(), end, "{}", out[end..].escape_ascii());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn parser_equals_oracle_in_any_chunking(input in sse_bytes(), tail: bool, strict: bool, limit in 0..120_usize, seed: u64) {
        let utf8 = if strict { sluicegate::Utf8Policy::Strict } else { sluicegate::Utf8Policy::Replace };
        let unlimited = SseOptions { dispatch_tail: tail, utf8, ..SseOptions::default() };
        let whole = sse_events(&unlimited, &[&input]);
        if !strict {
            prop_assert_eq!(&whole, &oracle::parse(&input, tail));
        }
        let limited = SseOptions { max_event_bytes: limit, ..unlimited.clone() };
        let limited_whole = sse_events(&limited, &[&input]);
        let cut = Random(seed | 1).cut(&input);
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        for chunks in [&cut, &bytes] {
            prop_assert_eq!(&sse_events(&unlimited, chunks), &whole);
            prop_assert_eq!(&sse_events(&limited, chunks), &limited_whole);
        }
    }

    #[test]
    fn shuffled_events_end_once_and_do_not_depend_on_cuts(seed: u64, count in 1..30_usize, flips in 0..3_usize) {
        let blocks = blocks();
        let mut random = Random(seed | 1);
        let mut input = Vec::new();
        for _ in 0..count {
            input.extend_from_slice(&blocks[random.below(blocks.len())]);
        }
        for _ in 0..flips {
            let at = random.below(input.len());
            input[at] = random.below(256) as u8;
        }
        let whole = transcode(&[&input]);
        prop_assert_eq!(&transcode(&random.cut(&input)), &whole);
        prop_assert_eq!(&transcode(&input.chunks(1).collect::<Vec<_>>()), &whole);
        let text = String::from_utf8(whole.0).unwrap();
        prop_assert!(text.ends_with("data: [DONE]\n\n"));
        prop_assert_eq!(text.matches("data: [DONE]\n\n").count(), 1);
        prop_assert_eq!(text.matches("\"finish_reason\":\"").count() + text.matches("data: {\"error\":").count(), 1);
    }

    /// Blocks that repeat take a shortcut where one of them lay inside a chunk; fed byte by byte they never do.
    #[test]
    fn repeated_blocks_with_flipped_bytes_equal_the_full_path(seed: u64, flips in 0..4_usize, end in 0..3_usize, keys in 0..4_usize, turns in 1..4_usize) {
        let mut random = Random(seed | 1);
        let mut input = Vec::new();
        for number in 0..24 + random.below(8) {
            let call = if random.below(5) == 0 { random.below(3) } else { number % turns };
            let words = ["a", "\\n", "é", "\\ud83d\\ude00", "", "0", "\\\"", "{\\\"path\\\":\\\"", "a text of more than sixteen bytes", "日本語の長いテキスト", "\\ud83d"];
            let (text, filler) = (words[random.below(words.len())], &"xxxxxxxx"[..random.below(8)]);
            let json = match keys {
                0 => format!("{{\"type\":\"response.output_text.delta\",\"sequence_number\":{number},\"item_id\":\"m{call}\",\"output_index\":{call},\"delta\":\"{text}\",\"obfuscation\":\"{filler}\"}}"),
                1 => format!("{{\"delta\":\"{text}\",\"item_id\":\"f{call}\",\"output_index\":{call},\"type\":\"response.function_call_arguments.delta\"}}"),
                2 => format!("{{\"delta\":\"{text}\",\"item_id\":\"m{call}\",\"output_index\":{call}}}"),
                _ => format!("{{\"obfuscation\":\"{filler}\",\"delta\":\"{text}\",\"summary_index\":{call},\"type\":\"response.reasoning_summary_text.delta\",\"delta\":\"{text}\"}}"),
            };
            let name = ["response.output_text.delta", "response.refusal.delta", "x"][random.below(9) / 4];
            input.extend_from_slice(format!("event: {name}\ndata: {json}\n\n").as_bytes());
            if random.below(12) == 0 {
                let other = ["response.content_part.done", "response.output_item.done"][random.below(2)];
                let item = format!("\"item\":{{\"type\":\"message\",\"id\":\"m{call}\"}}");
                input.extend_from_slice(format!("data: {{\"type\":\"{other}\",\"output_index\":{call},{item}}}\n\n").as_bytes());
            }
        }
        input = String::from_utf8(input).unwrap().replace('\n', ["\n", "\r\n", "\r"][end]).into_bytes();
        for _ in 0..flips {
            let texts: Vec<_> = (8..input.len()).filter(|at| input[..*at].ends_with(b"delta\":\"")).collect();
            let anywhere = random.below(input.len());
            let at = if random.below(2) == 0 { anywhere } else { texts.get(random.below(texts.len() + 1)).copied().unwrap_or(anywhere) };
            input[at] = [random.below(256) as u8, 0xff, b'1', b'"', b'\n'][random.below(5)];
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        prop_assert!(transcode(&[&input]) == transcode(&bytes), "chat: {}", input.escape_ascii());
        prop_assert!(transcode(&random.cut(&input)) == transcode(&bytes), "chat, cut: {}", input.escape_ascii());
        prop_assert!(collect(&[&input]) == collect(&bytes), "collected: {}", input.escape_ascii());
        prop_assert!(collect(&random.cut(&input)) == collect(&bytes), "collected, cut: {}", input.escape_ascii());
        prop_assert!(relay(&random.cut(&input)) == relay(&bytes), "relayed, cut: {}", input.escape_ascii());
        prop_assert!(relay(&[&input]) == relay(&bytes), "relayed: {}", input.escape_ascii());
    }

    /// The same of a chat server: texts of several voices and calls that take turns.
    #[test]
    fn repeated_chunks_with_flipped_bytes_equal_the_full_path(seed: u64, flips in 0..4_usize, end in 0..3_usize, turns in 1..5_usize) {
        let mut random = Random(seed | 1);
        let mut input = Vec::new();
        for number in 0..24 + random.below(100) {
            let turn = if random.below(5) == 0 { random.below(6) } else { number % turns };
            let words = ["a", "\\n", "é", "\\ud83d\\ude00", "", "0", "\\\"", "{\\\"path\\\":\\\"", "a text of more than sixteen bytes", "日本語の長いテキスト", "\\ud83d", "}"];
            let (text, filler) = (words[random.below(words.len())], &"xxxxxxxx"[..random.below(8)]);
            let delta = match turn {
                0 => format!("\"content\":\"{text}\""),
                1 => format!("\"reasoning_content\":\"{text}\""),
                2 => format!("\"refusal\":\"{text}\",\"content\":null"),
                3 if random.below(8) == 0 => format!("\"tool_calls\":[{{\"index\":0,\"id\":\"call_{number}\",\"function\":{{\"name\":\"f\",\"arguments\":\"{text}\"}}}}]"),
                3 => format!("\"tool_calls\":[{{\"index\":0,\"function\":{{\"arguments\":\"{text}\"}}}}]"),
                _ => format!("\"content\":\"{text}\",\"content\":\"{text}\""),
            };
            let logprobs = if random.below(20) == 0 { ",\"logprobs\":{\"content\":[{\"token\":\"a\",\"logprob\":0}]}" } else { "" };
            input.extend_from_slice(format!("data: {{\"id\":\"c\",\"choices\":[{{\"index\":0,\"delta\":{{{delta}}}{logprobs}}}],\"obfuscation\":\"{filler}\"}}\n\n").as_bytes());
        }
        if random.below(2) == 0 {
            input.extend_from_slice(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        }
        input = String::from_utf8(input).unwrap().replace('\n', ["\n", "\r\n", "\r"][end]).into_bytes();
        for _ in 0..flips {
            let at = random.below(input.len());
            input[at] = [random.below(256) as u8, 0xff, b'1', b'"', b'\n'][random.below(5)];
        }
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        prop_assert!(respond(&[&input]) == respond(&bytes), "{}", input.escape_ascii());
        prop_assert!(respond(&random.cut(&input)) == respond(&bytes), "cut: {}", input.escape_ascii());
    }

    /// What a search finds is what the shortcut remembers, whatever ids and indexes came meanwhile.
    #[test]
    fn colliding_identities_equal_the_full_path(seed: u64) {
        let mut random = Random(seed | 1);
        let input = colliding_events(&mut random).into_bytes();
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        let cut = random.cut(&input);
        for chunks in [&[&input[..]][..], &cut] {
            prop_assert!(transcode(chunks) == transcode(&bytes), "chat: {}", input.escape_ascii());
            prop_assert!(collect(chunks) == collect(&bytes), "collected: {}", input.escape_ascii());
            prop_assert!(relay(chunks) == relay(&bytes), "relayed: {}", input.escape_ascii());
        }
        let mut input = colliding_chunks(&mut random).into_bytes();
        input.extend_from_slice(b"data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
        let bytes: Vec<&[u8]> = input.chunks(1).collect();
        prop_assert!(respond(&[&input]) == respond(&bytes), "{}", input.escape_ascii());
        prop_assert!(respond(&random.cut(&input)) == respond(&bytes), "cut: {}", input.escape_ascii());
    }
}
