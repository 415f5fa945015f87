//! Writes down what happens to a live client.

use alloc::collections::VecDeque;
use alloc::vec::Vec;
use core::fmt;

use crate::scene::Scene;
use crate::transcript::Transcript;
use crate::transcript::client::{ClientLine, Exchange};
use crate::transcript::end::EndLine;
use crate::transcript::input::InputLine;
use crate::transcript::line::Line;
use crate::transcript::notice::NoticeLine;
use crate::transcript::outcome::Outcome;
use crate::transcript::question::QuestionLine;
use crate::transcript::server::ServerLine;
use crate::wire::{Request, RequestMethod};
use ssh_userauth::{
    AbandonReason, Action, Answer, AnswerError, Config, ConfigError, Login, Payload, ProtocolError,
    Receipt, Report, Session, Turn, UserAuthClient,
};

mod answered;
mod head;
mod heard;
mod names;
#[cfg(test)]
mod tests;

use answered::Asked;
use heard::Context;
use names::Names;

/// A [`UserAuthClient`] that writes its conversation down.
///
/// It has the inputs and the output of the client, so that it can stand in its place in a loop.
/// Whatever comes out of [`transcript`](Self::transcript) passes [`Transcript::check`]: a login
/// that went wrong becomes a test by printing it.
///
/// No secret is in it. Every password, answer and token is replaced by a name (`secret-1`; the
/// same bytes have the same name), every key by a synthetic one of its type (`K1`), every
/// signature by a synthetic one (`SIG1`). What may be too long for something stays as long as it
/// is: the name of a secret of more than 512 bytes is filled up with dots, and a key of more than
/// 16 KiB stands there as it is, as does one of no type. What the server says stands there as it
/// came, in bytes where it can't be read; so do the user name and the session identifier.
///
/// It polls the client at once after every input, so that what comes out stands behind the input
/// that caused it, and hands the actions out when it is polled itself.
///
/// ```
/// use ssh_userauth_testing::{Packet, Recorder, Transcript};
/// use ssh_userauth::{Action, Config, Method, Pipelining, Session};
///
/// let config = Config::new("alice").methods([Method::Password]).pipelining(Pipelining::Off);
/// let mut auth = Recorder::new(config, Session::encrypted([7; 32]))?;
/// let mut server = [
///     Packet::service_accept(),
///     Packet::failure(["password"]),
///     Packet::success(),
/// ]
/// .into_iter();
/// 'login: loop {
///     while let Some(action) = auth.poll_action() {
///         match action {
///             Action::NeedPassword(need) => auth.handle_answer(need.password("hunter2"))?,
///             Action::StartService(_) | Action::GiveUp(_) => break 'login,
///             _ => {}
///         }
///     }
///     auth.handle_packet(server.next().unwrap().bytes())?;
/// }
/// let transcript = auth.transcript();
/// let text = transcript.to_string();
/// assert!(text.contains("C request password secret-1") && !text.contains("hunter2"));
/// transcript.check()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Recorder {
    client: UserAuthClient,
    /// What came out and was not yet handed out.
    actions: VecDeque<Action>,
    head: Vec<Line>,
    lines: Vec<Line>,
    names: Names,
    /// Questions that came out and were not answered, oldest first; some may be withdrawn.
    asked: Vec<Asked>,
    exchange: Exchange,
    context: Context,
}

impl Recorder {
    /// A new client, and the first line about it.
    ///
    /// # Errors
    /// As [`UserAuthClient::new`].
    pub fn new(config: Config, session: Session) -> Result<Self, ConfigError> {
        let mut names = Names::new(&config.limits);
        let head = head::lines(&config, &session, &mut names);
        let (scene, _, _) = Scene::of(&Transcript::of(head.clone()));
        names.live(scene, &session);
        let mut recorder = Self {
            client: UserAuthClient::new(config, session)?,
            actions: VecDeque::new(),
            head,
            lines: Vec::new(),
            names,
            asked: Vec::new(),
            exchange: Exchange::default(),
            context: Context::default(),
        };
        recorder.drain();
        Ok(recorder)
    }

    /// As [`UserAuthClient::handle_packet`].
    ///
    /// # Errors
    /// As there.
    pub fn handle_packet(&mut self, payload: &[u8]) -> Result<Receipt, ProtocolError> {
        let message = heard::line(payload, self.names.scene(), self.context);
        let result = self.client.handle_packet(payload);
        self.heard(message, result)
    }

    /// As [`UserAuthClient::handle_answer`].
    ///
    /// # Errors
    /// As there.
    pub fn handle_answer(&mut self, answer: Answer) -> Result<(), AnswerError> {
        let input = answered::line(&answer, &mut self.asked, &mut self.names);
        let result = self.client.handle_answer(answer);
        let line = match (input, result) {
            (Ok(input), _) => Line::Input {
                input,
                outcome: result.into(),
            },
            (Err(_), Err(AnswerError::OtherConnection)) => {
                Line::Comment("an answer to a question of another connection".into())
            }
            (Err(why), _) => Line::Comment(why.into()),
        };
        self.lines.push(line);
        self.drain();
        result
    }

    /// As [`UserAuthClient::poll_action`].
    #[must_use = "an action that is dropped may leave the machine waiting for ever"]
    pub fn poll_action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// As [`UserAuthClient::cancel`].
    pub fn cancel(&mut self) {
        self.client.cancel();
        self.commanded(InputLine::Cancel, Outcome::Taken);
    }

    /// As [`UserAuthClient::abandon`].
    pub fn abandon(&mut self, why: AbandonReason) {
        self.client.abandon(why);
        self.commanded(InputLine::Abandon(why), Outcome::Taken);
    }

    /// As [`UserAuthClient::send_one_by_one`].
    pub fn send_one_by_one(&mut self) {
        self.client.send_one_by_one();
        self.commanded(InputLine::OneByOne, Outcome::Taken);
    }

    /// As [`UserAuthClient::decline_pending`].
    pub fn decline_pending(&mut self) -> bool {
        let declined = self.client.decline_pending();
        let outcome = match declined {
            true => Outcome::Taken,
            false => Outcome::NotAsked,
        };
        self.commanded(InputLine::DeclinePending, outcome);
        declined
    }

    /// As [`UserAuthClient::disconnected`].
    pub fn disconnected(&mut self, code: u32, description: &[u8]) {
        self.client.disconnected(code, description);
        let description = description.to_vec();
        self.told(ServerLine::Disconnect { code, description });
    }

    /// As [`UserAuthClient::connection_lost`].
    pub fn connection_lost(&mut self) {
        self.client.connection_lost();
        self.told(ServerLine::Close);
    }

    /// As [`UserAuthClient::unimplemented`].
    ///
    /// # Errors
    /// As there.
    pub fn unimplemented(&mut self) -> Result<Receipt, ProtocolError> {
        let result = self.client.unimplemented();
        self.heard(ServerLine::Unimplemented, result)
    }

    /// As [`UserAuthClient::turn`].
    #[must_use]
    pub fn turn(&self) -> Turn {
        self.client.turn()
    }

    /// As [`UserAuthClient::has_open_question`].
    #[must_use]
    pub fn has_open_question(&self) -> bool {
        self.client.has_open_question()
    }

    /// As [`UserAuthClient::refusals_left`].
    #[must_use]
    pub fn refusals_left(&self) -> u32 {
        self.client.refusals_left()
    }

    /// As [`UserAuthClient::login`].
    #[must_use]
    pub fn login(&self) -> &Login {
        self.client.login()
    }

    /// As [`UserAuthClient::report`].
    #[must_use]
    pub fn report(&self) -> &Report {
        self.client.report()
    }

    /// The conversation so far.
    #[must_use]
    pub fn transcript(&self) -> Transcript {
        let mut lines = self.head.clone();
        lines.extend(self.names.declarations());
        lines.push(Line::Blank);
        lines.extend(self.lines.iter().cloned());
        Transcript::of(lines)
    }

    fn heard(
        &mut self,
        message: ServerLine,
        result: Result<Receipt, ProtocolError>,
    ) -> Result<Receipt, ProtocolError> {
        let outcome = match result {
            Ok(Receipt::NotOurs) => Outcome::NotOurs,
            Ok(Receipt::Taken) | Err(_) => Outcome::Taken,
        };
        self.lines.push(Line::Server {
            message,
            times: 1,
            outcome,
        });
        self.drain();
        if let Err(error) = &result {
            self.lines.push(Line::End(EndLine::failed(error)));
        }
        result
    }

    fn told(&mut self, message: ServerLine) {
        // What the transport tells is always taken.
        let _ = self.heard(message, Ok(Receipt::Taken));
    }

    fn commanded(&mut self, input: InputLine, outcome: Outcome) {
        self.lines.push(Line::Input { input, outcome });
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(action) = self.client.poll_action() {
            let scene = self.names.scene();
            let line = match &action {
                Action::SendRequest(payload) => Some(self.sent(payload)),
                Action::Notify(notice) => Some(Line::Notice(NoticeLine::of(notice, scene))),
                Action::StartService(done) => Some(Line::End(EndLine::started(done, scene))),
                Action::GiveUp(why) => Some(Line::End(EndLine::given_up(why))),
                question => {
                    self.asked.extend(Asked::of(question));
                    QuestionLine::of(question, scene).map(Line::Question)
                }
            };
            self.lines.extend(line);
            self.actions.push_back(action);
        }
    }

    fn sent(&mut self, payload: &Payload) -> Line {
        let line = ClientLine::of(payload.bytes(), self.names.scene(), self.exchange);
        let request = Request::decode(payload.bytes()).map(|request| request.method);
        if let Some(exchange) = line.opens() {
            self.exchange = exchange;
            self.context = match request {
                Ok(RequestMethod::Password { .. } | RequestMethod::PasswordChange { .. }) => {
                    Context::Password
                }
                _ => Context::Exchange(exchange),
            };
        }
        let signature = match request {
            Ok(
                RequestMethod::PublicKey { signature, .. }
                | RequestMethod::HostBoundPublicKey { signature, .. },
            ) => signature,
            Ok(RequestMethod::HostBased { signature, .. }) => Some(signature),
            _ => None,
        };
        Line::Client(self.names.disguise(line, signature))
    }
}

impl fmt::Debug for Recorder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Recorder")
            .field("client", &self.client)
            .field("lines", &self.lines.len())
            .finish_non_exhaustive()
    }
}
