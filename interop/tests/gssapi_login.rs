//! Logins by Kerberos tickets to the real OpenSSH server, in a realm of this test's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    dead_code
)]

extern crate alloc;

#[path = "gssapi_login/command.rs"]
mod command;
#[path = "login_command/daemon.rs"]
mod daemon;
#[path = "gssapi_login/realm.rs"]
mod realm;
#[path = "support/support.rs"]
mod support;
#[path = "gssapi_login/tickets.rs"]
mod tickets;
#[path = "login_command/user.rs"]
mod user;
