//! An image of 100 MiB costs no more memory than one of 1 KiB: what the extractor holds, and what the process does.

mod allocator;

use allocator::{HELD, PEAK};
use sha2::{Digest, Sha256};
use sluicegate::{CallbackSink, ImageEvent, ImageExtractor};

const MIB: usize = 1 << 20;
const LARGE: usize = 100 * MIB;
const CHUNKS: [usize; 2] = [16 << 10, 1000];

/// A stream with one image, generated as it is read: `before`, the base64 of `block` over and over, `after`.
struct Stream {
    block: Vec<u8>,
    base64: Vec<u8>,
    size: usize,
}

impl Stream {
    fn new(size: usize) -> Self {
        let mut block: Vec<u8> =
            (0..48_u32 << 10).map(|nth| (nth.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        block[..8].copy_from_slice(b"\x89PNG\r\n\x1a\n");
        let base64 = base64_simd::STANDARD.encode_to_string(&block).into_bytes();
        Self { block, base64, size }
    }

    fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for at in (0..self.size).step_by(self.block.len()) {
            hash.update(&self.block[..self.block.len().min(self.size - at)]);
        }
        format!("{:x}", hash.finalize())
    }

    /// Calls `feed` with chunks of exactly `size` bytes, but for the last.
    fn chunks(&self, size: usize, mut feed: impl FnMut(&[u8])) {
        let mut chunk = Vec::with_capacity(size);
        let mut push = |mut bytes: &[u8]| {
            while !bytes.is_empty() {
                let (taken, rest) = bytes.split_at(bytes.len().min(size - chunk.len()));
                chunk.extend_from_slice(taken);
                bytes = rest;
                if chunk.len() == size {
                    feed(&chunk);
                    chunk.clear();
                }
            }
        };
        push(b"data: {\"type\":\"response.output_item.done\",\"output_index\":0,\"item\":{\"id\":\"ig_1\",");
        push(b"\"type\":\"image_generation_call\",\"result\":\"");
        for at in (0..self.size).step_by(self.block.len()) {
            let rest = self.size - at;
            if rest < self.block.len() {
                push(base64_simd::STANDARD.encode_to_string(&self.block[..rest]).as_bytes());
            } else {
                push(&self.base64);
            }
        }
        push(b"\"}}\n\ndata: {\"type\":\"response.completed\",\"response\":{\"output\":[]}}\n\n");
        feed(&chunk);
    }
}

#[test]
fn the_extractor_holds_less_than_a_mebibyte() {
    let stream = Stream::new(LARGE);
    let expected = stream.sha256();
    for size in CHUNKS {
        let (mut hash, mut finished) = (Sha256::new(), 0);
        let mut sink = CallbackSink(|event: ImageEvent<'_>| {
            match event {
                ImageEvent::Begin(_) => {}
                ImageEvent::Write(_, bytes) => hash.update(bytes),
                ImageEvent::Finish(_, meta) => finished = meta.bytes,
                ImageEvent::Abort(_) => unreachable!(),
            }
            Ok(())
        });
        let (mut base, mut held) = (HELD.get(), 0);
        let mut extractor = ImageExtractor::default();
        base = HELD.get() - base;
        stream.chunks(size, |chunk| {
            let before = HELD.get();
            PEAK.set(before);
            extractor.feed(chunk, &mut sink).unwrap();
            held = held.max(base + PEAK.get() - before);
            base += HELD.get() - before;
        });
        extractor.finish(&mut sink).unwrap();
        assert!(extractor.outcome().unwrap().is_ok());
        assert_eq!(finished, LARGE as u64);
        assert_eq!(format!("{:x}", hash.finalize()), expected);
        println!("{size}-byte chunks: {held} bytes held at most");
        assert!(held < MIB.cast_signed(), "{held} bytes");
    }
}

#[cfg(target_os = "linux")]
mod process {
    use super::{CHUNKS, LARGE, MIB, Stream};
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
                fs::read(&path)
                    .unwrap()
                    .chunks(stream.block.len())
                    .all(|part| stream.block.starts_with(part))
            );
        }
        fs::remove_dir_all(directory).unwrap();
    }
}
