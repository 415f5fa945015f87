//! All messages but the request.

use alloc::vec::Vec;
use core::fmt;

use ssh_encoding::{Encode, Error, Writer};

use super::codec::{
    Bytes, Cursor, Entry, Show, counted, fields, numbered, shown_struct, wrong_number,
};
use super::error::DecodeError;
use super::number;
use super::values::{NameList, ObjectIdentifier};

/// The extension with the algorithms that the server accepts (RFC 8308 section 3.1).
pub const SERVER_SIG_ALGS: &str = "server-sig-algs";
/// The extension that announces host-bound signatures (OpenSSH's PROTOCOL file).
pub const PUBLICKEY_HOSTBOUND: &str = "publickey-hostbound@openssh.com";
/// The extension by which a client asks for EXT_INFO during authentication (OpenSSH's PROTOCOL
/// file).
pub const EXT_INFO_IN_AUTH: &str = "ext-info-in-auth@openssh.com";

fields! {
    /// `SSH_MSG_SERVICE_REQUEST`: the client asks for a service (RFC 4253 section 10).
    #[derive(Copy)]
    ServiceRequest<'a> {
        /// The service, `ssh-userauth` for user authentication.
        name: &'a [u8] = "service name", text;
    }
}
numbered!('a, ServiceRequest<'a>, SERVICE_REQUEST);

fields! {
    /// `SSH_MSG_SERVICE_ACCEPT`: the server agrees (RFC 4253 section 10). Old servers leave the
    /// name out.
    #[derive(Copy)]
    ServiceAccept<'a> {
        /// The service that was asked for.
        name: Option<&'a [u8]> = "service name", text;
    }
}
numbered!('a, ServiceAccept<'a>, SERVICE_ACCEPT, own);

impl<'a> ServiceAccept<'a> {
    /// Reads a whole payload, with or without the name.
    ///
    /// # Errors
    /// If it has another number, a name that doesn't fit, or trailing bytes.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut from = Cursor::open(payload, Self::LABEL)?;
        from.is_there = !from.rest().is_empty();
        let this = Self::read_fields(&mut from)?;
        from.finish(this)
    }
}

fields! {
    /// One extension of [`ExtInfo`].
    #[derive(Copy)]
    Extension<'a> {
        /// Its name.
        name: &'a [u8] = "extension name", text;
        /// Its value, whose form depends on the name.
        value: &'a [u8] = "extension value", text;
    }
}

fields! {
    /// `SSH_MSG_EXT_INFO`: extension negotiation (RFC 8308 section 2.3).
    #[derive(Default)]
    ExtInfo<'a> {
        /// The extensions, at most 1023, in the sender's order.
        entries: Vec<Extension<'a>> = "number of extensions", plain;
    }
}
numbered!('a, ExtInfo<'a>, EXT_INFO);

impl<'a> ExtInfo<'a> {
    /// The value of the first extension of this name.
    #[must_use]
    pub fn get(&self, name: impl AsRef<[u8]>) -> Option<&'a [u8]> {
        let mut entries = self.entries.iter();
        let found = entries.find(|entry| entry.name == name.as_ref());
        found.map(|entry| entry.value)
    }

    /// The algorithms of [`SERVER_SIG_ALGS`].
    ///
    /// # Errors
    /// [`NulInNameList`](super::DecodeReason::NulInNameList).
    pub fn server_sig_algs(&self) -> Result<Option<NameList<'a>>, DecodeError> {
        let list = self.get(SERVER_SIG_ALGS).map(NameList::new).transpose();
        list.map_err(|reason| DecodeError::new(Self::LABEL, SERVER_SIG_ALGS, reason))
    }
}

fields! {
    /// `SSH_MSG_USERAUTH_FAILURE`: not authenticated, or not yet (RFC 4252 section 5.1).
    #[derive(Copy)]
    Failure<'a> {
        /// The "authentications that can continue".
        methods: NameList<'a> = "methods", plain;
        /// Whether the request was right, but further authentication is needed.
        partial_success: bool = "partial success", plain;
    }
}
numbered!('a, Failure<'a>, USERAUTH_FAILURE);

shown_struct! {
    /// `SSH_MSG_USERAUTH_BANNER`: text to show to the user (RFC 4252 section 5.4).
    #[derive(Copy)]
    Banner<'a> {
        /// The text, which may be invalid UTF-8 and may control a terminal.
        message: &'a [u8], text;
        /// The language of the text; usually empty.
        language: &'a [u8], text;
    }
}
numbered!('a, Banner<'a>, USERAUTH_BANNER, own);

impl<'a> Banner<'a> {
    /// Reads a whole payload leniently: a language tag that is missing or doesn't fit reads as
    /// empty, and bytes after it are ignored.
    ///
    /// # Errors
    /// If it has another number, or a text that doesn't fit.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut from = Cursor::open(payload, Self::LABEL)?;
        let message = from.read("message")?;
        let language = from.read("language tag").unwrap_or_default();
        Ok(Self { message, language })
    }

    fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.message.encode(to)?;
        self.language.encode(to)
    }
}

fields! {
    /// `SSH_MSG_USERAUTH_PK_OK`: the key would be accepted (RFC 4252 section 7).
    #[derive(Copy)]
    PkOk<'a> {
        /// The algorithm of the request.
        algorithm: &'a [u8] = "algorithm", text;
        /// The key of the request.
        key: &'a [u8] = "key", hidden;
    }
}
numbered!('a, PkOk<'a>, USERAUTH_PK_OK, method);

fields! {
    /// `SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`: the password must be changed (RFC 4252 section 8).
    #[derive(Copy)]
    PasswdChangeReq<'a> {
        /// What to ask the user.
        prompt: &'a [u8] = "prompt", text;
        /// The language of the prompt; usually empty.
        language: &'a [u8] = "language tag", text;
    }
}
numbered!('a, PasswdChangeReq<'a>, USERAUTH_PASSWD_CHANGEREQ, method);

fields! {
    /// One prompt of an [`InfoRequest`].
    #[derive(Copy)]
    Prompt<'a> {
        /// The text.
        text: &'a [u8] = "prompt", text;
        /// Whether the answer may be shown while it is typed.
        echo: bool = "echo", plain;
    }
}

fields! {
    /// `SSH_MSG_USERAUTH_INFO_REQUEST`: questions for the user (RFC 4256 section 3.2).
    InfoRequest<'a> {
        /// A title; may be empty.
        name: &'a [u8] = "name", text;
        /// More text; may be empty.
        instruction: &'a [u8] = "instruction", text;
        /// The language of the texts; usually empty.
        language: &'a [u8] = "language tag", text;
        /// The prompts; there may be none.
        prompts: Vec<Prompt<'a>> = "number of prompts", plain;
    }
}
numbered!('a, InfoRequest<'a>, USERAUTH_INFO_REQUEST, method);

fields! {
    /// `SSH_MSG_USERAUTH_INFO_RESPONSE`: the answers (RFC 4256 section 3.4).
    InfoResponse<'a> {
        /// One answer for each prompt.
        responses: Vec<&'a [u8]> = "number of responses", hidden;
    }
}
numbered!('a, InfoResponse<'a>, USERAUTH_INFO_RESPONSE, method);

fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_RESPONSE`: the server's choice of mechanism (RFC 4462 section 3.3).
    #[derive(Copy)]
    GssapiResponse<'a> {
        /// The mechanism; see [`object_identifier`](Self::object_identifier).
        mechanism: &'a [u8] = "mechanism", text;
    }
}
numbered!('a, GssapiResponse<'a>, USERAUTH_GSSAPI_RESPONSE, method);

impl<'a> GssapiResponse<'a> {
    /// The mechanism as an object identifier.
    ///
    /// # Errors
    /// [`NotAnObjectIdentifier`](super::DecodeReason::NotAnObjectIdentifier).
    pub fn object_identifier(&self) -> Result<ObjectIdentifier<'a>, DecodeError> {
        ObjectIdentifier::from_der(self.mechanism)
            .map_err(|reason| DecodeError::new(Self::LABEL, "mechanism", reason))
    }
}

fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_TOKEN`, from either side (RFC 4462 section 3.4).
    #[derive(Copy)]
    GssapiToken<'a> {
        /// The token.
        token: &'a [u8] = "token", hidden;
    }
}
numbered!('a, GssapiToken<'a>, USERAUTH_GSSAPI_TOKEN, method);

fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_ERROR`: the server's GSS-API failed (RFC 4462 section 3.8).
    #[derive(Copy)]
    GssapiError<'a> {
        /// The major status code.
        major: u32 = "major status", plain;
        /// The minor status code.
        minor: u32 = "minor status", plain;
        /// The server's words.
        message: &'a [u8] = "message", text;
        /// Their language; usually empty.
        language: &'a [u8] = "language tag", text;
    }
}
numbered!('a, GssapiError<'a>, USERAUTH_GSSAPI_ERROR, method);

fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_ERRTOK`: an error token, from either side (RFC 4462 section 3.9).
    #[derive(Copy)]
    GssapiErrtok<'a> {
        /// The token.
        token: &'a [u8] = "error token", hidden;
    }
}
numbered!('a, GssapiErrtok<'a>, USERAUTH_GSSAPI_ERRTOK, method);

fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_MIC`: the integrity code over [`GssapiMicData`](super::GssapiMicData)
    /// (RFC 4462 section 3.5).
    #[derive(Copy)]
    GssapiMic<'a> {
        /// The code.
        mic: &'a [u8] = "mic", hidden;
    }
}
numbered!('a, GssapiMic<'a>, USERAUTH_GSSAPI_MIC, method);

macro_rules! without_fields {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
        #[expect(clippy::exhaustive_structs, reason = "its RFC gives it no fields")]
        pub struct $name;

        impl $name {
            const fn read_fields(_: &mut Cursor<'_>) -> Result<Self, DecodeError> {
                Ok(Self)
            }

            fn write_fields(&self, _: &mut impl Writer) -> Result<(), Error> {
                Ok(())
            }
        }
    };
}

without_fields! {
    /// `SSH_MSG_USERAUTH_SUCCESS`: authenticated (RFC 4252 section 5.1).
    Success
}
numbered!('a, Success, USERAUTH_SUCCESS);

without_fields! {
    /// `SSH_MSG_USERAUTH_GSSAPI_EXCHANGE_COMPLETE`: done, without an integrity code (RFC 4462
    /// section 3.6).
    GssapiExchangeComplete
}
numbered!('a, GssapiExchangeComplete, USERAUTH_GSSAPI_EXCHANGE_COMPLETE, method);

macro_rules! entry {
    ($name:ident, $smallest:expr, $most:expr) => {
        impl<'a> Entry<'a> for $name<'a> {
            const SMALLEST: usize = $smallest;
            const MOST: usize = $most;

            fn read_fields(from: &mut Cursor<'a>) -> Result<Self, DecodeError> {
                Self::read_fields(from)
            }

            fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
                self.write_fields(to)
            }
        }
    };
}

entry!(Prompt, 5, usize::MAX);
// As OpenSSH (`kex_input_ext_info`): "if (ninfo >= 1024)".
entry!(Extension, 8, 1023);

/// A message with a number from 60 to 79, not yet decoded.
///
/// RFC 4252 section 6: "Different authentication methods reuse the same message numbers." If you
/// know the request before it, decode it: with [`PkOk::decode`], for instance, if it offered a key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MethodMessage<'a> {
    number: u8,
    body: &'a [u8],
}

impl<'a> MethodMessage<'a> {
    /// A message of this number; `None` unless it is from 60 to 79.
    #[must_use]
    pub const fn new(number: u8, body: &'a [u8]) -> Option<Self> {
        match number {
            60..=79 => Some(Self { number, body }),
            _ => None,
        }
    }

    /// Reads a whole payload, whose body may be anything.
    ///
    /// # Errors
    /// [`Empty`](super::DecodeReason::Empty), or [`WrongNumber`](super::DecodeReason::WrongNumber)
    /// unless the number is from 60 to 79.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let empty = DecodeError::empty(number::name(60));
        let (number, body) = payload.split_first().ok_or(empty)?;
        Self::new(*number, body).ok_or_else(|| wrong_number(*number))
    }

    /// The number of the message, 60 to 79.
    #[must_use]
    pub const fn number(&self) -> u8 {
        self.number
    }

    /// What follows the number.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }
}

impl Encode for MethodMessage<'_> {
    fn encoded_len(&self) -> Result<usize, Error> {
        counted(self)
    }

    fn encode(&self, writer: &mut impl Writer) -> Result<(), Error> {
        self.number.encode(writer)?;
        writer.write(self.body)
    }
}

impl fmt::Debug for MethodMessage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MethodMessage")
            .field("number", &self.number)
            .field("body", &Bytes(self.body, Show::Hidden))
            .finish()
    }
}
