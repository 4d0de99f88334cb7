//! Messages beside the other two dialects: whatever pair an answer goes through, it says the same.

mod behaviours;
#[path = "../cases/mod.rs"]
mod cases;
mod faults;
mod fold;
mod generated;
mod pairs;
mod probes;
mod properties;
mod recordings;
