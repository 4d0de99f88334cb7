//! Request bodies of about one size, each with the paths that a normalization for `codex` must report.

use crate::Random;

/// A body, and what must happen to it.
#[derive(Debug)]
pub struct Request {
    /// As in the bench report.
    pub name: &'static str,
    /// JSON.
    pub body: Vec<u8>,
    /// Paths of the changes, in order.
    pub changes: &'static [&'static str],
}

/// What an agent sends on a late turn, in three mixtures, of about `bytes` each.
pub fn requests(seed: u64, bytes: usize) -> Vec<Request> {
    let mut random = Random::new(seed);
    let messages = body(bytes, |_| item("message", &random_text(&mut Random::new(seed), 2_000)));
    let tools = body(bytes, |nth| tool_turn(&mut random, nth));
    let image = body(bytes, |_| image(bytes));
    vec![
        Request { name: "1 MiB of messages", body: messages, changes: &["temperature", "instructions"] },
        Request { name: "1 MiB of tool turns", body: tools, changes: &["temperature", "instructions"] },
        Request { name: "1 MiB image", body: image, changes: &["temperature", "instructions"] },
    ]
}

fn body(bytes: usize, mut next: impl FnMut(usize) -> String) -> Vec<u8> {
    let mut body = String::from(
        r#"{"model":"gpt-5.5","stream":true,"store":false,"include":["reasoning.encrypted_content"],"temperature":0.7,"#,
    );
    body += r#""tools":[{"type":"function","name":"exec","strict":false,"parameters":{"type":"object","properties":{}}}],"input":["#;
    let mut nth = 0;
    while body.len() < bytes {
        if nth > 0 {
            body.push(',');
        }
        body += &next(nth);
        nth += 1;
    }
    body += "]}";
    body.into_bytes()
}

fn item(kind: &str, text: &str) -> String {
    format!(r#"{{"type":"{kind}","role":"user","content":[{{"type":"input_text","text":"{text}"}}]}}"#)
}

/// Reasoning, a call, its output.
fn tool_turn(random: &mut Random, nth: usize) -> String {
    let blob: String = (0..80).map(|_| char::from(b'A' + random.below(26) as u8)).collect();
    let blob = blob.repeat(8);
    let output = random_text(random, 1_200);
    format!(
        r#"{{"type":"reasoning","id":"rs_{nth}","summary":[],"encrypted_content":"{blob}"}},{{"type":"function_call","id":"fc_{nth}","call_id":"call_{nth}","name":"exec","arguments":"{{\"cmd\":\"cat src/{nth}.rs\",\"timeout\":10}}"}},{{"type":"function_call_output","call_id":"call_{nth}","output":"{output}"}}"#
    )
}

fn image(bytes: usize) -> String {
    let data = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAAB".repeat(bytes / 32);
    format!(
        r#"{{"role":"user","content":[{{"type":"input_image","image_url":"data:image/png;base64,{data}"}}]}}"#
    )
}

/// Words, with an escaped line end or quote every few: what code and logs look like in JSON.
fn random_text(random: &mut Random, bytes: usize) -> String {
    const WORDS: [&str; 8] =
        ["let ", "value ", "= ", "\\n    ", "self.tree", "(\\\"key\\\")", " // é ", "return"];
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        text += WORDS[random.below(WORDS.len())];
    }
    text
}

#[cfg(test)]
mod tests {
    use sluicegate::{Profile, RequestOptions, normalize_request};

    #[test]
    fn every_body_needs_the_changes_it_names_and_no_other() {
        for request in super::requests(7, 1 << 16) {
            let normalized = normalize_request(&request.body, &Profile::codex(), &RequestOptions::default());
            let changes = normalized.unwrap().changes;
            assert_eq!(changes.iter().map(|change| &*change.path).collect::<Vec<_>>(), request.changes);
        }
    }
}
