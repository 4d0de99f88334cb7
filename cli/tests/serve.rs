//! `serve` and `explain`, as far as they need no client: the server's own suite is bindings-node/test/gateway*.test.mjs.

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluicegate")).args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn explain_has_the_row_of_a_code() {
    for code in ["choice_dropped", "rate_limited", "previous_response_not_found", "http_latched"] {
        let output = run(&["explain", code]);
        assert_eq!(output.status.code(), Some(0), "{code}");
        assert!(
            text(&output.stdout).lines().all(|line| line.contains(code) && line.contains(" — ")),
            "{code}"
        );
    }
    assert_eq!(run(&["explain", "no_such_code"]).status.code(), Some(2));
    assert_eq!(run(&["explain"]).status.code(), Some(2));
}

#[test]
fn serve_prints_how_clients_are_set_up() {
    let output = run(&["serve", "--print-config", "codex", "--port", "8787"]);
    assert!(text(&output.stdout).contains("base_url = \"http://127.0.0.1:8787/v1\""));
    assert_eq!(run(&["serve", "--print-config", "word"]).status.code(), Some(2));
    assert!(text(&run(&["serve", "--print-config", "schema"]).stdout).starts_with('{'));
    assert!(text(&run(&["serve", "--help"]).stdout).contains("--upstream URL"));
}
