//! A server whose answers a test writes by hand.
//!
//! The connection is really encrypted; only the authentication is a script, so that a client can
//! be shown what no real server would send.

use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::thread::JoinHandle;

use crate::transport::{HostKey, Incoming, ServerConfig, Transport, TransportError};

/// What the script does about one payload.
#[derive(Debug, Clone, Default)]
pub struct Reply {
    payloads: Vec<Vec<u8>>,
    close: bool,
}

impl Reply {
    /// Sends `payloads`, in one write.
    #[must_use]
    pub const fn send(payloads: Vec<Vec<u8>>) -> Self {
        Self {
            payloads,
            close: false,
        }
    }

    /// Sends nothing and goes on listening.
    #[must_use]
    pub const fn silence() -> Self {
        Self::send(Vec::new())
    }

    /// Closes the connection once everything is sent.
    #[must_use]
    pub const fn and_close(mut self) -> Self {
        self.close = true;
        self
    }
}

impl From<Vec<Vec<u8>>> for Reply {
    fn from(payloads: Vec<Vec<u8>>) -> Self {
        Self::send(payloads)
    }
}

/// How a scripted connection went.
#[derive(Debug)]
#[non_exhaustive]
pub struct Transcript {
    /// Every payload from the client, whole. May hold the test's passwords.
    pub received: Vec<Vec<u8>>,
    /// Sequence numbers of our packets that the client answered with UNIMPLEMENTED.
    pub unimplemented: Vec<u32>,
    /// Why it ended; `None` if the script closed it.
    pub end: Option<TransportError>,
}

/// A scripted server on its own thread. Dropping it closes the connection.
#[derive(Debug)]
pub struct ScriptedServer {
    host_key: Vec<u8>,
    /// Another handle on the server's socket, to end a blocked read.
    socket: UnixStream,
    thread: Option<JoinHandle<Transcript>>,
}

impl ScriptedServer {
    /// Serves one connection with a new host key: sends what `script` says to each payload from
    /// the client, SERVICE_REQUEST included. Gives the client's end.
    ///
    /// # Errors
    ///
    /// [`TransportError::Io`] without a socket or thread, [`TransportError::Randomness`] without a
    /// host key.
    pub fn start<R: Into<Reply>>(
        script: impl FnMut(&[u8]) -> R + Send + 'static,
    ) -> Result<(Self, UnixStream), TransportError> {
        let config = ServerConfig::new(HostKey::generate()?);
        Self::start_with(config, Vec::new(), script)
    }

    /// Like [`ScriptedServer::start`] with everything to choose: the transport's `config`, and
    /// payloads to send unasked as soon as there are keys (`opening`).
    ///
    /// # Errors
    ///
    /// As for [`ScriptedServer::start`].
    pub fn start_with<R: Into<Reply>>(
        config: ServerConfig,
        opening: Vec<Vec<u8>>,
        mut script: impl FnMut(&[u8]) -> R + Send + 'static,
    ) -> Result<(Self, UnixStream), TransportError> {
        let (client, server) = UnixStream::pair()?;
        let socket = server.try_clone()?;
        let closer = server.try_clone()?;
        let host_key = config.host_key().blob().to_vec();
        let thread = std::thread::Builder::new()
            .name("scripted-sshd".to_owned())
            .spawn(move || {
                let mut transcript = Transcript {
                    received: Vec::new(),
                    unimplemented: Vec::new(),
                    end: None,
                };
                let script = |payload: &[u8]| script(payload).into();
                transcript.end = serve(server, config, opening, script, &mut transcript).err();
                // The other handles would keep the socket open, and the client waiting.
                let _already_closed = closer.shutdown(Shutdown::Both);
                transcript
            })?;
        let this = Self {
            host_key,
            socket,
            thread: Some(thread),
        };
        Ok((this, client))
    }

    /// The server's host key blob.
    #[must_use]
    pub fn host_key(&self) -> &[u8] {
        &self.host_key
    }

    /// Waits until the connection has ended, by the script or by the client, and tells how it went.
    /// `None` if the script panicked. Drop the client's end first.
    #[must_use]
    pub fn join(mut self) -> Option<Transcript> {
        self.thread.take()?.join().ok()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        let _already_closed = self.socket.shutdown(Shutdown::Both);
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn serve(
    stream: UnixStream,
    config: ServerConfig,
    opening: Vec<Vec<u8>>,
    mut script: impl FnMut(&[u8]) -> Reply,
    transcript: &mut Transcript,
) -> Result<(), TransportError> {
    let mut transport = Transport::server(stream, config)?;
    let mut reply = Reply::send(opening);
    loop {
        for payload in &reply.payloads {
            transport.send(payload)?;
        }
        transport.flush()?;
        if reply.close {
            return Ok(());
        }
        reply = match transport.recv()? {
            Incoming::Payload(payload) => {
                let reply = script(&payload);
                transcript.received.push(payload);
                reply
            }
            Incoming::Unimplemented(sequence) => {
                transcript.unimplemented.push(sequence);
                Reply::silence()
            }
        };
    }
}
