//! A caller who answers everything, with the marker where a secret is asked for.

use ssh_userauth::{
    Action, Answer, Config, GssapiIntegrity, Identity, Method, Notice, Pipelining, ServiceRequest,
    Session, UserAuthClient,
};

use crate::{KERBEROS, marked, string};

/// What to do with what comes out.
pub struct Caller {
    pub client: UserAuthClient,
    /// The open question.
    pub asked: Option<Action>,
    /// Whether the end was said.
    pub ended: bool,
    /// Notices, if they are kept at all.
    pub told: Option<Vec<Notice>>,
}

/// All methods; also one of the caller's own.
pub fn all_methods() -> Config {
    Config::new("u")
        .pipelining(Pipelining::Off)
        .methods([
            Method::PublicKey,
            Method::KeyboardInteractive,
            Method::Password,
            Method::GssapiWithMic,
            Method::Other("own@example.org"),
        ])
        .gssapi_mechanisms([KERBEROS])
}

impl Caller {
    /// The service is accepted, and `none` on its way.
    pub fn new(config: Config) -> Self {
        let session = Session::encrypted([7; 32]).service_request(ServiceRequest::Accepted);
        let mut caller = Self {
            client: UserAuthClient::new(config, session).unwrap(),
            asked: None,
            ended: false,
            told: None,
        };
        caller.poll();
        caller
    }

    pub fn with_all_methods() -> Self {
        Self::new(all_methods())
    }

    /// Takes everything out; what is to be sent is dropped at once.
    pub fn poll(&mut self) {
        while let Some(action) = self.client.poll_action() {
            match action {
                Action::SendRequest(payload) => drop(payload),
                Action::Notify(notice) => {
                    if let Some(told) = &mut self.told {
                        told.push(notice);
                    }
                }
                Action::StartService(_) | Action::GiveUp(_) => self.ended = true,
                question => self.asked = Some(question),
            }
        }
    }

    /// Hears a packet; whether the run goes on.
    pub fn hear(&mut self, packet: &[u8]) -> bool {
        let taken = self.client.handle_packet(packet);
        self.poll();
        if taken.is_err() {
            self.ended = true;
        }
        !self.ended
    }

    /// Answers what is asked, once.
    pub fn answer(&mut self) {
        if let Some(question) = self.asked.take() {
            let answer = answer(question);
            // Questions that were withdrawn are answered in vain.
            let _ = self.client.handle_answer(answer);
            self.poll();
        }
    }

    pub fn answer_all(&mut self) {
        while self.asked.is_some() {
            self.answer();
        }
    }
}

pub fn key(byte: u8) -> Identity {
    let blob = [string(b"ssh-ed25519"), string(&[byte; 32])].concat();
    Identity::from_blob(blob).unwrap()
}

/// One of 65,536 RSA keys.
pub fn rsa_key(number: u16) -> Identity {
    let blob = [string(b"ssh-rsa"), string(&number.to_be_bytes())].concat();
    Identity::from_blob(blob).unwrap()
}

fn answer(question: Action) -> Answer {
    match question {
        Action::NeedPublicKey(need) => match u8::try_from(need.offered()) {
            Ok(number @ 0..4) => need.offer(key(number)),
            _ => need.none_left(),
        },
        Action::NeedSignature(need) => {
            let name = need.signature_algorithm().as_bytes();
            let blob = [string(name), string(&[9; 64])].concat();
            need.signed(blob).unwrap()
        }
        Action::NeedPassword(need) => need.password(marked()),
        Action::NeedNewPassword(need) => need.change(marked(), marked()),
        Action::NeedAnswers(need) => need.answer_each(|_| marked()),
        Action::NeedGssapiToken(need) if need.step() < 3 => need.token(*b"token"),
        Action::NeedGssapiToken(need) => need.established(None, GssapiIntegrity::Available),
        Action::NeedGssapiMic(need) => need.mic(*b"mic"),
        Action::NeedMethodRequest(need) => need.request(marked()),
        Action::NeedMethodMessage(need) => need.message(61, marked()).unwrap(),
        other => other.decline().unwrap(),
    }
}
