//! What is done without waiting, as the plan says.

use alloc::vec::Vec;

use super::{Open, UserAuthClient};
use crate::action::NeedMethod;
use crate::method::Dialogue;
use crate::method_name::Method;
use crate::plan::Next;
use crate::report::{Outcome, RecordId, Unavailable};

impl UserAuthClient {
    /// Ends every input: while no question is open and something can be done without waiting, does
    /// it. This is why the client can't get stuck. It ends, since each turn sends or asks something,
    /// makes a method unavailable, takes a key out of a queue, or ends the run.
    pub(super) fn settle(&mut self) {
        while self.is_running() && self.open.is_none() {
            match self.plan.next(&self.run, &self.flight, &self.methods) {
                Next::Wait => break,
                Next::End(ending) => self.give_up(ending),
                Next::Begin(method) => self.begin(method),
                Next::Choose(choices) => self.ask_method(choices),
                Next::SignAccepted => {
                    if let Ok(begun) = self.methods.publickey.sign_accepted(&mut self.run) {
                        self.note(begun.map(Dialogue::PublicKey), None);
                    }
                }
                Next::FollowQueries { another_query } => {
                    let publickey = &mut self.methods.publickey;
                    if let Ok(begun) = publickey.follow_queries(another_query, &mut self.run) {
                        self.note(begun.map(Dialogue::PublicKey), None);
                    }
                }
            }
        }
    }

    pub(super) fn begin(&mut self, method: Method) {
        let attempt = self.plan.begins(method);
        match self.methods.start(method, attempt, &mut self.run) {
            Ok(begun) => self.note(begun, None),
            Err(why) => self.plan.unavailable(method, why),
        }
    }

    fn ask_method(&mut self, choices: Vec<Method>) {
        let need = NeedMethod {
            ticket: self.run.ticket(),
            choices,
        };
        let begun = self.run.ask(need, Dialogue::ChoosingMethod);
        self.note(begun, None);
    }

    /// A method can't go on: it is given up, and so is its dialogue. RFC 4252 section 5.1: "A
    /// SSH_MSG_USERAUTH_FAILURE message MUST NOT be sent for an aborted method", so nothing is
    /// awaited for it.
    pub(super) fn abandon_dialogue(
        &mut self,
        dialogue: Dialogue,
        record: Option<RecordId>,
        why: Unavailable,
    ) {
        self.plan.unavailable(dialogue.method(), why);
        if let Some(record) = record {
            self.run.report.answered(record, Outcome::Abandoned, None);
            self.flight.abandon(record);
        }
    }

    /// A reply to something else may take the method off the list while the caller is asked for
    /// it: the refusal of another key's query, or of a dialogue that was abandoned.
    pub(super) fn withdraw_if_unlisted(&mut self) {
        let is_allowed = |open: &Open| match open.dialogue {
            // The choices of an open NeedMethod are those of the list before.
            Dialogue::ChoosingMethod => false,
            dialogue => self.plan.allows(dialogue.method()),
        };
        if self.open.as_ref().is_some_and(|open| !is_allowed(open))
            && let Some(open) = self.withdraw()
        {
            self.plan.keys_may_be_back();
            self.methods.on_withdrawal(open.dialogue);
        }
    }
}
