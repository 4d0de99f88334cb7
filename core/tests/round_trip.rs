//! Responses → chat → Responses and chat → Responses → chat keep the content: text, refusals, calls, usage, why it
//! ended. Runs over every fixture of either direction, and over `SLUICEGATE_RECORDINGS` where that is set. And whatever
//! a chat server sends, what comes out is a stream that breaks no rule, the same for any chunking.

mod cases;

use cases::{Random, read_cases};
use proptest::prelude::*;
use serde_json::{Value, json};
use sluicegate::{
    ChatOptions, ChatTranscoder, CustomTools, Finding, LintProfile, LintRule, ResponsesOptions,
    ResponsesTranscoder, ThinkTags, lint,
};

/// What must survive.
#[derive(Debug, PartialEq)]
struct Content {
    text: String,
    refusal: String,
    /// Id, name, arguments or input.
    calls: Vec<[String; 3]>,
    images: Vec<String>,
    usage: Option<[u64; 6]>,
    /// `stop`, `tool_calls`, `length`, `content_filter`, or the error's code.
    end: String,
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn counts(usage: &Value, names: [&str; 6]) -> Option<[u64; 6]> {
    let count = |name: &str| usage.pointer(name).and_then(Value::as_u64).unwrap_or(0);
    usage.is_object().then(|| names.map(count))
}

impl Content {
    /// By a chat stream, folded as a client does.
    fn of_chat(stream: &[u8]) -> Self {
        let text = String::from_utf8(stream.to_vec()).unwrap();
        let mut content = Self::nothing();
        let chunks = text.split("\n\n").filter_map(|block| block.strip_prefix("data: "));
        for chunk in chunks.filter(|data| *data != "[DONE]") {
            content.chunk(&serde_json::from_str(chunk).unwrap());
        }
        content
    }

    fn nothing() -> Self {
        let (text, refusal, end) = Default::default();
        Self { text, refusal, calls: Vec::new(), images: Vec::new(), usage: None, end }
    }

    fn chunk(&mut self, chunk: &Value) {
        const USAGE: [&str; 6] = [
            "/prompt_tokens",
            "/completion_tokens",
            "/total_tokens",
            "/prompt_tokens_details/cached_tokens",
            "/prompt_tokens_details/cache_write_tokens",
            "/completion_tokens_details/reasoning_tokens",
        ];
        if let Some(error) = chunk.get("error") {
            *self = Self { end: string(&error["message"]), ..Self::nothing() };
            return;
        }
        self.usage = counts(&chunk["usage"], USAGE).or(self.usage);
        let choice = &chunk["choices"][0];
        self.text += choice["delta"]["content"].as_str().unwrap_or_default();
        self.refusal += choice["delta"]["refusal"].as_str().unwrap_or_default();
        self.end += choice["finish_reason"].as_str().unwrap_or_default();
        for image in choice["delta"]["images"].as_array().into_iter().flatten() {
            let url = string(&image["image_url"]["url"]);
            self.images.push(url.split_once(',').unwrap().1.to_owned());
        }
        for call in choice["delta"]["tool_calls"].as_array().into_iter().flatten() {
            let own = call.get("custom").unwrap_or(&call["function"]);
            let index = usize::try_from(call["index"].as_u64().unwrap()).unwrap();
            if index == self.calls.len() {
                self.calls.push([string(&call["id"]), string(&own["name"]), String::new()]);
            }
            self.calls[index][2] += own["arguments"].as_str().or(own["input"].as_str()).unwrap_or_default();
        }
    }

    /// By a final Response.
    fn of_response(response: &[u8]) -> Self {
        const USAGE: [&str; 6] = [
            "/input_tokens",
            "/output_tokens",
            "/total_tokens",
            "/input_tokens_details/cached_tokens",
            "/input_tokens_details/cache_write_tokens",
            "/output_tokens_details/reasoning_tokens",
        ];
        let response: Value = serde_json::from_slice(response).unwrap();
        if response["status"] == "failed" {
            return Self { end: string(&response["error"]["message"]), ..Self::nothing() };
        }
        let mut content = Self { usage: counts(&response["usage"], USAGE), ..Self::nothing() };
        for item in response["output"].as_array().unwrap() {
            content.item(item);
        }
        let is_done = if content.calls.is_empty() { "stop" } else { "tool_calls" };
        let end = match response["incomplete_details"]["reason"].as_str() {
            None => is_done,
            Some("max_output_tokens") => "length",
            Some(other) => other,
        };
        end.clone_into(&mut content.end);
        content
    }

    fn item(&mut self, item: &Value) {
        let content = Some(&item["content"]).filter(|_| item["type"] == "message");
        for part in content.and_then(Value::as_array).into_iter().flatten() {
            self.text += part["text"].as_str().unwrap_or_default();
            self.refusal += part["refusal"].as_str().unwrap_or_default();
        }
        self.images.extend(item["result"].as_str().map(str::to_owned));
        let arguments = item["arguments"].as_str().or(item["input"].as_str());
        if let Some(arguments) = arguments {
            self.calls.push([string(&item["call_id"]), string(&item["name"]), arguments.to_owned()]);
        }
    }
}

/// The stream and the final Response.
fn to_responses(chunks: &[&[u8]], options: ResponsesOptions) -> (Vec<u8>, Vec<u8>) {
    let (mut transcoder, mut out) = (ResponsesTranscoder::new(options), Vec::new());
    for chunk in chunks {
        transcoder.feed(chunk, &mut out).unwrap();
    }
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.response().unwrap())
}

fn to_chat(stream: &[u8], options: ChatOptions) -> Vec<u8> {
    let (mut transcoder, mut out) = (ChatTranscoder::new(options), Vec::new());
    transcoder.feed(stream, &mut out).unwrap();
    transcoder.finish(&mut out).unwrap();
    out
}

/// Text of further messages as it is: there, it is already joined.
fn joined() -> ChatOptions {
    ChatOptions { include_usage: true, message_separator: String::new(), ..ChatOptions::default() }
}

/// Responses streams: of the fixtures, with their options, and recorded.
fn responses_streams() -> Vec<(String, Vec<u8>, ChatOptions)> {
    let cases = read_cases("chat").into_iter().filter_map(|case| {
        let options =
            case.options().map_or_else(ChatOptions::default, |json| ChatOptions::from_json(&json).unwrap());
        Some((case.name.clone(), case.read_optional("input.sse")?, options))
    });
    // Half a surrogate pair is nothing that serde_json reads.
    let mut streams: Vec<_> = cases.filter(|(name, ..)| !name.contains("surrogate")).collect();
    if let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        streams.extend(paths.filter(|path| path.extension().is_some_and(|end| end == "sse")).map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, std::fs::read(&path).unwrap(), ChatOptions::default())
        }));
    }
    streams
}

#[test]
fn a_responses_stream_survives_chat() {
    for (name, stream, options) in responses_streams() {
        let chat = to_chat(&stream, ChatOptions { include_usage: true, ..options });
        let (again, response) = to_responses(&[&chat], ResponsesOptions::default());
        let content = Content::of_chat(&chat);
        assert_eq!(Content::of_response(&response), content, "{name}");
        let custom_tools = if String::from_utf8_lossy(&chat).contains("\"type\":\"custom\"") {
            Some(CustomTools::Custom)
        } else {
            Some(CustomTools::Function)
        };
        let chat_again = to_chat(&again, ChatOptions { custom_tools, ..joined() });
        assert_eq!(Content::of_chat(&chat_again), content, "{name}, there again");
    }
}

#[test]
fn a_chat_stream_survives_responses() {
    let mut compared = 0;
    for case in read_cases("respond") {
        let options = case
            .options()
            .map_or_else(ResponsesOptions::default, |json| ResponsesOptions::from_json(&json).unwrap());
        if options.framing == sluicegate::Framing::JsonLines || case.name == "text_escapes_are_spliced_raw" {
            continue; // no SSE; half a surrogate pair is nothing that serde_json reads
        }
        let (stream, response) = to_responses(&[&case.read("input.sse")], options);
        let content = Content::of_response(&response);
        let chat = to_chat(&stream, ChatOptions { custom_tools: Some(CustomTools::Custom), ..joined() });
        assert_eq!(Content::of_chat(&chat), content, "{}", case.name);
        compared += 1;
    }
    assert!(compared > 100, "{compared}");
}

/// What a chat server may send, in any order.
fn chunk() -> impl Strategy<Value = String> {
    let choice = |choice: Value| {
        json!({"id": "chatcmpl-1", "created": 1, "model": "m", "choices": [choice]}).to_string()
    };
    let text = prop::sample::select(vec!["", "a", "é\u{1f600}", "\n\"", "<think>", "</think>", " "]);
    let word = prop::sample::select(vec!["content", "reasoning_content", "refusal", "reasoning"]);
    let content =
        (word, text).prop_map(move |(word, text)| choice(json!({"index": 0, "delta": {word: text}})));
    let index = prop::sample::select(vec![json!(0), json!(1), json!(7), Value::Null, json!("0")]);
    let id = prop::sample::select(vec![Value::Null, json!(""), json!("call_a"), json!("call_b")]);
    let name =
        prop::sample::select(vec![Value::Null, json!("f"), json!("g"), json!("apply_patch"), json!("shell")]);
    let pieces = ["", "{", "}", "{}", "{\"input\":\"", "a\\n\"}", "\\", "\"", "{\"commands\":[]}", "x"];
    let arguments = prop::sample::select(pieces.to_vec());
    let call = (index, id, name, arguments).prop_map(move |(index, id, name, arguments)| {
        let function = json!({"name": name, "arguments": arguments});
        choice(
            json!({"index": 0, "delta": {"tool_calls": [{"index": index, "id": id, "function": function}]}}),
        )
    });
    let others = vec![
        choice(json!({"index": 0, "delta": {}, "finish_reason": "stop"})),
        choice(json!({"index": 0, "delta": {}, "finish_reason": "length"})),
        choice(json!({"index": 0, "delta": {"content": "b"}, "finish_reason": "tool_calls"})),
        choice(
            json!({"index": 0, "delta": {"images": [{"image_url": {"url": "data:image/png;base64,AA=="}}]}}),
        ),
        choice(
            json!({"index": 0, "delta": {"annotations": [{"type": "url_citation", "url": "u", "start_index": 1, "end_index": 2}]}}),
        ),
        json!({"choices": [], "usage": {"prompt_tokens": 1}}).to_string(),
        json!({"error": {"message": "boom"}}).to_string(),
        "[DONE]".to_owned(),
        "{".to_owned(),
    ];
    prop_oneof![4 => content, 6 => call, 1 => prop::sample::select(others)]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn flipped_bytes_break_no_rule(seed: u64, flips in 1..6_usize) {
        let mut random = Random(seed | 1);
        let inputs: Vec<_> = read_cases("respond").iter().map(|case| case.read("input.sse")).collect();
        let inputs: Vec<_> = inputs.iter().filter(|input| !input.is_empty()).collect(); // a byte to flip
        let mut input = inputs[random.below(inputs.len())].clone();
        input.extend(inputs[random.below(inputs.len())]);
        for _ in 0..flips {
            let at = random.below(input.len());
            input[at] = [random.below(256) as u8, b'"', b'\\', b'0', b'{', b'}'][random.below(6)];
        }
        let whole = to_responses(&[&input], ResponsesOptions::default());
        let bytes: Vec<_> = input.chunks(1).collect();
        prop_assert!(to_responses(&bytes, ResponsesOptions::default()) == whole, "{}", input.escape_ascii());
        prop_assert_eq!(faults(&whole.0, LintProfile::OpenAi), vec![], "{}", input.escape_ascii());
    }

    #[test]
    fn whatever_a_chat_server_sends_breaks_no_rule(chunks in prop::collection::vec(chunk(), 0..14), seed: u64, think_tags: bool) {
        let context = br#"{"tools":{"apply_patch":{"kind":"custom","name":"apply_patch"},"shell":{"kind":"shell","name":"shell"}}}"#;
        let context = Some(sluicegate::RequestContext::from_json(context).unwrap().into());
        let options = ResponsesOptions { think_tags: if think_tags { ThinkTags::On } else { ThinkTags::Off }, context, ..ResponsesOptions::default() };
        let input: String = chunks.iter().map(|chunk| format!("data: {chunk}\n\n")).collect();
        let whole = to_responses(&[input.as_bytes()], options.clone());
        prop_assert!(to_responses(&Random(seed | 1).cut(input.as_bytes()), options.clone()) == whole, "{}", input);
        prop_assert!(to_responses(&input.as_bytes().chunks(1).collect::<Vec<_>>(), options) == whole, "{}", input);
        for profile in [LintProfile::OpenAi, LintProfile::CodexCli] {
            let findings = faults(&whole.0, profile);
            prop_assert!(findings.is_empty(), "{}\n{}\n{:?}", input, String::from_utf8_lossy(&whole.0), findings);
        }
        let content = Content::of_response(&whole.1);
        let chat = to_chat(&whole.0, ChatOptions { custom_tools: Some(CustomTools::Custom), ..joined() });
        prop_assert_eq!(faults(&chat, LintProfile::Chat), vec![]);
        prop_assert_eq!(Content::of_chat(&chat), content);
    }
}

/// Rules on what an answer says, not on how it is written.
const OF_THE_ANSWER: [LintRule; 4] =
    [LintRule::ArgumentsAreJson, LintRule::CallTwice, LintRule::RefusalUnread, LintRule::TextTwice];

/// What is wrong with how a stream is written.
fn faults(stream: &[u8], profile: LintProfile) -> Vec<Finding> {
    let mut findings = lint(stream, profile);
    findings.retain(|finding| !OF_THE_ANSWER.contains(&finding.rule));
    findings
}
