//! `docs/rfc-map.md` says for every demand of the documents where it is met and what tests it.
//! What it names must be there, and nothing may be left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

#[path = "rfc_map/names.rs"]
mod names;

use names::{Column, check_names, root, sources};

/// The documents, in their order.
const DOCUMENTS: [&str; 6] = [
    "RFC 4252",
    "RFC 4256",
    "RFC 4462, sections 3 and 4",
    "RFC 8308",
    "RFC 8332",
    "OpenSSH",
];

const WHO: [&str; 4] = ["client", "caller", "server", "transport"];

/// How a cell begins that names nothing.
const REASONS: [&str; 5] = [
    "server's duty: ",
    "transport's duty: ",
    "caller's duty: ",
    "not done: ",
    "no test: ",
];

fn check_cell(cell: &str, column: Column, sources: &str) -> Vec<String> {
    let (places, mut wrong) = check_names(cell, column, sources);
    let has_reason = REASONS
        .iter()
        .filter_map(|reason| cell.strip_prefix(reason))
        .any(|why| !why.trim().is_empty());
    if places == 0 && !has_reason {
        wrong.push(format!("{column:?} names nothing and has no reason"));
    }
    wrong
}

fn has_quote(text: &str) -> bool {
    let quote = text
        .split_once('“')
        .and_then(|(_, rest)| rest.split_once('”'));
    quote.is_some_and(|(quote, _)| !quote.trim().is_empty())
}

/// What is wrong with a row: `| section | requirement | who | where | test |`.
fn check_row(row: &str, sources: &str) -> Vec<String> {
    let inner = row.strip_prefix('|').and_then(|row| row.strip_suffix('|'));
    let cells: Vec<&str> = inner.unwrap_or(row).split('|').map(str::trim).collect();
    let [section, requirement, who, places, tests] = &cells[..] else {
        return vec![format!("{} cells in place of 5", cells.len())];
    };
    if cells.iter().any(|cell| cell.is_empty()) {
        return vec!["an empty cell".to_owned()];
    }
    let mut wrong = Vec::new();
    let numbered = section.starts_with(|c: char| c.is_ascii_digit());
    if !numbered && !section.starts_with("PROTOCOL") {
        wrong.push(format!("{section} is no section"));
    }
    if !has_quote(requirement) {
        wrong.push("the requirement quotes nothing".to_owned());
    }
    if !WHO.contains(who) {
        wrong.push(format!("{who} is nobody"));
    }
    wrong.extend(check_cell(places, Column::Where, sources));
    wrong.extend(check_cell(tests, Column::Test, sources));
    wrong
}

/// What is wrong with an entry of a list: `- section: “requirement”`.
fn check_entry(entry: &str, sources: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !entry.starts_with(|c: char| c.is_ascii_digit()) {
        wrong.push("no section".to_owned());
    }
    if !has_quote(entry) {
        wrong.push("the requirement quotes nothing".to_owned());
    }
    let (_, unknown) = check_names(entry, Column::Test, sources);
    wrong.extend(unknown);
    wrong
}

/// Everything that is wrong with the tables and lists of one document.
fn check_document(title: &str, text: &str, sources: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut rows = 0;
    for line in text.lines() {
        let is_head = line.starts_with("| section ") || line.starts_with("| --- ");
        let complaints = match line.strip_prefix("- ") {
            Some(entry) => check_entry(entry, sources),
            None if line.starts_with('|') && !is_head => {
                rows += 1;
                check_row(line, sources)
            }
            None => Vec::new(),
        };
        let told = complaints
            .into_iter()
            .map(|why| format!("{title}: {why}: {line}"));
        wrong.extend(told);
    }
    if rows == 0 {
        wrong.push(format!("{title}: no table"));
    }
    wrong
}

#[test]
fn every_name_in_the_map_is_there() {
    let map = fs::read_to_string(root().join("docs/rfc-map.md")).unwrap();
    let sources = sources();
    let mut documents = Vec::new();
    let mut wrong = Vec::new();
    for part in map.split("\n## ").skip(1) {
        let (title, text) = part.split_once('\n').unwrap();
        documents.push(title);
        wrong.extend(check_document(title, text, &sources));
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(documents, DOCUMENTS);
}

#[test]
fn what_is_not_there_is_noticed() {
    const WHERE: &str = "`plan.rs: next`";
    const TEST: &str = "`src/peer.rs: table_of_choices`";
    let sources = sources();
    let row = |places: &str, tests: &str| format!("| 5 | “a MUST” | client | {places} | {tests} |");
    let wrong = |row: &str| check_row(row, &sources).join("; ");
    assert_eq!(wrong(&row(WHERE, TEST)), "");
    assert_eq!(wrong(&row("not done: why", "no test: why")), "");
    assert_eq!(
        wrong(&row(
            "`plan.rs: next` (see `Limits`)",
            "`password_right.txt`"
        )),
        ""
    );
    for (places, tests, complaint) in [
        ("", TEST, "an empty cell"),
        (WHERE, "", "an empty cell"),
        (
            WHERE,
            "server's duty",
            "Test names nothing and has no reason",
        ),
        (WHERE, "no test: ", "Test names nothing and has no reason"),
        ("somewhere", TEST, "Where names nothing and has no reason"),
        ("`plan.rs: nex`", TEST, "there is no nex in src/plan.rs"),
        (
            "`plan.rs: nothing`",
            TEST,
            "there is no nothing in src/plan.rs",
        ),
        ("`plans.rs: next`", TEST, "there is no file src/plans.rs"),
        (
            WHERE,
            "`src/peer.rs: table`",
            "there is no test table in src/peer.rs",
        ),
        (
            WHERE,
            "`src/peer.rs: learn`",
            "learn in src/peer.rs is no test",
        ),
        (WHERE, "`no_such.txt`", "there is no transcript no_such.txt"),
        (
            "`plan.rs: next` (`NoSuchName`)",
            TEST,
            "nothing in src is called NoSuchName",
        ),
    ] {
        assert_eq!(wrong(&row(places, tests)), complaint);
    }
    assert_eq!(
        wrong("| 5 | “a MUST” | client | where |"),
        "4 cells in place of 5"
    );
    let nobody = format!("| x | a MUST | nobody | {WHERE} | {TEST} |");
    let all = "x is no section; the requirement quotes nothing; nobody is nobody";
    assert_eq!(wrong(&nobody), all);
    let entry = |entry: &str| check_entry(entry, &sources).join("; ");
    assert_eq!(entry("5: “a MUST” See `password_right.txt`."), "");
    assert_eq!(
        entry("a MUST"),
        "no section; the requirement quotes nothing"
    );
    assert_eq!(
        entry("5: “a MUST” `no.txt`"),
        "there is no transcript no.txt"
    );
    assert_eq!(check_document("x", "", &sources), ["x: no table"]);
}
