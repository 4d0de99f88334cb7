//! Limits of what requests are made of.

use super::limit_of;
use sluicegate::{ConvertedRequest, Dialect, Error, Profile, RequestContext, RequestOptions};
use sluicegate::{chat_to_responses, convert_request, normalize_request, responses_to_chat};

/// The size of what becomes of a body; the code of the refusal, where it is refused.
fn converted(body: &str) -> Result<usize, &'static str> {
    let upstream = Dialect::Responses;
    let profile = Profile::of_upstream(upstream);
    let converted = convert_request(body.as_bytes(), None, upstream, &profile, &RequestOptions::default());
    converted.map(|request| request.body.len()).map_err(|error: Error| error.code())
}

fn body(item: &str, count: usize) -> String {
    format!("{{\"model\":\"m\",\"input\":[{}]}}", vec![item; count].join(","))
}

pub(super) fn values(most: usize) {
    count_and_size(most, limit_of("MIN_BYTES_PER_VALUE"));
}

pub(super) fn bytes_for_a_value(bytes: usize) {
    count_and_size(limit_of("MAX_REQUEST_VALUES"), bytes);
}

/// Of `input`, the object, its model and the list are values, too.
fn count_and_size(most: usize, bytes: usize) {
    let is_over = |count: usize| count + 3 > most + body("1", count).len() / bytes;
    let last = (most..2 * most).find(|count| is_over(count + 1)).unwrap();
    for count in last - 2..last + 3 {
        let code = converted(&body("1", count)).err();
        assert_eq!(code == Some("request_too_large"), is_over(count), "{count}: {code:?}");
    }
}

pub(super) fn stop_sequences(most: usize) {
    for count in [most, most + 1] {
        let context = RequestContext::from_json(
            format!("{{\"stop\":[{}]}}", vec!["\"x\""; count].join(",")).as_bytes(),
        );
        assert_eq!(context.unwrap().stop.len(), most);
    }
    for (size, is_kept) in [(limit_of("MAX_NAME_BYTES"), true), (limit_of("MAX_NAME_BYTES") + 1, false)] {
        let context =
            RequestContext::from_json(format!("{{\"stop\":[\"{}\"]}}", "x".repeat(size)).as_bytes());
        assert_eq!(!context.unwrap().stop.is_empty(), is_kept, "{size}");
    }
}

pub(super) fn growth(times: usize) {
    long_texts_fit();
    size_and_growth(times, limit_of("MAX_REQUEST_ADDED_BYTES"));
}

pub(super) fn added_bytes(bytes: usize) {
    size_and_growth(limit_of("MAX_REQUEST_GROWTH"), bytes);
}

/// A text is counted once: a long one takes no room but its own, wherever it goes.
fn long_texts_fit() {
    let (text, call) = ("x".repeat(200_000), "\"type\":\"function_call\",\"call_id\":\"c\",\"name\":\"f\"");
    let output = "\"type\":\"function_call_output\",\"call_id\":\"c\"";
    for (upstream, item) in [
        (Dialect::Responses, format!("{{\"role\":\"system\",\"content\":\"{text}\"}},\"Hi\"")),
        (
            Dialect::Responses,
            format!("{{\"role\":\"assistant\",\"content\":[\"{text}\"],\"refusal\":\"x\"}}"),
        ),
        (
            Dialect::Responses,
            format!("{{\"role\":\"tool\",\"tool_call_id\":\"c\",\"content\":[\"{text}\"]}}"),
        ),
        (Dialect::Chat, format!("{{{call},\"arguments\":\"{text}\"}},{{{output},\"output\":\"x\"}}")),
    ] {
        let (body, profile) = (body(&item, 1), Profile::of_upstream(upstream));
        let sent = convert_request(body.as_bytes(), None, upstream, &profile, &RequestOptions::default());
        assert!(sent.unwrap().body.len() > text.len(), "{item:.60}");
    }
}

/// Each empty text becomes a message of many times its size.
fn size_and_growth(times: usize, added: usize) {
    let room = |count: usize| times * body("\"\"", count).len() + added;
    let (mut fits, mut is_over) = (1, 1 << 14);
    while is_over - fits > 1 {
        let middle = usize::midpoint(fits, is_over);
        if converted(&body("\"\"", middle)).is_ok() { fits = middle } else { is_over = middle }
    }
    assert_eq!(converted(&body("\"\"", is_over)), Err("request_too_large"));
    let (written, room) = (converted(&body("\"\"", fits)).unwrap(), room(fits));
    assert!(written.abs_diff(room) < room / 20, "{fits} texts: {written} bytes for a room of {room}");
}

pub(super) fn changes(most: usize) {
    let upstream = Dialect::Responses;
    for (count, is_over) in [(most / 2, false), (2 * most, true)] {
        let members = ",\"a\":1".repeat(count + 1);
        let body = format!("{{\"model\":\"m\",\"input\":\"x\",\"max_tokens\":9{members}}}");
        let profile = Profile::of_upstream(upstream);
        let request = convert_request(body.as_bytes(), None, upstream, &profile, &RequestOptions::default());
        let changes = request.unwrap().changes;
        let duplicates: Vec<_> =
            changes.iter().filter(|change| change.reason.starts_with("duplicate")).collect();
        let more = |reason: &str| reason.split_once("(and ")?.1.split(' ').next()?.parse::<usize>().ok();
        let omitted: usize = duplicates.iter().filter_map(|change| more(&change.reason)).sum();
        assert_eq!(duplicates.len() + omitted, count);
        assert_eq!(omitted > 0, is_over, "{count}");
        assert!(duplicates.len() <= most);
        assert!(changes.iter().all(|change| !change.reason.contains("(and 0 more)")));
    }
    unknown_members(most);
}

/// So many are remembered of each kind, of the request's own and of those inside.
fn unknown_members(most: usize) {
    let members: Vec<_> = (0..=most).map(|nth| format!("\"m{nth}\":1")).collect();
    let members = members.join(",");
    let profile = Profile::named("openai").unwrap();
    for body in [
        format!("{{\"model\":\"m\",\"input\":\"x\",{members}}}"),
        format!("{{\"model\":\"m\",\"input\":[{{\"role\":\"user\",\"content\":\"x\",{members}}}]}}"),
    ] {
        let request = normalize_request(body.as_bytes(), &profile, &RequestOptions::default()).unwrap();
        assert_eq!(request.context.unknown_fields.len(), most);
    }
}

type Convert = fn(&[u8], &Profile, &RequestOptions) -> Result<ConvertedRequest, Error>;

/// The ways that a request takes: what it becomes is read again by the second function.
const WAYS: [(&str, Convert, Convert); 3] = [
    ("codex", normalize_request, normalize_request),
    ("codex", chat_to_responses, normalize_request),
    ("chat", responses_to_chat, responses_to_chat),
];

/// What is sent can be read again, however deep the request is; its values may come to lie deeper.
pub(super) fn depth(limit: usize) {
    let members = [
        r#""input":"x","tools":[{"type":"function","name":"f","parameters":{"x":N}}]"#,
        r#""input":{"role":"user","content":"x","x":N}"#,
        r#""input":[{"type":"function_call_output","call_id":"c","output":"[{\"type\":\"input_image\",\"image_url\":\"u\",\"detail\":N}]"}]"#,
        r#""messages":[{"role":"user","content":{"type":"text","text":"x","x":N}}]"#,
        r#""messages":[{"role":"user","content":"x"}],"functions":[{"name":"f","parameters":{"x":N}}]"#,
        r#""messages":[{"role":"user","content":"x"}],"response_format":{"type":"json_schema","json_schema":{"x":N}}"#,
    ];
    let mut refused = 0;
    for (member, levels) in
        members.into_iter().flat_map(|member| (limit - 8..=limit).map(move |n| (member, n)))
    {
        let around = member[..member.find('N').unwrap()].chars().fold(1_usize, |depth, byte| match byte {
            '{' | '[' => depth + 1,
            '}' | ']' => depth - 1,
            _ => depth,
        });
        let nested = "[".repeat(levels - around) + &"]".repeat(levels - around);
        let body = format!("{{\"model\":\"m\",{}}}", member.replace('N', &nested));
        for (profile, convert, again) in WAYS {
            let profile = Profile::named(profile).unwrap();
            match convert(body.as_bytes(), &profile, &RequestOptions::default()) {
                Ok(sent) => {
                    assert!(again(&sent.body, &profile, &RequestOptions::default()).is_ok(), "{body}");
                }
                Err(error) => refused += usize::from(error.code() == "invalid_json"),
            }
        }
    }
    assert!(refused > 0);
}
