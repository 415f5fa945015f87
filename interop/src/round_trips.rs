//! The command that measures round trips: servers that others wrote, five kinds of login, this
//! repository's client with each of its policies and three clients that others wrote, all over the
//! same [link with a delay](crate::delay).
//!
//! What is measured lies between the client's NEWKEYS leaving it and SUCCESS reaching it. A client
//! in another process tells that it is logged in, and the time is that of the last bytes which the
//! server had got to it by then.

mod case;
mod door;
mod foreign;
mod measure;
mod options;
mod own;
mod person;
mod table;

use std::io::Write as _;
use std::process::ExitCode;

use self::options::{Options, Request};
use crate::blocking::LoginError;
use crate::embedded::EmbeddedError;
use crate::servers::ServerError;
use crate::transport::TransportError;

/// What keeps a number from being measured.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error(transparent)]
    Server(#[from] ServerError),
    #[error(transparent)]
    Embedded(#[from] EmbeddedError),
    #[error(transparent)]
    Transport(#[from] TransportError),
    #[error(transparent)]
    Identity(#[from] ssh_userauth::IdentityError),
    #[error(transparent)]
    Config(#[from] ssh_userauth::ConfigError),
    #[error(transparent)]
    Login(#[from] LoginError),
    #[error("{0}")]
    Client(String),
    #[error("the link did not see the login")]
    NotSeen,
}

/// Runs the command with this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    let done = match options::parse(std::env::args_os().skip(1)) {
        Ok(Request::Help) => {
            say(options::HELP.trim_end());
            Ok(true)
        }
        Ok(Request::Measure(options)) => run(&options),
        Err(failure) => Err(failure),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            warn(&failure.to_string());
            ExitCode::FAILURE
        }
    }
}

/// A line on standard output. Nobody reading it is no reason to fail, as it is with `println!`.
fn say(line: &str) {
    let _unread = writeln!(std::io::stdout(), "{line}");
}

/// A line of ours on standard error.
fn warn(line: &str) {
    let _unread = writeln!(std::io::stderr(), "round_trips: {line}");
}

/// Measures and prints one server after the other; whether everything could be measured.
fn run(options: &Options) -> Result<bool, Failure> {
    let clients = able_clients(options);
    let versions: Vec<String> = clients
        .iter()
        .filter_map(|it| foreign::version(*it))
        .collect();
    if !versions.is_empty() {
        say(&format!("clients: {}", versions.join(", ")));
    }
    let mut complete = clients.len() == options.clients.len();
    for kind in options.servers.iter().copied() {
        if let Some(problem) = kind.problem() {
            warn(&format!("{kind}: {problem}"));
            complete = false;
            continue;
        }
        let measured = measure::server(kind, &clients, options)?;
        say(&table::render(&measured, options));
        for note in &measured.notes {
            warn(note);
        }
        complete &= measured.notes.is_empty();
    }
    Ok(complete)
}

/// The clients that can be run here.
fn able_clients(options: &Options) -> Vec<case::Client> {
    let clients = options.clients.iter().copied();
    let able = clients.filter(|client| {
        let problem = foreign::problem(*client);
        if let Some(problem) = &problem {
            warn(&format!("{client}: {problem}"));
        }
        problem.is_none()
    });
    able.collect()
}
