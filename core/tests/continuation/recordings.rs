//! A real tool loop with encrypted reasoning, from `SLUICEGATE_RECORDINGS` where that is set.

use crate::turn::Turn;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use sluicegate::{Continuation, MemoryStore, Store};
use std::collections::BTreeMap;
use std::path::Path;

/// The elements of a member, as they stand there.
fn list(body: &[u8], member: &str) -> Vec<String> {
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).unwrap();
    let items: Vec<Box<RawValue>> = serde_json::from_str(members[member].get()).unwrap();
    items.iter().map(|item| item.get().to_owned()).collect()
}

#[test]
fn the_tool_loop_in_memory() {
    if let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") {
        replay(Path::new(&folder), &mut MemoryStore::default());
    }
}

/// Turn by turn, the input that goes upstream is the whole conversation, each item as it was first sent.
pub(crate) fn replay(folder: &Path, store: &mut dyn Store) {
    let mut tenant = Continuation::new("recordings").unwrap();
    tenant.record_unstored = true;
    let question = r#"{"role":"user","content":"(12 + 7) * 3 * 10?"}"#;
    let mut request = format!(r#"{{"model":"gpt-5.1-codex-max","store":false,"input":[{question}]}}"#);
    let mut history = vec![question.to_owned()];
    let mut reasoning = 0;
    for nth in 1..=4 {
        let upstream = std::fs::read(folder.join(format!("reasoning-encrypted-{nth}.sse"))).unwrap();
        let turn = Turn { origin: Some("codex/account-1"), now_ms: nth };
        let taken = turn.take(&tenant, store, request.as_bytes(), &upstream).unwrap();
        assert_eq!(taken.remembered, Ok(()));
        for body in [&taken.expanded.body, &taken.sent.body] {
            assert_eq!(list(body, "input"), history, "turn {nth}");
        }
        let response: Value = serde_json::from_slice(&taken.response).unwrap();
        assert_eq!(response["previous_response_id"], json!(taken.expanded.previous_response_id));
        assert_eq!(taken.expanded.previous_response_id.is_some(), nth > 1);

        let stream = String::from_utf8_lossy(&upstream);
        let mut own = Vec::new();
        for output in list(&taken.response, "output") {
            assert!(stream.contains(&output), "as the upstream sent it");
            let item: Value = serde_json::from_str(&output).unwrap();
            reasoning += usize::from(item["type"] == "reasoning");
            if let Some(call_id) = item["call_id"].as_str() {
                let answer = json!({ "type": "function_call_output", "call_id": call_id, "output": "19" });
                own.push(answer.to_string());
            }
            history.push(output);
        }
        request = format!(
            r#"{{"model":"gpt-5.1-codex-max","store":false,"previous_response_id":"{}","input":[{}]}}"#,
            response["id"].as_str().unwrap(),
            own.join(",")
        );
        history.extend(own);
    }
    assert_eq!((history.len(), reasoning), (9, 1));
}
