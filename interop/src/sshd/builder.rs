//! A server's configuration, keys and files.

use alloc::sync::Arc;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use super::{Sshd, SshdError, SshdProcess, io_error, is_root, run};

/// A type of host key to make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeyType {
    /// `ssh-ed25519`.
    Ed25519,
    /// `ecdsa-sha2-nistp256`.
    EcdsaP256,
    /// RSA with 2048 bits.
    Rsa,
}

impl HostKeyType {
    /// Every type.
    pub const ALL: &'static [Self] = &[Self::Ed25519, Self::EcdsaP256, Self::Rsa];

    const fn arguments(self) -> [&'static str; 4] {
        match self {
            Self::Ed25519 => ["-t", "ed25519", "-b", "256"],
            Self::EcdsaP256 => ["-t", "ecdsa", "-b", "256"],
            Self::Rsa => ["-t", "rsa", "-b", "2048"],
        }
    }

    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Ed25519 => "host_ed25519",
            Self::EcdsaP256 => "host_ecdsa",
            Self::Rsa => "host_rsa",
        }
    }
}

/// What a server is to be like.
#[derive(Debug, Clone)]
pub struct SshdBuilder {
    authorized: Vec<String>,
    lines: Vec<String>,
    files: Vec<(String, String)>,
    host_keys: Vec<HostKeyType>,
    pam: bool,
    log_level: String,
}

impl SshdBuilder {
    pub(super) fn new() -> Self {
        Self {
            authorized: Vec::new(),
            lines: Vec::new(),
            files: Vec::new(),
            host_keys: vec![HostKeyType::Ed25519],
            pam: false,
            log_level: "VERBOSE".to_owned(),
        }
    }

    /// Admits the key of `line`, in the form of an authorized_keys file.
    #[must_use]
    pub fn authorized_key(mut self, line: &str) -> Self {
        self.authorized.push(line.trim().to_owned());
        self
    }

    /// Adds a line to the configuration. It comes ahead of the harness's own lines, and sshd takes
    /// the first value it finds. `{dir}` stands for the temporary folder.
    #[must_use]
    pub fn config_line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    /// Puts a file, readable by all, into the temporary folder: a banner or a certificate
    /// authority's key for the configuration to name.
    #[must_use]
    pub fn file(mut self, name: &str, contents: &str) -> Self {
        self.files.push((name.to_owned(), contents.to_owned()));
        self
    }

    /// The host keys to make; an Ed25519 key unless told otherwise.
    #[must_use]
    pub fn host_keys(mut self, types: &[HostKeyType]) -> Self {
        self.host_keys = types.to_vec();
        self
    }

    /// Whether to use PAM, which is where keyboard-interactive and system passwords come from.
    #[must_use]
    pub const fn use_pam(mut self, pam: bool) -> Self {
        self.pam = pam;
        self
    }

    /// sshd's LogLevel; `VERBOSE` unless told otherwise.
    #[must_use]
    pub fn log_level(mut self, level: &str) -> Self {
        level.clone_into(&mut self.log_level);
        self
    }

    /// Makes the keys and files, after which connections can be started.
    ///
    /// # Errors
    ///
    /// [`SshdError`]: not installed, or a file or a key could not be made.
    pub fn build(self) -> Result<Sshd, SshdError> {
        let binary = Sshd::binary().ok_or(SshdError::NotInstalled)?;
        if is_root() {
            // Privilege separation wants this folder; a package's boot scripts make it otherwise.
            let made = fs::create_dir_all("/run/sshd");
            made.map_err(io_error("making /run/sshd"))?;
        }
        let dir = tempfile::Builder::new()
            .prefix("sshd-")
            .tempdir()
            .map_err(io_error("making a temporary folder"))?;
        // As root, sshd reads authorized_keys with the rights of the user that logs in.
        set_mode(dir.path(), 0o755)?;
        for key in &self.host_keys {
            let mut keygen = Command::new("ssh-keygen");
            keygen.args(["-q", "-N", "", "-C", "", "-f"]);
            keygen.arg(dir.path().join(key.file()));
            run("ssh-keygen", keygen.args(key.arguments()))?;
        }
        let authorized = self.authorized.join("\n") + "\n";
        let config = self.config(dir.path());
        let own = [
            ("authorized_keys", authorized.as_str()),
            ("sshd_config", config.as_str()),
        ];
        let files = self.files.iter();
        let files = files.map(|(name, contents)| (name.as_str(), contents.as_str()));
        for (name, contents) in files.chain(own) {
            let path = dir.path().join(name);
            fs::write(&path, contents).map_err(io_error("writing a file for sshd"))?;
            set_mode(&path, 0o644)?;
        }
        Ok(Sshd {
            binary,
            dir: Arc::new(dir),
        })
    }

    /// Makes everything and starts one connection.
    ///
    /// # Errors
    ///
    /// As for [`SshdBuilder::build`] and [`Sshd::connect`].
    pub fn start(self) -> Result<(SshdProcess, UnixStream), SshdError> {
        self.build()?.connect()
    }

    fn config(&self, dir: &Path) -> String {
        let mut lines = self.lines.clone();
        for key in &self.host_keys {
            lines.push(format!("HostKey {{dir}}/{}", key.file()));
        }
        lines.push(format!("LogLevel {}", self.log_level));
        lines.push(format!("UsePAM {}", if self.pam { "yes" } else { "no" }));
        for line in [
            "AuthorizedKeysFile {dir}/authorized_keys",
            // A temporary folder is below one that everybody can write to.
            "StrictModes no",
            "PidFile none",
            "UseDNS no",
            "PermitRootLogin yes",
        ] {
            lines.push(line.to_owned());
        }
        let text = lines.join("\n") + "\n";
        text.replace("{dir}", &dir.to_string_lossy())
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<(), SshdError> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
        .map_err(io_error("setting a file's mode"))
}
