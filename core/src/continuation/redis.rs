//! A store in Redis or Valkey, for a service of more than one process (feature `redis`); the only I/O of this crate.
//!
//! Input: records by key, with a time to live. Output: a record, or an error in time. State: a connection.

use super::Store;
use crate::error::Error;
use crate::limits::MAX_MESSAGE_BYTES;
use crate::outcome::clip;
use redis::{Client, Cmd, Connection, FromRedisValue, RedisError, RedisResult};
use std::fmt;
use std::time::Duration;

/// A [`Store`] in Redis: `GET`, and `SET` with `EX` and for new records `NX`; Redis keeps the time. Values are prompts in plain text.
///
/// One connection, made when it is first needed, and again after it was lost. A Redis that is not there, or does not
/// answer in time, is [`Error::Store`].
pub struct RedisStore {
    client: Client,
    timeout: Duration,
    connection: Option<Connection>,
}

impl RedisStore {
    /// `url`: `redis://[[user]:password@]host[:port][/database]`. `timeout` is for connecting, and for every answer;
    /// looking up a host's name takes as long as the system lets it.
    pub fn new(url: &str, timeout: Duration) -> Result<Self, Error> {
        if timeout.is_zero() {
            return Err(Error::wrong_option("timeout", "", "more than 0"));
        }
        let schemes = "a URL such as redis://localhost:6379, rediss://… or unix:///…";
        let client = Client::open(url).map_err(|_| Error::wrong_option("url", "", schemes))?;
        Ok(Self { client, timeout, connection: None })
    }

    /// A connection that was kept may have been closed since: that alone is tried again.
    fn ask<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, Error> {
        let answer = match self.connection.take().map(|kept| self.ask_on(kept, command)) {
            Some(Err(error)) if error.is_connection_dropped() => self.ask_anew(command),
            Some(answer) => answer,
            None => self.ask_anew(command),
        };
        answer.map_err(|error| failed(&error))
    }

    fn ask_anew<T: FromRedisValue>(&mut self, command: &Cmd) -> RedisResult<T> {
        let connection = self.client.get_connection_with_timeout(self.timeout)?;
        connection.set_read_timeout(Some(self.timeout))?;
        connection.set_write_timeout(Some(self.timeout))?;
        self.ask_on(connection, command)
    }

    /// After an error the connection is not kept: half an answer may be on its way.
    fn ask_on<T: FromRedisValue>(&mut self, mut connection: Connection, command: &Cmd) -> RedisResult<T> {
        let answer = command.query(&mut connection)?;
        self.connection = Some(connection);
        Ok(answer)
    }
}

impl Store for RedisStore {
    fn get(&mut self, key: &str, _now_ms: u64) -> Result<Option<Vec<u8>>, Error> {
        self.ask(redis::cmd("GET").arg(key))
    }

    fn put(&mut self, key: &str, value: &[u8], ttl_s: u64, _now_ms: u64) -> Result<(), Error> {
        match ttl_s {
            0 => self.ask(redis::cmd("DEL").arg(key)),
            ttl_s => self.ask(redis::cmd("SET").arg(key).arg(value).arg("EX").arg(ttl_s)),
        }
    }

    fn put_new(
        &mut self,
        key: &str,
        value: &[u8],
        ttl_s: u64,
        now_ms: u64,
        _tenant: &str,
    ) -> Result<bool, Error> {
        let new = redis::cmd("SET").arg(key).arg(value).arg("EX").arg(ttl_s.max(1)).arg("NX").take();
        let is_new = ttl_s == 0 || self.ask::<Option<String>>(&new)?.is_some();
        Ok(is_new || self.get(key, now_ms)?.is_some_and(|kept| kept == value))
    }
}

impl fmt::Debug for RedisStore {
    /// Without the URL: it may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").field("timeout", &self.timeout).finish_non_exhaustive()
    }
}

fn failed(error: &RedisError) -> Error {
    Error::Store { message: clip(&error.to_string(), MAX_MESSAGE_BYTES).to_owned() }
}
