//! A conversation with everything that the server will say, and a login that plays it.

use std::hint::black_box;

use memory_check::string;
use ssh_userauth::{Action, Answer, Config, GssapiIntegrity, Identity, Session, UserAuthClient};

/// What the caller has before the login begins: keys, as an agent's list gives them once.
#[derive(Debug)]
struct Supplies {
    keys: Vec<Identity>,
    /// Whether all keys are offered in one answer.
    at_once: bool,
    /// What the fake signer writes behind the name of the algorithm.
    signature: [u8; 64],
}

/// A whole conversation. The server's packets are in the order in which they come, one whenever
/// the machine wants nothing but a packet.
pub struct Conversation {
    name: String,
    config: Box<dyn Fn() -> Config>,
    session: fn() -> Session,
    server: Vec<Vec<u8>>,
    supplies: Supplies,
}

impl std::fmt::Debug for Conversation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Conversation")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Conversation {
    pub(crate) fn new(
        name: impl Into<String>,
        config: impl Fn() -> Config + 'static,
        server: Vec<Vec<u8>>,
    ) -> Self {
        Self {
            name: name.into(),
            config: Box::new(config),
            session: || Session::encrypted([7; 32]),
            server,
            supplies: Supplies {
                keys: Vec::new(),
                at_once: false,
                signature: [9; 64],
            },
        }
    }

    pub(crate) fn keys(mut self, keys: Vec<Identity>) -> Self {
        self.supplies.keys = keys;
        self
    }

    pub(crate) fn at_once(mut self) -> Self {
        self.supplies.at_once = true;
        self
    }

    pub(crate) fn session(mut self, session: fn() -> Session) -> Self {
        self.session = session;
        self
    }

    /// What is shown in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What the caller says and what the transport knows; made anew for each login, as a program
    /// does.
    #[must_use]
    pub fn prepare(&self) -> (Config, Session) {
        ((self.config)(), (self.session)())
    }

    /// The login from the name of the user to the end, dropped.
    pub fn run(&self) {
        self.begin().finish(self);
    }

    /// A login that has not sent anything yet.
    #[must_use]
    pub fn begin(&self) -> Login {
        self.begin_with(self.prepare())
    }

    /// As [`begin`](Self::begin), with what was prepared.
    #[must_use]
    pub fn begin_with(&self, (config, session): (Config, Session)) -> Login {
        Login {
            client: UserAuthClient::new(config, session).unwrap(),
            asked: None,
            heard: 0,
            offered: 0,
            ended: false,
            sent: None,
        }
    }

    /// The server's packets, and ours.
    #[must_use]
    pub fn packets(&self) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
        let mut login = self.begin();
        login.sent = Some(Vec::new());
        login.poll();
        while !login.ended {
            login.go_on(self);
            login.poll();
        }
        (self.server.clone(), login.sent.unwrap_or_default())
    }

    /// Logins that wait: behind each packet of the server and at each question.
    pub fn waiting(&self, mut look: impl FnMut(&Login)) {
        let mut login = self.begin();
        loop {
            login.poll();
            if login.ended {
                return;
            }
            look(&login);
            login.go_on(self);
        }
    }
}

/// One login.
#[derive(Debug)]
pub struct Login {
    client: UserAuthClient,
    asked: Option<Action>,
    /// Packets of the server.
    heard: u32,
    /// Keys.
    offered: u32,
    ended: bool,
    /// What was sent, if it is kept.
    sent: Option<Vec<Vec<u8>>>,
}

impl Login {
    /// Takes out everything up to the next question; what is to be sent is dropped.
    pub fn poll(&mut self) {
        while let Some(action) = self.client.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    black_box(payload.bytes());
                    if let Some(sent) = &mut self.sent {
                        sent.push(payload.bytes().to_vec());
                    }
                }
                Action::Notify(notice) => drop(black_box(notice)),
                Action::StartService(_) => self.ended = true,
                Action::GiveUp(why) => panic!("{why}\n{:#?}", self.client.report()),
                question => self.asked = Some(question),
            }
        }
    }

    /// The question that waits for the caller, if it is his turn.
    #[must_use]
    pub fn asked(&self) -> Option<&Action> {
        self.asked.as_ref()
    }

    /// How many packets came.
    #[must_use]
    pub fn heard(&self) -> u32 {
        self.heard
    }

    /// Answers the question, or else hears the next packet.
    pub fn go_on(&mut self, conversation: &Conversation) {
        match self.asked.take() {
            Some(question) => {
                let answer = self.answer(question, &conversation.supplies);
                self.client.handle_answer(answer).unwrap();
            }
            None => {
                let index = usize::try_from(self.heard).unwrap();
                let packet = conversation.server.get(index);
                let Some(packet) = packet else {
                    panic!("the server has nothing to say\n{:#?}", self.client.report())
                };
                self.heard += 1;
                self.client.handle_packet(packet).unwrap();
            }
        }
    }

    /// The rest of the conversation. Whoever does not get in has measured something else.
    pub fn finish(mut self, conversation: &Conversation) {
        self.poll();
        while !self.ended {
            self.go_on(conversation);
            self.poll();
        }
        assert_eq!(
            usize::try_from(self.heard).unwrap(),
            conversation.server.len()
        );
    }

    fn answer(&mut self, question: Action, supplies: &Supplies) -> Answer {
        match question {
            Action::NeedPublicKey(need) => {
                let first = usize::try_from(self.offered).unwrap();
                let keys = supplies.keys.iter().skip(first).cloned();
                if supplies.at_once {
                    self.offered = u32::try_from(supplies.keys.len()).unwrap();
                    return need.offer_many(keys);
                }
                self.offered += 1;
                match keys.take(1).next() {
                    Some(key) => need.offer(key),
                    None => need.none_left(),
                }
            }
            Action::NeedSignature(need) => {
                black_box(need.data());
                let blob = sign(need.signature_algorithm(), &supplies.signature);
                need.signed(blob).unwrap()
            }
            Action::NeedHostSignature(need) => {
                black_box(need.data());
                let blob = sign(need.signature_algorithm(), &supplies.signature);
                need.signed(blob).unwrap()
            }
            Action::NeedPassword(need) => need.password("correct horse"),
            Action::NeedNewPassword(need) => need.change("correct horse", "battery staple"),
            Action::NeedAnswers(need) => need.answer_each(|_| "123456"),
            Action::NeedGssapiToken(need) if need.step() < 2 => need.token(*b"token"),
            Action::NeedGssapiToken(need) => need.established(None, GssapiIntegrity::Available),
            Action::NeedGssapiMic(need) => need.mic([5; 28]),
            Action::NeedMethodRequest(need) => need.request("request"),
            other => panic!("nobody expects {other:?}"),
        }
    }
}

/// As a signer does it: one buffer of the right size.
fn sign(algorithm: &str, signature: &[u8]) -> Vec<u8> {
    let mut blob = Vec::with_capacity(8 + algorithm.len() + signature.len());
    for part in [algorithm.as_bytes(), signature] {
        blob.extend(u32::try_from(part.len()).unwrap().to_be_bytes());
        blob.extend(part);
    }
    debug_assert_eq!(
        blob,
        [string(algorithm.as_bytes()), string(signature)].concat()
    );
    blob
}
