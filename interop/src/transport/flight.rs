//! What leaves together, and the point at which it leaves.

use std::io::{Read, Write};

use crate::transport::connection::Incoming;
use crate::transport::error::TransportError;
use crate::transport::stream::Transport;

/// Packets that leave together, while they are being collected.
///
/// A login costs one round trip for each time that the client waits, and with Nagle's algorithm
/// one more for each write that could have been part of the one before. So packets are collected
/// for as long as there is something to say without waiting; for a state machine that is until it
/// has no further action. The types keep the order: a flight borrows the transport, which can't be
/// read meanwhile, and the only way from a flight to the next payload is [`Flight::leave`].
///
/// The first flight of a client begins with its NEWKEYS.
///
/// ```compile_fail,E0499
/// # use std::io::{Read, Write};
/// # use interop::transport::{Transport, TransportError};
/// # fn wrong<S: Read + Write>(transport: &mut Transport<S>) -> Result<(), TransportError> {
/// let mut flight = transport.flight();
/// let answer = transport.recv()?; // to what? The flight has not left
/// flight.send(b"request")?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
#[must_use = "packets wait in the buffer until `leave` writes them"]
pub struct Flight<'t, S> {
    transport: &'t mut Transport<S>,
}

impl<'t, S: Read + Write> Flight<'t, S> {
    pub(super) const fn new(transport: &'t mut Transport<S>) -> Self {
        Self { transport }
    }

    /// Adds `payload`; gives its packet's sequence number.
    ///
    /// # Errors
    ///
    /// As for [`Transport::send`].
    pub fn send(&mut self, payload: &[u8]) -> Result<u32, TransportError> {
        self.transport.send(payload)
    }

    /// Adds `payload` in a packet that looks like one with at least `pad_to` bytes of payload;
    /// gives its packet's sequence number.
    ///
    /// # Errors
    ///
    /// As for [`Transport::send_padded`].
    pub fn send_padded(&mut self, payload: &[u8], pad_to: usize) -> Result<u32, TransportError> {
        self.transport.send_padded(payload, pad_to)
    }

    /// Nothing more can be said before the server has spoken: writes everything in one piece,
    /// waits, and gives the next payload.
    ///
    /// A payload that has already been read is given first, and nothing is written yet: what it
    /// gives rise to leaves in the same write.
    ///
    /// # Errors
    ///
    /// As for [`Transport::recv`].
    pub fn leave(self) -> Result<Incoming, TransportError> {
        self.transport.recv()
    }
}
