//! Anything in any order: packets of all kinds, answers in time, late, wrong or none, commands.
//!
//! There is no reference model to walk along with: the crate's own tests search every reachable
//! state, and a second machine here would have to be as large. What is checked is what holds for
//! everybody who only sees the public side.

use proptest::prelude::*;
use ssh_userauth::{AbandonReason, Action, Config, Method, Pipelining, Receipt, Session, Turn};
use ssh_userauth_testing::{FakeKey, Packet, Person, Recorder};

use crate::runs;

#[derive(Clone, Debug)]
enum Event {
    Hears(Packet),
    /// The person answers the newest question.
    Answers,
    /// … the oldest one that is still unanswered.
    AnswersLate,
    Declines,
    Cancels,
    Abandons,
    DeclinesPending,
    Disconnected,
    Lost,
    Unimplemented,
}

fn key(index: usize) -> FakeKey {
    FakeKey::new(["first", "second", "third"][index % 3])
}

fn packet() -> impl Strategy<Value = Packet> {
    let names = [
        "publickey",
        "password",
        "keyboard-interactive",
        "unknown@example.org",
    ];
    let list = || prop::sample::subsequence(names.to_vec(), 0..=4);
    let prompts = prop::collection::vec(("[A-C]: ", any::<bool>()), 0..3);
    prop_oneof![
        3 => Just(Packet::service_accept()),
        4 => list().prop_map(Packet::failure),
        2 => list().prop_map(Packet::partial_success),
        1 => Just(Packet::success()),
        1 => "[ -~\u{80}-\u{a0}]{0,8}".prop_map(Packet::banner),
        1 => Just(Packet::signature_algorithms(["ssh-ed25519"])),
        4 => (0..3_usize).prop_map(|index| {
            Packet::pk_ok("ssh-ed25519", key(index).identity().blob())
        }),
        2 => prompts.prop_map(|prompts| {
            Packet::prompts(prompts.iter().map(|(text, echo)| (text.as_str(), *echo)))
        }),
        1 => Just(Packet::change_request("Change it.")),
        1 => prop::collection::vec(any::<u8>(), 0..24).prop_map(Packet::raw),
        1 => (60..80_u8, prop::collection::vec(any::<u8>(), 0..12)).prop_map(|(number, body)| {
            Packet::raw([&[number][..], &body].concat())
        }),
    ]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        10 => packet().prop_map(Event::Hears),
        8 => Just(Event::Answers),
        1 => Just(Event::AnswersLate),
        2 => Just(Event::Declines),
        1 => prop_oneof![
            Just(Event::Cancels),
            Just(Event::Abandons),
            Just(Event::DeclinesPending),
            Just(Event::Disconnected),
            Just(Event::Lost),
            Just(Event::Unimplemented),
        ],
    ]
}

/// A client, and what was seen of it.
struct Watched {
    auth: Recorder,
    person: Person,
    questions: Vec<Action>,
    requests: usize,
    ended: bool,
    encrypted: bool,
}

impl Watched {
    fn new(pipelining: Pipelining, encrypted: bool) -> Self {
        let session = match encrypted {
            true => Session::encrypted([5; 32]),
            false => Session::unencrypted([5; 32]),
        };
        let config = Config::new("alice").pipelining(pipelining);
        let person = (0..3).map(key).fold(Person::new(), Person::key);
        let mut watched = Self {
            auth: Recorder::new(config, session).unwrap(),
            person: person
                .password("top-secret")
                .new_password("top-secret-2")
                .answer("A: ", "top-secret")
                .answer("B: ", "top-secret"),
            questions: Vec::new(),
            requests: 0,
            ended: false,
            encrypted,
        };
        watched.poll(false);
        watched
    }

    /// Polls everything. Only a SUCCESS may have let us in.
    fn poll(&mut self, heard_success: bool) {
        let mut asked = 0;
        while let Some(action) = self.auth.poll_action() {
            assert!(!self.ended, "{action:?} after the end");
            match action {
                Action::SendRequest(payload) => {
                    self.requests += usize::from(payload.message_number() == 50);
                    let has_secret = payload
                        .bytes()
                        .windows(10)
                        .any(|part| part == b"top-secret");
                    assert!(!has_secret || (self.encrypted && payload.pad_hint().is_some()));
                }
                Action::StartService(_) => {
                    assert!(heard_success);
                    assert!(self.auth.report().is_authenticated());
                    self.ended = true;
                }
                Action::GiveUp(why) => {
                    assert_eq!(self.auth.report().ending(), Some(why.ending()));
                    self.ended = true;
                }
                Action::Notify(_) => {}
                question => {
                    assert!(
                        self.encrypted
                            || !matches!(
                                question,
                                Action::NeedPassword(_)
                                    | Action::NeedNewPassword(_)
                                    | Action::NeedAnswers(_)
                            )
                    );
                    asked += 1;
                    self.questions.push(question);
                }
            }
        }
        assert!(asked <= 1, "two questions at a time");
        self.ended |= self.auth.report().protocol_error().is_some();
        let turn = self.auth.turn();
        assert_eq!(self.ended, turn == Turn::Nobody, "{turn:?}");
        assert_eq!(self.auth.report().attempts().len(), self.requests);
    }

    fn answer(&mut self, question: Option<Action>) {
        if let Some(answer) = question.and_then(|question| self.person.reply(question)) {
            // It may be too late; then nothing comes out.
            let taken = self.auth.handle_answer(answer).is_ok();
            assert!(!(taken && self.ended), "an answer was taken after the end");
        }
    }

    fn meets(&mut self, event: &Event) {
        let mut heard_success = false;
        match event {
            Event::Hears(packet) => {
                let was_over = self.ended;
                let error = self.auth.report().protocol_error().cloned();
                heard_success = packet.bytes() == Packet::success().bytes();
                let result = self.auth.handle_packet(packet.bytes());
                match error {
                    Some(error) => assert_eq!(result, Err(error), "an error is final"),
                    None if was_over => assert_eq!(result, Ok(Receipt::NotOurs)),
                    None => {}
                }
            }
            Event::Answers => {
                let newest = self.questions.pop();
                self.answer(newest);
            }
            Event::AnswersLate => {
                let oldest = (!self.questions.is_empty()).then(|| self.questions.remove(0));
                self.answer(oldest);
            }
            Event::Declines => {
                if let Some(answer) = self.questions.pop().and_then(Action::decline) {
                    let taken = self.auth.handle_answer(answer).is_ok();
                    assert!(!(taken && self.ended));
                }
            }
            Event::Cancels => self.auth.cancel(),
            Event::Abandons => self.auth.abandon(AbandonReason::Other),
            Event::DeclinesPending => {
                self.auth.decline_pending();
            }
            Event::Disconnected => self.auth.disconnected(2, b"bye"),
            Event::Lost => self.auth.connection_lost(),
            Event::Unimplemented => {
                let _ = self.auth.unimplemented();
            }
        }
        self.poll(heard_success);
    }

    /// Whatever has happened: who declines everything, against a server that refuses everything,
    /// comes to an end.
    fn comes_to_an_end(&mut self) {
        for _ in 0..200 {
            if self.ended {
                return;
            }
            match self.auth.turn() {
                Turn::Caller => {
                    let event = match self.questions.is_empty() {
                        true => Event::DeclinesPending,
                        false => Event::Declines,
                    };
                    self.meets(&event);
                }
                _ if self.requests == 0 => self.meets(&Event::Hears(Packet::service_accept())),
                _ => {
                    let methods = [Method::PublicKey, Method::Password];
                    let list = methods.map(|method| method.name());
                    self.meets(&Event::Hears(Packet::failure(list)));
                    // The service may not have been accepted.
                }
            }
        }
        panic!("no end: {}", self.auth.transcript());
    }
}

fn pipelining() -> impl Strategy<Value = Pipelining> {
    prop_oneof![
        Just(Pipelining::Off),
        (0..4_u32).prop_map(|queries| Pipelining::Opening { queries }),
    ]
}

proptest! {
    #![proptest_config(runs(1_000))]

    /// The invariants that can be seen from outside hold at every step; the conversation that was
    /// recorded happens again on a new client, line by line; and there is no secret in it.
    #[test]
    fn anything_in_any_order(
        pipelining in pipelining(),
        encrypted in prop::bool::weighted(0.9),
        accepted in prop::bool::weighted(0.9),
        events in prop::collection::vec(event(), 0..40),
    ) {
        let mut watched = Watched::new(pipelining, encrypted);
        if accepted {
            watched.meets(&Event::Answers);
            watched.meets(&Event::Hears(Packet::service_accept()));
        }
        for event in &events {
            watched.meets(event);
        }
        watched.comes_to_an_end();
        let transcript = watched.auth.transcript();
        let text = transcript.to_string();
        prop_assert!(!text.contains("top-secret"), "{text}");
        if let Err(mismatch) = transcript.check() {
            prop_assert!(false, "{mismatch}\n{text}");
        }
        let again: ssh_userauth_testing::Transcript = text.parse().unwrap();
        prop_assert_eq!(again.to_string(), text);
    }
}
