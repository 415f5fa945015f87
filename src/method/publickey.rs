//! The method `publickey` (RFC 4252 section 7): query, signature, many keys.

use alloc::collections::VecDeque;
use alloc::sync::Arc;

use crate::algorithm::AlgorithmName;
use crate::config::{HashFallback, HostBound, Pipelining};
use crate::error::ProtocolErrorKind;
use crate::method::{Attempt as AnyAttempt, Context, Earns, Method, Outgoing, Step, Verdict};
use crate::payload::{Content, Proof};
use crate::question::{
    Binding, NeedPublicKey, NeedSignature, Probing, Question, Reply, SignatureTask, SignerFailure,
};
use crate::report::{Candidate, Report, SkipReason, Stage, Subject};
use crate::signature::BadSignatureReason;
use crate::wire::{self, MethodMessage, PkOk, PublicKeySignatureData, RequestMethod};

mod keys;

use keys::{Keys, Offered};

/// The length in front of a `string` (RFC 4251 section 5).
const LENGTH_BYTES: usize = 4;

/// What is remembered between the offers.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct PublicKey {
    keys: Keys,
    /// Keys that the server would take (PK_OK), in the order in which it said so.
    accepted: VecDeque<Offered>,
    /// Signatures asked for.
    signatures: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// The caller is asked for keys.
    ChoosingKeys,
    /// The server is asked about a key.
    Querying(Offered),
    /// The caller is asked for a signature.
    Signing(Offered, Binding),
    /// The server checks a signature.
    Proving(Offered),
}

impl Attempt {
    pub(crate) fn earns(&self) -> Earns {
        match self {
            Self::Proving(_) => Earns::Success,
            Self::ChoosingKeys | Self::Querying(_) | Self::Signing(..) => Earns::KeyQuery,
        }
    }

    #[cfg(test)]
    pub(crate) fn is_query(&self) -> bool {
        matches!(self, Self::Querying(_))
    }

    pub(crate) fn awaiting(&self) -> &'static str {
        match self {
            Self::Proving(_) => "the reply to a signature was awaited",
            Self::ChoosingKeys | Self::Querying(_) | Self::Signing(..) => {
                "the reply to a key query was awaited"
            }
        }
    }
}

impl PublicKey {
    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), SkipReason> {
        if cx.config.host_bound == HostBound::Require && cx.binding_key().is_none() {
            return Err(SkipReason::HostBoundUnavailable);
        }
        if self.keys.is_spent() {
            Err(SkipReason::Declined)
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
        let Some((offered, probing)) = next else {
            return Step::Idle;
        };
        match probing {
            Probing::Unasked => self.ask_signature(offered, cx),
            Probing::Query => self.query(offered, cx, report),
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
        if another && let Some((offered, _)) = self.keys.next_queried(cx, report) {
            return Some(self.query(offered, cx, report));
        }
        let (offered, _) = self.keys.next_unasked(cx, report)?;
        Some(self.ask_signature(offered, cx))
    }

    /// The signature of the next key that the server has accepted already.
    pub(crate) fn next_accepted(&mut self, cx: &Context<'_>) -> Option<Step> {
        let offered = self.accepted.pop_front()?;
        Some(self.ask_signature(offered, cx))
    }

    fn ask_for_keys(&self, cx: &Context<'_>) -> Step {
        let need = NeedPublicKey {
            ticket: cx.ticket,
            login: Arc::clone(cx.login),
            offered: self.keys.offers(),
        };
        let attempt = AnyAttempt::PublicKey(Attempt::ChoosingKeys);
        Step::Ask(Question::PublicKey(need), attempt)
    }

    /// As OpenSSH does it, the query is plain even where the signature will be bound.
    fn query(&mut self, offered: Offered, cx: &Context<'_>, report: &mut Report) -> Step {
        let request = cx.login.request(RequestMethod::PublicKey {
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
            signature: None,
        });
        match cx.payload(&request, Content::Open) {
            Some(payload) => {
                let subject = subject(&offered, Stage::Query);
                let attempt = AnyAttempt::PublicKey(Attempt::Querying(offered));
                Step::Send(Outgoing::request(payload, attempt, subject, Proof::Nothing))
            }
            None => self.give_up_key(offered, SkipReason::TooLong, report),
        }
    }

    fn ask_signature(&mut self, offered: Offered, cx: &Context<'_>) -> Step {
        let host_key = cx.binding_key();
        let data = wire::encode_exact(&PublicKeySignatureData {
            session_id: cx.login.session_id(),
            user: cx.login.user().as_bytes(),
            service: cx.login.service().as_bytes(),
            algorithm: offered.algorithm.request.as_str().as_bytes(),
            key: offered.identity.blob(),
            host_key,
        });
        // Every field is bounded by a limit: it can be encoded.
        let mut data = data.unwrap_or_default();
        if cx.config.quirks.bare_session_id {
            data.drain(..LENGTH_BYTES.min(data.len()));
        }
        self.signatures = self.signatures.saturating_add(1);
        let binding = host_key.map_or(Binding::Plain, |_| Binding::HostBound);
        let need = NeedSignature {
            ticket: cx.ticket,
            login: Arc::clone(cx.login),
            task: SignatureTask {
                identity: offered.identity.clone(),
                algorithm: offered.algorithm.clone(),
                data,
                max_bytes: cx.config.bounds().max_signature_bytes,
            },
            binding,
            number: self.signatures,
        };
        let attempt = AnyAttempt::PublicKey(Attempt::Signing(offered, binding));
        Step::Ask(Question::Signature(need), attempt)
    }

    pub(crate) fn on_reply(
        &mut self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        let (Attempt::Querying(offered), wire::number::USERAUTH_PK_OK) =
            (attempt, message.number())
        else {
            return Err(ProtocolErrorKind::Unexpected);
        };
        let ok = PkOk::decode(message)?;
        // RFC 4252 section 7: the server repeats "public key blob from the request". A server
        // that could name another key could choose which of ours signs.
        if *offered.identity.blob() != *ok.key {
            return Err(ProtocolErrorKind::PkOkKeyMismatch);
        }
        let name = AlgorithmName::from_bytes(ok.algorithm);
        if !name.is_some_and(|name| name.is_sibling_of(&offered.algorithm.request)) {
            return Err(ProtocolErrorKind::PkOkAlgorithm(ok.algorithm.into()));
        }
        self.accepted.push_back(offered);
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
            (Attempt::ChoosingKeys, Reply::Offer(offer)) => self.keys.take(offer, cx, report),
            (Attempt::ChoosingKeys, Reply::Offers(offers)) if !offers.is_empty() => {
                for offer in offers {
                    self.keys.take(offer, cx, report);
                }
            }
            (Attempt::ChoosingKeys, _) => self.keys.none_left(),
            (Attempt::Signing(offered, binding), Reply::Signature(blob)) => {
                return self.prove(offered, binding, &blob, cx, report);
            }
            (Attempt::Signing(offered, _), Reply::SignerFailed(failure)) => {
                return self.on_bad_signature(offered, failure, cx, report);
            }
            (Attempt::Signing(offered, _), _) => {
                return self.give_up_key(offered, SkipReason::Declined, report);
            }
            (Attempt::Querying(_) | Attempt::Proving(_), _) => {}
        }
        Step::Idle
    }

    fn prove(
        &mut self,
        offered: Offered,
        binding: Binding,
        signature: &[u8],
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        let algorithm = offered.algorithm.request.as_str().as_bytes();
        let (key, signature) = (offered.identity.blob(), Some(signature));
        let method = match (binding, cx.login.host_key()) {
            (Binding::HostBound, Some(host_key)) => RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                host_key,
                signature,
            },
            _ => RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            },
        };
        match cx.payload(&cx.login.request(method), Content::Open) {
            Some(payload) => {
                let subject = subject(&offered, Stage::Proof);
                let attempt = AnyAttempt::PublicKey(Attempt::Proving(offered));
                Step::Send(Outgoing::request(
                    payload,
                    attempt,
                    subject,
                    Proof::Something,
                ))
            }
            None => self.give_up_key(offered, SkipReason::TooLong, report),
        }
    }

    /// The signer did something else than it was asked for. If it can do that only, and the key
    /// may be offered with it, that is worth an offer where the caller allows it.
    fn on_bad_signature(
        &mut self,
        offered: Offered,
        failure: SignerFailure,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        if let BadSignatureReason::WrongAlgorithm { got, .. } = &failure.0
            && cx.config.hash_fallback != HashFallback::Never
            && self.keys.retry_with(&offered, got, cx)
        {
            return Step::Idle;
        }
        self.give_up_key(offered, SkipReason::BadSignature(failure.0), report)
    }

    fn give_up_key(&mut self, offered: Offered, why: SkipReason, report: &mut Report) -> Step {
        self.keys.done(&offered);
        report.skipped(Candidate::Identity(offered.identity), why);
        Step::Idle
    }

    pub(crate) fn on_failure(&mut self, attempt: &Attempt, verdict: Verdict, cx: &Context<'_>) {
        let fallback = cx.config.hash_fallback;
        let (offered, retries) = match (attempt, verdict) {
            (Attempt::Proving(offered), Verdict::PartialSuccess) => {
                return self.keys.done(offered);
            }
            (Attempt::Proving(offered), Verdict::Refused) => {
                (offered, fallback != HashFallback::Never)
            }
            (Attempt::Querying(offered), _) => (offered, fallback == HashFallback::AfterAnyRefusal),
            (Attempt::ChoosingKeys | Attempt::Signing(..), _) => return,
        };
        self.keys.refused(offered);
        if retries && offered.algorithm.request.is_rsa() {
            self.keys.retry_without(offered, cx);
        }
    }

    /// The server no longer lists the method while the caller signs: the key may be offered anew
    /// if it lists it again.
    pub(crate) fn on_withdrawal(&mut self, attempt: &Attempt) {
        if let Attempt::Signing(offered, _) = attempt {
            self.keys.put_back(offered);
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
        for identity in self.keys.drain_fresh() {
            report.skipped(Candidate::Identity(identity), SkipReason::RunEnded);
        }
    }
}

fn subject(offered: &Offered, stage: Stage) -> Subject {
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
        (&self.keys, &self.accepted).hash(state);
    }
}
