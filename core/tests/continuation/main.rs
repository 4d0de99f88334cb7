//! Conversations by `previous_response_id`: over memory, and over Redis where `SLUICEGATE_REDIS` is its URL.

#[path = "../cases/mod.rs"]
mod cases;
mod fixtures;
mod memory;
mod properties;
mod recordings;
#[cfg(feature = "redis")]
mod redis;
mod rules;
mod turn;
