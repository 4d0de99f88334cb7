//! Requests made of one thing, many times: what costs the most time and memory for each byte. Every item and part type of
//! the official client is among them (`fixtures/sdk`).

use serde_json::Value;
use std::collections::BTreeMap;

/// A kind of request; `body`: with so many of the thing.
pub(crate) struct Shape {
    pub(crate) name: String,
    pub(crate) body: Box<dyn Fn(usize) -> String>,
}

/// `before`, the thing again and again, `{n}` being its number, and `after`.
fn shape(name: impl Into<String>, before: &str, thing: &str, after: &str) -> Shape {
    let (before, thing, after) = (before.to_owned(), thing.to_owned(), after.to_owned());
    let body = move |count: usize| {
        let things: Vec<_> = (0..count).map(|nth| thing.replace("{n}", &nth.to_string())).collect();
        format!("{{\"model\":\"m\",{before}{}{after}}}", things.join(","))
    };
    Shape { name: name.into(), body: Box::new(body) }
}

/// Things that stand in a list or an object of a request.
const THINGS: [(&str, &str, &str, &str); 87] = [
    ("empty strings", r#""input":["#, r#""""#, "]"),
    ("short strings", r#""input":["#, r#""abc""#, "]"),
    ("empty items", r#""input":["#, "{}", "]"),
    ("loose parts", r#""input":["#, r#"{"type":"input_text","text":""}"#, "]"),
    (
        "loose parts of both sides",
        r#""input":["#,
        r#"{"type":"output_text","text":""},{"type":"text","text":""}"#,
        "]",
    ),
    ("loose parts among messages", r#""messages":["#, r#"{"type":"text","text":""}"#, "]"),
    (
        "outputs under another name",
        r#""input":["#,
        r#"{"type":"function_call_output","call_id":"c{n}","result":""}"#,
        "]",
    ),
    (
        "chat files",
        r#""messages":[{"role":"user","content":["#,
        r#"{"type":"file","file":{"url":"u"}}"#,
        "]}]",
    ),
    (
        "empty lists in a schema",
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"properties":{"#,
        r#""m{n}":[]"#,
        "}}}]",
    ),
    ("items with one member", r#""input":["#, r#"{"a":1}"#, "]"),
    ("numbers", r#""input":"x","a":["#, "1", "]"),
    ("lists", r#""input":"x","a":["#, "[]", "]"),
    ("one member again and again", "", r#""a":1"#, ""),
    ("members", r#""input":"x","#, r#""m{n}":1"#, ""),
    ("escaped members", r#""input":"x","#, r#""\u006d{n}":1"#, ""),
    ("members of an item", r#""input":[{"role":"user","content":"x","#, r#""m{n}":1"#, "}]"),
    ("one member of an item", r#""input":[{"role":"user","content":"x","#, r#""a":1"#, "}]"),
    (
        "members of a part",
        r#""input":[{"role":"user","content":[{"type":"input_text","text":"x","#,
        r#""m{n}":1"#,
        "}]}]",
    ),
    (
        "one member of a part",
        r#""input":[{"role":"user","content":[{"type":"input_text","text":"x","#,
        r#""a":1"#,
        "}]}]",
    ),
    ("members of a tool", r#""input":"x","tools":[{"type":"function","name":"f","#, r#""a":1"#, "}]"),
    ("metadata", r#""input":"x","metadata":{"#, r#""m{n}":"x""#, "}"),
    ("includes", r#""input":"x","include":["#, r#""x""#, "]"),
    ("logprobs included", r#""input":"x","include":["#, r#""message.output_text.logprobs""#, "]"),
    ("bare parts", r#""input":[{"role":"user","content":["#, r#""abc""#, "]}]"),
    ("texts", r#""input":[{"role":"user","content":["#, r#"{"type":"input_text","text":""}"#, "]}]"),
    ("untyped texts", r#""input":[{"role":"user","content":["#, r#"{"text":""}"#, "]}]"),
    ("chat texts", r#""input":[{"role":"user","content":["#, r#"{"type":"text","text":""}"#, "]}]"),
    (
        "the assistant's texts",
        r#""input":[{"role":"assistant","content":["#,
        r#"{"type":"text","text":""}"#,
        "]}]",
    ),
    (
        "the assistant's images",
        r#""input":[{"role":"assistant","content":["#,
        r#"{"type":"input_image","image_url":"u"}"#,
        "]}]",
    ),
    (
        "images in objects",
        r#""input":[{"role":"user","content":["#,
        r#"{"type":"input_image","image_url":{"url":"u"}}"#,
        "]}]",
    ),
    (
        "documents",
        r#""input":[{"role":"user","content":["#,
        r#"{"type":"document","source":{"type":"text","data":"x"}}"#,
        "]}]",
    ),
    (
        "results",
        r#""input":[{"role":"user","content":["#,
        r#"{"type":"tool_result","tool_use_id":"t{n}"}"#,
        "]}]",
    ),
    ("messages", r#""input":["#, r#"{"role":"user","content":"x"}"#, "]"),
    ("the system's messages", r#""input":["#, r#"{"role":"system","content":"x"}"#, "]"),
    ("the assistant's messages", r#""input":["#, r#"{"role":"assistant","content":"x"}"#, "]"),
    ("chat calls", r#""input":["#, r#"{"role":"assistant","tool_calls":[{"function":{"name":"f"}}]}"#, "]"),
    ("calls", r#""input":["#, r#"{"type":"function_call","call_id":"c{n}","name":"f","arguments":""}"#, "]"),
    ("calls without ids", r#""input":["#, r#"{"type":"function_call","name":"f"}"#, "]"),
    ("orphans", r#""input":["#, r#"{"type":"function_call_output","call_id":"{n}"}"#, "]"),
    (
        "orphans with texts",
        r#""input":["#,
        r#"{"type":"function_call_output","call_id":"{n}","output":""}"#,
        "]",
    ),
    (
        "outputs",
        r#""input":[{"type":"function_call","call_id":"c","name":"f","arguments":"{}"},"#,
        r#"{"type":"function_call_output","call_id":"c","output":"x"}"#,
        "]",
    ),
    (
        "output parts",
        r#""input":[{"type":"function_call_output","call_id":"c","output":["#,
        r#""abc""#,
        "]}]",
    ),
    (
        "strange output parts",
        r#""input":[{"type":"function_call_output","call_id":"c","output":["#,
        r#"{"a":"b"}"#,
        "]}]",
    ),
    (
        "thoughts",
        r#""input":["#,
        r#"{"type":"reasoning","summary":[],"encrypted_content":"x","id":"x{n}"}"#,
        "]",
    ),
    ("plain thoughts", r#""input":["#, r#"{"type":"reasoning"}"#, "]"),
    ("references", r#""input":["#, r#"{"type":"item_reference","id":"x"}"#, "]"),
    ("unknown items", r#""input":["#, r#"{"type":"x"}"#, "]"),
    ("tools", r#""input":"x","tools":["#, r#"{"type":"function","name":"f{n}"}"#, "]"),
    ("bare tools", r#""input":"x","tools":["#, r#"{"name":"f","parameters":{}}"#, "]"),
    ("tools with odd names", r#""input":"x","tools":["#, r#"{"type":"function","name":"é{n}"}"#, "]"),
    ("tools that search", r#""input":"x","tools":["#, r#"{"type":"web_search_preview"}"#, "]"),
    (
        "tools that are allowed",
        r#""input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","tools":["#,
        r#"{"type":"function","name":"f"}"#,
        "]}",
    ),
    (
        "names that are allowed",
        r#""input":"x","tools":[{"type":"function","name":"f"}],"tool_choice":{"type":"allowed_tools","tools":["#,
        r#""f""#,
        "]}",
    ),
    (
        "alternatives",
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"anyOf":["#,
        r#"{"a":1}"#,
        "]}}]",
    ),
    (
        "alternatives with members",
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"anyOf":["#,
        r#"{"properties":{"a{n}":{}},"required":["a{n}"]}"#,
        "]}}]",
    ),
    (
        "definitions",
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"anyOf":[{}],"$defs":{"#,
        r#""d{n}":{}"#,
        "}}}]",
    ),
    (
        "what is required",
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"anyOf":[{}],"required":["#,
        r#""a{n}""#,
        "]}}]",
    ),
    ("chat: messages", r#""messages":["#, r#"{"role":"user","content":"x"}"#, "]"),
    ("chat: bare parts", r#""messages":[{"role":"user","content":["#, r#""abc""#, "]}]"),
    ("chat: texts", r#""messages":[{"role":"user","content":["#, r#"{"type":"text","text":""}"#, "]}]"),
    (
        "chat: calls",
        r#""messages":[{"role":"assistant","tool_calls":["#,
        r#"{"id":"c{n}","function":{"name":"f"}}"#,
        "]}]",
    ),
    ("chat: outputs", r#""messages":["#, r#"{"role":"tool","content":"x"}"#, "]"),
    ("chat: output parts", r#""messages":[{"role":"tool","tool_call_id":"c","content":["#, r#""abc""#, "]}]"),
    (
        "messages: texts",
        r#""betas":[],"messages":[{"role":"user","content":["#,
        r#"{"type":"text","text":"x"}"#,
        "]}]",
    ),
    ("messages: short messages", r#""betas":[],"messages":["#, r#"{"role":"user","content":"x"}"#, "]"),
    (
        "messages: system messages",
        r#""betas":[],"messages":["#,
        r#"{"role":"system","content":[],"output_config":{"effort":"low"}}"#,
        "]",
    ),
    (
        "messages: calls",
        r#""betas":[],"messages":[{"role":"assistant","content":["#,
        r#"{"type":"tool_use","id":"t{n}","name":"f"}"#,
        "]}]",
    ),
    (
        "messages: results",
        r#""betas":[],"messages":[{"role":"user","content":["#,
        r#"{"type":"tool_result","tool_use_id":"t{n}"}"#,
        "]}]",
    ),
    (
        "messages: parts of a result",
        r#""betas":[],"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":true,"content":["#,
        r#"{"type":"x"}"#,
        "]}]}]",
    ),
    (
        "messages: thoughts",
        r#""betas":[],"messages":[{"role":"assistant","content":["#,
        r#"{"type":"thinking","signature":""}"#,
        "]}]",
    ),
    (
        "messages: marks",
        r#""betas":[],"messages":[{"role":"user","content":["#,
        r#"{"type":"text","text":"x","cache_control":{}}"#,
        "]}]",
    ),
    (
        "messages: served blocks",
        r#""betas":[],"messages":[{"role":"assistant","content":["#,
        r#"{"type":"fallback"}"#,
        "]}]",
    ),
    ("messages: system blocks", r#""betas":[],"messages":[],"system":["#, r#"{"text":"x"}"#, "]"),
    ("messages: tools", r#""betas":[],"messages":[],"tools":["#, r#"{"name":"f{n}","input_schema":{}}"#, "]"),
    (
        "messages: typed tools",
        r#""betas":[],"messages":[],"tools":["#,
        r#"{"type":"bash_1","name":"b{n}"}"#,
        "]",
    ),
    ("messages: strange members", r#""betas":[],"messages":[],"#, r#""m{n}":1"#, ""),
    (
        "calls that are said twice",
        r#""input":["#,
        r#"{"type":"function_call","call_id":"c{n}","name":"f"},{"type":"function_call","call_id":"c{n}","name":"f"}"#,
        "]",
    ),
    (
        "outputs that name an item",
        r#""input":["#,
        r#"{"type":"function_call","id":"f{n}","call_id":"c{n}","name":"f"},{"type":"function_call_output","call_id":"f{n}"}"#,
        "]",
    ),
    (
        "results in an output",
        r#""input":[{"type":"function_call_output","call_id":"c","output":["#,
        r#"{"type":"tool_result"}"#,
        "]}]",
    ),
    (
        "chat: calls in the content too",
        r#""messages":["#,
        r#"{"role":"assistant","content":[{"type":"tool_use","id":"c{n}","name":"f"}],"tool_calls":[{"id":"c{n}","function":{"name":"f"}}]}"#,
        "]",
    ),
    (
        "chat: details in pieces",
        r#""messages":[{"role":"assistant","reasoning_details":["#,
        r#"{"text":"","index":0,"format":"anthropic"}"#,
        "]}]",
    ),
    (
        "chat: details that are signed",
        r#""messages":[{"role":"assistant","reasoning_details":["#,
        r#"{"signature":"s{n}","format":"anthropic"}"#,
        "]}]",
    ),
    (
        "chat: details beside one that is signed",
        r#""messages":[{"role":"assistant","thinking_blocks":[{"signature":"s"}],"reasoning_details":["#,
        r#"{"text":""}"#,
        "]}]",
    ),
    (
        "chat: thoughts in the content",
        r#""messages":[{"role":"assistant","content":["#,
        r#"{"type":"thinking","signature":"s{n}"}"#,
        "]}]",
    ),
    (
        "chat: parts of a result in an answer",
        r#""messages":[{"role":"tool","tool_call_id":"c","content":[{"type":"tool_result","content":["#,
        r#""abc""#,
        "]}]}]",
    ),
    (
        "messages: what is required of a strict tool",
        r#""betas":[],"messages":[],"tools":[{"name":"f","strict":true,"input_schema":{"type":"object","required":["#,
        r#""m{n}""#,
        "]}}]",
    ),
    ("reserved tokens", r#""input":["#, r#""<|end|>""#, "]"),
];

/// All of them, and every item and part type with its type alone and with all its members.
pub(crate) fn shapes() -> Vec<Shape> {
    let mut all: Vec<_> = THINGS.map(|(name, before, thing, after)| shape(name, before, thing, after)).into();
    for (group, before, after) in [
        ("items", r#""input":["#, "]"),
        ("parts", r#""input":[{"role":"user","content":["#, "]}]"),
        ("parts", r#""input":[{"type":"function_call_output","call_id":"c","output":["#, "]}]"),
    ] {
        for (kind, members) in types(group) {
            let alone = format!(r#"{{"type":"{kind}"}}"#);
            all.push(shape(format!("{group}: {kind}"), before, &alone, after));
            let members =
                members.iter().filter(|name| *name != "type").map(|name| format!(r#","{name}":"x""#));
            let whole = format!(r#"{{"type":"{kind}"{}}}"#, members.collect::<String>());
            all.push(shape(format!("{group}: {kind} with members"), before, &whole, after));
        }
    }
    all
}

fn types(group: &str) -> BTreeMap<String, Vec<String>> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/sdk/input_types.json");
    let all: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    serde_json::from_value(all[group].clone()).unwrap()
}
