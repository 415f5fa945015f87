//! The transport over a blocking stream.

use core::fmt;
use std::io::{ErrorKind, Read, Write};

use crate::transport::algorithms::Negotiated;
use crate::transport::config::{ClientConfig, ServerConfig};
use crate::transport::connection::{Connection, Incoming};
use crate::transport::error::{HostKeyRefused, TransportError};
use crate::transport::flight::Flight;

/// One read's worth. A whole flight of answers fits.
const CHUNK: usize = 32 * 1024;

/// How a stream looks that the other side closed without having read everything.
fn is_gone(error: &std::io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
    )
}

/// A connection over a blocking stream.
///
/// Sending only buffers; [`Transport::flush`] writes everything in one piece, and
/// [`Transport::recv`] does so by itself before it waits. A client's handshake returns with its
/// NEWKEYS still in the buffer, so that the caller's first payloads leave in the same write: with
/// Nagle's algorithm and delayed acknowledgements a second small write can cost a round trip.
pub struct Transport<S> {
    stream: S,
    connection: Connection,
    chunk: Box<[u8]>,
    /// Something was written since the last read.
    written: bool,
    round_trips: u32,
    writes: u32,
    /// What ended the connection, while payloads from before it are still being handed out.
    ending: Option<TransportError>,
}

impl<S> fmt::Debug for Transport<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("peer_version", &self.connection.peer_version())
            .field("round_trips", &self.round_trips)
            .finish_non_exhaustive()
    }
}

impl<S: Read + Write> Transport<S> {
    const fn new(stream: S, connection: Connection, chunk: Box<[u8]>) -> Self {
        Self {
            stream,
            connection,
            chunk,
            written: false,
            round_trips: 0,
            writes: 0,
            ending: None,
        }
    }

    /// Connects as a client over `stream`. `check_host_key` gets the server's key blob (RFC 4253
    /// section 6.6) when its signature over the exchange has been verified and before NEWKEYS is
    /// sent; refusing ends the connection with nothing of the user's given away.
    ///
    /// Returns without waiting for the server's NEWKEYS and with our own not yet written.
    ///
    /// # Errors
    ///
    /// Any [`TransportError`] of the handshake; [`TransportError::HostKeyRefused`] with what
    /// `check_host_key` said.
    pub fn client(
        stream: S,
        config: ClientConfig,
        mut check_host_key: impl FnMut(&[u8]) -> Result<(), HostKeyRefused>,
    ) -> Result<Self, TransportError> {
        let connection = Connection::client(config)?;
        let mut this = Self::new(stream, connection, vec![0; CHUNK].into());
        while !this.connection.can_send() {
            let Some(blob) = this.connection.pending_host_key() else {
                this.wait()?;
                continue;
            };
            if let Err(refusal) = check_host_key(blob) {
                let error = this.connection.refuse_host_key(refusal);
                return Err(this.ended(error));
            }
            if let Err(error) = this.connection.accept_host_key() {
                return Err(this.ended(error));
            }
        }
        Ok(this)
    }

    /// Accepts a client over `stream`; returns when both directions are protected.
    ///
    /// # Errors
    ///
    /// Any [`TransportError`] of the handshake.
    pub fn server(stream: S, config: ServerConfig) -> Result<Self, TransportError> {
        let connection = Connection::server(config)?;
        let mut this = Self::new(stream, connection, vec![0; CHUNK].into());
        while !this.connection.is_established() {
            this.wait()?;
        }
        Ok(this)
    }

    /// Begins a flight: packets that leave in one write, once there is nothing more to say without
    /// waiting. What is in the buffer already, a client's NEWKEYS above all, is part of it.
    pub const fn flight(&mut self) -> Flight<'_, S> {
        Flight::new(self)
    }

    /// Buffers `payload`; gives its packet's sequence number.
    ///
    /// # Errors
    ///
    /// As for [`Connection::send`].
    pub fn send(&mut self, payload: &[u8]) -> Result<u32, TransportError> {
        let sent = self.connection.send(payload, None);
        self.explain(sent)
    }

    /// Buffers `payload` in a packet that looks like one with at least `pad_to` bytes of payload,
    /// as far as 255 bytes of padding reach; gives its packet's sequence number.
    ///
    /// # Errors
    ///
    /// As for [`Connection::send`].
    pub fn send_padded(&mut self, payload: &[u8], pad_to: usize) -> Result<u32, TransportError> {
        let sent = self.connection.send(payload, Some(pad_to));
        self.explain(sent)
    }

    /// Buffers SSH_MSG_UNIMPLEMENTED for the last payload received (RFC 4253 section 11.4).
    ///
    /// # Errors
    ///
    /// As for [`Connection::send_unimplemented`].
    pub fn send_unimplemented(&mut self) -> Result<u32, TransportError> {
        let sent = self.connection.send_unimplemented();
        self.explain(sent)
    }

    /// Says good-bye: writes SSH_MSG_DISCONNECT (RFC 4253 section 11.1), as far as somebody still
    /// listens. `text` is for the server's log.
    pub fn disconnect(&mut self, code: u32, text: &str) {
        self.connection.disconnect(code, text);
        let _best_effort = self.flush();
    }

    /// Puts the reason in the place of "it has already failed", for a caller that sends before it
    /// has read as far as the reason.
    fn explain(&mut self, sent: Result<u32, TransportError>) -> Result<u32, TransportError> {
        match (sent, self.ending.take()) {
            (Err(TransportError::Failed), Some(error)) => Err(error),
            (sent, ending) => {
                self.ending = ending;
                sent
            }
        }
    }

    /// Writes everything buffered in one piece.
    ///
    /// # Errors
    ///
    /// [`TransportError::Io`] if the stream fails. What was buffered is gone then, as it is not
    /// known how much of it left.
    pub fn flush(&mut self) -> Result<(), TransportError> {
        let output = self.connection.take_output();
        if output.is_empty() {
            return Ok(());
        }
        self.stream.write_all(&output)?;
        self.stream.flush()?;
        self.written = true;
        self.writes = self.writes.saturating_add(1);
        Ok(())
    }

    /// The next payload; writes what is buffered and waits if none has arrived yet.
    ///
    /// # Errors
    ///
    /// Whatever ended the connection, after every payload that came before. A time-out of the
    /// stream is [`TransportError::Io`], after which this can be called again.
    pub fn recv(&mut self) -> Result<Incoming, TransportError> {
        loop {
            if let Some(incoming) = self.connection.poll_payload() {
                return Ok(incoming);
            }
            self.wait()?;
        }
    }

    /// The next payload, if it has already been read from the stream. Neither reads nor writes.
    pub fn try_recv(&mut self) -> Option<Incoming> {
        self.connection.poll_payload()
    }

    /// Writes what is buffered, then reads once.
    fn wait(&mut self) -> Result<(), TransportError> {
        if let Some(error) = self.ending.take() {
            return Err(self.ended(error));
        }
        match self.flush() {
            // The other side has left, but why may still be there to read.
            Err(TransportError::Io(error)) if is_gone(&error) => {}
            flushed => flushed?,
        }
        if core::mem::take(&mut self.written) {
            self.round_trips = self.round_trips.saturating_add(1);
        }
        let count = loop {
            match self.stream.read(&mut self.chunk) {
                Ok(count) => break count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_gone(&error) => return Err(TransportError::Eof),
                Err(error) => return Err(error.into()),
            }
        };
        if count == 0 {
            return Err(TransportError::Eof);
        }
        let bytes = self.chunk.get(..count).unwrap_or_default();
        let received = self.connection.receive(bytes);
        // An error is told once the payloads ahead of it have been handed out.
        self.ending = received.err();
        Ok(())
    }

    /// Tells the other side about a failure, as far as it still listens.
    fn ended(&mut self, error: TransportError) -> TransportError {
        let _best_effort = self.flush();
        error
    }

    /// The session identifier (RFC 4253 section 7.2).
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        self.connection.session_id()
    }

    /// The host key blob of this connection.
    #[must_use]
    pub fn host_key(&self) -> Option<&[u8]> {
        self.connection.host_key()
    }

    /// The other side's version string.
    #[must_use]
    pub fn peer_version(&self) -> &str {
        self.connection.peer_version()
    }

    /// What was agreed on in the handshake.
    #[must_use]
    pub const fn negotiated(&self) -> Option<&Negotiated> {
        self.connection.negotiated()
    }

    /// How often something was written and then waited for, since the connection began. The
    /// handshake counts too: subtract what this gave when it returned.
    #[must_use]
    pub const fn round_trips(&self) -> u32 {
        self.round_trips
    }

    /// How many times something was written, since the connection began.
    #[must_use]
    pub const fn writes(&self) -> u32 {
        self.writes
    }

    /// The stream underneath, for its options.
    #[must_use]
    pub const fn stream(&self) -> &S {
        &self.stream
    }

    /// The stream underneath, mutably. Reading from it or writing to it breaks the connection.
    pub const fn stream_mut(&mut self) -> &mut S {
        &mut self.stream
    }
}
