//! Who logs in: keys, in memory and in files, and a password.

use std::fs;
use std::path::{Path, PathBuf};

use ssh_key::{LineEnding, PrivateKey};
use ssh_userauth::Identity;
use tempfile::TempDir;

use super::Failure;
use super::case::Case;
use crate::embedded::{EmbeddedError, demo_key};
use crate::servers::Server;

/// A user with everything that a case takes.
#[derive(Debug)]
pub(super) struct Person {
    keys: Vec<(Identity, PrivateKey)>,
    folder: TempDir,
    pub(super) user: String,
    pub(super) password: String,
    /// To the one question of keyboard-interactive.
    pub(super) answer: String,
}

impl Person {
    /// New keys for `case`; name and password come with the server.
    pub(super) fn new(case: Case) -> Result<Self, Failure> {
        let folder = tempfile::Builder::new().prefix("round-trips-").tempdir()?;
        let mut keys = Vec::new();
        for number in 0..case.keys() {
            let key = demo_key(&format!("key-{number}"))?;
            let file = folder.path().join(format!("key-{number}"));
            let identity = Identity::try_from(key.public_key())?;
            key.write_openssh_file(&file, LineEnding::LF)
                .map_err(EmbeddedError::Key)?;
            keys.push((identity, key));
        }
        Ok(Self {
            keys,
            folder,
            user: String::new(),
            password: String::new(),
            answer: String::new(),
        })
    }

    /// The public keys as lines of an authorized_keys file.
    pub(super) fn lines(&self) -> Result<Vec<String>, Failure> {
        let lines = self.keys.iter();
        let lines = lines.map(|(_, key)| key.public_key().to_openssh());
        let lines: Result<_, _> = lines.collect();
        Ok(lines.map_err(EmbeddedError::Key)?)
    }

    /// Becomes the user of `server`.
    pub(super) fn know(&mut self, server: &Server) {
        server.user().clone_into(&mut self.user);
        server.password().clone_into(&mut self.password);
        let answers = server.answers().iter().flatten();
        self.answer = answers.last().cloned().unwrap_or_default();
    }

    pub(super) fn identities(&self) -> impl Iterator<Item = Identity> {
        self.keys.iter().map(|(identity, _)| identity.clone())
    }

    pub(super) fn private(&self, wanted: &Identity) -> Option<&PrivateKey> {
        let mut keys = self.keys.iter();
        keys.find(|(identity, _)| identity == wanted)
            .map(|(_, key)| key)
    }

    /// The private keys' files.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        let files = 0..self.keys.len();
        files.map(|number| self.folder.path().join(format!("key-{number}")))
    }

    /// A program that prints what a person would type, for `ssh`.
    pub(super) fn askpass(&self, case: Case) -> Result<PathBuf, Failure> {
        use std::os::unix::fs::PermissionsExt as _;
        let said = self.secret(case);
        let secret = self.folder.path().join("secret");
        fs::write(&secret, format!("{said}\n"))?;
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
        let program = self.folder.path().join("askpass");
        let script = format!("#!/bin/sh\nexec cat '{}'\n", secret.display());
        fs::write(&program, script)?;
        fs::set_permissions(&program, fs::Permissions::from_mode(0o700))?;
        Ok(program)
    }

    /// What a person would type in this case.
    pub(super) fn secret(&self, case: Case) -> &str {
        match case {
            Case::Interactive => &self.answer,
            _ => &self.password,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }
}
