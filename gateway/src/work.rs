//! Work on large bodies, which must not keep other requests waiting.
//!
//! Input: the work. Output: what it comes to. State: none.

use sluicegate::Error;

/// What is smaller is done at once.
const LARGE_BYTES: usize = 128 << 10;

/// Does the work on so many bytes; in a thread that may be busy for a while, where they are many.
pub(crate) async fn on<T: Send + 'static>(
    bytes: usize,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    if bytes < LARGE_BYTES {
        return work();
    }
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(Error::AfterFinish))
}
