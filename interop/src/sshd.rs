//! The real OpenSSH server, one process for each connection.
//!
//! `sshd -i` serves whatever its standard input is, so a socket pair is enough: no port, no
//! daemon, and every file in a temporary folder. As root it admits any user; otherwise only the
//! user it runs as, and only by key, as it cannot read the password file.

mod account;
mod builder;

use alloc::sync::Arc;
use core::time::Duration;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Instant;

use tempfile::TempDir;

use crate::skip;

pub use self::account::TestAccount;
pub use self::builder::{HostKeyType, SshdBuilder};

/// What keeps the harness from working.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SshdError {
    /// No `sshd` in any of the usual places.
    #[error("OpenSSH's sshd is not installed; {INSTALL}")]
    NotInstalled,
    /// Only root can do this.
    #[error("only root can {0}")]
    NotRoot(&'static str),
    /// A file, socket or process was refused.
    #[error("{what}: {error}")]
    Io {
        /// What was being done.
        what: &'static str,
        /// The system's answer.
        error: io::Error,
    },
    /// The system's random numbers are unavailable.
    #[error("no random numbers from the system")]
    Randomness,
    /// A tool ended with an error.
    #[error("{tool} failed: {output}")]
    Tool {
        /// The tool.
        tool: &'static str,
        /// What it printed.
        output: String,
    },
}

const INSTALL: &str =
    "install it with `apt-get install openssh-server` or your system's equivalent";

/// The usual places; sbin is seldom in a plain user's search path.
const PLACES: [&str; 4] = [
    "/usr/sbin/sshd",
    "/usr/local/sbin/sshd",
    "/usr/bin/sshd",
    "/usr/libexec/sshd",
];

fn io_error(what: &'static str) -> impl FnOnce(io::Error) -> SshdError {
    move |error| SshdError::Io { what, error }
}

pub(crate) fn run(tool: &'static str, command: &mut Command) -> Result<(), SshdError> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(io_error(tool))?;
    check(tool, &output)
}

fn check(tool: &'static str, output: &std::process::Output) -> Result<(), SshdError> {
    if output.status.success() {
        return Ok(());
    }
    let output = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(SshdError::Tool { tool, output })
}

/// Whether this process runs as root.
#[must_use]
pub fn is_root() -> bool {
    // The owner of a process's folder is its effective user.
    fs::metadata("/proc/self").is_ok_and(|metadata| metadata.uid() == 0)
}

/// The name of the user this process runs as, by `id -un`: the one user a server not run as root
/// can admit.
///
/// # Errors
///
/// [`SshdError::Tool`] or [`SshdError::Io`] if `id` does not work.
pub fn current_user() -> Result<String, SshdError> {
    let output = Command::new("id")
        .arg("-un")
        .output()
        .map_err(io_error("id"))?;
    check("id", &output)?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// For tests: the server's path; `None`, which is said aloud, if it is not installed.
///
/// # Panics
///
/// If it is not installed and the environment has `CI` set: there, a skipped test is a failure.
#[must_use]
pub fn require() -> Option<PathBuf> {
    let binary = Sshd::binary();
    if binary.is_none() {
        skip::without(format_args!("OpenSSH's sshd: {INSTALL}"));
    }
    binary
}

/// For tests: whether there is an sshd that can let any user in, and the right to make one; if
/// not, it is said aloud.
///
/// # Panics
///
/// As [`require`].
#[must_use]
pub fn require_root() -> bool {
    if require().is_none() {
        return false;
    }
    let root = is_root();
    if !root {
        skip::without("root, who can make users");
    }
    root
}

/// A configured server, ready for any number of connections.
#[derive(Debug, Clone)]
pub struct Sshd {
    binary: PathBuf,
    dir: Arc<TempDir>,
}

impl Sshd {
    /// A server with an Ed25519 host key, nobody admitted, and without PAM.
    #[must_use]
    pub fn builder() -> SshdBuilder {
        SshdBuilder::new()
    }

    /// Where the server is installed: what the environment says in `SSHD`, else one of the usual
    /// places. sshd starts itself again for each connection and insists on an absolute path.
    #[must_use]
    pub fn binary() -> Option<PathBuf> {
        if let Some(named) = std::env::var_os("SSHD") {
            return Some(PathBuf::from(named)).filter(|path| path.is_file());
        }
        let mut places = PLACES.iter().map(PathBuf::from);
        places.find(|place| place.is_file())
    }

    /// Whether the server is installed.
    #[must_use]
    pub fn is_installed() -> bool {
        Self::binary().is_some()
    }

    /// The temporary folder with everything in it; removed with the last of this server's values.
    #[must_use]
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    /// The blob of a host key.
    ///
    /// # Errors
    ///
    /// [`SshdError::Io`] if there is no such key.
    pub fn host_key(&self, key: HostKeyType) -> Result<Vec<u8>, SshdError> {
        let path = self.dir().join(key.file()).with_extension("pub");
        let line = fs::read_to_string(path).map_err(io_error("reading a host key"))?;
        ssh_key::PublicKey::from_openssh(line.trim())
            .and_then(|key| key.to_bytes())
            .map_err(|error| SshdError::Io {
                what: "reading a host key",
                error: io::Error::other(error),
            })
    }

    /// Starts a process for one connection; gives the client's end.
    ///
    /// # Errors
    ///
    /// [`SshdError::Io`] if there is no socket or process to be had.
    pub fn connect(&self) -> Result<(SshdProcess, UnixStream), SshdError> {
        SshdProcess::start(self.command(), &self.dir)
    }

    /// Starts a process on `socket`, the server's end of a connection.
    ///
    /// # Errors
    ///
    /// [`SshdError::Io`] if there is no process to be had.
    pub fn serve(&self, socket: OwnedFd) -> Result<SshdProcess, SshdError> {
        SshdProcess::serve(self.command(), &self.dir, socket)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(["-i", "-e", "-f"]);
        command.arg(self.dir().join("sshd_config"));
        command
    }
}

/// A running `sshd -i`, or another server of that kind. Dropping it kills the process.
#[derive(Debug)]
pub struct SshdProcess {
    child: Child,
    log: tempfile::NamedTempFile,
    /// Kept until the process has ended.
    _dir: Arc<TempDir>,
}

impl SshdProcess {
    /// Starts `command` with one end of a socket pair as its standard input and output, and its
    /// errors in a file in `dir`; gives the other end.
    pub(crate) fn start(
        command: Command,
        dir: &Arc<TempDir>,
    ) -> Result<(Self, UnixStream), SshdError> {
        let (client, server) = UnixStream::pair().map_err(io_error("starting a server"))?;
        Ok((Self::serve(command, dir, server.into())?, client))
    }

    /// Likewise, on a socket that there is already.
    pub(crate) fn serve(
        mut command: Command,
        dir: &Arc<TempDir>,
        socket: OwnedFd,
    ) -> Result<Self, SshdError> {
        let what = "starting a server";
        let output = socket.try_clone().map_err(io_error(what))?;
        let log = tempfile::NamedTempFile::new_in(dir.path()).map_err(io_error(what))?;
        let errors = log.reopen().map_err(io_error(what))?;
        let child = command
            .stdin(socket)
            .stdout(output)
            .stderr(errors)
            .spawn()
            .map_err(io_error(what))?;
        Ok(Self {
            child,
            log,
            _dir: Arc::clone(dir),
        })
    }

    /// What the server wrote to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        let bytes = fs::read(self.log.path()).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// Waits up to `limit` for the process to end, which it does when the client's end is dropped;
    /// after that the log is complete.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status);
            }
            if start.elapsed() >= limit {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for SshdProcess {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}
