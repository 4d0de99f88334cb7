//! A client and an upstream are values: what the older names say, `Transcoder` and `Collector` say for every pair.

mod cases;

use cases::{Case, read_cases};
use serde_json::Value;
use sluicegate::{
    ChatTranscoder, Collector, CustomTools, Dialect, Options, Outcome, Profile, RequestOptions,
    ResponsesRelay, ResponsesTranscoder, Transcoder, convert_request,
};

/// The streams of an upstream, with their options.
fn streams(kind: &str) -> impl Iterator<Item = (Case, Options, Vec<u8>)> {
    read_cases(kind).into_iter().filter_map(|case| {
        let options = case.options().map_or_else(Options::default, |json| Options::from_json(&json).unwrap());
        let input = case.read_optional("input.sse")?;
        Some((case, options, input))
    })
}

fn transcoded(transcoder: &mut Transcoder, input: &[u8]) -> (Vec<u8>, Outcome, bool, Option<Vec<u8>>) {
    let mut out = Vec::new();
    transcoder.feed(input, &mut out).unwrap();
    transcoder.finish(&mut out).unwrap();
    (out, transcoder.outcome().unwrap(), transcoder.has_output(), transcoder.response())
}

#[test]
fn older_names_are_pairs() {
    for (case, options, input) in streams("chat") {
        let by_role =
            |client| transcoded(&mut Transcoder::new(client, Dialect::Responses, options.clone()), &input);
        let older = transcoded(&mut ChatTranscoder::new(options.clone()), &input);
        assert_eq!(older, by_role(Dialect::Chat), "{}", case.name);
        let older = transcoded(&mut ResponsesRelay::new(options.clone()), &input);
        assert_eq!(older, by_role(Dialect::Responses), "{}", case.name);
    }
    for (case, options, input) in streams("respond") {
        let older = transcoded(&mut ResponsesTranscoder::new(options.clone()), &input);
        let mut transcoder = Transcoder::new(Dialect::Responses, Dialect::Chat, options);
        assert_eq!(older, transcoded(&mut transcoder, &input), "{}", case.name);
    }
}

fn collected(upstream: Dialect, options: Options, input: &[u8]) -> (Vec<u8>, Value, Outcome) {
    let mut collector = Collector::new(upstream, options);
    assert!(collector.final_response().is_none() && collector.final_completion().is_none());
    collector.feed(input).unwrap();
    collector.finish().unwrap();
    let completion = serde_json::from_slice(collector.final_completion().unwrap()).unwrap();
    (collector.final_response().unwrap().to_vec(), completion, collector.outcome().unwrap())
}

/// What a completion tells.
fn told(completion: &Value) -> Vec<Value> {
    let choice = &completion["choices"][0];
    let message = ["content", "refusal"].map(|member| choice["message"][member].clone());
    let end = [choice["finish_reason"].clone(), completion["usage"]["total_tokens"].clone()];
    message.into_iter().chain(calls(&choice["message"]["tool_calls"])).chain(end).collect()
}

/// Without the server's state, which a Responses stream has in items of its own.
fn calls(calls: &Value) -> Vec<Value> {
    let mut calls = calls.as_array().cloned().unwrap_or_default();
    for call in calls.iter_mut().filter_map(Value::as_object_mut) {
        call.retain(|member, _| ["id", "type", "function", "custom"].contains(&&**member));
        if let Some(function) = call.get_mut("function").and_then(Value::as_object_mut) {
            function.retain(|member, _| ["name", "arguments"].contains(&&**member));
        }
    }
    calls
}

#[test]
fn a_collector_of_a_chat_stream_gives_either_body() {
    for (case, options, input) in streams("respond") {
        let (response, completion, outcome) = collected(Dialect::Chat, options.clone(), &input);
        assert_eq!([&*response, b"\n"].concat(), case.read("response.json"), "{}", case.name);
        assert_eq!((outcome.to_json() + "\n").into_bytes(), case.read("outcome.json"), "{}", case.name);
        let is_as_declared = options.context.is_some() || options.framing == sluicegate::Framing::JsonLines;
        if outcome.error.is_none() && !is_as_declared {
            // Of a chat server a chat client has custom calls as they are.
            let custom_tools = Some(CustomTools::Custom);
            let one_text = Options { message_separator: String::new(), custom_tools, ..Options::default() };
            let (_, of_stream, _) = collected(Dialect::Responses, one_text, &case.read("output.sse"));
            assert_eq!(told(&completion), told(&of_stream), "{}", case.name);
        }
    }
}

#[test]
fn requests_by_role() {
    for case in read_cases("request").into_iter().filter(|case| case.options().is_none()) {
        let body = case.read("request.json");
        let profile = Profile::of_upstream(Dialect::Responses);
        let by_role = |client| {
            let options = RequestOptions::default();
            convert_request(&body, client, Dialect::Responses, &profile, &options)
        };
        let converted = by_role(Some(Dialect::Responses));
        if let (Ok(converted), Some(expected)) = (&converted, case.read_optional("body.json")) {
            assert_eq!(converted.body, expected, "{}", case.name);
        }
        assert_eq!(by_role(None), converted, "{}", case.name);
    }
}
