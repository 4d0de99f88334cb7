//! Conversations by `previous_response_id`.
//!
//! Input: requests that continue a response; answers. Output: whole requests. State: those of one WebSocket; others are in
//! the store. They are prompts in plain text.

use crate::clock::now_ms;
use crate::gateway::Gateway;
use crate::lock::lock;
use crate::tenant::Tenant;
use crate::work;
use axum::body::Bytes;
use sluicegate::{Continuation, Error, Expanded, MemoryStore, Store as _, Unrecorded};
use std::sync::{Arc, Mutex};

const CONNECTION_ENTRIES: usize = 16;
const CONNECTION_BYTES: usize = 64 << 20;

/// The conversations of one tenant; of a WebSocket also those that are not stored.
#[derive(Clone)]
pub(crate) struct Conversation {
    gateway: Arc<Gateway>,
    /// Nobody's are kept nowhere but on their WebSocket.
    tenant: Option<Continuation>,
    connection: Option<(Continuation, Arc<Mutex<MemoryStore>>)>,
}

impl Conversation {
    pub(crate) fn new(gateway: &Arc<Gateway>, tenant: Option<&Tenant>) -> Self {
        let mut tenant = tenant.and_then(|tenant| Continuation::new(&*tenant.0).ok());
        if let Some(tenant) = &mut tenant {
            tenant.orphans = gateway.config.orphans;
        }
        Self { gateway: gateway.clone(), tenant, connection: None }
    }

    /// Those of one WebSocket: on it even what is not stored can be gone on from.
    pub(crate) fn of_connection(gateway: &Arc<Gateway>, tenant: Option<&Tenant>) -> Self {
        let mut own = Continuation::new("connection").ok();
        if let Some(own) = &mut own {
            (own.record_unstored, own.orphans) = (true, gateway.config.orphans);
        }
        let store = MemoryStore::with_limits(CONNECTION_ENTRIES, CONNECTION_BYTES);
        let connection = own.map(|own| (own, Arc::new(Mutex::new(store))));
        Self { connection, ..Self::new(gateway, tenant) }
    }

    /// The request with its history.
    pub(crate) async fn resolve(&self, request: &Bytes) -> Result<Expanded, Error> {
        if let Some((own, store)) = &self.connection {
            let key = lookup(own, request).await?.unwrap_or_default();
            let record = lock(store).get(&key, now_ms())?;
            if record.is_some() {
                let expanded = expand(own, request, record).await;
                if expanded.as_ref().is_err_and(Error::ends_chain) {
                    lock(store).put(&key, b"", 0, now_ms())?;
                    self.forget(request).await?;
                }
                return expanded;
            }
        }
        let Some(tenant) = &self.tenant else {
            return expand(&Continuation::new("nobody")?, request, None).await;
        };
        let record = match lookup(tenant, request).await? {
            Some(key) => self.gateway.store.get(key).await?,
            None => None,
        };
        let expanded = expand(tenant, request, record).await;
        if expanded.as_ref().is_err_and(Error::ends_chain) {
            self.forget(request).await?;
        }
        expanded
    }

    /// The response that a request continues cannot be gone on from any more.
    async fn forget(&self, request: &Bytes) -> Result<(), Error> {
        let Some(tenant) = &self.tenant else { return Ok(()) };
        match lookup(tenant, request).await? {
            Some(key) => self.gateway.store.forget(key).await,
            None => Ok(()),
        }
    }

    /// Why there is no record, or nothing. A store that fails costs the record and not the answer.
    pub(crate) async fn remember(&self, turn: &Expanded, response: &[u8]) -> Option<&'static str> {
        self.remember_here(turn, response);
        let Some(tenant) = &self.tenant else { return Some("no_credential") };
        match tenant.record(turn, response, Some(&self.gateway.config.upstream)) {
            Ok(Ok(record)) => match self.gateway.store.put_new(record, tenant.ttl_s, tenant.tenant()).await {
                Ok(is_kept) => (!is_kept).then_some(Unrecorded::IdTaken.as_str()),
                Err(error) => Some(error.code()),
            },
            Ok(Err(reason)) => Some(reason.as_str()),
            Err(error) => Some(error.code()),
        }
    }

    /// On this WebSocket alone.
    pub(crate) fn remember_here(&self, turn: &Expanded, response: &[u8]) {
        let Some((own, store)) = &self.connection else { return };
        let origin = Some(&*self.gateway.config.upstream);
        let _ = own.remember(&mut *lock(store), turn, response, origin, now_ms());
    }
}

async fn lookup(of: &Continuation, request: &Bytes) -> Result<Option<String>, Error> {
    let (of, request) = (of.clone(), request.clone());
    work::on(request.len(), move || of.lookup(&request)).await
}

async fn expand(of: &Continuation, request: &Bytes, record: Option<Vec<u8>>) -> Result<Expanded, Error> {
    let (of, request) = (of.clone(), request.clone());
    let bytes = request.len() + record.as_ref().map_or(0, Vec::len);
    work::on(bytes, move || of.expand(&request, record.as_deref())).await
}
