//! `images` as a user meets it: a line for each file, and what is missing.

#[path = "../../core/tests/cases/mod.rs"]
mod cases;

use cases::read_cases;
use sha2::{Digest, Sha256};
use std::io::Write;
use std::process::{Command, Stdio};

/// The command on an input: exit code, standard output, standard error.
fn run(args: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_sluicegate"))
        .arg("images")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn fixture(case: &str) -> Vec<u8> {
    read_cases("images").into_iter().find(|found| found.name == case).unwrap().read("input.sse")
}

#[test]
fn the_command_writes_a_line_for_each_file() {
    let directory = Directory::new("lines");
    let input = fixture("partials_are_delivered_where_asked_for");
    let (code, lines, complaints) = run(&["--out", &directory.0], &input);
    assert_eq!((code, complaints.as_str()), (Some(0), ""));
    let image: serde_json::Value = serde_json::from_str(&lines).unwrap();
    let path = format!("{}/ig_1.png", directory.0);
    let bytes = std::fs::read(&path).unwrap();
    let expected = serde_json::json!({
        "path": path, "mime": "image/png", "bytes": bytes.len(), "sha256": format!("{:x}", Sha256::digest(&bytes)),
        "item_id": "ig_1", "partial": false,
    });
    assert_eq!(image, expected);
    assert_eq!(directory.names(), ["ig_1.png"]);
    for chunk in ["1", "7", "100000"] {
        assert_eq!(run(&["--chunk", chunk, "--out", &directory.0, "-"], &input).1, lines);
    }
    let frames: String = String::from_utf8(input.clone())
        .unwrap()
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|frame| format!("{frame}\n"))
        .collect();
    assert_eq!(run(&["--ws", "--out", &directory.0], frames.as_bytes()).1, lines);
    let (_, all, _) = run(&["--partials", "--out", &directory.0], &input);
    assert_eq!(
        all.lines().map(|line| line.contains("\"partial\":true")).collect::<Vec<_>>(),
        [true, true, false]
    );
    assert_eq!(directory.names(), ["ig_1.partial-0.png", "ig_1.partial-1.png", "ig_1.png"]);
}

#[test]
fn the_command_says_what_is_missing() {
    let directory = Directory::new("missing");
    let cases = [
        ("bad_base64_and_later_events", 1, "sluicegate: image ig_1 lost: bad_base64 at offset 30\n"),
        ("failed_item", 1, "sluicegate: image ig_1 lost: image_failed\n"),
        ("none_model_declined", 1, "sluicegate: no image: model_declined\n"),
        ("none_tool_missing", 1, "sluicegate: no image: tool_missing\n"),
        ("none_content_filter", 1, "sluicegate: no image: content_filter\n"),
        ("none_failed", 1, "sluicegate: no image: failed: slow down\n"),
        ("finished_images_survive_failure", 1, "sluicegate: failed: The server had an error\n"),
        ("finished_images_survive_incomplete", 0, ""),
        ("partial_of_the_highest_index_counts", 0, ""),
    ];
    for (case, code, complaint) in cases {
        let (exit, _, complaints) = run(&["--out", &directory.0], &fixture(case));
        assert_eq!((exit, complaints.as_str()), (Some(code), complaint), "{case}");
    }
    assert!(directory.names().iter().all(|name| !name.starts_with('.')));
    let usage: [&[&str]; 3] = [&[], &["--out", "/dev/null/no"], &["--out", &directory.0, "no/such/file"]];
    for args in usage {
        let (exit, lines, complaints) = run(args, b"");
        assert_eq!((exit, lines.as_str(), complaints.lines().count()), (Some(2), "", 1), "{complaints}");
    }
}

/// A fresh directory, removed when it goes.
struct Directory(String);

impl Directory {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("sluicegate-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path.to_str().unwrap().to_owned())
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.0).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
