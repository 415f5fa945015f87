//! What the server's word changes.

use crate::outcome::{Input, Out};
use crate::reference::{Key, Over, Question, Reference, Request};
use crate::script::{Step, Way};

type Heard = (Input, Vec<Out>);

impl Reference {
    /// A packet; `query` is the key that was asked about last.
    pub(crate) fn hear(&mut self, step: Step, query: u8) -> Heard {
        match self.over {
            Over::NotYet => {}
            Over::Ended => return (Input::NotOurs, Vec::new()),
            Over::Failed => return (Input::Error, Vec::new()),
        }
        let outs = match step {
            // The name may be missing.
            Step::Accept | Step::Number(6) => self.accepted(),
            Step::Failure(list, partial) => self.failure(list, partial),
            Step::Success | Step::Number(52) => self.success(),
            Step::PkOk(right) => self.pk_ok(right, query),
            Step::ChangeRequest => self.change_request(),
            Step::InfoRequest(prompts) => self.info_request(usize::from(prompts)),
            Step::Banner => Some(self.banner()),
            // RFC 4250 section 4.1.1: of other layers.
            Step::Number(0..=4 | 8..=49 | 192..) => return (Input::NotOurs, Vec::new()),
            // A client's, the connection's, or without a body.
            Step::Number(_) => None,
            other => panic!("no packet: {other:?}"),
        };
        match outs {
            Some(outs) => (Input::Taken, self.go_on(outs)),
            None => {
                self.over = Over::Failed;
                (self.awaited, self.question) = (None, None);
                (Input::Error, Vec::new())
            }
        }
    }

    fn accepted(&mut self) -> Option<Vec<Out>> {
        self.awaited
            .take_if(|request| *request == Request::Service)?;
        Some(Vec::new())
    }

    /// 64 are passed on, and then it is said once that there are more.
    fn banner(&mut self) -> Vec<Out> {
        self.banners += 1;
        match self.banners {
            ..=64 => vec![Out::TellBanner],
            65 => vec![Out::TellDropped],
            _ => Vec::new(),
        }
    }

    fn success(&mut self) -> Option<Vec<Out>> {
        let request = self.awaited.take()?;
        let is_factor = match request {
            Request::Service => return None,
            // An open server; later it would be one that has changed its mind.
            Request::Query(_) if self.refusals + self.partials > 0 => return None,
            Request::None | Request::Query(_) => false,
            _ => true,
        };
        let intended = request == Request::None && self.setup.methods.contains(&Way::None);
        if !self.proved && self.setup.reject_trivial && !intended {
            return Some(vec![self.give_up("TrivialSuccess")]);
        }
        self.over = Over::Ended;
        let mut outs = Vec::new();
        if matches!(request, Request::Change { .. }) {
            outs.push(Out::TellChanged);
        }
        let factors = self.partials + u32::from(is_factor);
        let factors = usize::try_from(factors).expect("few");
        outs.push(Out::Start(!self.proved, factors));
        Some(outs)
    }

    fn failure(&mut self, bits: u8, partial: bool) -> Option<Vec<Out>> {
        let ways = [Way::Key, Way::Password, Way::Prompts];
        let listed = (0..3).filter(|bit| bits & (1 << bit) != 0);
        let list: Vec<Way> = listed.map(|bit| ways[bit]).collect();
        if self.left && self.awaited.is_none() {
            // The dialogue that was left is refused all the same: only the list counts.
            self.left = false;
            self.count_refusal(false);
            self.list = Some(list);
            self.withdraw_unlisted();
            return Some(Vec::new());
        }
        let was_sent = self.awaited.is_some();
        let request = self.refused_request()?;
        let is_factor = !matches!(request, Request::None | Request::Query(_));
        if partial && is_factor {
            if self.partials >= self.setup.partials {
                return None;
            }
            self.partials += 1;
            self.list = Some(list);
            return Some(self.one_factor(request, was_sent));
        }
        self.count_refusal(request == Request::None);
        // What was not listed before, and is not now, was a guess, and is not judged by this.
        let lacks = |way| {
            let before = self.list.as_ref();
            !list.contains(&way) && before.is_none_or(|list| !list.contains(&way))
        };
        let unjudged = match request {
            Request::Query(_) | Request::Signed(_) => lacks(Way::Key),
            Request::Password => lacks(Way::Password),
            Request::Prompts { prompted, .. } => !prompted && lacks(Way::Prompts),
            _ => false,
        };
        self.list = Some(list);
        Some(self.refused(request, unjudged))
    }

    /// What a refusal refuses: the request that awaits it, or a dialogue in which the server has
    /// tired of waiting for a person.
    fn refused_request(&mut self) -> Option<Request> {
        match (self.awaited, self.question) {
            (Some(Request::Service), _) => None,
            (Some(request), _) => {
                self.awaited = None;
                Some(request)
            }
            (None, Some(Question::NewPassword { demands })) => {
                self.question = None;
                Some(Request::Change { demands })
            }
            (None, Some(Question::Answers { rounds, .. })) => {
                self.question = None;
                let prompted = true;
                Some(Request::Prompts { rounds, prompted })
            }
            (None, _) => None,
        }
    }

    /// OpenSSH (`userauth_finish`) counts every refusal except that of a `none` that is the first
    /// request. Partial successes are requests, too.
    fn count_refusal(&mut self, is_none: bool) {
        self.refusals += 1;
        if !is_none || self.requests > 1 {
            self.counted += 1;
        }
    }

    /// RFC 4252 section 5.1: partial success.
    fn one_factor(&mut self, request: Request, was_sent: bool) -> Vec<Out> {
        let mut outs = Vec::new();
        // RFC 4252 section 8: "The password has been changed, but more authentications are
        // needed"; not if the server has not heard the new one.
        if was_sent && matches!(request, Request::Change { .. }) {
            outs.push(Out::TellChanged);
        }
        outs.push(Out::TellPartial);
        // The next factor may be a key that was no good for this one.
        let refused = core::mem::take(&mut self.refused_keys);
        let woken = self.known.iter().filter(|key| refused.contains(key));
        self.again.extend(woken.copied());
        outs
    }

    fn refused(&mut self, request: Request, unjudged: bool) -> Vec<Out> {
        let tries = self.setup.tries;
        match request {
            Request::Query(key) | Request::Signed(key) if unjudged => self.offer_again(key),
            Request::Query(key) | Request::Signed(key) => self.refused_keys.push(key),
            Request::Password if unjudged => {}
            Request::Password | Request::Change { .. } => {
                self.password_refusals += 1;
                self.password_out |= self.password_refusals >= tries;
                if matches!(request, Request::Change { .. }) {
                    return vec![Out::TellNotChanged];
                }
            }
            // It can't do what it lists, or has not listed.
            Request::Prompts {
                prompted: false, ..
            } => self.prompts_out |= !unjudged,
            Request::Prompts { .. } => {
                self.prompts_refusals += 1;
                self.prompts_out |= self.prompts_refusals >= tries;
            }
            Request::Service | Request::None => {}
        }
        Vec::new()
    }

    /// As if it had not been offered, in the caller's order.
    fn offer_again(&mut self, key: Key) {
        let place = |key: &Key| self.known.iter().position(|known| known == key);
        let later = self
            .fresh
            .iter()
            .position(|other| place(other) > place(&key));
        self.fresh.insert(later.unwrap_or(self.fresh.len()), key);
    }

    /// Nobody is asked for what the server no longer wants.
    fn withdraw_unlisted(&mut self) {
        let way = match self.question {
            Some(Question::Keys | Question::Signature(_)) => Way::Key,
            Some(Question::Password | Question::NewPassword { .. }) => Way::Password,
            Some(Question::Answers { .. }) => Way::Prompts,
            None => return,
        };
        if self.list.as_ref().is_none_or(|list| list.contains(&way)) {
            return;
        }
        if let Some(Question::Signature(key)) = self.question.take() {
            self.fresh.insert(0, key);
        }
    }

    /// RFC 4252 section 6: what 60 means is told by the request alone.
    fn pk_ok(&mut self, right: bool, query: u8) -> Option<Vec<Out>> {
        match self.awaited {
            Some(Request::Query(key)) if right && key.number == query => {
                self.awaited = None;
                if self.requests >= self.setup.requests {
                    return Some(Vec::new());
                }
                Some(vec![self.ask_signature(key)])
            }
            // Two strings: it reads as a demand.
            Some(Request::Password | Request::Change { .. }) => self.change_request(),
            _ => None,
        }
    }

    /// RFC 4252 section 8.
    fn change_request(&mut self) -> Option<Vec<Out>> {
        let demands = match self.awaited {
            Some(Request::Password) => 0,
            Some(Request::Change { demands }) => demands,
            _ => return None,
        };
        if demands >= self.setup.changes {
            return None;
        }
        self.awaited = None;
        if self.requests >= self.setup.requests {
            return Some(Vec::new());
        }
        let demands = demands + 1;
        let question = Question::NewPassword { demands };
        Some(vec![self.ask(question, Out::AskNewPassword(demands))])
    }

    /// RFC 4256 section 3.2; without a prompt, the machine answers by itself (section 3.4).
    fn info_request(&mut self, prompts: usize) -> Option<Vec<Out>> {
        let Some(Request::Prompts { rounds, prompted }) = self.awaited else {
            return None;
        };
        if rounds >= self.setup.rounds {
            return None;
        }
        let rounds = rounds + 1;
        self.awaited = None;
        Some(vec![match prompts {
            0 => self.send_on(Request::Prompts { rounds, prompted }, Out::SendAnswers(0)),
            _ => self.ask(
                Question::Answers { rounds, prompts },
                Out::AskAnswers(rounds, prompts),
            ),
        }])
    }

    /// RFC 4253 section 11.4: the server does not know what we sent.
    pub(crate) fn unimplemented(&mut self) -> Heard {
        match self.over {
            Over::NotYet => {}
            Over::Ended => return (Input::NotOurs, Vec::new()),
            Over::Failed => return (Input::Error, Vec::new()),
        }
        match self.awaited.take() {
            None => (Input::NotOurs, Vec::new()),
            Some(Request::Service) => (Input::Taken, vec![self.give_up("NoUserAuth")]),
            Some(request) => {
                self.count_refusal(request == Request::None);
                let outs = self.refused(request, false);
                (Input::Taken, self.go_on(outs))
            }
        }
    }
}
