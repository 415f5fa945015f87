//! The client's rules, told a second time: what is asked and sent next, and what the caller's word
//! changes. What the server's word changes stands in `replies.rs`.

use crate::outcome::Out;
use crate::script::{Setup, Step, Way};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    NotYet,
    Ended,
    Failed,
}

/// What the server owes a reply to. There is never more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Request {
    Service,
    None,
    Query(Key),
    Signed(Key),
    Password,
    Change { demands: u32 },
    Prompts { rounds: u32, prompted: bool },
}

/// What the caller owes an answer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    Keys,
    Signature(Key),
    Password,
    NewPassword { demands: u32 },
    Answers { rounds: u32, prompts: usize },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) number: u8,
    pub(crate) unprobed: bool,
}

#[derive(Debug)]
pub(crate) struct Reference {
    pub(crate) setup: Setup,
    pub(crate) over: Over,
    pub(crate) awaited: Option<Request>,
    pub(crate) question: Option<Question>,
    /// A dialogue was left, and nothing has been sent since: the server may still refuse it.
    pub(crate) left: bool,
    pub(crate) list: Option<Vec<Way>>,
    /// Every key that the caller offered, in his order.
    pub(crate) known: Vec<Key>,
    /// Those that the server never heard of; those it refused; those to offer once more.
    pub(crate) fresh: Vec<Key>,
    pub(crate) refused_keys: Vec<Key>,
    pub(crate) again: Vec<Key>,
    pub(crate) more_keys: bool,
    pub(crate) offers: usize,
    pub(crate) none_sent: bool,
    pub(crate) requests: u32,
    pub(crate) refusals: u32,
    /// Refusals as OpenSSH counts them.
    pub(crate) counted: u32,
    pub(crate) partials: u32,
    pub(crate) password_refusals: u32,
    pub(crate) password_out: bool,
    pub(crate) prompts_refusals: u32,
    pub(crate) prompts_out: bool,
    pub(crate) proved: bool,
    pub(crate) banners: u32,
}

impl Reference {
    pub(crate) fn new(setup: Setup) -> Self {
        Self {
            setup,
            over: Over::NotYet,
            awaited: None,
            question: None,
            left: false,
            list: None,
            known: Vec::new(),
            fresh: Vec::new(),
            refused_keys: Vec::new(),
            again: Vec::new(),
            more_keys: true,
            offers: 0,
            none_sent: false,
            requests: 0,
            refusals: 0,
            counted: 0,
            partials: 0,
            password_refusals: 0,
            password_out: false,
            prompts_refusals: 0,
            prompts_out: false,
            proved: false,
            banners: 0,
        }
    }

    pub(crate) fn is_asking(&self) -> bool {
        self.question.is_some()
    }

    pub(crate) fn start(&mut self) -> Vec<Out> {
        if self.setup.service_accepted {
            return self.go_on(Vec::new());
        }
        self.awaited = Some(Request::Service);
        vec![Out::SendService]
    }

    /// Whatever can be done without waiting.
    pub(crate) fn go_on(&mut self, mut outs: Vec<Out>) -> Vec<Out> {
        if self.over == Over::NotYet && self.awaited.is_none() && self.question.is_none() {
            outs.push(self.next());
        }
        outs
    }

    fn next(&mut self) -> Out {
        if self.requests >= self.setup.requests {
            return self.give_up("RequestsSpent");
        }
        // RFC 4252 section 5.2: `none` is how a client learns the methods.
        if self.list.is_none() && self.setup.probe && !self.none_sent {
            return self.try_way(Way::None);
        }
        let order = self.setup.methods.clone();
        let possible: Vec<Way> = order
            .into_iter()
            .filter(|way| self.is_possible(*way))
            .collect();
        let is_human = |way: &&Way| matches!(way, Way::Password | Way::Prompts);
        let humans = possible.iter().filter(is_human).count();
        let kept = self.setup.reserve * u32::try_from(humans).expect("two at most");
        let left = self.setup.budget.saturating_sub(self.counted);
        let human = possible.iter().find(is_human).filter(|_| left <= kept);
        match human.or(possible.first()) {
            Some(way) => self.try_way(*way),
            // Nobody answered the server, and there is nothing else to say to it.
            None if self.left && self.list.is_some() => self.give_up("NoMethodLeft"),
            // A server may let anybody in and not say so.
            None if !self.none_sent => self.try_way(Way::None),
            None => self.give_up("NoMethodLeft"),
        }
    }

    /// Listed, or nothing is; and there is something to try.
    fn is_possible(&self, way: Way) -> bool {
        let listed = way == Way::None || self.list.as_ref().is_none_or(|list| list.contains(&way));
        let ready = match way {
            Way::None => !self.none_sent,
            Way::Key => self.more_keys || !self.fresh.is_empty() || !self.again.is_empty(),
            Way::Password => self.setup.encrypted && !self.password_out,
            Way::Prompts => self.setup.encrypted && !self.prompts_out,
        };
        listed && ready
    }

    fn try_way(&mut self, way: Way) -> Out {
        match way {
            Way::None => {
                self.none_sent = true;
                self.send(Request::None, Out::SendNone)
            }
            Way::Key => self.try_key(),
            Way::Password => self.ask(Question::Password, Out::AskPassword),
            Way::Prompts => {
                let request = Request::Prompts {
                    rounds: 0,
                    prompted: false,
                };
                self.send(request, Out::SendPrompts)
            }
        }
    }

    /// The favourite first, since nothing can be sent in front of it; then what was never offered,
    /// what the caller may still have, and what was refused for an earlier factor.
    fn try_key(&mut self) -> Out {
        let favourite = self.fresh.iter().position(|key| key.unprobed);
        let key = if !self.fresh.is_empty() {
            self.fresh.remove(favourite.unwrap_or(0))
        } else if self.more_keys {
            return self.ask(Question::Keys, Out::AskKeys);
        } else {
            self.again.remove(0)
        };
        if key.unprobed {
            return self.ask_signature(key);
        }
        self.send(Request::Query(key), Out::SendQuery(key.number))
    }

    pub(crate) fn ask_signature(&mut self, key: Key) -> Out {
        self.ask(Question::Signature(key), Out::AskSignature(key.number))
    }

    pub(crate) fn ask(&mut self, question: Question, out: Out) -> Out {
        self.question = Some(question);
        out
    }

    /// A request; RFC 4252 section 5.1: it aborts the dialogue that was left.
    pub(crate) fn send(&mut self, request: Request, out: Out) -> Out {
        self.requests += 1;
        self.send_on(request, out)
    }

    /// A message of a dialogue, which is no request.
    pub(crate) fn send_on(&mut self, request: Request, out: Out) -> Out {
        self.left = false;
        self.awaited = Some(request);
        out
    }

    pub(crate) fn give_up(&mut self, ending: &str) -> Out {
        self.over = Over::Ended;
        self.awaited = None;
        self.question = None;
        Out::GiveUp(ending.to_owned())
    }

    /// The caller or the transport ends it.
    pub(crate) fn end(&mut self, ending: &str) -> Vec<Out> {
        match self.over {
            Over::NotYet => vec![self.give_up(ending)],
            Over::Ended | Over::Failed => Vec::new(),
        }
    }

    pub(crate) fn decline(&mut self) -> Option<Vec<Out>> {
        match self.question.take()? {
            Question::Keys => self.more_keys = false,
            // Never again in this run.
            Question::Signature(_) => {}
            Question::Password => self.password_out = true,
            Question::NewPassword { .. } => (self.password_out, self.left) = (true, true),
            Question::Answers { .. } => (self.prompts_out, self.left) = (true, true),
        }
        Some(self.go_on(Vec::new()))
    }

    pub(crate) fn answer(&mut self, step: Step) -> Vec<Out> {
        let question = self.question.take().expect("a question is open");
        let out = match question {
            Question::Keys => {
                self.take_keys(step);
                return self.go_on(Vec::new());
            }
            Question::Signature(key) => {
                self.proved = true;
                self.send(Request::Signed(key), Out::SendSigned(key.number))
            }
            Question::Password => {
                self.proved = true;
                self.send(Request::Password, Out::SendPassword)
            }
            Question::NewPassword { demands } => {
                self.proved = true;
                self.send(Request::Change { demands }, Out::SendChange)
            }
            Question::Answers { rounds, prompts } => {
                self.proved = true;
                let prompted = true;
                self.send_on(
                    Request::Prompts { rounds, prompted },
                    Out::SendAnswers(prompts),
                )
            }
        };
        vec![out]
    }

    fn take_keys(&mut self, step: Step) {
        let Step::Offer(first, count @ 1.., unprobed) = step else {
            self.more_keys = false;
            return;
        };
        for number in first..first + count {
            if self.offers >= self.setup.identities {
                self.more_keys = false;
                continue;
            }
            self.offers += 1;
            let unprobed = unprobed && number + 1 == first + count;
            let key = Key { number, unprobed };
            if self.known.iter().all(|known| known.number != number) {
                self.known.push(key);
                self.fresh.push(key);
            }
        }
    }
}
