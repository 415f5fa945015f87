//! The messages of user authentication as bytes: no state, no role, no copies.
//!
//! A type borrows the payload it was decoded from, and encodes through [`ssh_encoding::Encode`]. A
//! payload is what a transport has decrypted and taken out of its padding: the message number and
//! the fields.
//!
//! - [`ServerMessage::decode`] reads what a client can get, [`ClientMessage::decode`] what a server
//!   can get; each refuses the other's messages.
//! - Messages 60 to 79 stay a [`MethodMessage`] until whoever made the request decodes them, since
//!   only the request tells what they mean.
//! - Decoding is strict, but for [`Banner`] and [`ServiceAccept`], where servers are known to get
//!   it wrong.
//! - Decoding allocates for what is there, never for what a count claims to be there.
//! - Text is bytes: servers send invalid UTF-8, and that is no reason to end a session.
//! - Encoding knows its length beforehand, so that a buffer with a password in it never grows
//!   ([`encode_exact`]).
//!
//! ```
//! use ssh_userauth::wire::{Failure, NameList, ServerMessage, encode_exact};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let methods = NameList::try_from("publickey,password")?;
//! let failure = Failure { methods, partial_success: false };
//! let payload = encode_exact(&failure)?;
//! assert_eq!(payload, b"\x33\x00\x00\x00\x12publickey,password\x00");
//!
//! match ServerMessage::decode(&payload)? {
//!     ServerMessage::Failure(failure) => assert!(failure.methods.contains("password")),
//!     other => panic!("{other:?}"),
//! }
//! # Ok(())
//! # }
//! ```

use alloc::vec::Vec;
use core::mem;

use ssh_encoding::{Encode, Error};
use zeroize::Zeroizing;

mod cursor;
mod dialogue;
mod error;
mod ext_info;
mod gssapi;
mod layout;
mod name_list;
pub mod number;
mod reply;
mod request;
mod service;
mod show;
mod signed;

pub use dialogue::{InfoRequest, InfoResponse, PasswdChangeReq, PkOk, Prompt};
pub(crate) use dialogue::{InfoRequestView, Responses};
pub use error::{DecodeError, DecodeReason};
pub use ext_info::{EXT_INFO_IN_AUTH, ExtInfo, Extension, PUBLICKEY_HOSTBOUND, SERVER_SIG_ALGS};
pub use gssapi::{
    GssapiError, GssapiErrtok, GssapiExchangeComplete, GssapiMic, GssapiResponse, GssapiToken,
    ObjectIdentifier,
};
pub use name_list::NameList;
pub(crate) use name_list::whole_names;
pub use reply::{Banner, Failure, MethodMessage, Success};
pub use request::{Request, RequestMethod, method_name};
pub use service::{ServiceAccept, ServiceRequest};
pub use signed::{
    GssapiMethod, GssapiMicData, HostBasedSignatureData, PublicKeySignatureData, split_signature,
};

use cursor::wrong_number;
use error::Label;
use layout::{Sink, encode_by_layout};

pub(crate) use layout::Layout;

/// A message from server to client.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServerMessage<'a> {
    /// The service may be used (RFC 4253 section 10).
    ServiceAccept(ServiceAccept<'a>),
    /// What the server supports (RFC 8308).
    ExtInfo(ExtInfo<'a>),
    /// Not in, or not yet (RFC 4252 section 5.1).
    Failure(Failure<'a>),
    /// In (RFC 4252 section 5.1).
    Success,
    /// Text for the user (RFC 4252 section 5.4).
    Banner(Banner<'a>),
    /// A message of the method under way (RFC 4252 section 6).
    Method(MethodMessage<'a>),
}

impl<'a> ServerMessage<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// [`DecodeReason::WrongNumber`] if the number isn't one a server of user authentication sends
    /// (6, 7, 51, 52, 53, 60 to 79); else as the message's own `decode`.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        match first(payload)? {
            number::SERVICE_ACCEPT => ServiceAccept::decode(payload).map(Self::ServiceAccept),
            number::EXT_INFO => ExtInfo::decode(payload).map(Self::ExtInfo),
            number::USERAUTH_FAILURE => Failure::decode(payload).map(Self::Failure),
            number::USERAUTH_SUCCESS => Success::decode(payload).map(|Success| Self::Success),
            number::USERAUTH_BANNER => Banner::decode(payload).map(Self::Banner),
            60..=79 => MethodMessage::decode(payload).map(Self::Method),
            other => Err(wrong_number(other)),
        }
    }

    /// The number of the message.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::ServiceAccept(_) => number::SERVICE_ACCEPT,
            Self::ExtInfo(_) => number::EXT_INFO,
            Self::Failure(_) => number::USERAUTH_FAILURE,
            Self::Success => number::USERAUTH_SUCCESS,
            Self::Banner(_) => number::USERAUTH_BANNER,
            Self::Method(message) => message.number(),
        }
    }
}

impl Layout for ServerMessage<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        match self {
            Self::ServiceAccept(message) => message.lay_out(sink),
            Self::ExtInfo(message) => message.lay_out(sink),
            Self::Failure(message) => message.lay_out(sink),
            Self::Success => Success.lay_out(sink),
            Self::Banner(message) => message.lay_out(sink),
            Self::Method(message) => message.lay_out(sink),
        }
    }
}

/// A message from client to server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClientMessage<'a> {
    /// The client asks for a service (RFC 4253 section 10).
    ServiceRequest(ServiceRequest<'a>),
    /// What the client supports (RFC 8308).
    ExtInfo(ExtInfo<'a>),
    /// The client wants in (RFC 4252 section 5).
    Request(Request<'a>),
    /// A message of the method under way (RFC 4252 section 6).
    Method(MethodMessage<'a>),
}

impl<'a> ClientMessage<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// [`DecodeReason::WrongNumber`] if the number isn't one a client of user authentication sends
    /// (5, 7, 50, 60 to 79); else as the message's own `decode`.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        match first(payload)? {
            number::SERVICE_REQUEST => ServiceRequest::decode(payload).map(Self::ServiceRequest),
            number::EXT_INFO => ExtInfo::decode(payload).map(Self::ExtInfo),
            number::USERAUTH_REQUEST => Request::decode(payload).map(Self::Request),
            60..=79 => MethodMessage::decode(payload).map(Self::Method),
            other => Err(wrong_number(other)),
        }
    }

    /// The number of the message.
    #[must_use]
    pub const fn number(&self) -> u8 {
        match self {
            Self::ServiceRequest(_) => number::SERVICE_REQUEST,
            Self::ExtInfo(_) => number::EXT_INFO,
            Self::Request(_) => number::USERAUTH_REQUEST,
            Self::Method(message) => message.number(),
        }
    }
}

impl Layout for ClientMessage<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        match self {
            Self::ServiceRequest(message) => message.lay_out(sink),
            Self::ExtInfo(message) => message.lay_out(sink),
            Self::Request(message) => message.lay_out(sink),
            Self::Method(message) => message.lay_out(sink),
        }
    }
}

encode_by_layout!(ServerMessage<'_>, ClientMessage<'_>);

/// Encodes into a buffer of exactly the right size.
///
/// It allocates once and never grows, so no copy of a password is left behind by a reallocation;
/// the buffer itself is the caller's to wipe. If encoding fails half-way, it is wiped here.
///
/// # Errors
/// If the message can't be encoded (a field is longer than a `uint32` can tell, or an [`ExtInfo`]
/// has more than 1023 extensions), or if there is no memory for it.
pub fn encode_exact(message: &impl Encode) -> Result<Vec<u8>, Error> {
    let mut buffer = Zeroizing::new(buffer(message.encoded_len()?)?);
    message.encode(&mut *buffer)?;
    Ok(mem::take(&mut *buffer))
}

/// As [`encode_exact`], at most so many bytes, with room for some more.
pub(crate) fn encode_within(
    most: usize,
    message: &impl Layout,
    room: usize,
) -> Result<Vec<u8>, Error> {
    let length = layout::encoded_len(message)?;
    let capacity = length.checked_add(room).ok_or(Error::Length)?;
    if length > most {
        return Err(Error::Length);
    }
    let mut buffer = buffer(capacity)?;
    message.lay_out(&mut buffer);
    Ok(buffer)
}

fn buffer(capacity: usize) -> Result<Vec<u8>, Error> {
    let mut buffer = Vec::new();
    buffer
        .try_reserve_exact(capacity)
        .map_err(|_| Error::Length)?;
    Ok(buffer)
}

fn first(payload: &[u8]) -> Result<u8, DecodeError> {
    let label = Label::named(0, "message");
    payload
        .first()
        .copied()
        .ok_or_else(|| DecodeError::new(label, "message number", DecodeReason::Empty))
}
