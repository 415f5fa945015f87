//! `docs/from-conch.md` says of each of 120 facts about Twisted Conch's client what becomes of it
//! here. What it names must be there, and nothing may be left out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::fs;

#[path = "rfc_map/names.rs"]
mod names;

use names::{Column, check_names, root, sources};

/// So many facts were written down.
const ROWS: usize = 120;

/// The head of the guide.
const HEADS: [&str; 2] = ["| Twisted Conch | here |", "| --- | --- |"];

/// How the third cell begins: what becomes of the fact, and whether it needs a reason, and places
/// and tests.
const VERDICTS: [(&str, bool, bool); 3] = [
    ("the same", false, true),
    ("deliberately better: ", true, true),
    ("not ours: ", true, false),
];

fn cells(row: &str) -> Vec<&str> {
    let inner = row.strip_prefix('|').and_then(|row| row.strip_suffix('|'));
    inner.unwrap_or(row).split('|').map(str::trim).collect()
}

/// What is wrong with a row: `| TW | Twisted Conch | here | where | test |`.
fn check_row(row: &str, sources: &str) -> Vec<String> {
    let cells = cells(row);
    let [_, fact, here, places, tests] = &cells[..] else {
        return vec![format!("{} cells in place of 5", cells.len())];
    };
    let (_, mut wrong) = check_names(here, Column::Where, sources);
    if cells.iter().any(|cell| cell.is_empty()) {
        wrong.push("an empty cell".to_owned());
    }
    if fact.split_whitespace().count() < 2 {
        wrong.push("what Twisted does is not said".to_owned());
    }
    let verdict = |(name, ..): &&(&str, bool, bool)| here.starts_with(name);
    let Some((name, needs_reason, needs_names)) = VERDICTS.iter().find(verdict) else {
        wrong.push(format!("no verdict: {here}"));
        return wrong;
    };
    let reason = here.strip_prefix(name).unwrap_or_default();
    if *needs_reason && reason.split_whitespace().count() < 3 {
        wrong.push("no reason".to_owned());
    }
    for (cell, column) in [(places, Column::Where), (tests, Column::Test)] {
        let (count, missing) = check_names(cell, column, sources);
        wrong.extend(missing);
        if *needs_names && count == 0 {
            wrong.push(format!("{column:?} names nothing"));
        }
    }
    wrong
}

/// What is wrong with a row of the guide: `| Twisted Conch | here |`.
fn check_guide(row: &str, sources: &str) -> Vec<String> {
    match &cells(row)[..] {
        [_, here] => check_names(here, Column::Where, sources).1,
        cells => vec![format!("{} cells in place of 2", cells.len())],
    }
}

fn page() -> String {
    fs::read_to_string(root().join("docs/from-conch.md")).unwrap()
}

#[test]
fn every_row_is_there_and_what_it_names() {
    let sources = sources();
    let (mut numbers, mut wrong, mut guide) = (Vec::new(), Vec::new(), 0);
    for line in page().lines().filter(|line| line.starts_with("| ")) {
        let complaints = if line.starts_with("| TW") && !line.starts_with("| TW |") {
            numbers.extend(cells(line).first().map(ToString::to_string));
            check_row(line, &sources)
        } else if cells(line).len() == 2 && !HEADS.contains(&line) {
            guide += 1;
            check_guide(line, &sources)
        } else {
            Vec::new()
        };
        let told = complaints.into_iter().map(|why| format!("{why}: {line}"));
        wrong.extend(told);
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    let expected: Vec<String> = (1..=ROWS).map(|number| format!("TW{number}")).collect();
    assert_eq!(numbers, expected);
    assert!(guide >= 20, "the guide has {guide} rows");
}

#[test]
fn what_is_not_there_is_noticed() {
    const WHERE: &str = "`plan.rs: next`";
    const TEST: &str = "`password_right.txt`";
    let sources = sources();
    let wrong = |here: &str, places: &str, tests: &str| {
        let row = format!("| TW1 | does this | {here} | {places} | {tests} |");
        check_row(&row, &sources).join("; ")
    };
    assert_eq!(wrong("the same", WHERE, TEST), "");
    assert_eq!(wrong("the same: here", WHERE, "`script: key_right`"), "");
    assert_eq!(wrong("not ours: it is the transport's", "-", "-"), "");
    for (here, places, tests, complaint) in [
        ("better", WHERE, TEST, "no verdict: better"),
        ("deliberately better: x", WHERE, TEST, "no reason"),
        ("the same", "-", TEST, "Where names nothing"),
        ("the same", WHERE, "-", "Test names nothing"),
        ("the same", WHERE, "", "an empty cell; Test names nothing"),
        (
            "the same",
            "`plan.rs: nex`",
            TEST,
            "there is no nex in src/plan.rs",
        ),
        (
            "the same",
            WHERE,
            "`no.txt`",
            "there is no transcript no.txt",
        ),
    ] {
        assert_eq!(wrong(here, places, tests), complaint);
    }
    let complaint = wrong("the same", WHERE, "`script: no`");
    assert_eq!(complaint, "there is no script no");
    let guide = |row: &str| check_guide(row, &sources).join("; ");
    assert_eq!(guide("| `getPassword` | `Action::NeedPassword` |"), "");
    assert_eq!(
        guide("| `getPassword` | `Action::NeedNothing` |"),
        "nothing in src is called NeedNothing"
    );
}
