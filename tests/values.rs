//! The values that callers make and read: what is taken, what is refused, and how they are written.
//! Public API only.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use ssh_encoding::Encode;
use ssh_userauth::wire::{Failure, NameList, encode_exact};
use ssh_userauth::{
    Action, Config, ConfigError, Identity, Pipelining, ServiceRequest, Session, UserAuthClient,
};

#[path = "values/config.rs"]
mod config;
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

fn client_in(config: Config, session: Session) -> UserAuthClient {
    let session = session.service_request(ServiceRequest::Accepted);
    UserAuthClient::new(config.pipelining(Pipelining::Off), session).unwrap()
}

/// All that comes out but the last action, which is returned.
fn last(client: &mut UserAuthClient) -> Action {
    core::iter::from_fn(|| client.poll_action())
        .last()
        .expect("something comes out")
}

/// The request that comes out is on its way.
fn send(client: &mut UserAuthClient) {
    assert!(matches!(last(client), Action::SendRequest(_)));
}

fn hear(client: &mut UserAuthClient, message: &impl Encode) {
    client
        .handle_packet(&encode_exact(message).unwrap())
        .unwrap();
}

fn refuse(client: &mut UserAuthClient, methods: &'static str) {
    let methods = NameList::try_from(methods).unwrap();
    let partial_success = false;
    hear(
        client,
        &Failure {
            methods,
            partial_success,
        },
    );
}

/// The question that comes, of this kind.
macro_rules! ask {
    ($client:expr, $variant:ident) => {
        match crate::last($client) {
            Action::$variant(need) => need,
            other => panic!("{} was expected, not {other:?}", stringify!($variant)),
        }
    };
}
use ask;

/// A key of this type, of so many bytes in all.
fn blob(key_type: &str, length: usize) -> Vec<u8> {
    let mut blob = u32::try_from(key_type.len())
        .unwrap()
        .to_be_bytes()
        .to_vec();
    blob.extend(key_type.as_bytes());
    blob.resize(length, 7);
    blob
}

fn key(key_type: &str) -> Identity {
    Identity::from_blob(blob(key_type, 64)).unwrap()
}
