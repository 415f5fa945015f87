//! What comes out of the machine, and whether it may.

use ssh_encoding::Encode as _;
use ssh_userauth::{
    Action, Authenticated, Ending, GiveUp, HashFallback, HostBound, Method, NeedSignature, Notice,
    PasswordBridge, Payload, ServiceRequest, Sha1Signatures, TrivialSuccess, TryCounting,
};
use ssh_userauth_testing::wire::{
    ClientMessage, InfoResponse, PublicKeySignatureData, Request, RequestMethod, encode_exact,
    split_signature,
};

use crate::MARKER;
use crate::answers::Given;
use crate::keys;
use crate::oracle::{Dialogue, Over, Proof, Seen, Sent};
use crate::setup::HOST_KEY;

impl Seen {
    /// Checks one action in the moment it comes out.
    pub(crate) fn observe(&mut self, action: &Action) {
        assert!(!self.is_over(), "after the end: {action:?}");
        match action {
            Action::SendRequest(payload) => self.sent(payload),
            Action::NeedPublicKey(need) => {
                self.may_use(Method::PublicKey);
                assert!(!self.declined.contains(&Method::PublicKey));
                assert!(need.offered() <= self.setup.limits.max_identities);
            }
            Action::NeedSignature(need) => self.asked_to_sign(need),
            Action::NeedPassword(need) if need.prompt().is_some() => self.asked_by_bridge(),
            Action::NeedPassword(_) => {
                self.asked_for_secret(Method::Password);
                let tries = self.setup.limits.max_password_tries.max(1);
                assert!(self.password_refusals < tries);
                if self.setup.counting == TryCounting::Shared {
                    assert!(self.password_refusals + self.prompts_refusals < tries);
                }
            }
            Action::NeedNewPassword(need) => {
                self.asked_in_dialogue(Method::Password);
                let demands = need.attempt();
                assert_eq!(self.dialogue, Some(Dialogue::Change { demands }));
            }
            Action::NeedAnswers(need) => {
                self.asked_for_secret(Method::KeyboardInteractive);
                let prompts = need.prompts().len();
                let rounds = need.round();
                assert_eq!(self.dialogue, Some(Dialogue::Prompts { rounds, prompts }));
                assert!(prompts > 0 && prompts <= self.setup.limits.max_prompts);
            }
            Action::Notify(Notice::Banner { .. }) => {
                self.banners_passed_on += 1;
                assert!(self.banners_passed_on <= self.setup.limits.max_banners);
            }
            Action::Notify(_) => {}
            Action::StartService(done) => self.started(done),
            Action::GiveUp(why) => self.gave_up(why),
            other => self.observe_other(other),
        }
    }

    /// Once in a run, for a lone hidden prompt of the first round.
    fn asked_by_bridge(&mut self) {
        self.asked_for_secret(Method::KeyboardInteractive);
        assert_eq!(self.setup.bridge, PasswordBridge::HiddenSinglePromptOnce);
        assert!(!self.bridged, "a second bridge");
        self.bridged = true;
        let (rounds, prompts) = (1, 1);
        assert_eq!(self.dialogue, Some(Dialogue::Prompts { rounds, prompts }));
        let refused = self.password_refusals > 0;
        let listed = self.list.is_some() && self.is_listed(Method::Password);
        assert!(
            refused || !listed || self.delayed,
            "beside the method password"
        );
    }

    /// The caller allows it, and the server lists it.
    pub(crate) fn may_use(&self, method: Method) {
        assert!(self.setup.methods.contains(&method), "not in the order");
        assert!(
            self.delayed || self.is_listed(method),
            "{method} is not listed"
        );
    }

    /// Nothing secret is asked for, or sent, where others listen.
    pub(crate) fn asked_for_secret(&self, method: Method) {
        self.may_use(method);
        assert!(self.setup.encrypted);
        assert!(!self.declined.contains(&method), "declined before");
    }

    fn asked_to_sign(&mut self, need: &NeedSignature) {
        self.may_use(Method::PublicKey);
        let number = need.attempt();
        assert!(number > self.signatures);
        self.signatures = number;
        let (algorithm, key) = (need.algorithm(), need.identity().blob());
        assert!(self.offered.contains(key), "never offered");
        let accepted = (algorithm.to_owned(), key.to_vec());
        assert!(
            self.accepted.contains(&accepted) || self.unprobed.contains(key),
            "neither asked about nor to be offered unasked"
        );
        if !self.accepted.contains(&accepted) {
            self.may_offer(algorithm, key);
        }
        self.unsigned.remove(key);
        let verdict = |sent: &Sent| !matches!(sent, Sent::Service | Sent::Query { .. });
        assert!(!self.flight.iter().any(verdict), "a verdict is awaited");
        // Bound if it can be, and only then.
        let is_bound = need.is_host_bound();
        assert!(self.delayed || is_bound == self.binds(), "bound or not");
        let data = encode_exact(&PublicKeySignatureData {
            session_id: &self.setup.session_id,
            user: self.setup.user,
            service: self.setup.service.as_bytes(),
            algorithm: algorithm.as_bytes(),
            key,
            host_key: is_bound.then_some(HOST_KEY),
        });
        let data = data.expect("nothing here is that long");
        let bare = if self.setup.quirks.bare_session_id {
            4
        } else {
            0
        };
        assert_eq!(need.data(), &data[bare..]);
    }

    /// Rules for the first mention of a key under an algorithm.
    fn may_offer(&self, algorithm: &str, key: &[u8]) {
        if self.setup.host_bound == HostBound::Require {
            assert!(self.binds(), "offered unbound");
        }
        assert!(self.offered.contains(key));
        assert!(!self.proved.contains(key), "it gave a factor");
        self.may_sign(algorithm);
    }

    /// SHA-1 only by policy and list, and the caller's own list of algorithms.
    pub(crate) fn may_sign(&self, algorithm: &str) {
        if self.is_by_type(algorithm) {
            return;
        }
        let allowed = self.setup.allowed;
        assert!(
            allowed.is_none_or(|names| names.contains(&algorithm)),
            "{algorithm}"
        );
        if keys::is_obsolete(algorithm) {
            assert_ne!(
                self.setup.sha1,
                Sha1Signatures::Refuse,
                "SHA-1: {algorithm}"
            );
            let listed = |list: &Vec<u8>| keys::is_listed(list, algorithm);
            let listed = self.algorithms.as_ref().is_some_and(listed);
            assert!(self.delayed || listed, "not listed: {algorithm}");
        }
    }

    /// The name of the type stands for one with SHA-2 (`Quirks::rsa_certificates_by_type`).
    fn is_by_type(&self, algorithm: &str) -> bool {
        self.setup.quirks.rsa_certificates_by_type && algorithm == "ssh-rsa-cert-v01@openssh.com"
    }

    fn sent(&mut self, payload: &Payload) {
        let bytes = payload.bytes();
        let message = ClientMessage::decode(bytes).expect("what is sent can be read");
        assert_eq!(message.encoded_len().ok(), Some(bytes.len()));
        assert_eq!(encode_exact(&message).as_deref(), Ok(bytes));
        let secret = match message {
            ClientMessage::ServiceRequest(request) => {
                // Exactly one, and first.
                assert_eq!(self.setup.service_request, ServiceRequest::Ours);
                assert_eq!((self.service_requests, self.requests), (0, 0));
                assert_eq!(request.name, b"ssh-userauth");
                self.service_requests += 1;
                self.flight.push_back(Sent::Service);
                false
            }
            ClientMessage::Request(request) => self.sent_request(&request, bytes),
            ClientMessage::Method(message)
                if !self.is_of_prompts(&ClientMessage::Method(message)) =>
            {
                let (goes_on, secret) = self.sent_in_dialogue(&message);
                if goes_on {
                    // Only the message behind it has a reply.
                    assert!(payload.pad_hint().is_none());
                    return;
                }
                secret
            }
            ClientMessage::Method(message) => {
                let response = InfoResponse::decode(&message).expect("the only one we send");
                self.sent_response(&response);
                true
            }
            other => panic!("never sent: {other:?}"),
        };
        // What has left aborts what was left (RFC 4252 section 5.1).
        if self.abandoned {
            self.refused_in_front = self.setup.quirks.refuses_left_dialogues;
        }
        (self.abandoned, self.answered) = (false, false);
        self.dialogue = None;
        // The length of everything secret is hidden, and of nothing else.
        assert_eq!(payload.pad_hint().is_some(), secret);
        assert!(payload.pad_hint().is_none_or(|long| long >= bytes.len()));
        let marker = MARKER.as_bytes();
        let marked = bytes.windows(marker.len()).any(|window| window == marker);
        assert!(secret || !marked, "a secret in an open payload");
    }

    /// Says whether a secret is in it.
    fn sent_request(&mut self, request: &Request<'_>, bytes: &[u8]) -> bool {
        // The user and the service never change.
        assert_eq!(request.user, self.setup.user);
        assert_eq!(request.service, self.setup.service.as_bytes());
        let ours = self.setup.service_request == ServiceRequest::Ours;
        assert!(!ours || self.service_requests == 1, "no service request");
        self.requests += 1;
        let accepted = u32::try_from(self.accepted.len()).expect("few");
        let limits = &self.setup.limits;
        // A key that was accepted may still be proved, and a password still be changed.
        let spare = accepted + limits.max_password_changes;
        assert!(self.requests <= limits.max_requests + spare);
        let (sent, secret) = match &request.method {
            RequestMethod::None => {
                self.nones += 1;
                // In vain, for a server that swallows what comes behind a dialogue.
                let vain = match self.setup.quirks.swallows_after_dialogue {
                    true => self.left,
                    false => 0,
                };
                assert!(self.nones <= 1 + vain);
                (Sent::None, false)
            }
            RequestMethod::PublicKey { .. } | RequestMethod::HostBoundPublicKey { .. } => {
                self.may_use(Method::PublicKey);
                (self.sent_public_key(&request.method, bytes), false)
            }
            RequestMethod::Password { password } => {
                self.asked_for_secret(Method::Password);
                // 7: only in answer to its question, once, as it was given.
                let Given::Password(given) = self.given.take() else {
                    panic!("nobody gave a password");
                };
                assert_eq!(given, *password);
                self.proof = Proof::Something;
                (Sent::Password, true)
            }
            RequestMethod::PasswordChange { old, new } => {
                self.asked_in_dialogue(Method::Password);
                // Only after it was demanded.
                let Given::Change { old: from, new: to } = self.given.take() else {
                    panic!("nobody gave a new password");
                };
                assert_eq!((&from[..], &to[..]), (*old, *new));
                let demands = match self.dialogue.take() {
                    Some(Dialogue::Change { demands }) => demands,
                    other => panic!("a new password in answer to {other:?}"),
                };
                self.proof = Proof::Something;
                (Sent::Change { demands }, true)
            }
            RequestMethod::KeyboardInteractive { submethods, .. } => {
                self.asked_for_secret(Method::KeyboardInteractive);
                assert_eq!(*submethods, self.setup.submethods.as_bytes());
                let tries = limits.max_keyboard_interactive_tries.max(1);
                assert!(self.prompts_refusals < tries && !self.refused_at_once);
                self.prompted = false;
                (Sent::Prompts { rounds: 0 }, false)
            }
            _ => self.sent_other(request, bytes),
        };
        self.flight.push_back(sent);
        secret
    }

    fn sent_public_key(&mut self, method: &RequestMethod<'_>, bytes: &[u8]) -> Sent {
        let (algorithm, key, host_key, signature) = match method {
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => (*algorithm, *key, None, *signature),
            RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                host_key,
                signature,
            } => (*algorithm, *key, Some(*host_key), *signature),
            other => panic!("not publickey: {other:?}"),
        };
        let algorithm = core::str::from_utf8(algorithm).expect("a name");
        let key = key.to_vec();
        let Some(signature) = signature else {
            assert_eq!(host_key, None, "queries are plain");
            self.may_offer(algorithm, &key);
            // A fallback names the other algorithm.
            let name = match self.setup.fallback {
                HashFallback::Never => String::new(),
                _ => algorithm.to_owned(),
            };
            let again = self
                .queried
                .insert((name, key.clone()), self.partial_successes);
            // Under the name of the type, both hashes look alike.
            let changed = again.is_none_or(|then| then < self.partial_successes)
                || (self.is_by_type(algorithm) && self.setup.fallback != HashFallback::Never);
            assert!(changed, "{algorithm} asked about twice");
            let algorithm = algorithm.to_owned();
            return Sent::Query { algorithm, key };
        };
        // What was signed is what is sent, behind the session identifier.
        let Given::Signature { data, blob } = self.given.take() else {
            panic!("nobody signed");
        };
        let mut expected = keys::string(&self.setup.session_id);
        if self.setup.quirks.bare_session_id {
            expected.drain(..4);
        }
        expected.extend(&bytes[..bytes.len() - 4 - signature.len()]);
        assert_eq!(data, expected, "signed and sent differ");
        assert_eq!(blob, signature, "forwarded verbatim");
        // Signed under the algorithm that was asked for.
        let (name, _) = split_signature(signature).expect("it was checked");
        let plain = keys::plain(algorithm);
        let browser = plain.starts_with("sk-ecdsa") && name.starts_with(b"webauthn-");
        let by_type = self.is_by_type(algorithm) && name.starts_with(b"rsa-sha2-");
        assert!(
            name == plain.as_bytes() || browser || by_type,
            "signed under another name"
        );
        self.proof = Proof::Something;
        Sent::Signed { key }
    }

    fn sent_response(&mut self, response: &InfoResponse<'_>) {
        assert!(self.setup.encrypted);
        let dialogue = self.dialogue.take();
        let rounds = match dialogue {
            Some(Dialogue::Prompts { rounds, prompts }) => {
                assert_eq!(response.responses.len(), prompts);
                rounds
            }
            _ => panic!("a response to {dialogue:?}"),
        };
        self.flight.push_back(Sent::Prompts { rounds });
        if response.responses.is_empty() {
            return;
        }
        let given = match self.given.take() {
            Given::Answers(given) => given,
            // By the bridge.
            Given::Password(given) if self.bridged => vec![given],
            other => panic!("nobody answered, but {other:?}"),
        };
        assert_eq!(given, response.responses);
        let empty = given.iter().all(Vec::is_empty);
        self.proof = self.proof.max(match empty {
            true => Proof::EmptyAnswers,
            false => Proof::Something,
        });
    }

    fn started(&mut self, done: &Authenticated) {
        self.over = Over::Ended { owed: self.owed };
        assert_eq!(done.service(), self.setup.service);
        // Only SUCCESS, in answer to something that can have earned it.
        assert!(self.success.is_some());
        // Trivial if and only if nothing was proved.
        assert_eq!(done.is_trivial(), self.proof == Proof::Nothing);
        assert_eq!(done.all_answers_empty(), self.proof == Proof::EmptyAnswers);
        assert!(!self.is_trivial_and_refused());
        let last = !matches!(self.success, Some(Sent::None | Sent::Query { .. }));
        let factors = self.partial_successes + u32::from(last);
        assert_eq!(u32::try_from(done.factors().len()), Ok(factors), "factors");
    }

    fn is_trivial_and_refused(&self) -> bool {
        let intended =
            self.success == Some(Sent::None) && self.setup.methods.contains(&Method::None);
        let refused = self.setup.trivial == TrivialSuccess::Reject && !intended;
        self.proof == Proof::Nothing && refused
    }

    fn gave_up(&mut self, why: &GiveUp) {
        self.over = Over::Ended { owed: 0 };
        let trivial = self.success.is_some();
        assert_eq!(why.ending() == Ending::TrivialSuccess, trivial);
        assert!(!trivial || self.is_trivial_and_refused());
        if why.ending() == Ending::RequestsSpent {
            assert!(self.requests >= self.setup.limits.max_requests);
        }
        assert_eq!(why.remaining().is_some(), self.list.is_some());
    }
}
