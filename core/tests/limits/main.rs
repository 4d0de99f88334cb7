//! docs/reference/limits.md is true: each row is tried with the number that stands there, at it and over it. A row without a trial
//! fails. Where a limit is an option, its default is compared and a small one is tried.

#[path = "../allocator/mod.rs"]
mod allocator;
mod failures;
mod held;
mod requests;
mod stored;
mod streams;

const TABLE: &str = include_str!("../../../docs/reference/limits.md");

/// Tries one row; gets its number, in the smallest unit.
type Trial = fn(usize);

const TRIALS: &[(&str, Trial)] = &[
    ("MAX_EVENT_BYTES", streams::event_bytes),
    ("MAX_BLOCK_PER_EVENT", streams::block_per_event),
    ("MAX_JSON_DEPTH", streams::json_depth),
    ("RETAINED_BYTES", held::retained_bytes),
    ("MAX_SHORTCUT_BYTES", held::shortcut_bytes),
    ("MAX_ITEMS", streams::items),
    ("MAX_ID_BYTES", streams::id_bytes),
    ("MAX_PARTS", streams::parts),
    ("MAX_HELD_BYTES", streams::held_bytes),
    ("MAX_BUNDLED_CALLS", streams::bundled_calls),
    ("MAX_STOP_SEQUENCES", requests::stop_sequences),
    ("MAX_WAITING_BYTES", streams::waiting_bytes),
    ("MAX_CITATIONS", streams::citations),
    ("MAX_CITATION_BYTES", streams::citation_bytes),
    ("MAX_RESPONSE_BYTES", streams::response_bytes),
    ("MAX_NOTES", streams::notes),
    ("MAX_FINDINGS", streams::findings),
    ("MAX_NAME_BYTES", streams::name_bytes),
    ("MAX_DETAIL_BYTES", streams::detail_bytes),
    ("MAX_MESSAGE_BYTES", failures::message_bytes),
    ("MAX_ERROR_MEMBERS", failures::error_members),
    ("MAX_ERROR_MEMBER_BYTES", failures::error_member_bytes),
    ("MAX_NUMBER_BYTES", failures::number_bytes),
    ("MAX_RATE_LIMITS_BYTES", failures::rate_limits_bytes),
    ("MAX_ERROR_TEXT_BYTES", failures::error_text_bytes),
    ("MAX_PAGE_BYTES", failures::page_bytes),
    ("MAX_HEAD_BYTES", failures::head_bytes),
    ("MAX_RETRY_AFTER_MS", failures::retry_after_ms),
    ("MAX_IMAGE_BYTES", held::image_bytes),
    ("MAX_IMAGES", held::images),
    ("MAX_PARTIAL_IMAGES", held::partial_images),
    ("MAX_PROMPT_BYTES", held::prompt_bytes),
    ("MAX_REQUEST_BYTES", stored::request_bytes),
    ("MAX_REQUEST_VALUES", requests::values),
    ("MIN_BYTES_PER_VALUE", requests::bytes_for_a_value),
    ("MAX_REQUEST_GROWTH", requests::growth),
    ("MAX_REQUEST_ADDED_BYTES", requests::added_bytes),
    ("MAX_CHANGES", requests::changes),
    ("MAX_WEBSOCKET_BODY_BYTES", stored::websocket_body_bytes),
    ("MAX_BASELINE_ITEMS", stored::baseline_items),
    ("MAX_CATALOG_BYTES", stored::catalog_bytes),
    ("MAX_RESPONSE_ID_BYTES", stored::response_id_bytes),
    ("MAX_RECORD_BYTES", stored::record_bytes),
    ("STORE_TTL_S", stored::store_ttl_s),
    ("STORE_ENTRIES", stored::store_entries),
    ("STORE_BYTES", stored::store_bytes),
];

/// Each row's name and number.
fn rows() -> Vec<(&'static str, usize)> {
    let cells = |row: &'static str| row.trim_matches('|').split(" | ").map(str::trim).collect::<Vec<_>>();
    let rows = TABLE.lines().filter(|row| row.starts_with("| ") && row.ends_with("` |")).map(cells);
    rows.map(|row| (row.last().unwrap().trim_matches(['`', '|', ' ']), number(row[1]))).collect()
}

/// The number of a row.
fn limit_of(name: &str) -> usize {
    rows().into_iter().find(|(row, _)| *row == name).map(|(_, limit)| limit).expect("a row of this name")
}

/// `64 MiB`, `31,622,400,000 ms`, `8 × …`, `128 levels`, `4,096`
fn number(text: &str) -> usize {
    let (digits, unit) = text.split_once(' ').unwrap_or((text, ""));
    let number: usize = digits.replace(',', "").parse().unwrap_or_else(|_| panic!("{text} is no number"));
    match unit {
        "MiB" => number << 20,
        "KiB" => number << 10,
        _ => number,
    }
}

#[test]
fn every_row_is_true() {
    let rows = rows();
    assert!(rows.len() >= TRIALS.len(), "a trial has no row");
    let is_false = |(name, limit): &(&str, usize)| {
        let trial = TRIALS.iter().find(|(known, _)| known == name);
        trial.is_none_or(|(_, trial)| std::panic::catch_unwind(|| trial(*limit)).is_err())
    };
    let wrong: Vec<_> = rows.into_iter().filter(is_false).collect();
    assert!(wrong.is_empty(), "docs/reference/limits.md: not true, or without a trial: {wrong:?}");
}
