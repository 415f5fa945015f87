//! The blocking loop: one connection, one thread, any `Read + Write`.
//!
//! Its shape is what a transport needs for the fewest round trips: look at what has arrived, let
//! the machine act until it has no further action, then write everything at once and wait.

use std::io::{Read, Write};

use ssh_userauth::{
    Action, Answer, AnswerError, Authenticated, DisconnectReason, GiveUp, ProtocolError, Receipt,
    UserAuthClient,
};
use thiserror::Error;

use crate::transport::{Flight, Incoming, Transport, TransportError};

/// Why nobody was logged in.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LoginError {
    /// No way was left, or the caller cancelled.
    #[error("{0}")]
    GaveUp(GiveUp),
    /// The server broke the protocol.
    #[error("protocol error: {0}")]
    Protocol(#[from] ProtocolError),
    /// An answer was not taken; with one thread, only because it was too long.
    #[error("{0}")]
    Answer(#[from] AnswerError),
    /// The connection broke, or the server closed it.
    #[error("{0}")]
    Transport(#[from] TransportError),
}

impl LoginError {
    /// The reason to give in SSH_MSG_DISCONNECT; `None` if there is nobody left to tell.
    #[must_use]
    pub fn disconnect_reason(&self) -> Option<DisconnectReason> {
        match self {
            Self::GaveUp(why) => Some(why.disconnect_reason()),
            Self::Protocol(error) => Some(error.disconnect_reason()),
            Self::Answer(_) => Some(DisconnectReason::AuthCancelledByUser),
            Self::Transport(_) => None,
        }
    }
}

/// Tells the machine how the connection ended, so that its report and diagnosis can say so; the
/// next thing to poll is [`Action::GiveUp`].
pub fn tell_end(auth: &mut UserAuthClient, error: &TransportError) {
    match error {
        TransportError::Disconnected { code, text } => auth.disconnected(*code, text.as_bytes()),
        _ => auth.connection_lost(),
    }
}

/// One step of a login, for whoever watches.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A payload goes to the server; never print its bytes.
    Sent(&'a [u8]),
    /// A payload came from the server.
    Received(&'a [u8]),
}

/// Logs in over `transport`.
///
/// `answer` gets every question and notice, and answers the questions; what it answers with
/// `None` is declined. `watch` sees what goes over the wire.
///
/// # Errors
/// See [`LoginError`]. The transport is left open, so that the caller can send
/// `SSH_MSG_DISCONNECT`.
pub fn log_in<S: Read + Write>(
    auth: &mut UserAuthClient,
    transport: &mut Transport<S>,
    mut answer: impl FnMut(Action) -> Option<Answer>,
    mut watch: impl FnMut(Event<'_>),
) -> Result<Authenticated, LoginError> {
    // Most servers send EXT_INFO with their NEWKEYS. The first flight is better for knowing it: an
    // unasked signature has the right algorithm, and is bound to the host where that is possible.
    while let Some(incoming) = transport.try_recv() {
        receive(auth, transport, &incoming, &mut watch)?;
    }
    loop {
        let mut flight = transport.flight();
        if let Some(done) = act(auth, &mut flight, &mut answer, &mut watch)? {
            return Ok(done);
        }
        // There is no further action: this, and only this, is the time to write.
        match flight.leave() {
            Ok(incoming) => receive(auth, transport, &incoming, &mut watch)?,
            Err(error) => {
                tell_end(auth, &error);
                return Err(error.into());
            }
        }
    }
}

/// Does everything that can be done without waiting for the server.
fn act<S: Read + Write>(
    auth: &mut UserAuthClient,
    flight: &mut Flight<'_, S>,
    answer: &mut impl FnMut(Action) -> Option<Answer>,
    watch: &mut impl FnMut(Event<'_>),
) -> Result<Option<Authenticated>, LoginError> {
    while let Some(action) = auth.poll_action() {
        match action {
            Action::SendRequest(payload) => {
                watch(Event::Sent(payload.bytes()));
                match payload.pad_hint() {
                    Some(length) => flight.send_padded(payload.bytes(), length)?,
                    None => flight.send(payload.bytes())?,
                };
            }
            Action::StartService(done) => return Ok(Some(done)),
            Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
            notice @ Action::Notify(_) => drop(answer(notice)),
            question => match answer(question) {
                Some(answer) => auth.handle_answer(answer)?,
                None => drop(auth.decline_pending()),
            },
        }
    }
    Ok(None)
}

/// Gives the machine what has arrived.
fn receive<S: Read + Write>(
    auth: &mut UserAuthClient,
    transport: &mut Transport<S>,
    incoming: &Incoming,
    watch: &mut impl FnMut(Event<'_>),
) -> Result<(), LoginError> {
    match incoming {
        Incoming::Payload(payload) => {
            watch(Event::Received(payload));
            if auth.handle_packet(payload)? == Receipt::NotOurs {
                transport.send_unimplemented()?;
            }
        }
        // Before success, every packet of ours that a server can't know is one of the machine.
        Incoming::Unimplemented(_) => drop(auth.unimplemented()?),
    }
    Ok(())
}
