//! Shell completions: what a shell offers is what the command takes.

use std::process::{Command, Output};

fn script(shell: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_sluicegate")).args(["completions", shell]).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// What bash offers after these words, the last of which is completed.
fn offered(words: &[&str]) -> Option<Vec<String>> {
    let script = script("bash").stdout;
    let asked = format!(
        "{}\nCOMP_WORDS=(sluicegate {})\nCOMP_CWORD={}\n_sluicegate\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"",
        text(&script),
        words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" "),
        words.len()
    );
    let output = Command::new("bash").args(["--norc", "-c", &asked]).output().ok()?;
    assert_eq!(text(&output.stderr), "", "{words:?}");
    Some(text(&output.stdout).split_whitespace().map(str::to_owned).collect())
}

#[test]
fn bash_offers_commands_flags_and_values() {
    let cases: &[(&[&str], &[&str])] = &[
        (&["comp"], &["completions"]),
        (&["cou"], &["count-tokens"]),
        (&["count-tokens", "--w"], &[]),
        (&["s"], &["stream", "serve"]),
        (&["completions", ""], &["bash", "zsh", "fish", "powershell"]),
        (&["stream", "--cl"], &["--client"]),
        (&["stream", "--client", ""], &["chat", "responses"]),
        (&["request", "--client", "a"], &["auto"]),
        (&["request", "--profile", "codex"], &["codex", "codex_v1"]),
        (&["request", "--transport", "w"], &["websocket"]),
        (&["lint", "--profile", ""], &["openai", "codex_cli", "chat", "messages", "claude_code"]),
        (&["images", "--out", ""], &[]),
        (&["serve", "--upstream-a"], &["--upstream-api"]),
        (&["serve", "--upstream-api", ""], &["responses", "chat", "messages"]),
        (&["serve", "--websocket", ""], &["on", "off"]),
        (&["serve", "--probes", ""], &["upstream", "server"]),
        (&["serve", "--print-config", "co"], &["codex"]),
        (&["serve", "--print-config", "cl"], &["claude-code"]),
        (&["serve", "--config", ""], &[]),
        (&["route", "--downstream", ""], &["http", "ws"]),
        (&["envelope", "--w"], &[]),
    ];
    for (words, expected) in cases {
        let Some(offered) = offered(words) else { return eprintln!("there is no bash: not tested") };
        assert_eq!(offered, *expected, "{words:?}");
    }
}

#[test]
fn every_flag_of_the_help_is_offered_by_every_shell() {
    for help in [&["--help"][..], &["serve", "--help"]] {
        let help = Command::new(env!("CARGO_BIN_EXE_sluicegate")).args(help).output().unwrap().stdout;
        let words =
            text(&help).split(|sign: char| !(sign.is_ascii_alphanumeric() || sign == '-' || sign == '_'));
        for flag in
            words.filter(|word| word.starts_with("--") && !matches!(*word, "--help" | "--from" | "--to"))
        {
            for shell in ["bash", "zsh", "fish", "powershell"] {
                let named = if shell == "fish" { format!("-l {}", &flag[2..]) } else { flag.to_owned() };
                assert!(text(&script(shell).stdout).contains(&named), "{shell}: {flag}");
            }
        }
    }
}

#[test]
fn scripts_are_sound_where_their_shell_is_here() {
    for shell in ["bash", "zsh", "fish"] {
        let path = std::env::temp_dir().join(format!("sluicegate-{}.{shell}", std::process::id()));
        std::fs::write(&path, script(shell).stdout).unwrap();
        let checked = Command::new(shell).arg("-n").arg(&path).output();
        std::fs::remove_file(&path).unwrap();
        match checked {
            Ok(checked) => assert!(checked.status.success(), "{}", text(&checked.stderr)),
            Err(_) => eprintln!("there is no {shell}: not tested"),
        }
    }
}

#[test]
fn another_shell_is_bad_usage() {
    let output = script("sh");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(text(&output.stderr), "sluicegate: completions needs bash, zsh, fish or powershell\n");
}
