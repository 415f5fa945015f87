//! The list of differences, `interop/conch/differences.md`: sections, each with a reason and a
//! table of what differs for it.

use core::fmt;
use std::fs;

use super::script::place;

/// One step of one script upon which the two clients send something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    pub(crate) script: String,
    /// The number of the step and the kind of its message.
    pub(crate) step: String,
    pub(crate) twisted: String,
    pub(crate) ours: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            script,
            step,
            twisted,
            ours,
        } = self;
        write!(f, "{script}, {step}: {twisted} | {ours}")
    }
}

/// All listed differences. Each stands once, under a reason with words of its own.
pub(crate) fn listed() -> Vec<Difference> {
    let text = fs::read_to_string(place().join("differences.md")).unwrap();
    let mut all: Vec<Difference> = Vec::new();
    for section in text.split("\n## ").skip(1) {
        let (reason, body) = section.split_once('\n').unwrap();
        let prose = body.lines().filter(|line| !line.starts_with('|'));
        let words: usize = prose.map(|line| line.split_whitespace().count()).sum();
        assert!(words >= 10, "{reason}: no reason is given");
        assert!(body.contains("TW"), "{reason}: no row of from-conch.md");
        let mut rows = body.lines().filter(|line| line.starts_with('|'));
        assert_eq!(rows.next(), Some("| script | step | Twisted | ours |"));
        assert_eq!(rows.next(), Some("| --- | --- | --- | --- |"));
        let before = all.len();
        for row in rows {
            let difference = parse(row);
            assert!(!all.contains(&difference), "twice: {difference}");
            all.push(difference);
        }
        assert!(all.len() > before, "{reason}: nothing differs for it");
    }
    all
}

fn parse(row: &str) -> Difference {
    let inner = row
        .strip_prefix("| ")
        .and_then(|row| row.strip_suffix(" |"));
    let cells: Vec<&str> = inner.unwrap_or(row).split(" | ").collect();
    let [script, step, twisted, ours] = cells[..] else {
        panic!("{row}");
    };
    Difference {
        script: script.to_owned(),
        step: step.to_owned(),
        twisted: twisted.to_owned(),
        ours: ours.to_owned(),
    }
}
