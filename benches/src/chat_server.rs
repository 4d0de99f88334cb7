//! A seeded stream of a chat server, for the other direction: text deltas as OpenAI orders their keys.

use crate::content::Content;
use crate::stream::{Shape, WORDS};
use crate::{Random, escaped};

/// Its name.
pub const CHAT_TEXT: &str = "text deltas of a chat server";

/// Text deltas of a chat server, about as long as those of a Responses backend.
pub fn chat_text(seed: u64, bytes: usize) -> Shape {
    let (mut random, mut content) = (Random::new(seed), Content::default());
    let (mut stream, mut events) = (String::new(), 2);
    while stream.len() < bytes {
        let word = random.one_of(&WORDS);
        let filler = &"abcdefghijklmnop"[..random.below(17)];
        content.text += word;
        stream += &format!(
            "data: {{\"id\":\"chatcmpl-67c9fdcf37fc8190ba82116e33fb28c5\",\"object\":\"chat.completion.chunk\",\
             \"created\":1741290958,\"model\":\"gpt-4.1\",\"choices\":[{{\"index\":0,\"delta\":{{\"content\":\"{}\"}},\
             \"finish_reason\":null}}],\"obfuscation\":\"{filler}\"}}\n\n",
            escaped(word)
        );
        events += 1;
    }
    stream +=
        "data: {\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
    Shape::new(CHAT_TEXT, &stream, events, content)
}

#[cfg(test)]
mod tests {
    use super::chat_text;
    use sluicegate::ResponsesTranscoder;

    #[test]
    fn a_client_of_responses_reads_what_it_says() {
        let shape = chat_text(7, 1 << 16);
        let (mut transcoder, mut out) = (ResponsesTranscoder::default(), Vec::new());
        transcoder.feed(&shape.stream, &mut out).unwrap();
        let response: serde_json::Value = serde_json::from_slice(&transcoder.response().unwrap()).unwrap();
        assert_eq!(response["output"][0]["content"][0]["text"], shape.content.text);
        let deltas = String::from_utf8(out)
            .unwrap()
            .matches("\ndata: {\"type\":\"response.output_text.delta\",")
            .count();
        assert_eq!(deltas, shape.events - 2);
    }
}
