//! The house: imports go down only, in the table of CONTRIBUTING.md, and no dialect knows another.

mod imports;

use imports::{Graph, House, circles};
use std::collections::HashMap;
use std::path::Path;

const CONTRIBUTING: &str = include_str!("../../CONTRIBUTING.md");

fn house() -> House {
    House::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

/// The row of each module in the table, from the top.
fn layers() -> HashMap<&'static str, usize> {
    let (_, table) = CONTRIBUTING.split_once("Imports go down only").unwrap();
    let rows = table.split("```").nth(1).unwrap().lines().skip(1);
    rows.enumerate().flat_map(|(row, names)| names.split_whitespace().map(move |name| (name, row))).collect()
}

/// The entry of the table that a module belongs to: `dialect/chat` for `dialect/chat/read`.
fn entry(layers: &HashMap<&'static str, usize>, module: &[String]) -> String {
    let entries = (1..=module.len()).rev().map(|length| module[..length].join("/"));
    let known = entries.into_iter().find(|name| layers.contains_key(&**name));
    known.unwrap_or_else(|| panic!("{} has no place in CONTRIBUTING.md's table of imports", module.join("/")))
}

#[test]
fn the_table_lists_the_modules_that_exist() {
    let (house, layers) = (house(), layers());
    let entries: Vec<_> = house.modules().map(|module| entry(&layers, module)).collect();
    for name in layers.keys() {
        assert!(entries.iter().any(|entry| entry == name), "{name} is in the table, and no module");
    }
}

#[test]
fn imports_go_down() {
    let (house, layers) = (house(), layers());
    let mut count = 0;
    for (from, to) in house.edges() {
        let entries = [from, &to].map(|module| entry(&layers, module));
        let [row, target] = entries.each_ref().map(|name| layers[&**name]);
        assert!(entries[0] == entries[1] || row < target, "{} imports {}", from.join("/"), to.join("/"));
        count += 1;
    }
    assert!(count > 500, "{count} imports");
}

#[test]
fn no_dialect_imports_another() {
    let house = house();
    for (from, to) in house.edges().filter(|(from, to)| from[0] == "dialect" && to[0] == "dialect") {
        let is_shared = from.len() == 1 || to.len() == 1;
        assert!(is_shared || from[1] == to[1], "{} imports {}", from.join("/"), to.join("/"));
    }
}

#[test]
fn no_circle_in_a_dialect() {
    let house = house();
    for dialect in ["chat", "responses"] {
        let of = |module: &[String]| module.len() > 1 && module[0] == "dialect" && module[1] == dialect;
        // A file with the folder of its name; the names that all of them share are in the dialect's own file.
        let file = |module: &[String]| module.get(2).cloned().unwrap_or_else(|| dialect.to_owned());
        let mut graph = Graph::new();
        for (from, to) in house.edges().filter(|(from, to)| of(from) && of(to) && file(from) != file(to)) {
            graph.entry(file(from)).or_default().insert(file(&to));
        }
        assert!(graph.len() > 3, "{graph:?}");
        let circles = circles(graph);
        assert!(circles.is_empty(), "{dialect}: a circle among {circles:?}");
    }
}
