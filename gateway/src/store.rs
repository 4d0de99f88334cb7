//! Where records of conversations are.
//!
//! Input: keys and records. Output: records. State: all of them in memory, or connections to a Redis.

use crate::clock::now_ms;
use crate::config::Config;
use crate::lines::write;
use crate::lock::lock;
use serde::Serialize;
use sluicegate::{Error, MemoryStore, Record, RedisStore, Store as _};
use std::sync::Mutex;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Of a Redis: each command has one of its own while it runs.
const CONNECTIONS: usize = 16;

/// Shared by all requests.
pub(crate) enum Store {
    Memory(Mutex<MemoryStore>),
    Redis { url: String, timeout: Duration, idle: Mutex<Vec<RedisStore>>, room: Semaphore },
}

impl Store {
    /// A Redis that is down costs the requests that need it, and no others.
    pub(crate) fn open(config: &Config) -> Result<Self, Error> {
        let Some(url) = config.redis.clone() else { return Ok(Self::Memory(Mutex::default())) };
        let timeout = config.store_timeout;
        let idle = Mutex::new(vec![RedisStore::new(&url, timeout)?]);
        Ok(Self::Redis { url, timeout, idle, room: Semaphore::new(CONNECTIONS) })
    }

    pub(crate) async fn get(&self, key: String) -> Result<Option<Vec<u8>>, Error> {
        match self {
            Self::Memory(memory) => lock(memory).get(&key, now_ms()),
            Self::Redis { .. } => self.on_redis(move |redis| redis.get(&key, 0)).await,
        }
    }

    /// `false`: there is another record of that id, which stays. `tenant`: whose it is; none loses its share to another.
    pub(crate) async fn put_new(
        &self,
        Record { key, value }: Record,
        ttl_s: u64,
        tenant: String,
    ) -> Result<bool, Error> {
        match self {
            Self::Memory(memory) => lock(memory).put_new(&key, &value, ttl_s, now_ms(), &tenant),
            Self::Redis { .. } => {
                self.on_redis(move |redis| redis.put_new(&key, &value, ttl_s, 0, &tenant)).await
            }
        }
    }

    pub(crate) async fn forget(&self, key: String) -> Result<(), Error> {
        match self {
            Self::Memory(memory) => lock(memory).put(&key, b"", 0, now_ms()),
            Self::Redis { .. } => self.on_redis(move |redis| redis.put(&key, b"", 0, 0)).await,
        }
    }

    /// In a thread that may block. The wait for a connection counts, too.
    async fn on_redis<T: Send + 'static>(
        &self,
        ask: impl FnOnce(&mut RedisStore) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        let Self::Redis { url, timeout, idle, room } = self else { return Err(failed("no store")) };
        let room = tokio::time::timeout(*timeout, room.acquire()).await;
        let _room = room.map_err(|_| failed("all connections are busy"))?.map_err(|_| failed("closed"))?;
        let kept = lock(idle).pop();
        let mut redis = kept.map_or_else(|| RedisStore::new(url, *timeout), Ok)?;
        let asked = tokio::task::spawn_blocking(move || {
            let answer = ask(&mut redis);
            (redis, answer)
        });
        let (redis, answer) = asked.await.map_err(|_| failed("the command ended early"))?;
        lock(idle).push(redis);
        if let Err(Error::Store { message }) = &answer {
            write(&StoreFailure { store: "error", code: message });
        }
        answer
    }
}

/// A store that failed; `code` is the system's word for why.
#[derive(Serialize)]
struct StoreFailure<'a> {
    store: &'static str,
    code: &'a str,
}

fn failed(message: &str) -> Error {
    Error::Store { message: message.to_owned() }
}
