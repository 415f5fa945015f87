//! What the caller does, and what must come of it at once.

use ssh_userauth::{
    Action, AnswerError, Config, Ending, Method, Pipelining, Receipt, Session, UserAuthClient,
};

use crate::answers::{self, Given, Tried};
use crate::oracle::{Expected, Over};
use crate::script::Command;
use crate::setup::OWN;
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
            Action::NeedPassword(need) if need.prompt().is_some() => {
                Some(Method::KeyboardInteractive)
            }
            Action::NeedMethodRequest(_) | Action::NeedMethodMessage(_) => Some(Method::Other(OWN)),
            Action::NeedGssapiToken(_) => Some(Method::GssapiWithMic),
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
                self.seen.unprobed.extend(keys.last().cloned());
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
                self.seen.took_answer(given);
            }
            Err(AnswerError::TooLong { length, limit }) => {
                assert!(too_long && length > limit);
                self.seen.refused_answer(&given);
            }
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
        let list = packets::failure(2, 0, 0, false);
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
        self.end(Ending::Cancelled, 13, UserAuthClient::cancel);
    }

    /// What ends the run from outside: one `GiveUp`, and nothing more.
    fn end(&mut self, ending: Ending, code: u32, end: impl Fn(&mut UserAuthClient)) {
        let running = !self.seen.is_over() && !self.has_ended_unseen();
        end(&mut self.client);
        while running && !self.seen.is_over() {
            match self.client.poll_action() {
                Some(Action::Notify(_)) => {}
                Some(Action::GiveUp(why)) => {
                    assert_eq!(why.ending(), ending);
                    assert_eq!(why.disconnect_reason().code(), code);
                    self.seen.over = Over::Ended { owed: 0 };
                    self.withdrawn();
                }
                other => panic!("ended by {ending:?}, and then {other:?}"),
            }
        }
        self.assert_silent();
    }

    pub(crate) fn command(&mut self, command: Command) {
        match command {
            Command::OneByOne => {
                self.client.send_one_by_one();
                self.seen.setup.pipelining = Pipelining::Off;
                self.assert_silent();
            }
            Command::Unimplemented => self.unimplemented(),
            Command::Disconnected => {
                let text = b"bye\x1b[2J";
                let end = |client: &mut UserAuthClient| client.disconnected(2, text);
                self.end(Ending::ServerDisconnected, 11, end);
            }
            Command::ConnectionLost => {
                self.end(Ending::ConnectionLost, 11, UserAuthClient::connection_lost);
            }
        }
    }

    /// RFC 4253 section 11.4: our oldest message is one that the server does not know.
    fn unimplemented(&mut self) {
        let expected = match self.has_ended_unseen() {
            true => Expected::NotOurs,
            false => self.seen.expect_unimplemented(),
        };
        let result = self.client.unimplemented();
        self.trace.push(format!("{result:?}"));
        match (&result, expected) {
            (Ok(Receipt::Taken), Expected::Taken) => self.seen.took_unimplemented(),
            (Ok(Receipt::NotOurs), Expected::NotOurs) => self.assert_silent(),
            (Err(error), Expected::Error) => {
                let Over::Failed(first) = &self.seen.over else {
                    panic!("the first error: {error}");
                };
                assert_eq!(first, error);
            }
            _ => panic!("{result:?}, not {expected:?} {:#?}", self.seen),
        }
    }
}
