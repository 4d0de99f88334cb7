//! `health`: whether a server answers; for a container, which has no curl.
//!
//! Input: the server's URL. Output: an exit code. State: none.

use super::pipes::{put_line, usage};
use super::{Args, Run, verbs};
use std::io::{self, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

const DEFAULT: &str = "http://127.0.0.1:8080";
const TIMEOUT: Duration = Duration::from_secs(2);
const OK: &[u8] = b"HTTP/1.1 200";

pub(crate) fn run(args: &Args) -> Run {
    let url = args.file.as_deref().unwrap_or(DEFAULT);
    let server = url.strip_prefix("http://").ok_or_else(|| usage("health needs http://HOST:PORT"))?;
    let answered = answers(server.trim_end_matches('/'));
    if let Err(error) = &answered {
        put_line(&error.to_string())?;
    }
    Ok(verbs::exit(answered.unwrap_or(false)))
}

fn answers(server: &str) -> io::Result<bool> {
    let address = server.to_socket_addrs()?.next().ok_or(io::ErrorKind::NotFound)?;
    let mut stream = TcpStream::connect_timeout(&address, TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(
        format!("GET /healthz HTTP/1.1\r\nhost: {server}\r\nconnection: close\r\n\r\n").as_bytes(),
    )?;
    let mut status = [0; OK.len()];
    stream.read_exact(&mut status)?;
    Ok(status == OK)
}
