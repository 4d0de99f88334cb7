//! Sessions with the upstream that wait for the next request of their conversation.
//!
//! Input: sessions whose answer was whole. Output: the same ones, while nothing came on them. State: the idle ones.

use super::socket::Session;
use crate::lock::lock;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

const IDLE: Duration = Duration::from_secs(60);
const MOST: usize = 1000;
const MOST_OF_TENANT: usize = 16;

/// Whose next request it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Key {
    /// Of a client's WebSocket.
    Connection(u64),
    /// Of a tenant, and of the conversation that it names.
    Conversation(String, String),
}

impl Key {
    fn is_of_tenant(&self, other: &Self) -> bool {
        matches!((self, other), (Self::Conversation(own, _), Self::Conversation(theirs, _)) if own == theirs)
    }
}

/// A task waits on each: a session that hears anything while idle is dropped, as that would be the next answer.
#[derive(Default)]
pub(crate) struct Kept(Arc<Mutex<HashMap<Key, Idle>>>);

struct Idle {
    stop: oneshot::Sender<()>,
    task: JoinHandle<Option<Box<Session>>>,
}

impl Kept {
    pub(crate) async fn take(&self, key: &Key) -> Option<Box<Session>> {
        let Idle { stop, task } = lock(&self.0).remove(key)?;
        stop.send(()).ok()?;
        task.await.ok().flatten()
    }

    /// One for each key, and some for each tenant; a session more is dropped.
    pub(crate) fn give(&self, key: Key, session: Box<Session>) {
        let mut kept = lock(&self.0);
        let of_tenant = kept.keys().filter(|other| other.is_of_tenant(&key)).count();
        if kept.len() >= MOST || of_tenant >= MOST_OF_TENANT || kept.contains_key(&key) {
            return;
        }
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(wait(self.0.clone(), key.clone(), session, stopped));
        kept.insert(key, Idle { stop, task });
    }

    pub(crate) fn drop_of(&self, key: &Key) {
        lock(&self.0).remove(key);
    }

    pub(crate) fn clear(&self) {
        lock(&self.0).clear();
    }
}

/// The session, if it is asked for in time. Its entry goes before, or with it.
async fn wait(
    kept: Arc<Mutex<HashMap<Key, Idle>>>,
    key: Key,
    mut session: Box<Session>,
    stopped: oneshot::Receiver<()>,
) -> Option<Box<Session>> {
    tokio::select! {
        biased;
        () = session.idle() => {}
        // Sent when it is taken; the sender is gone when it is dropped.
        asked = stopped => return asked.ok().map(|()| session),
        () = tokio::time::sleep(IDLE) => {}
    }
    lock(&kept).remove(&key);
    None
}
