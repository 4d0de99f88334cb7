//! The configuration file: TOML, with the names of the flags.
//!
//! Input: a file. Output: what it sets; its JSON Schema. State: none.

use super::{Config, FLAGS, Flag, Kind};
use serde_json::{Map, Value, json};
use toml::Table;

/// Names the file.
pub(super) const FLAG: &str = "config";

pub(super) fn read(config: &mut Config, path: &str) -> Result<(), String> {
    let wrong = |error: String| format!("--{FLAG} {path}: {error}");
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    // Of a parser's report the first line has the place.
    let table = text
        .parse::<Table>()
        .map_err(|error| wrong(error.to_string().lines().collect::<Vec<_>>().join(" ")))?;
    for (name, value) in &table {
        for value in values(value).ok_or_else(|| wrong(format!("{name} has a value of the wrong type")))? {
            config.set(name, &value).map_err(wrong)?;
        }
    }
    Ok(())
}

/// As the flag has them.
fn values(value: &toml::Value) -> Option<Vec<String>> {
    Some(match value {
        toml::Value::String(text) => vec![text.clone()],
        toml::Value::Integer(number) => vec![number.to_string()],
        toml::Value::Boolean(is_on) => vec![if *is_on { "on" } else { "off" }.to_owned()],
        toml::Value::Array(list) => list.iter().filter_map(values).flatten().collect(),
        _ => return None,
    })
}

/// The JSON Schema of the file.
pub(super) fn schema() -> String {
    let of = |Flag(name, kind, what): &Flag| {
        let mut schema = kind.schema();
        schema["description"] = json!(what);
        ((*name).to_owned(), schema)
    };
    let properties: Map<String, Value> = FLAGS.iter().map(of).collect();
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "sluicegate serve --config",
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    format!("{schema:#}")
}

impl Kind {
    fn schema(&self) -> Value {
        match self {
            Self::Text(_) => json!({ "type": "string" }),
            Self::List(_) => json!({ "type": "array", "items": { "type": "string" } }),
            Self::Choice(names) => json!({ "enum": names }),
            Self::Number => json!({ "type": "integer", "minimum": 0 }),
            Self::Switch => json!({ "type": "boolean" }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_file(text: &str) -> Result<Config, String> {
        let path =
            std::env::temp_dir().join(format!("sluicegate-{}-{}.toml", std::process::id(), text.len()));
        std::fs::write(&path, text).unwrap();
        let flags = ["--port", "1", "--config", path.to_str().unwrap()].map(str::to_owned);
        let read = Config::from_flags(flags.into_iter());
        std::fs::remove_file(path).unwrap();
        read
    }

    #[test]
    fn a_file_has_the_names_of_the_flags_and_flags_win() {
        let text = "upstream = \"http://localhost:1/\"\nport = 2\nwebsocket = false\nallow-host = [\"a\", \"b\"]\nheartbeat-ms = 0";
        let config = of_file(text).unwrap();
        assert_eq!((&*config.upstream, config.port, config.websocket), ("http://localhost:1", 1, false));
        assert_eq!((config.allow_hosts.join(" "), config.heartbeat), ("a b".to_owned(), None));
    }

    #[test]
    fn what_is_wrong_is_one_line() {
        for (text, named) in
            [("port = \"x\"", "port"), ("prot = 1", "prot"), ("port = {}", "port"), ("port", "TOML")]
        {
            let wrong = of_file(text).unwrap_err();
            assert!(wrong.contains(named) && wrong.lines().count() == 1, "{wrong}");
        }
    }

    #[test]
    fn the_schema_in_the_repository_is_that_of_the_flags() {
        const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/config.schema.json");
        let written = schema() + "\n";
        if std::env::var_os("BLESS").is_some() {
            std::fs::write(PATH, &written).unwrap();
        }
        assert!(
            std::fs::read_to_string(PATH).unwrap() == written,
            "BLESS=1 cargo test -p sluicegate-gateway writes it"
        );
    }
}
