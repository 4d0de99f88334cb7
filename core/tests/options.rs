//! core/options.json, from which the bindings' types and docs/options.md are made, is what core reads: the same names,
//! values and defaults.

use serde_json::{Value, json};
use sluicegate::{
    ChatOptions, Continuation, Error, ImageOptions, RequestOptions, ResponsesOptions, RouteOptions,
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
    ("ChatOptions", read!(ChatOptions)),
    ("ResponsesOptions", read!(ResponsesOptions)),
    ("ImageOptions", read!(ImageOptions)),
    ("RequestOptions", read!(RequestOptions)),
    ("ContinuationOptions", |options| {
        let mut options = options.clone();
        options["scope"] = json!("tenant");
        read!(Continuation)(&options)
    }),
    ("RouteOptions", read!(RouteOptions)),
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
        (_, Some("context")) => vec![json!({}), json!({"model": "m"})],
        _ => panic!("{option} has no type"),
    }
}

/// The names of the members in a struct's pretty `Debug`.
fn members(debug: &str) -> Vec<&str> {
    let names = debug.lines().filter_map(|line| line.strip_prefix("    ")?.split_once(": "));
    names.map(|(name, _)| name).filter(|name| !name.starts_with(' ')).collect()
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
                let expected = Error::InvalidOption { path: name.to_owned() };
                assert_eq!(set(&wrong), Err(expected), "{object}.{name} = {wrong}");
            }
        }
    }
}

#[test]
fn each_object_has_the_options_of_the_table_and_no_others() {
    let table: Value = serde_json::from_str(TABLE).unwrap();
    for (object, read) in OBJECTS {
        let shown = read(&json!({})).unwrap();
        let mut known: Vec<_> = members(&shown).into_iter().filter(|name| *name != "scope").collect();
        let mut listed: Vec<_> =
            options(&table, object).iter().map(|option| option["name"].as_str().unwrap()).collect();
        known.sort_unstable();
        listed.sort_unstable();
        assert_eq!(known, listed, "{object}");
        let expected = Err(Error::InvalidOption { path: "no_such".to_owned() });
        assert_eq!(read(&json!({"no_such": true})), expected, "{object}");
    }
}
