//! What the command line reads and writes, within bounds.
//!
//! Input: a file or standard input. Output: chunks, lines or the whole of it; standard output and standard error.
//! State: whether anything for standard error was lost.

use super::Stop;
use sluicegate::SseOptions;
use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::sync::atomic::{AtomicBool, Ordering};

pub(crate) type Input = BufReader<Box<dyn Read>>;

static IS_LOST: AtomicBool = AtomicBool::new(false);

/// The file, or standard input.
pub(crate) fn open(file: Option<&str>) -> Result<Input, Stop> {
    let input: Box<dyn Read> = match file {
        None | Some("-") => Box::new(io::stdin()),
        Some(path) => Box::new(file_at(path)?),
    };
    Ok(BufReader::with_capacity(64 << 10, input))
}

fn file_at(path: &str) -> Result<File, Stop> {
    File::open(path).map_err(|error| usage(format_args!("{path}: {error}")))
}

/// A file that is no longer than an event.
pub(crate) fn small_file(path: &str) -> Result<Vec<u8>, Stop> {
    whole(&mut file_at(path)?, SseOptions::default().max_event_bytes)
}

/// All of the input, which is at most so many bytes.
pub(crate) fn whole(input: &mut impl Read, most: usize) -> Result<Vec<u8>, Stop> {
    let read = begin(input, most)?;
    if read.len() > most {
        return Err(usage(format_args!("the input is larger than {most} bytes")));
    }
    Ok(read)
}

/// All of the input; of one that is longer than `most`, a byte more than that.
pub(crate) fn begin(input: &mut impl Read, most: usize) -> Result<Vec<u8>, Stop> {
    let mut read = Vec::new();
    input.take(most as u64 + 1).read_to_end(&mut read).map_err(unreadable)?;
    Ok(read)
}

/// The next line without its end; `None` at the end of the input. Of a longer one than `most`, a byte more than that.
pub(crate) fn line(input: &mut impl BufRead, most: usize) -> Result<Option<Vec<u8>>, Stop> {
    let mut line = Vec::new();
    let mut bounded = input.take(most as u64 + 2); // with its end
    if bounded.read_until(b'\n', &mut line).map_err(unreadable)? == 0 {
        return Ok(None);
    }
    if line.pop_if(|last| *last == b'\n').is_none() && line.len() > most {
        line.truncate(most + 1);
        skip_line(input)?;
    }
    line.pop_if(|last| *last == b'\r');
    Ok(Some(line))
}

fn skip_line(input: &mut impl BufRead) -> Result<(), Stop> {
    loop {
        let read = input.fill_buf().map_err(unreadable)?;
        let end = read.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(read.len(), |at| at + 1);
        input.consume(length);
        if end.is_some() || length == 0 {
            return Ok(());
        }
    }
}

/// Writes to standard output, now.
pub(crate) fn put(bytes: &[u8]) -> Result<(), Stop> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| unwritten(&error))
}

/// Writes a line to standard output.
pub(crate) fn put_line(line: &str) -> Result<(), Stop> {
    put(format!("{line}\n").as_bytes())
}

/// Writes a line to standard error. There is nowhere to complain that it was lost, but in the exit code.
pub(crate) fn tell(line: &str) {
    let told = writeln!(io::stderr(), "{line}");
    if told.is_err_and(|error| error.kind() != ErrorKind::BrokenPipe) {
        IS_LOST.store(true, Ordering::Relaxed);
    }
}

pub(crate) fn has_lost_lines() -> bool {
    IS_LOST.load(Ordering::Relaxed)
}

/// Only a reader that went away is no failure.
fn unwritten(error: &io::Error) -> Stop {
    match error.kind() {
        ErrorKind::BrokenPipe => Stop::Pipe,
        _ => usage(format_args!("cannot write output: {error}")),
    }
}

pub(crate) fn unreadable(error: impl std::fmt::Display) -> Stop {
    usage(format_args!("cannot read input: {error}"))
}

pub(crate) fn usage(message: impl std::fmt::Display) -> Stop {
    Stop::Usage(message.to_string())
}
