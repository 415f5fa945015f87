//! A user with a home of his own, and somebody who answers for him.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use interop::embedded::EmbeddedServer;
use ssh_key::PublicKey;
use tempfile::TempDir;

pub(crate) const LOGIN: &str = env!("CARGO_BIN_EXE_login");

/// A user. Commands run in his home, see nothing of the real one's environment, and are answered
/// by a program.
#[derive(Debug)]
pub(crate) struct User {
    home: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    #[track_caller]
    pub(crate) fn expect(&self, status: i32) {
        assert_eq!(self.status, Some(status), "{}{}", self.out, self.err);
    }

    /// One line on standard error with `reason` in it, nothing else, and the status of `ssh`.
    #[track_caller]
    pub(crate) fn expect_failure(&self, reason: &str) {
        self.expect(255);
        assert_eq!(self.out, "");
        assert_eq!(self.err.lines().count(), 1, "{}", self.err);
        assert!(self.err.starts_with("login: "), "{}", self.err);
        assert!(self.err.contains(reason), "{reason}\n{}", self.err);
    }
}

/// Looks up its argument in a file of patterns and answers, and notes the question.
const ASKPASS: &str = r#"#!/bin/sh
printf '%s\n' "$1" >> "$HOME/asked"
while read -r pattern; read -r answer; do
    case "$1" in $pattern) printf '%s\n' "$answer"; exit 0;; esac
done < "$HOME/answers"
exit 1
"#;

impl User {
    pub(crate) fn new() -> Self {
        let user = Self {
            home: tempfile::tempdir().unwrap(),
        };
        user.write("askpass", ASKPASS);
        user.write("answers", "");
        user.write("asked", "");
        let executable = fs::Permissions::from_mode(0o700);
        fs::set_permissions(user.path("askpass"), executable).unwrap();
        user
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn write(&self, name: &str, contents: &str) {
        fs::write(self.path(name), contents).unwrap();
    }

    /// Answers prompts that match `pattern` of the shell with `answer`, ahead of older patterns
    /// that are longer.
    pub(crate) fn answer(&self, pattern: &str, answer: &str) {
        let pattern = pattern.replace(' ', "?");
        let mut answers: Vec<(String, String)> = Vec::new();
        let old = self.read("answers");
        let mut lines = old.lines();
        while let (Some(pattern), Some(answer)) = (lines.next(), lines.next()) {
            answers.push((pattern.to_owned(), answer.to_owned()));
        }
        answers.retain(|(old, _)| *old != pattern);
        answers.push((pattern, answer.to_owned()));
        answers.sort_by_key(|(pattern, _)| core::cmp::Reverse(pattern.len()));
        let lines = answers
            .iter()
            .map(|(pattern, answer)| format!("{pattern}\n{answer}\n"));
        self.write("answers", &lines.collect::<String>());
    }

    /// Everything that was asked so far.
    pub(crate) fn asked(&self) -> String {
        self.read("asked")
    }

    /// Makes the host key of `server` known.
    pub(crate) fn trust(&self, server: &EmbeddedServer, port: &str) {
        self.trust_key(server.host_key(), port);
    }

    pub(crate) fn trust_key(&self, host_key: &[u8], port: &str) {
        let key = PublicKey::from_bytes(host_key).unwrap();
        let line = format!("[127.0.0.1]:{port} {}\n", key.to_openssh().unwrap().trim());
        fs::create_dir_all(self.path(".ssh")).unwrap();
        self.write(".ssh/known_hosts", &line);
    }

    /// Makes a key at `name` and gives its public blob.
    pub(crate) fn make_key(&self, name: &str, key_type: &str, passphrase: &str) -> Vec<u8> {
        let mut keygen = self.command("ssh-keygen");
        keygen.args([
            "-q", "-t", key_type, "-N", passphrase, "-C", name, "-f", name,
        ]);
        assert!(keygen.status().unwrap().success());
        let line = self.read(&format!("{name}.pub"));
        PublicKey::from_openssh(line.trim())
            .unwrap()
            .to_bytes()
            .unwrap()
    }

    /// Certifies the key at `name` for `principal` by the authority at `authority`.
    pub(crate) fn certify(&self, authority: &str, name: &str, principal: &str) {
        let mut keygen = self.command("ssh-keygen");
        keygen.args(["-q", "-s", authority, "-I", "test", "-n", principal]);
        assert!(
            keygen
                .arg(format!("{name}.pub"))
                .status()
                .unwrap()
                .success()
        );
    }

    /// A program in this user's environment.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.home.path())
            .env_clear()
            .env("HOME", self.home.path())
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("SSH_ASKPASS", self.path("askpass"))
            .env("SSH_ASKPASS_REQUIRE", "force")
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        self.run_with(arguments, |_| {})
    }

    /// Runs the login command, in an environment that `prepare` can change.
    pub(crate) fn run_with(&self, arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Ran {
        let mut command = self.command(LOGIN);
        command.args(arguments);
        prepare(&mut command);
        let output = command.output().unwrap();
        Ran {
            status: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}
