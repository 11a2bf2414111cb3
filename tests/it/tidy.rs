//! The rules of the house, as a test: layers, sizes, words.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Who may import whom: a module may use those of lower layers, and siblings of its own layer not at all.
const LAYERS: [&[&str]; 13] = [
    &["main"],
    &["server"],
    &["transport", "operations"],
    &["bus", "upload"],
    &["app"],
    &["publishing", "refreshing"],
    &["generation", "audit", "notice"],
    &["sources"],
    &["analytics", "planner", "files", "auth", "mail", "budget", "store"],
    &["config"],
    &["limits"],
    &["room"],
    &["clock", "address"],
];

/// Longest file, blank lines and comments included, and longest function.
const FILE_LINES_MAX: usize = 430;
const FUNCTION_LINES_MAX: usize = 75;

/// Words that say nothing; a documented API's own `session_id` is not meant.
const EMPTY_WORDS: [&str; 4] = ["Service", "Manager", "Helper", "Util"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the repository.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(!found.is_empty(), "no sources in {folder}");
    found
}

/// The module of this crate that a file below `src` belongs to: `room` of `src/room/log.rs`.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// The modules of this crate that a text names: `crate::room::…` and `crate::{room, store}`.
fn imports(text: &str) -> Vec<String> {
    let code: String = text.lines().filter(|l| !l.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let word = |s: &str| s.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = Vec::new();
    for rest in code.split("crate::").skip(1) {
        match rest.strip_prefix('{') {
            Some(list) => {
                let list = list.split('}').next().unwrap_or_default();
                found.extend(list.split(',').map(|item| word(item.trim())));
            }
            None => found.push(word(rest)),
        }
    }
    found.retain(|name| layer(name).is_some());
    found
}

#[test]
fn imports_go_down_and_siblings_do_not_meet() {
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        let from = module(&path);
        // Of those that are crates of their own, the compiler sees to it.
        if from == "lib" || ["analytics", "planner", "room", "store"].contains(&from.as_str()) {
            continue;
        }
        let here = layer(&from).unwrap_or_else(|| panic!("`{from}` has no layer: {}", path.display()));
        for to in imports(&text) {
            if to != from && layer(&to).is_some_and(|there| there <= here) {
                wrong.push(format!("{} uses {to}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_and_functions_are_short() {
    let mut long = BTreeMap::new();
    for folder in ["src", "protocol/src", "tests", "examples"] {
        for (path, text) in sources(folder) {
            // The tables of the contract and tests' tables are one thing each.
            let table = path.ends_with("protocol/src/dashboard.rs")
                || path.starts_with(root().join("tests"))
                || path.ends_with("planner/lexicon.rs");
            if text.lines().count() > FILE_LINES_MAX && !table {
                long.insert(path.display().to_string(), text.lines().count());
            }
            for (name, lines) in functions(&text) {
                if lines > FUNCTION_LINES_MAX {
                    long.insert(format!("{} fn {name}", path.display()), lines);
                }
            }
        }
    }
    assert!(long.is_empty(), "{long:#?}");
}

/// Names and lengths of the functions of a formatted file: from `fn` to the closing brace of the same indent.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let trimmed = line.trim_start();
        let starts = [
            "fn ",
            "pub fn ",
            "async fn ",
            "pub async fn ",
            "pub(super) fn ",
            "pub(super) async fn ",
            "pub(crate) fn ",
        ];
        let Some(rest) = starts.iter().find_map(|s| trimmed.strip_prefix(s)) else { continue };
        // What a trait only names has no body.
        if lines[at..].iter().find(|l| l.ends_with(['{', ';'])).is_some_and(|l| l.ends_with(';')) {
            continue;
        }
        let close = format!("{}}}", " ".repeat(line.len() - trimmed.len()));
        let end = lines[at..].iter().position(|l| *l == close).unwrap_or(0);
        found.push((rest.split(['(', '<']).next().unwrap_or_default().to_owned(), end + 1));
    }
    found
}

#[test]
fn names_say_something() {
    let mut empty = Vec::new();
    for folder in ["src", "protocol/src"] {
        for (path, text) in sources(folder) {
            for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
                for keyword in ["struct ", "enum ", "trait "] {
                    let Some((_, rest)) = line.split_once(keyword) else { continue };
                    let name: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
                    if EMPTY_WORDS.iter().any(|w| name.ends_with(w)) {
                        empty.push(format!("{}: {name}", path.display()));
                    }
                }
            }
        }
    }
    assert!(empty.is_empty(), "{empty:#?}");
}

#[test]
fn dependencies_say_why() {
    let sections = ["[workspace.dependencies]", "[dependencies]", "[dev-dependencies]"];
    let folders = ["", "protocol", "src/analytics", "src/planner", "src/room", "src/store"];
    let texts = folders.map(|folder| fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap());
    for (section, toml) in sections.iter().flat_map(|section| texts.iter().map(move |toml| (section, toml))) {
        let Some(body) = toml.split(section).nth(1) else { continue };
        for line in body.lines().skip(1).take_while(|l| !l.starts_with('[')) {
            let shared = line.contains("workspace = true");
            assert!(
                line.is_empty() || line.starts_with('#') || shared || line.contains(" # "),
                "{section} without a why: {line}"
            );
        }
    }
}
