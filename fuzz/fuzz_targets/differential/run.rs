//! The machine and the model, side by side.

use ssh_userauth::{
    Action, Answer, AttemptBudget, Config, Discovery, Identity, Limits, Method, Pipelining,
    ProtocolError, Receipt, Secret, ServiceRequest, Session, TrivialSuccess, UserAuthClient,
};
use ssh_userauth_testing::wire::{
    Banner, Failure, InfoRequest, NameList, PasswdChangeReq, PkOk, Prompt, encode_exact,
};

use crate::outcome::{self, Input, Out};
use crate::reference::Reference;
use crate::script::{Script, Setup, Step, Way};

struct Run {
    client: UserAuthClient,
    model: Reference,
    held: Option<Action>,
    query: u8,
}

fn client(setup: &Setup) -> UserAuthClient {
    let mut limits = Limits::default();
    limits.max_password_tries = setup.tries;
    limits.max_keyboard_interactive_tries = setup.tries;
    limits.max_rounds = setup.rounds;
    limits.max_partial_successes = setup.partials;
    limits.max_password_changes = setup.changes;
    limits.max_requests = setup.requests;
    limits.max_identities = setup.identities;
    let mut budget = AttemptBudget::default();
    budget.refusals = setup.budget;
    budget.reserve = setup.reserve;
    let methods = setup.methods.iter().map(|way| match way {
        Way::None => Method::None,
        Way::Key => Method::PublicKey,
        Way::Password => Method::Password,
        Way::Prompts => Method::KeyboardInteractive,
    });
    let config = Config::new("u")
        .methods(methods)
        .pipelining(Pipelining::Off)
        .discovery(match setup.probe {
            true => Discovery::ProbeNone,
            false => Discovery::Skip,
        })
        .trivial_success(match setup.reject_trivial {
            true => TrivialSuccess::Reject,
            false => TrivialSuccess::Accept,
        })
        .attempt_budget(budget)
        .limits(limits);
    let session = match setup.encrypted {
        true => Session::encrypted([7; 32]),
        false => Session::unencrypted([7; 32]),
    };
    let session = session.service_request(match setup.service_accepted {
        true => ServiceRequest::Accepted,
        false => ServiceRequest::Ours,
    });
    UserAuthClient::new(config, session).expect("within the ceilings")
}

pub(crate) fn run(script: &Script) {
    let mut run = Run {
        client: client(&script.setup),
        model: Reference::new(script.setup.clone()),
        held: None,
        query: 0,
    };
    let predicted = run.model.start();
    run.compare(&predicted, "the start");
    for step in &script.steps {
        run.take(*step);
    }
}

impl Run {
    fn take(&mut self, step: Step) {
        if let Some(packet) = self.packet(step) {
            let (expected, predicted) = self.model.hear(step, self.query);
            let result = self.client.handle_packet(&packet);
            return self.heard(step, result, expected, &predicted);
        }
        match step {
            Step::Unimplemented => {
                let (expected, predicted) = self.model.unimplemented();
                let result = self.client.unimplemented();
                self.heard(step, result, expected, &predicted);
            }
            Step::Cancel => {
                let predicted = self.model.end("Cancelled");
                self.client.cancel();
                self.compare(&predicted, "cancel");
            }
            Step::Disconnected => {
                let predicted = self.model.end("ServerDisconnected");
                self.client.disconnected(2, b"bye");
                self.compare(&predicted, "disconnected");
            }
            Step::OneByOne => {
                self.client.send_one_by_one();
                self.compare(&[], "one by one");
            }
            Step::DeclinePending => {
                let predicted = self.model.decline();
                assert_eq!(self.client.decline_pending(), predicted.is_some());
                self.held = None;
                self.compare(&predicted.unwrap_or_default(), "decline pending");
            }
            Step::Decline => {
                if let Some(question) = self.held.take() {
                    let answer = question.decline().expect("a question");
                    let predicted = self.model.decline();
                    self.answer(answer, &predicted.expect("a question is open"), "decline");
                }
            }
            Step::Answer | Step::Offer(..) => {
                if let Some(question) = self.held.take() {
                    let answer = right_answer(question, step);
                    let predicted = self.model.answer(step);
                    self.answer(answer, &predicted, "answer");
                }
            }
            _ => {}
        }
    }

    fn answer(&mut self, answer: Answer, predicted: &[Out], what: &str) {
        self.client
            .handle_answer(answer)
            .expect("a fresh answer is taken");
        self.compare(predicted, what);
    }

    fn heard(
        &mut self,
        step: Step,
        result: Result<Receipt, ProtocolError>,
        expected: Input,
        predicted: &[Out],
    ) {
        let became = match result {
            Ok(Receipt::Taken) => Input::Taken,
            Ok(Receipt::NotOurs) => Input::NotOurs,
            Err(_) => Input::Error,
        };
        assert_eq!(
            became, expected,
            "{step:?}\n{:#?}\n{:#?}",
            self.model, self.client
        );
        self.compare(predicted, &format!("{step:?}"));
    }

    fn compare(&mut self, predicted: &[Out], after: &str) {
        let mut came = Vec::new();
        while let Some(action) = self.client.poll_action() {
            let out = outcome::of(&action);
            if let Out::SendQuery(key) = out {
                self.query = key;
            }
            let is_question = out.is_question();
            came.push(out);
            if is_question {
                self.held = Some(action);
            }
        }
        assert_eq!(
            came, predicted,
            "after {after}: the machine, and the model\n{:#?}\n{:#?}",
            self.model, self.client
        );
        if !self.model.is_asking() {
            self.held = None;
        }
    }

    fn packet(&self, step: Step) -> Option<Vec<u8>> {
        Some(match step {
            Step::Accept => vec![6],
            Step::Failure(list, partial_success) => {
                let names = ["publickey", "password", "keyboard-interactive", "x"];
                let listed = (0..4).filter(|bit| list & (1 << bit) != 0);
                let list: Vec<&str> = listed.map(|bit| names[bit]).collect();
                let list = list.join(",");
                encode(&Failure {
                    methods: NameList::try_from(list.as_str()).expect("no NUL"),
                    partial_success,
                })
            }
            Step::Success => vec![52],
            Step::PkOk(right) => encode(&PkOk {
                algorithm: b"ssh-ed25519",
                key: &outcome::blob(if right { self.query } else { 99 }),
            }),
            Step::ChangeRequest => encode(&PasswdChangeReq {
                prompt: b"expired",
                language: b"",
            }),
            Step::InfoRequest(count) => {
                let prompt = Prompt {
                    text: b"?",
                    echo: false,
                };
                encode(&InfoRequest {
                    name: b"",
                    instruction: b"",
                    language: b"",
                    prompts: vec![prompt; usize::from(count)],
                })
            }
            Step::Banner => encode(&Banner {
                message: b"hi",
                language: b"",
            }),
            Step::Number(number) => vec![number],
            _ => return None,
        })
    }
}

fn encode(message: &impl ssh_encoding::Encode) -> Vec<u8> {
    encode_exact(message).expect("nothing here is that long")
}

fn right_answer(question: Action, step: Step) -> Answer {
    match question {
        Action::NeedPublicKey(need) => {
            let Step::Offer(first, count, unprobed) = step else {
                return need.none_left();
            };
            let key = |key| Identity::from_blob(outcome::blob(key)).expect("a key");
            let mut keys: Vec<Identity> = (first..first + count).map(key).collect();
            match (keys.pop(), unprobed) {
                (Some(last), true) => need.offer_unprobed_after(keys, last),
                (Some(last), false) => {
                    keys.push(last);
                    need.offer_many(keys)
                }
                (None, _) => need.offer_many([]),
            }
        }
        Action::NeedSignature(need) => {
            let mut blob = vec![0, 0, 0, 11];
            blob.extend(b"ssh-ed25519");
            blob.extend([0, 0, 0, 1, 9]);
            need.signed(blob).expect("a good one")
        }
        Action::NeedPassword(need) => need.password("secret"),
        Action::NeedNewPassword(need) => need.change("old", "new"),
        Action::NeedAnswers(need) => need.answer_each(|_| Secret::from("42")),
        other => panic!("not in the model: {other:?}"),
    }
}
