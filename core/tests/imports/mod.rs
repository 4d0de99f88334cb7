//! Which module of core imports which.
//!
//! Input: the files under `core/src`. Output: an edge from each module to those whose names it uses. State: none.
//! An edge leads to the module that defines a name, not to one that passes it on with `pub use`. Unit tests do not count.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A path of names. A module's has no `crate`: `["dialect", "chat", "read"]`.
pub(crate) type Names = Vec<String>;
pub(crate) type Graph = BTreeMap<String, BTreeSet<String>>;

#[derive(Debug, Default)]
pub(crate) struct Module {
    /// By their local names.
    imports: BTreeMap<String, Names>,
    reexports: BTreeMap<String, Names>,
    /// Every `a::b` outside of imports.
    mentions: Vec<Names>,
}

#[derive(Debug, Default)]
pub(crate) struct House {
    modules: BTreeMap<Names, Module>,
}

impl House {
    /// The library; the binary and its root, which only lists, are no part of it.
    pub(crate) fn read(src: &Path) -> Self {
        let mut house = Self::default();
        house.read_folder(src, &[]);
        house.modules.remove(&names("lib"));
        house
    }

    fn read_folder(&mut self, folder: &Path, parent: &[String]) {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = entry.file_stem().unwrap().to_str().unwrap();
            let path: Names = parent.iter().map(String::as_str).chain([name]).map(str::to_owned).collect();
            if entry.is_dir() && name != "bin" {
                self.read_folder(&entry, &path);
            } else if entry.is_file() && name != "tests" {
                self.modules.insert(path, Module::parse(&std::fs::read_to_string(&entry).unwrap()));
            }
        }
    }

    pub(crate) fn modules(&self) -> impl Iterator<Item = &Names> {
        self.modules.keys()
    }

    /// `from`, and each module that it uses.
    pub(crate) fn edges(&self) -> impl Iterator<Item = (&Names, Names)> {
        self.modules.iter().flat_map(|(from, module)| {
            self.uses(from, module).into_iter().filter(move |to| to != from).map(move |to| (from, to))
        })
    }

    fn uses(&self, from: &[String], module: &Module) -> BTreeSet<Names> {
        let absolute = |path: &Names| self.absolute(from, path);
        let imported = module.imports.values().filter_map(absolute);
        let passed_on = module.reexports.values().filter_map(absolute).filter(|to| !to.starts_with(from));
        let mentioned = module.mentions.iter().filter_map(|path| match module.imports.get(&path[0]) {
            Some(import) => Some([&absolute(import)?[..], &path[1..]].concat()),
            None => absolute(path),
        });
        // What a whole module is imported for stands where the code names it.
        let names = imported.chain(passed_on).chain(mentioned);
        names
            .filter(|path| !self.modules.contains_key(path))
            .filter_map(|path| self.defining(&path))
            .collect()
    }

    /// `None` for another crate's.
    fn absolute(&self, from: &[String], path: &[String]) -> Option<Names> {
        let up = path.iter().take_while(|name| *name == "super").count();
        match &*path[0] {
            "crate" => Some(path[1..].to_vec()),
            "self" => Some([from, &path[1..]].concat()),
            "super" => Some([&from[..from.len() - up], &path[up..]].concat()),
            child => {
                let inside = [from, &[child.to_owned()]].concat();
                self.modules.contains_key(&inside).then(|| [from, path].concat())
            }
        }
    }

    fn defining(&self, path: &[String]) -> Option<Names> {
        let length = (1..=path.len()).rev().find(|length| self.modules.contains_key(&path[..*length]))?;
        let (module, rest) = path.split_at(length);
        let passed_on = rest.first().and_then(|name| self.modules[module].reexports.get(name));
        match passed_on.and_then(|origin| self.absolute(module, origin)) {
            Some(origin) => self.defining(&[&origin[..], &rest[1..]].concat()),
            None => Some(module.to_vec()),
        }
    }
}

impl Module {
    fn parse(source: &str) -> Self {
        let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let lines = source.lines().map(|line| line.split("//").next().unwrap_or_default());
        let code = lines.collect::<Vec<_>>().join("\n");
        let mut module = Self::default();
        let mut rest = &*code;
        while let Some((before, after)) = rest.split_once("use ") {
            module.mention(before);
            let line = before.rsplit('\n').next().unwrap_or_default().trim();
            let into = match line {
                "" => Some(&mut module.imports),
                _ if line.starts_with("pub") => Some(&mut module.reexports),
                _ => None, // a word in a text
            };
            rest = after;
            if let Some(into) = into {
                let (tree, after) = after.split_once(';').unwrap();
                into.extend(leaves(tree));
                rest = after;
            }
        }
        module.mention(rest);
        module
    }

    fn mention(&mut self, code: &str) {
        let words = code.split(|letter: char| !letter.is_alphanumeric() && letter != '_' && letter != ':');
        let paths = words.map(|word| word.trim_matches(':')).filter(|word| word.contains("::"));
        self.mentions.extend(paths.map(names));
    }
}

pub(crate) fn names(path: &str) -> Names {
    path.split("::").map(str::to_owned).collect()
}

/// The local name and the path of each import of `a::{b, c as d, e::{self, f}}`.
fn leaves(tree: &str) -> Vec<(String, Names)> {
    let tree = tree.trim();
    if let Some((prefix, list)) = tree.split_once('{') {
        let list = list.strip_suffix('}').unwrap();
        let leaves = elements(list).into_iter().flat_map(|element| leaves(&format!("{prefix}{element}")));
        return leaves.collect();
    }
    let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
    let path = names(path.strip_suffix("::self").unwrap_or(path));
    let local = if alias.is_empty() { path.last().unwrap() } else { alias };
    vec![(local.to_owned(), path.clone())]
}

/// Separated by the commas that are in no inner braces.
fn elements(list: &str) -> Vec<&str> {
    let mut depth = 0;
    let split = list.split(|letter| {
        depth += i32::from(letter == '{') - i32::from(letter == '}');
        letter == ',' && depth == 0
    });
    split.map(str::trim).filter(|element| !element.is_empty()).collect()
}

/// The nodes that are left when those that lead nowhere are taken away again and again.
pub(crate) fn circles(mut graph: Graph) -> Graph {
    loop {
        let nodes: BTreeSet<_> = graph.keys().cloned().collect();
        for next in graph.values_mut() {
            next.retain(|node| nodes.contains(node));
        }
        let before = graph.len();
        graph.retain(|_, next| !next.is_empty());
        if graph.len() == before {
            return graph;
        }
    }
}
