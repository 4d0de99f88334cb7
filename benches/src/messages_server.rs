//! A seeded stream of a Messages server: text deltas as Anthropic orders and names them.

use crate::content::Content;
use crate::stream::{Shape, WORDS};
use crate::{Random, escaped};

/// Its name.
pub const MESSAGES_TEXT: &str = "text deltas of a Messages server";

const START: &str = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"model\":\"claude-opus-4-6\",\
    \"id\":\"msg_01EKqbqmZrGRXy18eN7m9kvY\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\
    \"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":9,\"output_tokens\":1}}}\n\n\
    event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\
    \"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n";

const END: &str = "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n\
    event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\
    \"stop_sequence\":null},\"usage\":{\"output_tokens\":7}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

/// Text deltas of a Messages server, padded with spaces as that does.
pub fn messages_text(seed: u64, bytes: usize) -> Shape {
    let (mut random, mut content) = (Random::new(seed), Content::default());
    let (mut stream, mut events) = (START.to_owned(), 5);
    while stream.len() < bytes {
        let word = random.one_of(&WORDS);
        let padding = &"              "[..random.below(15)];
        content.text += word;
        stream += &format!(
            "event: content_block_delta\ndata: {{\"type\":\"content_block_delta\",\"index\":0,\
             \"delta\":{{\"type\":\"text_delta\",\"text\":\"{}\"}}{padding}}}\n\n",
            escaped(word)
        );
        events += 1;
    }
    stream += END;
    Shape::new(MESSAGES_TEXT, &stream, events, content)
}

#[cfg(test)]
mod tests {
    use super::messages_text;
    use sluicegate::{Collector, Dialect, Options};

    #[test]
    fn every_client_reads_what_it_says() {
        let shape = messages_text(7, 1 << 16);
        let mut collector = Collector::new(Dialect::Messages, Options::default());
        collector.feed(&shape.stream).unwrap();
        collector.finish().unwrap();
        let completion: serde_json::Value =
            serde_json::from_slice(collector.final_completion().unwrap()).unwrap();
        assert_eq!(completion["choices"][0]["message"]["content"], shape.content.text);
    }
}
