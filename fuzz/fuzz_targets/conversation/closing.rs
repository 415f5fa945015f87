//! How every run is brought to its end.

use ssh_userauth::{Action, Turn};

use crate::answers::{self, Given, Tried};
use crate::oracle::Sent;
use crate::script::{Closing, Message, Variation};
use crate::world::World;
use crate::{keys, packets};

/// More steps than any run takes under the limits that scripts choose from.
const MOST_CLOSING_STEPS: u32 = 600;

impl World {
    /// From here, the run ends.
    pub(crate) fn close(&mut self, closing: Closing) {
        self.poll_everything();
        let mut keys = 0;
        for step in 0..MOST_CLOSING_STEPS {
            if self.seen.is_over() {
                return;
            }
            match (self.client.turn(), self.held.take()) {
                (Turn::Server, held) => {
                    self.held = held;
                    self.close_as_server(closing, step);
                }
                (_, Some(Action::NeedPublicKey(need)))
                    if closing == Closing::Eager && keys < 20 =>
                {
                    keys += 1;
                    let key = keys::identity_of("ssh-ed25519", 100 + keys);
                    let blobs = vec![key.blob().to_vec()];
                    self.answer(Tried::Answered {
                        answer: need.offer(key),
                        given: Given::Keys {
                            keys: blobs,
                            unprobed: false,
                        },
                        too_long: false,
                    });
                }
                (_, Some(question)) if closing == Closing::Eager => {
                    // Nothing that is refused for its length, or the same question comes again.
                    let how = match question {
                        Action::NeedPublicKey(_) => [3, 0],
                        Action::NeedSignature(_)
                        | Action::NeedHostSignature(_)
                        | Action::NeedMethod(_) => [0, 0],
                        Action::NeedGssapiToken(_) => [2, 0],
                        Action::NeedAnswers(_) => [5, 0],
                        _ => [5, 5],
                    };
                    let limits = &self.seen.setup.limits;
                    let tried = answers::answer(question, how, limits, &mut self.secrets);
                    match tried {
                        // A signature that no limit lets through.
                        Tried::Kept(question) => self.answer(answers::decline(question)),
                        answered => self.answer(answered),
                    }
                }
                (_, Some(question)) => {
                    self.held = Some(question);
                    self.decline();
                }
                (turn, None) => panic!("stuck: {turn:?} without a question"),
            }
            self.poll_everything();
        }
        panic!("no end: {:#?} {:#?}", self.client, self.seen);
    }

    fn close_as_server(&mut self, closing: Closing, step: u32) {
        let sent = self.seen.flight.front();
        let message = match sent {
            Some(Sent::Service) => Message::Accept(0),
            Some(Sent::Query { .. }) if closing == Closing::Eager && step & 1 == 0 => {
                Message::PkOk(0)
            }
            Some(Sent::Prompts { rounds: 0 }) if closing == Closing::Eager => {
                Message::InfoRequest {
                    prompts: 1,
                    text: 2,
                }
            }
            _ => Message::Failure {
                methods: 7,
                more: 15,
                flags: 0,
            },
        };
        let query = match sent {
            Some(Sent::Query { algorithm, key }) => Some((algorithm.as_bytes(), &key[..])),
            _ => None,
        };
        let packet = packets::build(&message, query, Variation::Nothing);
        self.receive(&packet);
    }
}
