//! The messages of user authentication as bytes, for both roles.
//!
//! This codec is independent of the one in `ssh-userauth`, which knows the client's half only. It
//! is what servers, tests and tools use, and it checks the other one.
//!
//! A type borrows the payload it was decoded from, and encodes through [`ssh_encoding::Encode`]. A
//! payload is what a transport has decrypted and taken out of its padding: the message number and
//! the fields.
//!
//! - [`ServerMessage::decode`] reads what a client can get, [`ClientMessage::decode`] what a server
//!   can get. Each refuses the other's messages.
//! - Messages 60 to 79 stay a [`MethodMessage`] until you decode them: only the request before them
//!   tells what they mean.
//! - Decoding is strict, except for [`Banner`] and [`ServiceAccept`], which some servers encode
//!   incorrectly.
//! - Decoding allocates for the entries that are there, never for the number that a count claims.
//! - Text is bytes: servers send invalid UTF-8, and that is no reason to end a session.
//! - `Debug` shows passwords, tokens, keys and signatures as their lengths only. Equality is not
//!   constant-time.
//!
//! ```
//! use ssh_userauth_testing::wire::{Failure, NameList, ServerMessage, encode_exact};
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

use ssh_encoding::{Encode, Error, Writer};

mod codec;
mod error;
mod messages;
pub mod number;
mod request;
mod signed;
mod values;

pub use error::{DecodeError, DecodeReason};
pub use messages::{
    Banner, EXT_INFO_IN_AUTH, ExtInfo, Extension, Failure, GssapiError, GssapiErrtok,
    GssapiExchangeComplete, GssapiMic, GssapiResponse, GssapiToken, InfoRequest, InfoResponse,
    MethodMessage, PUBLICKEY_HOSTBOUND, PasswdChangeReq, PkOk, Prompt, SERVER_SIG_ALGS,
    ServiceAccept, ServiceRequest, Success,
};
pub use request::{Request, RequestMethod, method_name};
pub use signed::{
    GssapiMethod, GssapiMicData, HostBasedSignatureData, PublicKeySignatureData, split_signature,
};
pub use values::{NameList, ObjectIdentifier};

use codec::{counted, wrong_number};

/// A union of messages that are told apart by their number.
macro_rules! union {
    (
        $(#[$doc:meta])* $name:ident<$life:lifetime>, $numbers:literal {
            $($(#[$arm:meta])* $variant:ident($message:ty) = $number:ident;)+
        } $(or $(#[$without:meta])* $unit:ident = $unit_number:ident)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name<$life> {
            $($(#[$arm])* $variant($message),)+
            $($(#[$without])* $unit,)?
            /// A message of the current method (RFC 4252 section 6).
            Method(MethodMessage<$life>),
        }

        impl<$life> $name<$life> {
            /// Reads a whole payload.
            ///
            /// # Errors
            #[doc = concat!("[`DecodeReason::WrongNumber`] if the number is not one of ", $numbers)]
            /// and 60 to 79; otherwise as the message's own `decode`.
            pub fn decode(payload: &$life [u8]) -> Result<Self, DecodeError> {
                let number = payload.first().ok_or(DecodeError::empty("message"))?;
                match *number {
                    $(number::$number => <$message>::decode(payload).map(Self::$variant),)+
                    $(number::$unit_number => $unit::decode(payload).map(|_| Self::$unit),)?
                    60..=79 => MethodMessage::decode(payload).map(Self::Method),
                    other => Err(wrong_number(other)),
                }
            }

            /// The number of the message.
            #[must_use]
            pub const fn number(&self) -> u8 {
                match self {
                    $(Self::$variant(_) => <$message>::NUMBER,)+
                    $(Self::$unit => $unit::NUMBER,)?
                    Self::Method(message) => message.number(),
                }
            }
        }

        impl Encode for $name<'_> {
            fn encoded_len(&self) -> Result<usize, Error> {
                counted(self)
            }

            fn encode(&self, writer: &mut impl Writer) -> Result<(), Error> {
                match self {
                    $(Self::$variant(message) => message.encode(writer),)+
                    $(Self::$unit => $unit.encode(writer),)?
                    Self::Method(message) => message.encode(writer),
                }
            }
        }
    };
}

union! {
    /// A message from server to client.
    ServerMessage<'a>, "6, 7, 51, 52, 53" {
        /// The service may be used (RFC 4253 section 10).
        ServiceAccept(ServiceAccept<'a>) = SERVICE_ACCEPT;
        /// What the server supports (RFC 8308).
        ExtInfo(ExtInfo<'a>) = EXT_INFO;
        /// Not authenticated, or not yet (RFC 4252 section 5.1).
        Failure(Failure<'a>) = USERAUTH_FAILURE;
        /// Text for the user (RFC 4252 section 5.4).
        Banner(Banner<'a>) = USERAUTH_BANNER;
    } or
    /// Authenticated (RFC 4252 section 5.1).
    Success = USERAUTH_SUCCESS
}

union! {
    /// A message from client to server.
    ClientMessage<'a>, "5, 7, 50" {
        /// The client asks for a service (RFC 4253 section 10).
        ServiceRequest(ServiceRequest<'a>) = SERVICE_REQUEST;
        /// What the client supports (RFC 8308).
        ExtInfo(ExtInfo<'a>) = EXT_INFO;
        /// The client asks to be authenticated (RFC 4252 section 5).
        Request(Request<'a>) = USERAUTH_REQUEST;
    }
}

/// Encodes into a buffer of exactly the right size.
///
/// # Errors
/// If a field is longer than a `uint32` can tell, or an [`ExtInfo`] has more than 1023 extensions.
pub fn encode_exact(message: &impl Encode) -> Result<Vec<u8>, Error> {
    let mut buffer = Vec::new();
    let length = message.encoded_len()?;
    buffer
        .try_reserve_exact(length)
        .map_err(|_| Error::Length)?;
    message.encode(&mut buffer)?;
    Ok(buffer)
}
