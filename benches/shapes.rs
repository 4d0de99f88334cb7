//! Seeded streams for tests and benches alike: each shape names the path it exists to hit, and knows how many events
//! it has and what a client must have read of it at the end.

pub mod requests;

/// A stream, and what a plain reading of it gives.
#[derive(Debug)]
pub struct Shape {
    /// As in the bench report.
    pub name: &'static str,
    /// The SSE bytes.
    pub stream: Vec<u8>,
    /// Events in it.
    pub events: usize,
    /// All deltas, concatenated.
    pub said: String,
}

/// xorshift64*.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33).unwrap_or(0) % limit
    }
}

const WORDS: [&str; 12] = [
    "the ",
    " a",
    "stream",
    " of",
    " events",
    ", and",
    " then",
    " é",
    "日本",
    "\\n",
    " x",
    " longer-than-most-words",
];

/// All shapes, of about `bytes` each.
pub fn shapes(seed: u64, bytes: usize) -> Vec<Shape> {
    let text =
        ("output_text", "msg_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654", ",\"content_index\":0");
    let arguments = ("function_call_arguments", "fc_67ca09c6bedc8190a7abfec07b1a1332096610f474011cc0", "");
    let summary = (
        "reasoning_summary_text",
        "rs_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad4e5eb654",
        ",\"summary_index\":0",
    );
    vec![
        shape("text deltas", seed, bytes, text, "\n"),
        shape("text deltas, CRLF", seed, bytes, text, "\r\n"),
        shape("tool arguments", seed, bytes, arguments, "\n"),
        shape("reasoning", seed, bytes, summary, "\n"),
    ]
}

/// Deltas of one item, keys in OpenAI's order, obfuscation of varying length, about 246 bytes an event.
fn shape(name: &'static str, seed: u64, bytes: usize, of: (&str, &str, &str), end: &str) -> Shape {
    let (lane, item, index) = of;
    let mut random = Random(seed | 1);
    let (mut stream, mut said, mut events) = (opening(lane, item), String::new(), 1);
    while stream.len() < bytes {
        let word = WORDS[random.below(WORDS.len())];
        let filler = &"abcdefghijklmnop"[..random.below(17)];
        said += word;
        stream += &format!(
            "event: response.{lane}.delta{end}data: {{\"type\":\"response.{lane}.delta\",\"sequence_number\":{events},\
             \"item_id\":\"{item}\",\"output_index\":0{index},\"delta\":\"{word}\",\"obfuscation\":\"{filler}\"}}{end}{end}"
        );
        events += 1;
    }
    stream += "data: {\"type\":\"response.completed\",\"response\":{\"status\":\"completed\"}}\n\n";
    Shape { name, stream: stream.into_bytes(), events: events + 1, said }
}

/// Text deltas of a chat server, keys in OpenAI's order, about as long as those of [`shapes`].
pub fn chat_shape(seed: u64, bytes: usize) -> Shape {
    let mut random = Random(seed | 1);
    let (mut stream, mut said, mut events) = (String::new(), String::new(), 0);
    while stream.len() < bytes {
        let word = WORDS[random.below(WORDS.len())];
        let filler = &"abcdefghijklmnop"[..random.below(17)];
        said += word;
        stream += &format!(
            "data: {{\"id\":\"chatcmpl-67c9fdcf37fc8190ba82116e33fb28c5\",\"object\":\"chat.completion.chunk\",\
             \"created\":1741290958,\"model\":\"gpt-4.1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{word}\"}},\
             \"finish_reason\":null}}],\"obfuscation\":\"{filler}\"}}\n\n"
        );
        events += 1;
    }
    stream +=
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    Shape { name: "text deltas of a chat server", stream: stream.into_bytes(), events: events + 2, said }
}

fn opening(lane: &str, item: &str) -> String {
    if lane != "function_call_arguments" {
        return "data: {\"type\":\"response.created\",\"response\":{\"id\":\"resp_1\",\"model\":\"m\"}}\n\n"
            .to_owned();
    }
    format!(
        "data: {{\"type\":\"response.output_item.added\",\"output_index\":0,\"item\":{{\"type\":\"function_call\",\
         \"id\":\"{item}\",\"call_id\":\"call_1\",\"name\":\"f\",\"arguments\":\"\"}}}}\n\n"
    )
}

#[cfg(test)]
mod tests {
    use super::{chat_shape, shapes};
    use sluicegate::{ChatTranscoder, ResponsesTranscoder, SseParser};

    /// The raw string contents of every member that carries deltas, in order.
    fn said(out: &[u8]) -> String {
        let out = String::from_utf8_lossy(out).into_owned();
        let starts = [
            "{\"content\":\"",
            "{\"reasoning_content\":\"",
            "{\"function\":{\"arguments\":\"",
            ",\"function\":{\"arguments\":\"",
        ];
        let mut text = String::new();
        for frame in out.split("\n\n") {
            let piece = starts.iter().find_map(|start| frame.split_once(start));
            text += piece.and_then(|(_, rest)| rest.split_once("\"}")).map_or("", |(piece, _)| piece);
        }
        text
    }

    #[test]
    fn the_chat_shape_is_what_it_says() {
        let shape = chat_shape(7, 1 << 16);
        let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::new());
        transcoder.feed(&shape.stream, &mut out).unwrap();
        let response = String::from_utf8(transcoder.response().unwrap()).unwrap();
        assert!(response.contains(&format!("\"text\":\"{}\"", shape.said)));
        assert_eq!(String::from_utf8(out).unwrap().matches("output_text.delta\",").count(), shape.events - 2);
    }

    #[test]
    fn every_shape_is_what_it_says() {
        for shape in shapes(7, 1 << 16) {
            let mut parser = SseParser::default();
            let mut events = parser.feed(&shape.stream);
            let mut count = 0;
            while events.next_event().unwrap().is_some() {
                count += 1;
            }
            assert_eq!(count, shape.events, "{}", shape.name);
            let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
            transcoder.feed(&shape.stream, &mut out).unwrap();
            assert_eq!(said(&out), shape.said, "{}", shape.name);
            assert!(transcoder.outcome().is_some_and(|outcome| outcome.notes.is_empty()), "{}", shape.name);
        }
    }
}
