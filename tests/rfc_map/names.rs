//! Names of functions, tests and transcripts in a page of `docs`, and whether they are there.

use std::fs;
use std::path::{Path, PathBuf};

/// Its functions are called by the exhaustive search on every state and every edge.
const PROMISES: &str = "unit-tests/model/promises.rs";

pub(crate) fn root() -> &'static Path {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR"));
    tests.parent().unwrap()
}

/// The text of a file of this repository.
fn read(path: &str) -> Option<String> {
    fs::read_to_string(root().join(path)).ok()
}

/// All sources of the published crates, for the names that stand in a sentence.
pub(crate) fn sources() -> String {
    let mut text = String::new();
    let mut folders: Vec<PathBuf> = ["src", "explain/src", "testing/src"]
        .map(|folder| root().join(folder))
        .into();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|kind| kind == "rs") {
                text.push_str(&fs::read_to_string(&path).unwrap());
            }
        }
    }
    text
}

/// Whether a line of code, not of a comment, has `name` behind one of the keywords.
fn defines(line: &str, keywords: &[&str], name: &str) -> bool {
    let code = line.trim_start();
    let is_end = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    let defined_by = |keyword: &&str| {
        code.split_once(&format!("{keyword} {name}"))
            .is_some_and(|(front, rest)| {
                is_end(rest)
                    && front
                        .chars()
                        .all(|c| c.is_alphabetic() || "() ".contains(c))
            })
    };
    !code.starts_with("//") && keywords.iter().any(defined_by)
}

/// What a function or type `file: name` is missing.
fn missing_item(path: &str, name: &str) -> Option<String> {
    const KEYWORDS: [&str; 6] = ["fn", "struct", "enum", "trait", "type", "const"];
    let Some(text) = read(path) else {
        return Some(format!("there is no file {path}"));
    };
    let found = text.lines().any(|line| defines(line, &KEYWORDS, name));
    (!found).then(|| format!("there is no {name} in {path}"))
}

/// What a test `file: name` is missing.
fn missing_test(path: &str, name: &str) -> Option<String> {
    let Some(text) = read(path) else {
        return Some(format!("there is no file {path}"));
    };
    let lines: Vec<&str> = text.lines().collect();
    let place = lines.iter().position(|line| defines(line, &["fn"], name));
    let Some((before, _)) = place.and_then(|place| lines.split_at_checked(place)) else {
        return Some(format!("there is no test {name} in {path}"));
    };
    let mut attributes = before.iter().rev().map(|line| line.trim());
    let is_test = attributes
        .by_ref()
        .take_while(|line| line.starts_with("#[") || line.starts_with("//"))
        .any(|line| line == "#[test]");
    (!is_test && path != PROMISES).then(|| format!("{name} in {path} is no test"))
}

/// The parts in backticks, which are names.
fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

fn missing_transcript(name: &str) -> Option<String> {
    let path = root().join("tests/transcripts").join(name);
    (!path.is_file()).then(|| format!("there is no transcript {name}"))
}

/// The conversations on which Twisted Conch's client and ours are compared.
fn missing_script(name: &str) -> Option<String> {
    let folder = root().join("interop/conch/scripts");
    let entries = fs::read_dir(folder).unwrap();
    let title = format!("== {name}");
    let has = |path: PathBuf| {
        fs::read_to_string(path)
            .unwrap()
            .lines()
            .any(|l| l == title)
    };
    let found = entries.map(|entry| entry.unwrap().path()).any(has);
    (!found).then(|| format!("there is no script {name}"))
}

/// What is wrong with the names of a cell, and how many of them are places.
pub(crate) fn check_names(cell: &str, column: Column, sources: &str) -> (usize, Vec<String>) {
    let mut places = 0;
    let mut wrong = Vec::new();
    for name in names(cell) {
        let transcript = name.ends_with(".txt").then(|| missing_transcript(name));
        let place = name.split_once(": ").map(|(path, name)| match column {
            Column::Where if path.starts_with("interop/") || path.starts_with("explain/") => {
                missing_item(path, name)
            }
            Column::Where => missing_item(&format!("src/{path}"), name),
            Column::Test if path == "script" => missing_script(name),
            Column::Test => missing_test(path, name),
        });
        if let Some(missing) = transcript.or(place) {
            places += 1;
            wrong.extend(missing);
        } else if name.starts_with("interop/") {
            // A whole file, in a sentence.
            let missing = read(name).is_none();
            wrong.extend(missing.then(|| format!("there is no file {name}")));
        } else {
            // A word in a sentence, such as `Config::methods`.
            let words = name.split("::");
            let unknown = words.into_iter().find(|word| !sources.contains(word));
            wrong.extend(unknown.map(|word| format!("nothing in src is called {word}")));
        }
    }
    (places, wrong)
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Column {
    Where,
    Test,
}
