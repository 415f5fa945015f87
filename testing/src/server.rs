//! What can stand at the other end: a server that hears packets and replies.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::packet::Packet;

/// Something that replies as a server does. The kit has two, [`ScriptedServer`] and
/// [`PolicyServer`](crate::PolicyServer); write your own for what they can't do.
pub trait Server {
    /// What it says before it has heard anything, such as `SSH_MSG_EXT_INFO`.
    fn greet(&mut self) -> Vec<Reply> {
        Vec::new()
    }

    /// Hears the payload of one packet, and replies; in order, any number of things, or nothing.
    fn hear(&mut self, payload: &[u8]) -> Vec<Reply>;
}

impl<S: Server + ?Sized> Server for &mut S {
    fn greet(&mut self) -> Vec<Reply> {
        (**self).greet()
    }

    fn hear(&mut self, payload: &[u8]) -> Vec<Reply> {
        (**self).hear(payload)
    }
}

/// One thing that a server does.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reply {
    /// It sends a packet of user authentication.
    Packet(Packet),
    /// It doesn't know the message: `SSH_MSG_UNIMPLEMENTED` (RFC 4253 section 11.4).
    Unimplemented,
    /// It says why, and closes the connection: `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1).
    Disconnect {
        /// The reason, as a number.
        code: u32,
        /// The reason, for people.
        description: String,
    },
    /// It closes the connection without a word.
    Close,
}

impl From<Packet> for Reply {
    fn from(packet: Packet) -> Self {
        Self::Packet(packet)
    }
}

/// A server that says exactly what its script says, whatever it hears.
///
/// Each packet of the client releases the next part of the script. When the script is over, the
/// server is silent.
///
/// ```
/// use ssh_userauth_testing::{Packet, Person, ScriptedServer, pair};
/// use ssh_userauth::{Config, Method, Pipelining, Session};
///
/// let mut server = ScriptedServer::new()
///     .says(Packet::service_accept())
///     .says(Packet::failure(["password"]))
///     .says_all([Packet::banner("Welcome"), Packet::success()]);
/// let config = Config::new("alice").methods([Method::Password]).pipelining(Pipelining::Off);
/// let mut alice = Person::new().password("hunter2");
///
/// let run = pair(config, Session::encrypted([7; 32]), &mut server, &mut alice)?;
/// assert!(run.is_authenticated());
/// assert_eq!(server.heard().len(), 3);
/// assert!(server.is_finished());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct ScriptedServer {
    greeting: Vec<Reply>,
    parts: VecDeque<Vec<Reply>>,
    heard: Vec<Vec<u8>>,
}

impl ScriptedServer {
    /// A script with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Before it has heard anything, it says this.
    #[must_use]
    pub fn greets_with(mut self, reply: impl Into<Reply>) -> Self {
        self.greeting.push(reply.into());
        self
    }

    /// To the next packet it says this.
    #[must_use]
    pub fn says(self, reply: impl Into<Reply>) -> Self {
        self.says_all([reply])
    }

    /// To the next packet it says all this, in order.
    #[must_use]
    pub fn says_all<R: Into<Reply>>(mut self, replies: impl IntoIterator<Item = R>) -> Self {
        let replies = replies.into_iter().map(Into::into);
        self.parts.push_back(replies.collect());
        self
    }

    /// To the next packet it says nothing.
    #[must_use]
    pub fn says_nothing(mut self) -> Self {
        self.parts.push_back(Vec::new());
        self
    }

    /// To the next packet it says what these bytes are, well-formed or not.
    #[must_use]
    pub fn says_raw(self, payload: impl Into<Vec<u8>>) -> Self {
        self.says(Packet::raw(payload))
    }

    /// What it heard: the payloads of the client, passwords included.
    #[must_use]
    pub fn heard(&self) -> &[Vec<u8>] {
        &self.heard
    }

    /// Whether everything in the script was said, the greeting included.
    #[must_use]
    pub fn is_finished(&self) -> bool {
        self.greeting.is_empty() && self.parts.is_empty()
    }
}

impl Server for ScriptedServer {
    fn greet(&mut self) -> Vec<Reply> {
        core::mem::take(&mut self.greeting)
    }

    fn hear(&mut self, payload: &[u8]) -> Vec<Reply> {
        self.heard.push(payload.to_vec());
        self.parts.pop_front().unwrap_or_default()
    }
}

/// Of what it heard, only how many packets: there may be passwords in them.
impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("parts", &self.parts)
            .field("heard", &self.heard.len())
            .finish_non_exhaustive()
    }
}
