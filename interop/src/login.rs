//! The login command: a complete caller of the state machine, for a person at a terminal.
//!
//! Without a host it logs in to the [embedded server](crate::embedded) and prints the conversation.
//! With one it is a small `ssh`: host keys from `known_hosts`, keys from files and from the agent,
//! passwords and prompts from the terminal, and then one command in one session channel.
//!
//! The state machine asks, a `Caller` answers: a script in the demonstration, a person in a real
//! login. Both are driven by the same blocking loop and drawn by the same ladder.

mod agent;
mod channel;
mod converse;
mod demo;
mod diagram;
mod failure;
mod files;
mod keys;
mod known_hosts;
mod ladder;
mod local_host;
mod look;
mod options;
mod person;
mod remarks;
mod remote;
mod terminal;
mod text;

use std::ffi::OsString;
use std::io::Write as _;
use std::process::ExitCode;

use self::failure::Failure;
use self::options::Request;

/// What `ssh` exits with when it, rather than the remote command, failed.
const FAILED: u8 = 255;

/// Runs the command with this process's arguments.
#[must_use]
pub fn main() -> ExitCode {
    match run(std::env::args_os().skip(1)) {
        Ok(status) => ExitCode::from(status),
        Err(failure) => {
            warn(&failure.to_string());
            ExitCode::from(FAILED)
        }
    }
}

/// A line on standard output. Nobody reading it is no reason to fail, as it is with `println!`.
fn say(line: &str) {
    let _unread = writeln!(std::io::stdout(), "{line}");
}

/// A line of ours on standard error.
fn warn(line: &str) {
    let _unread = writeln!(std::io::stderr(), "login: {line}");
}

/// Gives the exit status.
fn run(arguments: impl Iterator<Item = OsString>) -> Result<u8, Failure> {
    match options::parse(arguments)? {
        Request::Help => {
            say(options::HELP.trim_end());
            Ok(0)
        }
        Request::Demo(flags) => demo::run(&flags),
        Request::Login(options) => remote::run(&options),
    }
}
