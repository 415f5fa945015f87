//! The conversations, kept in `interop/recorded`. The test `recorded` replays them without any
//! server.

use std::path::PathBuf;
use std::{fs, io};

use interop::servers::{Kind, Server};
use ssh_userauth_testing::Transcript;

use crate::results::{Cell, Done};
use crate::run::MODES;

/// Whether the files are to be written anew.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE_DOCS").is_some()
}

fn directory() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/recorded"))
}

/// The server's release, from its version string: what Debian adds is left out, as it changes with
/// every repair.
pub(crate) fn release(version: &str) -> &str {
    let software = version.strip_prefix("SSH-2.0-").unwrap_or(version);
    let software = software.split(' ').next().unwrap_or_default();
    let number = software.split_once('_').map(|(_, number)| number);
    number
        .or_else(|| software.strip_prefix("ssh2js"))
        .unwrap_or(software)
}

/// Compares the conversations of a cell with their files, or writes them.
pub(crate) fn keep(kind: Kind, cell: &Cell) -> Result<(), String> {
    for (done, (mode, _)) in cell.done.iter().zip(MODES) {
        let name = format!("{}_{mode}.txt", cell.slug);
        let path = directory().join(kind.slug()).join(&name);
        let text = text(kind, cell, done, mode);
        if leaks(&text) {
            return Err(format!("a secret is in {name}"));
        }
        let replayed: Transcript = text.parse().map_err(|error| format!("{name}, {error}"))?;
        replayed
            .check()
            .map_err(|error| format!("{name}: {error}"))?;
        if updating() {
            let written = fs::create_dir_all(path.parent().unwrap());
            written.and_then(|()| fs::write(&path, &text)).unwrap();
            continue;
        }
        let recorded = fs::read_to_string(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(String::new()),
            _ => Err(error.to_string()),
        })?;
        let (then, now) = (comparable(&recorded), comparable(&text));
        // Another release may well say something else: then, there is nothing to compare.
        if then != now && is_of(&recorded, &done.version) {
            return Err(format!(
                "{} is no longer so:\n{then}\nnow it is\n{now}",
                path.display()
            ));
        }
    }
    Ok(())
}

fn text(kind: Kind, cell: &Cell, done: &Done, mode: &str) -> String {
    let mode = mode.replace('_', " ");
    format!(
        "# {kind} {}: {}; requests {mode}.\n\
         # Recorded from a real login by the tests of `interop`. Keys and signatures are stand-ins,\n\
         # secrets have names; what the server said is as it said it.\n{}",
        release(&done.version),
        cell.title,
        done.transcript,
    )
}

fn is_of(recorded: &str, version: &str) -> bool {
    recorded.is_empty() || recorded.contains(&format!(" {}: ", release(version)))
}

/// Without what is another one in each run, or in each release of a package.
fn comparable(text: &str) -> String {
    let changing = ["#", "session id ", "session version "];
    let kept = text
        .lines()
        .filter(|line| !changing.iter().any(|start| line.starts_with(start)));
    kept.flat_map(|line| [line, "\n"]).collect()
}

/// No secret of the tests may be in a file.
fn leaks(text: &str) -> bool {
    let secrets = [Server::PASSWORD, "424242", "battery staple"];
    secrets.iter().any(|secret| text.contains(secret))
}
