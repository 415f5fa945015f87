//! What comes from the server.

use super::{Phase, Receipt, SERVICE, UserAuthClient};
use crate::action::{Action, Authenticated};
use crate::config::TrivialSuccess;
use crate::error::{ProtocolError, ProtocolErrorKind};
use crate::flight::{Part, Sent};
use crate::method::{Attempt, Earns, Step, Verdict};
use crate::method_list::MethodList;
use crate::notice::Notice;
use crate::payload::Proof;
use crate::report::{Ending, Outcome, RecordId};
use crate::text::ServerText;
use crate::wire::{Banner, ExtInfo, Failure, MethodMessage, ServerMessage, ServiceAccept, number};

type Received = Result<Receipt, ProtocolErrorKind>;

impl UserAuthClient {
    /// The frame of every packet: nothing after an end, nothing but the same error after an
    /// error, and whatever can be done next once it was taken.
    pub(super) fn guarded(
        &mut self,
        packet: u8,
        receive: impl FnOnce(&mut Self) -> Received,
    ) -> Result<Receipt, ProtocolError> {
        match &self.phase {
            Phase::Running => {}
            Phase::Ended { owed } => {
                let owed = *owed;
                return Ok(self.late(packet, owed));
            }
            Phase::Failed(error) => return Err((**error).clone()),
        }
        let awaiting = self.awaiting();
        match receive(self) {
            Ok(receipt) => {
                self.settle();
                Ok(receipt)
            }
            Err(kind) => {
                let error = ProtocolError {
                    kind,
                    packet,
                    awaiting,
                };
                self.fail(error.clone());
                Err(error)
            }
        }
    }

    /// After the end. Servers differ in what they say to requests behind a success: some refuse
    /// them (libssh), some answer queries; the transport has nothing to reply to that. With the
    /// first message of the service, it is over.
    fn late(&mut self, packet: u8, owed: usize) -> Receipt {
        let (owed, receipt) = match packet {
            number::USERAUTH_FAILURE | 60..=79 | number::UNIMPLEMENTED if owed > 0 => {
                (owed - 1, Receipt::Taken)
            }
            80..=255 => (0, Receipt::NotOurs),
            _ => (owed, Receipt::NotOurs),
        };
        self.phase = Phase::Ended { owed };
        receipt
    }

    fn awaiting(&self) -> &'static str {
        match (&self.pending, self.flight.oldest()) {
            (_, Some(Sent::ServiceRequest)) => "the service request was to be accepted",
            (_, Some(Sent::Request(attempt, ..))) => attempt.awaiting(),
            (Some(_), None) => "a question to the caller was open",
            (None, None) => "nothing was awaited",
        }
    }

    pub(super) fn receive_payload(&mut self, payload: &[u8]) -> Received {
        let limit = self.facts.login.config.bounds().max_packet_bytes;
        if payload.len() > limit {
            return Err(ProtocolErrorKind::PacketTooLarge {
                length: payload.len(),
                limit,
            });
        }
        // RFC 4250 section 4.1.1: who owns which numbers.
        match payload.first().copied() {
            Some(0..=4 | 8..=49 | 192..=255) => Ok(Receipt::NotOurs),
            // "SSH connection protocol", and what is reserved for client protocols: a server that
            // begins it before success would like us to believe that we are in.
            Some(80..=191) => Err(ProtocolErrorKind::PrematureConnectionMessage),
            // Only a client sends these, or nobody.
            Some(number::SERVICE_REQUEST | number::USERAUTH_REQUEST | 54..=59) => {
                Err(ProtocolErrorKind::Unexpected)
            }
            Some(6 | 7 | 51..=53 | 60..=79) | None => self.receive(ServerMessage::decode(payload)?),
        }
    }

    pub(super) fn receive(&mut self, message: ServerMessage<'_>) -> Received {
        match message {
            ServerMessage::ServiceAccept(accept) => self.on_service_accept(&accept),
            ServerMessage::ExtInfo(info) => self.on_ext_info(&info),
            ServerMessage::Banner(banner) => self.on_banner(&banner),
            ServerMessage::Failure(failure) => self.on_failure(&failure),
            ServerMessage::Success => self.on_success(),
            ServerMessage::Method(message) => self.on_method_message(&message),
        }?;
        Ok(Receipt::Taken)
    }

    fn on_service_accept(&mut self, accept: &ServiceAccept<'_>) -> Result<(), ProtocolErrorKind> {
        let Some(Sent::ServiceRequest) = self.flight.oldest() else {
            return Err(ProtocolErrorKind::Unexpected);
        };
        match accept.name {
            Some(name) if name != SERVICE.as_bytes() => {
                Err(ProtocolErrorKind::WrongService(ServerText::new(name)))
            }
            // Some servers leave the name out.
            _ => {
                self.flight.pop();
                self.report.service_accepted();
                Ok(())
            }
        }
    }

    /// RFC 8308 section 2.4: after NEWKEYS, and once more before success; OpenSSH may send it
    /// whenever the user is known. It changes no turn.
    fn on_ext_info(&mut self, info: &ExtInfo<'_>) -> Result<(), ProtocolErrorKind> {
        let limits = self.facts.login.config.bounds();
        if self.facts.peer.messages() >= limits.max_ext_info {
            return Err(ProtocolErrorKind::TooManyExtInfo {
                limit: limits.max_ext_info,
            });
        }
        self.facts.peer.learn(info, limits)?;
        self.report.extensions(&self.facts.peer);
        self.methods.on_algorithm_list();
        Ok(())
    }

    fn on_banner(&mut self, banner: &Banner<'_>) -> Result<(), ProtocolErrorKind> {
        if let Some(notice) = self
            .banners
            .take(banner, self.facts.login.config.bounds())?
        {
            self.report.banner(&notice);
            self.outbox.push_back(Action::Notify(notice));
        }
        Ok(())
    }

    fn on_failure(&mut self, failure: &Failure<'_>) -> Result<(), ProtocolErrorKind> {
        if let Some(record) = self.flight.take_abandoned() {
            return self.on_late_refusal(record, failure);
        }
        let (attempt, record, refusal) = self.answered_by_failure()?;
        // A query proves nothing, and neither does `none`: some servers set the flag all the
        // same (apache/mina-sshd once did).
        let verdict = if failure.partial_success && attempt.is_factor() {
            Verdict::PartialSuccess
        } else {
            Verdict::Refused
        };
        let config = &self.facts.login.config;
        let method = attempt.method();
        let lists = |list: &MethodList| list.contains(method);
        let was_listed = self.plan.listed().is_some_and(lists);
        let listed = self
            .plan
            .on_failure(&failure.methods, verdict, method, config)?;
        let outcome = match verdict {
            Verdict::PartialSuccess => Outcome::PartialSuccess,
            Verdict::Refused => refusal,
        };
        self.report.answered(record, outcome, Some(listed.clone()));
        self.chosen = None;
        let mut cx = self.facts.context(self.questions, &self.plan);
        cx.was_listed = was_listed;
        if let Some(notice) = self.methods.on_failure(&attempt, verdict, &cx) {
            self.outbox.push_back(Action::Notify(notice));
        }
        if verdict == Verdict::PartialSuccess {
            self.methods.on_partial_success();
            if let Some(factor) = self.report.factor(record) {
                self.outbox
                    .push_back(Action::Notify(Notice::PartialSuccess {
                        factor,
                        remaining: listed,
                    }));
            }
        }
        self.withdraw_if_unlisted();
        Ok(())
    }

    /// A dialogue that the caller declined is refused before our next request could abort it: the
    /// server tired of waiting, as PAM does. Only its list counts.
    fn on_late_refusal(
        &mut self,
        record: RecordId,
        failure: &Failure<'_>,
    ) -> Result<(), ProtocolErrorKind> {
        let config = &self.facts.login.config;
        let method = self.report.method(record);
        let listed = self
            .plan
            .on_failure(&failure.methods, Verdict::Refused, method, config)?;
        self.report
            .answered(record, Outcome::Abandoned, Some(listed));
        self.chosen = None;
        self.withdraw_if_unlisted();
        Ok(())
    }

    /// The request that a FAILURE answers: the oldest on its way, or the one whose dialogue waits
    /// for the caller or in the outbox, if the server may tire of waiting. And what a refusal of it
    /// is: what was asked last and not answered was not wrong.
    fn answered_by_failure(&mut self) -> Result<(Attempt, RecordId, Outcome), ProtocolErrorKind> {
        if self.flight.oldest().is_some() {
            let (attempt, record) = self.pop_request(ProtocolErrorKind::Unexpected)?;
            return Ok((attempt, record, Outcome::Refused));
        }
        let tires = |attempt: &Attempt| attempt.may_be_refused_while_asking();
        if self
            .pending
            .as_ref()
            .is_some_and(|open| tires(&open.attempt))
        {
            let open = self.withdraw();
            return open
                .and_then(|open| Some((open.attempt, open.record?, Outcome::RefusedWhileAsking)))
                .ok_or(ProtocolErrorKind::Unexpected);
        }
        let (attempt, record, part) = self
            .flight
            .take_unsent_answer()
            .filter(|(attempt, ..)| tires(attempt))
            .ok_or(ProtocolErrorKind::Unexpected)?;
        // The answer in the outbox is no longer wanted by anybody.
        self.outbox
            .retain(|action| !matches!(action, Action::SendRequest(_)));
        let refusal = if attempt.was_asked() {
            Outcome::RefusedWhileAsking
        } else {
            Outcome::Refused
        };
        match part {
            Part::Continuation => Ok((attempt, record, refusal)),
            // A new password is a request of its own, which never left: the demand is refused.
            Part::Request => {
                self.report.forget_from(record);
                let demand = record.before().ok_or(ProtocolErrorKind::Unexpected)?;
                Ok((attempt.before_request(), demand, refusal))
            }
        }
    }

    fn pop_request(
        &mut self,
        otherwise: ProtocolErrorKind,
    ) -> Result<(Attempt, RecordId), ProtocolErrorKind> {
        match self.flight.pop() {
            Some(Sent::Request(attempt, record, _)) => Ok((attempt, record)),
            Some(Sent::ServiceRequest) | None => Err(otherwise),
        }
    }

    /// A reply to something else may take the method off the list while the caller is asked for
    /// it: the refusal of another key's query, or of a dialogue that was left.
    fn withdraw_if_unlisted(&mut self) {
        // The choices of an open NeedMethod are those of the list before.
        let allowed = |open: &super::Pending| {
            !matches!(open.attempt, Attempt::Choosing) && self.plan.allows(open.attempt.method())
        };
        if self.pending.as_ref().is_some_and(|open| !allowed(open))
            && let Some(pending) = self.withdraw()
        {
            self.methods.on_withdrawal(pending.attempt);
        }
    }

    /// Only what can have been earned counts. A server that says SUCCESS to a mere key query lets
    /// everybody in; that is believed while nothing was refused, and is then trivial.
    fn on_success(&mut self) -> Result<(), ProtocolErrorKind> {
        let (attempt, record) = self.pop_request(ProtocolErrorKind::UnexpectedSuccess)?;
        let intended = match attempt.earns() {
            Earns::Success => false,
            Earns::IntendedSuccess => true,
            Earns::Nothing => return Err(ProtocolErrorKind::UnexpectedSuccess),
            Earns::KeyQuery if self.plan.was_refused() => {
                return Err(ProtocolErrorKind::UnexpectedSuccess);
            }
            Earns::KeyQuery => false,
        };
        self.report.answered(record, Outcome::Success, None);
        let trivial = self.proof == Proof::Nothing;
        let rejects = self.facts.login.config.trivial_success == TrivialSuccess::Reject;
        if trivial && rejects && !intended {
            self.give_up(Ending::TrivialSuccess);
            return Ok(());
        }
        if attempt.is_password_change() {
            let notice = Action::Notify(Notice::PasswordChanged);
            self.outbox.push_back(notice);
        }
        self.report.authenticated();
        self.end(Action::StartService(Authenticated {
            service: self.facts.login.config.service.clone(),
            factors: self.report.factors().collect(),
            proof: self.proof,
        }));
        Ok(())
    }

    fn on_method_message(&mut self, message: &MethodMessage<'_>) -> Result<(), ProtocolErrorKind> {
        let (attempt, record) = self.pop_request(ProtocolErrorKind::Unexpected)?;
        let is_query = attempt.earns() == Earns::KeyQuery;
        let cx = self.facts.context(self.questions, &self.plan);
        let step = self.methods.on_reply(attempt, message, &cx)?;
        if is_query {
            self.report.answered(record, Outcome::KeyAccepted, None);
        } else {
            self.report.spoke(record);
            if matches!(step, Step::Idle) {
                // The method can't go on with what the server said.
                self.report.answered(record, Outcome::Abandoned, None);
                self.flight.abandon(record);
            }
        }
        self.apply(step, Some(record));
        Ok(())
    }
}
