//! Our machine on a script, set up to be like Twisted's class, with a caller that answers what the
//! script says.

use std::collections::VecDeque;

use ssh_userauth::{
    Action, Answer, AnswerError, AttemptBudget, Config, Discovery, Ending, GiveUp, Identity,
    Limits, Method, NeedAnswers, NeedNewPassword, NeedPassword, NeedPublicKey, NeedSignature,
    Pipelining, Receipt, Rejected, Session, Sha1Signatures, UserAuthClient,
};

use super::keys;
use super::script::{Script, Step, Word, string};
use super::words::Event;

/// Twisted's words when no method is left; the caller of our machine chooses its own.
const NO_METHOD_LEFT: &str = "no more authentication methods available";

struct Caller {
    script: Script,
    auth: UserAuthClient,
    waiting: VecDeque<Answer>,
    /// Packets of the server so far (RFC 4253 section 6.4).
    received: u32,
    open: bool,
    events: Vec<Event>,
}

/// What is sent, and what becomes of it, upon each step. Behind an end there are no more steps.
pub(crate) fn run(script: Script) -> Vec<Vec<Event>> {
    let steps = script.steps.clone();
    let auth = UserAuthClient::new(config(&script), session()).unwrap();
    let mut caller = Caller {
        script,
        auth,
        waiting: VecDeque::new(),
        received: 0,
        open: true,
        events: Vec::new(),
    };
    caller.settle();
    let mut all = vec![core::mem::take(&mut caller.events)];
    for step in steps {
        if caller.open {
            caller.step(step);
        }
        all.push(core::mem::take(&mut caller.events));
    }
    all
}

pub(crate) fn session() -> Session {
    let id: Vec<u8> = (0..32).collect();
    Session::encrypted(id)
}

/// As README.md says under "What is compatible".
pub(crate) fn config(script: &Script) -> Config {
    let mut limits = Limits::default();
    limits.max_password_tries = 64;
    limits.max_keyboard_interactive_tries = 64;
    let mut budget = AttemptBudget::default();
    budget.refusals = 64;
    budget.reserve = 0;
    let config = Config::new(script.one("user", "alice"))
        .service(script.one("service", "ssh-connection"))
        .methods([
            Method::PublicKey,
            Method::Password,
            Method::KeyboardInteractive,
        ])
        .discovery(Discovery::ProbeNone)
        .pipelining(Pipelining::Off)
        .attempt_budget(budget)
        .limits(limits);
    match &script.ours()[..] {
        [] => config,
        [what, how] if what.is_bare("sha1") && how.is_bare("allow") => {
            config.sha1_signatures(Sha1Signatures::Allow)
        }
        other => panic!("{other:?}"),
    }
}

impl Caller {
    fn step(&mut self, step: Step) {
        match step {
            Step::Server(payload) => {
                self.receive(&payload);
                self.received += 1;
            }
            Step::Answer => {
                if let Some(answer) = self.waiting.pop_front() {
                    self.give(answer);
                }
            }
        }
        self.settle();
    }

    /// As a transport does it: what is not the machine's is its own, or UNIMPLEMENTED.
    fn receive(&mut self, payload: &[u8]) {
        let receipt = match payload[0] {
            1 => {
                let code = u32::from_be_bytes(payload[1..5].try_into().unwrap());
                self.auth.disconnected(code, &payload[9..]);
                return;
            }
            2 | 4 => return,
            3 => self.auth.unimplemented(),
            _ => self.auth.handle_packet(payload),
        };
        match receipt {
            Ok(Receipt::Taken) => {}
            Ok(Receipt::NotOurs) => {
                let mut packet = vec![3];
                packet.extend(self.received.to_be_bytes());
                self.events.push(Event::Packet(packet));
            }
            Err(error) => {
                self.disconnect(error.disconnect_reason().code(), "protocol error");
            }
        }
    }

    fn disconnect(&mut self, code: u32, text: &str) {
        let mut packet = vec![1];
        packet.extend(code.to_be_bytes());
        string(text.as_bytes(), &mut packet);
        string(b"", &mut packet);
        self.events.push(Event::Packet(packet));
        self.open = false;
    }

    /// An answer to a question that was withdrawn meanwhile changes nothing.
    fn give(&mut self, answer: Answer) {
        match self.auth.handle_answer(answer) {
            Ok(()) | Err(AnswerError::Withdrawn) => {}
            Err(other) => panic!("{other}"),
        }
    }

    fn settle(&mut self) {
        while let Some(action) = self.auth.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    self.events.push(Event::Packet(payload.bytes().to_vec()));
                }
                Action::Notify(_) => {}
                Action::StartService(done) => {
                    let name = done.service().to_owned();
                    self.events.push(Event::Started(name));
                }
                Action::GiveUp(why) => self.give_up(&why),
                question => self.ask(question),
            }
        }
    }

    fn give_up(&mut self, why: &GiveUp) {
        self.open = false;
        // The server has closed it already.
        if why.ending() != Ending::ServerDisconnected {
            self.disconnect(why.disconnect_reason().code(), NO_METHOD_LEFT);
        }
    }

    /// Answers at once, or keeps the answer. To say that there is nothing never takes long.
    fn ask(&mut self, question: Action) {
        let (kind, (answer, at_once)) = match question {
            Action::NeedPublicKey(need) => ("keys", self.next_key(need)),
            Action::NeedSignature(need) => ("sign", self.signature(need)),
            Action::NeedPassword(need) => ("passwords", self.password(need)),
            Action::NeedNewPassword(need) => ("change", (self.new_password(need), false)),
            Action::NeedAnswers(need) => ("answers", (self.answers(need), false)),
            other => panic!("{other:?}"),
        };
        if self.script.is_late(kind) && !at_once {
            self.waiting.push_back(answer);
        } else {
            self.give(answer);
        }
    }

    fn next_key(&mut self, need: NeedPublicKey) -> (Answer, bool) {
        match self.script.next("keys") {
            None => (need.none_left(), true),
            Some(Word::Bare(name)) if name != "fail" => {
                let identity = Identity::from_blob(keys::blob(&name)).unwrap();
                (need.offer(identity.with_label(name)), false)
            }
            Some(_) => (need.decline(), false),
        }
    }

    fn signature(&mut self, need: NeedSignature) -> (Answer, bool) {
        let how = self.script.next("sign");
        let how = how.unwrap_or_else(|| Word::Bare("yes".to_owned()));
        if how.is_bare("yes") {
            let name = need.identity().label().unwrap().to_owned();
            return (keys::sign(&name, need), false);
        }
        if how.is_bare("empty") {
            let refused = need.signed(Vec::new()).unwrap_err();
            return (refused.decline(), false);
        }
        (need.decline(), how.is_bare("none"))
    }

    fn password(&mut self, need: NeedPassword) -> (Answer, bool) {
        match self.script.next("passwords") {
            Some(Word::Text(password)) => (need.password(password), false),
            Some(word) => (need.decline(), !word.is_bare("fail")),
            None => (need.decline(), true),
        }
    }

    fn new_password(&mut self, need: NeedNewPassword) -> Answer {
        let (old, new) = (self.script.next("old"), self.script.next("new"));
        match (old, new) {
            (Some(Word::Text(old)), Some(Word::Text(new))) => need.change(old, new),
            _ => need.decline(),
        }
    }

    fn answers(&mut self, need: NeedAnswers) -> Answer {
        let words = self.script.next_answers().unwrap_or_default();
        if words.iter().any(|word| word.is_bare("fail")) || words.is_empty() {
            return need.decline();
        }
        let answers = words.iter().map(|word| word.text());
        need.answers(answers).unwrap_or_else(Rejected::decline)
    }
}
