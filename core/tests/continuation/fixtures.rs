//! The conversations in `fixtures/continuation`, turn by turn. `BLESS=1` writes what came out.

use crate::cases::{Case, read_cases};
use crate::turn::Turn;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use sluicegate::{Continuation, Error, MemoryStore, Store};

#[test]
fn in_memory() {
    for case in read_cases("continuation") {
        replay(&case, &mut MemoryStore::default());
    }
}

/// Whether the case is about time, which needs a store with a clock of ours.
#[cfg(feature = "redis")]
pub(crate) fn is_timed(case: &Case) -> bool {
    case.read_optional("2.turn.json").is_some_and(|turn| String::from_utf8_lossy(&turn).contains("now_ms"))
}

pub(crate) fn replay(case: &Case, store: &mut dyn Store) {
    for nth in 1.. {
        let Some(request) = case.read_optional(&format!("{nth}.request.json")) else { break };
        replay_turn(case, nth, &request, store);
    }
}

fn replay_turn(case: &Case, nth: u64, request: &[u8], store: &mut dyn Store) {
    let known = case.read_optional(&format!("{nth}.turn.json")).unwrap_or(b"{}".to_vec());
    let known: Value = serde_json::from_slice(&known).unwrap();
    let now_ms = known["now_ms"].as_u64().unwrap_or(nth * 1000);
    let turn = Turn { origin: known["origin"].as_str(), now_ms };
    let tenant = tenant(case, known["scope"].as_str());
    let check = |file: &str, actual: &[u8]| case.check(&format!("{nth}.{file}"), actual);
    let expanded = match tenant.resolve(store, request, now_ms) {
        Ok(expanded) => expanded,
        Err(error @ Error::Rejected { .. }) => {
            return check("rejected.json", format!("{}\n", error.envelope()).as_bytes());
        }
        Err(error) => panic!("{}/{nth}: {error}", case.name),
    };
    check("expanded.json", &expanded.body);
    let sent = turn.normalized(&expanded).unwrap();
    check("normalized.json", &sent.body);
    let Some(upstream) = case.read_optional(&format!("{nth}.input.sse")) else { return };
    let response = Turn::response(&sent, &expanded, &upstream);
    check("response.json", &[&response[..], b"\n"].concat());
    let remembered = tenant.remember(store, &expanded, &response, turn.origin, now_ms).unwrap();
    let recorded = tenant.record(&expanded, &response, turn.origin).unwrap();
    let outcome = match remembered.and(recorded) {
        Ok(record) => json!({ "key": record.key, "sha256": format!("{:x}", Sha256::digest(&record.value)) }),
        Err(reason) => json!({ "unrecorded": reason.as_str() }),
    };
    check("recorded.json", format!("{outcome}\n").as_bytes());
}

fn tenant(case: &Case, scope: Option<&str>) -> Continuation {
    let options = case.options().unwrap_or(br#"{"scope":"tenant-1"}"#.to_vec());
    let mut options: Value = serde_json::from_slice(&options).unwrap();
    if let Some(scope) = scope {
        options["scope"] = scope.into();
    }
    Continuation::from_json(options.to_string().as_bytes()).unwrap()
}
