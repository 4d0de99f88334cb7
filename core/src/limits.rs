//! Every number that caps a growth, once, with its reason. Nothing else in the crate bounds anything.

/// SSE block: line + data + type + id, in bytes. Large enough for a 45 MiB image as base64; settable.
pub(crate) const MAX_EVENT_BYTES: usize = 64 << 20;

/// A block that is kept as it was sent, field names, line ends and comments included, in multiples of the size of its
/// event. A block of nothing but empty `data` lines is six to seven times its event.
pub(crate) const MAX_BLOCK_PER_EVENT: usize = 8;

/// The same in bytes.
pub(crate) fn max_block_bytes(max_event_bytes: usize) -> usize {
    max_event_bytes.saturating_mul(MAX_BLOCK_PER_EVENT).saturating_add(MAX_DETAIL_BYTES)
}

/// JSON nesting; what `serde_json` and most servers accept.
pub(crate) const MAX_JSON_DEPTH: usize = 128;

/// A parser buffer keeps at most this much capacity between events: a big image must not pin memory for hours.
pub(crate) const RETAINED_BYTES: usize = 1 << 20;

/// A block that is remembered because it may come again with another text, in bytes; four are. Real ones have 300.
pub(crate) const MAX_SHORTCUT_BYTES: usize = 64 << 10;

/// Output items remembered per response. Real responses have tens; the cap only stops a hostile stream.
pub(crate) const MAX_ITEMS: usize = 16_384;

/// Their ids, and call ids twice, in bytes. Copilot's have some 400 bytes each.
pub(crate) const MAX_ID_BYTES: usize = 32 << 20;

/// Text, refusal and reasoning parts remembered per response (24 to 64 bytes each).
pub(crate) const MAX_PARTS: usize = 65_536;

/// Ids and names of calls, and arguments kept while those are unknown, in bytes over all calls of a response. The same for
/// the reasoning that a chat client gets back at the end.
pub(crate) const MAX_HELD_BYTES: usize = 8 << 20;

/// Calls in one call of `multi_tool_use.parallel`. Models put two to ten into one; what has more stays as it is.
pub(crate) const MAX_BUNDLED_CALLS: usize = 128;

/// Stop sequences that are applied to an answer, of [`MAX_NAME_BYTES`] each. OpenAI takes four.
pub(crate) const MAX_STOP_SEQUENCES: usize = 64;

/// What waits for a Messages client while a call is open, in bytes: its stream has one block at a time.
pub(crate) const MAX_WAITING_BYTES: usize = 32 << 20;

/// Citations kept until the finish chunk.
pub(crate) const MAX_CITATIONS: usize = 4_096;

/// Bytes of their URLs and titles.
pub(crate) const MAX_CITATION_BYTES: usize = 1 << 20;

/// Everything a collector keeps of one response.
pub(crate) const MAX_RESPONSE_BYTES: usize = 256 << 20;

/// Notes kept in an outcome; then `limit_exceeded` marks the rest as dropped, and only `limit_exceeded` is added.
pub(crate) const MAX_NOTES: usize = 256;

/// Findings of a linter; who needs more has one mistake many times.
pub(crate) const MAX_FINDINGS: usize = 1_000;

/// Upstream names and ids repeated in every chunk (response id, model, service tier), in bytes.
pub(crate) const MAX_NAME_BYTES: usize = 256;

/// Names, types and paths in our own messages and notes, in bytes.
pub(crate) const MAX_DETAIL_BYTES: usize = 64;

/// Upstream error message, type and code, in bytes.
pub(crate) const MAX_MESSAGE_BYTES: usize = 4 << 10;

/// Further members of an upstream's error object that are passed on, together of `MAX_MESSAGE_BYTES`. Real ones have up
/// to six.
pub(crate) const MAX_ERROR_MEMBERS: usize = 32;

/// One of them, in bytes. Google's details have 600.
pub(crate) const MAX_ERROR_MEMBER_BYTES: usize = 1 << 10;

/// A number in what an outcome repeats of an upstream's JSON, in bytes. No program needs more; Python refuses 4,301 digits.
pub(crate) const MAX_NUMBER_BYTES: usize = 64;

/// An upstream's rate limits of an account, in bytes; it is under 1 KiB.
pub(crate) const MAX_RATE_LIMITS_BYTES: usize = 16 << 10;

/// What is read of an error body that is no JSON object. A title or a first line is in the first few KiB of a page.
pub(crate) const MAX_ERROR_TEXT_BYTES: usize = 64 << 10;

/// What a transport reads of a body that is neither a stream nor an answer: a page, the body of an error status, white
/// space. Validators that repeat the request in their error write the largest.
pub(crate) const MAX_PAGE_BYTES: usize = 1 << 20;

/// What waits for the HTTP status to be settled: comments and blank lines that are passed on, before any event. And what is
/// read of a source after the end of its answer.
pub(crate) const MAX_HEAD_BYTES: usize = 64 << 10;

/// Longest accepted wait: a year. Limits are lifted within a month; more is a mistake, like a date in
/// milliseconds.
pub(crate) const MAX_RETRY_AFTER_MS: u64 = 366 * 24 * 60 * 60 * 1000;

/// Decoded bytes of one image; the sink holds them, not the extractor. Settable.
pub(crate) const MAX_IMAGE_BYTES: u64 = 256 << 20;

/// Images remembered per response, each with at most one partial kept open. Real responses have one to ten.
pub(crate) const MAX_IMAGES: usize = 256;

/// Partial images delivered per response, where they are asked for. Real responses have at most three an image.
pub(crate) const MAX_PARTIAL_IMAGES: usize = 4 * MAX_IMAGES;

/// Revised prompt of an image, in bytes; prompts go up to 32,000 characters.
pub(crate) const MAX_PROMPT_BYTES: usize = 32 << 10;

/// A request body, in bytes: what backends accept, with room for inline images. Settable by a profile.
pub(crate) const MAX_REQUEST_BYTES: usize = 64 << 20;

/// Values of a request: so many, and one more for each [`MIN_BYTES_PER_VALUE`]. Real ones have 30 bytes a value and more;
/// what has less would be held in many times its size.
pub(crate) const MAX_REQUEST_VALUES: usize = 8192;

/// Bytes of a request for each further value.
pub(crate) const MIN_BYTES_PER_VALUE: usize = 6;

/// What is written anew of a request, in multiples of its size: a chat request of single letters becomes 2.7 times as large.
pub(crate) const MAX_REQUEST_GROWTH: usize = 3;

/// The same in bytes, on top: small requests may grow as they like.
pub(crate) const MAX_REQUEST_ADDED_BYTES: usize = 256 << 10;

/// Changes of a request that are listed one by one, for each pass over it; then those of one kind are counted in its last line.
pub(crate) const MAX_CHANGES: usize = 1_000;

/// A request body that still goes into one WebSocket message: the backend takes 16 MiB, less room for what frames it.
pub(crate) const MAX_WEBSOCKET_BODY_BYTES: u64 = 14 << 20;

/// Items of a conversation that a WebSocket baseline remembers, 32 bytes each; a longer one is always sent whole.
pub(crate) const MAX_BASELINE_ITEMS: usize = 65_536;

/// Everything a catalog keeps, in bytes. The Codex client's own, prompts included, is well under 1 MiB.
pub(crate) const MAX_CATALOG_BYTES: usize = 32 << 20;

/// A response id that is recorded, in bytes. Real ones have 30 to 60.
pub(crate) const MAX_RESPONSE_ID_BYTES: usize = 256;

/// A recorded conversation, in bytes: a long one with a few screenshots. A larger one is the client's to send.
pub(crate) const MAX_RECORD_BYTES: usize = 8 << 20;

/// How long a record lives, in seconds: longer than people think between two turns. Settable.
pub(crate) const STORE_TTL_S: u64 = 60 * 60;

/// Records in a memory store. Settable.
pub(crate) const STORE_ENTRIES: usize = 1024;

/// Their keys and values, in bytes. Settable.
pub(crate) const STORE_BYTES: usize = 64 << 20;
