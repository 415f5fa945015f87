//! Twisted's class on the scripts, by `interop/conch/driver.py`.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use interop::skip;

use super::script::{files, place, scripts};
use super::words::Event;

const INSTALL: &str = "run interop/servers/setup";

/// What the page and the list of differences are about; the setup pins it.
pub(crate) const VERSION: &str = "Twisted 26.10.0";

/// What happens upon each step, for each script.
type Run = HashMap<String, Vec<Vec<Event>>>;

/// The Python that `interop/servers/setup` makes.
fn interpreter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/servers/python/bin/python")
}

/// What happens upon each step of each script. `None` without Twisted, which is said aloud; in CI
/// it is a failure.
pub(crate) fn run() -> Option<Run> {
    let output = python("driver.py", &files())?;
    let (version, events) = output.split_once('\n').unwrap();
    assert_eq!(version, VERSION, "another version: {INSTALL}");
    Some(parse(events))
}

/// What a program of `interop/conch` prints. `None` without Twisted, as above.
pub(crate) fn python(program: &str, arguments: &[impl AsRef<OsStr>]) -> Option<String> {
    if !has_twisted() {
        skip::without(format_args!("Twisted Conch, to run {program}: {INSTALL}"));
        return None;
    }
    let output = Command::new(interpreter())
        // No compiled files beside the sources.
        .arg("-B")
        .arg(place().join(program))
        .args(arguments)
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    Some(String::from_utf8(output.stdout).unwrap())
}

fn has_twisted() -> bool {
    let found = Command::new(interpreter())
        .args(["-c", "import twisted.conch.ssh.userauth"])
        .output();
    found.is_ok_and(|output| output.status.success())
}

fn parse(output: &str) -> Run {
    let lengths = scripts().into_iter().map(|s| (s.name, s.titles.len()));
    let mut all: Run = lengths
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
