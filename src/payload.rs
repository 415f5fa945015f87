//! The bytes of one message to send.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

/// The payload of one SSH packet (RFC 4253 section 6), message number first. Wiped on drop if it
/// carries a password or answers.
///
/// `Debug` shows what kind of message it is, never its bytes.
#[cfg_attr(test, derive(Clone))]
pub struct Payload {
    bytes: Cow<'static, [u8]>,
    /// Where the message begins. A signed request follows the session identifier, which was signed
    /// and is not sent.
    start: u8,
    content: Content,
    /// What it proves once it was handed out.
    pub(crate) evidence: Evidence,
    has_reply: bool,
}

/// The longest message that is sent: OpenSSH closes the connection on packets above 256 KiB
/// (`PACKET_MAX_SIZE`).
pub(crate) const MAX_PAYLOAD_BYTES: usize = 256 * 1024;

/// What the payload carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    Open,
    Secret,
}

/// What was sent in this run that proves anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Evidence {
    /// Nothing: no signature, password, answer or bytes of a caller's own method were sent.
    #[default]
    Nothing,
    /// Answers were sent, all of them empty.
    EmptyAnswers,
    /// At least a signature, a password, an answer with something in it, or such bytes.
    Something,
}

/// Packets with secrets should look like one of a few sizes. OpenSSH rounds them up to a multiple
/// of 64 bytes, PuTTY to 256.
const HIDDEN_LENGTH_STEP: usize = 64;
const HIDDEN_LENGTH_MINIMUM: usize = 256;

impl Payload {
    pub(crate) fn new(bytes: Vec<u8>, content: Content, evidence: Evidence) -> Self {
        Self {
            bytes: Cow::Owned(bytes),
            start: 0,
            content,
            evidence,
            has_reply: true,
        }
    }

    /// A message that is the same in every run.
    pub(crate) fn fixed(bytes: &'static [u8]) -> Self {
        Self {
            bytes: Cow::Borrowed(bytes),
            start: 0,
            content: Content::Open,
            evidence: Evidence::Nothing,
            has_reply: true,
        }
    }

    /// A signed request: what was signed, without its first `start` bytes.
    pub(crate) fn signed(start: u8, bytes: Vec<u8>, evidence: Evidence) -> Self {
        let mut payload = Self::new(bytes, Content::Open, evidence);
        payload.start = start;
        payload
    }

    /// The same message, where the server replies only to the one after it.
    pub(crate) fn without_reply(mut self) -> Self {
        self.has_reply = false;
        self
    }

    /// Whether the server replies to it.
    pub(crate) fn has_reply(&self) -> bool {
        self.has_reply
    }

    /// The bytes to encrypt and send.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        self.bytes
            .get(usize::from(self.start)..)
            .unwrap_or_default()
    }

    /// The number of the message, for logs: 5, 50, 61.
    #[must_use]
    pub fn message_number(&self) -> u8 {
        self.bytes().first().copied().unwrap_or_default()
    }

    /// How long the payload should look, in bytes, if its length would tell the length of a
    /// password or an answer (RFC 4252 section 8: "Both the server and the client should check
    /// whether the underlying transport layer provides confidentiality"; the length of a packet
    /// is not confidential).
    ///
    /// A transport follows it by adding random padding (RFC 4253 section 6: "Arbitrary-length
    /// padding", at most 255 bytes), as OpenSSH does, or by an `SSH_MSG_IGNORE` in front, as
    /// PuTTY does for servers that choke on long padding.
    #[must_use]
    pub fn pad_hint(&self) -> Option<usize> {
        match self.content {
            Content::Open => None,
            Content::Secret => {
                let length = self.bytes().len();
                let stepped = length.checked_next_multiple_of(HIDDEN_LENGTH_STEP);
                Some(stepped.map_or(length, |long| long.max(HIDDEN_LENGTH_MINIMUM)))
            }
        }
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        self.bytes()
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::wire::number::name(self.message_number());
        write!(f, "Payload({name}, {} bytes)", self.bytes().len())
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if let (Content::Secret, Cow::Owned(bytes)) = (self.content, &mut self.bytes) {
            bytes.zeroize();
        }
    }
}
