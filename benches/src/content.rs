//! What a chat client reads.
//!
//! Input: a chat stream or one chunk of it. Output: what a client reads there. The test of every transcode, ours or a
//! peer's, so it reads with `serde_json` and trusts nobody.

use serde_json::Value;

/// What a client has read at the end of a stream.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Content {
    /// Message text.
    pub text: String,
    /// Reasoning text.
    pub reasoning: String,
    /// Arguments of each call.
    pub arguments: Vec<String>,
}

impl Content {
    /// Reads chat.completion.chunk SSE, as this repository and its serde peers write it: one `data` line each.
    ///
    /// # Panics
    /// If it is anything else, or does not end in `[DONE]`.
    pub fn of_chat(stream: &[u8]) -> Self {
        let stream = str::from_utf8(stream).expect("chat streams are UTF-8");
        let mut frames: Vec<&str> = stream.split_terminator("\n\n").collect();
        assert_eq!(frames.pop(), Some("data: [DONE]"));
        let mut content = Self::default();
        for frame in frames {
            let json = frame.strip_prefix("data: ").expect("a data line");
            content.chunk(&serde_json::from_str(json).expect("chunks are JSON"));
        }
        content
    }

    fn chunk(&mut self, chunk: &Value) {
        let delta = &chunk["choices"][0]["delta"];
        self.text += delta["content"].as_str().unwrap_or_default();
        self.reasoning += delta["reasoning_content"].as_str().unwrap_or_default();
        for call in delta["tool_calls"].as_array().into_iter().flatten() {
            let index = call["index"].as_u64().expect("calls have an index") as usize;
            self.arguments.resize(self.arguments.len().max(index + 1), String::new());
            self.arguments[index] += call["function"]["arguments"].as_str().unwrap_or_default();
        }
    }

    /// All of it in bytes.
    pub fn len(&self) -> usize {
        self.text.len() + self.reasoning.len() + self.arguments.iter().map(String::len).sum::<usize>()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
