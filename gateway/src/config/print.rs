//! How clients are set up for this server.
//!
//! Input: the name of a client, and where the server listens. Output: text to copy. State: none. A client is a line in
//! `CLIENTS`; `{url}` stands for the server.

use super::{Config, file};

const CLIENTS: &[(&str, &str)] = &[
    ("codex", include_str!("print/codex.toml")),
    ("claude-code", include_str!("print/claude-code.sh")),
    ("opencode", include_str!("print/opencode.json")),
    ("cursor", include_str!("print/cursor.txt")),
    ("openai-python", include_str!("print/openai.py")),
];

/// All of them.
pub(crate) fn snippets() -> &'static [(&'static str, &'static str)] {
    CLIENTS
}

/// Those that it knows, as `a|b`.
pub fn clients() -> String {
    CLIENTS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join("|")
}

/// The text for a client, or the schema of the configuration file.
pub fn print(client: &str, config: &Config) -> Result<String, String> {
    if client == "schema" {
        return Ok(file::schema());
    }
    let found = CLIENTS.iter().find(|(name, _)| *name == client);
    let (_, text) = found.ok_or_else(|| format!("--print-config takes {}, not {client}", clients()))?;
    let host = if config.host.contains(':') { format!("[{}]", config.host) } else { config.host.clone() };
    Ok(text.replace("{url}", &format!("http://{host}:{}", config.port)).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_client_is_told_where_the_server_is() {
        let config = Config { port: 8787, ..Config::default() };
        for (client, _) in CLIENTS {
            let text = print(client, &config).unwrap();
            assert!(text.contains("http://127.0.0.1:8787") && !text.contains("{url}"), "{text}");
        }
        print("codex", &config).unwrap().parse::<toml::Table>().unwrap();
        serde_json::from_str::<serde_json::Value>(&print("opencode", &config).unwrap()).unwrap();
        assert!(print("word", &config).unwrap_err().contains("codex|claude-code|opencode"));
    }
}
