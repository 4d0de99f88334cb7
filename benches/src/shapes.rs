//! Seeded streams for tests and benches alike: each shape names the path it exists to hit, and knows how many events
//! it has and what a client must have read of it at the end.

use crate::chat_server::{CHAT_TEXT, chat_text};
use crate::content::Content;
use crate::messages_server::{MESSAGES_TEXT, messages_text};
use crate::stream::{Shape, WORDS};
use crate::{Random, escaped};

/// Makes the shape that has this name.
pub type Maker = fn(seed: u64, bytes: usize) -> Shape;

/// Every shape by name. A name has what is special: elsewhere lines end in LF, `type` comes first, there is one item.
pub const SHAPES: [(&str, Maker); 7] = [
    ("text deltas", |seed, bytes| text("text deltas", Style::default(), seed, bytes)),
    ("tool arguments", tool_arguments),
    ("reasoning", reasoning),
    ("mixed", mixed),
    ("text deltas, CRLF", |seed, bytes| {
        text("text deltas, CRLF", Style { end: "\r\n", ..Style::default() }, seed, bytes)
    }),
    ("text deltas, type last", |seed, bytes| {
        text("text deltas, type last", Style { is_sorted: true, ..Style::default() }, seed, bytes)
    }),
    ("many items", many_items),
];

/// The shape with this name, or that of a chat or Messages server, of about `bytes`.
///
/// # Panics
/// If there is none.
pub fn shape(name: &str, seed: u64, bytes: usize) -> Shape {
    if name == CHAT_TEXT {
        return chat_text(seed, bytes);
    }
    if name == MESSAGES_TEXT {
        return messages_text(seed, bytes);
    }
    let (_, maker) = SHAPES.iter().find(|(known, _)| *known == name).expect("a shape of this name");
    maker(seed, bytes)
}

const JSON: [&str; 10] = ["{\"", "command", "\":\"", "cat ", "src/", "main.rs", "\\n", "\",\"", "日本", "}"];

fn text(name: &'static str, style: Style, seed: u64, bytes: usize) -> Shape {
    let mut writer = Writer::new(style, seed);
    let item = writer.open_message();
    while writer.stream.len() < bytes {
        writer.text(&item);
    }
    writer.shape(name)
}

fn tool_arguments(seed: u64, bytes: usize) -> Shape {
    let mut writer = Writer::new(Style::default(), seed);
    let item = writer.open_call();
    while writer.stream.len() < bytes {
        writer.arguments(&item);
    }
    writer.shape("tool arguments")
}

fn reasoning(seed: u64, bytes: usize) -> Shape {
    let mut writer = Writer::new(Style::default(), seed);
    let item = writer.open_reasoning();
    while writer.stream.len() < bytes {
        writer.reasoning(&item);
    }
    writer.shape("reasoning")
}

/// Turns of reasoning, a message, two calls that interleave, each with its `done` events.
fn mixed(seed: u64, bytes: usize) -> Shape {
    let mut writer = Writer::new(Style::default(), seed);
    while writer.stream.len() < bytes {
        let item = writer.open_reasoning();
        (0..200).for_each(|_| writer.reasoning(&item));
        writer.close(&item);
        let item = writer.open_message();
        (0..400).for_each(|_| writer.text(&item));
        writer.close(&item);
        let calls = [writer.open_call(), writer.open_call()];
        (0..400).for_each(|nth| writer.arguments(&calls[nth % 2]));
        for call in &calls {
            writer.close(call);
        }
    }
    writer.shape("mixed")
}

/// Short calls one after the other: items are what there is most of.
fn many_items(seed: u64, bytes: usize) -> Shape {
    let mut writer = Writer::new(Style::default(), seed);
    while writer.stream.len() < bytes {
        let item = writer.open_call();
        (0..20).for_each(|_| writer.arguments(&item));
        writer.close(&item);
    }
    writer.shape("many items")
}

/// What vendors do differently.
#[derive(Debug, Clone, Copy)]
struct Style {
    end: &'static str,
    /// Keys in alphabetical order: `type` is last.
    is_sorted: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { end: "\n", is_sorted: false }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lane {
    Message,
    Reasoning,
    Call,
}

/// An item that is open.
#[derive(Debug)]
struct Item {
    lane: Lane,
    id: String,
    output_index: usize,
    /// Where in [`Content`] its text begins; its number for a call.
    at: usize,
}

struct Writer {
    style: Style,
    random: Random,
    stream: String,
    events: usize,
    items: usize,
    content: Content,
}

impl Writer {
    fn new(style: Style, seed: u64) -> Self {
        let (random, content) = (Random::new(seed), Content::default());
        let mut writer = Self { style, random, stream: String::new(), events: 0, items: 0, content };
        let response = r#"{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654","object":"response","created_at":1741290958,"status":"in_progress","model":"gpt-5.5","output":[]}"#;
        writer.event("response.created", &[("response", response.to_owned())]);
        writer
    }

    /// One event, its keys in OpenAI's order or sorted.
    fn event(&mut self, kind: &str, members: &[(&str, String)]) {
        let mut keys = vec![("type", format!("\"{kind}\"")), ("sequence_number", self.events.to_string())];
        keys.extend_from_slice(members);
        if self.style.is_sorted {
            keys.sort();
        }
        let members: Vec<String> = keys.iter().map(|(key, value)| format!("\"{key}\":{value}")).collect();
        let end = self.style.end;
        self.stream += &format!("event: {kind}{end}data: {{{}}}{end}{end}", members.join(","));
        self.events += 1;
    }

    fn open(&mut self, lane: Lane, at: usize) -> Item {
        let (prefix, output_index) = (lane.prefix(), self.items);
        self.items += 1;
        let id = format!("{prefix}_67c9fdcf37fc8190ba82116e33fb28c507b8b0ad{output_index:010x}");
        let item = Item { lane, id, output_index, at };
        self.item_event("response.output_item.added", &item, "");
        item
    }

    fn open_message(&mut self) -> Item {
        if !self.content.text.is_empty() {
            self.content.text += "\n\n";
        }
        let item = self.open(Lane::Message, self.content.text.len());
        let part = r#"{"type":"output_text","text":"","annotations":[]}"#.to_owned();
        self.about(&item, "response.content_part.added", &[("part", part)]);
        item
    }

    fn open_reasoning(&mut self) -> Item {
        if !self.content.reasoning.is_empty() {
            self.content.reasoning += "\n\n";
        }
        let item = self.open(Lane::Reasoning, self.content.reasoning.len());
        let part = r#"{"type":"summary_text","text":""}"#.to_owned();
        self.about(&item, "response.reasoning_summary_part.added", &[("part", part)]);
        item
    }

    fn open_call(&mut self) -> Item {
        self.content.arguments.push(String::new());
        self.open(Lane::Call, self.content.arguments.len() - 1)
    }

    fn text(&mut self, item: &Item) {
        let word = self.random.one_of(&WORDS);
        self.content.text += word;
        self.delta(item, "response.output_text.delta", word, Some(("logprobs", "[]".to_owned())));
    }

    fn reasoning(&mut self, item: &Item) {
        let word = self.random.one_of(&WORDS);
        self.content.reasoning += word;
        self.delta(item, "response.reasoning_summary_text.delta", word, None);
    }

    fn arguments(&mut self, item: &Item) {
        let word = self.random.one_of(&JSON);
        let word = if self.content.arguments[item.at].is_empty() { "{" } else { word }; // what begins no object waits
        self.content.arguments[item.at] += word;
        self.delta(item, "response.function_call_arguments.delta", word, None);
    }

    /// Obfuscation pads deltas to hide their length; it varies.
    fn delta(&mut self, item: &Item, kind: &str, word: &str, extra: Option<(&'static str, String)>) {
        let filler = format!("\"{}\"", &"abcdefghijklmnop"[..self.random.below(17)]);
        let mut members = vec![("delta", format!("\"{}\"", escaped(word)))];
        members.extend(extra);
        members.push(("obfuscation", filler));
        self.about(item, kind, &members);
    }

    /// An event about an item.
    fn about(&mut self, item: &Item, kind: &str, members: &[(&str, String)]) {
        let mut all =
            vec![("item_id", format!("\"{}\"", item.id)), ("output_index", item.output_index.to_string())];
        match item.lane {
            Lane::Message => all.push(("content_index", "0".to_owned())),
            Lane::Reasoning => all.push(("summary_index", "0".to_owned())),
            Lane::Call => {}
        }
        all.extend_from_slice(members);
        self.event(kind, &all);
    }

    /// The whole text again, and the whole item.
    fn close(&mut self, item: &Item) {
        let (kind, key, whole) = match item.lane {
            Lane::Message => ("response.output_text.done", "text", &self.content.text[item.at..]),
            Lane::Reasoning => {
                ("response.reasoning_summary_text.done", "text", &self.content.reasoning[item.at..])
            }
            Lane::Call => {
                ("response.function_call_arguments.done", "arguments", &*self.content.arguments[item.at])
            }
        };
        let whole = escaped(whole);
        self.about(item, kind, &[(key, format!("\"{whole}\""))]);
        self.item_event("response.output_item.done", item, &whole);
    }

    fn item_event(&mut self, kind: &str, item: &Item, whole: &str) {
        let json = item.json(whole);
        self.event(kind, &[("output_index", item.output_index.to_string()), ("item", json)]);
    }

    fn shape(mut self, name: &'static str) -> Shape {
        let usage = r#"{"input_tokens":36,"output_tokens":87,"total_tokens":123}"#;
        let response = format!(
            r#"{{"id":"resp_67c9fdcecf488190bdd9a0409de3a1ec07b8b0ad4e5eb654","status":"completed","output":[],"usage":{usage}}}"#
        );
        self.event("response.completed", &[("response", response)]);
        Shape::new(name, &self.stream, self.events, self.content)
    }
}

impl Lane {
    fn prefix(self) -> &'static str {
        match self {
            Self::Message => "msg",
            Self::Reasoning => "rs",
            Self::Call => "fc",
        }
    }
}

impl Item {
    fn json(&self, whole: &str) -> String {
        let Self { lane, id, output_index, .. } = self;
        match lane {
            Lane::Message if whole.is_empty() => {
                format!(r#"{{"type":"message","id":"{id}","role":"assistant","content":[]}}"#)
            }
            Lane::Message => format!(
                r#"{{"type":"message","id":"{id}","role":"assistant","content":[{{"type":"output_text","text":"{whole}","annotations":[]}}]}}"#
            ),
            Lane::Reasoning if whole.is_empty() => {
                format!(r#"{{"type":"reasoning","id":"{id}","summary":[]}}"#)
            }
            Lane::Reasoning => format!(
                r#"{{"type":"reasoning","id":"{id}","summary":[{{"type":"summary_text","text":"{whole}"}}]}}"#
            ),
            Lane::Call => format!(
                r#"{{"type":"function_call","id":"{id}","call_id":"call_{output_index}","name":"exec","arguments":"{whole}"}}"#
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::SHAPES;
    use crate::content::Content;
    use crate::stream::Shape;
    use sluicegate::{ChatTranscoder, NoteCode, ResponseCollector, SseParser};

    fn each(mut check: impl FnMut(Shape)) {
        for (name, maker) in SHAPES {
            let shape = maker(7, 1 << 18);
            assert_eq!(shape.name, name);
            check(shape);
        }
    }

    #[test]
    fn every_shape_has_the_events_it_counts() {
        each(|shape| {
            let mut parser = SseParser::default();
            let mut events = parser.feed(&shape.stream);
            let mut count = 0;
            while events.next_event().unwrap().is_some() {
                count += 1;
            }
            assert_eq!(count, shape.events, "{}", shape.name);
        });
    }

    #[test]
    fn a_chat_client_reads_what_every_shape_says() {
        each(|shape| {
            let (mut transcoder, mut out) = (ChatTranscoder::default(), Vec::new());
            transcoder.feed(&shape.stream, &mut out).unwrap();
            assert!(Content::of_chat(&out) == shape.content, "{}", shape.name);
            let notes = transcoder.outcome().unwrap().notes;
            let is_noted = shape.name == "reasoning"; // that it is nothing else
            assert!(
                notes.iter().all(|note| is_noted && note.code == NoteCode::EmptyAnswer),
                "{}",
                shape.name
            );
        });
    }

    #[test]
    fn the_collected_response_says_the_same() {
        each(|shape| {
            let mut collector = ResponseCollector::default();
            collector.feed(&shape.stream).unwrap();
            collector.finish().unwrap();
            let completion: serde_json::Value =
                serde_json::from_slice(collector.chat_completion().unwrap()).unwrap();
            let message = &completion["choices"][0]["message"];
            assert_eq!(message["content"].as_str().unwrap_or_default(), shape.content.text, "{}", shape.name);
        });
    }

    /// Each shape is the path it is named after.
    #[test]
    fn shapes_differ_where_their_names_say() {
        let text = |name| super::shape(name, 7, 1 << 18).stream;
        let average = |name| {
            let shape = super::shape(name, 7, 1 << 20);
            shape.stream.len() / shape.events
        };
        assert!((235..260).contains(&average("text deltas")), "{}", average("text deltas"));
        let plain = String::from_utf8(text("text deltas").to_vec()).unwrap();
        assert!(!plain.contains('\r') && plain.contains(r#"data: {"type":"response.output_text.delta","#));
        let crlf = String::from_utf8(text("text deltas, CRLF").to_vec()).unwrap();
        assert_eq!(crlf.matches('\n').count(), crlf.matches("\r\n").count());
        let deltas = crlf.replace("\r\n", "\n");
        assert!(plain.starts_with(deltas.split("event: response.completed").next().unwrap()));
        let sorted = String::from_utf8(text("text deltas, type last").to_vec()).unwrap();
        assert!(sorted.contains(r#","type":"response.output_text.delta"}"#));
        assert!(!sorted.contains(r#"data: {"type""#));
        let items = |name| super::shape(name, 7, 1 << 18).content.arguments.len();
        assert!(items("many items") > 40 && items("tool arguments") == 1 && items("mixed") >= 2);
    }
}
