//! An honest server: it answers each request, in order, as RFC 4252 wants it. Where the RFC leaves
//! the choice to the server, all choices are walked.

use super::*;

/// Which methods must succeed, as OpenSSH's `AuthenticationMethods` has it: any one of the lists,
/// each of them in order. All of several in any order are all their permutations.
pub(super) type Lists = &'static [&'static [Method]];

/// What does not change in a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub(super) wanted: Lists,
    /// Which of the caller's keys it takes.
    pub(super) good_keys: &'static [usize],
    /// The prompts of each round of keyboard-interactive.
    pub(super) rounds: &'static [usize],
    /// Whether the password must be changed.
    pub(super) password: Expiry,
    /// At how many failures it closes the connection, counted as OpenSSH does.
    pub(super) max_failures: u32,
    pub(super) habit: Habit,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Expiry {
    Valid,
    Expired,
}

/// What servers do that the RFC allows, or that a quirk knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Habit {
    None,
    /// PK_OK to every key, as `TinySSH` and `ProFTPD`: a hint is no promise.
    SaysYes,
    /// It tires once of waiting for a person, as PAM does.
    Tires,
    /// [`Quirks::swallows_after_dialogue`].
    Swallows,
    /// [`Quirks::refuses_left_dialogues`].
    RefusesLeft,
}

/// What it says to one message, or by itself.
#[derive(Clone, Debug)]
pub(super) enum Reply {
    Packet(&'static str, Vec<u8>),
    Disconnect,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Dialogue {
    Prompts { round: usize },
    Change,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    Open,
    In,
    Closed,
}

/// Its state.
#[derive(Clone, Debug, Hash)]
pub(super) struct Server {
    pub(super) phase: Phase,
    pub(super) wanted: Vec<Vec<Method>>,
    pub(super) used_keys: Vec<usize>,
    /// Wrong passwords and answers where they were wanted, and dialogues it tired of.
    pub(super) wrong_passwords: u32,
    pub(super) wrong_answers: u32,
    password: Expiry,
    requests: u32,
    failures: u32,
    dialogue: Option<Dialogue>,
    has_tired: bool,
}

impl Server {
    pub(super) fn new(rules: &Rules) -> Self {
        Self {
            phase: Phase::Open,
            wanted: rules.wanted.iter().map(|list| list.to_vec()).collect(),
            used_keys: Vec::new(),
            wrong_passwords: 0,
            wrong_answers: 0,
            password: rules.password,
            requests: 0,
            failures: 0,
            dialogue: None,
            has_tired: false,
        }
    }

    /// Whether it may end the dialogue that it waits in.
    pub(super) fn may_tire(&self, rules: &Rules) -> bool {
        rules.habit == Habit::Tires && !self.has_tired && self.dialogue.is_some()
    }

    pub(super) fn tire(&mut self, rules: &Rules) -> Vec<Reply> {
        self.has_tired = true;
        match self.dialogue.take() {
            Some(Dialogue::Prompts { .. }) => self.wrong_answers += 1,
            _ => self.wrong_passwords += 1,
        }
        self.refuse(rules)
    }

    /// What it says to a message, and becomes: all that it may.
    pub(super) fn hear(&self, message: &[u8], rules: &Rules) -> Vec<(Self, Vec<Reply>)> {
        let mut server = self.clone();
        match ClientMessage::decode(message).unwrap() {
            ClientMessage::ServiceRequest(_) => {
                let accept = wire::ServiceAccept {
                    name: Some(b"ssh-userauth"),
                };
                let accept = packet("SERVICE_ACCEPT", &accept);
                let banner = wire::Banner {
                    message: b"hi",
                    language: b"",
                };
                alloc::vec![(server, alloc::vec![accept, packet("BANNER", &banner)])]
            }
            ClientMessage::Request(request) => server.judge(&request, rules),
            ClientMessage::Method(message) => {
                let response = wire::InfoResponse::decode(&message).unwrap();
                let replies = server.judge_answers(&response.responses, rules);
                alloc::vec![(server, replies)]
            }
            _ => unreachable!("never sent"),
        }
    }

    fn judge(mut self, request: &wire::Request<'_>, rules: &Rules) -> Vec<(Self, Vec<Reply>)> {
        self.requests += 1;
        let mut replies = Vec::new();
        // A new password belongs to the dialogue; whatever else comes aborts it.
        let changes = matches!(request.method, RequestMethod::PasswordChange { .. });
        if self.dialogue.take().is_some() && !changes {
            match rules.habit {
                Habit::Swallows => {
                    let replies = self.refuse(rules);
                    return alloc::vec![(self, replies)];
                }
                Habit::RefusesLeft => replies.extend(self.refuse(rules)),
                Habit::None | Habit::SaysYes | Habit::Tires => {}
            }
        }
        if self.phase == Phase::Closed {
            return alloc::vec![(self, replies)];
        }
        let with = |mut server: Self, say: &dyn Fn(&mut Self) -> Vec<Reply>| {
            let mut all = replies.clone();
            all.extend(say(&mut server));
            (server, all)
        };
        match &request.method {
            RequestMethod::PasswordChange { old, new } => {
                let good = *old == RIGHT && *new == NEW && self.password == Expiry::Expired;
                if !good {
                    return alloc::vec![with(self, &|server| server.wrong_password(rules))];
                }
                // "The password has been changed", or the new one is not good enough.
                alloc::vec![
                    with(self.clone(), &|server| {
                        server.password = Expiry::Valid;
                        server.accept(Method::Password, rules)
                    }),
                    with(self, &|server| server.wrong_password(rules)),
                ]
            }
            other => alloc::vec![with(self, &|server| server.judge_method(other, rules))],
        }
    }

    fn judge_method(&mut self, method: &RequestMethod<'_>, rules: &Rules) -> Vec<Reply> {
        match method {
            RequestMethod::None if self.requests == 1 => alloc::vec![self.failure(false)],
            RequestMethod::None => self.refuse(rules),
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => self.judge_key(algorithm, key, signature.is_some(), rules),
            RequestMethod::Password { .. } if !self.lists(Method::Password) => self.refuse(rules),
            RequestMethod::Password { password } if *password != RIGHT => {
                self.wrong_password(rules)
            }
            RequestMethod::Password { .. } if self.password == Expiry::Expired => {
                self.demand_change()
            }
            RequestMethod::Password { .. } => self.accept(Method::Password, rules),
            RequestMethod::KeyboardInteractive { .. } => {
                if !self.lists(Method::KeyboardInteractive) {
                    return self.refuse(rules);
                }
                self.prompt(0, rules)
            }
            other => unreachable!("never sent: {other:?}"),
        }
    }

    fn judge_key(&mut self, name: &[u8], blob: &[u8], signed: bool, rules: &Rules) -> Vec<Reply> {
        let key = caller::key_of(blob);
        let good = rules.good_keys.contains(&key) && !self.used_keys.contains(&key);
        if !self.lists(Method::PublicKey) {
            return self.refuse(rules);
        }
        if signed && good {
            self.used_keys.push(key);
            return self.accept(Method::PublicKey, rules);
        }
        if !signed && (good || rules.habit == Habit::SaysYes) {
            let ok = PkOk {
                algorithm: name,
                key: blob,
            };
            return alloc::vec![packet("PK_OK", &ok)];
        }
        self.refuse(rules)
    }

    fn judge_answers(&mut self, answers: &[&[u8]], rules: &Rules) -> Vec<Reply> {
        let Some(Dialogue::Prompts { round }) = self.dialogue.take() else {
            panic!("answers that nobody waits for");
        };
        assert_eq!(answers.len(), rules.rounds[round]);
        if answers.iter().any(|answer| *answer != RIGHT) {
            self.wrong_answers += 1;
            return self.refuse(rules);
        }
        if round + 1 < rules.rounds.len() {
            return self.prompt(round + 1, rules);
        }
        self.accept(Method::KeyboardInteractive, rules)
    }

    fn prompt(&mut self, round: usize, rules: &Rules) -> Vec<Reply> {
        self.dialogue = Some(Dialogue::Prompts { round });
        let prompt = wire::Prompt {
            text: b"?",
            echo: false,
        };
        let request = InfoRequest {
            name: b"",
            instruction: b"",
            language: b"",
            prompts: alloc::vec![prompt; rules.rounds[round]],
        };
        alloc::vec![packet("INFO_REQUEST", &request)]
    }

    fn demand_change(&mut self) -> Vec<Reply> {
        self.dialogue = Some(Dialogue::Change);
        let demand = PasswdChangeReq {
            prompt: b"expired",
            language: b"",
        };
        alloc::vec![packet("PASSWD_CHANGEREQ", &demand)]
    }

    fn wrong_password(&mut self, rules: &Rules) -> Vec<Reply> {
        self.wrong_passwords += 1;
        self.refuse(rules)
    }

    fn lists(&self, method: Method) -> bool {
        let mut fronts = self.wanted.iter().filter_map(|list| list.first());
        fronts.any(|front| *front == method)
    }

    /// As OpenSSH: the method is taken off every list that has it in front.
    fn accept(&mut self, method: Method, rules: &Rules) -> Vec<Reply> {
        if !self.lists(method) {
            return self.refuse(rules);
        }
        for list in &mut self.wanted {
            if list.first() == Some(&method) {
                list.remove(0);
            }
        }
        if self.wanted.iter().any(Vec::is_empty) {
            self.phase = Phase::In;
            return alloc::vec![Reply::Packet("SUCCESS", alloc::vec![52])];
        }
        alloc::vec![self.failure(true)]
    }

    /// OpenSSH's `userauth_finish`: everything counts but a `none` that comes first, and the last
    /// one ends the connection.
    fn refuse(&mut self, rules: &Rules) -> Vec<Reply> {
        self.failures += 1;
        if self.failures >= rules.max_failures {
            self.phase = Phase::Closed;
            return alloc::vec![Reply::Disconnect];
        }
        alloc::vec![self.failure(false)]
    }

    fn failure(&self, partial_success: bool) -> Reply {
        let mut names: Vec<&str> = Vec::new();
        for front in self.wanted.iter().filter_map(|list| list.first()) {
            if !names.contains(&front.name()) {
                names.push(front.name());
            }
        }
        let names = names.join(",");
        let failure = Failure {
            methods: NameList::try_from(names.as_str()).unwrap(),
            partial_success,
        };
        let name = if partial_success {
            "partial"
        } else {
            "failure"
        };
        packet(name, &failure)
    }
}

fn packet(name: &'static str, message: &impl ssh_encoding::Encode) -> Reply {
    Reply::Packet(name, encode_exact(message).unwrap())
}
