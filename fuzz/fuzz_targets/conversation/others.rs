//! Hostbased, GSS-API, the caller's own methods, and what comes after the end: what is sent, and
//! what must become of what the server says.

use ssh_userauth::{Action, Method};
use ssh_userauth_testing::wire::{
    ClientMessage, GssapiError, GssapiErrtok, GssapiMic, GssapiResponse, GssapiToken,
    MethodMessage, Request, RequestMethod,
};

use crate::answers::Given;
use crate::keys;
use crate::oracle::Expected;
use crate::oracle::{Dialogue, Gss, Over, Proof, Seen, Sent};
use crate::setup::{CLIENT_HOST, CLIENT_USER, OWN};

impl Seen {
    /// RFC 4462 section 3.
    pub(crate) fn is_right_gss(&self, stage: Gss, message: &MethodMessage<'_>) -> bool {
        let limit = self.setup.limits.max_gssapi_tokens;
        let errors = match stage {
            Gss::Failing { errors } => errors,
            _ => 0,
        };
        match (stage, message.number()) {
            (Gss::Choosing, 60) => GssapiResponse::decode(message).is_ok_and(|response| {
                let is_offered = self.setup.mechanisms.contains(&response.mechanism);
                // Badly encoded: no protocol error, but the method is over.
                is_offered || response.object_identifier().is_err()
            }),
            (Gss::Token { steps }, 61) => GssapiToken::decode(message).is_ok() && steps <= limit,
            (_, 64) => GssapiError::decode(message).is_ok() && errors < limit,
            (_, 65) => GssapiErrtok::decode(message).is_ok() && errors < limit,
            _ => false,
        }
    }

    pub(crate) fn took_other(&mut self, message: &MethodMessage<'_>) {
        match (self.flight.pop_front(), message.number()) {
            (Some(Sent::Own { rounds }), _) => {
                let rounds = rounds + 1;
                self.dialogue = Some(Dialogue::Own { rounds });
            }
            (Some(Sent::Gss(Gss::Choosing)), 60) => {
                let response = GssapiResponse::decode(message).expect("it was taken");
                self.dialogue = Some(Dialogue::Gss { steps: 1 });
                if response.object_identifier().is_err() {
                    self.leave_dialogue();
                }
            }
            (Some(Sent::Gss(Gss::Token { steps })), 61) => {
                let steps = steps + 1;
                self.dialogue = Some(Dialogue::Gss { steps });
            }
            (Some(Sent::Gss(stage)), 64 | 65) => {
                let errors = match stage {
                    Gss::Failing { errors } => errors + 1,
                    _ => 1,
                };
                self.flight.push_front(Sent::Gss(Gss::Failing { errors }));
            }
            other => panic!("taken in answer to {other:?}"),
        }
    }

    /// The answer was taken: what must leave because of it, if anything must.
    pub(crate) fn took_answer(&mut self, given: Given) {
        self.answered = self.dialogue.is_some();
        match (&given, &self.dialogue) {
            // Nothing is sent, and the server has the word.
            (Given::Token(token), Some(Dialogue::Gss { steps })) if token.is_empty() => {
                self.flight
                    .push_back(Sent::Gss(Gss::Token { steps: *steps }));
                (self.dialogue, self.answered) = (None, false);
            }
            (Given::Silence, Some(Dialogue::Own { rounds })) => {
                self.flight.push_back(Sent::Own { rounds: *rounds });
                (self.dialogue, self.answered) = (None, false);
            }
            (Given::Established { last, integrity }, Some(Dialogue::Gss { .. })) => {
                self.last_token = last.clone();
                if *integrity {
                    (self.dialogue, self.answered) = (Some(Dialogue::GssMic), false);
                }
            }
            _ => {}
        }
        self.given = given;
    }

    pub(crate) fn observe_other(&mut self, action: &Action) {
        match action {
            Action::NeedHostSignature(need) => {
                self.may_use(Method::HostBased);
                assert_eq!(need.client_host(), CLIENT_HOST);
                assert_eq!(need.client_user(), CLIENT_USER);
                self.may_sign(need.algorithm());
                let ours = self.setup.keys_of_host();
                assert!(ours.iter().any(|key| key.blob() == need.identity().blob()));
            }
            Action::NeedGssapiToken(need) => {
                assert!(self.setup.methods.contains(&Method::GssapiWithMic));
                assert!(!self.declined.contains(&Method::GssapiWithMic));
                let steps = need.step();
                assert_eq!(self.dialogue, Some(Dialogue::Gss { steps }));
                assert!(self.setup.mechanisms.contains(&need.mechanism()));
            }
            Action::NeedGssapiMic(need) => {
                let name = match self.dialogue {
                    Some(Dialogue::GssMic) => "gssapi-with-mic",
                    None => {
                        self.may_use(Method::GssapiKeyex);
                        assert!(self.setup.key_exchange);
                        "gssapi-keyex"
                    }
                    ref other => panic!("a code in {other:?}"),
                };
                // RFC 4462 section 3.5.
                let mut data = keys::string(&self.setup.session_id);
                data.push(50);
                data.extend(keys::string(self.setup.user));
                data.extend(keys::string(self.setup.service.as_bytes()));
                data.extend(keys::string(name.as_bytes()));
                assert_eq!(need.data(), data);
            }
            Action::NeedMethod(need) => {
                assert_eq!(self.setup.choice, ssh_userauth::MethodChoice::Ask);
                assert!(!need.choices().is_empty());
                // RFC 4252 section 5.2: `none` "MUST NOT be listed".
                let listable = |choice: &&Method| **choice != Method::None;
                for choice in need.choices().iter().filter(listable) {
                    self.may_use(*choice);
                }
            }
            Action::NeedMethodRequest(need) => {
                self.asked_for_secret(Method::Other(OWN));
                assert_eq!(need.method(), OWN);
                assert!(self.own_refusals < self.setup.limits.max_other_tries.max(1));
            }
            Action::NeedMethodMessage(need) => {
                assert!(self.setup.encrypted);
                let rounds = need.round();
                assert_eq!(self.dialogue, Some(Dialogue::Own { rounds }));
            }
            other => panic!("an action that nobody knows: {other:?}"),
        }
    }

    /// The server wants it, whatever it listed in the reply to a request before.
    pub(crate) fn asked_in_dialogue(&self, method: Method) {
        assert!(self.setup.encrypted);
        assert!(self.setup.methods.contains(&method), "not in the order");
        assert!(!self.declined.contains(&method), "declined before");
    }

    /// A request of another method; says whether a secret is in it.
    pub(crate) fn sent_other(&mut self, request: &Request<'_>, bytes: &[u8]) -> (Sent, bool) {
        match &request.method {
            RequestMethod::HostBased {
                algorithm,
                signature,
                ..
            } => {
                self.may_use(Method::HostBased);
                let Given::HostSignature { data, blob } = self.given.take() else {
                    panic!("nobody signed for the host");
                };
                let algorithm = core::str::from_utf8(algorithm).expect("a name");
                self.may_sign(algorithm);
                let mut expected = keys::string(&self.setup.session_id);
                expected.extend(&bytes[..bytes.len() - 4 - signature.len()]);
                assert_eq!(
                    (data, blob),
                    (expected, signature.to_vec()),
                    "signed and sent differ"
                );
                self.proof = Proof::Something;
                (Sent::Host, false)
            }
            RequestMethod::GssapiWithMic { mechanisms } => {
                self.may_use(Method::GssapiWithMic);
                assert_eq!(mechanisms, self.setup.mechanisms);
                (Sent::Gss(Gss::Choosing), false)
            }
            RequestMethod::GssapiKeyex { mic } => {
                self.may_use(Method::GssapiKeyex);
                let Given::Mic(given) = self.given.take() else {
                    panic!("nobody gave a code");
                };
                assert_eq!(given, *mic);
                self.proof = Proof::Something;
                (Sent::Keyex, false)
            }
            RequestMethod::Other { name, data } => {
                self.asked_for_secret(Method::Other(OWN));
                assert_eq!(*name, OWN.as_bytes());
                let Given::Own(given) = self.given.take() else {
                    panic!("nobody gave a request");
                };
                assert_eq!(given, *data);
                self.sent_own(data);
                (Sent::Own { rounds: 0 }, true)
            }
            other => panic!("never sent: {other:?}"),
        }
    }

    /// Of the bytes of the caller's own method, nobody knows more than whether there are any.
    fn sent_own(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.proof = Proof::Something;
        }
    }

    /// A message of a dialogue of another method. Says whether the dialogue goes on with ours, and
    /// whether a secret is in it.
    pub(crate) fn sent_in_dialogue(&mut self, message: &MethodMessage<'_>) -> (bool, bool) {
        match (self.dialogue.clone(), message.number()) {
            (Some(Dialogue::Own { rounds }), _) => {
                let Given::Own(given) = self.given.take() else {
                    panic!("nobody gave a message");
                };
                assert_eq!(given, message.body());
                self.sent_own(message.body());
                self.flight.push_back(Sent::Own { rounds });
                (false, true)
            }
            (Some(Dialogue::Gss { .. } | Dialogue::GssMic), 61) if !self.last_token.is_empty() => {
                let token = GssapiToken::decode(message).expect("a token").token;
                assert_eq!(token, core::mem::take(&mut self.last_token));
                (true, false)
            }
            (Some(Dialogue::Gss { steps }), 61) => {
                let token = GssapiToken::decode(message).expect("a token").token;
                let Given::Token(given) = self.given.take() else {
                    panic!("nobody gave a token");
                };
                assert_eq!(given, token);
                self.flight.push_back(Sent::Gss(Gss::Token { steps }));
                (false, false)
            }
            (Some(Dialogue::Gss { .. }), 63) => {
                self.flight.push_back(Sent::Gss(Gss::Finishing));
                (false, false)
            }
            (Some(Dialogue::GssMic), 66) => {
                let mic = GssapiMic::decode(message).expect("a code").mic;
                let Given::Mic(given) = self.given.take() else {
                    panic!("nobody gave a code");
                };
                assert_eq!(given, mic);
                self.proof = Proof::Something;
                self.flight.push_back(Sent::Gss(Gss::Finishing));
                (false, false)
            }
            other => panic!("never sent: {other:?}"),
        }
    }

    pub(crate) fn is_of_prompts(&self, message: &ClientMessage<'_>) -> bool {
        let prompts = matches!(self.dialogue, Some(Dialogue::Prompts { .. }));
        prompts && matches!(message, ClientMessage::Method(_))
    }

    /// A reply that was owed has come after the end.
    pub(crate) fn swallowed(&mut self) {
        if let Over::Ended { owed } = &mut self.over {
            *owed -= 1;
        }
    }

    /// With the first message of the service, nothing more is owed.
    pub(crate) fn passed_by(&mut self, packet: &[u8]) {
        if let (Over::Ended { owed }, Some(80..)) = (&mut self.over, packet.first()) {
            *owed = 0;
        }
    }

    pub(crate) fn expect_unimplemented(&self) -> Expected {
        match (&self.over, self.flight.front()) {
            (Over::Ended { owed: 0 }, _) => Expected::NotOurs,
            (Over::Ended { .. }, _) => Expected::Taken,
            (Over::Failed(_), _) => Expected::Error,
            (Over::NotYet, None) => Expected::NotOurs,
            (Over::NotYet, Some(_)) => Expected::Taken,
        }
    }

    pub(crate) fn took_unimplemented(&mut self) {
        if self.is_over() {
            return self.swallowed();
        }
        self.refused_in_front = false;
        let sent = self.flight.pop_front();
        if sent == Some(Sent::Service) {
            self.flight.clear();
            return;
        }
        self.refused = true;
        self.count_refusal(&sent, &None);
    }
}
