//! Any bytes as a record: a miss, or the conversation that this scope recorded; never a panic.
#![no_main]
use sluicegate::Continuation;

libfuzzer_sys::fuzz_target!(|input: (&[u8], &[u8], &[u8])| {
    let tenant = Continuation::new("tenant").unwrap();
    let (request, response, damage) = input;
    let Ok(turn) = tenant.expand(request, None) else { return };
    let Ok(Ok(record)) = tenant.record(&turn, response, None) else { return };
    let next = br#"{"previous_response_id":"resp_1","input":"x"}"#;
    let _ = tenant.expand(next, Some(&record.value));
    let damaged: Vec<u8> = record.value.iter().zip(damage.iter().chain([&0].into_iter().cycle())).map(|(a, b)| a ^ b).collect();
    assert!(damaged == record.value || tenant.expand(next, Some(&damaged)).is_err());
});
