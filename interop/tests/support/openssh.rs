//! Logins to the real OpenSSH server.

use core::time::Duration;

use interop::blocking::LoginError;
use interop::sshd::{self, HostKeyType, Sshd, SshdBuilder, TestAccount};
use ssh_userauth::Config;

use super::session::{disconnect, run_command};
use super::user::TestUser;
use super::{Login, connect, log_in};
use crate::support::one_by_one;

/// A login to sshd that has come to its end, with the server's complete log.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) login: Login,
    pub(crate) log: String,
}

/// The user that every sshd can admit by key; `None` if there is no sshd, which is said aloud.
pub(crate) fn key_user() -> Option<String> {
    sshd::require()?;
    Some(sshd::current_user().unwrap())
}

/// A user with a password; `None` if there is no sshd or no way to make one, which is said aloud.
pub(crate) fn password_user() -> Option<TestAccount> {
    sshd::require_root().then(|| TestAccount::create().unwrap())
}

/// A server that says in its log what was asked of it and what it thought of it.
pub(crate) fn server() -> SshdBuilder {
    Sshd::builder().log_level("DEBUG2")
}

/// Logs `name` in, one request at a time.
pub(crate) fn run(builder: SshdBuilder, name: &str, user: TestUser) -> Run {
    run_with(builder, one_by_one(name), user)
}

/// Logs in. Behind a success a command must run as that user; behind a run that ended by itself
/// the server is told why.
pub(crate) fn run_with(builder: SshdBuilder, config: Config, user: TestUser) -> Run {
    let server = builder.build().unwrap();
    let host_key = server.host_key(HostKeyType::Ed25519).unwrap();
    let (mut process, stream) = server.connect().unwrap();
    let mut transport = connect(stream, &host_key);
    let login = log_in(&mut transport, config, user);
    match &login.result {
        Ok(_) => {
            let output = run_command(&mut transport, "expr 6 '*' 7");
            // Behind whatever the user's shell says by itself.
            assert!(output.ends_with("42\n"), "{output}");
        }
        Err(LoginError::GaveUp(why)) => drop(disconnect(&mut transport, why)),
        Err(_) => {}
    }
    drop(transport);
    let ended = process.wait(Duration::from_secs(20));
    let log = process.log();
    assert!(ended.is_some(), "sshd did not end\n{log}");
    Run { login, log }
}

impl Run {
    /// Whether a line of the log holds all of `parts`.
    pub(crate) fn logged(&self, parts: &[&str]) -> bool {
        let all = |line: &str| parts.iter().all(|part| line.contains(part));
        self.log.lines().any(all)
    }

    /// The methods of the requests that the server saw, by its log.
    pub(crate) fn requests(&self) -> Vec<&str> {
        let requests = self.log.lines().filter_map(|line| {
            let (_, rest) = line.split_once(" service ssh-connection method ")?;
            rest.split(' ').next()
        });
        requests.collect()
    }

    /// A line of the log must hold all of `parts`.
    #[track_caller]
    pub(crate) fn assert_logged(&self, parts: &[&str]) {
        assert!(self.logged(parts), "no line with {parts:?}\n{}", self.log);
    }
}
