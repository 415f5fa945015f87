//! What a client sends: requests and messages of methods.

use alloc::vec::Vec;

use ssh_encoding::{Encode as _, Error, Writer};

use super::layout::{Layout, strings};
use super::number;
use super::server::MethodMessage;

/// The names of the methods, as they are in requests and in the list of a
/// [`Failure`](super::Failure).
pub(crate) mod method_name {
    /// RFC 4252 section 5.2.
    pub(crate) const NONE: &str = "none";
    /// RFC 4252 section 7.
    pub(crate) const PUBLIC_KEY: &str = "publickey";
    /// OpenSSH's PROTOCOL file: `publickey` with the server's host key in the signature. It is
    /// never in a list.
    pub(crate) const HOST_BOUND_PUBLIC_KEY: &str = "publickey-hostbound-v00@openssh.com";
    /// RFC 4252 section 8.
    pub(crate) const PASSWORD: &str = "password";
    /// RFC 4256.
    pub(crate) const KEYBOARD_INTERACTIVE: &str = "keyboard-interactive";
    /// RFC 4252 section 9.
    pub(crate) const HOST_BASED: &str = "hostbased";
    /// RFC 4462 section 3.
    pub(crate) const GSSAPI_WITH_MIC: &str = "gssapi-with-mic";
    /// RFC 4462 section 4.
    pub(crate) const GSSAPI_KEYEX: &str = "gssapi-keyex";
}

/// `SSH_MSG_USERAUTH_REQUEST` (RFC 4252 section 5).
pub(crate) struct Request<'a> {
    pub(crate) user: &'a [u8],
    pub(crate) service: &'a [u8],
    pub(crate) method: RequestMethod<'a>,
}

/// What is signed, or what a GSS-API integrity code is made over: the session identifier as a
/// string, then the request up to the signature or code (RFC 4252 sections 7 and 9, RFC 4462
/// sections 3.5 and 4). So a signature made here is worthless in another session or protocol.
pub(crate) struct SignedData<'a> {
    pub(crate) session_id: &'a [u8],
    pub(crate) request: Request<'a>,
}

impl Layout for SignedData<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        self.session_id.encode(writer)?;
        self.request.lay_out(writer)
    }
}

/// The method of a [`Request`], with its fields.
pub(crate) enum RequestMethod<'a> {
    /// RFC 4252 section 5.2.
    None,
    /// A query (RFC 4252 section 7).
    PublicKey { algorithm: &'a [u8], key: &'a [u8] },
    /// A signed request without the signature (RFC 4252 section 7). With the server's host key it is
    /// the host-bound form (OpenSSH's PROTOCOL file).
    SignedPublicKey {
        algorithm: &'a [u8],
        key: &'a [u8],
        host_key: Option<&'a [u8]>,
    },
    /// A request without the signature (RFC 4252 section 9).
    HostBased {
        algorithm: &'a [u8],
        host_key: &'a [u8],
        client_host: &'a [u8],
        client_user: &'a [u8],
    },
    /// RFC 4252 section 8.
    Password { password: &'a [u8] },
    /// RFC 4252 section 8.
    PasswordChange { old: &'a [u8], new: &'a [u8] },
    /// RFC 4256 section 3.1.
    KeyboardInteractive {
        language: &'a [u8],
        submethods: &'a [u8],
    },
    /// RFC 4462 section 3.2.
    GssapiWithMic { mechanisms: Vec<&'a [u8]> },
    /// RFC 4462 section 4.
    GssapiKeyex { mic: &'a [u8] },
    /// The name of any other method, and everything that follows it.
    Other { name: &'a [u8], data: &'a [u8] },
}

impl RequestMethod<'_> {
    fn name(&self) -> &[u8] {
        match self {
            Self::None => method_name::NONE.as_bytes(),
            Self::PublicKey { .. } => method_name::PUBLIC_KEY.as_bytes(),
            Self::SignedPublicKey { host_key, .. } => match host_key {
                Some(_) => method_name::HOST_BOUND_PUBLIC_KEY.as_bytes(),
                None => method_name::PUBLIC_KEY.as_bytes(),
            },
            Self::HostBased { .. } => method_name::HOST_BASED.as_bytes(),
            Self::Password { .. } | Self::PasswordChange { .. } => method_name::PASSWORD.as_bytes(),
            Self::KeyboardInteractive { .. } => method_name::KEYBOARD_INTERACTIVE.as_bytes(),
            Self::GssapiWithMic { .. } => method_name::GSSAPI_WITH_MIC.as_bytes(),
            Self::GssapiKeyex { .. } => method_name::GSSAPI_KEYEX.as_bytes(),
            Self::Other { name, .. } => name,
        }
    }
}

impl Layout for Request<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        number::USERAUTH_REQUEST.encode(writer)?;
        strings(&[self.user, self.service, self.method.name()], writer)?;
        match &self.method {
            RequestMethod::None => Ok(()),
            RequestMethod::PublicKey { algorithm, key } => {
                false.encode(writer)?;
                strings(&[algorithm, key], writer)
            }
            RequestMethod::SignedPublicKey {
                algorithm,
                key,
                host_key,
            } => {
                true.encode(writer)?;
                strings(&[algorithm, key], writer)?;
                strings(host_key.as_slice(), writer)
            }
            RequestMethod::HostBased {
                algorithm,
                host_key,
                client_host,
                client_user,
            } => strings(&[algorithm, host_key, client_host, client_user], writer),
            RequestMethod::Password { password } => {
                false.encode(writer)?;
                password.encode(writer)
            }
            RequestMethod::PasswordChange { old, new } => {
                true.encode(writer)?;
                strings(&[old, new], writer)
            }
            RequestMethod::KeyboardInteractive {
                language,
                submethods,
            } => strings(&[language, submethods], writer),
            RequestMethod::GssapiWithMic { mechanisms } => {
                mechanisms.len().encode(writer)?;
                strings(mechanisms, writer)
            }
            RequestMethod::GssapiKeyex { mic } => mic.encode(writer),
            RequestMethod::Other { data, .. } => writer.write(data),
        }
    }
}

/// `SSH_MSG_USERAUTH_INFO_RESPONSE` (RFC 4256 section 3.4), from what the answers are kept in.
pub(crate) struct Responses<I>(pub(crate) I);

impl<'a, I: ExactSizeIterator<Item = &'a [u8]> + Clone> Layout for Responses<I> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        number::USERAUTH_INFO_RESPONSE.encode(writer)?;
        self.0.len().encode(writer)?;
        self.0.clone().try_for_each(|answer| answer.encode(writer))
    }
}

/// A message of a method that has one string: a token or an integrity code of GSS-API (RFC 4462
/// sections 3.4 and 3.5).
pub(crate) struct StringMessage<'a> {
    pub(crate) number: u8,
    pub(crate) string: &'a [u8],
}

impl Layout for StringMessage<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        self.number.encode(writer)?;
        self.string.encode(writer)
    }
}

/// A message of a custom method, or one without fields.
impl Layout for MethodMessage<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        self.number().encode(writer)?;
        writer.write(self.body())
    }
}
