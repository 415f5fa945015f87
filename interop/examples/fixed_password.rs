//! A test's client that knows one password, and nothing else.
//!
//! ```sh
//! cargo run -p interop --example fixed_password
//! ```
//!
//! In Twisted Conch: a subclass of `SSHUserAuthClient` with `getPassword` and no more.

#[path = "support/connect.rs"]
mod connect;

use core::error::Error;
use std::io::{Read, Write};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method};
use interop::transport::Transport;
use ssh_userauth::{Action, Authenticated, Config};

/// Logs in with this password or fails. A second question for it means that it was wrong, and
/// declining it ends the run, where Conch's subclass sends the same password for ever.
pub(crate) fn log_in<S: Read + Write>(
    stream: S,
    host_key: &[u8],
    user: &str,
    password: &str,
) -> Result<(Transport<S>, Authenticated), Box<dyn Error>> {
    let config = Config::new(user).methods([ssh_userauth::Method::Password]);
    connect::connect(stream, host_key, config, |action| match action {
        Action::NeedPassword(need) if need.previous().is_none() => Some(need.password(password)),
        other => other.decline(),
    })
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let policy = EmbeddedPolicy::new("testuser")
        .with_password("testpass")
        .then(Method::Password);
    let (server, stream) = EmbeddedServer::start(policy)?;
    let (_transport, done) = log_in(stream, server.host_key(), "testuser", "testpass")?;
    println!("started {}", done.service());
    Ok(())
}
