//! The values that callers make and read: what is taken, what is refused, and how they are written.
//! Public API only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ssh_userauth::{Config, ConfigError, Identity, Session, UserAuthClient};

use blobs::sized_blob;
use driver::client_in;

#[path = "support/blobs.rs"]
mod blobs;
#[path = "values/config.rs"]
mod config;
#[path = "support/driver.rs"]
mod driver;
#[path = "values/identity.rs"]
mod identity;
#[path = "values/questions.rs"]
mod questions;
#[path = "values/text.rs"]
mod text;

/// Why a configuration can't be used, if it can't.
fn refusal(config: Config) -> Option<ConfigError> {
    UserAuthClient::new(config, Session::encrypted([1; 32])).err()
}

/// A machine whose service was accepted, and which sends one request at a time.
fn client(config: Config) -> UserAuthClient {
    client_in(config, Session::encrypted([1; 32]))
}

fn key(key_type: &str) -> Identity {
    Identity::from_blob(sized_blob(key_type, 64)).unwrap()
}
