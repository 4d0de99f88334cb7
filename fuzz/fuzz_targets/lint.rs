//! Any bytes: findings in order, none after the end, whoever reads.
#![no_main]
use sluicegate::{LintProfile, lint};

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    for profile in LintProfile::ALL {
        let findings = lint(input, profile);
        assert!(findings.is_sorted_by_key(|finding| finding.offset));
        assert!(findings.iter().all(|finding| finding.offset <= input.len() as u64));
    }
});
