//! Conversations with real servers, recorded by `cargo test -p interop --test matrix` and replayed
//! here without any server.
//!
//! If a conversation goes differently now, a real server would see the difference, too. Only the
//! matrix test can tell whether the new one is as good, and write the files again.
#![allow(clippy::unwrap_used, missing_docs)]

extern crate alloc;

use alloc::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use ssh_userauth_testing::Transcript;

/// Folders and files: each folder is a server.
fn files() -> BTreeMap<String, Vec<PathBuf>> {
    let list = |directory: PathBuf| {
        let entries = fs::read_dir(directory).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    };
    let servers = list(concat!(env!("CARGO_MANIFEST_DIR"), "/recorded").into()).into_iter();
    let named = |path: PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, list(path))
    };
    servers.map(named).collect()
}

#[test]
fn every_server_is_there() {
    let files = files();
    let servers: Vec<&str> = files.keys().map(String::as_str).collect();
    assert_eq!(
        servers,
        [
            "asyncssh", "conch", "dropbear", "openssh", "paramiko", "russh", "ssh2", "tinyssh"
        ]
    );
    for (server, files) in &files {
        assert!(files.len() >= 20, "{server}: {}", files.len());
    }
}

#[test]
fn every_conversation_goes_as_it_went() {
    let mut failures = Vec::new();
    for path in files().into_values().flatten() {
        let name = path.display();
        let text = fs::read_to_string(&path).unwrap();
        let transcript: Transcript = match text.parse() {
            Ok(transcript) => transcript,
            Err(error) => {
                failures.push(format!("{name}, {error}"));
                continue;
            }
        };
        if let Err(mismatch) = transcript.check() {
            failures.push(format!("{name}: {mismatch}"));
        }
        assert!(
            text.starts_with("# "),
            "{name} begins with what it was recorded from"
        );
        assert!(text.contains("\nsession version "), "{name}");
        assert_eq!(
            transcript.to_string(),
            text,
            "{name} is in the usual spelling"
        );
        let ends = text.lines().filter(|line| line.starts_with("= "));
        assert_eq!(ends.count(), 1, "{name}");
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}
