//! Known bytes of the wire format, good and bad, each with what must come of it. The bytes are in
//! `unit-tests/client_codec/vectors.rs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use ssh_encoding::Encode;
use ssh_userauth_testing::wire::{
    DecodeError, DecodeReason, MethodMessage, NameList, ServerMessage, encode_exact,
};

use packets::hex;

#[path = "wire_vectors/dialogue.rs"]
mod dialogue;
#[path = "wire_vectors/every_packet.rs"]
mod every_packet;
#[path = "wire_vectors/ext_info.rs"]
mod ext_info;
#[path = "wire_vectors/gssapi.rs"]
mod gssapi;
#[path = "wire_vectors/name_list.rs"]
mod name_list;
#[path = "wire_vectors/number.rs"]
mod number;
#[path = "../unit-tests/client_codec/vectors.rs"]
mod packets;
#[path = "wire_vectors/reply.rs"]
mod reply;
#[path = "wire_vectors/request.rs"]
mod request;
#[path = "wire_vectors/service.rs"]
mod service;
#[path = "wire_vectors/show.rs"]
mod show;
#[path = "wire_vectors/signed.rs"]
mod signed;

const USER: &[u8] = b"u";
const SERVICE: &[u8] = b"ssh-connection";
const ED25519: &[u8] = b"ssh-ed25519";

fn session_id() -> Vec<u8> {
    (0..32).collect()
}

/// An Ed25519 key blob whose key is 32 times this byte.
fn blob(byte: u8) -> Vec<u8> {
    let mut blob = hex("0000000b7373682d6564323535313900000020");
    blob.extend([byte; 32]);
    blob
}

#[track_caller]
fn refused<T: core::fmt::Debug>(result: Result<T, DecodeError>, field: &str, reason: DecodeReason) {
    let error = result.expect_err("must be refused");
    assert_eq!((error.field(), error.reason()), (field, reason), "{error}");
}

/// Encodes, and checks on the way that the length was known beforehand and that the buffer never
/// grew.
#[track_caller]
fn encoded(message: &impl Encode) -> Vec<u8> {
    let bytes = encode_exact(message).unwrap();
    assert_eq!(bytes.len(), message.encoded_len().unwrap());
    assert_eq!(bytes.capacity(), bytes.len());
    bytes
}

#[track_caller]
fn server(bytes: &[u8], expected: &ServerMessage<'_>) {
    assert_eq!(&ServerMessage::decode(bytes).unwrap(), expected);
    assert_eq!(encoded(expected), bytes);
}

/// A server's packet that is a message of the method under way.
#[track_caller]
fn method(bytes: &[u8]) -> MethodMessage<'_> {
    match ServerMessage::decode(bytes).unwrap() {
        ServerMessage::Method(message) => message,
        other => panic!("{other:?}"),
    }
}

fn list(names: &str) -> NameList<'_> {
    NameList::try_from(names).unwrap()
}
