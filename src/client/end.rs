//! What ends a run from outside: the caller, the transport, the clock of the caller.

use alloc::boxed::Box;

use super::{Phase, Receipt, Turn, UserAuthClient};
use crate::action::{Action, GiveUp};
use crate::config::Pipelining;
use crate::error::ProtocolError;
use crate::flight::Sent;
use crate::report::{AbandonReason, Candidate, Ending, Outcome, ServerDisconnect, Unavailable};
use crate::run::{Output, Verdict};
use crate::text::ServerText;
use crate::wire::number;

impl UserAuthClient {
    /// Ends the run: the open question is withdrawn, requests that were not polled yet are not
    /// sent, and [`Action::GiveUp`] with the reason 13 (RFC 4253 section 11.1,
    /// `SSH_DISCONNECT_AUTH_CANCELLED_BY_USER`) comes out. After an end it does nothing.
    pub fn cancel(&mut self) {
        self.end_from_outside(Ending::Cancelled);
    }

    /// Ends the run for a reason of the caller, such as a timer that fired; otherwise as
    /// [`cancel`](Self::cancel), with the reason 11 (`SSH_DISCONNECT_BY_APPLICATION`).
    ///
    /// A network timer makes sense while [`turn`](Self::turn) is [`Turn::Server`](crate::Turn).
    pub fn abandon(&mut self, why: AbandonReason) {
        self.end_from_outside(Ending::Abandoned(why));
    }

    /// The server sent `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1). The run ends with
    /// [`Action::GiveUp`]; the report tells which requests were not answered.
    pub fn disconnected(&mut self, code: u32, description: &[u8]) {
        if self.is_running() {
            let description = ServerText::new(description);
            let disconnect = ServerDisconnect { code, description };
            self.run.report.disconnected(disconnect);
            self.give_up(Ending::ServerDisconnected);
        }
    }

    /// The connection was closed or broke without `SSH_MSG_DISCONNECT`. Otherwise as
    /// [`disconnected`](Self::disconnected).
    pub fn connection_lost(&mut self) {
        self.end_from_outside(Ending::ConnectionLost);
    }

    /// Sends one request at a time from now on, as [`Pipelining::Off`](crate::Pipelining) does. For
    /// a caller whose clock says that each refusal takes long (more than half a second beyond the
    /// round trip): delays add up, whether requests are sent ahead or not, and the wrong keys in
    /// flight delay whatever is right.
    pub fn send_one_by_one(&mut self) {
        self.run.context.pipelining = Pipelining::Off;
    }

    /// The server answered one of our messages with `SSH_MSG_UNIMPLEMENTED` (RFC 4253 section
    /// 11.4): the oldest one in flight counts as refused. The transport knows by the sequence
    /// number whether it was one of ours.
    ///
    /// # Errors
    /// As [`handle_packet`](Self::handle_packet).
    pub fn unimplemented(&mut self) -> Result<Receipt, ProtocolError> {
        self.guarded(number::UNIMPLEMENTED, |client| {
            match client.flight.oldest() {
                None => return Ok(Receipt::NotOurs),
                Some(Sent::ServiceRequest) => client.give_up(Ending::NoUserAuth),
                Some(Sent::Request(dialogue, record, _)) => {
                    client.flight.pop();
                    client.plan.forget_choice();
                    let report = &mut client.run.report;
                    report.answered(record, Outcome::Unimplemented, None);
                    client.judge(dialogue, Verdict::Refused);
                }
            }
            Ok(Receipt::Taken)
        })
    }

    pub(super) fn is_running(&self) -> bool {
        self.phase == Phase::Running
    }

    fn end_from_outside(&mut self, ending: Ending) {
        if self.is_running() {
            self.give_up(ending);
        }
    }

    pub(super) fn give_up(&mut self, ending: Ending) {
        let while_asking = self.turn() == Turn::Caller;
        let was_cut = matches!(ending, Ending::ServerDisconnected | Ending::ConnectionLost);
        if was_cut && self.flight.was_sent_ahead() {
            let config = self.run.context.config().clone();
            self.run
                .report
                .retry_with(config.pipelining(Pipelining::Off));
        }
        // First, so that a request that was never sent doesn't count as a try.
        self.forget_unsent();
        self.report_untried();
        self.run.report.ended(ending, while_asking);
        let why = GiveUp {
            ending,
            refused: self.run.report.refused_methods().into(),
            remaining: self.plan.listed().cloned(),
        };
        self.end(Action::GiveUp(why));
    }

    /// Notes which methods and keys were not tried, and why.
    fn report_untried(&mut self) {
        let (context, report) = (&self.run.context, &mut self.run.report);
        for method in context.config().methods.iter() {
            let availability = self.plan.availability(*method, context, &self.methods);
            report.not_tried(*method, self.plan.allows(*method), availability);
        }
        for identity in self.methods.publickey.drain_fresh() {
            report.skipped(Candidate::Identity(identity), Unavailable::RunEnded);
        }
    }

    /// The last action of the run. What was not handed out yet stays unsent: after the end,
    /// nothing is sent.
    pub(super) fn end(&mut self, last: Action) {
        let owed = match last {
            Action::StartService(_) => self.flight.owed(),
            // Nothing is awaited on a connection that is to be closed.
            _ => 0,
        };
        self.phase = Phase::Ended { owed };
        self.forget_unsent();
        let is_notice = |output: &Output<_>| matches!(output, Output::Notify(_));
        self.run.outbox.retain(is_notice);
        self.last = Some(Box::new(last));
    }

    /// Nothing more is said after a protocol error: not what was about to be sent, nor any
    /// question.
    pub(super) fn fail(&mut self, error: ProtocolError) {
        self.run.report.failed(error.clone());
        self.phase = Phase::Failed(Box::new(error));
        self.forget_unsent();
        self.run.outbox.clear();
    }

    /// Nothing is awaited or asked any more; what was never sent did not happen.
    fn forget_unsent(&mut self) {
        self.open = None;
        if self.flight.keeps_service_request() {
            self.run.report.forget_service_request();
        }
        if let Some(record) = self.flight.clear() {
            self.run.report.forget_from(record);
        }
    }
}
