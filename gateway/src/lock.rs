//! Locks.
//!
//! Input: a mutex. Output: what it guards. State: none.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a panic elsewhere left is still sound: each change is one call.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
