//! What all requests share.
//!
//! Input: the configuration. Output: routes, connections, conversations. State: the store, idle connections, what is known
//! of models, whether the upstream refused a WebSocket, whether the server ends.

use crate::config::Config;
use crate::metrics::Metrics;
use crate::recent::Recent;
use crate::routes::{Route, endpoint, routes};
use crate::store::Store;
use crate::upstream::Upstream;
use sluicegate::{Catalog, Dialect};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::watch;

pub(crate) struct Gateway {
    pub(crate) config: Config,
    pub(crate) routes: Vec<Route>,
    pub(crate) upstream: Upstream,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    pub(crate) recent: Recent,
    catalog: RwLock<Arc<Catalog>>,
    /// No WebSocket upstream, or none any more: it refused one.
    is_latched: AtomicBool,
    /// Whether the server ends.
    pub(crate) ending: watch::Sender<bool>,
    /// How many connections of clients are open.
    pub(crate) open: watch::Sender<usize>,
}

impl Gateway {
    pub(crate) fn new(config: Config) -> Result<Self, String> {
        let catalog = config.catalog.as_deref().map_or_else(|| Ok(Catalog::bundled()), catalog)?;
        Ok(Self {
            routes: routes(&config),
            upstream: Upstream::new(&config, endpoint(config.upstream_api))?,
            store: Store::open(&config).map_err(|error| format!("--store: {error}"))?,
            metrics: Metrics::default(),
            recent: Recent::default(),
            catalog: RwLock::new(Arc::new(catalog)),
            is_latched: AtomicBool::new(!config.upstream_websocket || config.upstream_api == Dialect::Chat),
            ending: watch::Sender::new(false),
            open: watch::Sender::new(0),
            config,
        })
    }

    pub(crate) fn route(&self, path: &str) -> Option<&Route> {
        self.routes.iter().find(|route| route.path == path)
    }

    pub(crate) fn catalog(&self) -> Arc<Catalog> {
        self.catalog.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads the catalog's file again; one that cannot be read leaves what was known.
    pub(crate) fn reload(&self, path: &Path) -> Result<(), String> {
        let read = Arc::new(catalog(path)?);
        *self.catalog.write().unwrap_or_else(PoisonError::into_inner) = read;
        Ok(())
    }

    pub(crate) fn is_latched(&self) -> bool {
        self.is_latched.load(Ordering::Relaxed)
    }

    /// HTTP from now on.
    pub(crate) fn latch(&self) {
        self.is_latched.store(true, Ordering::Relaxed);
    }
}

/// A client's connection that is open, or its WebSocket.
pub(crate) struct Open(Arc<Gateway>);

impl Open {
    pub(crate) fn new(gateway: &Arc<Gateway>) -> Self {
        gateway.open.send_modify(|count| *count += 1);
        Self(gateway.clone())
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.send_modify(|count| *count -= 1);
    }
}

/// The bundled catalog, under what the file has.
fn catalog(path: &Path) -> Result<Catalog, String> {
    let wrong = |error: String| format!("catalog {}: {error}", path.display());
    let mut catalog = Catalog::bundled();
    let live = std::fs::read(path).map_err(|error| wrong(error.to_string()))?;
    catalog.merge_live(&live).map_err(|error| wrong(error.to_string()))?;
    Ok(catalog)
}
