//! Twisted Conch's own client and our machine on the same scripts (`interop/conch`): what they send
//! is equal byte for byte, except for what `interop/conch/differences.md` lists and justifies.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

#[path = "conch/after.rs"]
mod after;
#[path = "conch/differences.rs"]
mod differences;
#[path = "conch/examples.rs"]
mod examples;
#[path = "conch/keys.rs"]
mod keys;
#[path = "conch/ours.rs"]
mod ours;
#[path = "conch/script.rs"]
mod script;
#[path = "conch/twisted.rs"]
mod twisted;
#[path = "conch/words.rs"]
mod words;

use std::collections::BTreeSet;
use std::io::Write as _;

use differences::Difference;
use script::Script;
use words::{Event, cell};

/// What comparing two clients on the scripts gave.
#[derive(Debug, Default)]
struct Comparison {
    equal_packets: usize,
    differences: Vec<Difference>,
}

impl Comparison {
    /// Compares step by step. What is equal at the beginning of a step counts as equal.
    fn add(&mut self, script: &Script, twisted: &[Vec<Event>], ours: &[Vec<Event>]) {
        for (step, title) in script.titles.iter().enumerate() {
            let (theirs, mine) = (&twisted[step][..], &ours[step][..]);
            let same = theirs.iter().zip(mine).take_while(|(a, b)| a == b).count();
            let packets = theirs[..same].iter().filter(|event| event.is_packet());
            self.equal_packets += packets.count();
            if theirs.len() == same && mine.len() == same {
                continue;
            }
            let difference = Difference {
                script: script.name.clone(),
                step: title.clone(),
                twisted: cell(&theirs[same..]),
                ours: cell(&mine[same..]),
            };
            assert_ne!(
                difference.twisted, difference.ours,
                "{} {title}: {theirs:02x?} {mine:02x?}",
                script.name
            );
            self.differences.push(difference);
        }
    }
}

/// What happens and is not listed, and what is listed and does not happen.
fn complaints(found: &[Difference], listed: &[Difference]) -> Vec<String> {
    let not_listed = found.iter().filter(|each| !listed.contains(each));
    let gone = listed.iter().filter(|each| !found.contains(each));
    not_listed
        .map(|difference| format!("not listed: {difference}"))
        .chain(gone.map(|difference| format!("does not happen: {difference}")))
        .collect()
}

#[test]
fn packets_are_those_of_twisted_but_for_the_listed_differences() {
    let Some(twisted) = twisted::run() else {
        return;
    };
    let scripts = script::scripts();
    assert!(scripts.len() >= 50, "{} scripts", scripts.len());
    assert_eq!(twisted.len(), scripts.len(), "names of scripts are unique");
    let mut found = Comparison::default();
    for script in &scripts {
        found.add(script, &twisted[&script.name], &ours::run(script.clone()));
    }
    let listed = differences::listed();
    let complaints = complaints(&found.differences, &listed);
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
    // Written directly: the print macros' output is hidden when a test passes.
    let _unseen = writeln!(
        std::io::stderr(),
        "CONCH: {}: {} scripts, {} packets equal, {} listed differences",
        twisted::VERSION,
        scripts.len(),
        found.equal_packets,
        listed.len()
    );
}

#[test]
fn names_of_scripts_are_unique() {
    let scripts = script::scripts();
    let names: BTreeSet<&str> = scripts.iter().map(|script| &*script.name).collect();
    assert_eq!(names.len(), scripts.len());
}

/// A comparison that finds nothing where there is something would be worthless.
#[test]
fn every_kind_of_difference_is_found() {
    let mut scripts = script::scripts().into_iter();
    let script = scripts.find(|script| script.name == "password_right");
    let script = script.unwrap();
    let ours = ours::run(script.clone());
    let compare = |other: &[Vec<Event>]| {
        let mut found = Comparison::default();
        found.add(&script, other, &ours);
        (found.equal_packets, found.differences)
    };
    assert_eq!(compare(&ours), (3, Vec::new()));
    let mut fewer = ours.clone();
    fewer[2].clear();
    let mut more = ours.clone();
    more[3].push(Event::Raised("struct.error".to_owned()));
    let mut other = ours.clone();
    let Some(Event::Packet(packet)) = other[2].first_mut() else {
        panic!("{other:?}");
    };
    *packet.last_mut().unwrap() = b'3';
    for (other, equal, row) in [
        (
            fewer,
            2,
            "password_right, 2 failure: nothing | password \"hunter2\"",
        ),
        (
            more,
            3,
            "password_right, 3 success: raised struct.error | nothing",
        ),
        (
            other,
            2,
            "password_right, 2 failure: password \"hunter3\" | password \"hunter2\"",
        ),
    ] {
        let (packets, differences) = compare(&other);
        let rows: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!((packets, &rows[..]), (equal, &[row.to_owned()][..]));
    }
}

/// The list must be complete, and have nothing that is past.
#[test]
fn the_list_says_what_happens_and_nothing_else() {
    let listed = differences::listed();
    assert_eq!(complaints(&listed, &listed), [""; 0]);
    let (first, rest) = listed.split_first().unwrap();
    let missing = complaints(&listed, rest);
    assert_eq!(missing, [format!("not listed: {first}")]);
    let gone = complaints(rest, &listed);
    assert_eq!(gone, [format!("does not happen: {first}")]);
}
