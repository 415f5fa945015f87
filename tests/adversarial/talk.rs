//! One conversation, watched: whatever comes out is kept, and what must hold always is checked at
//! every step.

use ssh_encoding::Encode;
use ssh_userauth::{
    AbandonReason, Action, Answer, Authenticated, Config, Ending, GiveUp, Identity, Method, Notice,
    Pipelining, ProtocolErrorKind, Receipt, Secret, ServiceRequest, Session, Turn, Unavailable,
    UserAuthClient,
};
use ssh_userauth_testing::wire::{Failure, NameList, Request, Success, encode_exact};

pub(crate) use crate::blobs::{blob, identity, signature, string};
use crate::vectors;

pub(crate) struct Talk {
    pub(crate) client: UserAuthClient,
    /// The payloads that were sent, and how long they should look.
    pub(crate) sent: Vec<Vec<u8>>,
    pub(crate) pads: Vec<Option<usize>>,
    pub(crate) told: Vec<Notice>,
    pub(crate) asked: Option<Action>,
    pub(crate) end: Option<Action>,
}

/// The session identifier of every conversation: 0 to 31.
pub(crate) fn session() -> Session {
    let id: Vec<u8> = (0..32).collect();
    Session::encrypted(id).server_version("SSH-2.0-hostile")
}

pub(crate) fn user() -> Config {
    Config::new("u").pipelining(Pipelining::Off)
}

impl Talk {
    /// The service request is on its way.
    pub(crate) fn with(config: Config, session: Session) -> Self {
        let mut talk = Self {
            client: UserAuthClient::new(config, session).unwrap(),
            sent: Vec::new(),
            pads: Vec::new(),
            told: Vec::new(),
            asked: None,
            end: None,
        };
        talk.drain();
        talk
    }

    /// The service request is on its way.
    pub(crate) fn fresh(config: Config) -> Self {
        Self::with(config, session())
    }

    /// The service was accepted.
    pub(crate) fn accepted(config: Config) -> Self {
        let session = session().service_request(ServiceRequest::Accepted);
        Self::with(config, session)
    }

    /// `none` was refused with this list.
    pub(crate) fn listed(config: Config, list: &str) -> Self {
        let mut talk = Self::accepted(config);
        talk.refuse(list);
        talk
    }

    /// Polls everything. Never a question beside an unanswered request, nothing after the
    /// end.
    fn drain(&mut self) {
        while let Some(action) = self.client.poll_action() {
            assert!(self.end.is_none(), "{action:?} after the end");
            match action {
                Action::SendRequest(payload) => {
                    self.sent.push(payload.bytes().to_vec());
                    self.pads.push(payload.pad_hint());
                }
                Action::Notify(notice) => self.told.push(notice),
                Action::StartService(_) | Action::GiveUp(_) => {
                    // A question that is held at the end is answered in vain.
                    self.end = Some(action);
                }
                question => self.asked = Some(question),
            }
        }
        let turn = self.client.turn();
        match (&self.end, &self.asked) {
            (Some(_), _) => assert_eq!(turn, Turn::Nobody),
            (None, None) if self.client.report().protocol_error().is_none() => {
                assert_ne!(turn, Turn::Nobody, "stuck");
            }
            (None, _) => {}
        }
    }

    pub(crate) fn hear(&mut self, payload: &[u8]) {
        assert_eq!(self.client.handle_packet(payload), Ok(Receipt::Taken));
        self.drain();
    }

    pub(crate) fn say(&mut self, message: &impl Encode) {
        self.hear(&encode_exact(message).unwrap());
    }

    pub(crate) fn refuse(&mut self, list: &str) {
        self.hear(&failure(list, false));
    }

    pub(crate) fn partial(&mut self, list: &str) {
        self.hear(&failure(list, true));
    }

    pub(crate) fn succeed(&mut self) {
        self.say(&Success);
    }

    /// A packet that is handed back changes nothing.
    pub(crate) fn not_ours(&mut self, payload: &[u8]) {
        let before = (self.sent.len(), self.client.turn());
        assert_eq!(self.client.handle_packet(payload), Ok(Receipt::NotOurs));
        self.drain();
        assert_eq!(before, (self.sent.len(), self.client.turn()), "{payload:?}");
    }

    /// A packet that breaks the protocol: the error is final, silent and repeated.
    pub(crate) fn breaks(&mut self, payload: &[u8]) -> ProtocolErrorKind {
        let sent = self.sent.len();
        let error = self.client.handle_packet(payload).unwrap_err();
        assert_eq!(error.disconnect_reason().code(), 2);
        assert_eq!(
            error.message_number(),
            payload.first().copied().unwrap_or_default()
        );
        assert!(!error.awaiting().is_empty());
        for later in [
            vectors::success(),
            vectors::service_accept(),
            vec![2],
            vec![94],
        ] {
            assert_eq!(self.client.handle_packet(&later), Err(error.clone()));
        }
        assert_eq!(self.client.unimplemented(), Err(error.clone()));
        if let Some(answer) = self.asked.take().and_then(Action::decline) {
            assert!(self.client.handle_answer(answer).is_err());
        }
        assert!(!self.client.decline_pending());
        self.client.cancel();
        self.client.abandon(AbandonReason::Other);
        self.client.disconnected(2, b"");
        assert!(self.client.poll_action().is_none());
        assert_eq!(self.client.turn(), Turn::Nobody);
        assert_eq!(self.sent.len(), sent);
        let report = self.client.report();
        assert!(!report.is_authenticated());
        assert_eq!(report.ending(), None);
        assert_eq!(report.protocol_error(), Some(&error));
        error.kind().clone()
    }

    pub(crate) fn answer(&mut self, answer: Answer) {
        self.client.handle_answer(answer).unwrap();
        self.drain();
    }

    /// The caller's or the transport's command, and what follows from it.
    pub(crate) fn command<T>(&mut self, command: impl FnOnce(&mut UserAuthClient) -> T) -> T {
        let result = command(&mut self.client);
        self.drain();
        result
    }

    pub(crate) fn offer(&mut self, identity: &Identity) {
        let need = take!(self, NeedPublicKey);
        self.answer(need.offer(identity.clone()));
    }

    pub(crate) fn no_key(&mut self) {
        let need = take!(self, NeedPublicKey);
        self.answer(need.none_left());
    }

    /// Answers the signature question under the algorithm it asks for.
    pub(crate) fn sign(&mut self) {
        let need = take!(self, NeedSignature);
        let blob = signature(need.signature_algorithm());
        self.answer(need.signed(blob).unwrap());
    }

    pub(crate) fn password(&mut self, password: &str) {
        let need = take!(self, NeedPassword);
        self.answer(need.password(password));
    }

    pub(crate) fn answers(&mut self, answer: &str) {
        let need = take!(self, NeedAnswers);
        self.answer(need.answer_each(|_| Secret::from(answer)));
    }

    pub(crate) fn last_sent(&self) -> &[u8] {
        self.sent.last().unwrap()
    }

    /// The last request.
    pub(crate) fn request(&self) -> Request<'_> {
        Request::decode(self.last_sent()).unwrap()
    }

    pub(crate) fn authenticated(&self) -> &Authenticated {
        match &self.end {
            Some(Action::StartService(done)) => {
                assert!(self.client.report().is_authenticated());
                done
            }
            other => panic!("a login was expected, not {other:?}"),
        }
    }

    pub(crate) fn gave_up(&self) -> &GiveUp {
        match &self.end {
            Some(Action::GiveUp(why)) => {
                assert_eq!(self.client.report().ending(), Some(why.ending()));
                why
            }
            other => panic!("an end was expected, not {other:?}"),
        }
    }

    pub(crate) fn ending(&self) -> Ending {
        self.gave_up().ending()
    }

    /// Why this method as a whole was not tried, or not again.
    pub(crate) fn skipped(&self, method: Method) -> Option<&Unavailable> {
        let whole = ssh_userauth::Candidate::Method(method);
        let mut skips = self.client.report().skips().iter();
        skips
            .rfind(|skip| *skip.candidate() == whole)
            .map(ssh_userauth::Skip::reason)
    }
}

pub(crate) fn failure(list: &str, partial_success: bool) -> Vec<u8> {
    let methods = NameList::try_from(list).unwrap();
    encode_exact(&Failure {
        methods,
        partial_success,
    })
    .unwrap()
}

pub(crate) fn key_a() -> Identity {
    identity("ssh-ed25519", 0xaa)
}

pub(crate) fn key_b() -> Identity {
    identity("ssh-ed25519", 0xbb)
}

pub(crate) fn rsa() -> Identity {
    identity("ssh-rsa", 0x11)
}

/// PK_OK.
pub(crate) fn pk_ok(algorithm: &str, key: &[u8]) -> Vec<u8> {
    let mut payload = vec![60];
    payload.extend(string(algorithm.as_bytes()));
    payload.extend(string(key));
    payload
}

/// INFO_REQUEST with these prompts.
pub(crate) fn prompts(prompts: &[(&str, bool)]) -> Vec<u8> {
    let mut payload = vec![60];
    for _ in ["name", "instruction", "language"] {
        payload.extend(string(b""));
    }
    payload.extend(u32::try_from(prompts.len()).unwrap().to_be_bytes());
    for (text, echo) in prompts {
        payload.extend(string(text.as_bytes()));
        payload.push(u8::from(*echo));
    }
    payload
}

/// EXT_INFO with this `server-sig-algs`.
pub(crate) fn sig_algs(list: &str) -> Vec<u8> {
    ext_info(&[("server-sig-algs", list.as_bytes())])
}

pub(crate) fn ext_info(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut payload = vec![7];
    payload.extend(u32::try_from(entries.len()).unwrap().to_be_bytes());
    for (name, value) in entries {
        payload.extend(string(name.as_bytes()));
        payload.extend(string(value));
    }
    payload
}

pub(crate) fn banner(text: &[u8]) -> Vec<u8> {
    let mut payload = vec![53];
    payload.extend(string(text));
    payload.extend(string(b""));
    payload
}
