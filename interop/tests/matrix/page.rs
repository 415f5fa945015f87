//! `docs/interop.md`: which server came to what in which case, and what the user reads.

use core::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use interop::servers::{BannerTime, Extensions, Kind};

use crate::record::{release, updating};
use crate::results::{self, Cell, Done, Results};
use crate::run::Outcome;

const HEAD: &str = include_str!("page/head.md");
const MATRIX: &str = include_str!("page/matrix.md");
const READS: &str = include_str!("page/reads.md");
const TAIL: &str = include_str!("page/tail.md");

fn path() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/interop.md"))
}

#[test]
fn the_page_is_what_happened() {
    // Each that is missing is named, and none is passed over.
    let missing = Kind::ALL.iter().filter(|kind| !kind.require()).count();
    if missing > 0 {
        return;
    }
    let all: Vec<&Results> = Kind::ALL.iter().map(|kind| results::of(*kind)).collect();
    if updating() {
        fs::write(path(), page(&all, &release_of)).unwrap();
        return;
    }
    let written = fs::read_to_string(path()).unwrap();
    let now = page(&all, &|results| {
        let then = release_in(&written, results.kind);
        // Debian repairs its packages, and another Debian has others. What they did is compared
        // all the same.
        then.filter(|_| results.kind.has_system_users())
            .map_or_else(|| release_of(results), str::to_owned)
    });
    assert!(
        now == written,
        "docs/interop.md is not what happened; UPDATE_DOCS=1 writes it anew:\n{}",
        difference(&written, &now)
    );
}

/// The lines of either that are not in the other.
fn difference(then: &str, now: &str) -> String {
    let missing = |one: &str, other: &str, mark: char| {
        let lines = one
            .lines()
            .filter(|line| !other.lines().any(|known| known == *line));
        lines
            .map(|line| format!("{mark} {line}\n"))
            .collect::<String>()
    };
    missing(then, now, '-') + &missing(now, then, '+')
}

fn release_of(results: &Results) -> String {
    let done = results.cells.iter().flat_map(|cell| &cell.done).next();
    release(&done.unwrap().version).to_owned()
}

fn release_in(page: &str, kind: Kind) -> Option<&str> {
    let start = format!("| {kind} | ");
    let row = page
        .lines()
        .find_map(|line| line.strip_prefix(start.as_str()))?;
    row.split(" |").next()
}

fn page(all: &[&Results], release: &dyn Fn(&Results) -> String) -> String {
    let mut page = format!("{HEAD}\n{}\n{MATRIX}\n", servers(all, release));
    page += &matrix(all);
    let _written = write!(page, "\n{READS}\n{}{TAIL}", sentences(all));
    page
}

/// A table of what each server is and can do.
fn servers(all: &[&Results], release: &dyn Fn(&Results) -> String) -> String {
    let mut table = String::from(
        "| server | version | how it runs | methods | banner | EXT_INFO |\n\
         | --- | --- | --- | --- | --- | --- |\n",
    );
    for results in all {
        let kind = results.kind;
        let abilities = kind.abilities();
        let methods: Vec<&str> = abilities
            .methods
            .iter()
            .map(|method| method.name())
            .collect();
        let banner = match abilities.banner {
            BannerTime::BehindServiceAccept => "with SERVICE_ACCEPT",
            BannerTime::AheadOfFirstReply => "with the first reply",
            _ => "none",
        };
        let extensions = match abilities.extensions {
            Extensions::WithNewKeys => "at once",
            Extensions::Later => "behind our NEWKEYS",
            _ => "none",
        };
        let (release, methods) = (release(results), methods.join(", "));
        let place = place(kind);
        let _written = writeln!(
            table,
            "| {kind} | {release} | {place} | {methods} | {banner} | {extensions} |"
        );
    }
    table
}

const fn place(kind: Kind) -> &'static str {
    match kind {
        Kind::OpenSsh => "Debian's; one `sshd -i` for each connection",
        Kind::Dropbear => "Debian's; one `dropbear -i` for each connection",
        Kind::TinySsh => "Debian's; one `tinysshd` for each connection",
        Kind::Russh => "a crate, in the process of the test",
        Kind::Ssh2 => "from npm, `interop/servers/ssh2_server.js`",
        Kind::AsyncSsh => "from PyPI, `interop/servers/asyncssh_server.py`",
        Kind::Conch => "from PyPI, `interop/servers/conch_server.py`",
        _ => "from PyPI, `interop/servers/paramiko_server.py`",
    }
}

/// A row for each case, a column for each server.
fn matrix(all: &[&Results]) -> String {
    let mut table = String::from("| |");
    for results in all {
        let _written = write!(table, " {} |", results.kind);
    }
    table += &format!("\n| --- |{}\n", " --- |".repeat(all.len()));
    for (index, cell) in all[0].cells.iter().enumerate() {
        let _written = write!(table, "| {} |", cell.title);
        for results in all {
            let _written = write!(table, " {} |", summary(&results.cells[index]));
        }
        table.push('\n');
    }
    table
}

fn summary(cell: &Cell) -> String {
    let word = |done: &Done| match &done.end {
        Outcome::In { .. } => "in",
        Outcome::Refused { .. } => "no",
    };
    match cell.done.as_slice() {
        [one, ahead] if word(one) == word(ahead) && word(one) == "in" => {
            match (one.round_trips, ahead.round_trips) {
                (Some(one), Some(ahead)) => format!("in {one} → {ahead}"),
                _ => "in".to_owned(),
            }
        }
        [one, ahead] if word(one) == word(ahead) => word(one).to_owned(),
        [one, ahead] => format!("{}, ahead: {}", word(one), word(ahead)),
        _ => String::new(),
    }
}

/// For each case in which somebody was refused, what the user reads, and from which servers.
fn sentences(all: &[&Results]) -> String {
    let mut text = String::new();
    for (index, cell) in all[0].cells.iter().enumerate() {
        let mut found: Vec<(&str, Vec<String>)> = Vec::new();
        for results in all {
            for (sentence, where_) in read(results, &results.cells[index]) {
                match found.iter_mut().find(|(known, _)| *known == sentence) {
                    Some((_, servers)) => servers.push(where_),
                    None => found.push((sentence, vec![where_])),
                }
            }
        }
        if found.is_empty() {
            continue;
        }
        let _written = writeln!(text, "- *{}*", cell.title);
        for (sentence, servers) in found {
            let _written = writeln!(text, "  - {sentence} ({})", servers.join(", "));
        }
    }
    text.push('\n');
    text
}

/// The sentences of one cell; once if both ways came to the same.
fn read<'a>(results: &Results, cell: &'a Cell) -> Vec<(&'a str, String)> {
    let sentence = |done: &'a Done| match &done.end {
        Outcome::Refused { sentence, .. } => Some(sentence.as_str()),
        _ => None,
    };
    let kind = results.kind;
    let (one, ahead) = match cell.done.as_slice() {
        [one, ahead] => (sentence(one), sentence(ahead)),
        _ => return Vec::new(),
    };
    let mut read = Vec::new();
    if let Some(one) = one {
        read.push((one, kind.to_string()));
    }
    if let Some(ahead) = ahead.filter(|ahead| Some(*ahead) != one) {
        read.push((ahead, format!("{kind} ahead")));
    }
    read
}
