//! Listens, and ends.
//!
//! Input: the configuration; connections. Output: an address; every connection served. State: what is open.

use crate::config::{Config, DEMO};
use crate::demo;
use crate::gateway::{Gateway, Open};
use crate::http::app;
use crate::lines;
use crate::page::Peer;
use axum::Router;
use axum::http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream, lookup_host};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(30);
/// So many connections may wait to be taken, where the system allows it: thousands of clients come at once after a restart.
const BACKLOG: u32 = 4096;
/// After a connection that could not be taken: there may be too many.
const PAUSE: Duration = Duration::from_millis(50);
/// How long what is still at work may take at the very end.
const END: Duration = Duration::from_secs(1);
/// How often the catalog's file is looked at.
const RELOAD: Duration = Duration::from_secs(2);

/// A server that listens.
pub struct Server {
    /// Where.
    pub url: String,
    gateway: Arc<Gateway>,
    accepting: JoinHandle<()>,
}

impl Server {
    /// Listens as the configuration has it.
    pub async fn start(mut config: Config) -> Result<Self, String> {
        match &*config.upstream {
            "" => return Err("--upstream URL is needed".to_owned()),
            DEMO => config.upstream = demo::start().await.map_err(|error| error.to_string())?,
            _ => {}
        }
        let address = (config.host.clone(), config.port);
        let gateway = Arc::new(Gateway::new(config)?);
        let wrong = |error: io::Error| format!("cannot listen on {}:{}: {error}", address.0, address.1);
        let listener = listen(&address.0, address.1).await.map_err(wrong)?;
        let url = format!("http://{}", listener.local_addr().map_err(wrong)?);
        if let Some(path) = gateway.config.catalog.clone() {
            tokio::spawn(reload(gateway.clone(), path));
        }
        let accepting = tokio::spawn(accept(listener, app(&gateway), gateway.clone()));
        Ok(Self { url, gateway, accepting })
    }

    /// No new connections; those that are busy have some time.
    pub async fn close(self) {
        self.gateway.ending.send_replace(true);
        let _ = self.accepting.await;
        let mut open = self.gateway.open.subscribe();
        let _ = timeout(self.gateway.config.drain, open.wait_for(|count| *count == 0)).await;
        self.gateway.upstream.close();
    }
}

async fn listen(host: &str, port: u16) -> io::Result<TcpListener> {
    let mut wrong = io::Error::other("no address");
    for address in lookup_host((host, port)).await? {
        match listen_at(address) {
            Ok(listener) => return Ok(listener),
            Err(error) => wrong = error,
        }
    }
    Err(wrong)
}

fn listen_at(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(cfg!(unix))?; // elsewhere it would share the port
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

/// Until the server ends.
async fn accept(listener: TcpListener, app: Router, gateway: Arc<Gateway>) {
    let mut ending = gateway.ending.subscribe();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = ending.wait_for(|is_ending| *is_ending) => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(serve(stream, Peer(peer.ip()), app.clone(), gateway.clone()));
            }
            Err(_) => sleep(PAUSE).await,
        }
    }
}

/// One connection. When the server ends, it ends after the answer that is under way.
async fn serve(stream: TcpStream, peer: Peer, app: Router, gateway: Arc<Gateway>) {
    let (_open, mut ending) = (Open::new(&gateway), gateway.ending.subscribe());
    let _ = stream.set_nodelay(true);
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        app.call(request)
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    tokio::select! {
        _ = &mut connection => return,
        _ = ending.wait_for(|is_ending| *is_ending) => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}

/// Reads the catalog's file again when it changes.
async fn reload(gateway: Arc<Gateway>, path: PathBuf) {
    let changed = || std::fs::metadata(&path).and_then(|file| file.modified()).ok();
    let mut seen = changed();
    loop {
        sleep(RELOAD).await;
        let now = changed();
        if now != seen {
            seen = now;
            if let Err(wrong) = gateway.reload(&path) {
                lines::write(&serde_json::json!({ "catalog": "error", "fault": wrong }));
            }
        }
    }
}

/// Serves until SIGTERM or SIGINT. Prints `{"url":…}` when it listens; the error is one line.
pub fn run(config: Config) -> Result<(), String> {
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let served = runtime.block_on(async {
        let server = Server::start(config).await?;
        println!("{}", serde_json::json!({ "url": server.url }));
        interrupted().await.map_err(|error| error.to_string())?;
        server.close().await;
        Ok(())
    });
    runtime.shutdown_timeout(END);
    lines::flush();
    served
}

#[cfg(unix)]
async fn interrupted() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminated = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminated.recv() => Ok(()),
        pressed = tokio::signal::ctrl_c() => pressed,
    }
}

#[cfg(not(unix))]
async fn interrupted() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
