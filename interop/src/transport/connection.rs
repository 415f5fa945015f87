//! The transport protocol without input or output.

use alloc::collections::VecDeque;

use crate::transport::algorithms::Negotiated;
use crate::transport::config::{ClientConfig, ServerConfig};
use crate::transport::error::{HostKeyRefused, PeerText, TransportError};
use crate::transport::handshake::{Handshake, RoleConfig};
use crate::transport::packet::{Input, MAX_PACKET, Receiver, Sender};
use crate::transport::wire::{
    DEBUG, DISCONNECT, EXT_INFO, IGNORE, KEXINIT, Reader, SERVICE_REQUEST, UNIMPLEMENTED,
    disconnect,
};

/// Bytes that may wait while the host key is being looked at: one packet and a bit.
const MAX_WAITING: usize = MAX_PACKET + 64 * 1024;

/// IGNORE and DEBUG in a row with nothing useful between them. Without a limit a server could keep
/// a caller busy that waits for an answer.
const MAX_NOISE: usize = 10_000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Client,
    Server,
}

/// Something for the layer above.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Incoming {
    /// A payload from its message number on: EXT_INFO (7), the service messages (5, 6) and
    /// everything from 50 on.
    Payload(Vec<u8>),
    /// SSH_MSG_UNIMPLEMENTED (RFC 4253 section 11.4) for the packet of ours that had this sequence
    /// number, as [`Connection::send`] gave it.
    Unimplemented(u32),
}

impl core::fmt::Debug for Incoming {
    /// Without the payload: in the server role it may hold a password.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Payload(payload) => f
                .debug_struct("Payload")
                .field("number", &payload.first())
                .field("length", &payload.len())
                .finish(),
            Self::Unimplemented(sequence) => {
                f.debug_tuple("Unimplemented").field(sequence).finish()
            }
        }
    }
}

/// One side of one connection, without any input or output of its own.
///
/// The caller moves bytes: what arrives goes to [`Connection::receive`], what
/// [`Connection::take_output`] gives is written. A client also decides about the host key when
/// [`Connection::pending_host_key`] shows one.
#[derive(Debug)]
pub struct Connection {
    pub(crate) config: RoleConfig,
    pub(crate) handshake: Handshake,
    pub(crate) input: Input,
    pub(crate) output: Vec<u8>,
    pub(crate) sender: Sender,
    pub(crate) receiver: Receiver,
    pub(crate) peer_version: String,
    pub(crate) session_id: Vec<u8>,
    pub(crate) host_key: Option<Vec<u8>>,
    pub(crate) negotiated: Option<Negotiated>,
    queue: VecDeque<(u32, Incoming)>,
    last_sequence: Option<u32>,
    noise: usize,
    failed: bool,
}

impl Connection {
    /// The client's side. Its version string and KEXINIT are in the output at once; there is no
    /// reason to wait for the server's (RFC 4253 section 4.2).
    ///
    /// # Errors
    ///
    /// [`TransportError::Version`] for an unusable version string in `config`,
    /// [`TransportError::Randomness`] without random numbers.
    pub fn client(config: ClientConfig) -> Result<Self, TransportError> {
        Self::new(RoleConfig::Client(config))
    }

    /// The server's side, with the lines of `config`, its version string and KEXINIT in the output.
    ///
    /// # Errors
    ///
    /// As for [`Connection::client`].
    pub fn server(config: ServerConfig) -> Result<Self, TransportError> {
        Self::new(RoleConfig::Server(config))
    }

    fn new(config: RoleConfig) -> Result<Self, TransportError> {
        let mut output = Vec::new();
        config.greet(&mut output)?;
        let ours = config.kexinit()?;
        let mut sender = Sender::new();
        sender.seal(&ours.payload, 0, &mut output)?;
        Ok(Self {
            config,
            handshake: Handshake::start(ours),
            input: Input::default(),
            output,
            sender,
            receiver: Receiver::new(),
            peer_version: String::new(),
            session_id: Vec::new(),
            host_key: None,
            negotiated: None,
            queue: VecDeque::new(),
            last_sequence: None,
            noise: 0,
            failed: false,
        })
    }

    /// Takes bytes from the other side and does what they ask for.
    ///
    /// Payloads that came whole before an error are still given by [`Connection::poll_payload`].
    ///
    /// # Errors
    ///
    /// Whatever ends the connection, once; from then on [`TransportError::Failed`]. The output may
    /// then hold a DISCONNECT for the other side.
    pub fn receive(&mut self, bytes: &[u8]) -> Result<(), TransportError> {
        if self.failed {
            return Err(TransportError::Failed);
        }
        self.input.push(bytes);
        self.process().map_err(|error| self.fail(error))
    }

    fn process(&mut self) -> Result<(), TransportError> {
        loop {
            if self.pending_host_key().is_some() {
                let limit = MAX_WAITING;
                return if self.input.unread().len() > limit {
                    let what = "what arrived before the host key was accepted";
                    Err(TransportError::OverLimit { what, limit })
                } else {
                    Ok(())
                };
            }
            if self.peer_version.is_empty() {
                if !self.read_version_line()? {
                    return Ok(());
                }
                continue;
            }
            let Some((sequence, payload)) = self.receiver.open(&mut self.input)? else {
                return Ok(());
            };
            self.dispatch(sequence, payload)?;
        }
    }

    /// Remembers the failure. The other side is told, unless sealed payloads were waiting to be
    /// sent: after a failure they must not go out, and without them a DISCONNECT would not decrypt.
    fn fail(&mut self, error: TransportError) -> TransportError {
        self.failed = true;
        self.input.clear();
        let waiting = !self.output.is_empty();
        self.output.clear();
        if let (false, Some(code)) = (waiting, error.reason_code()) {
            // The caller's reason for refusing may name its files; the rest are our own words.
            let text = match &error {
                TransportError::HostKeyRefused(_) => "host key refused".to_owned(),
                error => error.to_string(),
            };
            let payload = disconnect(code, &text);
            let _best_effort = self.sender.seal(&payload, 0, &mut self.output);
        }
        error
    }

    fn dispatch(&mut self, sequence: u32, payload: Vec<u8>) -> Result<(), TransportError> {
        let number = payload.first().copied().unwrap_or_default();
        if number == DISCONNECT {
            return Err(disconnected(&payload));
        }
        if self.receiver.is_clear() {
            return self.dispatch_handshake(sequence, number, payload);
        }
        match number {
            IGNORE | DEBUG => return self.count_noise(),
            UNIMPLEMENTED => {
                let mut reader = Reader::new(&payload, "UNIMPLEMENTED");
                reader.byte()?;
                let theirs = reader.u32()?;
                reader.finish()?;
                self.queue
                    .push_back((sequence, Incoming::Unimplemented(theirs)));
            }
            SERVICE_REQUEST..=EXT_INFO | 50.. => {
                self.queue.push_back((sequence, Incoming::Payload(payload)));
            }
            KEXINIT => return Err(TransportError::RekeyUnsupported),
            21..=49 => {
                let stage = "outside a key exchange";
                return Err(TransportError::UnexpectedMessage { number, stage });
            }
            // RFC 4253 section 11.4 wants an answer to what we do not know.
            _ => {
                self.count_noise()?;
                self.push_unimplemented(sequence)?;
                return Ok(());
            }
        }
        self.noise = 0;
        Ok(())
    }

    pub(crate) fn count_noise(&mut self) -> Result<(), TransportError> {
        self.noise = self.noise.saturating_add(1);
        if self.noise > MAX_NOISE {
            return Err(TransportError::OverLimit {
                what: "the number of messages to ignore",
                limit: MAX_NOISE,
            });
        }
        Ok(())
    }

    fn push_unimplemented(&mut self, sequence: u32) -> Result<u32, TransportError> {
        let mut payload = vec![UNIMPLEMENTED];
        payload.extend_from_slice(&sequence.to_be_bytes());
        self.sender.seal(&payload, 0, &mut self.output)
    }

    /// The next thing that arrived for the layer above.
    pub fn poll_payload(&mut self) -> Option<Incoming> {
        let (sequence, incoming) = self.queue.pop_front()?;
        self.last_sequence = Some(sequence);
        Some(incoming)
    }

    /// Puts `payload` into the output, protected; gives the packet's sequence number, by which the
    /// other side may name it in UNIMPLEMENTED. With `pad_to` the packet looks like one whose
    /// payload has at least that many bytes, as far as 255 bytes of padding reach (RFC 4252
    /// section 8 asks for this with passwords).
    ///
    /// The numbers of the transport itself are not refused: a test's server may want to misbehave.
    ///
    /// # Errors
    ///
    /// [`TransportError::NotSendable`] before [`Connection::can_send`] or for an empty payload,
    /// [`TransportError::OverLimit`] for one that is too long; both leave the connection as it was.
    /// [`TransportError::RekeyUnsupported`] when the keys are used up, [`TransportError::Failed`]
    /// after an earlier failure.
    pub fn send(&mut self, payload: &[u8], pad_to: Option<usize>) -> Result<u32, TransportError> {
        if self.failed {
            return Err(TransportError::Failed);
        }
        if !self.can_send() {
            return Err(TransportError::NotSendable("there are no keys yet"));
        }
        let pad_to = pad_to.unwrap_or_default();
        self.sender.seal(payload, pad_to, &mut self.output)
    }

    /// Answers the packet of the last item from [`Connection::poll_payload`] with
    /// SSH_MSG_UNIMPLEMENTED (RFC 4253 section 11.4).
    ///
    /// # Errors
    ///
    /// As for [`Connection::send`]; also [`TransportError::NotSendable`] if nothing was polled.
    pub fn send_unimplemented(&mut self) -> Result<u32, TransportError> {
        if self.failed {
            return Err(TransportError::Failed);
        }
        let sequence = self
            .last_sequence
            .ok_or(TransportError::NotSendable("there is nothing to answer"))?;
        self.push_unimplemented(sequence)
    }

    /// The server's host key blob (RFC 4253 section 6.6) that waits for
    /// [`Connection::accept_host_key`] or [`Connection::refuse_host_key`]. Its signature over the
    /// exchange is already known to be right; whose key it is, is not. Nothing more is sent or
    /// read until the decision.
    #[must_use]
    pub fn pending_host_key(&self) -> Option<&[u8]> {
        self.handshake.pending_host_key()
    }

    /// The caller knows this key to be the server's: sends NEWKEYS and goes on. Does nothing if no
    /// key is pending.
    ///
    /// # Errors
    ///
    /// As for [`Connection::receive`], for what had arrived behind the key.
    pub fn accept_host_key(&mut self) -> Result<(), TransportError> {
        if self.failed {
            return Err(TransportError::Failed);
        }
        let accepted = self.finish_client_exchange();
        // What follows is only looked at with our keys in place.
        match accepted {
            Ok(()) => self.process().map_err(|error| self.fail(error)),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The caller does not know this key: ends the connection, with a DISCONNECT in the output.
    /// Gives the error to report.
    #[must_use]
    pub fn refuse_host_key(&mut self, refusal: HostKeyRefused) -> TransportError {
        self.fail(TransportError::HostKeyRefused(refusal))
    }

    /// Says good-bye: puts SSH_MSG_DISCONNECT (RFC 4253 section 11.1) into the output, as far as
    /// something can still be sent. `text` is for the server's log.
    pub fn disconnect(&mut self, code: u32, text: &str) {
        let _best_effort = self.send(&disconnect(code, text), None);
    }

    /// What is to be written now.
    #[must_use]
    pub fn output(&self) -> &[u8] {
        &self.output
    }

    /// Takes what is to be written now.
    #[must_use]
    pub fn take_output(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.output)
    }

    /// Whether payloads can be sent. For a client from [`Connection::accept_host_key`] on, which
    /// is before the server's NEWKEYS.
    #[must_use]
    pub const fn can_send(&self) -> bool {
        !self.sender.is_clear()
    }

    /// Whether both directions use the new keys.
    #[must_use]
    pub const fn is_established(&self) -> bool {
        !self.sender.is_clear() && !self.receiver.is_clear()
    }

    /// The session identifier (RFC 4253 section 7.2); empty until [`Connection::can_send`].
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        &self.session_id
    }

    /// The host key blob of the exchange: for a client once it was accepted, for a server its own.
    #[must_use]
    pub fn host_key(&self) -> Option<&[u8]> {
        self.host_key.as_deref()
    }

    /// The other side's version string without its line end; empty until it came.
    #[must_use]
    pub fn peer_version(&self) -> &str {
        &self.peer_version
    }

    /// What was agreed on, once it was.
    #[must_use]
    pub const fn negotiated(&self) -> Option<&Negotiated> {
        self.negotiated.as_ref()
    }
}

fn disconnected(payload: &[u8]) -> TransportError {
    let mut reader = Reader::new(payload, "DISCONNECT");
    let parsed = (|| {
        reader.byte()?;
        // The language tag is missing in some servers' messages and means nothing to us.
        Ok((reader.u32()?, reader.string()?))
    })();
    match parsed {
        Ok((code, text)) => TransportError::Disconnected {
            code,
            text: PeerText::new(text),
        },
        Err(error) => error,
    }
}
