//! `completions`: a script with which a shell completes commands, flags and values. It is made of the table that prints the help.
//!
//! Input: the name of a shell. Output: the script. State: none.

use super::commands::{COMMANDS, Command, Value};
use super::pipes::usage;
use super::{Args, Run, said};

pub(crate) fn run(args: &Args) -> Run {
    let script = match args.file.as_deref() {
        Some("bash") => bash(),
        Some("zsh") => zsh(),
        Some("fish") => fish(),
        Some("powershell") => powershell(),
        _ => return Err(usage("completions needs bash, zsh, fish or powershell")),
    };
    said(&script)
}

/// A flag's values, or the words after a command.
fn spaced(words: &[impl AsRef<str>]) -> String {
    words.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ")
}

fn names() -> String {
    spaced(&COMMANDS.iter().map(|command| command.0).collect::<Vec<_>>())
}

fn flag_names(command: &Command) -> String {
    spaced(&command.flags().into_iter().map(|flag| flag.name).collect::<Vec<_>>())
}

/// Lets the shell complete files where it is given nothing else.
fn bash() -> String {
    let (mut values, mut flags) = (String::new(), String::new());
    for command in COMMANDS {
        let name = command.0;
        for flag in command.flags() {
            let reply = match flag.value {
                Value::None => continue,
                Value::Any | Value::Files => "return".to_owned(),
                Value::Words(words) => format!("words=\"{}\"", spaced(&words)),
            };
            values += &format!("    {name},{}) {reply} ;;\n", flag.name);
        }
        let words = spaced(&command.words());
        flags += &format!(
            "      {name}) words=\"{}\"; [[ $current == -* ]] || words=\"{words}\" ;;\n",
            flag_names(command)
        );
    }
    format!(
        r#"_sluicegate() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} words=
  COMPREPLY=()
  case "${{COMP_WORDS[1]}},$before" in
{values}    *) if [[ $COMP_CWORD == 1 ]]; then words="{names} --help --version"; else case "${{COMP_WORDS[1]}}" in
{flags}      esac; fi ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _sluicegate sluicegate"#,
        names = names()
    )
}

fn zsh() -> String {
    let mut cases = String::new();
    for command in COMMANDS {
        let mut specs: Vec<_> =
            command.flags().into_iter().map(|flag| zsh_spec(&flag.name, &flag.value)).collect();
        let words = spaced(&command.words());
        specs.push(if words.is_empty() {
            "'*:file:_files'".to_owned()
        } else {
            format!("'1:name:({words})'")
        });
        cases += &format!("    {}) _arguments {} ;;\n", command.0, specs.join(" "));
    }
    let told: Vec<_> =
        COMMANDS.iter().map(|Command(name, what, ..)| format!("'{name}:{}'", zsh_text(what))).collect();
    format!(
        r#"#compdef sluicegate
_sluicegate() {{
  if (( CURRENT == 2 )); then
    local -a commands=({told})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT -= 1 ))
  case $command in
{cases}  esac
}}
if [[ $funcstack[1] == _sluicegate ]]; then _sluicegate "$@"; else compdef _sluicegate sluicegate; fi"#,
        told = told.join(" ")
    )
}

fn zsh_spec(name: &str, value: &Value) -> String {
    match value {
        Value::None => format!("'*{name}'"),
        Value::Any => format!("'*{name}:value: '"),
        Value::Files => format!("'*{name}:file:_files'"),
        Value::Words(words) => format!("'*{name}:value:({})'", spaced(words)),
    }
}

/// Within single quotes, after a colon.
fn zsh_text(text: &str) -> String {
    text.replace('\'', "'\\''").replace(':', "\\:")
}

fn fish() -> String {
    let mut out = format!("complete -c sluicegate -n __fish_use_subcommand -x -a '{}'\n", names());
    for command in COMMANDS {
        let seen = format!("complete -c sluicegate -n '__fish_seen_subcommand_from {}'", command.0);
        let words = spaced(&command.words());
        if !words.is_empty() {
            out += &format!("{seen} -x -a '{words}'\n");
        }
        for flag in command.flags() {
            let value = match flag.value {
                Value::None => String::new(),
                Value::Any => " -x".to_owned(),
                Value::Files => " -r".to_owned(),
                Value::Words(words) => format!(" -x -a '{}'", spaced(&words)),
            };
            out += &format!("{seen} -l {}{value}\n", flag.name.trim_start_matches('-'));
        }
    }
    out.trim_end().to_owned()
}

fn powershell() -> String {
    let mut rows = String::new();
    for command in COMMANDS {
        rows += &format!("    '{}' = '{} {}'\n", command.0, spaced(&command.words()), flag_names(command));
        for flag in command.flags() {
            if let Value::Words(words) = &flag.value {
                rows += &format!("    '{} {}' = '{}'\n", command.0, flag.name, spaced(words));
            }
        }
    }
    format!(
        r#"Register-ArgumentCompleter -Native -CommandName sluicegate -ScriptBlock {{
  param($current, $line)
  $known = @{{
    '' = '{names} --help --version'
{rows}  }}
  $said = @($line.CommandElements | Select-Object -Skip 1 | ForEach-Object {{ "$_" }} | Where-Object {{ $_ -ne $current }})
  $command = if ($said.Count -gt 0) {{ $said[0] }} else {{ '' }}
  $after = if ($said.Count -gt 1) {{ "$command " + $said[-1] }} else {{ '' }}
  $words = if ($after -and $known.ContainsKey($after)) {{ $known[$after] }} else {{ $known[$command] }}
  "$words".Split(' ') | Where-Object {{ $_ -and $_ -like "$current*" }}
}}"#,
        names = names()
    )
}
