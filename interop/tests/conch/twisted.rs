//! Twisted's class on the scripts, by `interop/conch/driver.py`.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use interop::sshd::in_ci;

use super::script::{files, place, scripts};
use super::words::Event;

const INSTALL: &str = "run interop/servers/setup";

/// The Python that `interop/servers/setup` makes.
fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers/python/bin/python")
}

/// What happens upon each step of each script. `None` without Twisted, which is said aloud; in CI
/// it is a failure.
pub(crate) fn run() -> Option<HashMap<String, Vec<Vec<Event>>>> {
    if !has_twisted() {
        assert!(!in_ci(), "this test needs Twisted Conch: {INSTALL}");
        // Written directly: the print macros' output is hidden when a test passes.
        let _unseen = writeln!(
            std::io::stderr(),
            "SKIPPED-NO-TWISTED: the comparison was not run: {INSTALL}"
        );
        return None;
    }
    let output = Command::new(python())
        .arg(place().join("driver.py"))
        .args(files())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(parse(&String::from_utf8(output.stdout).unwrap()))
}

fn has_twisted() -> bool {
    let found = Command::new(python())
        .args(["-c", "import twisted.conch.ssh.userauth"])
        .output();
    found.is_ok_and(|output| output.status.success())
}

fn parse(output: &str) -> HashMap<String, Vec<Vec<Event>>> {
    let lengths = scripts().into_iter().map(|s| (s.name, s.titles.len()));
    let mut all: HashMap<String, Vec<Vec<Event>>> = lengths
        .map(|(name, length)| (name, vec![Vec::new(); length]))
        .collect();
    let mut run = 0;
    let mut current = None;
    for line in output.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            run += 1;
            current = all.get_mut(name);
        } else {
            let (step, event) = line.split_once(' ').unwrap();
            let steps = current.as_mut().unwrap();
            steps[step.parse::<usize>().unwrap()].push(Event::parse(event));
        }
    }
    assert_eq!(run, all.len(), "both sides read the same scripts");
    all
}
