//! Client and server joined in memory.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::person::Person;
use crate::recorder::Recorder;
use crate::server::{Reply, Server};
use crate::transcript::Transcript;
use crate::wire::{Request, RequestMethod};
use ssh_userauth::{
    Action, Authenticated, Config, ConfigError, GiveUp, Notice, ProtocolError, Report, Session,
};

/// After so many steps nobody ends it any more. The machine's own limits are far below.
const MAX_STEPS: u32 = 1 << 20;

/// Joins a client and a server in memory, with a user at the client, until the login ends or
/// nobody has anything to say.
///
/// # What a round trip is
///
/// The client writes what it has to say when [`poll_action`](ssh_userauth::UserAuthClient::poll_action)
/// returns `None` and no question can be answered at once: all that is one flight. The server's
/// replies come back, and what the client sends because of them is the next flight. The number of
/// [round trips](Run::round_trips) is that of the flight whose reply ended the login; the flight
/// with the service request is the first. So it is what a login takes at least, on a line where
/// only distance costs time. What a server says unasked (`SSH_MSG_EXT_INFO` behind
/// `SSH_MSG_NEWKEYS`) takes no flight, a user who thinks costs none, and neither the transport's
/// handshake nor what follows the login is counted.
///
/// ```
/// use ssh_userauth_testing::{Account, FakeKey, Person, Policy, PolicyServer, pair};
/// use ssh_userauth::{Config, Method, Pipelining, Session};
///
/// let laptop = FakeKey::new("laptop");
/// let round_trips = |pipelining| {
///     let account = Account::new("alice").key(laptop.identity());
///     let mut server = PolicyServer::new([7; 32], Method::PublicKey).account(account);
///     let mut alice = Person::new().key(laptop.clone());
///     let config = Config::new("alice").pipelining(pipelining);
///     let run = pair(config, Session::encrypted([7; 32]), &mut server, &mut alice)?;
///     assert!(run.is_authenticated());
///     Ok::<_, ssh_userauth::ConfigError>(run.round_trips())
/// };
/// // Service request, none, query, signature.
/// assert_eq!(round_trips(Pipelining::Off)?, 4);
/// // Service request and query; signature.
/// assert_eq!(round_trips(Pipelining::Opening { queries: 3 })?, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// No client can be made from the configuration and the session.
pub fn pair(
    config: Config,
    session: Session,
    server: &mut (impl Server + ?Sized),
    person: &mut Person,
) -> Result<Run, ConfigError> {
    let mut line = Line {
        client: Recorder::new(config, session)?,
        outgoing: Vec::new(),
        incoming: VecDeque::new(),
        flight: 0,
        sent: Vec::new(),
        notices: Vec::new(),
        outcome: None,
    };
    let greeting = server.greet();
    line.incoming
        .extend(greeting.into_iter().map(|reply| (0, reply)));
    // The greeting is there before anything is written.
    while let Some((_, reply)) = line.incoming.pop_front() {
        line.deliver(reply);
    }
    for _ in 0..MAX_STEPS {
        if !line.step(server, person) {
            break;
        }
    }
    Ok(line.finish())
}

/// What goes to and fro.
struct Line {
    client: Recorder,
    /// What the client has handed out and not yet written.
    outgoing: Vec<Vec<u8>>,
    /// Replies on their way, each with the flight that it is an answer to.
    incoming: VecDeque<(u32, Reply)>,
    /// The flight of the newest reply that was delivered.
    flight: u32,
    sent: Vec<Sent>,
    notices: Vec<Notice>,
    outcome: Option<RunOutcome>,
}

impl Line {
    /// One thing happens. `false`, if nothing can.
    fn step(&mut self, server: &mut (impl Server + ?Sized), person: &mut Person) -> bool {
        while let Some(action) = self.client.poll_action() {
            match action {
                Action::SendRequest(payload) => self.outgoing.push(payload.bytes().to_vec()),
                Action::Notify(notice) => self.notices.push(notice),
                Action::StartService(done) => self.outcome = Some(RunOutcome::Authenticated(done)),
                Action::GiveUp(why) => self.outcome = Some(RunOutcome::GaveUp(why)),
                question => person.ask(question),
            }
        }
        if self.outcome.is_some() {
            return false;
        }
        let was_thinking = person.is_thinking();
        if let Some(answer) = person.poll() {
            // An answer to a question that was taken back changes nothing.
            let _ = self.client.handle_answer(answer);
            return true;
        }
        if !self.outgoing.is_empty() {
            self.write(server);
            return true;
        }
        match self.incoming.pop_front() {
            Some((flight, reply)) => {
                self.flight = self.flight.max(flight);
                self.deliver(reply);
                true
            }
            None => was_thinking,
        }
    }

    fn write(&mut self, server: &mut (impl Server + ?Sized)) {
        let flight = self.flight.saturating_add(1);
        for payload in core::mem::take(&mut self.outgoing) {
            let replies = server.hear(&payload);
            let replies = replies.into_iter().map(|reply| (flight, reply));
            self.incoming.extend(replies);
            self.sent.push(Sent { flight, payload });
        }
    }

    fn deliver(&mut self, reply: Reply) {
        let result = match reply {
            Reply::Packet(packet) => self.client.handle_packet(packet.bytes()).map(drop),
            Reply::Unimplemented => self.client.unimplemented().map(drop),
            Reply::Disconnect { code, description } => {
                self.client.disconnected(code, description.as_bytes());
                Ok(())
            }
            Reply::Close => {
                self.client.connection_lost();
                Ok(())
            }
        };
        if let Err(error) = result {
            self.outcome.get_or_insert(RunOutcome::ProtocolError(error));
        }
    }

    fn finish(self) -> Run {
        Run {
            outcome: self.outcome.unwrap_or(RunOutcome::Stalled),
            round_trips: self.flight,
            sent: self.sent,
            notices: self.notices,
            report: self.client.report().clone(),
            transcript: self.client.transcript(),
        }
    }
}

/// How a login between a client and a server went.
#[derive(Clone, Debug)]
pub struct Run {
    outcome: RunOutcome,
    round_trips: u32,
    sent: Vec<Sent>,
    notices: Vec<Notice>,
    report: Report,
    transcript: Transcript,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RunOutcome {
    /// [`Action::StartService`]: in.
    Authenticated(Authenticated),
    /// [`Action::GiveUp`]: not in.
    GaveUp(GiveUp),
    /// The server broke the protocol.
    ProtocolError(ProtocolError),
    /// The client waits for a reply that the server never gave.
    Stalled,
}

impl Run {
    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> &RunOutcome {
        &self.outcome
    }

    /// Whether the user is in.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        matches!(self.outcome, RunOutcome::Authenticated(_))
    }

    /// How many times a message went to the server and a reply came back, one after the other;
    /// see [`pair`](crate::pair()) for what counts.
    #[must_use]
    pub fn round_trips(&self) -> u32 {
        self.round_trips
    }

    /// What the client sent, in order.
    #[must_use]
    pub fn sent(&self) -> &[Sent] {
        &self.sent
    }

    /// The authentication requests, in order, each in a word or two; see [`Sent`] for the words.
    pub fn requests(&self) -> impl Iterator<Item = &str> {
        self.sent.iter().filter_map(Sent::request)
    }

    /// What was told to the user.
    #[must_use]
    pub fn notices(&self) -> &[Notice] {
        &self.notices
    }

    /// Every attempt and every skipped candidate.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    /// The whole conversation, without its secrets.
    #[must_use]
    pub fn transcript(&self) -> &Transcript {
        &self.transcript
    }
}

/// A packet that the client sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Sent {
    flight: u32,
    payload: Vec<u8>,
}

impl Sent {
    /// The number of its flight, counted from 1.
    #[must_use]
    pub fn flight(&self) -> u32 {
        self.flight
    }

    /// The bytes, which may have a password in them.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.payload
    }

    /// If it is an authentication request, the name of its method; a key query is
    /// `publickey query`, a changed password `password change`.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        let request = Request::decode(&self.payload).ok()?;
        Some(match request.method {
            RequestMethod::PublicKey {
                signature: None, ..
            } => "publickey query",
            RequestMethod::PasswordChange { .. } => "password change",
            // The name is a part of the payload, or one of the constants.
            method => core::str::from_utf8(method.name()).ok()?,
        })
    }
}

/// The request, and how long it is.
impl fmt::Debug for Sent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.request().unwrap_or("no request");
        let (flight, length) = (self.flight, self.payload.len());
        write!(f, "Sent({request}, {length} bytes, flight {flight})")
    }
}
