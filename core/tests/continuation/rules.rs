//! What is recorded, what a record is good for, and what a store that fails does.

use crate::turn::Turn;
use sha2::{Digest, Sha256};
use sluicegate::{Continuation, Error, Expanded, MemoryStore, RejectCode, Store, Unrecorded};

const FIRST: &str = r#"{"model":"m","input":"Hi"}"#;
const NEXT: &[u8] = br#"{"model":"m","previous_response_id":"resp_1","input":"Bye"}"#;
const HELLO: &str = r#"{"id":"resp_1","status":"completed","output":[{"type":"message"}]}"#;

fn tenant() -> Continuation {
    Continuation::new("tenant-1").unwrap()
}

pub(crate) fn first(body: &str) -> Expanded {
    Expanded { body: body.into(), previous_response_id: None, origin: None }
}

fn record() -> Vec<u8> {
    tenant().record(&first(FIRST), HELLO.as_bytes(), Some("codex/a")).unwrap().unwrap().value
}

fn is_miss(expanded: &Result<Expanded, Error>) -> bool {
    let code = RejectCode::PreviousResponseNotFound;
    matches!(expanded, Err(Error::Rejected { code: own, offset: Some(_), .. }) if *own == code)
}

#[test]
fn a_scope_must_be_named() {
    let nobody = Error::InvalidOption { path: "scope".to_owned() };
    assert_eq!(Continuation::new("").unwrap_err(), nobody);
    for json in ["{}", r#"{"scope":""}"#, r#"{"scope":7}"#] {
        assert_eq!(Continuation::from_json(json.as_bytes()).unwrap_err(), nobody, "{json}");
    }
    let unknown = Continuation::from_json(br#"{"scope":"a","ttl":1}"#).unwrap_err();
    assert_eq!(unknown, Error::InvalidOption { path: "ttl".to_owned() });
    let read = Continuation::from_json(br#"{"scope":"a","record_unstored":true,"ttl_s":7}"#).unwrap();
    assert_eq!((read.record_unstored, read.ttl_s), (true, 7));
    assert_eq!(Continuation::new([0xff, 0]).unwrap().ttl_s, 3600);
}

#[test]
fn a_key_is_the_digest_of_scope_and_id() {
    let digest = Sha256::digest(b"\x08\0\0\0tenant-1resp_1");
    assert_eq!(tenant().key("resp_1"), format!("sluicegate:1:{digest:x}"));
    assert_ne!(Continuation::new("ab").unwrap().key("c"), Continuation::new("a").unwrap().key("bc"));
    assert_eq!(tenant().lookup(NEXT), Ok(Some(tenant().key("resp_1"))));
    assert_eq!(tenant().lookup(FIRST.as_bytes()), Ok(None));
}

#[test]
fn each_reason_not_to_record() {
    let big = format!(r#"{{"input":"{}"}}"#, "x".repeat(8 << 20));
    let id = "r".repeat(257);
    let chat = r#"{"messages":[]}"#;
    let cases = [
        (FIRST, HELLO.replace("completed", "incomplete"), Unrecorded::NotCompleted),
        (FIRST, HELLO.replace("completed", "failed"), Unrecorded::NotCompleted),
        (FIRST, HELLO.replace("status", "state"), Unrecorded::NotCompleted),
        (FIRST, HELLO.replace("output", "input"), Unrecorded::NotCompleted),
        (FIRST, r#"{"error":{"message":"No."}}"#.to_owned(), Unrecorded::NotCompleted),
        (r#"{"input":"Hi","store":false}"#, HELLO.to_owned(), Unrecorded::Unstored),
        (r#"{"input":"Hi","previous_response_id":"resp_0"}"#, HELLO.to_owned(), Unrecorded::NotExpanded),
        (chat, HELLO.to_owned(), Unrecorded::NoInput),
        (FIRST, HELLO.replace("resp_1", " "), Unrecorded::NoId),
        (FIRST, HELLO.replace("resp_1", "resp_unknown"), Unrecorded::NoId),
        (FIRST, HELLO.replace("resp_1", &id), Unrecorded::IdTooLong),
        (&big, HELLO.to_owned(), Unrecorded::TooLarge),
    ];
    for reason in Unrecorded::ALL {
        assert!(cases.iter().any(|(.., own)| *own == reason), "{reason:?}");
    }
    for (request, response, reason) in cases {
        let mut store = MemoryStore::default();
        let remembered = tenant().remember(&mut store, &first(request), response.as_bytes(), None, 0);
        assert_eq!(remembered, Ok(Err(reason)), "{response}");
        assert!(is_miss(&tenant().resolve(&mut store, NEXT, 0)));
    }
}

#[test]
fn what_is_no_json_is_an_error() {
    let torn = tenant().record(&first(FIRST), b"{\"id\":", None);
    assert_eq!(torn, Err(Error::InvalidJson { offset: 6 }));
    let bytes = tenant().record(&first(FIRST), b"{\"id\":\"\xff\"}", None);
    assert_eq!(bytes, Err(Error::InvalidJson { offset: 7 }));
    assert!(tenant().record(&first("{"), HELLO.as_bytes(), None).is_err());
    assert!(tenant().lookup(b"[]").is_err() && tenant().expand(b"", None).is_err());
}

#[test]
fn a_record_is_good_for_its_own_response_only() {
    let (record, tenant) = (record(), tenant());
    let expanded = tenant.expand(NEXT, Some(&record)).unwrap();
    assert_eq!(expanded.previous_response_id.as_deref(), Some("resp_1"));
    assert_eq!(expanded.origin.as_deref(), Some("codex/a"));
    let other = String::from_utf8_lossy(NEXT).replace("resp_1", "resp_2");
    assert!(is_miss(&tenant.expand(other.as_bytes(), Some(&record))));
    assert!(is_miss(&Continuation::new("tenant-2").unwrap().expand(NEXT, Some(&record))));
    assert!(is_miss(&tenant.expand(NEXT, None)));
}

#[test]
fn a_damaged_record_is_a_miss() {
    let (record, tenant) = (record(), tenant());
    for cut in 0..record.len() {
        assert!(is_miss(&tenant.expand(NEXT, Some(&record[..cut]))), "cut at {cut}");
        let mut flipped = record.clone();
        flipped[cut] ^= 1;
        assert!(is_miss(&tenant.expand(NEXT, Some(&flipped))), "flipped at {cut}");
    }
    assert!(is_miss(&tenant.expand(NEXT, Some(&[&record[..], b" "].concat()))));
    for version in (0..=255).filter(|version| *version != record[0]) {
        assert!(is_miss(&tenant.expand(NEXT, Some(&[&[version], &record[1..]].concat()))));
    }
}

/// Well sealed, by somebody else: what is in it must still be what it should be.
#[test]
fn a_foreign_record_is_a_miss() {
    let sealed = |content: &str| {
        let digest = Sha256::digest([b"\x08\0\0\0tenant-1", content.as_bytes()].concat());
        [&[1], &digest[..], content.as_bytes()].concat()
    };
    let fine = r#"{"id":"resp_1","origin":null,"input":[],"output":[]}"#;
    assert!(tenant().expand(NEXT, Some(&sealed(fine))).is_ok());
    for content in ["", "{}", "[]", &fine[1..], &fine.replace("[]", "{}"), &fine.replace("id", "di")] {
        assert!(is_miss(&tenant().expand(NEXT, Some(&sealed(content)))), "{content}");
    }
}

#[test]
fn a_store_that_fails_is_a_typed_error() {
    struct Lost;
    impl Store for Lost {
        fn get(&mut self, _: &str, _: u64) -> Result<Option<Vec<u8>>, Error> {
            Err(Error::Store { message: "gone".to_owned() })
        }
        fn put(&mut self, _: &str, _: &[u8], _: u64, _: u64) -> Result<(), Error> {
            Err(Error::Store { message: "gone".to_owned() })
        }
    }
    assert_eq!(tenant().resolve(&mut Lost, NEXT, 0).unwrap_err().code(), "store");
    assert!(tenant().resolve(&mut Lost, FIRST.as_bytes(), 0).is_ok(), "nothing to look up");
    let remembered = tenant().remember(&mut Lost, &first(FIRST), HELLO.as_bytes(), None, 0);
    assert_eq!(remembered.unwrap_err().to_string(), "cannot use the store: gone");
}

#[test]
fn a_request_too_large_with_its_history_is_rejected_when_normalized() {
    let half = first(&format!(r#"{{"input":"{}"}}"#, "x".repeat(7 << 20)));
    let record = tenant().record(&half, HELLO.as_bytes(), None).unwrap().unwrap();
    let own = "y".repeat(60 << 20);
    let next = format!(r#"{{"previous_response_id":"resp_1","input":"{own}"}}"#);
    let expanded = tenant().expand(next.as_bytes(), Some(&record.value)).unwrap();
    assert_eq!(Turn::default().normalized(&expanded).unwrap_err().code(), "request_too_large");
}
