//! What comes from the caller.

use alloc::boxed::Box;

use super::UserAuthClient;
use crate::error::AnswerError;
use crate::method::{Attempt, Step};
use crate::question::{Answer, Reply, Ticket};
use crate::report::{Ending, Outcome};

impl UserAuthClient {
    /// Takes the answer to a question.
    ///
    /// # Errors
    /// The answer was not taken and nothing has changed: the question is no longer open, it
    /// belongs to another connection, or the answer is too long (then the same question comes out
    /// of [`poll_action`](Self::poll_action) again).
    pub fn handle_answer(&mut self, answer: Answer) -> Result<(), AnswerError> {
        let own = Ticket::new(answer.ticket.number, &self.facts.login);
        if answer.ticket != own {
            return Err(AnswerError::OtherConnection);
        }
        let number = answer.ticket.number;
        let open = self.pending.take_if(|open| open.number == number);
        let Some(pending) = open else {
            return Err(AnswerError::Withdrawn);
        };
        let reply = match answer.reply.within(self.facts.login.config.bounds()) {
            Ok(reply) => reply,
            Err(refused) => {
                let (error, question) = *refused;
                self.pending = Some(pending);
                self.outbox.push_back(question);
                return Err(error);
            }
        };
        self.answer(pending, reply);
        Ok(())
    }

    /// Declines the open question for the caller, for when the task that held it has died.
    /// Returns whether there was one.
    pub fn decline_pending(&mut self) -> bool {
        match self.withdraw() {
            Some(pending) => {
                self.answer(pending, Reply::Declined);
                true
            }
            None => false,
        }
    }

    fn answer(&mut self, pending: super::Pending, reply: Reply) {
        let cx = self.facts.context(self.questions, &self.plan);
        let step = match (pending.attempt, reply) {
            (Attempt::Choosing, Reply::Method(method)) => {
                self.chosen = Some(Box::new(method));
                self.methods.start(method, &cx, &mut self.report)
            }
            (Attempt::Choosing, _) => return self.give_up(Ending::NoMethodLeft),
            (attempt, reply) => self
                .methods
                .on_answer(attempt, reply, &cx, &mut self.report),
        };
        if let (Step::Idle, Some(record)) = (&step, pending.record) {
            // Declined, or nothing that can be sent. RFC 4252 section 5.1: "A
            // SSH_MSG_USERAUTH_FAILURE message MUST NOT be sent for an aborted method", so
            // nothing is awaited for it.
            self.report.answered(record, Outcome::Abandoned, None);
            self.flight.abandon(record);
        }
        self.apply(step, pending.record);
        self.settle();
    }
}
