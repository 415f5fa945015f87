//! What the caller does, and what must come of it at once.

use ssh_userauth::{Action, AnswerError, Config, Ending, Method, Session, UserAuthClient};

use crate::answers::{self, Given, Tried};
use crate::oracle::Over;
use crate::world::World;
use crate::{MARKER, packets};

impl World {
    pub(crate) fn decline(&mut self) {
        let Some(question) = self.held.take() else {
            return;
        };
        self.note_declined(&question);
        self.answer(answers::decline(question));
        self.seen.leave_dialogue();
    }

    /// What must not be asked again.
    fn note_declined(&mut self, question: &Action) {
        self.seen.declined.extend(match question {
            Action::NeedPublicKey(_) => Some(Method::PublicKey),
            Action::NeedPassword(_) | Action::NeedNewPassword(_) => Some(Method::Password),
            Action::NeedAnswers(_) => Some(Method::KeyboardInteractive),
            _ => None,
        });
    }

    /// Gives the answer to the question that is open.
    pub(crate) fn answer(&mut self, tried: Tried) {
        let (answer, given, too_long) = match tried {
            Tried::Kept(question) => {
                self.held = Some(question);
                return self.assert_silent();
            }
            Tried::Answered {
                answer,
                given,
                too_long,
            } => (answer, given, too_long),
        };
        assert!(!format!("{answer:?}").contains(MARKER));
        if let Given::Keys { keys, unprobed } = &given {
            self.seen.offered.extend(keys.iter().cloned());
            if *unprobed {
                self.seen.unprobed.extend(keys.iter().cloned());
            }
            if keys.is_empty() {
                self.seen.declined.push(Method::PublicKey);
            }
        }
        let result = self.client.handle_answer(answer);
        self.trace.push(format!("{result:?}"));
        match result {
            // 3: a fresh answer is always taken.
            Ok(()) => {
                assert!(!too_long);
                self.seen.answered = self.seen.dialogue.is_some();
                self.seen.given = given;
            }
            Err(AnswerError::TooLong { length, limit }) => assert!(too_long && length > limit),
            Err(error) => assert!(self.has_ended_unseen(), "{error}"),
        }
        self.shows_no_secret();
    }

    pub(crate) fn answer_late(&mut self, which: u8, how: [u8; 2]) {
        if self.late.is_empty() {
            return;
        }
        let question = self.late.remove(usize::from(which) % self.late.len());
        let limits = &self.seen.setup.limits;
        match answers::answer(question, how, limits, &mut self.secrets) {
            Tried::Kept(question) => self.late.push(question),
            Tried::Answered { answer, .. } => {
                let result = self.client.handle_answer(answer);
                assert_eq!(result, Err(AnswerError::Withdrawn));
            }
        }
        self.assert_silent();
    }

    pub(crate) fn answer_foreign(&mut self) {
        let config = Config::new("u").methods([Method::Password]);
        let session = Session::encrypted([9; 32]);
        let mut other = UserAuthClient::new(config, session).expect("good");
        while other.poll_action().is_some() {}
        other.handle_packet(&[6]).expect("accepted");
        while other.poll_action().is_some() {}
        let list = packets::failure(2, 0, false);
        other.handle_packet(&list).expect("the probe is refused");
        let question = loop {
            match other.poll_action() {
                Some(Action::NeedPassword(need)) => break need,
                action => assert!(action.is_some(), "a password is asked for"),
            }
        };
        let result = self.client.handle_answer(question.password(MARKER));
        assert_eq!(result, Err(AnswerError::OtherConnection));
        self.assert_silent();
    }

    pub(crate) fn decline_pending(&mut self) {
        let declined = self.client.decline_pending();
        self.trace.push(format!("{declined}"));
        if !self.seen.delayed {
            assert_eq!(declined, self.held.is_some());
        }
        if declined {
            if let Some(question) = self.held.take() {
                self.note_declined(&question);
                self.late.push(question);
            }
            self.seen.leave_dialogue();
        }
    }

    pub(crate) fn cancel(&mut self) {
        let running = !self.seen.is_over() && !self.has_ended_unseen();
        self.client.cancel();
        while running && !self.seen.is_over() {
            match self.client.poll_action() {
                Some(Action::Notify(_)) => {}
                Some(Action::GiveUp(why)) => {
                    assert_eq!(why.ending(), Ending::Cancelled);
                    assert_eq!(why.disconnect_reason().code(), 13);
                    self.seen.over = Over::Ended;
                    self.withdrawn();
                }
                other => panic!("cancelled, and then {other:?}"),
            }
        }
        self.assert_silent();
    }
}
