//! How the upstream is reached.
//!
//! Input: its URL. Output: connections, with TLS where the URL has it. State: none.

use axum::http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use rustls::crypto::ring;
use std::io;
use std::time::Duration;
use tokio::net::TcpStream;
use tower_service::Service as _;

const TIMEOUT: Duration = Duration::from_secs(15);

pub(super) type Io = MaybeHttpsStream<TokioIo<TcpStream>>;
pub(super) type Fault = Box<dyn std::error::Error + Send + Sync>;

#[derive(Clone)]
pub(super) struct Connector(HttpsConnector<HttpConnector>);

impl Connector {
    pub(super) fn new(upstream: &Uri) -> io::Result<Self> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(TIMEOUT));
        let builder = HttpsConnectorBuilder::new();
        let builder = if upstream.scheme_str() == Some("https") {
            builder.with_provider_and_native_roots(ring::default_provider())?
        } else {
            builder.with_tls_config(no_roots()?)
        };
        Ok(Self(builder.https_or_http().enable_http1().wrap_connector(http)))
    }

    pub(super) async fn connect(&self, upstream: &Uri) -> Result<Io, Fault> {
        // Never waits for its turn.
        self.0.clone().call(upstream.clone()).await
    }
}

/// For an upstream without TLS: the system need not have root certificates.
fn no_roots() -> io::Result<rustls::ClientConfig> {
    let builder = rustls::ClientConfig::builder_with_provider(ring::default_provider().into());
    let builder = builder.with_safe_default_protocol_versions().map_err(io::Error::other)?;
    Ok(builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
}
