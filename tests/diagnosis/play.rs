//! A machine, and a server and a caller who say what they are told to.

use ssh_encoding::Encode;
use ssh_userauth::{
    Action, Answer, Config, GiveUp, Identity, Pipelining, ServiceRequest, Session, UserAuthClient,
};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::wire::{Failure, NameList, PkOk, encode_exact};

pub(crate) use crate::blobs::identity;
use crate::blobs::signature;

pub(crate) fn config() -> Config {
    Config::new("alice").pipelining(Pipelining::Off)
}

pub(crate) fn session() -> Session {
    Session::encrypted([7; 32])
        .service_request(ServiceRequest::Accepted)
        .server_version("SSH-2.0-OpenSSH_10.0")
}

/// An Ed25519 key that is no point of any curve: nobody looks.
pub(crate) fn key(byte: u8, label: &str) -> Identity {
    identity("ssh-ed25519", byte).with_label(label)
}

pub(crate) struct Play {
    pub(crate) client: UserAuthClient,
    /// The question that is open.
    question: Option<Action>,
    pub(crate) end: Option<GiveUp>,
}

impl Play {
    pub(crate) fn new(config: Config) -> Self {
        Self::on(session(), config)
    }

    pub(crate) fn on(session: Session, config: Config) -> Self {
        Self {
            client: UserAuthClient::new(config, session).unwrap(),
            question: None,
            end: None,
        }
    }

    /// Takes what comes out: requests are sent, notices are read, a question is kept.
    pub(crate) fn send(&mut self) {
        while let Some(action) = self.client.poll_action() {
            match action {
                Action::SendRequest(_) | Action::Notify(_) | Action::StartService(_) => {}
                Action::GiveUp(why) => self.end = Some(why),
                question => self.question = Some(question),
            }
        }
    }

    /// The run is over.
    pub(crate) fn finish(&mut self) {
        self.send();
        assert!(self.end.is_some(), "still running:\n{}", self.table());
    }

    pub(crate) fn hear(&mut self, message: &impl Encode) {
        self.send();
        self.hear_before_sending(message);
        self.send();
    }

    /// What is in the outbox stays there.
    pub(crate) fn hear_before_sending(&mut self, message: &impl Encode) {
        let payload = encode_exact(message).unwrap();
        self.client.handle_packet(&payload).unwrap();
    }

    fn fail(&mut self, methods: &str, partial_success: bool) {
        let methods = NameList::new(methods.as_bytes()).unwrap();
        self.hear(&Failure {
            methods,
            partial_success,
        });
    }

    pub(crate) fn refuse(&mut self, methods: &str) {
        self.fail(methods, false);
    }

    pub(crate) fn partial(&mut self, methods: &str) {
        self.fail(methods, true);
    }

    /// `none` is refused, and the methods are known.
    pub(crate) fn learn(&mut self, methods: &str) {
        self.refuse(methods);
    }

    pub(crate) fn accept(&mut self, key: &Identity) {
        let algorithm = self.client.report().attempts().last().unwrap();
        let algorithm = algorithm.algorithm().unwrap().to_string();
        self.hear(&PkOk {
            algorithm: algorithm.as_bytes(),
            key: key.blob(),
        });
    }

    pub(crate) fn answer(&mut self, answer: impl FnOnce(Action) -> Answer) {
        self.send();
        let question = self.question.take().expect("a question is open");
        self.client.handle_answer(answer(question)).unwrap();
    }

    pub(crate) fn decline(&mut self) {
        self.answer(|question| question.decline().unwrap());
        self.send();
    }

    pub(crate) fn offer(&mut self, keys: impl IntoIterator<Item = Identity>) {
        self.answer(|question| match question {
            Action::NeedPublicKey(need) => need.offer_many(keys),
            other => panic!("no question for keys: {other:?}"),
        });
        self.send();
    }

    /// Offers a key with its signature at once.
    pub(crate) fn offer_unprobed(&mut self, key: Identity) {
        self.answer(|question| match question {
            Action::NeedPublicKey(need) => need.offer_unprobed(key),
            other => panic!("no question for keys: {other:?}"),
        });
        self.send();
    }

    pub(crate) fn offer_unprobed_after(&mut self, others: Vec<Identity>, favourite: Identity) {
        self.answer(|question| match question {
            Action::NeedPublicKey(need) => need.offer_unprobed_after(others, favourite),
            other => panic!("no question for keys: {other:?}"),
        });
        self.send();
    }

    /// Signs with something that has the shape of a signature.
    pub(crate) fn sign(&mut self) {
        self.sign_as(None);
    }

    pub(crate) fn sign_as(&mut self, algorithm: Option<&str>) {
        self.answer(|question| match question {
            Action::NeedSignature(need) => {
                let own = need.signature_algorithm().to_owned();
                let blob = signature(algorithm.unwrap_or(&own));
                need.signed(blob).unwrap_or_else(|bad| bad.decline())
            }
            other => panic!("no question for a signature: {other:?}"),
        });
        self.send();
    }

    /// Signs as the host that the client runs on.
    pub(crate) fn sign_as_host(&mut self) {
        self.answer(|question| match question {
            Action::NeedHostSignature(need) => {
                let blob = signature(need.signature_algorithm());
                need.signed(blob).unwrap_or_else(|bad| bad.decline())
            }
            other => panic!("no question for a host's signature: {other:?}"),
        });
        self.send();
    }

    /// Answers, and leaves the request in the outbox.
    pub(crate) fn password(&mut self, password: &str) {
        self.answer(|question| match question {
            Action::NeedPassword(need) => need.password(password),
            other => panic!("no question for a password: {other:?}"),
        });
    }

    pub(crate) fn new_password(&mut self, new: &str) {
        self.answer(|question| match question {
            Action::NeedNewPassword(need) => need.change("hunter2", new),
            other => panic!("no question for a new password: {other:?}"),
        });
        self.send();
    }

    pub(crate) fn answers(&mut self, text: &str) {
        self.answer(|question| match question {
            Action::NeedAnswers(need) => need.answer_each(|_| text),
            other => panic!("no prompts: {other:?}"),
        });
        self.send();
    }

    pub(crate) fn table(&self) -> String {
        self.client.report().table().to_string()
    }

    pub(crate) fn diagram(&self) -> String {
        self.client.report().sequence_diagram().to_string()
    }

    /// Whatever the report shows anybody.
    pub(crate) fn everything(&self) -> String {
        let report = self.client.report();
        format!("{report:?}{}{}{:?}", self.table(), self.diagram(), self.end)
    }
}
