//! The floors of the house: a module uses only what is below it, and methods act only through the
//! functions of `Run`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// The modules of the crate, from the ground up. A module may use the modules before it.
const FLOORS: &[&[&str]] = &[
    // Messages as bytes.
    &["wire"],
    // Values.
    &[
        "secret",
        "text",
        "algorithm",
        "algorithm_list",
        "method_name",
        "method_list",
    ],
    &["error", "payload", "signature", "identity", "notice"],
    // Settings, and what the server says about itself.
    &["quirks", "config", "session", "login", "peer", "banners"],
    // What happened.
    &["report"],
    // What a method works with.
    &["question", "context", "run", "sign"],
    // The methods: questions and dialogues.
    &["method"],
    &["ssh_key", "action"],
    // What is in flight, and what comes next.
    &["flight", "plan"],
    // The driver.
    &["client"],
];

fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../src")
}

/// Each source file with its text, without comments and unit tests; by its path such as `method/password`.
fn files() -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![sources()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(sources()).unwrap().with_extension("");
            let text = fs::read_to_string(&path).unwrap();
            // Unit tests may use whatever they like.
            let code = text.split("\nmod tests {").next().unwrap().lines();
            let code = code.filter(|line| !line.trim_start().starts_with("//"));
            let code: Vec<&str> = code.collect();
            files.insert(name.to_str().unwrap().to_owned(), code.join("\n"));
        }
    }
    files
}

/// What follows each `crate::` and `super::`, as a path from the root of the crate.
fn paths(name: &str, code: &str) -> Vec<String> {
    let is_of_path = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let parent = name.rsplit_once('/').map(|(parent, _)| parent);
    let mut paths = Vec::new();
    for (prefix, base) in [("crate::", Some("")), ("super::", parent)] {
        for (at, _) in code.match_indices(prefix) {
            let after = code.get(at + prefix.len()..).unwrap();
            let end = after.find(|c| !is_of_path(c)).unwrap_or(after.len());
            let path = after.get(..end).unwrap().replace("::", "/");
            let base = base.expect("`super` is used below a module only");
            paths.push(format!("{base}/{path}").trim_matches('/').to_owned());
        }
    }
    paths
}

/// The file that a path leads to: the longest beginning of it that is one.
fn file_of<'a>(path: &'a str, files: &BTreeMap<String, String>) -> Option<&'a str> {
    let mut path = path;
    loop {
        if files.contains_key(path) {
            return Some(path);
        }
        path = path.rsplit_once('/')?.0;
    }
}

#[test]
fn a_module_uses_only_what_is_below_it() {
    let order: Vec<&str> = FLOORS.iter().copied().flatten().copied().collect();
    let place = |file: &str| {
        let module = file.split('/').next().unwrap();
        let place = order.iter().position(|name| *name == module);
        place.unwrap_or_else(|| panic!("{module} is on no floor"))
    };
    let files = files();
    for (name, code) in files.iter().filter(|(name, _)| *name != "lib") {
        for path in paths(name, code) {
            let used = file_of(&path, &files);
            let used = used.unwrap_or_else(|| panic!("{name} uses {path} by another name"));
            assert!(
                place(used) <= place(name),
                "{name} uses {used}, which is above it"
            );
        }
    }
}

#[test]
fn no_files_use_each_other_in_a_circle() {
    let files = files();
    let uses = |name: &str| {
        let paths = paths(name, &files[name]).into_iter();
        let used = paths.filter_map(|path| file_of(&path, &files).map(str::to_owned));
        used.filter(|used| used != name).collect::<Vec<String>>()
    };
    // Files that use nothing that is left are taken away until none is left.
    let mut left: BTreeMap<&str, Vec<String>> = files
        .keys()
        .map(|name| (name.as_str(), uses(name)))
        .collect();
    loop {
        let before = left.len();
        let names: Vec<&str> = left.keys().copied().collect();
        left.retain(|_, used| used.iter().any(|used| names.contains(&used.as_str())));
        if left.len() == before {
            break;
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn methods_act_only_through_the_functions_of_run() {
    for (name, code) in files() {
        if name.starts_with("method/") {
            for bypass in ["run.report", "run.outbox", "Begun {"] {
                assert!(!code.contains(bypass), "{name} contains {bypass}");
            }
        }
    }
}
