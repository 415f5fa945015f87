//! One session channel, and one command in it (RFC 4254 sections 5 and 6).
//!
//! Just enough to show that a login is one. The command gets no input.

use std::io::{self, Read, Write};

use thiserror::Error;

use crate::login::text;
use crate::transport::wire::{Reader, put_string};
use crate::transport::{Incoming, Transport, TransportError};

const GLOBAL_REQUEST: u8 = 80;
const REQUEST_SUCCESS: u8 = 81;
const REQUEST_FAILURE: u8 = 82;
const OPEN: u8 = 90;
const OPEN_CONFIRMATION: u8 = 91;
const OPEN_FAILURE: u8 = 92;
const WINDOW_ADJUST: u8 = 93;
const DATA: u8 = 94;
const EXTENDED_DATA: u8 = 95;
const EOF: u8 = 96;
const CLOSE: u8 = 97;
const REQUEST: u8 = 98;
const SUCCESS: u8 = 99;
const FAILURE: u8 = 100;

/// Our number of the only channel.
const OURS: u32 = 0;

/// How much the server may send ahead of our permission for more.
const WINDOW: u32 = 2 * 1024 * 1024;

/// RFC 4253 section 6.1: what every implementation takes in one packet.
const PACKET: u32 = 32 * 1024;

/// SSH_OPEN_ADMINISTRATIVELY_PROHIBITED.
const PROHIBITED: u32 = 1;

/// SSH_EXTENDED_DATA_STDERR.
const STANDARD_ERROR: u32 = 1;

/// How the command ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Exit {
    Status(u32),
    /// The signal's name without SIG.
    Signal(String),
    /// The server did not tell.
    Unknown,
}

#[derive(Debug, Error)]
pub(super) enum ChannelError {
    #[error("{0}")]
    Transport(#[from] TransportError),
    #[error("writing the output: {0}")]
    Output(#[from] io::Error),
    #[error("the server opens no session: {reason} (code {code})")]
    NotOpened { code: u32, reason: String },
    #[error("the server does not run the command")]
    NotRun,
    #[error("protocol error: {0}")]
    Protocol(&'static str),
}

/// Runs `command` and passes on what it writes.
pub(super) fn run<S: Read + Write>(
    transport: &mut Transport<S>,
    command: &[u8],
    stdout: &mut dyn Write,
    stderr: &mut dyn Write,
) -> Result<Exit, ChannelError> {
    let mut open = vec![OPEN];
    put_string(&mut open, b"session");
    for number in [OURS, WINDOW, PACKET] {
        open.extend_from_slice(&number.to_be_bytes());
    }
    transport.send(&open)?;
    let mut channel = Channel {
        transport,
        theirs: None,
        running: false,
        window: WINDOW,
        exit: Exit::Unknown,
    };
    loop {
        let payload = match channel.transport.recv()? {
            Incoming::Payload(payload) => payload,
            Incoming::Unimplemented(_) => {
                return Err(ChannelError::Protocol("the server knows no channels"));
            }
        };
        match channel.take(&payload)? {
            Event::Nothing => {}
            Event::Opened => channel.start(command)?,
            Event::Output(STANDARD_ERROR, bytes) => stderr.write_all(bytes)?,
            Event::Output(0, bytes) => {
                stdout.write_all(bytes)?;
                stdout.flush()?;
            }
            // No other kind is defined, and none was asked for.
            Event::Output(..) => {}
            Event::Closed => return Ok(channel.exit),
        }
    }
}

/// What the caller of a channel has to know of.
#[derive(Debug)]
enum Event<'a> {
    Nothing,
    Opened,
    /// Bytes of the command's output; 0 is the standard output.
    Output(u32, &'a [u8]),
    Closed,
}

struct Channel<'t, S> {
    transport: &'t mut Transport<S>,
    /// The server's number of the channel, once it is open.
    theirs: Option<u32>,
    running: bool,
    /// What the server may still send.
    window: u32,
    exit: Exit,
}

impl<S: Read + Write> Channel<'_, S> {
    /// Does what one message asks for.
    fn take<'p>(&mut self, payload: &'p [u8]) -> Result<Event<'p>, ChannelError> {
        let mut reader = Reader::new(payload, "message of the connection protocol");
        let number = reader.byte()?;
        match number {
            GLOBAL_REQUEST => self.global_request(&mut reader)?,
            OPEN => self.refuse_channel(&mut reader)?,
            OPEN_CONFIRMATION | OPEN_FAILURE => return self.opened(number, &mut reader),
            WINDOW_ADJUST | EOF => self.expect_ours(&mut reader)?,
            DATA | EXTENDED_DATA => {
                self.expect_ours(&mut reader)?;
                let kind = if number == DATA { 0 } else { reader.u32()? };
                let bytes = reader.string()?;
                self.account_for(bytes)?;
                return Ok(Event::Output(kind, bytes));
            }
            REQUEST => self.request(&mut reader)?,
            SUCCESS => self.running = true,
            FAILURE if self.running => {}
            FAILURE => return Err(ChannelError::NotRun),
            CLOSE => {
                self.expect_ours(&mut reader)?;
                self.send(CLOSE, &[])?;
                return Ok(Event::Closed);
            }
            REQUEST_SUCCESS | REQUEST_FAILURE => {}
            _ => {
                self.transport.send_unimplemented()?;
            }
        }
        Ok(Event::Nothing)
    }

    fn expect_ours(&self, reader: &mut Reader<'_>) -> Result<(), ChannelError> {
        if self.theirs.is_some() && reader.u32()? == OURS {
            Ok(())
        } else {
            Err(ChannelError::Protocol("a message for no channel of ours"))
        }
    }

    /// Sends a message about the channel.
    fn send(&mut self, number: u8, rest: &[u8]) -> Result<(), ChannelError> {
        let mut payload = vec![number];
        payload.extend_from_slice(&self.theirs.unwrap_or_default().to_be_bytes());
        payload.extend_from_slice(rest);
        self.transport.send(&payload)?;
        Ok(())
    }

    /// OpenSSH tells its other host keys this way, unasked and without wanting an answer. Nothing
    /// is asked for that could be granted here.
    fn global_request(&mut self, reader: &mut Reader<'_>) -> Result<(), ChannelError> {
        let _name = reader.string()?;
        if reader.byte()? != 0 {
            self.transport.send(&[REQUEST_FAILURE])?;
        }
        Ok(())
    }

    /// Nothing was forwarded, so the server has no reason to open a channel.
    fn refuse_channel(&mut self, reader: &mut Reader<'_>) -> Result<(), ChannelError> {
        let _type = reader.string()?;
        let theirs = reader.u32()?;
        let mut payload = vec![OPEN_FAILURE];
        payload.extend_from_slice(&theirs.to_be_bytes());
        payload.extend_from_slice(&PROHIBITED.to_be_bytes());
        put_string(&mut payload, b"nothing is forwarded");
        put_string(&mut payload, b"");
        self.transport.send(&payload)?;
        Ok(())
    }

    fn opened(
        &mut self,
        number: u8,
        reader: &mut Reader<'_>,
    ) -> Result<Event<'static>, ChannelError> {
        if reader.u32()? != OURS || self.theirs.is_some() {
            return Err(ChannelError::Protocol("an answer to no request of ours"));
        }
        let code = reader.u32()?;
        if number == OPEN_FAILURE {
            let reason = text::line(reader.string()?);
            return Err(ChannelError::NotOpened { code, reason });
        }
        self.theirs = Some(code);
        Ok(Event::Opened)
    }

    /// Asks for the command, and tells that it gets no input.
    fn start(&mut self, command: &[u8]) -> Result<(), ChannelError> {
        let mut exec = Vec::new();
        put_string(&mut exec, b"exec");
        exec.push(1);
        put_string(&mut exec, command);
        self.send(REQUEST, &exec)?;
        self.send(EOF, &[])
    }

    /// RFC 4254 section 5.2: the window is what the server may send; it gets more when half of it
    /// is used up.
    fn account_for(&mut self, bytes: &[u8]) -> Result<(), ChannelError> {
        let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
        let left = self.window.checked_sub(length);
        self.window = left.ok_or(ChannelError::Protocol("more output than was allowed"))?;
        if self.window < WINDOW / 2 {
            let more = WINDOW - self.window;
            self.send(WINDOW_ADJUST, &more.to_be_bytes())?;
            self.window = WINDOW;
        }
        Ok(())
    }

    /// How the command ended, or something that is not known here (RFC 4254 section 5.4).
    fn request(&mut self, reader: &mut Reader<'_>) -> Result<(), ChannelError> {
        self.expect_ours(reader)?;
        let name = reader.string()?;
        let wants_reply = reader.byte()? != 0;
        match name {
            b"exit-status" => self.exit = Exit::Status(reader.u32()?),
            b"exit-signal" => self.exit = Exit::Signal(text::line(reader.string()?)),
            _ if wants_reply => return self.send(FAILURE, &[]),
            _ => return Ok(()),
        }
        if wants_reply {
            self.send(SUCCESS, &[])?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;
    use crate::scripted::{Reply, ScriptedServer};
    use crate::transport::ClientConfig;

    fn string(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        put_string(&mut out, bytes);
        out
    }

    fn message(number: u8, numbers: &[u32], rest: &[&[u8]]) -> Vec<u8> {
        let mut payload = vec![number];
        for number in numbers {
            payload.extend_from_slice(&number.to_be_bytes());
        }
        payload.extend_from_slice(&rest.concat());
        payload
    }

    fn confirmed() -> Vec<u8> {
        message(OPEN_CONFIRMATION, &[OURS, 7, WINDOW, PACKET], &[])
    }

    /// The result, both outputs, and what the server received.
    type Seen = (Result<Exit, ChannelError>, [Vec<u8>; 2], Vec<Vec<u8>>);

    /// Runs a command at a server that sends `opened` when the channel is asked for and `started`
    /// when the command is.
    fn run_at(opened: Vec<Vec<u8>>, started: Vec<Vec<u8>>) -> Seen {
        let (server, stream) = ScriptedServer::start(move |payload| match payload[0] {
            OPEN => Reply::send(opened.clone()),
            REQUEST => Reply::send(started.clone()),
            CLOSE => Reply::silence().and_close(),
            _ => Reply::silence(),
        })
        .unwrap();
        let mut transport = Transport::client(stream, ClientConfig::new(), |_| Ok(())).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let result = run(&mut transport, b"ls", &mut out, &mut err);
        let _gone = transport.flush();
        drop(transport);
        (result, [out, err], server.join().unwrap().received)
    }

    #[test]
    fn everything_a_server_may_say() {
        let (result, [out, err], received) = run_at(
            vec![
                message(GLOBAL_REQUEST, &[], &[&string(b"hostkeys"), &[0]]),
                message(GLOBAL_REQUEST, &[], &[&string(b"keepalive"), &[1]]),
                message(OPEN, &[], &[&string(b"x11"), &[0, 0, 0, 3], &[0; 8]]),
                confirmed(),
            ],
            vec![
                message(WINDOW_ADJUST, &[OURS, 1], &[]),
                message(SUCCESS, &[OURS], &[]),
                message(DATA, &[OURS], &[&string(b"out")]),
                message(EXTENDED_DATA, &[OURS, STANDARD_ERROR], &[&string(b"err")]),
                message(EXTENDED_DATA, &[OURS, 9], &[&string(b"neither")]),
                message(REQUEST, &[OURS], &[&string(b"unheard"), &[1]]),
                message(
                    REQUEST,
                    &[OURS],
                    &[&string(b"exit-status"), &[0, 0, 0, 0, 7]],
                ),
                message(EOF, &[OURS], &[]),
                message(CLOSE, &[OURS], &[]),
            ],
        );
        assert_eq!(result.unwrap(), Exit::Status(7));
        assert_eq!((out.as_slice(), err.as_slice()), (&b"out"[..], &b"err"[..]));
        let numbers: Vec<u8> = received.iter().map(|payload| payload[0]).collect();
        assert_eq!(
            numbers,
            [
                OPEN,
                REQUEST_FAILURE,
                OPEN_FAILURE,
                REQUEST,
                EOF,
                FAILURE,
                CLOSE
            ]
        );
        // The server's number of the channel, not ours.
        assert_eq!(received[6], message(CLOSE, &[7], &[]));
    }

    #[test]
    fn ends_without_a_status() {
        let signal = [
            &string(b"exit-signal")[..],
            &[0],
            &string(b"TERM\x1b"),
            &[0],
            &string(b""),
        ];
        let ended =
            |more: Vec<u8>| run_at(vec![confirmed()], vec![more, message(CLOSE, &[OURS], &[])]);
        let killed = ended(message(REQUEST, &[OURS], &[&signal.concat()])).0;
        assert_eq!(killed.unwrap(), Exit::Signal("TERM\\u{1b}".to_owned()));
        let silent = ended(message(EOF, &[OURS], &[])).0;
        assert_eq!(silent.unwrap(), Exit::Unknown);
    }

    #[test]
    fn refusals_and_nonsense() {
        let failure = message(OPEN_FAILURE, &[OURS, 1], &[&string(b"no\n"), &string(b"")]);
        let (result, ..) = run_at(vec![failure], vec![]);
        assert_eq!(
            result.unwrap_err().to_string(),
            "the server opens no session: no\\n (code 1)"
        );
        let (result, ..) = run_at(vec![confirmed()], vec![message(FAILURE, &[OURS], &[])]);
        assert!(matches!(result, Err(ChannelError::NotRun)));
        for opened in [
            vec![message(DATA, &[OURS], &[&string(b"early")])],
            vec![message(OPEN_CONFIRMATION, &[5, 7, 1, 1], &[])],
            vec![confirmed(), confirmed()],
            vec![confirmed(), message(DATA, &[5], &[&string(b"not ours")])],
        ] {
            let (result, ..) = run_at(opened, vec![]);
            assert!(matches!(result, Err(ChannelError::Protocol(_))));
        }
        let (result, ..) = run_at(vec![confirmed(), message(DATA, &[OURS, 9], &[])], vec![]);
        let malformed = TransportError::Malformed("message of the connection protocol");
        assert_eq!(result.unwrap_err().to_string(), malformed.to_string());
    }
}
