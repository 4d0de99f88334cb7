//! Any body, either route: a request or a typed error; what no change lists is as it was; again changes nothing.
#![no_main]
use sluicegate::{Profile, RequestOptions, chat_to_responses, normalize_request};
use std::sync::LazyLock;

static PROFILES: LazyLock<[Profile; 2]> =
    LazyLock::new(|| ["codex", "openai"].map(|name| Profile::named(name).unwrap()));

libfuzzer_sys::fuzz_target!(|input: (u8, &[u8])| {
    let (profile, options) = (&PROFILES[usize::from(input.0 & 1)], RequestOptions::default());
    let normalize = if input.0 & 2 == 0 { normalize_request } else { chat_to_responses };
    let Ok(request) = normalize(input.1, profile, &options) else { return };
    assert!(input.0 & 2 != 0 || !request.changes.is_empty() || request.body == input.1);
    let again = normalize_request(&request.body, profile, &options).unwrap();
    let text = |body: &[u8]| String::from_utf8_lossy(body).into_owned();
    assert_eq!((text(&again.body), again.changes), (text(&request.body), vec![]));
});
