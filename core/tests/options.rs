//! core/options.json, from which the bindings' types and docs/reference/options.md are made, is what core reads: the same names,
//! values and defaults.

use serde_json::{Value, json};
use sluicegate::{
    Continuation, Dialect, Error, ImageOptions, Options, OtelOptions, RequestOptions, RouteOptions,
    SseOptions,
};

const TABLE: &str = include_str!("../options.json");

/// What an object makes of options, as its `Debug` shows it.
type Read = fn(&Value) -> Result<String, Error>;

macro_rules! read {
    ($object:ty) => {
        |options: &Value| {
            <$object>::from_json(options.to_string().as_bytes()).map(|read| format!("{read:#?}"))
        }
    };
}

const OBJECTS: [(&str, Read); 7] = [
    ("SseOptions", read!(SseOptions)),
    ("TranscoderOptions", read!(Options)),
    ("ImageOptions", read!(ImageOptions)),
    ("RequestOptions", read!(RequestOptions)),
    ("ContinuationOptions", |options| {
        let mut options = options.clone();
        options["scope"] = json!("tenant");
        read!(Continuation)(&options)
    }),
    ("RouteOptions", read!(RouteOptions)),
    ("OtelOptions", read!(OtelOptions)),
];

/// The options of an object in the table.
fn options<'t>(table: &'t Value, object: &str) -> Vec<&'t Value> {
    let groups = table["objects"][object]["groups"].as_array().expect(object).iter();
    groups.flat_map(|group| table["groups"][group.as_str().unwrap()]["options"].as_array().unwrap()).collect()
}

fn values(option: &Value) -> Vec<Value> {
    match (&option["values"], option["type"].as_str()) {
        (Value::Array(values), None) => values.clone(),
        (_, Some("text")) => vec![json!(""), json!("a")],
        (_, Some("flag")) => vec![json!(true), json!(false)],
        (_, Some("integer")) => vec![json!(0), json!(u64::from(u32::MAX))],
        (_, Some("names")) => vec![json!([]), json!(["a"])],
        (_, Some("keys")) => vec![json!([]), json!(["0f".repeat(32), "0F".repeat(64)])],
        (_, Some("tag_names")) => vec![json!(["a"]), json!(["think", "a-b"])],
        (_, Some("catalog")) => vec![json!("none"), json!({"models": []})],
        (_, Some("messages")) => vec![json!({}), json!({"no_details": {"code": "c", "message": null}})],
        (_, Some("context")) => vec![json!({}), json!({"model": "m"})],
        _ => panic!("{option} has no type"),
    }
}

/// The names of the members in a struct's pretty `Debug`.
fn members(debug: &str) -> Vec<&str> {
    let names = debug.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    names.map(|(name, _)| name).filter(|name| !name.starts_with(' ')).collect()
}

/// The option that a member is.
fn name_of(member: &str) -> Option<&str> {
    match member {
        "scope" => None,
        "usage_zeros" => Some("usage"),
        member => Some(member),
    }
}

#[test]
fn the_table_has_every_object() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let mut known: Vec<_> = OBJECTS.iter().map(|(name, _)| *name).collect();
    let mut listed: Vec<_> = table["objects"].as_object().unwrap().keys().map(String::as_str).collect();
    known.sort_unstable();
    listed.sort_unstable();
    assert_eq!(known, listed);
}

#[test]
fn each_option_takes_its_values_and_no_others() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for (object, read) in OBJECTS {
        let unset = read(&json!({})).unwrap();
        for option in options(&table, object) {
            let name = option["name"].as_str().unwrap();
            let set = |value: &Value| read(&json!({ name: value }));
            let mut seen = Vec::new();
            for value in values(option) {
                seen.push(set(&value).unwrap_or_else(|error| panic!("{object}.{name} = {value}: {error}")));
            }
            assert!(seen.iter().any(|shown| *shown != unset), "{object}.{name} changes nothing");
            assert_eq!(set(&Value::Null).unwrap(), unset, "{object}.{name}: null is as if left out");
            assert_eq!(set(&option["default"]).unwrap(), unset, "{object}.{name}: its default");
            for wrong in [json!(-1), json!({"no": ["such"]}), json!([[]])] {
                if name == "context" && wrong.is_object() {
                    continue; // members that are not known are left alone there
                }
                let error = set(&wrong).unwrap_err();
                assert_eq!(error.path(), Some(name), "{object}.{name} = {wrong}");
                let words = error.to_string();
                assert!(words.starts_with(&format!("wrong value of an option: {name} is ")), "{words}");
            }
        }
    }
}

#[test]
fn each_object_has_the_options_of_the_table_and_no_others() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for (object, read) in OBJECTS {
        let shown = read(&json!({})).unwrap();
        let mut known: Vec<_> = members(&shown).into_iter().filter_map(name_of).collect();
        let mut listed: Vec<_> =
            options(&table, object).iter().map(|option| option["name"].as_str().unwrap()).collect();
        known.sort_unstable();
        listed.sort_unstable();
        assert_eq!(known, listed, "{object}");
        let error = read(&json!({"no_such": true})).unwrap_err();
        let Error::InvalidOption { path, given, allowed } = &error else { panic!("{error}") };
        assert_eq!((&**path, &**given), ("no_such", ""), "{object}");
        assert!(listed.iter().all(|name| allowed.contains(name)), "{object}: {allowed}");
    }
}

#[test]
fn a_limit_is_the_same_option_on_a_machine_of_32_bits() {
    let large = json!({ "max_event_bytes": u64::MAX });
    for (object, read) in &OBJECTS[..3] {
        let debug = read(&large).expect(object);
        assert!(debug.contains(&format!("max_event_bytes: {}", usize::MAX)), "{debug}");
    }
}

/// Whether the reader of `upstream` or the writer for `client` reads a group's options.
fn is_read(group: &str, client: Dialect, upstream: Dialect) -> bool {
    match group {
        "both" | "reader" | "writer" => true,
        "chat_messages_writers" => client != Dialect::Responses,
        group => match group.split_once('_') {
            Some((dialect, "reader")) => dialect == upstream.as_str(),
            Some((dialect, "writer")) => dialect == client.as_str(),
            _ => [client, upstream].map(Dialect::as_str).contains(&group),
        },
    }
}

#[test]
fn a_pair_takes_what_its_reader_and_its_writer_read() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    let pairs = Dialect::ALL.into_iter().flat_map(|client| Dialect::ALL.map(|upstream| (client, upstream)));
    for (client, upstream) in pairs {
        let mut names = Vec::new();
        for group in table["objects"]["TranscoderOptions"]["groups"].as_array().unwrap() {
            let group = group.as_str().unwrap();
            for option in table["groups"][group]["options"].as_array().unwrap() {
                let name = option["name"].as_str().unwrap();
                let json = json!({ name: values(option)[0] }).to_string();
                let taken = Options::for_pair(json.as_bytes(), client, upstream);
                let what = format!("{name}, {client:?} of {upstream:?}");
                if is_read(group, client, upstream) {
                    assert_eq!(taken, Options::from_json(json.as_bytes()), "{what}");
                    names.push(name);
                } else {
                    let words = taken.unwrap_err().to_string();
                    assert!(
                        words.starts_with(&format!("unknown option: {name}; there are: model, ")),
                        "{words}"
                    );
                }
                let is_any = Dialect::ALL.into_iter().any(|client| is_read(group, client, upstream));
                assert_eq!(Options::for_upstream(json.as_bytes(), upstream).is_ok(), is_any, "{what}");
            }
        }
        names.sort_unstable();
        let mut told: Vec<_> = Options::names_for_pair(client, upstream).collect();
        told.sort_unstable();
        assert_eq!(told, names, "{client:?} of {upstream:?}");
    }
}
