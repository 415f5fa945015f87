//! A thousand logins at once on one thread, by readiness events and without a runtime.
//!
//! ```sh
//! cargo run --release -p interop --example many_mio
//! ```
//!
//! The server is one in the same process. That they are at once is no accident: nobody signs until
//! all thousand have been asked to.

use core::error::Error;
use core::net::SocketAddr;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::time::Instant;

use interop::blocking::tell_end;
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::transport::{ClientConfig, Connection, HostKeyRefused, Incoming, TransportError};
use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};
use ssh_key::PrivateKey;
use ssh_userauth::{
    Action, Authenticated, Config, Identity, NeedSignature, Quirks, Receipt, Rejected, Session,
    UserAuthClient,
};

type Failure = Box<dyn Error>;

/// Connections that the server has not greeted yet. A listener's queue is short, often 128, and
/// who doesn't fit tries again after a second.
const MAX_UNHEARD: usize = 100;

/// One of the connections.
struct Login {
    stream: TcpStream,
    connection: Connection,
    /// What the socket did not take yet.
    unsent: Vec<u8>,
    /// Why nothing more can be read.
    broken: Option<TransportError>,
    /// From the end of the key exchange on.
    auth: Option<UserAuthClient>,
    /// A question that is answered later.
    signature: Option<NeedSignature>,
    end: Option<Result<Authenticated, Failure>>,
}

impl Login {
    fn new(address: SocketAddr) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            connection: Connection::client(ClientConfig::new())?,
            unsent: Vec::new(),
            broken: None,
            auth: None,
            signature: None,
            end: None,
        })
    }

    fn is_unheard(&self) -> bool {
        self.end.is_none() && self.connection.peer_version().is_empty()
    }

    /// The socket may be readable or writable, or a question was answered.
    fn go_on(&mut self, host_key: &[u8], key: &PrivateKey) {
        if self.end.is_none() {
            self.end = self.try_to_go_on(host_key, key).transpose();
        }
    }

    fn try_to_go_on(
        &mut self,
        host_key: &[u8],
        key: &PrivateKey,
    ) -> Result<Option<Authenticated>, Failure> {
        self.read();
        if self.auth.is_none() {
            self.auth = self.begin(host_key)?;
        }
        let done = self.log_in(key)?;
        self.write()?;
        Ok(done)
    }

    /// The machine, once the server has shown the right host key.
    fn begin(&mut self, host_key: &[u8]) -> Result<Option<UserAuthClient>, Failure> {
        match self.connection.pending_host_key() {
            Some(seen) if seen == host_key => self.connection.accept_host_key()?,
            Some(_) => {
                let refused = HostKeyRefused::new("not the key of this server");
                return Err(self.connection.refuse_host_key(refused).into());
            }
            None => {
                return self
                    .broken
                    .take()
                    .map_or(Ok(None), |error| Err(error.into()));
            }
        }
        let session = Session::encrypted(self.connection.session_id()).host_key(host_key);
        let config = Config::new("alice").quirks(Quirks::of_server(self.connection.peer_version()));
        Ok(Some(UserAuthClient::new(config, session)?))
    }

    /// The login, as far as it goes without waiting.
    fn log_in(&mut self, key: &PrivateKey) -> Result<Option<Authenticated>, Failure> {
        let Some(auth) = &mut self.auth else {
            return Ok(None);
        };
        loop {
            // One packet, and then its actions; before the first of them, EXT_INFO may be here.
            let incoming = self.connection.poll_payload();
            let nothing_arrived = incoming.is_none();
            match incoming {
                Some(Incoming::Payload(payload)) => {
                    if auth.handle_packet(&payload)? == Receipt::NotOurs {
                        self.connection.send_unimplemented()?;
                    }
                }
                Some(_unimplemented) => drop(auth.unimplemented()?),
                None => drop(self.broken.take().map(|error| tell_end(auth, &error))),
            }
            while let Some(action) = auth.poll_action() {
                let answer = match action {
                    Action::SendRequest(payload) => {
                        let look_like = payload.pad_hint();
                        self.connection.send(payload.bytes(), look_like)?;
                        continue;
                    }
                    Action::StartService(done) => return Ok(Some(done)),
                    Action::GiveUp(why) => return Err(why.into()),
                    Action::NeedPublicKey(need) if need.offered() == 0 => {
                        need.offer(Identity::try_from(key)?)
                    }
                    Action::NeedSignature(need) => {
                        self.signature = Some(need);
                        continue;
                    }
                    other => match other.decline() {
                        Some(answer) => answer,
                        None => continue,
                    },
                };
                auth.handle_answer(answer)?;
            }
            if nothing_arrived {
                return Ok(None);
            }
        }
    }

    /// Events come once for each change: read until there is nothing more.
    fn read(&mut self) {
        let mut bytes = [0; 4096];
        while self.broken.is_none() {
            self.broken = match self.stream.read(&mut bytes) {
                Ok(0) => Some(TransportError::Eof),
                Ok(count) => {
                    let bytes = bytes.get(..count).unwrap_or_default();
                    self.connection.receive(bytes).err()
                }
                Err(error) if is_later(&error) => return,
                Err(error) => Some(error.into()),
            };
        }
    }

    fn write(&mut self) -> io::Result<()> {
        self.unsent.append(&mut self.connection.take_output());
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if is_later(&error) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn is_later(error: &io::Error) -> bool {
    // The second: the connection is not there yet.
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::NotConnected
    )
}

/// How it went.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) logged_in: usize,
    pub(crate) failures: Vec<String>,
    /// How many had an open question at the same time.
    pub(crate) at_once: usize,
}

/// `count` logins, all of which wait for each other before they sign.
pub(crate) fn log_in_all(
    address: SocketAddr,
    host_key: &[u8],
    key: &PrivateKey,
    count: usize,
) -> Result<Tally, Failure> {
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    let mut logins: Vec<Login> = Vec::new();
    let mut tally = Tally::default();
    loop {
        let unheard = logins.iter().filter(|login| login.is_unheard()).count();
        for _ in unheard..MAX_UNHEARD.min(unheard + count - logins.len()) {
            let mut login = Login::new(address)?;
            let (registry, token) = (poll.registry(), Token(logins.len()));
            let both = Interest::READABLE | Interest::WRITABLE;
            registry.register(&mut login.stream, token, both)?;
            logins.push(login);
        }
        if logins.iter().all(|login| login.end.is_some()) {
            break;
        }
        poll.poll(&mut events, None)?;
        for event in &events {
            if let Some(login) = logins.get_mut(event.token().0) {
                login.go_on(host_key, key);
            }
        }
        let waits = |login: &Login| login.signature.is_some();
        if logins.len() == count
            && logins
                .iter()
                .all(|login| waits(login) || login.end.is_some())
        {
            tally.at_once = tally
                .at_once
                .max(logins.iter().filter(|login| waits(login)).count());
            logins
                .iter_mut()
                .for_each(|login| sign(login, host_key, key));
        }
    }
    for end in logins.into_iter().filter_map(|login| login.end) {
        match end {
            Ok(_) => tally.logged_in += 1,
            Err(error) => tally.failures.push(error.to_string()),
        }
    }
    Ok(tally)
}

/// Answers the question that has waited.
fn sign(login: &mut Login, host_key: &[u8], key: &PrivateKey) {
    if let (Some(auth), Some(need)) = (&mut login.auth, login.signature.take()) {
        let answer = need.sign_with(key).unwrap_or_else(Rejected::decline);
        // Refused only if the server moved on meanwhile.
        let _withdrawn = auth.handle_answer(answer);
        login.go_on(host_key, key);
    }
}

pub(crate) fn main() -> Result<(), Failure> {
    let key = demo_key("laptop")?;
    let policy = EmbeddedPolicy::new("alice")
        .with_key(&key.public_key().to_bytes()?)
        .then(Method::PublicKey);
    let (server, address) = EmbeddedServer::start_tcp(policy)?;
    let begin = Instant::now();
    let tally = log_in_all(address, server.host_key(), &key, 1000)?;
    println!("{} logins in {:.1?}", tally.logged_in, begin.elapsed());
    println!("{} were asked to sign at the same time", tally.at_once);
    match tally.failures.first() {
        None => Ok(()),
        Some(why) => Err(format!("{} failed: {why}", tally.failures.len()).into()),
    }
}
