//! A chat request that was made of any body is one that stays as it is.
#![no_main]
use sluicegate::{Profile, RequestOptions, responses_to_chat};

libfuzzer_sys::fuzz_target!(|body: &[u8]| {
    let (profile, options) = (Profile::named("chat").unwrap(), RequestOptions::default());
    if let Ok(request) = responses_to_chat(body, &profile, &options) {
        let again = responses_to_chat(&request.body, &profile, &options).unwrap();
        assert_eq!((again.body, again.changes), (request.body, vec![]));
    }
});
