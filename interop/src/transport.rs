//! The SSH transport protocol (RFC 4253), in both roles.
//!
//! [`Connection`] is the protocol itself, without any input or output: bytes go in by
//! [`Connection::receive`], bytes come out by [`Connection::take_output`].
//! [`Transport`] drives it over any blocking `Read + Write`, and [`Flight`] says when it writes.
//!
//! What it speaks: `curve25519-sha256` (RFC 8731) and its older `@libssh.org` name; host keys
//! `ssh-ed25519` (RFC 8709), `ecdsa-sha2-nistp256` (RFC 5656), `rsa-sha2-512` and `rsa-sha2-256`
//! (RFC 8332); `chacha20-poly1305@openssh.com`, `aes256-gcm@openssh.com` (RFC 5647 with
//! OpenSSH's negotiation), and `aes256-ctr` (RFC 4344) with `hmac-sha2-256`; no compression;
//! extension negotiation (RFC 8308); OpenSSH's strict key exchange. What it does not: a second key
//! exchange, which ends the connection with [`TransportError::RekeyUnsupported`].
//!
//! It exists to give a userauth client something real to talk through in examples and tests. It
//! has had no independent review.

mod algorithms;
mod config;
mod connection;
mod counter;
mod crypto;
mod error;
mod flight;
mod handshake;
mod host_key;
mod kexinit;
mod packet;
mod stream;
mod tcp;
pub(crate) mod wire;

pub use self::algorithms::{Cipher, HostKeyAlgorithm, KexAlgorithm, Negotiated};
pub use self::config::{ClientConfig, ServerConfig};
pub use self::connection::{Connection, Incoming};
pub use self::error::{HostKeyRefused, PeerText, TransportError};
pub use self::flight::Flight;
pub use self::host_key::HostKey;
pub use self::stream::Transport;
pub use self::tcp::LowLatencyTcp;
