//! The authentication request, for every method (RFC 4252 section 5).

use alloc::vec::Vec;

use super::cursor::Cursor;
use super::error::{DecodeError, Label};
use super::layout::{Layout, Sink, encode_by_layout};
use super::number;
use super::show::{debug_fields, debug_variants};

const LABEL: Label = Label::numbered(number::USERAUTH_REQUEST);

/// The names of the methods, as they are in requests and in the list of a
/// [`Failure`](super::Failure).
pub mod method_name {
    /// RFC 4252 section 5.2.
    pub const NONE: &str = "none";
    /// RFC 4252 section 7.
    pub const PUBLIC_KEY: &str = "publickey";
    /// OpenSSH's PROTOCOL file: as `publickey`, with the server's host key in the signature. Never
    /// in a list.
    pub const HOST_BOUND_PUBLIC_KEY: &str = "publickey-hostbound-v00@openssh.com";
    /// RFC 4252 section 8.
    pub const PASSWORD: &str = "password";
    /// RFC 4256.
    pub const KEYBOARD_INTERACTIVE: &str = "keyboard-interactive";
    /// RFC 4252 section 9.
    pub const HOST_BASED: &str = "hostbased";
    /// RFC 4462 section 3.
    pub const GSSAPI_WITH_MIC: &str = "gssapi-with-mic";
    /// RFC 4462 section 4.
    pub const GSSAPI_KEYEX: &str = "gssapi-keyex";
}

/// `SSH_MSG_USERAUTH_REQUEST`: the client wants in (RFC 4252 section 5).
///
/// `Debug` shows passwords, tokens, keys and signatures as their lengths only. Equality is not
/// constant-time.
#[derive(Clone, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_structs,
    reason = "RFC 4252 section 5 fixes these fields"
)]
pub struct Request<'a> {
    /// Who wants in; ISO-10646 UTF-8 by RFC 4252 section 5.
    pub user: &'a [u8],
    /// The service to start, `ssh-connection` for a login.
    pub service: &'a [u8],
    /// The method and its fields.
    pub method: RequestMethod<'a>,
}

impl<'a> Request<'a> {
    /// Reads a whole payload.
    ///
    /// # Errors
    /// If it has another number, a field that doesn't fit, or trailing bytes; what follows the name
    /// of an unknown method is taken as it is.
    pub fn decode(payload: &'a [u8]) -> Result<Self, DecodeError> {
        let mut cursor = Cursor::open(payload, LABEL)?;
        let user = cursor.string("user name")?;
        let service = cursor.string("service name")?;
        let name = cursor.string("method name")?;
        let method = RequestMethod::decode(name, cursor)?;
        Ok(Self {
            user,
            service,
            method,
        })
    }
}

impl Layout for Request<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        sink.byte(LABEL.number);
        sink.string(self.user);
        sink.string(self.service);
        sink.string(self.method.name());
        self.method.lay_out(sink);
    }
}

/// The method of a [`Request`], with its fields.
#[derive(Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RequestMethod<'a> {
    /// `none`: asks which methods there are, or gets in without any (RFC 4252 section 5.2).
    None,
    /// `publickey` (RFC 4252 section 7).
    PublicKey {
        /// The algorithm of the signature.
        algorithm: &'a [u8],
        /// The key or certificate, encoded.
        key: &'a [u8],
        /// The signature; `None` asks whether the key would do.
        signature: Option<&'a [u8]>,
    },
    /// `publickey-hostbound-v00@openssh.com` (OpenSSH's PROTOCOL file).
    HostBoundPublicKey {
        /// The algorithm of the signature.
        algorithm: &'a [u8],
        /// The key or certificate, encoded.
        key: &'a [u8],
        /// The host key of the server in the first key exchange, encoded.
        host_key: &'a [u8],
        /// The signature; `None` asks whether the key would do.
        signature: Option<&'a [u8]>,
    },
    /// `password` (RFC 4252 section 8).
    Password {
        /// The password; ISO-10646 UTF-8 by the RFC.
        password: &'a [u8],
    },
    /// `password` with a change (RFC 4252 section 8).
    PasswordChange {
        /// The old password.
        old: &'a [u8],
        /// The new password.
        new: &'a [u8],
    },
    /// `keyboard-interactive` (RFC 4256 section 3.1).
    KeyboardInteractive {
        /// A language tag; RFC 4256 section 3.1 deprecates it and wants it empty.
        language: &'a [u8],
        /// Comma-separated hints for the server; usually empty.
        submethods: &'a [u8],
    },
    /// `hostbased` (RFC 4252 section 9).
    HostBased {
        /// The algorithm of the client host's key.
        algorithm: &'a [u8],
        /// The client host's key or certificate, encoded.
        host_key: &'a [u8],
        /// The client host's fully qualified name.
        client_host: &'a [u8],
        /// The user's name on the client host.
        client_user: &'a [u8],
        /// The signature of the client host.
        signature: &'a [u8],
    },
    /// `gssapi-with-mic` (RFC 4462 section 3.2).
    GssapiWithMic {
        /// The mechanisms, each an object identifier in DER.
        mechanisms: Vec<&'a [u8]>,
    },
    /// `gssapi-keyex` (RFC 4462 section 4).
    GssapiKeyex {
        /// The message integrity code, made with the context of the key exchange.
        mic: &'a [u8],
    },
    /// Any other method.
    ///
    /// Encoded as it is: with the name of one of the methods above, and data that suit it, it comes
    /// back as that one.
    Other {
        /// The name of the method.
        name: &'a [u8],
        /// Everything that follows the name.
        data: &'a [u8],
    },
}

impl<'a> RequestMethod<'a> {
    /// The name of the method, as it is on the wire.
    #[must_use]
    pub const fn name(&self) -> &'a [u8] {
        match self {
            Self::None => method_name::NONE.as_bytes(),
            Self::PublicKey { .. } => method_name::PUBLIC_KEY.as_bytes(),
            Self::HostBoundPublicKey { .. } => method_name::HOST_BOUND_PUBLIC_KEY.as_bytes(),
            Self::Password { .. } | Self::PasswordChange { .. } => method_name::PASSWORD.as_bytes(),
            Self::KeyboardInteractive { .. } => method_name::KEYBOARD_INTERACTIVE.as_bytes(),
            Self::HostBased { .. } => method_name::HOST_BASED.as_bytes(),
            Self::GssapiWithMic { .. } => method_name::GSSAPI_WITH_MIC.as_bytes(),
            Self::GssapiKeyex { .. } => method_name::GSSAPI_KEYEX.as_bytes(),
            Self::Other { name, .. } => name,
        }
    }

    fn decode(name: &'a [u8], mut cursor: Cursor<'a>) -> Result<Self, DecodeError> {
        let method = match core::str::from_utf8(name).unwrap_or_default() {
            method_name::NONE => Self::None,
            method_name::PUBLIC_KEY => Self::decode_public_key(&mut cursor)?,
            method_name::HOST_BOUND_PUBLIC_KEY => Self::decode_host_bound(&mut cursor)?,
            method_name::PASSWORD => Self::decode_password(&mut cursor)?,
            method_name::KEYBOARD_INTERACTIVE => Self::KeyboardInteractive {
                language: cursor.string("language tag")?,
                submethods: cursor.string("submethods")?,
            },
            method_name::HOST_BASED => Self::HostBased {
                algorithm: cursor.string("algorithm")?,
                host_key: cursor.string("host key")?,
                client_host: cursor.string("client host")?,
                client_user: cursor.string("client user")?,
                signature: cursor.string("signature")?,
            },
            method_name::GSSAPI_WITH_MIC => Self::GssapiWithMic {
                mechanisms: cursor.strings("number of mechanisms", "mechanism")?,
            },
            method_name::GSSAPI_KEYEX => Self::GssapiKeyex {
                mic: cursor.string("mic")?,
            },
            _ => {
                let data = cursor.rest();
                return Ok(Self::Other { name, data });
            }
        };
        cursor.finish()?;
        Ok(method)
    }

    fn decode_public_key(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let signed = cursor.boolean("has signature")?;
        Ok(Self::PublicKey {
            algorithm: cursor.string("algorithm")?,
            key: cursor.string("key")?,
            signature: cursor.string_if(signed, "signature")?,
        })
    }

    fn decode_host_bound(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        let signed = cursor.boolean("has signature")?;
        Ok(Self::HostBoundPublicKey {
            algorithm: cursor.string("algorithm")?,
            key: cursor.string("key")?,
            host_key: cursor.string("host key")?,
            signature: cursor.string_if(signed, "signature")?,
        })
    }

    fn decode_password(cursor: &mut Cursor<'a>) -> Result<Self, DecodeError> {
        Ok(if cursor.boolean("change")? {
            Self::PasswordChange {
                old: cursor.string("old password")?,
                new: cursor.string("new password")?,
            }
        } else {
            Self::Password {
                password: cursor.string("password")?,
            }
        })
    }
}

/// The fields that follow the name of the method.
impl Layout for RequestMethod<'_> {
    fn lay_out(&self, sink: &mut impl Sink) {
        match self {
            Self::None => {}
            Self::PublicKey {
                algorithm,
                key,
                signature,
            } => {
                sink.boolean(signature.is_some());
                sink.all(&[algorithm, key]);
                sink.all(signature.as_slice());
            }
            Self::HostBoundPublicKey {
                algorithm,
                key,
                host_key,
                signature,
            } => {
                sink.boolean(signature.is_some());
                sink.all(&[algorithm, key, host_key]);
                sink.all(signature.as_slice());
            }
            Self::Password { password } => {
                sink.boolean(false);
                sink.string(password);
            }
            Self::PasswordChange { old, new } => {
                sink.boolean(true);
                sink.all(&[old, new]);
            }
            Self::KeyboardInteractive {
                language,
                submethods,
            } => sink.all(&[language, submethods]),
            Self::HostBased {
                algorithm,
                host_key,
                client_host,
                client_user,
                signature,
            } => sink.all(&[algorithm, host_key, client_host, client_user, signature]),
            Self::GssapiWithMic { mechanisms } => sink.strings(mechanisms),
            Self::GssapiKeyex { mic } => sink.string(mic),
            Self::Other { data, .. } => sink.raw(data),
        }
    }
}

debug_fields!(Request {
    user: text,
    service: text,
    method: plain_ref,
});

debug_variants!(RequestMethod {
    None {},
    PublicKey { algorithm: text, key: hidden, signature: maybe_hidden },
    HostBoundPublicKey { algorithm: text, key: hidden, host_key: hidden, signature: maybe_hidden },
    Password { password: hidden },
    PasswordChange { old: hidden, new: hidden },
    KeyboardInteractive { language: text, submethods: text },
    HostBased {
        algorithm: text,
        host_key: hidden,
        client_host: text,
        client_user: text,
        signature: hidden,
    },
    GssapiWithMic { mechanisms: all_hidden },
    GssapiKeyex { mic: hidden },
    Other { name: text, data: hidden },
});
encode_by_layout!(Request<'_>);
