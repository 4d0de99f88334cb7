//! What an answer says, whichever form it has: for comparing the forms.
//!
//! Input: chunks, a completion, a Response. Output: the same of each. State: none.

#![allow(dead_code, reason = "each user needs its part")]

use serde_json::{Value, json};

/// What a client has in the end: texts, calls, how many images, and the finish reason.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Said {
    text: String,
    refusal: String,
    /// Id, name, arguments.
    calls: Vec<[String; 3]>,
    images: usize,
    finish: String,
}

fn owned(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

impl Said {
    fn add(&mut self, message: &Value) {
        self.text += message["content"].as_str().unwrap_or_default();
        self.refusal += message["refusal"].as_str().unwrap_or_default();
        self.images += message["images"].as_array().map_or(0, Vec::len);
        for (nth, call) in message["tool_calls"].as_array().into_iter().flatten().enumerate() {
            let at = call["index"].as_u64().map_or(self.calls.len().max(nth), |index| index as usize);
            if at == self.calls.len() {
                self.calls.push(Default::default());
            }
            let own = &mut self.calls[at];
            own[0] += call["id"].as_str().unwrap_or_default();
            own[1] += call["function"]["name"].as_str().unwrap_or_default();
            own[2] += call["function"]["arguments"].as_str().unwrap_or_default();
        }
    }

    pub(crate) fn chunks(chat: &[u8]) -> Self {
        let mut said = Self::default();
        for frame in String::from_utf8_lossy(chat).split_terminator("\n\n") {
            let Ok(chunk) = serde_json::from_str::<Value>(&frame["data: ".len()..]) else { continue };
            said.add(&chunk["choices"][0]["delta"]);
            said.finish += chunk["choices"][0]["finish_reason"].as_str().unwrap_or_default();
        }
        said
    }

    pub(crate) fn completion(completion: &Value) -> Self {
        let mut said = Self::default();
        said.add(&completion["choices"][0]["message"]);
        said.finish = owned(&completion["choices"][0]["finish_reason"]);
        said
    }

    /// The answer is not told from its separators: further messages are set off in chat.
    pub(crate) fn response(response: &Value) -> Self {
        let mut said = Self::default();
        for item in response["output"].as_array().into_iter().flatten() {
            for part in item["content"].as_array().into_iter().flatten().filter(|_| item["type"] == "message")
            {
                said.text +=
                    part["text"].as_str().filter(|_| part["type"] == "output_text").unwrap_or_default();
                said.refusal += part["refusal"].as_str().unwrap_or_default();
            }
            said.images += usize::from(item["result"].as_str().is_some_and(|result| !result.is_empty()));
            if item["type"] == "function_call" {
                said.calls.push(["call_id", "name", "arguments"].map(|member| owned(&item[member])));
            }
            if item["type"] == "custom_tool_call" {
                let whole = json!({ "input": item["input"] }).to_string();
                let open = whole.strip_suffix("\"}").filter(|_| item["status"] == "incomplete"); // cut in the middle
                let open = open.map(|open| if item["input"] == "" { "" } else { open }); // or before it began
                let wrapped = open.unwrap_or(&whole).to_owned();
                said.calls.push([owned(&item["call_id"]), owned(&item["name"]), wrapped]);
            }
        }
        said.calls.retain(|call| !call[1].is_empty()); // a call without a name is none in chat
        let finish = match (owned(&response["status"]).as_str(), said.calls.is_empty()) {
            ("incomplete", _) if response["incomplete_details"]["reason"] == "content_filter" => {
                "content_filter"
            }
            ("incomplete", _) => "length",
            (_, true) => "stop",
            (_, false) => "tool_calls",
        };
        finish.clone_into(&mut said.finish);
        said
    }

    /// In an order of its own, and without what sets messages off: a terminal event may have another.
    pub(crate) fn in_any_order(mut self) -> Self {
        let mut letters: Vec<_> = self.text.chars().filter(|letter| *letter != '\n').collect();
        letters.sort_unstable();
        self.text = letters.into_iter().collect();
        let mut letters: Vec<_> = self.refusal.chars().collect();
        letters.sort_unstable();
        self.refusal = letters.into_iter().collect();
        for [.., arguments] in self.calls.iter_mut().filter(|call| call[2].trim().is_empty()) {
            arguments.clear(); // white space of a call that was cut is nothing
        }
        self.calls.sort();
        self
    }
}
