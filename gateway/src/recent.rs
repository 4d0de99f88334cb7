//! The last requests, for the page.
//!
//! Input: requests as they end. Output: an event for each, to whoever watches. State: the last hundred events.

use crate::lock::lock;
use axum::body::Bytes;
use serde_json::Value;
use std::collections::VecDeque;
use std::sync::Mutex;
use tokio::sync::watch;

const MOST: usize = 100;

/// Nobody holds a request up: who watches too slowly misses some.
#[derive(Debug, Default)]
pub(crate) struct Recent {
    events: Mutex<VecDeque<(u64, Bytes)>>,
    /// The number of the last one.
    last: watch::Sender<u64>,
}

impl Recent {
    pub(crate) fn push(&self, mut row: Value) {
        let mut events = lock(&self.events);
        let number = *self.last.borrow() + 1;
        row["number"] = number.into();
        events.truncate(MOST - 1);
        events.push_front((number, format!("data: {row}\n\n").into()));
        self.last.send_replace(number);
    }

    /// Those after that number, the oldest first.
    pub(crate) fn after(&self, number: u64) -> Vec<(u64, Bytes)> {
        let events = lock(&self.events);
        events
            .iter()
            .take_while(|(own, _)| *own > number)
            .cloned()
            .collect::<Vec<_>>()
            .into_iter()
            .rev()
            .collect()
    }

    /// Changes with each request.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.last.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_ones_are_kept_in_their_order() {
        let recent = Recent::default();
        for at in 0..250 {
            recent.push(serde_json::json!({ "at": at }));
        }
        let numbers = |after| recent.after(after).iter().map(|(number, _)| *number).collect::<Vec<_>>();
        assert_eq!(numbers(0), (151..=250).collect::<Vec<_>>());
        assert_eq!((numbers(248), numbers(250)), (vec![249, 250], vec![]));
        assert_eq!(recent.after(249)[0].1, "data: {\"at\":249,\"number\":250}\n\n");
    }
}
