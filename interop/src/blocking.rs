//! The blocking loop: one connection, one thread, any `Read + Write`.

use std::io::{Read, Write};

use ssh_userauth::{
    Action, Answer, AnswerError, Authenticated, DisconnectReason, GiveUp, ProtocolError, Receipt,
    UserAuthClient,
};
use thiserror::Error;

use crate::transport::{Incoming, Transport, TransportError};

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
    loop {
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    watch(Event::Sent(payload.bytes()));
                    match payload.pad_hint() {
                        Some(length) => transport.send_padded(payload.bytes(), length)?,
                        None => transport.send(payload.bytes())?,
                    };
                }
                Action::StartService(done) => return Ok(done),
                Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
                notice @ Action::Notify(_) => drop(answer(notice)),
                question => match answer(question) {
                    Some(answer) => auth.handle_answer(answer)?,
                    None => drop(auth.decline_pending()),
                },
            }
        }
        // Everything that can go without waiting is in the buffer: `recv` writes it at once
        // before it waits. It also reads on when writing fails, so that the server's last words
        // are not lost.
        match transport.recv() {
            Ok(Incoming::Payload(payload)) => {
                watch(Event::Received(&payload));
                if auth.handle_packet(&payload)? == Receipt::NotOurs {
                    transport.send_unimplemented()?;
                }
            }
            // Before success, every packet of ours that a server can't know is one of the machine.
            Ok(_unimplemented) => drop(auth.unimplemented()?),
            Err(error) => {
                tell_end(auth, &error);
                return Err(error.into());
            }
        }
    }
}
