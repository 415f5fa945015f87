//! The method `publickey` (RFC 4252 section 7): query, signature, many keys.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter;

use crate::algorithm::AlgorithmName;
use crate::config::{HashFallback, HostBound, Pipelining};
use crate::error::ProtocolErrorKind;
use crate::method::key_id::KeyId;
use crate::method::{
    Attempt as AnyAttempt, Context, Earns, Method, Out, Outgoing, SessionId, Step, Verdict,
};
use crate::payload::{Content, Proof};
use crate::question::{
    Binding, NeedPublicKey, NeedSignature, Probing, Question, Reply, SignerFailure,
};
use crate::report::{Candidate, Report, SkipReason, Stage, Subject};
use crate::signature::BadSignatureReason;
use crate::text::ServerText;
use crate::wire::{self, MethodMessage, PkOk, PublicKeySignatureData, RequestMethod};

mod keys;
mod known;
mod line;

use keys::{Keys, Offered};

/// What is remembered between the offers.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct PublicKey {
    keys: Keys,
    /// Signatures asked for.
    signatures: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// The caller is asked for keys.
    ChoosingKeys,
    /// The server is asked about a key.
    Querying(KeyId),
    /// The caller is asked for a signature.
    Signing(KeyId),
    /// The server checks a signature.
    Proving(KeyId),
}

impl Attempt {
    pub(crate) fn earns(self) -> Earns {
        match self {
            Self::Proving(_) => Earns::Success,
            Self::ChoosingKeys | Self::Querying(_) | Self::Signing(_) => Earns::KeyQuery,
        }
    }

    #[cfg(test)]
    pub(crate) fn is_query(self) -> bool {
        matches!(self, Self::Querying(_))
    }

    pub(crate) fn awaiting(self) -> &'static str {
        match self {
            Self::Proving(_) => "the reply to a signature was awaited",
            Self::ChoosingKeys | Self::Querying(_) | Self::Signing(_) => {
                "the reply to a key query was awaited"
            }
        }
    }
}

impl PublicKey {
    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), Out> {
        if cx.config.host_bound == HostBound::Require && cx.binding_key().is_none() {
            return Err(Out::HostBoundUnavailable);
        }
        if self.keys.is_spent() {
            Err(Out::Declined)
        } else {
            Ok(())
        }
    }

    /// Offers the next key, or asks the caller for one. Keys that were refused for an earlier
    /// factor come last: a server that closes after a few refusals must hear of the others first.
    pub(crate) fn start(&mut self, cx: &Context<'_>, report: &mut Report) -> Step {
        // Where nothing can be sent in front of it, the key that is likely right goes first.
        let mut next = match cx.pipelining {
            Pipelining::Off => self.keys.next_unasked(cx, report),
            Pipelining::Opening { .. } => None,
        };
        next = next.or_else(|| self.keys.next_fresh(cx, report));
        if next.is_none() && self.keys.may_ask() {
            return self.ask_for_keys(cx);
        }
        next = next.or_else(|| self.keys.next_again(cx, report));
        let Some((key, probing)) = next else {
            return Step::Idle;
        };
        match probing {
            Probing::Unasked => self.ask_signature(key, cx, report),
            Probing::Query => self.query(key, cx, report),
        }
    }

    /// What may follow queries that are unanswered, of the keys that the caller has offered
    /// already: another query, if there is room for one, and in the end the signature that was
    /// offered unasked. Nothing comes behind that.
    pub(crate) fn next_behind_queries(
        &mut self,
        another: bool,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<Step> {
        if self.standing(cx).is_err() {
            return None;
        }
        if another && let Some((key, _)) = self.keys.next_queried(cx, report) {
            return Some(self.query(key, cx, report));
        }
        let (key, _) = self.keys.next_unasked(cx, report)?;
        Some(self.ask_signature(key, cx, report))
    }

    /// Whether the server has accepted a key whose signature was not asked for yet.
    pub(crate) fn has_accepted(&self) -> bool {
        self.keys.has_accepted()
    }

    /// The signature of the next key that the server has accepted already.
    pub(crate) fn next_accepted(&mut self, cx: &Context<'_>, report: &mut Report) -> Option<Step> {
        let key = self.keys.next_accepted()?;
        Some(self.ask_signature(key, cx, report))
    }

    fn ask_for_keys(&self, cx: &Context<'_>) -> Step {
        let need = NeedPublicKey {
            question: cx.question,
            login: Arc::clone(cx.login),
            offered: self.keys.offers(),
        };
        let attempt = AnyAttempt::PublicKey(Attempt::ChoosingKeys);
        Step::Ask(Question::PublicKey(need), attempt)
    }

    /// As OpenSSH does it, the query is plain even where the signature will be bound.
    fn query(&mut self, key: KeyId, cx: &Context<'_>, report: &mut Report) -> Step {
        let Some(offered) = self.keys.offered(key) else {
            return Step::Idle;
        };
        let request = cx.login.request(RequestMethod::PublicKey {
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
        });
        match cx.payload(&request, Content::Open) {
            Some(payload) => {
                let subject = subject(&offered, Stage::Query);
                let attempt = AnyAttempt::PublicKey(Attempt::Querying(key));
                Step::Send(Outgoing::request(payload, attempt, subject, Proof::Nothing))
            }
            None => self.give_up_key(key, SkipReason::TooLong, report),
        }
    }

    fn ask_signature(&mut self, key: KeyId, cx: &Context<'_>, report: &mut Report) -> Step {
        let Some(offered) = self.keys.offered(key) else {
            return Step::Idle;
        };
        let host_key = cx.binding_key();
        let data = PublicKeySignatureData {
            session_id: cx.login.session_id(),
            user: cx.login.user().as_bytes(),
            service: cx.login.service().as_bytes(),
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
            host_key,
        };
        let task = cx.signature_task(&data, offered.identity, offered.algorithm, session_id(cx));
        let Some(task) = task else {
            return self.give_up_key(key, SkipReason::TooLong, report);
        };
        self.signatures = self.signatures.saturating_add(1);
        let need = NeedSignature {
            task,
            binding: host_key.map_or(Binding::Plain, |_| Binding::HostBound),
            number: self.signatures,
        };
        let attempt = AnyAttempt::PublicKey(Attempt::Signing(key));
        Step::Ask(Question::Signature(need), attempt)
    }

    pub(crate) fn on_reply(
        &mut self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        let (Attempt::Querying(key), wire::number::USERAUTH_PK_OK) = (attempt, message.number())
        else {
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
            return Err(ProtocolErrorKind::PkOkAlgorithm(ServerText::new(
                ok.algorithm,
            )));
        }
        self.keys.accepted(key);
        Ok(Step::Idle)
    }

    pub(crate) fn on_answer(
        &mut self,
        attempt: Attempt,
        reply: Reply,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        match (attempt, reply) {
            (Attempt::ChoosingKeys, Reply::Offer(offer)) => {
                self.keys.take(iter::once(offer), cx, report);
            }
            (Attempt::ChoosingKeys, Reply::Offers(offers)) if !offers.is_empty() => {
                self.keys.take(offers.into_iter(), cx, report);
            }
            (Attempt::ChoosingKeys, _) => self.keys.none_left(),
            (Attempt::Signing(key), Reply::Signed(signed)) => {
                return self.prove(key, signed, cx, report);
            }
            (Attempt::Signing(key), Reply::SignerFailed(failure)) => {
                return self.on_bad_signature(key, failure, cx, report);
            }
            (Attempt::Signing(key), _) => {
                return self.give_up_key(key, SkipReason::Declined, report);
            }
            (Attempt::Querying(_) | Attempt::Proving(_), _) => {}
        }
        Step::Idle
    }

    fn prove(
        &mut self,
        key: KeyId,
        signed: Vec<u8>,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        match (
            self.keys.offered(key),
            cx.signed_payload(signed, session_id(cx)),
        ) {
            (Some(offered), Some(payload)) => {
                let subject = subject(&offered, Stage::Proof);
                let attempt = AnyAttempt::PublicKey(Attempt::Proving(key));
                Step::Send(Outgoing::request(
                    payload,
                    attempt,
                    subject,
                    Proof::Something,
                ))
            }
            _ => self.give_up_key(key, SkipReason::TooLong, report),
        }
    }

    /// The signer did something else than it was asked for. If it can do that only, and the key
    /// may be offered with it, that is worth an offer where the caller allows it.
    fn on_bad_signature(
        &mut self,
        key: KeyId,
        failure: SignerFailure,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        if let BadSignatureReason::WrongAlgorithm { got, .. } = &failure.0
            && cx.config.hash_fallback != HashFallback::Never
            && self.keys.retry_with(key, got, cx)
        {
            return Step::Idle;
        }
        self.give_up_key(key, SkipReason::BadSignature(failure.0), report)
    }

    fn give_up_key(&mut self, key: KeyId, why: SkipReason, report: &mut Report) -> Step {
        if let Some(offered) = self.keys.offered(key) {
            report.skipped(Candidate::Identity(offered.identity.clone()), why);
        }
        self.keys.done(key);
        Step::Idle
    }

    pub(crate) fn on_failure(&mut self, attempt: Attempt, verdict: Verdict, cx: &Context<'_>) {
        let fallback = cx.config.hash_fallback;
        let is_proof = matches!(attempt, Attempt::Proving(_));
        let (key, retries) = match (attempt, verdict) {
            (Attempt::Proving(key), Verdict::PartialSuccess) => return self.keys.done(key),
            (Attempt::Proving(key), Verdict::Refused) => (key, fallback != HashFallback::Never),
            (Attempt::Querying(key), _) => (key, fallback == HashFallback::AfterAnyRefusal),
            (Attempt::ChoosingKeys | Attempt::Signing(_), _) => return,
        };
        if cx.is_not_offered(Method::PublicKey) {
            return self.keys.not_looked_at(key);
        }
        let Some(tried) = self.keys.refused(key) else {
            return;
        };
        // It was offered before the server told that it does not take this algorithm: that is no
        // verdict on the key under another one.
        let is_outdated = !cx.peer.takes(&tried, cx.config);
        if (is_outdated || retries && tried.request.is_rsa())
            // Under the name of its type, a query for another hash would be the same.
            && (is_proof || tried.request.to_plain() == tried.signature)
        {
            self.keys.retry_without(key, &tried.signature, cx);
        }
    }

    /// The server no longer lists the method while the caller signs: the key may be offered anew
    /// if it lists it again.
    pub(crate) fn on_withdrawal(&mut self, attempt: Attempt) {
        if let Attempt::Signing(key) = attempt {
            self.keys.put_back(key);
        }
    }

    pub(crate) fn on_partial_success(&mut self) {
        self.keys.wake_refused();
    }

    pub(crate) fn on_algorithm_list(&mut self) {
        self.keys.wake_without_algorithm();
    }

    /// Says of every key that was never offered that the run ended first.
    pub(crate) fn report_untried(&mut self, report: &mut Report) {
        while let Some(identity) = self.keys.forget_fresh() {
            report.skipped(Candidate::Identity(identity), SkipReason::RunEnded);
        }
    }
}

fn session_id(cx: &Context<'_>) -> SessionId {
    if cx.config.quirks.bare_session_id {
        SessionId::Bare
    } else {
        SessionId::AsString
    }
}

fn subject(offered: &Offered<'_>, stage: Stage) -> Subject {
    Subject {
        method: Method::PublicKey,
        stage,
        identity: Some(offered.identity.clone()),
        algorithm: Some(offered.algorithm.request.clone()),
    }
}

/// The number of signatures is told in the question and decides nothing.
#[cfg(test)]
impl core::hash::Hash for PublicKey {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.keys.hash(state);
    }
}
