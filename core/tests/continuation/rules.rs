//! What is recorded, what a record is good for, and what a store that fails does.

use crate::turn::Turn;
use sha2::{Digest, Sha256};
use sluicegate::{Continuation, Error, Expanded, MemoryStore, RejectCode, Store, Unrecorded};
use std::collections::BTreeMap;

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
    let is_nobody = |error: Error| error.path() == Some("scope") && error.code() == "invalid_option";
    assert!(is_nobody(Continuation::new("").unwrap_err()));
    for json in ["{}", r#"{"scope":""}"#, r#"{"scope":7}"#] {
        assert!(is_nobody(Continuation::from_json(json.as_bytes()).unwrap_err()), "{json}");
    }
    let unknown = Continuation::from_json(br#"{"scope":"a","ttl":1}"#).unwrap_err();
    assert_eq!(
        unknown.to_string(),
        "unknown option: ttl; there are: record_unstored, ttl_s, orphans, mac_keys"
    );
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
    for reason in Unrecorded::ALL.into_iter().filter(|reason| *reason != Unrecorded::IdTaken) {
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

fn remember(tenant: &Continuation, store: &mut dyn Store, request: &str) -> Result<(), Unrecorded> {
    tenant.remember(store, &first(request), HELLO.as_bytes(), None, 0).unwrap()
}

fn keyed(keys: &[u8]) -> Continuation {
    tenant().with_mac_keys(keys.iter().map(|key| [*key; 32])).unwrap()
}

/// A store with the two methods that must be there.
#[derive(Default)]
struct Plain(BTreeMap<String, Vec<u8>>);

impl Store for Plain {
    fn get(&mut self, key: &str, _: u64) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.get(key).cloned())
    }
    fn put(&mut self, key: &str, value: &[u8], _: u64, _: u64) -> Result<(), Error> {
        self.0.insert(key.to_owned(), value.to_vec());
        Ok(())
    }
}

#[test]
fn a_record_under_a_taken_id_never_replaces_the_other() {
    for mut store in [Box::new(MemoryStore::default()) as Box<dyn Store>, Box::<Plain>::default()] {
        let store = &mut *store;
        assert_eq!(remember(&tenant(), store, FIRST), Ok(()));
        assert_eq!(remember(&tenant(), store, FIRST), Ok(()), "the same again");
        assert_eq!(remember(&tenant(), store, r#"{"input":"Other"}"#), Err(Unrecorded::IdTaken));
        let other = Continuation::new("tenant-2").unwrap();
        assert_eq!(remember(&other, store, r#"{"input":"Other"}"#), Ok(()), "of another tenant");
        let expanded = String::from_utf8(tenant().resolve(store, NEXT, 0).unwrap().body).unwrap();
        assert!(expanded.contains("\"Hi\"") && !expanded.contains("Other"));
    }
}

/// Whoever writes to the store can make a plain digest, but no keyed one.
#[test]
fn with_keys_only_their_records_are_good() {
    let of =
        |tenant: &Continuation| tenant.record(&first(FIRST), HELLO.as_bytes(), None).unwrap().unwrap().value;
    let is_good = |tenant: &Continuation, record: &[u8]| tenant.expand(NEXT, Some(record)).is_ok();
    let (plain, one, two) = (of(&tenant()), of(&keyed(&[1])), of(&keyed(&[2])));
    assert!(is_good(&tenant(), &plain) && is_good(&keyed(&[1]), &one));
    assert!(!is_good(&tenant(), &one), "unknown to who has no keys");
    assert!(!is_good(&keyed(&[1]), &plain) && !is_good(&keyed(&[1]), &two));
    assert!(!is_good(&keyed(&[1]), &[&[2], &plain[1..]].concat()) && !is_good(&keyed(&[1]), &[2]));
    let elsewhere = Continuation::new("tenant-2").unwrap().with_mac_keys([[1; 32]]).unwrap();
    assert!(!is_good(&elsewhere, &one));
    for nth in 0..one.len() {
        let mut flipped = one.clone();
        flipped[nth] ^= 1;
        assert!(!is_good(&keyed(&[1]), &flipped), "flipped at {nth}");
    }
    let mut flipped = one.clone();
    flipped[1..3].iter_mut().for_each(|byte| *byte ^= 1);
    assert!(!is_good(&keyed(&[1]), &flipped), "the same bit twice");
    // A new key before the old one: what either made is good, and the new one makes.
    assert!([&one, &two].into_iter().all(|record| is_good(&keyed(&[2, 1]), record)));
    assert_eq!(of(&keyed(&[2, 1])), two);
    assert!(!is_good(&keyed(&[2]), &one));
}

#[test]
fn a_key_has_32_bytes_and_stays_secret() {
    let wrong = "wrong value of an option: mac_keys is something else; allowed: a list of keys of 32 bytes or more, in hexadecimal";
    assert_eq!(tenant().with_mac_keys([vec![7; 32], vec![7; 31]]).unwrap_err().path(), Some("mac_keys"));
    for keys in [r#"["0g"]"#.to_owned(), format!(r#"["{}"]"#, "07".repeat(31)), "\"07\"".to_owned()] {
        let json = format!(r#"{{"scope":"tenant-1","mac_keys":{keys}}}"#);
        assert_eq!(Continuation::from_json(json.as_bytes()).unwrap_err().to_string(), wrong, "{keys}");
    }
    let json = format!(r#"{{"scope":"tenant-1","mac_keys":["{}"]}}"#, "07".repeat(32));
    assert_eq!(Continuation::from_json(json.as_bytes()).unwrap(), keyed(&[7]));
    assert!(!format!("{:?}", keyed(&[7])).contains("7, 7"));
    assert_eq!(tenant().with_mac_keys::<Vec<u8>>([]).unwrap(), tenant());
}

#[test]
fn a_tenant_is_a_digest_of_the_scope() {
    let digest = format!("{:x}", Sha256::digest(b"\x08\0\0\0tenant-1"));
    assert_eq!(tenant().tenant(), digest[..32]);
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
