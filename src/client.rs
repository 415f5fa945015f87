//! The driver: inputs, the order of things, and the only place where what a method wants becomes an
//! action.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::action::Action;
use crate::banners::Banners;
use crate::config::Config;
use crate::error::{ConfigError, ProtocolError};
use crate::few::Queue;
use crate::flight::{Flight, Part, Sent};
use crate::login::Login;
use crate::method::{Attempt, Facts, Method, Methods, Outgoing, Step};
use crate::payload::{Payload, Place, Proof};
use crate::peer::Peer;
use crate::plan::Plan;
use crate::question::Question;
use crate::report::{RecordId, Report};
use crate::session::{ServiceRequest, Session};
use crate::wire;

mod answer;
mod end;
#[cfg(test)]
mod model;
mod next;
mod receive;

/// The name of the service that this crate speaks (RFC 4252 section 1).
const SERVICE: &str = "ssh-userauth";

/// `SSH_MSG_SERVICE_REQUEST` for it (RFC 4253 section 10).
const SERVICE_REQUEST: &[u8] = b"\x05\0\0\0\x0cssh-userauth";

/// The client side of SSH user authentication, for one connection and one user.
///
/// Four kinds of methods:
/// - inputs: [`handle_packet`](Self::handle_packet),
///   [`handle_answer`](Self::handle_answer);
/// - commands: [`cancel`](Self::cancel), [`abandon`](Self::abandon),
///   [`decline_pending`](Self::decline_pending), [`send_one_by_one`](Self::send_one_by_one), and
///   what the transport says:
///   [`disconnected`](Self::disconnected), [`connection_lost`](Self::connection_lost),
///   [`unimplemented`](Self::unimplemented);
/// - the output: [`poll_action`](Self::poll_action), called until it returns `None`;
/// - looks: [`turn`](Self::turn), [`has_open_question`](Self::has_open_question),
///   [`refusals_left`](Self::refusals_left), [`login`](Self::login), [`report`](Self::report).
///
/// They may be called in any order. After any input there may be something to poll; nothing is
/// lost if it is polled later.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct UserAuthClient {
    facts: Facts,
    phase: Phase,
    flight: Flight,
    pending: Option<Pending>,
    questions: u32,
    /// What the caller has chosen, until the server refuses something or it is used up.
    /// Boxed, since few callers choose.
    chosen: Option<Box<Method>>,
    outbox: Queue<Action>,
    plan: Plan,
    methods: Methods,
    banners: Banners,
    proof: Proof,
    /// Boxed: it is larger than all the rest, and most of it is only written to.
    report: Box<Report>,
}

/// Where the run stands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Running,
    /// `StartService` or `GiveUp` was said. So many replies may still come to what was sent before
    /// it.
    Ended {
        owed: usize,
    },
    /// The server broke the protocol.
    Failed(Box<ProtocolError>),
}

/// The question that is open.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
struct Pending {
    number: u32,
    attempt: Attempt,
    /// The request whose dialogue the question belongs to.
    record: Option<RecordId>,
}

/// Who has to act for the run to go on, once everything was polled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "there is nobody else")]
pub enum Turn {
    /// A request of ours is unanswered. The only time at which a network timer makes sense.
    Server,
    /// A question is open. People type, touch and think; there is nothing to wait for on the
    /// network.
    Caller,
    /// The run has ended.
    Nobody,
}

/// What became of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a packet is ours or it is not")]
pub enum Receipt {
    /// It was one of ours.
    Taken,
    /// It belongs to another layer, or the run has ended: nothing has changed. The transport
    /// handles it, or answers with `SSH_MSG_UNIMPLEMENTED` (RFC 4253 section 11.4).
    NotOurs,
}

impl UserAuthClient {
    /// A machine for one login over one connection. The first [`poll_action`](Self::poll_action)
    /// brings the service request.
    ///
    /// # Errors
    /// The configuration or the session can't be used; see [`ConfigError`].
    pub fn new(config: Config, session: Session) -> Result<Self, ConfigError> {
        config.check()?;
        session.check()?;
        let mut peer = Peer::default();
        if let Some(payload) = &session.ext_info {
            let info = wire::ExtInfo::decode(payload)?;
            peer.learn(&info, config.bounds())
                .map_err(ConfigError::BadExtInfo)?;
        }
        let mut client = Self {
            facts: Facts {
                pipelining: config.pipelining,
                login: Arc::new(Login {
                    config,
                    host_key: session.host_key,
                    session_id: session.id,
                }),
                confidentiality: session.confidentiality,
                key_exchange: session.key_exchange,
                peer,
            },
            phase: Phase::Running,
            flight: Flight::default(),
            pending: None,
            questions: 0,
            chosen: None,
            outbox: Queue::default(),
            plan: Plan::default(),
            methods: Methods::default(),
            banners: Banners::default(),
            proof: Proof::default(),
            report: Report::boxed(session.server_version),
        };
        client.report.extensions(&client.facts.peer);
        client.request_service(session.service_request);
        client.settle();
        Ok(client)
    }

    /// Takes the payload of one packet from the server, decrypted and without padding.
    ///
    /// Give it all messages from 5 to 7 and from 50 on (RFC 4250 section 4.1.1); what is not for
    /// this layer comes back as [`Receipt::NotOurs`].
    ///
    /// # Errors
    /// The server broke the protocol. The error is final: it is returned for every later packet,
    /// and nothing is sent or asked any more.
    pub fn handle_packet(&mut self, payload: &[u8]) -> Result<Receipt, ProtocolError> {
        let number = payload.first().copied().unwrap_or_default();
        self.guarded(number, |client| client.receive_payload(payload))
    }

    /// What to do next, or `None`: flush what was handed out to send, and wait for a packet or an
    /// answer.
    #[must_use = "an action that is dropped may leave the machine waiting for ever"]
    // Every second poll brings nothing: the caller's crate sees that without a call.
    #[inline]
    pub fn poll_action(&mut self) -> Option<Action> {
        if self.outbox.is_empty() {
            return None;
        }
        self.hand_out()
    }

    fn hand_out(&mut self) -> Option<Action> {
        // Looked at in its place: each move of an action copies all of it.
        if let Action::SendRequest(payload) = self.outbox.front()?
            && payload.place == Place::Answered
        {
            let continued = self.flight.handed_out(self.facts.login.config.quirks);
            if let Some(record) = continued {
                self.report.continued(record);
            }
            self.proof = self.proof.max(payload.proof);
        }
        self.outbox.pop_front()
    }

    /// Who has to act for the run to go on.
    #[must_use]
    pub fn turn(&self) -> Turn {
        if !self.flight.is_empty() {
            Turn::Server
        } else if self.pending.is_some() {
            Turn::Caller
        } else {
            Turn::Nobody
        }
    }

    /// Whether the caller is being asked something. A prompt whose question was withdrawn, because
    /// the server went on, should be taken off the screen: [`turn`](Self::turn) does not tell, as
    /// the server may be waited for at the same time.
    #[must_use]
    pub fn has_open_question(&self) -> bool {
        self.pending.is_some()
    }

    /// How many refusals the server is expected to bear before it closes the connection, by
    /// [`AttemptBudget`](crate::AttemptBudget).
    #[must_use]
    pub fn refusals_left(&self) -> u32 {
        self.plan.refusals_left(&self.facts.login.config)
    }

    /// Who logs in where; every question has it, too.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.facts.login
    }

    /// Every attempt and every skipped candidate so far, with the reasons.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.report
    }

    fn request_service(&mut self, by: ServiceRequest) {
        match by {
            ServiceRequest::Accepted => {}
            ServiceRequest::Sent => {
                self.report.service_requested();
                self.flight.push(Sent::ServiceRequest);
                self.flight.handed_out(self.facts.login.config.quirks);
            }
            ServiceRequest::Ours => {
                let payload = Payload::fixed(SERVICE_REQUEST);
                self.outbox.push_back(Action::SendRequest(payload));
                self.report.service_requested();
                self.flight.push(Sent::ServiceRequest);
            }
        }
    }

    /// Ends every input: while no question is open and there is something that can be done
    /// without waiting, does it. This one rule is why the machine can't get stuck.
    fn settle(&mut self) {
        while matches!(self.phase, Phase::Running) && self.pending.is_none() {
            let Some(step) = self.next_step() else { break };
            self.apply(step, None);
        }
    }

    /// Does what a method wants. `record` is the request whose dialogue it continues.
    fn apply(&mut self, step: Step, record: Option<RecordId>) {
        match step {
            Step::Send(outgoing) => self.send(outgoing, record),
            Step::Ask(question, attempt) => self.ask(question, attempt, record),
            Step::Wait(attempt, notice) => {
                self.outbox
                    .extend(notice.map(|notice| Action::Notify(*notice)));
                if let Some(record) = record {
                    let sent = Sent::Request(attempt, record, Part::Continuation);
                    self.flight.put_back(sent);
                }
            }
            Step::Idle => {}
        }
    }

    fn send(&mut self, outgoing: Outgoing, record: Option<RecordId>) {
        let Outgoing {
            mut payload,
            in_front,
            attempt,
            subject,
            proof,
            notice,
        } = outgoing;
        if let Some(notice) = notice {
            self.outbox.push_back(Action::Notify(*notice));
        }
        let (record, part) = match (subject, record) {
            (Some(subject), _) => {
                self.plan.request_sent();
                (self.report.sent(subject), Part::Request)
            }
            (None, Some(record)) => (record, Part::Continuation),
            // A continuation of nothing: no method makes one.
            (None, None) => return,
        };
        if let Some(payload) = in_front {
            self.outbox.push_back(Action::SendRequest(*payload));
        }
        payload.proof = proof;
        self.flight.push(Sent::Request(attempt, record, part));
        self.outbox.push_back(Action::SendRequest(payload));
    }

    fn ask(&mut self, question: Question, attempt: Attempt, record: Option<RecordId>) {
        self.pending = Some(Pending {
            number: self.questions,
            attempt,
            record,
        });
        self.questions = self.questions.wrapping_add(1);
        self.outbox.push_back(Action::from(question));
    }

    /// Takes the open question back: from the caller, who will hear of it when he answers, or
    /// from the outbox, if he has not seen it yet.
    fn withdraw(&mut self) -> Option<Pending> {
        let pending = self.pending.take()?;
        self.outbox.retain(|action| !action.is_question());
        Some(pending)
    }
}
