//! What comes from the caller.

use super::{Open, UserAuthClient};
use crate::error::AnswerError;
use crate::method::Dialogue;
use crate::question::{Answer, AnswerContent};
use crate::report::Ending;

impl UserAuthClient {
    /// Takes the answer to a question.
    ///
    /// # Errors
    /// The answer was not taken and nothing has changed: the question is no longer open, another
    /// client asked it, or the answer is too long (then the same question comes out of
    /// [`poll_action`](Self::poll_action) again).
    pub fn handle_answer(&mut self, answer: Answer) -> Result<(), AnswerError> {
        let Answer { ticket, content } = answer;
        let number = ticket.number_for(&self.run.context.login);
        let number = number.ok_or(AnswerError::OtherConnection)?;
        let open = self.open.take_if(|open| open.number == number);
        let open = open.ok_or(AnswerError::Withdrawn)?;
        if let Err(error) = content.check(self.run.context.limits()) {
            self.ask_again(open);
            return Err(error);
        }
        self.answer(open, content);
        Ok(())
    }

    fn ask_again(&mut self, open: Open) {
        let attempt = self.plan.attempt(open.dialogue.method());
        let asked = self
            .methods
            .ask_again(open.dialogue, attempt, &mut self.run);
        match asked {
            Some(begun) => self.note(begun, open.record),
            None => self.open = Some(open),
        }
    }

    /// Declines the open question for the caller, for when the task that held it has died.
    /// Returns whether there was one.
    pub fn decline_pending(&mut self) -> bool {
        match self.withdraw() {
            Some(open) => {
                self.answer(open, AnswerContent::Declined);
                true
            }
            None => false,
        }
    }

    fn answer(&mut self, open: Open, answer: AnswerContent) {
        match (open.dialogue, answer) {
            (Dialogue::ChoosingMethod, AnswerContent::Method(method)) => {
                self.plan.choose(method);
                self.begin(method);
            }
            (Dialogue::ChoosingMethod, _) => self.give_up(Ending::NoMethodLeft),
            (dialogue, answer) => match self.methods.on_answer(dialogue, answer, &mut self.run) {
                Ok(Some(begun)) => self.note(begun, open.record),
                Ok(None) => {}
                Err(why) => self.abandon_dialogue(dialogue, open.record, why),
            },
        }
        self.settle();
    }
}
