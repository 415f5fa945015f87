//! What ends a run from outside: the caller, the transport, the clock of the caller.

use alloc::boxed::Box;

use super::{Phase, Receipt, Turn, UserAuthClient};
use crate::action::{Action, GiveUp};
use crate::config::Pipelining;
use crate::error::ProtocolError;
use crate::flight::Sent;
use crate::method::Verdict;
use crate::report::{AbandonReason, Ending, Outcome, ServerDisconnect};
use crate::text::ServerText;

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
        if self.phase == Phase::Running {
            let description = ServerText::new(description);
            self.report
                .disconnected(ServerDisconnect { code, description });
            self.end_from_outside(Ending::ServerDisconnected);
        }
    }

    /// The connection was closed or broke without `SSH_MSG_DISCONNECT`. Otherwise as
    /// [`disconnected`](Self::disconnected).
    pub fn connection_lost(&mut self) {
        self.end_from_outside(Ending::ConnectionLost);
    }

    /// Sends one request at a time from now on, as [`Pipelining::Off`](crate::Pipelining) does:
    /// for a caller whose clock says that each refusal takes long (more than half a second beyond
    /// the round trip). Delays add up, whether requests are sent ahead or not, and the wrong keys
    /// of a batch stand in front of whatever is right.
    pub fn send_one_by_one(&mut self) {
        self.facts.pipelining = Pipelining::Off;
    }

    /// The server answered one of our messages with `SSH_MSG_UNIMPLEMENTED` (RFC 4253 section
    /// 11.4): the oldest one on its way counts as refused. The transport knows by the sequence
    /// number whether it was one of ours.
    ///
    /// # Errors
    /// As [`handle_packet`](Self::handle_packet).
    pub fn unimplemented(&mut self) -> Result<Receipt, ProtocolError> {
        self.guarded(crate::wire::number::UNIMPLEMENTED, |client| {
            match client.flight.oldest() {
                None => return Ok(Receipt::NotOurs),
                Some(Sent::ServiceRequest) => {
                    client.give_up(Ending::NoUserAuth);
                    return Ok(Receipt::Taken);
                }
                Some(Sent::Request(..)) => {}
            }
            if let Some(Sent::Request(attempt, record, _)) = client.flight.pop() {
                client.plan.refused(attempt.method());
                client.chosen = None;
                client.report.answered(record, Outcome::Unimplemented, None);
                let cx = client.facts.context(client.questions, &client.plan);
                let notice = client.methods.on_failure(&attempt, Verdict::Refused, &cx);
                client.outbox.extend(notice.map(Action::Notify));
            }
            Ok(Receipt::Taken)
        })
    }

    fn end_from_outside(&mut self, ending: Ending) {
        if self.phase == Phase::Running {
            self.give_up(ending);
        }
    }

    pub(super) fn give_up(&mut self, ending: Ending) {
        let while_asking = self.turn() == Turn::Caller;
        let was_cut = matches!(ending, Ending::ServerDisconnected | Ending::ConnectionLost);
        if was_cut && self.flight.was_sent_ahead() {
            let config = self.facts.login.config.clone();
            self.report.retry_with(config.pipelining(Pipelining::Off));
        }
        // First, so that a request that never left doesn't count as a try.
        self.forget_unsent();
        let cx = self.facts.context(self.questions, &self.plan);
        for method in cx.config.methods.iter() {
            let standing = self.methods.standing(*method, &cx);
            self.report
                .not_tried(*method, self.plan.allows(*method), standing);
        }
        self.methods.publickey.report_untried(&mut self.report);
        self.report.ended(ending, while_asking);
        let why = GiveUp {
            ending,
            refused: self.report.refused_methods().into(),
            remaining: self.plan.listed().cloned(),
        };
        self.end(Action::GiveUp(why));
    }

    /// The last action of the run. What was not handed out yet stays unsent: after the end,
    /// nothing leaves.
    pub(super) fn end(&mut self, last: Action) {
        let owed = match last {
            Action::StartService(_) => self.flight.owed(),
            // Nothing is waited for on a connection that is to be closed.
            _ => 0,
        };
        self.phase = Phase::Ended { owed };
        self.forget_unsent();
        self.outbox
            .retain(|action| matches!(action, Action::Notify(_)));
        self.outbox.push_back(last);
    }

    /// Nothing more is said after a protocol error: not what was about to be sent, nor any
    /// question.
    pub(super) fn fail(&mut self, error: ProtocolError) {
        self.report.failed(error.clone());
        self.phase = Phase::Failed(Box::new(error));
        self.forget_unsent();
        self.outbox.clear();
    }

    /// Nothing is awaited or asked any more; what never left did not happen.
    fn forget_unsent(&mut self) {
        self.pending = None;
        if self.flight.keeps_service_request() {
            self.report.forget_service_request();
        }
        if let Some(record) = self.flight.clear() {
            self.report.forget_from(record);
        }
    }
}
