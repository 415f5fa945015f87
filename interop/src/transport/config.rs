//! What each role brings to a connection.

use crate::transport::algorithms::{Cipher, HostKeyAlgorithm, KexAlgorithm};
use crate::transport::host_key::HostKey;

/// The version string both roles send unless told otherwise (RFC 4253 section 4.2).
const VERSION: &str = "SSH-2.0-ssh_userauth_0.1";

/// The client's side of the negotiation.
#[derive(Debug, Clone)]
pub struct ClientConfig {
    pub(crate) version: String,
    pub(crate) kex: Vec<KexAlgorithm>,
    pub(crate) host_keys: Vec<HostKeyAlgorithm>,
    pub(crate) ciphers: Vec<Cipher>,
    pub(crate) strict: bool,
    pub(crate) ext_info: bool,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            version: VERSION.to_owned(),
            kex: KexAlgorithm::ALL.to_vec(),
            host_keys: HostKeyAlgorithm::ALL.to_vec(),
            ciphers: Cipher::ALL.to_vec(),
            strict: true,
            ext_info: true,
        }
    }
}

impl ClientConfig {
    /// Everything this transport implements, in its order of preference.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sends `version` as version string, without the line end.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Offers only `kex`, in this order.
    #[must_use]
    pub fn with_kex(mut self, kex: &[KexAlgorithm]) -> Self {
        self.kex = kex.to_vec();
        self
    }

    /// Offers only `host_keys`, in this order. A client that knows a key of this host should put
    /// its type first.
    #[must_use]
    pub fn with_host_keys(mut self, host_keys: &[HostKeyAlgorithm]) -> Self {
        self.host_keys = host_keys.to_vec();
        self
    }

    /// Offers only `ciphers`, in this order.
    #[must_use]
    pub fn with_ciphers(mut self, ciphers: &[Cipher]) -> Self {
        self.ciphers = ciphers.to_vec();
        self
    }

    /// Whether to ask for OpenSSH's strict key exchange; for tests of the older behaviour.
    #[must_use]
    pub const fn with_strict_kex(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Whether to ask for EXT_INFO (RFC 8308 section 2.1).
    #[must_use]
    pub const fn with_ext_info(mut self, ext_info: bool) -> Self {
        self.ext_info = ext_info;
        self
    }
}

/// The server's side of the negotiation.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    pub(crate) version: String,
    pub(crate) host_key: HostKey,
    pub(crate) ciphers: Vec<Cipher>,
    pub(crate) strict: bool,
    pub(crate) ext_info: Option<Vec<u8>>,
    pub(crate) lines: Vec<String>,
}

impl ServerConfig {
    /// A server that proves itself with `host_key` and sends no EXT_INFO.
    #[must_use]
    pub fn new(host_key: HostKey) -> Self {
        Self {
            version: VERSION.to_owned(),
            host_key,
            ciphers: Cipher::ALL.to_vec(),
            strict: true,
            ext_info: None,
            lines: Vec::new(),
        }
    }

    /// The host key.
    #[must_use]
    pub const fn host_key(&self) -> &HostKey {
        &self.host_key
    }

    /// Sends `version` as version string, without the line end.
    #[must_use]
    pub fn with_version(mut self, version: impl Into<String>) -> Self {
        self.version = version.into();
        self
    }

    /// Accepts only `ciphers`.
    #[must_use]
    pub fn with_ciphers(mut self, ciphers: &[Cipher]) -> Self {
        self.ciphers = ciphers.to_vec();
        self
    }

    /// Whether to ask for OpenSSH's strict key exchange.
    #[must_use]
    pub const fn with_strict_kex(mut self, strict: bool) -> Self {
        self.strict = strict;
        self
    }

    /// Sends `payload`, a whole EXT_INFO message with its message number, right behind NEWKEYS to
    /// clients that asked for one (RFC 8308 section 2.4). It is not checked, so that a test can
    /// send a broken one.
    #[must_use]
    pub fn with_ext_info(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.ext_info = Some(payload.into());
        self
    }

    /// Sends `lines` ahead of the version string, as RFC 4253 section 4.2 allows a server.
    #[must_use]
    pub fn with_lines<L: Into<String>>(mut self, lines: impl IntoIterator<Item = L>) -> Self {
        self.lines = lines.into_iter().map(Into::into).collect();
        self
    }
}
