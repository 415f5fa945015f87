//! The client's half of the messages of user authentication: what a server sends is decoded, what
//! a client sends is encoded. No state and no copies.
//!
//! - Messages 60 to 79 stay a [`MethodMessage`] until the method that made the request decodes
//!   them: only the request tells what they mean.
//! - Decoding is strict, except for [`Banner`] and [`ServiceAccept`], which some servers encode
//!   incorrectly.
//! - Decoding allocates for the entries that are there, never for the number that a count claims.
//! - Text is bytes: servers send invalid UTF-8, and that is no reason to end a session.
//! - The length of a message is known before it is encoded, so a buffer that holds a password never
//!   grows.
//! - What can hold a secret has no `Debug`.
//!
//! The crate `ssh-userauth-testing` has both halves, written independently. The unit tests compare
//! the two.

use alloc::vec::Vec;

use ssh_encoding::Error;

mod client;
mod cursor;
mod error;
mod layout;
mod name_list;
pub(crate) mod number;
mod server;
#[cfg(test)]
#[path = "../unit-tests/client_codec/tests.rs"]
mod tests;

pub(crate) use client::{
    Request, RequestMethod, Responses, SignedData, StringMessage, method_name,
};
pub use error::{DecodeError, DecodeReason};
pub(crate) use layout::Layout;
pub(crate) use name_list::{NameList, whole_names};
pub(crate) use server::{
    Banner, ExtInfo, Failure, GssapiError, InfoRequestView, MethodMessage, PUBLICKEY_HOSTBOUND,
    PasswdChangeReq, PkOk, ServerMessage, ServiceAccept, gssapi_error_token, gssapi_mechanism,
    gssapi_token,
};

/// The mechanism Kerberos 5, 1.2.840.113554.1.2.2 (RFC 4121 section 1), as an object identifier in
/// DER for [`Config::gssapi_mechanisms`](crate::Config::gssapi_mechanisms()).
pub const KERBEROS_V5: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

/// Whether the bytes have the shape of an object identifier in DER: the tag, a length below 128,
/// and as many bytes. Longer ones don't exist.
pub(crate) fn is_object_identifier(der: &[u8]) -> bool {
    match der {
        [6, length @ 1..=127, content @ ..] => usize::from(*length) == content.len(),
        _ => false,
    }
}

/// Encodes into a buffer of exactly the right size.
pub(crate) fn encode_exact(message: &impl Layout) -> Result<Vec<u8>, Error> {
    encode_within(usize::MAX, message, 0)
}

/// Encodes at most `most` bytes into a buffer with room for `room` more. The buffer never grows, so
/// no reallocation leaves a copy of a password behind.
pub(crate) fn encode_within(
    most: usize,
    message: &impl Layout,
    room: usize,
) -> Result<Vec<u8>, Error> {
    let length = layout::length(message)?;
    let capacity = length.checked_add(room).ok_or(Error::Length)?;
    if length > most {
        return Err(Error::Length);
    }
    let mut buffer = Vec::new();
    buffer
        .try_reserve_exact(capacity)
        .map_err(|_| Error::Length)?;
    layout::write(message, buffer)
}
