//! What the transport knows about the connection.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ConfigError;

/// The longest exchange hash of any key exchange in use is SHA-512's.
const MAX_SESSION_ID_BYTES: usize = 64;

/// What the transport knows about the connection. The client trusts it: the host key
/// must have been verified before.
///
/// ```
/// use ssh_userauth::Session;
/// # let (session_id, host_key) = ([1; 32], vec![0]);
///
/// let session = Session::encrypted(session_id).host_key(host_key);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Session {
    pub(crate) id: Box<[u8]>,
    pub(crate) is_encrypted: bool,
    /// See [`host_key`](Self::host_key()).
    pub host_key: Option<Box<[u8]>>,
    /// See [`ext_info`](Self::ext_info()).
    pub ext_info: Option<Box<[u8]>>,
    /// See [`server_version`](Self::server_version()).
    pub server_version: Option<String>,
    /// See [`service_request`](Self::service_request()).
    pub service_request: ServiceRequest,
    pub(crate) is_gssapi_key_exchange: bool,
}

/// Who makes the request for the service `ssh-userauth` (RFC 4253 section 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceRequest {
    /// The machine, as its first message. The default.
    #[default]
    Ours,
    /// The caller has sent it; the machine waits for `SSH_MSG_SERVICE_ACCEPT`.
    Sent,
    /// The caller has sent it and seen it accepted.
    Accepted,
}

impl Session {
    /// A transport that encrypts and protects integrity, with the session identifier of its
    /// *first* key exchange (RFC 4253 section 7.2).
    #[must_use]
    pub fn encrypted(session_id: impl AsRef<[u8]>) -> Self {
        Self::with(session_id.as_ref(), true)
    }

    /// A transport with cipher `none` or without integrity. No password and no answer is asked
    /// for or sent (RFC 4252 section 8: "Both the server and the client should check whether the
    /// underlying transport layer provides confidentiality").
    #[must_use]
    pub fn unencrypted(session_id: impl AsRef<[u8]>) -> Self {
        Self::with(session_id.as_ref(), false)
    }

    fn with(id: &[u8], is_encrypted: bool) -> Self {
        Self {
            id: id.into(),
            is_encrypted,
            host_key: None,
            ext_info: None,
            server_version: None,
            service_request: ServiceRequest::default(),
            is_gssapi_key_exchange: false,
        }
    }

    /// The host key blob of the first key exchange, for host-bound signatures and for the
    /// signer's user interface.
    #[must_use]
    pub fn host_key(mut self, blob: impl Into<Vec<u8>>) -> Self {
        self.host_key = Some(blob.into().into_boxed_slice());
        self
    }

    /// The payload of the `SSH_MSG_EXT_INFO` that came right after `SSH_MSG_NEWKEYS` (RFC 8308
    /// section 2.4), if the transport has taken it already. One that comes later goes into
    /// [`handle_packet`](crate::UserAuthClient::handle_packet) like everything else.
    #[must_use]
    pub fn ext_info(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.ext_info = Some(payload.into().into_boxed_slice());
        self
    }

    /// The server's version string, such as `SSH-2.0-OpenSSH_9.2`, for the report.
    #[must_use]
    pub fn server_version(mut self, version: impl Into<String>) -> Self {
        self.server_version = Some(version.into());
        self
    }

    /// Who makes the service request.
    #[must_use]
    pub fn service_request(mut self, by: ServiceRequest) -> Self {
        self.service_request = by;
        self
    }

    /// The first key exchange was one of GSS-API (RFC 4462 section 2), so that
    /// [`Method::GssapiKeyex`](crate::Method::GssapiKeyex) can be used.
    #[must_use]
    pub fn gssapi_key_exchange(mut self) -> Self {
        self.is_gssapi_key_exchange = true;
        self
    }

    /// The session identifier.
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        &self.id
    }

    /// Whether the transport encrypts and protects integrity.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.is_encrypted
    }

    /// Whether the first key exchange was one of GSS-API.
    #[must_use]
    pub fn is_gssapi_key_exchange(&self) -> bool {
        self.is_gssapi_key_exchange
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self.id.len() {
            // Without it, the data under a signature would be good for any connection.
            0 => Err(ConfigError::EmptySessionId),
            1..=MAX_SESSION_ID_BYTES => Ok(()),
            length => Err(ConfigError::SessionIdTooLong {
                length,
                limit: MAX_SESSION_ID_BYTES,
            }),
        }
    }
}
