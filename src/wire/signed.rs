//! The bytes under a signature or a message integrity code, and the blob of a signature.
//!
//! All three begin with the session identifier as a string and with the number of the request, so
//! that a signature made here is worth nothing in another session or in another protocol.

use super::cursor::Cursor;
use super::error::{DecodeError, DecodeReason, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::number;
use super::request::method_name;
use super::show::debug_fields;

const SIGNED: Label = Label::named(number::USERAUTH_REQUEST, "data to sign");
const SIGNATURE: Label = Label::named(0, "signature blob");

/// The session identifier and the beginning of the request, which all three have.
struct Head<'a> {
    session_id: &'a [u8],
    user: &'a [u8],
    service: &'a [u8],
}

impl<'a> Head<'a> {
    fn read(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let session_id = cursor.string("session identifier")?;
        if cursor.byte("message number")? != number::USERAUTH_REQUEST {
            return Err(cursor.error("message number", DecodeReason::WrongNumber));
        }
        Ok(Self {
            session_id,
            user: cursor.string("user name")?,
            service: cursor.string("service name")?,
        })
    }
}

impl Layout for Head<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.string(self.session_id);
        sink.byte(number::USERAUTH_REQUEST);
        sink.string(self.user);
        sink.string(self.service);
    }
}

/// What the user's key signs (RFC 4252 section 7; OpenSSH's PROTOCOL file for the host-bound form).
///
/// After the session identifier it is the request up to the signature, byte for byte.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 7 fixes these fields"
)]
pub struct PublicKeySignatureData<'a> {
    /// The session identifier: the exchange hash of the first key exchange (RFC 4253 section 7.2).
    pub session_id: &'a [u8],
    /// The user name of the request.
    pub user: &'a [u8],
    /// The service name of the request.
    pub service: &'a [u8],
    /// The algorithm of the request.
    pub algorithm: &'a [u8],
    /// The key or certificate of the request, encoded.
    pub key: &'a [u8],
    /// The server's host key, encoded, which makes this the host-bound form.
    pub host_key: Option<&'a [u8]>,
}

impl<'a> PublicKeySignatureData<'a> {
    /// Reads data that somebody else made, as an agent has to before it signs.
    ///
    /// # Errors
    /// If a field doesn't fit, a fixed value is another, or bytes are left.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(data, SIGNED);
        let Head {
            session_id,
            user,
            service,
        } = Head::read(&mut cursor)?;
        let method = cursor.string("method name")?;
        let host_bound = method == method_name::HOST_BOUND_PUBLIC_KEY.as_bytes();
        if !host_bound && method != method_name::PUBLIC_KEY.as_bytes() {
            return Err(cursor.error("method name", DecodeReason::WrongValue));
        }
        if !cursor.boolean("has signature")? {
            return Err(cursor.error("has signature", DecodeReason::WrongValue));
        }
        let algorithm = cursor.string("algorithm")?;
        let key = cursor.string("key")?;
        let host_key = cursor.string_if(host_bound, "host key")?;
        cursor.finish()?;
        Ok(Self {
            session_id,
            user,
            service,
            algorithm,
            key,
            host_key,
        })
    }

    /// The name of the method whose request this belongs to.
    #[must_use]
    pub const fn method_name(&self) -> &'static str {
        match self.host_key {
            Some(_) => method_name::HOST_BOUND_PUBLIC_KEY,
            None => method_name::PUBLIC_KEY,
        }
    }
}

impl Layout for PublicKeySignatureData<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        let head = Head {
            session_id: self.session_id,
            user: self.user,
            service: self.service,
        };
        head.lay_out(sink);
        sink.string(self.method_name().as_bytes());
        sink.boolean(true);
        sink.string(self.algorithm);
        sink.string(self.key);
        sink.all(self.host_key.as_slice());
    }
}

/// What the client host's key signs for `hostbased` (RFC 4252 section 9).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 9 fixes these fields"
)]
pub struct HostBasedSignatureData<'a> {
    /// The session identifier.
    pub session_id: &'a [u8],
    /// The user name of the request.
    pub user: &'a [u8],
    /// The service name of the request.
    pub service: &'a [u8],
    /// The algorithm of the client host's key.
    pub algorithm: &'a [u8],
    /// The client host's key or certificate, encoded.
    pub host_key: &'a [u8],
    /// The client host's fully qualified name.
    pub client_host: &'a [u8],
    /// The user's name on the client host.
    pub client_user: &'a [u8],
}

impl<'a> HostBasedSignatureData<'a> {
    /// Reads data that somebody else made.
    ///
    /// # Errors
    /// If a field doesn't fit, a fixed value is another, or bytes are left.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(data, SIGNED);
        let Head {
            session_id,
            user,
            service,
        } = Head::read(&mut cursor)?;
        cursor.constant("method name", method_name::HOST_BASED)?;
        let this = Self {
            session_id,
            user,
            service,
            algorithm: cursor.string("algorithm")?,
            host_key: cursor.string("host key")?,
            client_host: cursor.string("client host")?,
            client_user: cursor.string("client user")?,
        };
        cursor.finish()?;
        Ok(this)
    }
}

impl Layout for HostBasedSignatureData<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        let head = Head {
            session_id: self.session_id,
            user: self.user,
            service: self.service,
        };
        head.lay_out(sink);
        sink.string(method_name::HOST_BASED.as_bytes());
        sink.all(&[
            self.algorithm,
            self.host_key,
            self.client_host,
            self.client_user,
        ])
    }
}

/// Which GSS-API method a message integrity code is for.
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

/// What a GSS-API message integrity code is made over (RFC 4462 section 3.5, and section 4 for
/// `gssapi-keyex`).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4462 section 3.5 fixes these fields"
)]
pub struct GssapiMicData<'a> {
    /// The session identifier.
    pub session_id: &'a [u8],
    /// The user name of the request.
    pub user: &'a [u8],
    /// The service name of the request.
    pub service: &'a [u8],
    /// The method of the request.
    pub method: GssapiMethod,
}

impl<'a> GssapiMicData<'a> {
    /// Reads data that somebody else made.
    ///
    /// # Errors
    /// If a field doesn't fit, a fixed value is another, or bytes are left.
    pub fn decode(data: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::inside(data, SIGNED);
        let Head {
            session_id,
            user,
            service,
        } = Head::read(&mut cursor)?;
        let name = cursor.string("method name")?;
        let method = [GssapiMethod::WithMic, GssapiMethod::Keyex]
            .into_iter()
            .find(|method| method.name().as_bytes() == name)
            .ok_or_else(|| cursor.error("method name", DecodeReason::WrongValue))?;
        cursor.finish()?;
        Ok(Self {
            session_id,
            user,
            service,
            method,
        })
    }
}

impl Layout for GssapiMicData<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        let head = Head {
            session_id: self.session_id,
            user: self.user,
            service: self.service,
        };
        head.lay_out(sink);
        sink.string(self.method.name().as_bytes());
    }
}

/// Splits the blob of a signature into the name of its algorithm and everything behind that (RFC
/// 4253 section 6.6).
///
/// What is behind depends on the algorithm (for FIDO keys, flags and a counter follow the signature
/// proper), so it is given as it is, even if empty. A blob is best forwarded whole: taking it apart
/// and encoding it again has lost bytes in other programs.
///
/// # Errors
/// If the name doesn't fit.
pub fn split_signature(blob: &[u8]) -> Result<(&[u8], &[u8]), DecodeError> {
    let mut cursor = Cursor::inside(blob, SIGNATURE);
    let algorithm = cursor.string("algorithm")?;
    Ok((algorithm, cursor.rest()))
}

debug_fields!(PublicKeySignatureData {
    session_id: hidden,
    user: text,
    service: text,
    algorithm: text,
    key: hidden,
    host_key: maybe_hidden,
});
debug_fields!(HostBasedSignatureData {
    session_id: hidden,
    user: text,
    service: text,
    algorithm: text,
    host_key: hidden,
    client_host: text,
    client_user: text,
});
debug_fields!(GssapiMicData {
    session_id: hidden,
    user: text,
    service: text,
    method: plain,
});
encode_by_layout!(
    PublicKeySignatureData<'_>,
    HostBasedSignatureData<'_>,
    GssapiMicData<'_>,
);
