//! A request of twice the size costs twice the time: each walk over tools, choices, items and parts, at n, 4n and 16n.
//!
//! What counts is the time of this thread alone, with memory that it has already, the best of several runs; and the sizes
//! are far apart: a linear walk costs 16 times as much, a quadratic one 256 times, and the bound is between.

mod request_shapes;
mod warm_allocator;

use cpu_time::ThreadTime;
use request_shapes::shapes;
use serde_json::{Value, json};
use sluicegate::{Dialect, Profile, RequestOptions, convert_request};
use std::time::Duration;

const ROUNDS: usize = 3;
const MOST_RATIO: f64 = 40.0;
/// Below this, all is noise.
const LEAST: Duration = Duration::from_micros(400);

/// An upstream and its profile.
#[derive(Clone, Copy)]
struct Route<'p>(Dialect, &'p Profile);

const UPSTREAMS: [(Dialect, &str); 4] = [
    (Dialect::Responses, "codex"),
    (Dialect::Responses, "openai"),
    (Dialect::Chat, "chat"),
    (Dialect::Messages, "anthropic"),
];

fn best(body: &str, Route(upstream, profile): Route<'_>) -> Duration {
    let run = || {
        let begun = ThreadTime::now();
        let options = RequestOptions::default();
        std::hint::black_box(convert_request(body.as_bytes(), None, upstream, profile, &options)).ok();
        begun.elapsed()
    };
    (0..ROUNDS).map(|_| run()).min().unwrap()
}

fn assert_linear(name: &str, body: impl Fn(usize) -> Value) {
    assert_text_linear(name, |size| body(size).to_string());
}

fn assert_text_linear(name: &str, body: impl Fn(usize) -> String) {
    for (upstream, profile) in UPSTREAMS {
        let own = Profile::named(profile).unwrap();
        let (own, mut size) = (Route(upstream, &own), 64);
        // Machines differ: the smallest size is one that can be measured.
        while best(&body(size), own) < LEAST && size < 1024 {
            size *= 2;
        }
        let bodies = [size, 4 * size, 16 * size].map(&body);
        let mut ratio = f64::MAX;
        for _ in 0..12 {
            let [one, four, sixteen] = [0, 1, 2].map(|nth| best(&bodies[nth], own).as_secs_f64());
            ratio = ratio.min(sixteen / one);
            if ratio <= MOST_RATIO {
                break;
            }
            eprintln!("{name} on {profile}: {one} {four} {sixteen}");
        }
        assert!(ratio <= MOST_RATIO, "{name} on {profile}: {ratio} times as long for sixteen times as much");
    }
}

fn many(n: usize, of: impl Fn(usize) -> Value) -> Value {
    (0..n).map(of).collect()
}

fn functions(n: usize) -> Value {
    many(
        n,
        |nth| json!({"type": "function", "name": format!("tool_{nth}"), "parameters": {"type": "object", "properties": {}}}),
    )
}

fn items(n: usize, of: impl Fn(usize) -> Value) -> Value {
    json!({"model": "m", "instructions": "x", "input": many(n, of)})
}

/// Each item and part type, and everything else that can stand in a list: refused for their size or not.
#[test]
fn every_shape() {
    for shape in shapes() {
        assert_text_linear(&shape.name, shape.body);
    }
}

#[test]
fn choices_of_many_tools() {
    assert_linear("allowed_tools", |n| {
        let names = many(n, |nth| json!({"type": "function", "name": format!("tool_{nth}")}));
        json!({"model": "m", "input": "Hi", "tools": functions(n), "tool_choice": {"type": "allowed_tools", "mode": "auto", "tools": names}})
    });
}

#[test]
fn tools() {
    assert_linear("long names", |n| {
        let tools = many(n, |nth| json!({"type": "function", "name": format!("{nth}_{}", "n".repeat(80))}));
        json!({"model": "m", "input": "Hi", "tools": tools})
    });
    assert_linear("alternatives of one schema", |n| {
        let branch = |nth: usize| json!({"type": "object", "properties": {"kind": {"const": nth}, format!("p{nth}"): {}}, "required": ["kind"]});
        json!({"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "f", "parameters": {"anyOf": many(n, branch)}}]})
    });
    assert_linear("references of one schema", |n| {
        let defs: serde_json::Map<_, _> = (0..n)
            .map(|nth| {
                (
                    format!("D{nth}"),
                    json!({"properties": {"a": {}, format!("p{nth}"): {}}, "required": ["a"]}),
                )
            })
            .collect();
        let branches = many(n, |nth| json!({"$ref": format!("#/$defs/D{nth}")}));
        json!({"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "f", "parameters": {"$defs": defs, "anyOf": branches}}]})
    });
    assert_linear("a schema of itself", |n| {
        let branches = many(n, |_| json!({"$ref": "#/$defs/D"}));
        json!({"model": "m", "input": "Hi", "tools": [{"type": "function", "name": "f", "parameters": {"$defs": {"D": {"anyOf": branches}}, "anyOf": branches}}]})
    });
}

#[test]
fn histories() {
    let call = |id: Value| json!({"type": "function_call", "call_id": id, "name": "f", "arguments": "{}"});
    let output = |id: Value| json!({"type": "function_call_output", "call_id": id, "output": "x"});
    assert_linear("calls, then their outputs", |n| {
        items(2 * n, |nth| {
            if nth < n { call(json!(format!("c{nth}"))) } else { output(json!(format!("c{}", nth - n))) }
        })
    });
    assert_linear("calls without ids, then outputs without", |n| {
        items(2 * n, |nth| if nth < n { call(json!("")) } else { output(Value::Null) })
    });
    assert_linear("calls with one id, and of two kinds", |n| {
        items(4 * n, |nth| match nth % 4 {
            0 => call(json!("c")),
            1 => json!({"type": "custom_tool_call", "call_id": "c", "name": "g", "input": "x"}),
            2 => output(json!("c")),
            _ => json!({"type": "custom_tool_call_output", "call_id": "c", "output": "x"}),
        })
    });
    assert_linear("outputs that name another tool", |n| {
        items(2 * n, |nth| {
            if nth < n {
                call(Value::Null)
            } else {
                json!({"type": "function_call_output", "name": "other", "output": "x"})
            }
        })
    });
    assert_linear("calls that nobody answers", |n| items(n, |nth| call(json!(format!("c{nth}")))));
    assert_linear("chat calls without ids", |n| {
        let calls = many(n, |_| json!({"type": "function", "function": {"name": "f", "arguments": ""}}));
        let mut messages = vec![json!({"role": "assistant", "tool_calls": calls})];
        messages.extend((0..n).map(|_| json!({"role": "tool", "content": "x"})));
        json!({"model": "m", "messages": messages})
    });
}

#[test]
fn parts_and_members() {
    let parts: [(&str, Value); 8] = [
        ("texts", json!({"type": "input_text", "text": "x"})),
        ("chat texts", json!({"type": "text", "text": "x", "cache_control": {"type": "ephemeral"}})),
        ("images", json!({"type": "input_image", "image_url": {"url": "https://e.test", "detail": "low"}})),
        ("files", json!({"type": "input_file", "file_url": "https://e.test", "filename": "a"})),
        ("blocks", json!({"type": "tool_result", "tool_use_id": "t", "content": "x"})),
        ("documents", json!({"type": "document", "source": {"type": "text", "data": "x"}})),
        ("strange members", json!({"type": "input_text", "text": "x", "hue": 1, "parsed": 2})),
        ("bare", json!("x")),
    ];
    for (name, part) in &parts {
        assert_linear(
            name,
            |n| json!({"model": "m", "instructions": "x", "input": [{"role": "user", "content": many(n, |_| part.clone())}]}),
        );
        assert_linear(
            name,
            |n| json!({"model": "m", "messages": [{"role": "user", "content": many(n, |_| part.clone())}]}),
        );
        assert_linear(name, |n| {
            let output =
                json!({"type": "function_call_output", "call_id": "c", "output": many(n, |_| part.clone())});
            json!({"model": "m", "input": [{"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}, output]})
        });
    }
    assert_linear("the assistant's images", |n| {
        items(
            1,
            |_| json!({"role": "assistant", "content": many(n, |_| json!({"type": "input_image", "image_url": "u"}))}),
        )
    });
    assert_linear("thoughts", |n| {
        let details =
            many(n, |nth| json!({"type": "reasoning.encrypted", "data": "gAAA", "id": format!("rs_{nth}")}));
        json!({"model": "m", "messages": [{"role": "assistant", "content": "x", "reasoning_details": details}]})
    });
    assert_linear("citations", |n| {
        let cited = many(n, |_| json!({"type": "url_citation", "url_citation": {"url": "u"}}));
        json!({"model": "m", "messages": [{"role": "assistant", "content": "x", "annotations": cited}]})
    });
    assert_linear("members of an item", |n| {
        let members: serde_json::Map<_, _> = (0..n).map(|nth| (format!("m{nth}"), json!(nth))).collect();
        let mut item = json!({"type": "compaction", "encrypted_content": "x"});
        item.as_object_mut().unwrap().extend(members);
        items(1, |_| item.clone())
    });
    assert_linear("members of a request", |n| {
        let members: serde_json::Map<_, _> = (0..n).map(|nth| (format!("m{nth}"), json!(nth))).collect();
        let mut body = json!({"model": "m", "input": "Hi"});
        body.as_object_mut().unwrap().extend(members);
        body
    });
    assert_linear("system messages and the word JSON", |n| {
        let mut body = items(n, |_| json!({"role": "system", "content": "x"}));
        body["text"] = json!({"format": {"type": "json_object"}});
        body
    });
}
