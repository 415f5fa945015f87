//! A graphical client: every question becomes a dialog, and the answer is another event of the
//! loop, minutes later. Nothing waits, nothing blocks, and the network's timer doesn't run while
//! a person thinks.
//!
//! ```sh
//! cargo run -p interop --example graphical
//! ```
//!
//! The window system is simulated by a queue of events with a virtual clock: whoever answers
//! takes five minutes, and the whole takes a moment. The server is one in the same process.
//!
//! In Twisted Conch: the subclass in `twisted.conch.scripts.tkconch`.

use core::error::Error;
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;

use interop::blocking::{LoginError, tell_end};
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round};
use interop::transport::{ClientConfig, Connection, HostKeyRefused, Incoming, TransportError};
use ssh_userauth::{
    AbandonReason, Action, Answer, AnswerError, Authenticated, Config, Notice, Receipt, Session,
    Turn, UserAuthClient,
};
use ssh_userauth_explain::Explain as _;

/// How long the server may take for an answer.
const NETWORK_TIMEOUT: Duration = Duration::from_secs(30);

/// What the event loop hands out.
pub(crate) enum Event {
    Bytes(Vec<u8>),
    Closed,
    /// The network was silent until the deadline.
    Timeout,
    /// Somebody has filled in the dialog.
    Clicked,
}

/// The client in the window: a machine, a connection, and at most one dialog.
pub(crate) struct Client {
    stream: UnixStream,
    connection: Connection,
    auth: Option<UserAuthClient>,
    /// The question is owned by the dialog until somebody clicks.
    dialog: Option<Action>,
    /// What stands in the window.
    pub(crate) text: Vec<String>,
}

impl Client {
    pub(crate) fn new(stream: UnixStream) -> Result<Self, TransportError> {
        Ok(Self {
            stream,
            connection: Connection::client(ClientConfig::new())?,
            auth: None,
            dialog: None,
            text: Vec::new(),
        })
    }

    /// What one event changes. `Some`: the login has ended.
    fn on_event(
        &mut self,
        event: Event,
        host_key: &[u8],
        config: &Config,
        person: &mut impl FnMut(Action) -> Option<Answer>,
    ) -> Result<Option<Authenticated>, Box<dyn Error>> {
        let mut broken = None;
        match (event, &mut self.auth) {
            (Event::Bytes(bytes), _) => broken = self.connection.receive(&bytes).err(),
            (Event::Closed, _) => broken = Some(TransportError::Eof),
            (Event::Timeout, Some(auth)) => auth.abandon(AbandonReason::ServerTimeout),
            (Event::Timeout, None) => return Err("the server is silent".into()),
            (Event::Clicked, auth) => {
                if let (Some(auth), Some(answer)) = (auth, self.dialog.take().and_then(person)) {
                    match auth.handle_answer(answer) {
                        // Withdrawn: the server has moved on. Too long: the same dialog comes
                        // again.
                        Ok(()) | Err(AnswerError::Withdrawn | AnswerError::TooLong { .. }) => {}
                        Err(error) => return Err(error.into()),
                    }
                }
            }
        }
        if self.auth.is_none() {
            self.begin(host_key, config)?;
        }
        let done = self.log_in(broken)?;
        self.stream.write_all(&self.connection.take_output())?;
        Ok(done)
    }

    /// The machine, once the server has shown the right host key.
    fn begin(&mut self, host_key: &[u8], config: &Config) -> Result<(), Box<dyn Error>> {
        match self.connection.pending_host_key() {
            Some(seen) if seen == host_key => self.connection.accept_host_key()?,
            Some(_) => {
                let refused = HostKeyRefused::new("not the key of this server");
                return Err(self.connection.refuse_host_key(refused).into());
            }
            None => return Ok(()),
        }
        let session = Session::encrypted(self.connection.session_id()).host_key(host_key);
        self.auth = Some(UserAuthClient::new(config.clone(), session)?);
        Ok(())
    }

    /// The login, as far as it goes without waiting.
    fn log_in(
        &mut self,
        mut broken: Option<TransportError>,
    ) -> Result<Option<Authenticated>, LoginError> {
        let Some(auth) = &mut self.auth else {
            return broken.map_or(Ok(None), |error| Err(error.into()));
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
                None => drop(broken.take().map(|error| tell_end(auth, &error))),
            }
            while let Some(action) = auth.poll_action() {
                match action {
                    Action::SendRequest(payload) => {
                        let look_like = payload.pad_hint();
                        self.connection.send(payload.bytes(), look_like)?;
                    }
                    Action::StartService(done) => return Ok(Some(done)),
                    Action::GiveUp(why) => return Err(LoginError::GaveUp(why)),
                    Action::Notify(Notice::Banner { message, .. }) => {
                        self.text.push(message.display().to_string());
                    }
                    Action::Notify(_) => {}
                    question => self.dialog = Some(question),
                }
            }
            if nothing_arrived {
                return Ok(None);
            }
        }
    }

    /// Shows why, closes the dialog, says good-bye.
    fn leave(&mut self, error: &(dyn Error + 'static)) {
        let diagnosis = self
            .auth
            .as_ref()
            .and_then(|auth| auth.report().diagnosis());
        self.text
            .push(diagnosis.map_or_else(|| error.to_string(), |why| why.to_string()));
        self.dialog = None;
        let error = error.downcast_ref::<LoginError>();
        if let Some(reason) = error.and_then(LoginError::disconnect_reason) {
            self.connection.disconnect(reason.code(), "");
        }
        let _best_effort = self.stream.write_all(&self.connection.take_output());
        let _already_closed = self.stream.shutdown(Shutdown::Both);
    }

    /// Whether the network's timer runs: only while the server has to act.
    fn awaits_server(&self) -> bool {
        let turn = self.auth.as_ref().map(UserAuthClient::turn);
        turn.is_none_or(|turn| turn == Turn::Server)
    }
}

/// The event loop, with a clock that jumps to whatever comes next.
pub(crate) struct EventLoop {
    pub(crate) now: Duration,
    /// How long people take to fill in a dialog.
    pub(crate) thinking: Duration,
    /// How long the network must be silent, by the real clock, to be silent for ever.
    pub(crate) silence: Duration,
    /// How many dialogs were filled in.
    pub(crate) clicks: u32,
}

impl EventLoop {
    /// People take this long to fill in a dialog.
    pub(crate) fn new(thinking: Duration) -> Self {
        Self {
            now: Duration::ZERO,
            thinking,
            silence: NETWORK_TIMEOUT,
            clicks: 0,
        }
    }

    fn next(&mut self, network: &Receiver<Vec<u8>>, client: &Client) -> Event {
        if !client.awaits_server() && client.dialog.is_some() {
            return network
                .try_recv()
                .map_or_else(|_| self.click(), Event::Bytes);
        }
        match network.recv_timeout(self.silence) {
            Ok(bytes) => Event::Bytes(bytes),
            Err(RecvTimeoutError::Disconnected) => Event::Closed,
            Err(RecvTimeoutError::Timeout) => {
                self.now += NETWORK_TIMEOUT;
                Event::Timeout
            }
        }
    }

    fn click(&mut self) -> Event {
        self.now += self.thinking;
        self.clicks += 1;
        Event::Clicked
    }

    /// Runs until the login has ended. `person` fills in the dialogs.
    pub(crate) fn run(
        &mut self,
        client: &mut Client,
        host_key: &[u8],
        config: &Config,
        mut person: impl FnMut(Action) -> Option<Answer>,
    ) -> Result<Authenticated, Box<dyn Error>> {
        let (sender, network) = channel();
        let mut reading = client.stream.try_clone()?;
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = reading.read(&mut bytes)
                && sender
                    .send(bytes.iter().copied().take(count).collect())
                    .is_ok()
            {}
        });
        let mut event = Event::Bytes(Vec::new());
        loop {
            match client.on_event(event, host_key, config, &mut person) {
                Ok(Some(done)) => return Ok(done),
                Ok(None) => event = self.next(&network, client),
                Err(error) => {
                    client.leave(&*error);
                    return Err(error);
                }
            }
        }
    }
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    let policy = EmbeddedPolicy::new("alice")
        .with_banner("Have your token ready.\n")
        .with_password("hunter2")
        .with_round(Round::new("", "").with_prompt("Code on the token: ", true, "424242"))
        .then(Method::Password)
        .then(Method::KeyboardInteractive);
    let (server, stream) = EmbeddedServer::start(policy)?;
    let mut event_loop = EventLoop::new(Duration::from_secs(5 * 60));
    let mut client = Client::new(stream)?;
    let config = Config::new("alice").label("alice@embedded");
    let done = event_loop.run(&mut client, server.host_key(), &config, |question| {
        Some(match question {
            Action::NeedPassword(need) => need.password("hunter2"),
            Action::NeedAnswers(need) => need.answer_each(|_| "424242"),
            other => other.decline()?,
        })
    })?;
    for line in &client.text {
        println!("{line}");
    }
    for factor in done.factors() {
        println!("in by {factor}");
    }
    println!(
        "{} dialogs, {:?} in the window's time",
        event_loop.clicks, event_loop.now
    );
    Ok(())
}
