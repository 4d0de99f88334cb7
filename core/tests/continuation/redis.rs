//! The same on Redis, and a Redis that is lost. Without `SLUICEGATE_REDIS` only the lost ones are there to be tested.

use crate::cases::read_cases;
use crate::{fixtures, recordings, rules::first};
use sluicegate::{Continuation, Error, RedisStore, Store};
use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

const TIMEOUT: Duration = Duration::from_millis(300);
/// Another test makes the server wait.
const PATIENT: Duration = Duration::from_secs(10);
const NEXT: &[u8] = br#"{"previous_response_id":"resp_1"}"#;
const HELLO: &[u8] = br#"{"id":"resp_1","status":"completed","output":[{"type":"message"}]}"#;

/// A store in a database of its own, empty: tests run side by side.
fn redis(database: u8) -> Option<(RedisStore, redis::Connection)> {
    let url = format!("{}/{database}", std::env::var("SLUICEGATE_REDIS").ok()?);
    let mut direct = redis::Client::open(&*url).unwrap().get_connection().unwrap();
    redis::cmd("FLUSHDB").exec(&mut direct).unwrap();
    Some((RedisStore::new(&url, PATIENT).unwrap(), direct))
}

fn tenant() -> Continuation {
    Continuation::new("tenant-1").unwrap()
}

#[test]
fn conversations() {
    let Some((mut store, mut direct)) = redis(0) else { return };
    for case in read_cases("continuation").iter().filter(|case| !fixtures::is_timed(case)) {
        fixtures::replay(case, &mut store);
        redis::cmd("FLUSHDB").exec(&mut direct).unwrap();
    }
    if let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") {
        recordings::replay(Path::new(&folder), &mut store);
    }
}

#[test]
fn redis_keeps_the_time() {
    let Some((mut store, mut direct)) = redis(1) else { return };
    tenant().remember(&mut store, &first(r#"{"input":"Hi"}"#), HELLO, None, 0).unwrap().unwrap();
    let key = tenant().key("resp_1");
    let left: i64 = redis::cmd("TTL").arg(&key).query(&mut direct).unwrap();
    assert!((3590..=3600).contains(&left), "{left}");
    let value = store.get(&key, 0).unwrap().unwrap();
    store.put(&key, &value, 0, 0).unwrap();
    assert_eq!(store.get(&key, 0), Ok(None));
    assert_eq!(store.put(&key, &value, u64::MAX, 0).unwrap_err().code(), "store", "Redis refuses");
    assert_eq!(store.get(&key, 0), Ok(None), "and goes on");
}

#[test]
fn a_damaged_value_is_a_miss() {
    let Some((mut store, mut direct)) = redis(2) else { return };
    let key = tenant().key("resp_1");
    redis::cmd("SET").arg(&key).arg(&b"\x01\xff\0damaged"[..]).exec(&mut direct).unwrap();
    let missed = tenant().resolve(&mut store, NEXT, 0).unwrap_err();
    assert_eq!(missed.code(), "previous_response_not_found");
    redis::cmd("DEL").arg(&key).exec(&mut direct).unwrap();
    redis::cmd("LPUSH").arg(&key).arg("x").exec(&mut direct).unwrap();
    assert_eq!(tenant().resolve(&mut store, NEXT, 0).unwrap_err().code(), "store", "no string");
}

/// In one step: of all who put something at once, one is let in.
#[test]
fn a_taken_id_is_refused() {
    let Some((mut store, _)) = redis(6) else { return };
    let put = |store: &mut RedisStore, value: &[u8]| store.put_new("a", value, 60, 0, "tenant").unwrap();
    assert!(put(&mut store, b"1") && put(&mut store, b"1") && !put(&mut store, b"2"));
    assert_eq!(store.get("a", 0), Ok(Some(b"1".to_vec())));
    store.put("a", b"", 0, 0).unwrap();
    let url = format!("{}/6", std::env::var("SLUICEGATE_REDIS").unwrap());
    let race = &|nth: u8| put(&mut RedisStore::new(&url, PATIENT).unwrap(), &[nth]);
    let won = std::thread::scope(|scope| {
        let racers: Vec<_> = (0..8).map(|nth| scope.spawn(move || race(nth))).collect();
        racers.into_iter().map(|racer| racer.join().unwrap()).filter(|won| *won).count()
    });
    assert_eq!(won, 1);
}

#[test]
fn a_connection_that_was_lost_is_made_again() {
    let Some((mut store, mut direct)) = redis(3) else { return };
    store.put("a", b"1", 60, 0).unwrap();
    let clients: String = redis::cmd("CLIENT").arg("LIST").query(&mut direct).unwrap();
    let own: u64 = redis::cmd("CLIENT").arg("ID").query(&mut direct).unwrap();
    for client in clients.lines().filter(|client| client.contains(" db=3 ")) {
        let id = client.strip_prefix("id=").and_then(|rest| rest.split(' ').next()).unwrap();
        if id != own.to_string() {
            redis::cmd("CLIENT").arg("KILL").arg("ID").arg(id).exec(&mut direct).unwrap();
        }
    }
    assert_eq!(store.get("a", 0), Ok(Some(b"1".to_vec())));
}

#[test]
fn two_processes_share_a_conversation() {
    let Some((mut store, _)) = redis(4) else { return };
    let test = "redis::another_process_records";
    let child =
        Command::new(std::env::current_exe().unwrap()).args(["--exact", test, "--ignored"]).output().unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stdout));
    let expanded = tenant().resolve(&mut store, NEXT, 0).unwrap();
    let list = r#"[{"type":"message","role":"user","content":[{"type":"input_text","text":"Hi"}]},{"type":"message"}]"#;
    assert_eq!(String::from_utf8(expanded.body).unwrap(), format!("{{\"input\":{list}}}"));
    let other = Continuation::new("tenant-2").unwrap().resolve(&mut store, NEXT, 0);
    assert_eq!(other.unwrap_err().code(), "previous_response_not_found");
}

#[test]
#[ignore = "the first process of the test above"]
fn another_process_records() {
    let url = format!("{}/4", std::env::var("SLUICEGATE_REDIS").unwrap());
    let mut store = RedisStore::new(&url, PATIENT).unwrap();
    tenant().remember(&mut store, &first(r#"{"input":"Hi"}"#), HELLO, None, 0).unwrap().unwrap();
}

/// Reading and writing; each a `store` error, in time.
fn assert_lost(mut store: RedisStore) {
    let began = Instant::now();
    let error = tenant().resolve(&mut store, NEXT, 0).unwrap_err();
    assert!(matches!(error, Error::Store { .. }), "{error:?}");
    let remembered = tenant().remember(&mut store, &first(r#"{"input":"Hi"}"#), HELLO, None, 0);
    assert_eq!(remembered.unwrap_err().code(), "store");
    assert!(began.elapsed() < 10 * TIMEOUT, "{:?}", began.elapsed());
}

#[test]
fn a_redis_that_is_not_there() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    assert_lost(RedisStore::new(&format!("redis://{free}"), TIMEOUT).unwrap());
}

#[test]
fn a_redis_that_never_answers() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", silent.local_addr().unwrap());
    assert_lost(RedisStore::new(&url, TIMEOUT).unwrap());
}

/// It was there when the connection was made.
#[test]
fn a_redis_that_stops_answering() {
    let Some((mut store, mut direct)) = redis(5) else { return };
    store.put("a", b"1", 60, 0).unwrap();
    let url = format!("{}/5", std::env::var("SLUICEGATE_REDIS").unwrap());
    let timeout = 3 * TIMEOUT;
    let mut store = RedisStore::new(&url, timeout).unwrap();
    assert!(store.get("a", 0).unwrap().is_some());
    redis::cmd("CLIENT").arg("PAUSE").arg(5000).arg("WRITE").exec(&mut direct).unwrap();
    let began = Instant::now();
    assert_eq!(store.put("a", b"2", 60, 0).unwrap_err().code(), "store");
    assert!(began.elapsed() < 2 * timeout, "asked once: {:?}", began.elapsed());
    redis::cmd("CLIENT").arg("UNPAUSE").exec(&mut direct).unwrap();
    assert!(store.get("a", 0).unwrap().is_some());
}

#[test]
fn a_url_must_be_one() {
    for (url, timeout, path) in [("http://x", TIMEOUT, "url"), ("redis://x", Duration::ZERO, "timeout")] {
        let error = RedisStore::new(url, timeout).unwrap_err();
        assert_eq!((error.code(), error.path()), ("invalid_option", Some(path)));
    }
    let store = RedisStore::new("redis://user:secret@localhost", TIMEOUT).unwrap();
    assert_eq!(format!("{store:?}"), "RedisStore { timeout: 300ms, .. }", "not the password");
}
