//! The bytes under a signature or a message integrity code.
//!
//! All three begin with the session identifier as a string and with the number of the request, so
//! that a signature made here is worth nothing in another session or in another protocol.

use ssh_encoding::{Encode as _, Error, Writer};

use super::layout::{Layout, strings};
use super::method_name;
use super::number;

/// The session identifier and the beginning of the request.
fn head(
    session_id: &[u8],
    [user, service, method]: [&[u8]; 3],
    writer: &mut impl Writer,
) -> Result<(), Error> {
    session_id.encode(writer)?;
    number::USERAUTH_REQUEST.encode(writer)?;
    strings(&[user, service, method], writer)
}

/// What the user's key signs (RFC 4252 section 7; OpenSSH's PROTOCOL file for the host-bound form).
///
/// After the session identifier it is the request up to the signature, byte for byte.
pub(crate) struct PublicKeySignatureData<'a> {
    pub(crate) session_id: &'a [u8],
    pub(crate) user: &'a [u8],
    pub(crate) service: &'a [u8],
    pub(crate) algorithm: &'a [u8],
    pub(crate) key: &'a [u8],
    /// The server's host key, encoded; with it, this is the host-bound form.
    pub(crate) host_key: Option<&'a [u8]>,
}

impl Layout for PublicKeySignatureData<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        let method = match self.host_key {
            Some(_) => method_name::HOST_BOUND_PUBLIC_KEY,
            None => method_name::PUBLIC_KEY,
        };
        let names = [self.user, self.service, method.as_bytes()];
        head(self.session_id, names, writer)?;
        true.encode(writer)?;
        strings(&[self.algorithm, self.key], writer)?;
        strings(self.host_key.as_slice(), writer)
    }
}

/// What the client host's key signs for `hostbased` (RFC 4252 section 9).
pub(crate) struct HostBasedSignatureData<'a> {
    pub(crate) session_id: &'a [u8],
    pub(crate) user: &'a [u8],
    pub(crate) service: &'a [u8],
    pub(crate) algorithm: &'a [u8],
    pub(crate) host_key: &'a [u8],
    pub(crate) client_host: &'a [u8],
    pub(crate) client_user: &'a [u8],
}

impl Layout for HostBasedSignatureData<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        let names = [self.user, self.service, method_name::HOST_BASED.as_bytes()];
        head(self.session_id, names, writer)?;
        let fields = [
            self.algorithm,
            self.host_key,
            self.client_host,
            self.client_user,
        ];
        strings(&fields, writer)
    }
}

/// Which GSS-API method a message integrity code is for.
#[derive(Clone, Copy)]
pub(crate) enum GssapiMethod {
    /// RFC 4462 section 3.5.
    WithMic,
    /// RFC 4462 section 4.
    Keyex,
}

/// What a GSS-API message integrity code is made over (RFC 4462 section 3.5, and section 4 for
/// `gssapi-keyex`).
pub(crate) struct GssapiMicData<'a> {
    pub(crate) session_id: &'a [u8],
    pub(crate) user: &'a [u8],
    pub(crate) service: &'a [u8],
    pub(crate) method: GssapiMethod,
}

impl Layout for GssapiMicData<'_> {
    fn lay_out(&self, writer: &mut impl Writer) -> Result<(), Error> {
        let method = match self.method {
            GssapiMethod::WithMic => method_name::GSSAPI_WITH_MIC,
            GssapiMethod::Keyex => method_name::GSSAPI_KEYEX,
        };
        let names = [self.user, self.service, method.as_bytes()];
        head(self.session_id, names, writer)
    }
}
