//! Limits of what is read of a failure, and of what an outcome repeats.

use super::streams::{event, outcome};
use sluicegate::{Failure, Options, Page, error_envelope};

fn error(body: &str) -> sluicegate::ErrorBody {
    error_envelope(&Failure { body: body.as_bytes(), ..Failure::default() }).error
}

pub(super) fn message_bytes(limit: usize) {
    for size in [limit, limit + 1000] {
        let long = "x".repeat(size);
        let read = error(&format!(
            "{{\"error\":{{\"message\":\"{long}\",\"code\":\"{long}\",\"type\":\"{long}\"}}}}"
        ));
        assert_eq!((read.message.len(), read.kind.len()), (limit, limit));
        assert_eq!(read.code.map(|code| code.len()), Some(limit));
    }
    let escaped = "\\u0078".repeat(limit);
    assert_eq!(error(&format!("{{\"error\":{{\"message\":\"{escaped}\"}}}}")).message.len(), limit);
}

pub(super) fn error_members(limit: usize) {
    let members: Vec<_> = (0..2 * limit).map(|nth| format!("\"m{nth}\":1")).collect();
    let more = error(&format!("{{\"error\":{{\"message\":\"m\",{}}}}}", members.join(","))).more;
    assert_eq!(more.split(',').count(), limit);
    let large: Vec<_> = (0..limit).map(|nth| format!("\"m{nth}\":\"{}\"", "x".repeat(500))).collect();
    let more = error(&format!("{{\"error\":{{\"message\":\"m\",{}}}}}", large.join(","))).more;
    assert!(more.len() <= 4 << 10 && more.contains("\"m0\""));
}

pub(super) fn error_member_bytes(limit: usize) {
    for (size, is_kept) in [(limit, true), (limit + 1, false)] {
        let value = "x".repeat(size - 2); // between its quotes
        let more = error(&format!("{{\"error\":{{\"message\":\"m\",\"own\":\"{value}\"}}}}")).more;
        assert_eq!(more.contains("\"own\""), is_kept, "{size}");
    }
}

/// Rate limits as an outcome has them, and whether it is noted that something is missing.
fn rate_limits(members: &str) -> (Option<String>, bool) {
    let limits = event(&format!("\"type\":\"codex.rate_limits\",{members}"));
    let outcome = outcome([limits], Options::default());
    let is_noted = outcome.notes.iter().any(|note| note.detail == "rate_limits");
    (outcome.rate_limits, is_noted)
}

pub(super) fn number_bytes(limit: usize) {
    for (size, is_kept) in [(limit, true), (limit + 1, false)] {
        let number = "1".repeat(size);
        let written = if is_kept { &number } else { "null" };
        let kept = (Some(format!("{{\"a\":[{written}]}}")), !is_kept);
        assert_eq!(rate_limits(&format!("\"a\":[{number}]")), kept);
        let more = error(&format!("{{\"error\":{{\"message\":\"m\",\"own\":{number}}}}}")).more;
        assert_eq!(more, format!("\"own\":{written}"));
    }
}

pub(super) fn rate_limits_bytes(limit: usize) {
    for (size, is_kept) in [(limit, true), (limit + 1, false)] {
        let value = "x".repeat(size - "{\"a\":\"\"}".len());
        let (limits, is_noted) = rate_limits(&format!("\"a\":\"{value}\""));
        assert_eq!((limits.is_some(), is_noted), (is_kept, !is_kept), "{size}");
    }
}

pub(super) fn error_text_bytes(limit: usize) {
    for (before, is_read) in [(limit - 100, true), (limit + 1, false)] {
        let page = format!("<html>{}<title>Oops</title>", " ".repeat(before));
        assert_eq!(error(&page).message.contains("Oops"), is_read, "{before}");
    }
    for (size, is_read) in [(limit, true), (limit + 1, false)] {
        let (start, end) = ("{\"retry-after\":\"7\",\"x\":\"", "\"}");
        let headers = format!("{start}{}{end}", "x".repeat(size - start.len() - end.len()));
        let frame = format!(
            "{{\"type\":\"error\",\"status\":429,\"headers\":{headers},\"error\":{{\"message\":\"m\"}}}}"
        );
        let envelope = error_envelope(&Failure { body: frame.as_bytes(), ..Failure::default() });
        assert_eq!(envelope.retry_after_ms, is_read.then_some(7000), "{size}");
    }
    for (size, is_cut) in [(limit, false), (limit + 1, true)] {
        let page = format!("<title>Oops</title>{}", "x".repeat(size - 19));
        let said = outcome([page.into_bytes()], Options::default()).error.unwrap().message;
        assert_eq!(said.contains("Oops"), !is_cut, "{said}");
    }
}

pub(super) fn page_bytes(limit: usize) {
    for (size, is_full) in [(limit - 1, false), (limit, true), (limit + 1, true)] {
        let mut page = Page::default();
        vec![b'x'; size].chunks(1000).for_each(|chunk| page.feed(chunk));
        assert_eq!((page.is_full(), page.bytes().len()), (is_full, size.min(limit)));
        assert_eq!(page.is_cut(), size > limit);
        let mut space = Page::default();
        vec![b' '; size].chunks(1000).for_each(|chunk| space.feed(chunk));
        assert_eq!((space.is_full(), space.bytes().len()), (is_full, 0));
    }
}

/// What is done with it: `futures.rs`, and the adversarial tests of both bindings.
pub(super) fn head_bytes(limit: usize) {
    assert_eq!(Page::MAX_HEAD_BYTES, limit);
}

pub(super) fn retry_after_ms(limit: usize) {
    for (wait, is_taken) in [(limit, true), (limit + 1, false)] {
        let wait = wait.to_string();
        let failure =
            Failure { status: Some(429), headers: &[("retry-after-ms", &wait)], ..Failure::default() };
        let read = error_envelope(&failure).retry_after_ms.map(|wait| wait.to_string());
        assert_eq!(read, is_taken.then_some(wait));
    }
}
