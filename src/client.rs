//! The driver: inputs in, actions out. It alone notes what is in flight and what is asked.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::action::{Action, Question};
use crate::banners::Banners;
use crate::config::Config;
use crate::context::Context;
use crate::error::{ConfigError, ProtocolError};
use crate::flight::{Flight, Part, Sent};
use crate::login::Login;
use crate::method::{Dialogue, Methods};
use crate::payload::{Evidence, Payload};
use crate::peer::Peer;
use crate::plan::Plan;
use crate::report::{RecordId, Report};
use crate::run::{Act, Begun, Output, Run};
use crate::session::{ServiceRequest, Session};
use crate::wire;

mod answer;
mod end;
#[cfg(test)]
#[path = "../unit-tests/model/model.rs"]
mod model;
mod receive;
mod settle;

/// The name of the service that this crate speaks (RFC 4252 section 1).
const SERVICE: &str = "ssh-userauth";

/// `SSH_MSG_SERVICE_REQUEST` for it (RFC 4253 section 10).
const SERVICE_REQUEST: &[u8] = b"\x05\0\0\0\x0cssh-userauth";

/// The client side of SSH user authentication, for one connection and one user.
///
/// - Inputs: [`handle_packet`](Self::handle_packet), [`handle_answer`](Self::handle_answer), and what
///   the transport reports: [`disconnected`](Self::disconnected),
///   [`connection_lost`](Self::connection_lost), [`unimplemented`](Self::unimplemented).
/// - Commands: [`cancel`](Self::cancel), [`abandon`](Self::abandon),
///   [`decline_pending`](Self::decline_pending), [`send_one_by_one`](Self::send_one_by_one).
/// - The output: [`poll_action`](Self::poll_action), called until it returns `None`.
/// - Queries: [`turn`](Self::turn), [`has_open_question`](Self::has_open_question),
///   [`refusals_left`](Self::refusals_left), [`login`](Self::login), [`report`](Self::report).
///
/// You may call them in any order. After any input there may be something to poll; nothing is
/// lost if you poll later.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub struct UserAuthClient {
    run: Run<Question>,
    plan: Plan,
    methods: Methods,
    flight: Flight,
    open: Option<Open>,
    phase: Phase,
    banners: Banners,
    evidence: Evidence,
    /// `StartService` or `GiveUp`, after everything else was polled.
    last: Option<Box<Action>>,
}

/// How far the run is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Phase {
    Running,
    /// It ended. So many replies may still come to what was sent before.
    Ended {
        owed: usize,
    },
    /// The server broke the protocol.
    Failed(Box<ProtocolError>),
}

/// The question that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    number: u32,
    dialogue: Dialogue,
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
    /// A client for one login over one connection. The first [`poll_action`](Self::poll_action)
    /// returns the service request.
    ///
    /// # Errors
    /// The configuration or the session can't be used; see [`ConfigError`].
    pub fn new(config: Config, session: Session) -> Result<Self, ConfigError> {
        config.check()?;
        session.check()?;
        let mut peer = Peer::default();
        if let Some(payload) = &session.ext_info {
            let info = wire::ExtInfo::decode(payload)?;
            peer.learn(&info, &config.limits)
                .map_err(ConfigError::BadExtInfo)?;
        }
        let mut report = Report::new(session.server_version);
        if session.ext_info.is_some() {
            report.ext_info(&peer);
        }
        let context = Context {
            pipelining: config.pipelining,
            login: Arc::new(Login {
                config,
                host_key: session.host_key,
                session_id: session.id,
            }),
            is_encrypted: session.is_encrypted,
            is_gssapi_key_exchange: session.is_gssapi_key_exchange,
            peer,
        };
        let mut client = Self {
            run: Run::new(context, Box::new(report)),
            plan: Plan::default(),
            methods: Methods::default(),
            flight: Flight::new(),
            open: None,
            phase: Phase::Running,
            banners: Banners::default(),
            evidence: Evidence::default(),
            last: None,
        };
        client.request_service(session.service_request);
        client.settle();
        Ok(client)
    }

    /// Takes the payload of one packet from the server, decrypted and without padding.
    ///
    /// Give it all messages from 5 to 7 and from 50 on (RFC 4250 section 4.1.1). What is not for
    /// this layer comes back as [`Receipt::NotOurs`].
    ///
    /// # Errors
    /// The server broke the protocol. The error is final: it is returned for every later packet,
    /// and nothing is sent or asked any more.
    pub fn handle_packet(&mut self, payload: &[u8]) -> Result<Receipt, ProtocolError> {
        let number = payload.first().copied().unwrap_or_default();
        self.guarded(number, |client| client.receive(payload))
    }

    /// What to do next, or `None`: flush what was handed out to send, and wait for a packet or an
    /// answer.
    #[must_use = "an action that is dropped may leave the client waiting for ever"]
    pub fn poll_action(&mut self) -> Option<Action> {
        let Some(output) = self.run.outbox.pop_front() else {
            return self.last.take().map(|last| *last);
        };
        if let Output::Send(payload) = &output
            && payload.has_reply()
        {
            let quirks = self.run.context.config().quirks;
            if let Some(record) = self.flight.handed_out(quirks) {
                self.run.report.client_continued(record);
            }
            self.evidence = self.evidence.max(payload.evidence);
        }
        Some(output.into())
    }

    /// Who has to act for the run to go on.
    #[must_use]
    pub fn turn(&self) -> Turn {
        if !self.flight.is_empty() {
            Turn::Server
        } else if self.open.is_some() {
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
        self.open.is_some()
    }

    /// How many refusals the server is expected to bear before it closes the connection, by
    /// [`AttemptBudget`](crate::AttemptBudget).
    #[must_use]
    pub fn refusals_left(&self) -> u32 {
        self.plan.refusals_left(self.run.context.config())
    }

    /// Who logs in where; every question has it, too.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.run.context.login
    }

    /// Every attempt and every skipped candidate so far, with the reasons.
    #[must_use]
    pub fn report(&self) -> &Report {
        &self.run.report
    }

    fn request_service(&mut self, by: ServiceRequest) {
        if by == ServiceRequest::Accepted {
            return;
        }
        self.run.report.service_requested();
        self.flight.push(Sent::ServiceRequest);
        if by == ServiceRequest::Sent {
            self.flight.handed_out(self.run.context.config().quirks);
        } else {
            let payload = Payload::fixed(SERVICE_REQUEST);
            self.run.outbox.push_back(Output::Send(payload));
        }
    }

    /// Notes what a method has done. `record` is the request whose dialogue it continues.
    fn note(&mut self, begun: Begun<Dialogue>, record: Option<RecordId>) {
        let (act, dialogue) = begun.into_parts();
        match (act, record) {
            (Act::Requested(record), _) => {
                let sent = Sent::Request(dialogue, record, Part::Request);
                self.flight.push(sent);
            }
            (Act::Continued, Some(record)) => {
                let sent = Sent::Request(dialogue, record, Part::Continuation);
                self.flight.push(sent);
            }
            (Act::Waited, Some(record)) => {
                let sent = Sent::Request(dialogue, record, Part::Continuation);
                self.flight.put_back(sent);
            }
            (Act::Asked(number), record) => {
                self.open = Some(Open {
                    number,
                    dialogue,
                    record,
                });
            }
            // Only what was requested can be continued or awaited.
            (Act::Continued | Act::Waited, None) => {}
        }
    }

    /// Takes the open question back: from the caller, who is told when it answers, or from the
    /// outbox, if it was not polled yet.
    fn withdraw(&mut self) -> Option<Open> {
        let open = self.open.take()?;
        let is_question = |output: &Output<_>| matches!(output, Output::Ask(_));
        self.run.outbox.retain(|output| !is_question(output));
        Some(open)
    }
}
