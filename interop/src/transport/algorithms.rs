//! The algorithms this transport implements, by type and by name on the wire.

use core::fmt;

/// A key exchange method (RFC 4253 section 7.1, `kex_algorithms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum KexAlgorithm {
    /// `curve25519-sha256`, RFC 8731.
    Curve25519Sha256,
    /// `curve25519-sha256@libssh.org`: the same exchange under its name from before the RFC.
    Curve25519Sha256LibSsh,
}

impl KexAlgorithm {
    /// Every method, in the order of preference.
    pub const ALL: &'static [Self] = &[Self::Curve25519Sha256, Self::Curve25519Sha256LibSsh];

    /// The name in KEXINIT.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Curve25519Sha256 => "curve25519-sha256",
            Self::Curve25519Sha256LibSsh => "curve25519-sha256@libssh.org",
        }
    }
}

/// A signature algorithm of the server's host key (RFC 4253 section 7.1,
/// `server_host_key_algorithms`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeyAlgorithm {
    /// `ssh-ed25519`, RFC 8709.
    Ed25519,
    /// `ecdsa-sha2-nistp256`, RFC 5656.
    EcdsaP256,
    /// `rsa-sha2-512`, RFC 8332.
    RsaSha512,
    /// `rsa-sha2-256`, RFC 8332.
    RsaSha256,
}

impl HostKeyAlgorithm {
    /// Every algorithm, in the order of preference.
    pub const ALL: &'static [Self] = &[
        Self::Ed25519,
        Self::EcdsaP256,
        Self::RsaSha512,
        Self::RsaSha256,
    ];

    /// The name in KEXINIT and in signatures.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ed25519 => "ssh-ed25519",
            Self::EcdsaP256 => "ecdsa-sha2-nistp256",
            Self::RsaSha512 => "rsa-sha2-512",
            Self::RsaSha256 => "rsa-sha2-256",
        }
    }

    /// The name inside the public key blob. RFC 8332 section 3 keeps `ssh-rsa` there whatever the
    /// signature's hash.
    #[must_use]
    pub const fn key_type(self) -> &'static str {
        match self {
            Self::RsaSha512 | Self::RsaSha256 => "ssh-rsa",
            other => other.name(),
        }
    }
}

/// A cipher (RFC 4253 section 7.1, `encryption_algorithms_*`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Cipher {
    /// `chacha20-poly1305@openssh.com`, OpenSSH's PROTOCOL.chacha20poly1305.
    ChaCha20Poly1305,
    /// `aes256-gcm@openssh.com`, RFC 5647 under OpenSSH's name.
    Aes256Gcm,
    /// `aes256-ctr`, RFC 4344, with `hmac-sha2-256`.
    Aes256Ctr,
}

impl Cipher {
    /// Every cipher, in the order of preference.
    pub const ALL: &'static [Self] = &[Self::ChaCha20Poly1305, Self::Aes256Gcm, Self::Aes256Ctr];

    /// The name in KEXINIT.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::ChaCha20Poly1305 => "chacha20-poly1305@openssh.com",
            Self::Aes256Gcm => "aes256-gcm@openssh.com",
            Self::Aes256Ctr => "aes256-ctr",
        }
    }
}

/// What the two sides agreed on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Negotiated {
    /// The key exchange method.
    pub kex: KexAlgorithm,
    /// The signature algorithm of the host key.
    pub host_key: HostKeyAlgorithm,
    /// The cipher from client to server.
    pub client_to_server: Cipher,
    /// The cipher from server to client.
    pub server_to_client: Cipher,
    /// Whether both sides asked for OpenSSH's strict key exchange.
    pub strict: bool,
}

impl fmt::Display for Negotiated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.kex.name(), self.host_key.name())?;
        write!(f, ", {}", self.client_to_server.name())?;
        if self.client_to_server != self.server_to_client {
            write!(f, " and {}", self.server_to_client.name())?;
        }
        f.write_str(if self.strict {
            ", strict key exchange"
        } else {
            ", without strict key exchange"
        })
    }
}
