//! What comes from the caller.

use alloc::boxed::Box;

use super::UserAuthClient;
use crate::action::Action;
use crate::config::Limits;
use crate::error::AnswerError;
use crate::method::{Attempt, Step};
use crate::question::{Answer, Reply, Ticket};
use crate::report::{Ending, Outcome};
use crate::secret::Secret;

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
        let reply = match check_length(answer.reply, self.facts.login.config.bounds()) {
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

/// Gives a reply that is too long back as the question it answers.
fn check_length(reply: Reply, limits: &Limits) -> Result<Reply, Box<(AnswerError, Action)>> {
    match reply {
        Reply::Password(need, password) => match too_long([&password], limits.max_password_bytes) {
            Some(error) => Err(Box::new((error, Action::NeedPassword(need)))),
            None => Ok(Reply::Password(need, password)),
        },
        Reply::NewPassword { need, old, new } => {
            match too_long([&old, &new], limits.max_password_bytes) {
                Some(error) => Err(Box::new((error, Action::NeedNewPassword(need)))),
                None => Ok(Reply::NewPassword { need, old, new }),
            }
        }
        Reply::Answers(need, answers) => match too_long(answers.iter(), limits.max_answer_bytes) {
            Some(error) => Err(Box::new((error, Action::NeedAnswers(need)))),
            None => Ok(Reply::Answers(need, answers)),
        },
        other => Ok(other),
    }
}

fn too_long<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    limit: usize,
) -> Option<AnswerError> {
    let lengths = secrets.into_iter().map(Secret::len);
    longest_above(lengths, limit).map(|length| AnswerError::TooLong { length, limit })
}

fn longest_above(mut lengths: impl Iterator<Item = usize>, limit: usize) -> Option<usize> {
    lengths.find(|length| *length > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2019-3863 and its relatives: lengths near the end of 32 bits are compared, never added.
    #[test]
    fn lengths_beyond_any_memory_are_refused() {
        let half = usize::try_from(1u64 << 31).unwrap();
        assert_eq!(longest_above([half, half].into_iter(), 65536), Some(half));
        assert_eq!(
            longest_above([3, usize::MAX].into_iter(), 65536),
            Some(usize::MAX)
        );
        assert_eq!(longest_above([65536, 0].into_iter(), 65536), None);
    }
}
