//! A clock for silences that are long, among events that are many: an event costs it a look at the time, and sets no timer.
//!
//! Input: when something came. Output: when nothing came for a while. State: a timer, and when something came last.

use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until};

pub(crate) struct Silence {
    span: Duration,
    begun: Instant,
    /// Set at the first silence; it may be early.
    timer: Option<Pin<Box<Sleep>>>,
}

impl Silence {
    pub(crate) fn new(span: Duration) -> Self {
        Self { span, begun: Instant::now(), timer: None }
    }

    /// Something came.
    pub(crate) fn end(&mut self) {
        self.begun = Instant::now();
    }

    /// Ready once the silence is as long as it may be.
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Some(due) = self.begun.checked_add(self.span) else { return Poll::Pending };
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep_until(due)));
        loop {
            ready!(timer.as_mut().poll(context));
            if Instant::now() >= due {
                return Poll::Ready(());
            }
            timer.as_mut().reset(due);
        }
    }
}
