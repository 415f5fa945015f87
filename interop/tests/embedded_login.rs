//! Logins to the embedded server, which any machine has.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

extern crate alloc;

#[path = "embedded_login/endings.rs"]
mod endings;
#[path = "embedded_login/interactive.rs"]
mod interactive;
#[path = "embedded_login/logins.rs"]
mod logins;
#[path = "support/support.rs"]
mod support;

use interop::embedded::{EmbeddedPolicy, EmbeddedServer};
use interop::transport::ClientConfig;
use ssh_userauth::Config;

use support::session::run_command;
use support::user::TestUser;
use support::{Login, connect_with, log_in, one_by_one};

/// A server for `demo` and nobody else.
fn policy() -> EmbeddedPolicy {
    EmbeddedPolicy::new("demo").with_greeting("hello\n")
}

/// Logs `demo` in; behind a success a command must run. Gives the server's log, too.
fn run(policy: EmbeddedPolicy, user: TestUser) -> (Login, Vec<String>) {
    run_with(policy, one_by_one("demo"), user)
}

fn run_with(policy: EmbeddedPolicy, config: Config, user: TestUser) -> (Login, Vec<String>) {
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let mut transport = connect_with(stream, server.host_key(), ClientConfig::new());
    let login = log_in(&mut transport, config, user);
    if login.result.is_ok() {
        assert_eq!(run_command(&mut transport, "true"), "hello\n");
    }
    (login, server.log())
}
