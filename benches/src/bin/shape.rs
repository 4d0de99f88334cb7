//! `shape NAME BYTES`: the stream of that name on stdout, for measurements in other languages.

use sluicegate_benches::shapes::shape;
use std::error::Error;
use std::io::Write;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, bytes] = &arguments[..] else { return Err("usage: shape NAME BYTES".into()) };
    Ok(std::io::stdout().write_all(&shape(name, 11, bytes.parse()?).stream)?)
}
