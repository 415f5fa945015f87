//! Servers that others wrote, all started in the same way: one process (or thread) for each
//! connection, on one end of a socket pair. No ports, no daemons, every file in a temporary folder.
//!
//! A [`Site`] says whom the server lets in and how; a [`Server`] is a [`Kind`] configured for it;
//! [`Server::connect`] starts it for one connection. What a kind can't do is in its
//! [`Abilities`].
//!
//! What runs in Python or JavaScript is a program of ours, `interop/servers`, around a library of
//! others that `interop/servers/setup` installs.

mod kind;
mod program;
mod site;
mod start;

use std::net::TcpStream;
use std::os::unix::net::UnixStream;

use core::time::Duration;

pub(crate) use self::kind::python;
pub use self::kind::{Abilities, BannerTime, Extensions, Kind};
pub use self::site::{Round, Site, VouchingHost};
use crate::embedded::{EmbeddedError, EmbeddedPolicy, EmbeddedServer};
use crate::sshd::{Sshd, SshdError, SshdProcess, TestAccount};

/// What keeps a server from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// A process, its files or a user of the system.
    #[error(transparent)]
    Process(#[from] SshdError),
    /// The server in this process.
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    /// The site asks for what this kind of server, or our program around it, can't do.
    #[error("{0} can't {1}")]
    Unable(Kind, &'static str),
}

/// A configured server, ready for any number of connections, one after the other or at once.
#[derive(Debug)]
pub struct Server {
    kind: Kind,
    place: Place,
    user: String,
    password: String,
    rounds: Vec<Vec<String>>,
    /// Behind the place, which may serve it; and its home goes last.
    _account: Option<TestAccount>,
    _home: Option<program::Folder>,
}

/// How a connection is started.
#[derive(Debug)]
enum Place {
    OpenSsh(Sshd),
    Russh(Box<EmbeddedPolicy>),
    Program(Box<program::Program>),
}

impl Server {
    /// The name of the user where the server has users of its own.
    pub const USER: &str = "alice";

    /// The password where the server has users of its own.
    pub const PASSWORD: &str = "correct horse";

    /// Makes everything that a server of `kind` needs for `site`.
    ///
    /// # Errors
    ///
    /// [`ServerError`].
    pub fn new(kind: Kind, site: &Site) -> Result<Self, ServerError> {
        start::server(kind, site)
    }

    /// What it is.
    #[must_use]
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The user that is let in: [`Server::USER`], or a throw-away user of the system.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The user's password.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// The right answers of keyboard-interactive, round by round. PAM's closing round, in which
    /// nothing is asked, is not among them.
    #[must_use]
    pub fn answers(&self) -> &[Vec<String>] {
        &self.rounds
    }

    /// Starts the server for one connection; gives the client's end.
    ///
    /// # Errors
    ///
    /// [`ServerError`] if there is no socket, thread or process to be had.
    pub fn connect(&self) -> Result<(Connection, UnixStream), ServerError> {
        match &self.place {
            Place::OpenSsh(sshd) => {
                let host_key = sshd.host_key(crate::sshd::HostKeyType::Ed25519)?;
                let (process, stream) = sshd.connect()?;
                Ok((Connection::process(process, host_key), stream))
            }
            Place::Program(program) => {
                let (process, stream) = program.connect()?;
                let host_key = program.host_key().to_vec();
                Ok((Connection::process(process, host_key), stream))
            }
            Place::Russh(policy) => {
                let (server, stream) = EmbeddedServer::start(EmbeddedPolicy::clone(policy))?;
                let host_key = server.host_key().to_vec();
                let running = Running::Embedded(server);
                Ok((Connection { host_key, running }, stream))
            }
        }
    }
}

impl Server {
    /// Starts the server on `stream`, which it accepted as it were: its TCP is then the server's
    /// own. Where a server's daemon sets TCP_NODELAY on what it accepts, this does so, too.
    ///
    /// # Errors
    ///
    /// [`ServerError`] if there is no thread or process to be had.
    pub fn serve(&self, stream: TcpStream) -> Result<Connection, ServerError> {
        match &self.place {
            Place::OpenSsh(sshd) => {
                let host_key = sshd.host_key(crate::sshd::HostKeyType::Ed25519)?;
                Ok(Connection::process(sshd.serve(stream.into())?, host_key))
            }
            Place::Program(program) => {
                if self.kind == Kind::Dropbear {
                    // In its loop of accepting, which it has not when started like this.
                    stream.set_nodelay(true).map_err(|error| SshdError::Io {
                        what: "setting TCP_NODELAY",
                        error,
                    })?;
                }
                let process = program.serve(stream.into())?;
                let host_key = program.host_key().to_vec();
                Ok(Connection::process(process, host_key))
            }
            Place::Russh(policy) => {
                let server = EmbeddedServer::serve(EmbeddedPolicy::clone(policy), stream)?;
                let host_key = server.host_key().to_vec();
                let running = Running::Embedded(server);
                Ok(Connection { host_key, running })
            }
        }
    }
}

/// A server at work on one connection. Dropping it ends it.
#[derive(Debug)]
pub struct Connection {
    host_key: Vec<u8>,
    running: Running,
}

#[derive(Debug)]
enum Running {
    Process(SshdProcess),
    Embedded(EmbeddedServer),
}

impl Connection {
    const fn process(process: SshdProcess, host_key: Vec<u8>) -> Self {
        let running = Running::Process(process);
        Self { host_key, running }
    }

    /// The blob of the host key that the client should see.
    #[must_use]
    pub fn host_key(&self) -> &[u8] {
        &self.host_key
    }

    /// What the server wrote to its log so far.
    #[must_use]
    pub fn log(&self) -> String {
        match &self.running {
            Running::Process(process) => process.log(),
            Running::Embedded(server) => server.log().join("\n"),
        }
    }

    /// Waits up to `limit` for a process to end, which it does when the client's end is dropped;
    /// after that the log is complete. Whether it has ended.
    pub fn wait(&mut self, limit: Duration) -> bool {
        match &mut self.running {
            Running::Process(process) => process.wait(limit).is_some(),
            Running::Embedded(_) => true,
        }
    }
}
