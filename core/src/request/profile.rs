//! A backend's rules as data. The built-in profiles are `core/profiles/*.json`; a profile of one's own `extends` one of
//! them. What a profile may have is in `core/profiles/schema.json`, for people in `docs/reference/profiles.md`.
//!
//! Input: a profile as JSON. Output: the same, typed; no rule is applied here. State: none.

pub(super) mod chat;
mod field;
mod limit;
pub(super) mod messages;
mod schema;

pub(super) use self::chat::{ChatTarget, HostedTools, OutputImages};
pub(super) use self::field::{Field, Rule, Ruling};
pub(super) use self::limit::{Characters, Limit};
pub(super) use self::messages::{MessagesTarget, ModelRow, Sampling, Thinking};
use crate::dialect::Dialect;
use crate::error::Error;
use crate::json::tree::Tree;
use crate::json::{Str, Value, edit};
pub use crate::kinds::Transport;
use crate::option_reader;

const BUILT_IN: [(&str, &str); 5] = [
    ("codex", include_str!("../../profiles/codex.json")),
    ("codex_v1", include_str!("../../profiles/codex_v1.json")),
    ("openai", include_str!("../../profiles/openai.json")),
    ("chat", include_str!("../../profiles/chat.json")),
    ("anthropic", include_str!("../../profiles/anthropic.json")),
];

/// What a Responses request must be before it becomes a Messages request.
const TO_MESSAGES: &str = include_str!("../../profiles/to_messages.json");

/// What becomes of messages with the role `system` (and `developer`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SystemPolicy {
    HoistSystem,
    HoistAll,
    Developer,
    Keep,
}

/// Which hosted tools a route allows; functions and custom tools always are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ToolPolicy {
    All,
    Strict,
    Only(Vec<String>),
}

/// What becomes of members that no rule names.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum UnknownFields {
    #[default]
    Pass,
    Remove,
    Reject,
}

/// The rules of one backend and route.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of the profile")]
pub struct Profile {
    json: Vec<u8>,
    pub(super) fields: Vec<Field>,
    pub(super) unknown: UnknownFields,
    /// The default text; `None`: none is added.
    pub(super) instructions: Option<String>,
    /// `input` must be a list.
    pub(super) lists_input: bool,
    pub(super) system: SystemPolicy,
    pub(super) aliases: Vec<(String, String)>,
    pub(super) tools: ToolPolicy,
    pub(super) removes_hosted_choice: bool,
    /// Reasoning items need `encrypted_content`.
    pub(super) encrypts_reasoning: bool,
    pub(super) removes_references: bool,
    /// Chat clients get reasoning back as `reasoning_details`, asked for or not.
    pub(super) gives_details: bool,
    pub(super) checks_item_ids: bool,
    pub(super) removes_breakpoints: bool,
    pub(super) repairs_orphans: bool,
    pub(super) name_bytes: usize,
    pub(super) id_bytes: usize,
    pub(super) id_characters: Characters,
    pub(super) body_bytes: usize,
    /// For servers that speak only chat.
    pub(super) chat: Option<ChatTarget>,
    /// For servers that speak Messages.
    pub(super) messages: Option<MessagesTarget>,
}

impl Profile {
    /// `codex`, `codex_v1`, `openai`, for chat servers `chat`, for Messages servers `anthropic`.
    pub fn named(name: &str) -> Option<Self> {
        let json = BUILT_IN.iter().find(|(own, _)| *own == name)?.1;
        Self::read(json.as_bytes(), Value::of_valid(json.trim().as_bytes())).ok() // a test holds it to the schema
    }

    /// The same; the error names the profiles that there are.
    pub fn find(name: &str) -> Result<Self, Error> {
        let unknown = || {
            let given = format!("\"{}\"", super::path::shown(name));
            schema::wrong("profile".to_owned(), given, schema::listed(BUILT_IN.iter().map(|(own, _)| *own)))
        };
        Self::named(name).ok_or_else(unknown)
    }

    /// A JSON Schema of a profile.
    pub fn schema() -> &'static str {
        schema::SCHEMA
    }

    /// The default one for an upstream of that dialect.
    pub fn of_upstream(upstream: Dialect) -> Self {
        Self::named(Self::name_for_upstream(upstream)).unwrap_or_default()
    }

    /// Its name: `codex`, for chat servers `chat`, for Messages servers `anthropic`.
    pub const fn name_for_upstream(upstream: Dialect) -> &'static str {
        match upstream {
            Dialect::Responses => "codex",
            Dialect::Chat => "chat",
            Dialect::Messages => "anthropic",
        }
    }

    /// The `ChatGPT` backend with all its tools.
    pub fn codex() -> Self {
        Self::named("codex").unwrap_or_default()
    }

    /// The rules of a Responses request that becomes a Messages request by this profile, whose `fields` are those of the latter.
    pub(super) fn before_messages(&self) -> Self {
        Self {
            aliases: self.aliases.clone(),
            tools: self.tools.clone(),
            name_bytes: self.name_bytes,
            id_bytes: self.id_bytes,
            id_characters: self.id_characters,
            body_bytes: self.body_bytes,
            messages: self.messages.clone(),
            ..Self::typed(TO_MESSAGES.as_bytes()).unwrap_or_default()
        }
    }

    /// A profile as JSON: the members that `docs/reference/profiles.md` has, all but `name` optional where it `extends` a
    /// built-in one; `fields` are then merged by name.
    pub fn from_json(json: &[u8]) -> Result<Self, Error> {
        let tree = Tree::parse(json).map_err(|bad| Error::InvalidJson { offset: bad.0 as u64 })?;
        schema::check(tree.root())?;
        Self::read(json, tree.root().value())
    }

    fn read(json: &[u8], own: Value<'_>) -> Result<Self, Error> {
        let base = own.get("extends").and_then(base_of);
        let (mut read, json) = match base {
            Some(base) => (Self::typed(base.as_bytes())?, merged(base.as_bytes(), own)),
            None => (Self::default(), json.to_vec()),
        };
        read.take(json)?;
        Ok(read)
    }

    fn typed(json: &[u8]) -> Result<Self, Error> {
        let (own, mut read) = (Value::document(json).unwrap_or(Value::EMPTY), Self::default());
        let base = own.get("extends").and_then(base_of).unwrap_or("{}");
        read.take(merged(base.as_bytes(), own))?;
        Ok(read)
    }

    /// Takes what a profile has, with what it inherited.
    fn take(&mut self, json: Vec<u8>) -> Result<(), Error> {
        self.instructions = None;
        option_reader::read("", &json, |name, value| self.set(name, value))?;
        self.json = json;
        Ok(())
    }

    /// The whole profile as JSON, with what it inherited.
    pub fn to_json(&self) -> String {
        String::from_utf8_lossy(&self.json).into_owned()
    }

    /// The built-in profile for a route of a gateway: `codex` for the `ChatGPT` paths, `codex_v1` for `/v1/…`.
    pub fn for_path(path: &str) -> Option<&'static str> {
        const CODEX: [&str; 5] = [
            "/backend-api/codex/responses",
            "/backend-api/codex/v1/responses",
            "/internal/bridge/responses",
            "/responses",
            "/codex/v1/responses",
        ];
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let path = path.strip_suffix('/').unwrap_or(path);
        match path {
            path if CODEX.contains(&path) => Some("codex"),
            path if path.starts_with("/v1/") => Some("codex_v1"),
            _ => None,
        }
    }

    /// The longest request that is taken, in bytes.
    pub fn body_bytes(&self) -> usize {
        self.body_bytes
    }

    /// Headers that the backend expects, lower case; never credentials.
    pub fn headers(&self, transport: Transport) -> Vec<(String, String)> {
        let headers =
            Value::document(&self.json).and_then(|json| json.get("headers")?.get(transport.as_str()));
        headers.and_then(option_reader::texts).unwrap_or_default()
    }

    /// The rule of a field, where it applies to this transport.
    pub(super) fn field(&self, name: Str<'_>, transport: Transport) -> Option<&Field> {
        let field = self.fields.iter().find(|field| name.is(&field.name))?;
        field.applies(transport).then_some(field)
    }

    /// The final name of a tool type; dated forms go with their alias (`web_search_preview_2025_03_11`).
    pub(super) fn alias(&self, name: &str) -> Option<&str> {
        let is_date = |rest: &str| {
            rest.is_empty()
                || (rest.starts_with('_') && rest.bytes().all(|b| b.is_ascii_digit() || b == b'_'))
        };
        let alias = self.aliases.iter().find(|(alias, _)| name.strip_prefix(&**alias).is_some_and(is_date));
        alias.map(|(_, target)| &**target)
    }

    /// Whether a rule names the member on any transport: of itself, of what is in it, or as another name.
    pub(super) fn knows(&self, name: Str<'_>) -> bool {
        let is_outer = |own: &str| name.is(own.split('.').next().unwrap_or_default());
        self.fields
            .iter()
            .any(|field| is_outer(&field.name) || matches!(&field.rule, Rule::Rename(to) if is_outer(to)))
    }

    /// Whether the profile decides over a member of that name: by a rule other than `remove`, or because another member
    /// is renamed to it.
    pub(super) fn decides(&self, name: &str) -> bool {
        self.fields.iter().any(|field| match &field.rule {
            Rule::Rename(to) if to == name => true,
            Rule::Remove => false,
            _ => field.name == name,
        })
    }

    /// Whether the rule of `include` adds this anyway.
    pub(super) fn includes(&self, name: &str) -> bool {
        let rule = self.rule("include").map(|field| &field.rule);
        matches!(rule, Some(Rule::Include { with, .. }) if with.iter().any(|own| own == name))
    }

    /// The rule of a name, nested or not, for HTTP.
    pub(super) fn rule(&self, name: &str) -> Option<&Field> {
        let mut fields = self.fields.iter().filter(|field| field.name == name);
        fields.find(|field| field.applies(Transport::Http))
    }

    fn set(&mut self, name: &str, value: Value<'_>) -> Option<()> {
        match name {
            "name" | "extends" | "$schema" => drop(value.as_str()?),
            "headers" => {
                value.is_object().then_some(())?;
            }
            "fields" => self.fields = field::fields(value)?,
            "unknown" => self.unknown = UnknownFields::read(value)?,
            "instructions" => self.instructions = Some(option_reader::text(value)?),
            "input" => self.lists_input = one(value, "list", "any")?,
            "system" => self.system = SystemPolicy::read(value)?,
            "aliases" => self.aliases = option_reader::texts(value)?,
            "tools" => self.tools = tools(value)?,
            "hosted_tool_choice" => self.removes_hosted_choice = one(value, "remove", "keep")?,
            "reasoning_items" => self.encrypts_reasoning = one(value, "encrypted", "keep")?,
            "reasoning_details" => self.gives_details = one(value, "always", "asked")?,
            "item_references" => self.removes_references = one(value, "remove", "keep")?,
            "item_ids" => self.checks_item_ids = one(value, "checked", "any")?,
            "cache_breakpoints" => self.removes_breakpoints = one(value, "remove", "keep")?,
            "orphans" => self.repairs_orphans = one(value, "repair", "keep")?,
            "chat" => self.chat = Some(ChatTarget::read(value)?),
            "messages" => self.messages = Some(MessagesTarget::read(value)?),
            "limits" => {
                let limit = |key, default| value.get(key).map_or(Some(default), option_reader::size);
                self.name_bytes = limit("name_bytes", self.name_bytes)?;
                self.id_bytes = limit("id_bytes", self.id_bytes)?;
                self.body_bytes = limit("body_bytes", self.body_bytes)?;
                self.id_characters =
                    value.get("id_characters").map_or(Some(Characters::Any), Characters::read)?;
            }
            _ => return None,
        }
        Some(())
    }
}

impl Default for Profile {
    /// No rule at all.
    fn default() -> Self {
        Self {
            json: b"{}".to_vec(),
            fields: Vec::new(),
            unknown: UnknownFields::Pass,
            instructions: None,
            lists_input: false,
            system: SystemPolicy::Keep,
            aliases: Vec::new(),
            tools: ToolPolicy::All,
            removes_hosted_choice: false,
            encrypts_reasoning: false,
            removes_references: false,
            gives_details: false,
            checks_item_ids: false,
            removes_breakpoints: false,
            repairs_orphans: false,
            name_bytes: 64,
            id_bytes: 64,
            id_characters: Characters::Any,
            body_bytes: crate::limits::MAX_REQUEST_BYTES,
            chat: None,
            messages: None,
        }
    }
}

impl UnknownFields {
    fn read(value: Value<'_>) -> Option<Self> {
        option_reader::one_of(
            value,
            &[("pass", Self::Pass), ("remove", Self::Remove), ("reject", Self::Reject)],
        )
    }
}

impl SystemPolicy {
    pub(super) fn read(value: Value<'_>) -> Option<Self> {
        let choices = [
            ("hoist_system", Self::HoistSystem),
            ("hoist_all", Self::HoistAll),
            ("developer", Self::Developer),
            ("keep", Self::Keep),
        ];
        option_reader::one_of(value, &choices)
    }
}

fn base_of(name: Value<'_>) -> Option<&'static str> {
    let name = option_reader::text(name)?;
    BUILT_IN.iter().find(|(own, _)| *own == name).map(|(_, json)| *json)
}

/// `base` with the members of `own`; `fields`, `limits`, `headers`, `chat` and `messages` are merged one level down.
fn merged(base: &[u8], own: Value<'_>) -> Vec<u8> {
    let Some(base) = Value::document(base) else { return own.raw().to_vec() };
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    own.each_member(|key, value| {
        let key = key.decode();
        let inherited =
            base.get(&key).filter(|_| ["fields", "limits", "headers", "chat", "messages"].contains(&&*key));
        let value = match inherited {
            Some(inherited) => with_all(inherited, value),
            None => value.raw().to_vec(),
        };
        members.push((key, value));
    });
    edit::with_members(base, &members.iter().map(|(key, value)| (&**key, &**value)).collect::<Vec<_>>())
}

fn with_all(base: Value<'_>, own: Value<'_>) -> Vec<u8> {
    let mut members = Vec::new();
    own.each_member(|key, value| members.push((key.decode(), value.raw())));
    edit::with_members(base, &members.iter().map(|(key, value)| (&**key, *value)).collect::<Vec<_>>())
}

fn tools(value: Value<'_>) -> Option<ToolPolicy> {
    match option_reader::list(value) {
        Some(only) => Some(ToolPolicy::Only(only)),
        None => one(value, "strict", "all")
            .map(|is_strict| if is_strict { ToolPolicy::Strict } else { ToolPolicy::All }),
    }
}

/// One of two words; `true` for the first.
fn one(value: Value<'_>, yes: &str, no: &str) -> Option<bool> {
    option_reader::one_of(value, &[(yes, true), (no, false)])
}
