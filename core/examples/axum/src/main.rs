//! The gateway as a command. From the repository's root, in front of the strict backend that the tests use:
//!
//! ```sh
//! node bindings-node/test/strict-backend.mjs --port 8081 | cargo run -p sluicegate-axum-example -- http://127.0.0.1:8081
//! ```
//!
//! The pipe is there to run both; Ctrl-C ends both. Then, from elsewhere:
//!
//! ```sh
//! curl -N http://127.0.0.1:8080/v1/chat/completions -d '{"model":"gpt-5.5","stream":true,"messages":[{"role":"user","content":"Hi"}]}'
//! ```

use sluicegate::Profile;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let upstream = std::env::args().nth(1).ok_or("usage: sluicegate-axum-example UPSTREAM_URL")?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    eprintln!("listening on http://{}/v1", listener.local_addr()?);
    Ok(axum::serve(listener, sluicegate_axum_example::router(&upstream, Profile::codex())).await?)
}
