//! A server that is a program, with its files in a temporary folder.

use alloc::sync::Arc;
use std::ffi::OsString;
use std::fs;
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use ssh_key::{LineEnding, PrivateKey};
use tempfile::TempDir;

use super::ServerError;
use crate::embedded::demo_key;
use crate::sshd::{SshdError, SshdProcess};

/// A program that serves the connection on its standard input.
#[derive(Debug)]
pub(super) struct Program {
    pub(super) binary: PathBuf,
    pub(super) arguments: Vec<OsString>,
    pub(super) folder: Folder,
}

impl Program {
    pub(super) fn connect(&self) -> Result<(SshdProcess, UnixStream), ServerError> {
        Ok(SshdProcess::start(self.command(), &self.folder.dir)?)
    }

    pub(super) fn serve(&self, socket: OwnedFd) -> Result<SshdProcess, ServerError> {
        Ok(SshdProcess::serve(
            self.command(),
            &self.folder.dir,
            socket,
        )?)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(&self.arguments);
        command
    }

    pub(super) fn host_key(&self) -> &[u8] {
        &self.folder.host_key_blob
    }
}

/// A temporary folder with a host key in it.
#[derive(Debug)]
pub(super) struct Folder {
    dir: Arc<TempDir>,
    host_key: PrivateKey,
    host_key_blob: Vec<u8>,
}

impl Folder {
    /// A new folder, readable by all; the host key is in `host_key`.
    pub(super) fn new() -> Result<Self, ServerError> {
        Self::new_in(&std::env::temp_dir())
    }

    /// The same inside another folder.
    pub(super) fn new_in(parent: &Path) -> Result<Self, ServerError> {
        let dir = tempfile::Builder::new()
            .prefix("server-")
            .tempdir_in(parent);
        let dir = dir.map_err(io("making a temporary folder"))?;
        let host_key = demo_key("host")?;
        let made = host_key
            .write_openssh_file(dir.path().join("host_key"), LineEnding::LF)
            .and_then(|()| host_key.public_key().to_bytes());
        let host_key_blob = made.map_err(crate::embedded::EmbeddedError::Key)?;
        let folder = Self {
            dir: Arc::new(dir),
            host_key,
            host_key_blob,
        };
        set_mode(folder.path(), 0o755)?;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) const fn host_key(&self) -> &PrivateKey {
        &self.host_key
    }

    /// Puts a file into the folder; gives its path.
    pub(super) fn file(&self, name: &str, contents: &[u8]) -> Result<PathBuf, ServerError> {
        let path = self.path().join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io("making a folder for a server"))?;
        }
        fs::write(&path, contents).map_err(io("writing a file for a server"))?;
        Ok(path)
    }
}

pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), ServerError> {
    let set = fs::set_permissions(path, fs::Permissions::from_mode(mode));
    Ok(set.map_err(io("setting a file's mode"))?)
}

fn io(what: &'static str) -> impl FnOnce(std::io::Error) -> SshdError {
    move |error| SshdError::Io { what, error }
}
