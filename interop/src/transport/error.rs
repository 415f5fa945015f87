//! What can go wrong below the authentication protocol.

use core::fmt;

use ssh_userauth::ServerText;

/// Text that the other side chose.
///
/// `Display` is made for a terminal: one line, filtered as [`ServerText::line`] filters, and long
/// text is cut. [`PeerText::as_bytes`] gives what was
/// really received.
#[derive(Clone, PartialEq, Eq)]
pub struct PeerText(Vec<u8>);

/// No explanation for a human needs more; a terminal full of it hides what came before.
const SHOWN_CHARS: usize = 512;

impl PeerText {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// The bytes as received, unfiltered.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use fmt::Write as _;
        let line = ServerText::new(&self.0).line().to_string();
        for (shown, c) in line.chars().enumerate() {
            if shown == SHOWN_CHARS {
                return f.write_str("...");
            }
            f.write_char(c)?;
        }
        Ok(())
    }
}

impl fmt::Debug for PeerText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// The caller's refusal of a host key, with the reason to show.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("host key refused: {reason}")]
pub struct HostKeyRefused {
    reason: String,
}

impl HostKeyRefused {
    /// A refusal for `reason`.
    #[must_use]
    pub fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
        }
    }
}

/// Everything that ends a connection. None of these carries key material or payload bytes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TransportError {
    /// The stream under the transport failed. A time-out set on the stream also arrives here, and
    /// is the one case after which the connection can still be used.
    #[error("reading or writing the connection: {0}")]
    Io(#[from] std::io::Error),
    /// The other side closed the stream without a DISCONNECT.
    #[error("the connection was closed by the other side")]
    Eof,
    /// SSH_MSG_DISCONNECT (RFC 4253 section 11.1).
    #[error("disconnected by the other side (reason {code}): {text}")]
    Disconnected {
        /// The reason code.
        code: u32,
        /// The description, filtered when displayed.
        text: PeerText,
    },
    /// The version exchange (RFC 4253 section 4.2) went wrong.
    #[error("version exchange: {0}")]
    Version(&'static str),
    /// Nothing in common in one of KEXINIT's lists (RFC 4253 section 7.1).
    #[error("no common algorithm for {0}")]
    NoCommonAlgorithm(&'static str),
    /// A field was missing, cut short or impossible.
    #[error("malformed {0}")]
    Malformed(&'static str),
    /// Something exceeded a limit of this implementation.
    #[error("{what} is over the limit of {limit}")]
    OverLimit {
        /// What was too long or too many.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// An encrypted packet did not authenticate (RFC 4253 section 6.4 and the AEAD ciphers).
    #[error("packet integrity check failed")]
    Integrity,
    /// OpenSSH's strict key exchange was violated.
    #[error("strict key exchange: {0}")]
    StrictKex(&'static str),
    /// A message that has no place at this point of the exchange.
    #[error("unexpected message {number} {stage}")]
    UnexpectedMessage {
        /// The message number.
        number: u8,
        /// When it came.
        stage: &'static str,
    },
    /// The host key's blob is not a key of the negotiated type.
    #[error("host key: {0}")]
    HostKey(&'static str),
    /// The signature over the exchange hash is wrong (RFC 4253 section 8).
    #[error("host key signature does not verify")]
    HostKeySignature,
    /// The caller refused the host key.
    #[error(transparent)]
    HostKeyRefused(#[from] HostKeyRefused),
    /// The Diffie-Hellman value is unusable (RFC 8731 section 3).
    #[error("key exchange failed")]
    KeyExchange,
    /// The other side started a second key exchange (RFC 4253 section 9), or this side's keys have
    /// sealed as many packets as they may; this transport cannot renew them.
    #[error("a new key exchange is needed, which this transport does not implement")]
    RekeyUnsupported,
    /// A payload was given before there are keys to protect it, or without a message number.
    #[error("payload refused: {0}")]
    NotSendable(&'static str),
    /// The connection failed earlier; the first error said why.
    #[error("the connection has already failed")]
    Failed,
    /// The system's random numbers are unavailable.
    #[error("no random numbers from the system")]
    Randomness,
}

impl TransportError {
    /// The reason code for the DISCONNECT that tells the other side (RFC 4253 section 11.1), or
    /// `None` if there is no one left to tell.
    pub(crate) const fn reason_code(&self) -> Option<u32> {
        Some(match self {
            Self::Io(_) | Self::Eof | Self::Disconnected { .. } | Self::Failed => return None,
            Self::NotSendable(_) => return None,
            Self::Version(_) => 8,
            Self::NoCommonAlgorithm(_) | Self::KeyExchange | Self::Randomness => 3,
            Self::Integrity => 5,
            Self::HostKey(_) | Self::HostKeySignature | Self::HostKeyRefused(_) => 9,
            Self::RekeyUnsupported => 11,
            _ => 2,
        })
    }
}
