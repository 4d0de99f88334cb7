//! `images` grows no more for an image of 100 MiB than for one of 1 KiB.
#![cfg(target_os = "linux")]

#[path = "../../core/tests/large_image/mod.rs"]
mod large_image;

use large_image::{CHUNKS, LARGE, MIB, Stream};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Peak memory of the CLI over one stream, and the line it wrote.
fn run(stream: &Stream, chunk: usize, directory: &str) -> (usize, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluicegate"))
        .args(["images", "--out", directory, "--chunk", &chunk.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut line = String::new();
    // Pipes are read in pieces of their own; the command cuts those again.
    stream.chunks(16 << 10, |bytes| input.write_all(bytes).unwrap());
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    // The image is written and the process still there: it waits for more input.
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let peak: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    drop(input);
    assert!(child.wait().unwrap().success());
    (peak << 10, line)
}

#[test]
fn the_command_grows_by_less_than_eight_mebibytes() {
    let directory = std::env::temp_dir().join(format!("sluicegate-memory-{}", std::process::id()));
    let directory = directory.to_str().unwrap();
    let (small, _) = run(&Stream::new(1 << 10), CHUNKS[0], directory);
    let stream = Stream::new(LARGE);
    let expected = stream.sha256();
    for chunk in CHUNKS {
        let (peak, line) = run(&stream, chunk, directory);
        println!("{chunk}-byte chunks: {peak} bytes at most, {small} for 1 KiB");
        assert!(peak < small + 8 * MIB, "{peak} bytes, {small} for 1 KiB");
        assert!(line.contains(&expected), "{line}");
        let path = format!("{directory}/ig_1.png");
        assert_eq!(fs::metadata(&path).unwrap().len(), LARGE as u64);
        assert!(
            fs::read(&path).unwrap().chunks(stream.block.len()).all(|part| stream.block.starts_with(part))
        );
    }
    fs::remove_dir_all(directory).unwrap();
}
