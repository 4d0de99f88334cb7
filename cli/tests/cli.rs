//! The command line as a user meets it: exit codes, one clear line, output while input arrives.

#[path = "../../core/tests/cases/mod.rs"]
mod cases;

use cases::{frames, read_cases};
use std::io::{Read, Write};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

fn sluicegate(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sluicegate"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn run(args: &[&str], input: &[u8]) -> Output {
    let mut child = sluicegate(args).spawn().unwrap();
    let (mut stdin, input) = (child.stdin.take().unwrap(), input.to_vec());
    // Beside the reading: output comes while input arrives, and no pipe holds all of it.
    let writing = std::thread::spawn(move || {
        // A command that fails on its arguments may be gone before it reads.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    output
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn what_is_no_stream_ends_in_an_error_frame_and_exit_1() {
    let cut = b"data: {\"type\":\"response.output_text.del";
    for input in [&b""[..], b"garbage\n", b"<html><body>502 Bad Gateway</body></html>", cut] {
        let output = run(&["chat"], input);
        assert_eq!(output.status.code(), Some(1), "{}", text(input));
        assert!(output.stdout.starts_with(b"data: {\"error\":{\"message\":\""));
        assert!(output.stdout.ends_with(b"}}\n\ndata: [DONE]\n\n"));
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn unreadable_input_and_bad_usage_exit_2_with_one_line() {
    let cases: &[&[&str]] = &[
        &["chat", "no/such/file"],
        &["chat", "--chunk", "0"],
        &["chat", "--options", "{\"nope\":1}"],
        &["chat", "--x"],
        &["envelope", "--status", "high"],
        &["stream", "--client", "chat"],
        &["stream", "--client", "chat", "--upstream", "carrier pigeon"],
        &["stream", "--client", "chat", "--upstream", "chat", "--options", "{\"frames\":true}"],
        &["collect", "--upstream", "chat"],
        &["request", "--client", "nobody"],
        &["envelope", "--header", "retry-after"],
        &["lint", "--options", "{}"],
        &["lint", "--client", "messages"],
        &["envelope", "--profile", "chat"],
        &["count-tokens", "--options", "{\"nope\":1}"],
        &["request", "--outcome"],
        &["events", "--outcome"],
        &["catalog", "diff", "--ws"],
        &["route", "--model", "m", "--chunk", "3"],
        &["route", "--model", "m", "--options", "{\"nope\":1}"],
        &["chat", "--upstream", "chat"],
        &["stream", "--from", "chat", "--upstream", "chat"],
    ];
    for args in cases {
        let output = run(args, b"");
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
        assert!(output.stdout.is_empty());
    }
    assert_eq!(run(&["paint"], b"").status.code(), Some(2));
    assert_eq!(run(&[], b"").status.code(), Some(2));
}

#[test]
fn output_appears_while_input_arrives() {
    let mut child = sluicegate(&["chat"]).spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let mut output = child.stdout.take().unwrap();
    input.write_all(b"data: {\"type\":\"response.output_text.delta\",\"delta\":\"first\"}\n\n").unwrap();
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        let length = output.read(&mut buffer).unwrap();
        send.send(buffer[..length].to_vec()).unwrap();
        output.read_to_end(&mut Vec::new()).unwrap();
    });
    let first = receive.recv_timeout(Duration::from_secs(20)).expect("nothing came before the input ended");
    assert!(text(&first).contains("\"assistant\""));
    drop(input);
    assert_eq!(child.wait().unwrap().code(), Some(1));
}

#[test]
fn chunk_and_ws_do_not_change_a_byte() {
    let case = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/chat/");
    let stream = format!("{case}call/input.sse");
    let whole = run(&["chat", "--include-usage", &stream], b"");
    assert_eq!(whole.status.code(), Some(0));
    for chunk in ["1", "7", "100000"] {
        assert_eq!(run(&["chat", "--include-usage", "--chunk", chunk, &stream], b"").stdout, whole.stdout);
    }
    let frames: String = text(&std::fs::read(&stream).unwrap())
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .map(|frame| format!("{frame}\n"))
        .collect();
    assert_eq!(run(&["chat", "--include-usage", "--ws", "-"], frames.as_bytes()).stdout, whole.stdout);
}

#[test]
fn a_responses_client_on_a_chat_server() {
    let fixtures = concat!(env!("CARGO_MANIFEST_DIR"), "/../fixtures/");
    let request =
        run(&["request", "--to", "chat", &format!("{fixtures}to_chat/calls_are_grouped/request.json")], b"");
    assert_eq!(request.status.code(), Some(0));
    let body = std::fs::read_to_string(format!("{fixtures}to_chat/calls_are_grouped/body.json")).unwrap();
    assert_eq!(text(&request.stdout), body + "\n");
    let unknown = run(&["request", "--from", "nobody", "--to", "chat"], b"{}");
    assert_eq!((unknown.status.code(), text(&unknown.stderr).lines().count()), (Some(2), 1));
    let wrong = run(&["request", "--to", "chat", "--profile", "codex"], b"{}");
    assert_eq!((wrong.status.code(), text(&wrong.stderr).lines().count()), (Some(2), 1));

    let case = format!("{fixtures}respond/tour/");
    let answer = run(&["respond", "--chunk", "7", &format!("{case}input.sse")], b"");
    assert_eq!(answer.status.code(), Some(0));
    assert_eq!(answer.stdout, std::fs::read(format!("{case}output.sse")).unwrap());
    assert_eq!(run(&["respond"], b"data: {\"error\":{\"message\":\"no\"}}\n\n").status.code(), Some(1));
}

#[test]
fn older_names_are_pairs() {
    let pairs = [
        ("chat", "stream", "chat", "responses"),
        ("responses", "stream", "responses", "responses"),
        ("respond", "stream", "responses", "chat"),
        ("completion", "collect", "chat", "responses"),
        ("response", "collect", "responses", "responses"),
    ];
    for (older, command, client, upstream) in pairs {
        let case = &read_cases(if upstream == "chat" { "respond" } else { "chat" })[0];
        let input = case.read("input.sse");
        let by_role = run(&[command, "--client", client, "--upstream", upstream, "--outcome"], &input);
        assert_eq!(run(&[older, "--outcome"], &input), by_role, "{older}");
        assert!(!by_role.stdout.is_empty());
    }
}

#[test]
fn requests_by_role() {
    let chat = br#"{"model":"m","messages":[{"role":"user","content":"Hi"}]}"#;
    let by_role = run(&["request", "--client", "auto", "--upstream", "responses"], chat);
    assert_eq!(by_role, run(&["request", "--from", "chat"], chat));
    assert!(text(&by_role.stdout).contains("input_text"));
    let same = run(&["request", "--client", "chat", "--upstream", "chat"], chat);
    assert_eq!(same.stdout, [&chat[..], b"\n"].concat());
}

#[test]
fn lint_fails_on_errors_only() {
    let case = |name: &str| format!("{}/../fixtures/lint/{name}/", env!("CARGO_MANIFEST_DIR"));
    for (name, profile, code) in [
        ("clean", "openai", 0),
        ("created_first", "openai", 1),
        ("created_first_codex_cli", "codex_cli", 0), // a warning
        ("role_once", "chat", 1),
    ] {
        let output = run(&["lint", "--profile", profile, &(case(name) + "input.sse")], b"");
        assert_eq!(output.status.code(), Some(code), "{name}");
        assert_eq!(output.stdout, std::fs::read(case(name) + "findings.jsonl").unwrap(), "{name}");
    }
    assert_eq!(run(&["lint", "--profile", "nope"], b"").status.code(), Some(2));
    let frame = b"{\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"}}\n";
    let frames = run(&["lint", "--ws", "--chunk", "1"], frame);
    assert_eq!(frames.status.code(), Some(1));
    assert!(text(&frames.stdout).contains("created_first"), "{}", text(&frames.stdout));
}

#[test]
fn events_are_json_lines() {
    let output = run(&["events"], b"event: a\nid: 1\ndata: x\ndata: \"y\"\n\ndata: tail");
    assert_eq!(text(&output.stdout), "{\"event\":\"a\",\"data\":\"x\\n\\\"y\\\"\",\"id\":\"1\"}\n");
    assert_eq!(output.status.code(), Some(0));
    let too_large = run(&["events", "--options", "{\"max_event_bytes\":4}"], b"data: xxxxx\n\n");
    assert_eq!(text(&too_large.stdout), "{\"error\":{\"code\":\"event_too_large\",\"offset\":0}}\n");
    assert_eq!(too_large.status.code(), Some(1));
}

#[test]
fn outcome_goes_to_standard_error() {
    let output =
        run(&["chat", "--outcome", "--model", "m"], b"data: {\"type\":\"error\",\"message\":\"no\"}\n\n");
    assert!(text(&output.stderr).starts_with("{\"status\":\"failed\""), "{}", text(&output.stderr));
}

#[test]
fn envelope_is_in_the_form_of_the_client() {
    let made =
        run(&["envelope", "--status", "429", "--dialect", "messages", "-"], b"{\"detail\":\"Slow down.\"}");
    let body = r#""body":{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}"#;
    assert!(text(&made.stdout).contains(body), "{}", text(&made.stdout));
    assert_eq!(run(&["envelope", "--dialect", "pigeon"], b"").status.code(), Some(2));
}

#[test]
fn envelope_is_one_line_and_no_failure_of_its_own() {
    let known = [
        "--status",
        "429",
        "--header",
        "Date: now",
        "--header",
        "retry-after: Thu, 01 Jan 1970 00:00:02 GMT",
    ];
    let output =
        run(&[&["envelope", "--now", "500", "-"], &known[..]].concat(), b"{\"detail\":\"Slow down.\"}");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
    let error = r#"{"message":"Slow down.","type":"rate_limit_error","param":null,"code":null}"#;
    let rest = r#""class":"rate_limited","retry_after_ms":1500,"hint":null}"#;
    assert_eq!(text(&output.stdout), format!("{{\"status\":429,\"body\":{{\"error\":{error}}},{rest}\n"));
}

/// One stream, as SSE or as frames: standard output and standard error of `chat` and of `response`.
fn results(options: &str, ws: &[&str], input: &[u8]) -> Vec<(Option<i32>, String, String)> {
    let result = |command: &str| {
        let output = run(&[&[command, "--outcome", "--options", options, "-"], ws].concat(), input);
        (output.status.code(), text(&output.stdout).to_owned(), text(&output.stderr).to_owned())
    };
    ["chat", "response"].map(result).into()
}

#[test]
fn a_stream_fed_as_websocket_frames_is_the_same_stream() {
    let mut streams: Vec<_> = read_cases("chat")
        .into_iter()
        .filter(|case| !case.name.starts_with("event_too_large")) // the framing counts there
        .filter(|case| !case.name.starts_with("body_is")) // a document, of which no line is one
        .filter(|case| !["garbage_body", "html_body"].contains(&&*case.name)) // a page has no frames
        .filter_map(|case| {
            let options = case.options().unwrap_or(b"{}".to_vec());
            Some((case.name.clone(), String::from_utf8(options).unwrap(), case.read_optional("input.sse")?))
        })
        .collect();
    let count = streams.len();
    if let Some(folder) = std::env::var_os("SLUICEGATE_RECORDINGS") {
        let paths = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "sse"));
        streams.extend(
            paths.map(|path| (path.display().to_string(), "{}".to_owned(), std::fs::read(path).unwrap())),
        );
    }
    let mut compared = 0;
    for (name, options, input) in &streams {
        let Some(frames) = frames(input) else { continue };
        assert_eq!(results(options, &["--ws"], frames.as_bytes()), results(options, &[], input), "{name}");
        compared += 1;
    }
    // All recordings, and all but the cases about framing, malformed data and plain documents.
    assert!(compared >= streams.len() - count + 150, "{compared} of {}", streams.len());
}

#[test]
fn route_is_one_line_of_json() {
    let live = std::env::temp_dir().join(format!("sluicegate-models-{}.json", std::process::id()));
    std::fs::write(&live, r#"{"data":[{"id":"house-model","prefer_websockets":true}]}"#).unwrap();
    let live_path = live.to_str().unwrap();
    let websocket = r#"{"transport":"websocket","endpoint":"responses","model":"gpt-5.5","effort":"high","reason":"downstream_websocket"}"#;
    let line = |transport: &str, model: &str, reason: &str| {
        format!(
            r#"{{"transport":"{transport}","endpoint":"responses","model":"{model}","effort":null,"reason":"{reason}"}}"#
        )
    };
    let cases: [(&[&str], String); 8] = [
        (&["openai/gpt-5.5-high", "--downstream", "ws"], websocket.to_owned()),
        (&["gpt-5.5", "--no-auth-ws"], line("http", "gpt-5.5", "auth_is_http")),
        (
            &["gpt-5.5", "--tool", "function", "--tool", "image_generation"],
            line("http", "gpt-5.5", "image_tool"),
        ),
        (&["gpt-5.5", "--body-bytes", "15728640"], line("http", "gpt-5.5", "body_too_large")),
        (&["gpt-5.5", "--latched"], line("http", "gpt-5.5", "http_latched")),
        (&["gpt-5.5", "--options", "{\"http_latched\":true}"], line("http", "gpt-5.5", "http_latched")),
        (&["gpt-5.55"], line("http", "gpt-5.55", "default")),
        (&["house-model", "--catalog", live_path], line("websocket", "house-model", "prefers_websocket")),
    ];
    for (args, expected) in cases {
        let output = run(&[&["route", "--model"], args].concat(), b"");
        assert_eq!(text(&output.stdout), expected + "\n", "{args:?}");
        assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
    }
    std::fs::write(&live, "{}").unwrap();
    let bad: [&[&str]; 4] = [
        &["route"],
        &["route", "--model", "m", "--downstream", "pigeon"],
        &["route", "--model", "m", "--catalog", "no/such/file"],
        &["route", "--model", "m", "--catalog", live_path],
    ];
    for args in bad {
        let output = run(args, b"");
        assert_eq!((output.status.code(), text(&output.stderr).lines().count()), (Some(2), 1), "{args:?}");
    }
    std::fs::remove_file(live).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_no_success() {
    let full = || std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let input: &[u8] = br#"{"model":"m","input":"Hi","n":1}"#;
    let commands: &[&[&str]] = &[
        &["chat"],
        &["collect", "--client", "chat", "--upstream", "chat"],
        &["events", "--ws"],
        &["lint"],
        &["envelope"],
        &["request"],
        &["route", "--model", "m"],
        &["--help"],
        &["--version"],
    ];
    let start = |mut command: Command| {
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).ok();
        child.wait_with_output().unwrap()
    };
    for args in commands {
        let mut command = sluicegate(args);
        command.stdout(full());
        let output = start(command);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(text(&output.stderr).contains("cannot write output"), "{args:?}");
    }
    let mut changes = sluicegate(&["request"]);
    changes.stderr(full());
    assert_eq!(start(changes).status.code(), Some(2));
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let mut child = sluicegate(&["events"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut input = child.stdin.take().unwrap();
    let writing = std::thread::spawn(move || while input.write_all(b"data: x\n\n").is_ok() {});
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap();
    assert_eq!((output.status.code(), text(&output.stderr)), (Some(0), ""));
}

#[test]
fn a_frame_that_is_too_long_costs_itself() {
    let long = format!("{{\"type\":\"x\",\"y\":\"{}\"}}", "y".repeat(1 << 20));
    let delta = "{\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}";
    let input = format!("{long}\r\n{delta}\n{long}");
    let options = ["--ws", "--options", "{\"max_event_bytes\":1000}", "--outcome"];
    let output = run(&[&["chat"], &options[..]].concat(), input.as_bytes());
    assert!(text(&output.stdout).contains("\"content\":\"Hi\""));
    assert_eq!(text(&output.stderr).matches("event_too_large").count(), 2); // the note; and the cut
    let events = run(&[&["events"], &options[..3]].concat(), input.as_bytes());
    let lines: Vec<_> = text(&events.stdout).lines().map(|line| line.contains("event_too_large")).collect();
    assert_eq!((lines, events.status.code()), (vec![true, false, true], Some(1)));
}

/// With so little memory that it would end, if it kept what it reads.
#[cfg(target_os = "linux")]
#[test]
fn endless_input_is_not_kept() {
    let shell = |command: &str| {
        let command = format!("head -c 300000000 /dev/zero | tr '\\0' '<' | {command}");
        let limited = format!("ulimit -v 400000; {command}");
        let mut shell = Command::new("sh");
        shell.args(["-c", &limited]).env("SLUICEGATE", env!("CARGO_BIN_EXE_sluicegate"));
        shell.output().unwrap()
    };
    let envelope = shell("$SLUICEGATE envelope");
    assert!(text(&envelope.stdout).contains("\"status\":502"), "{}", text(&envelope.stderr));
    let request = shell("$SLUICEGATE request");
    assert!(text(&request.stdout).contains("request_too_large"), "{}", text(&request.stderr));
    let frames = shell("$SLUICEGATE chat --ws");
    assert!(text(&frames.stdout).contains("event_too_large"), "{}", text(&frames.stderr));
    let large = run(&["lint", "/dev/zero"], b"");
    assert_eq!(large.status.code(), Some(2), "{}", text(&large.stderr));
}

#[test]
fn count_tokens_is_a_number_or_an_envelope() {
    let body = br#"{"messages":[{"role":"user","content":"Two names for a pet pelican"}]}"#;
    assert_eq!(text(&run(&["count-tokens"], body).stdout), "{\"input_tokens\":14}\n");
    let refused = run(&["count-tokens", "-"], b"[]");
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused.stdout).starts_with("{\"error\":{"), "{}", text(&refused.stdout));
}

#[test]
fn explain_has_the_row_of_a_code() {
    for code in ["choice_dropped", "rate_limited", "previous_response_not_found", "http_latched"] {
        let output = run(&["explain", code], b"");
        assert_eq!(output.status.code(), Some(0), "{code}");
        assert!(
            text(&output.stdout).lines().all(|line| line.contains(code) && line.contains(" — ")),
            "{code}"
        );
    }
    let row = run(&["explain", "previous_response_not_found"], b"");
    assert!(text(&row.stdout).contains("(docs/guides/previous-response-id.md)"));
    assert_eq!(run(&["explain", "no_such_code"], b"").status.code(), Some(2));
    assert_eq!(run(&["explain"], b"").status.code(), Some(2));
}

#[test]
fn serve_prints_how_clients_are_set_up() {
    let output = run(&["serve", "--print-config", "codex", "--port", "8787"], b"");
    assert!(text(&output.stdout).contains("base_url = \"http://127.0.0.1:8787/v1\""));
    assert_eq!(run(&["serve", "--print-config", "word"], b"").status.code(), Some(2));
    assert!(text(&run(&["serve", "--print-config", "schema"], b"").stdout).starts_with('{'));
    assert!(text(&run(&["serve", "--help"], b"").stdout).contains("--upstream URL"));
}

#[test]
fn health_is_whether_a_server_answers() {
    let port = |line: &str| line.trim_end_matches("\"}\n").rsplit(':').next().unwrap().to_owned();
    let mut server = sluicegate(&["serve", "--upstream", "demo", "--port", "0"]).spawn().unwrap();
    let (mut line, mut byte) = (String::new(), [0]);
    while !line.ends_with('\n') && server.stdout.as_mut().unwrap().read(&mut byte).unwrap() > 0 {
        line.push(byte[0] as char);
    }
    let url = format!("http://127.0.0.1:{}", port(&line));
    let codes = ["", "/"].map(|end| run(&["health", &format!("{url}{end}")], b"").status.code());
    server.kill().unwrap();
    server.wait().unwrap();
    assert_eq!(codes, [Some(0); 2]);
    assert_eq!(run(&["health", &url], b"").status.code(), Some(1));
    assert_eq!(run(&["health", "ftp://localhost"], b"").status.code(), Some(2));
}
