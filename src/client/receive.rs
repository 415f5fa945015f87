//! What comes from the server.

use super::{Phase, Receipt, SERVICE, UserAuthClient};
use crate::action::{Action, Authenticated};
use crate::config::TrivialSuccess;
use crate::error::{ProtocolError, ProtocolErrorKind};
use crate::flight::{Part, Sent};
use crate::method::{Dialogue, SuccessRule};
use crate::notice::Notice;
use crate::payload::Evidence;
use crate::report::{Ending, Outcome, RecordId};
use crate::run::{Output, Stop, Verdict};
use crate::text::ServerText;
use crate::wire::{Banner, ExtInfo, Failure, MethodMessage, ServerMessage, ServiceAccept, number};

impl UserAuthClient {
    /// The frame of every packet: nothing after an end, nothing but the same error after an
    /// error, and whatever can be done next once it was taken.
    pub(super) fn guarded(
        &mut self,
        packet: u8,
        receive: impl FnOnce(&mut Self) -> Result<Receipt, ProtocolErrorKind>,
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

    /// After the end. Servers differ in what they say to requests that follow a success: some refuse
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
        match (&self.open, self.flight.oldest()) {
            (_, Some(Sent::ServiceRequest)) => "the service request was to be accepted",
            (_, Some(Sent::Request(dialogue, ..))) => dialogue.awaiting(),
            (Some(_), None) => "a question to the caller was open",
            (None, None) => "nothing was awaited",
        }
    }

    pub(super) fn receive(&mut self, payload: &[u8]) -> Result<Receipt, ProtocolErrorKind> {
        let limit = self.run.context.limits().max_packet_bytes;
        let length = payload.len();
        if length > limit {
            return Err(ProtocolErrorKind::PacketTooLarge { length, limit });
        }
        // RFC 4250 section 4.1.1: who owns which numbers.
        match payload.first().copied() {
            Some(0..=4 | 8..=49 | 192..=255) => return Ok(Receipt::NotOurs),
            // "SSH connection protocol", and what is reserved for client protocols: a server that
            // begins it before success would like us to believe that we are in.
            Some(80..=191) => return Err(ProtocolErrorKind::PrematureConnectionMessage),
            // Only a client sends these, or nobody.
            Some(number::SERVICE_REQUEST | number::USERAUTH_REQUEST | 54..=59) => {
                return Err(ProtocolErrorKind::Unexpected);
            }
            Some(6 | 7 | 51..=53 | 60..=79) | None => {}
        }
        match ServerMessage::decode(payload)? {
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
                self.run.report.service_accepted();
                Ok(())
            }
        }
    }

    /// RFC 8308 section 2.4: after NEWKEYS, and once more before success; OpenSSH may send it
    /// whenever the user is known. It changes no turn.
    fn on_ext_info(&mut self, info: &ExtInfo<'_>) -> Result<(), ProtocolErrorKind> {
        let context = &mut self.run.context;
        let limit = context.limits().max_ext_info;
        if context.peer.messages() >= limit {
            return Err(ProtocolErrorKind::TooManyExtInfo { limit });
        }
        context.peer.learn(info, &context.login.config.limits)?;
        self.run.report.ext_info(&self.run.context.peer);
        self.plan.keys_may_be_back();
        self.methods.on_algorithm_list();
        Ok(())
    }

    fn on_banner(&mut self, banner: &Banner<'_>) -> Result<(), ProtocolErrorKind> {
        let limits = self.run.context.limits();
        if let Some(notice) = self.banners.take(banner, limits)? {
            self.run.report.banner(&notice);
            self.run.notify(notice);
        }
        Ok(())
    }

    fn on_failure(&mut self, failure: &Failure<'_>) -> Result<(), ProtocolErrorKind> {
        if let Some(record) = self.flight.take_refused_abandoned() {
            self.on_late_refusal(record, failure);
            return Ok(());
        }
        let (dialogue, record, refusal) = self.answered_by_failure()?;
        let verdict = self
            .plan
            .verdict(dialogue, failure.partial_success, &failure.methods);
        let limits = self.run.context.limits();
        let outcome = match verdict {
            Verdict::PartialSuccess => {
                self.plan.partial_success(dialogue.method(), limits)?;
                Outcome::PartialSuccess
            }
            Verdict::Refused | Verdict::NotJudged => refusal,
        };
        let listed = self.plan.learn(&failure.methods, limits);
        let remaining = Some(listed.clone());
        self.run.report.answered(record, outcome, remaining);
        self.judge(dialogue, verdict);
        if verdict == Verdict::PartialSuccess
            && let Some(factor) = self.run.report.factor(record)
        {
            self.run.notify(Notice::PartialSuccess {
                factor,
                remaining: listed,
            });
        }
        self.withdraw_if_unlisted();
        Ok(())
    }

    /// What a verdict changes.
    pub(super) fn judge(&mut self, dialogue: Dialogue, verdict: Verdict) {
        if verdict != Verdict::PartialSuccess {
            let requests = self.run.report.attempts().len();
            let config = self.run.context.config();
            self.plan.count_refusal(dialogue.method(), requests);
            self.plan.refused(dialogue, verdict, config);
        }
        self.plan.keys_may_be_back();
        self.methods.on_verdict(dialogue, verdict, &self.run);
        if let Some(notice) = dialogue.notice(verdict) {
            self.run.notify(notice);
        }
    }

    /// A dialogue that the caller declined is refused before our next request could abort it: the
    /// server stopped waiting, as PAM does. Only its list counts.
    fn on_late_refusal(&mut self, record: RecordId, failure: &Failure<'_>) {
        let method = self.run.report.method(record);
        let requests = self.run.report.attempts().len();
        self.plan.count_refusal(method, requests);
        let limits = self.run.context.limits();
        let listed = self.plan.learn(&failure.methods, limits);
        let remaining = Some(listed);
        self.run
            .report
            .answered(record, Outcome::Abandoned, remaining);
        self.withdraw_if_unlisted();
    }

    /// The request that a FAILURE answers: the oldest in flight, or the one whose dialogue waits
    /// for the caller or in the outbox, if the server may stop waiting. And what a refusal of it
    /// is: what was asked last and not answered was not wrong.
    fn answered_by_failure(&mut self) -> Result<(Dialogue, RecordId, Outcome), ProtocolErrorKind> {
        if self.flight.oldest().is_some() {
            let (dialogue, record) = self.pop_request(ProtocolErrorKind::Unexpected)?;
            return Ok((dialogue, record, Outcome::Refused));
        }
        if let Some(open) = self.open
            && open.dialogue.may_be_refused_while_asking()
        {
            self.withdraw();
            let record = open.record.ok_or(ProtocolErrorKind::Unexpected)?;
            return Ok((open.dialogue, record, Outcome::RefusedWhileAsking));
        }
        let (dialogue, record, part) = self
            .flight
            .take_unsent_answer()
            .filter(|(dialogue, ..)| dialogue.may_be_refused_while_asking())
            .ok_or(ProtocolErrorKind::Unexpected)?;
        // Nobody wants the answer in the outbox any more.
        let is_message = |output: &Output<_>| matches!(output, Output::Send(_));
        self.run.outbox.retain(|output| !is_message(output));
        let refusal = if dialogue.was_asked() {
            Outcome::RefusedWhileAsking
        } else {
            Outcome::Refused
        };
        match part {
            Part::Continuation => Ok((dialogue, record, refusal)),
            // A new password is a request of its own, which was never sent: the demand is refused.
            Part::Request => {
                self.run.report.forget_from(record);
                let demand = record.before().ok_or(ProtocolErrorKind::Unexpected)?;
                Ok((dialogue.before_request(), demand, refusal))
            }
        }
    }

    fn pop_request(
        &mut self,
        otherwise: ProtocolErrorKind,
    ) -> Result<(Dialogue, RecordId), ProtocolErrorKind> {
        match self.flight.pop() {
            Some(Sent::Request(dialogue, record, _)) => Ok((dialogue, record)),
            Some(Sent::ServiceRequest) | None => Err(otherwise),
        }
    }

    /// Only what can have been earned counts. A server that says SUCCESS to a mere key query lets
    /// everybody in; that is believed while nothing was refused, and is then trivial.
    fn on_success(&mut self) -> Result<(), ProtocolErrorKind> {
        let (dialogue, record) = self.pop_request(ProtocolErrorKind::UnexpectedSuccess)?;
        let is_intended = match dialogue.success_rule() {
            SuccessRule::Allowed => false,
            SuccessRule::Intended => true,
            SuccessRule::KeyQuery if !self.plan.was_refused() => false,
            SuccessRule::KeyQuery | SuccessRule::Forbidden => {
                return Err(ProtocolErrorKind::UnexpectedSuccess);
            }
        };
        self.run.report.answered(record, Outcome::Success, None);
        let is_trivial = self.evidence == Evidence::Nothing;
        let config = self.run.context.config();
        if is_trivial && config.trivial_success == TrivialSuccess::Reject && !is_intended {
            self.give_up(Ending::TrivialSuccess);
            return Ok(());
        }
        let service = config.service.clone();
        if dialogue.is_password_change() {
            self.run.notify(Notice::PasswordChanged);
        }
        self.run.report.authenticated();
        self.end(Action::StartService(Authenticated {
            service,
            factors: self.run.report.factors().collect(),
            evidence: self.evidence,
        }));
        Ok(())
    }

    fn on_method_message(&mut self, message: &MethodMessage<'_>) -> Result<(), ProtocolErrorKind> {
        let (dialogue, record) = self.pop_request(ProtocolErrorKind::Unexpected)?;
        let attempt = self.plan.attempt(dialogue.method());
        let bridge = self.plan.bridge(self.run.context.config());
        let heard = self
            .methods
            .on_reply(dialogue, message, attempt, bridge, &mut self.run);
        match heard {
            Ok(None) => {
                let report = &mut self.run.report;
                report.answered(record, Outcome::KeyAccepted, None);
            }
            Ok(Some(begun)) => {
                self.run.report.server_continued(record);
                self.note(begun, Some(record));
            }
            Err(Stop::Unavailable(why)) => {
                self.run.report.server_continued(record);
                self.abandon_dialogue(dialogue, Some(record), why);
            }
            Err(Stop::Protocol(kind)) => return Err(kind),
        }
        Ok(())
    }
}
