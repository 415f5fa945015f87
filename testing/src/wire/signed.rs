//! The bytes under a signature or an integrity code, and the blob of a signature.

use ssh_encoding::{Encode, Error, Writer};

use super::codec::{Cursor, Field as _, counted, shown_struct};
use super::error::{DecodeError, DecodeReason};
use super::number::{FIELD, USERAUTH_REQUEST};
use super::request::method_name;

const DATA: (u8, &str) = (USERAUTH_REQUEST, "data to sign");

shown_struct! {
    /// What the user's key signs (RFC 4252 section 7; OpenSSH's PROTOCOL file for the host-bound
    /// form): the session identifier, and the request up to the signature.
    #[derive(Copy)]
    PublicKeySignatureData<'a> {
        /// The exchange hash of the first key exchange (RFC 4253 section 7.2).
        session_id: &'a [u8], hidden;
        /// The user name of the request.
        user: &'a [u8], text;
        /// The service name of the request.
        service: &'a [u8], text;
        /// The algorithm of the request.
        algorithm: &'a [u8], text;
        /// The key or certificate of the request, encoded.
        key: &'a [u8], hidden;
        /// The server's host key, encoded; with it, this is the host-bound form.
        host_key: Option<&'a [u8]>, hidden;
    }
}

shown_struct! {
    /// What the client host's key signs for `hostbased` (RFC 4252 section 9).
    #[derive(Copy)]
    HostBasedSignatureData<'a> {
        /// The session identifier.
        session_id: &'a [u8], hidden;
        /// The user name of the request.
        user: &'a [u8], text;
        /// The service name of the request.
        service: &'a [u8], text;
        /// The algorithm of the client host's key.
        algorithm: &'a [u8], text;
        /// The client host's key or certificate, encoded.
        host_key: &'a [u8], hidden;
        /// The client host's fully qualified name.
        client_host: &'a [u8], text;
        /// The user's name on the client host.
        client_user: &'a [u8], text;
    }
}

shown_struct! {
    /// What a GSS-API integrity code is made over (RFC 4462 section 3.5, and section 4 for
    /// `gssapi-keyex`).
    #[derive(Copy)]
    GssapiMicData<'a> {
        /// The session identifier.
        session_id: &'a [u8], hidden;
        /// The user name of the request.
        user: &'a [u8], text;
        /// The service name of the request.
        service: &'a [u8], text;
        /// The method of the request.
        method: GssapiMethod, plain;
    }
}

/// The method that an integrity code is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "RFC 4462 has these two methods")]
pub enum GssapiMethod {
    /// `gssapi-with-mic` (RFC 4462 section 3.5).
    WithMic,
    /// `gssapi-keyex` (RFC 4462 section 4).
    Keyex,
}

impl GssapiMethod {
    /// The name of the method.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::WithMic => method_name::GSSAPI_WITH_MIC,
            Self::Keyex => method_name::GSSAPI_KEYEX,
        }
    }
}

impl PublicKeySignatureData<'_> {
    /// The name of the method of the request.
    #[must_use]
    pub const fn method_name(&self) -> &'static str {
        match self.host_key {
            Some(_) => method_name::HOST_BOUND_PUBLIC_KEY,
            None => method_name::PUBLIC_KEY,
        }
    }
}

/// What all three begin with.
#[derive(Clone, Copy)]
struct Head<'a> {
    session_id: &'a [u8],
    user: &'a [u8],
    service: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(from: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let session_id = from.read("session identifier")?;
        if from.read::<u8>(FIELD)? != USERAUTH_REQUEST {
            return Err(from.error(FIELD, DecodeReason::WrongNumber));
        }
        Ok(Self {
            session_id,
            user: from.read("user name")?,
            service: from.read("service name")?,
        })
    }

    fn write(self, to: &mut impl Writer) -> Result<(), Error> {
        self.session_id.encode(to)?;
        USERAUTH_REQUEST.encode(to)?;
        self.user.encode(to)?;
        self.service.encode(to)
    }
}

/// `decode` and [`Encode`], from what follows the head.
macro_rules! after_head {
    ($name:ident) => {
        impl<'a> $name<'a> {
            /// Reads data that another program made, as an agent does before it signs.
            ///
            /// # Errors
            /// If a field doesn't fit, a fixed value is another one, or bytes follow.
            pub fn decode(data: &'a [u8]) -> Result<Self, DecodeError> {
                let mut from = Cursor::inside(data, DATA);
                let head = Head::read(&mut from)?;
                let this = Self::read_fields(&mut from, head)?;
                from.finish(this)
            }
        }

        impl Encode for $name<'_> {
            fn encoded_len(&self) -> Result<usize, Error> {
                counted(self)
            }

            fn encode(&self, writer: &mut impl Writer) -> Result<(), Error> {
                let head = Head {
                    session_id: self.session_id,
                    user: self.user,
                    service: self.service,
                };
                head.write(writer)?;
                self.write_fields(writer)
            }
        }
    };
}

after_head!(PublicKeySignatureData);
after_head!(HostBasedSignatureData);
after_head!(GssapiMicData);

impl<'a> PublicKeySignatureData<'a> {
    fn read_fields(from: &mut Cursor<'a>, head: Head<'a>) -> Result<Self, DecodeError> {
        from.is_there = match core::str::from_utf8(from.read("method name")?) {
            Ok(method_name::HOST_BOUND_PUBLIC_KEY) => true,
            Ok(method_name::PUBLIC_KEY) => false,
            _ => return Err(from.error("method name", DecodeReason::WrongValue)),
        };
        if !from.read::<bool>("has signature")? {
            return Err(from.error("has signature", DecodeReason::WrongValue));
        }
        Ok(Self {
            session_id: head.session_id,
            user: head.user,
            service: head.service,
            algorithm: from.read("algorithm")?,
            key: from.read("key")?,
            host_key: from.read("host key")?,
        })
    }

    fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.method_name().encode(to)?;
        true.encode(to)?;
        self.algorithm.encode(to)?;
        self.key.encode(to)?;
        self.host_key.write(to)
    }
}

impl<'a> HostBasedSignatureData<'a> {
    fn read_fields(from: &mut Cursor<'a>, head: Head<'a>) -> Result<Self, DecodeError> {
        from.constant("method name", method_name::HOST_BASED)?;
        Ok(Self {
            session_id: head.session_id,
            user: head.user,
            service: head.service,
            algorithm: from.read("algorithm")?,
            host_key: from.read("host key")?,
            client_host: from.read("client host")?,
            client_user: from.read("client user")?,
        })
    }

    fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
        method_name::HOST_BASED.encode(to)?;
        self.algorithm.encode(to)?;
        self.host_key.encode(to)?;
        self.client_host.encode(to)?;
        self.client_user.encode(to)
    }
}

impl<'a> GssapiMicData<'a> {
    fn read_fields(from: &mut Cursor<'a>, head: Head<'a>) -> Result<Self, DecodeError> {
        let method = match core::str::from_utf8(from.read("method name")?) {
            Ok(method_name::GSSAPI_WITH_MIC) => GssapiMethod::WithMic,
            Ok(method_name::GSSAPI_KEYEX) => GssapiMethod::Keyex,
            _ => return Err(from.error("method name", DecodeReason::WrongValue)),
        };
        Ok(Self {
            session_id: head.session_id,
            user: head.user,
            service: head.service,
            method,
        })
    }

    fn write_fields(&self, to: &mut impl Writer) -> Result<(), Error> {
        self.method.name().encode(to)
    }
}

/// Splits the blob of a signature into the name of its algorithm and the rest (RFC 4253 section
/// 6.6). The rest depends on the algorithm and may be empty.
///
/// # Errors
/// If the name doesn't fit.
pub fn split_signature(blob: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let mut from = Cursor::inside(blob, (0, "signature blob"));
    let algorithm = from.read("algorithm")?;
    Ok((algorithm, from.rest()))
}
