//! The method `publickey` (RFC 4252 section 7): the query and the signature.

use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::config::{HashFallback, Pipelining};
use crate::error::ProtocolErrorKind;
use crate::identity::Identity;
use crate::method_name::Method;
use crate::payload::{Content, Evidence};
use crate::question::AnswerContent;
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Verdict, encode};
use crate::sign::{SessionIdForm, SignatureTask, signed_request};
use crate::signature::BadSignatureReason;
use crate::text::ServerText;
use crate::wire::{MethodMessage, PkOk, RequestMethod, number};

mod keys;
mod questions;

use keys::{KeyIndex, Keys, Probing};
pub use questions::{NeedPublicKey, NeedSignature};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    /// The caller is asked for keys.
    ChoosingKeys,
    /// The server is asked about a key.
    Querying(KeyIndex),
    /// The caller is asked for a signature.
    Signing(KeyIndex),
    /// The server checks a signature.
    Proving(KeyIndex),
}

/// What is remembered of all keys.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct PublicKey {
    keys: Keys,
    /// Signatures asked for.
    signatures: u32,
}

impl PublicKey {
    /// Whether there is a key to offer, or the caller may have one.
    pub(crate) fn has_candidate(&self) -> bool {
        self.keys.may_ask() || self.keys.has_fresh() || self.keys.has_refused_before()
    }

    /// Whether a key can follow key queries that are unanswered: another query, or else the key that
    /// is offered with its signature.
    pub(crate) fn can_follow_queries(&self, another_query: bool) -> bool {
        self.keys.has_unprobed() || (another_query && self.keys.has_fresh())
    }

    /// Offers the next key, or asks the caller for one. Keys that were refused for an earlier
    /// factor come last: a server that closes after a few refusals must hear of the others first.
    pub(crate) fn start(
        &mut self,
        run: &mut Run<impl Asks<NeedPublicKey> + Asks<NeedSignature>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        if run.context.pipelining == Pipelining::Off {
            // Where nothing can be sent before it, the key that is likely right goes first.
            while let Some(key) = self.keys.pop_unprobed() {
                if let Some(begun) = self.sign(key, run) {
                    return Ok(begun);
                }
            }
        }
        while let Some(key) = self.keys.pop_fresh() {
            if let Some(begun) = self.offer(key, run) {
                return Ok(begun);
            }
        }
        if self.keys.may_ask() {
            let need = NeedPublicKey {
                ticket: run.ticket(),
                offered: self.keys.offers(),
            };
            return Ok(run.ask(need, Dialogue::ChoosingKeys));
        }
        while let Some(key) = self.keys.pop_refused_before() {
            if let Some(begun) = self.offer(key, run) {
                return Ok(begun);
            }
        }
        Err(Unavailable::Declined)
    }

    /// Offers a key after queries that are unanswered: another query if there may be one, and in
    /// the end the key that is offered with its signature. Nothing may follow that.
    pub(crate) fn follow_queries(
        &mut self,
        another_query: bool,
        run: &mut Run<impl Asks<NeedSignature>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        while another_query && let Some(key) = self.keys.pop_probed() {
            if let Some(begun) = self.query(key, run) {
                return Ok(begun);
            }
        }
        while let Some(key) = self.keys.pop_unprobed() {
            if let Some(begun) = self.sign(key, run) {
                return Ok(begun);
            }
        }
        Err(Unavailable::Declined)
    }

    /// Whether the server has accepted a key whose signature was not asked for yet.
    pub(crate) fn has_accepted(&self) -> bool {
        self.keys.has_accepted()
    }

    /// Asks for the signature of a key that the server has accepted.
    pub(crate) fn sign_accepted(
        &mut self,
        run: &mut Run<impl Asks<NeedSignature>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        while let Some(key) = self.keys.pop_accepted() {
            if let Some(begun) = self.sign(key, run) {
                return Ok(begun);
            }
        }
        Err(Unavailable::Declined)
    }

    fn offer(
        &mut self,
        key: KeyIndex,
        run: &mut Run<impl Asks<NeedSignature>>,
    ) -> Option<Begun<Dialogue>> {
        match self.keys.probing(key)? {
            Probing::Query => self.query(key, run),
            Probing::Unprobed => self.sign(key, run),
        }
    }

    /// As OpenSSH does it, the query is plain even where the signature will be bound.
    fn query<Q>(&mut self, key: KeyIndex, run: &mut Run<Q>) -> Option<Begun<Dialogue>> {
        let offered = self.keys.choose_algorithm(key, run)?;
        let request = run.context.login.request(RequestMethod::PublicKey {
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
        });
        match encode(&request, Content::Open, Evidence::Nothing) {
            Ok(payload) => {
                let attempt = offered.record(AttemptRecord::query(Method::PublicKey));
                Some(run.request(attempt, payload, Dialogue::Querying(key)))
            }
            Err(why) => {
                self.give_up(key, why, run);
                None
            }
        }
    }

    fn sign(
        &mut self,
        key: KeyIndex,
        run: &mut Run<impl Asks<NeedSignature>>,
    ) -> Option<Begun<Dialogue>> {
        let offered = self.keys.choose_algorithm(key, run)?;
        let context = &run.context;
        let host_key = context.binding_key();
        let request = context.login.request(RequestMethod::SignedPublicKey {
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
            host_key,
        });
        let (identity, algorithm) = (offered.identity, offered.algorithm);
        match SignatureTask::new(request, identity, algorithm, session_id_form(run), context) {
            Ok(task) => {
                self.signatures = self.signatures.saturating_add(1);
                let need = NeedSignature {
                    ticket: run.ticket(),
                    task,
                    is_host_bound: host_key.is_some(),
                    number: self.signatures,
                };
                Some(run.ask(need, Dialogue::Signing(key)))
            }
            Err(why) => {
                self.give_up(key, why, run);
                None
            }
        }
    }

    /// The server would take the key.
    pub(crate) fn on_reply(
        &mut self,
        dialogue: Dialogue,
        message: &MethodMessage<'_>,
    ) -> Result<(), ProtocolErrorKind> {
        let (Dialogue::Querying(key), number::USERAUTH_PK_OK) = (dialogue, message.number()) else {
            return Err(ProtocolErrorKind::Unexpected);
        };
        let offered = self.keys.offered(key);
        let offered = offered.ok_or(ProtocolErrorKind::Unexpected)?;
        let ok = PkOk::decode(message)?;
        // RFC 4252 section 7: the server repeats "public key blob from the request". A server
        // that could name another key could choose which of ours signs.
        if *offered.identity.blob() != *ok.key {
            return Err(ProtocolErrorKind::PkOkKeyMismatch);
        }
        let asked = &offered.algorithm.request;
        let is_sibling = || {
            let name = AlgorithmName::from_bytes(ok.algorithm);
            name.is_some_and(|name| name.is_sibling_of(asked))
        };
        if ok.algorithm != asked.as_str().as_bytes() && !is_sibling() {
            let named = ServerText::new(ok.algorithm);
            return Err(ProtocolErrorKind::PkOkAlgorithm(named));
        }
        self.keys.accepted(key);
        Ok(())
    }

    /// Takes keys or a signature. `None`: nothing is awaited, and the plan decides.
    pub(crate) fn on_answer<Q>(
        &mut self,
        dialogue: Dialogue,
        answer: AnswerContent,
        run: &mut Run<Q>,
    ) -> Option<Begun<Dialogue>> {
        match (dialogue, answer) {
            (
                Dialogue::ChoosingKeys,
                AnswerContent::Keys {
                    identities,
                    last_is_unprobed,
                },
            ) if !identities.is_empty() => {
                self.keys.take(identities, last_is_unprobed, run);
                None
            }
            (Dialogue::ChoosingKeys, _) => {
                self.keys.none_left();
                None
            }
            (Dialogue::Signing(key), AnswerContent::Signed(signed)) => self.prove(key, signed, run),
            (Dialogue::Signing(key), AnswerContent::BadSignature(reason)) => {
                self.on_bad_signature(key, reason, run);
                None
            }
            (Dialogue::Signing(key), _) => {
                self.give_up(key, Unavailable::Declined, run);
                None
            }
            (Dialogue::Querying(_) | Dialogue::Proving(_), _) => None,
        }
    }

    fn prove<Q>(
        &mut self,
        key: KeyIndex,
        signed: Vec<u8>,
        run: &mut Run<Q>,
    ) -> Option<Begun<Dialogue>> {
        let offered = self.keys.offered(key)?;
        match signed_request(signed, session_id_form(run), &run.context) {
            Ok(payload) => {
                let attempt = offered.record(AttemptRecord::proof(Method::PublicKey));
                Some(run.request(attempt, payload, Dialogue::Proving(key)))
            }
            Err(why) => {
                self.give_up(key, why, run);
                None
            }
        }
    }

    /// The signer used another algorithm than it was asked for. If the key may be offered with that
    /// one, this is worth another offer where the caller allows it.
    fn on_bad_signature<Q>(&mut self, key: KeyIndex, reason: BadSignatureReason, run: &mut Run<Q>) {
        let is_retried = match &reason {
            BadSignatureReason::WrongAlgorithm { got, .. } => {
                run.context.config().hash_fallback != HashFallback::Never
                    && self.keys.retry_with(key, got, &run.context)
            }
            _ => false,
        };
        if !is_retried {
            self.give_up(key, Unavailable::BadSignature(reason), run);
        }
    }

    fn give_up<Q>(&mut self, key: KeyIndex, why: Unavailable, run: &mut Run<Q>) {
        if let Some(offered) = self.keys.offered(key) {
            run.skip(offered.identity.clone(), why);
        }
        self.keys.done(key);
    }

    pub(crate) fn on_verdict<Q>(&mut self, dialogue: Dialogue, verdict: Verdict, run: &Run<Q>) {
        let fallback = run.context.config().hash_fallback;
        let (key, is_proof, retries) = match dialogue {
            Dialogue::Proving(key) => (key, true, fallback != HashFallback::Never),
            Dialogue::Querying(key) => (key, false, fallback == HashFallback::AfterAnyRefusal),
            Dialogue::ChoosingKeys | Dialogue::Signing(_) => return,
        };
        match verdict {
            Verdict::PartialSuccess => return self.keys.done(key),
            Verdict::NotJudged => return self.keys.not_judged(key),
            Verdict::Refused => {}
        }
        let Some(tried) = self.keys.refused(key) else {
            return;
        };
        // The key was offered before the server said that it does not take this algorithm. That is
        // no verdict on the key under another one.
        let is_outdated = !run.context.peer.takes(&tried, run.context.config());
        if (is_outdated || retries && tried.request.is_rsa())
            // Under the name of its type, a query for another hash would be the same.
            && (is_proof || tried.request.to_plain() == tried.signature)
        {
            self.keys.retry_without(key, &tried.signature, &run.context);
        }
    }

    /// The server no longer lists the method while the caller signs. The key may be offered again
    /// if the server lists it again.
    pub(crate) fn on_withdrawal(&mut self, dialogue: Dialogue) {
        if let Dialogue::Signing(key) = dialogue {
            self.keys.put_back(key);
        }
    }

    /// The next factor may be one of the keys that were refused for the last one.
    pub(crate) fn on_partial_success(&mut self) {
        self.keys.wake_refused();
    }

    /// Keys that were skipped for want of an algorithm may be offered now.
    pub(crate) fn on_algorithm_list(&mut self) {
        self.keys.wake_without_algorithm();
    }

    /// The keys that were never offered.
    pub(crate) fn drain_fresh(&mut self) -> impl Iterator<Item = Identity> {
        core::iter::from_fn(|| {
            let key = self.keys.pop_fresh()?;
            self.keys.identity(key).cloned()
        })
    }
}

fn session_id_form<Q>(run: &Run<Q>) -> SessionIdForm {
    if run.context.config().quirks.bare_session_id {
        SessionIdForm::Bare
    } else {
        SessionIdForm::AsString
    }
}

/// The number of signatures decides nothing.
#[cfg(test)]
impl core::hash::Hash for PublicKey {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.keys.hash(state);
    }
}
