//! The method `publickey` (RFC 4252 section 7): query, signature, many keys.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::action::{Content, Proof};
use crate::algorithm::AlgorithmName;
use crate::config::HostBound;
use crate::error::ProtocolErrorKind;
use crate::identity::Identity;
use crate::method::{Attempt as AnyAttempt, Context, Earns, Method, Outgoing, Step, Verdict};
use crate::question::{Binding, NeedPublicKey, NeedSignature, Offer, Probing, Question, Reply};
use crate::report::{Candidate as Skipped, Report, SkipReason, Stage, Subject};
use crate::wire::{self, MethodMessage, PkOk, PublicKeySignatureData, RequestMethod};

/// The keys of the run, and whether the caller may have more.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct PublicKey {
    candidates: Vec<Candidate>,
    /// Keys that were never offered, in the caller's order.
    fresh: VecDeque<usize>,
    /// Keys to offer once more, when nobody has a fresh one: a factor was accepted since they
    /// were refused.
    again: VecDeque<usize>,
    /// Keys that the server would take (PK_OK), in the order in which it said so.
    accepted: VecDeque<Offered>,
    more: More,
    /// Offers of the caller, duplicates included: an endless iterator must not loop for ever.
    offers: usize,
    /// Signatures asked for.
    signatures: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum More {
    #[default]
    Possible,
    No,
}

#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Candidate {
    identity: Identity,
    probing: Probing,
    mark: Mark,
}

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mark {
    /// To be offered, or offered and without a verdict.
    Open,
    /// Refused; worth another try after a partial success.
    Refused,
    /// No algorithm fits what the server has listed; another list may come.
    NoAlgorithm,
    /// Gave a factor, or can't sign: never again in this run.
    Done,
}

/// A key together with the algorithm of its offer, which never changes after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Offered {
    key: usize,
    algorithm: AlgorithmName,
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
        if self.more == More::No && self.fresh.is_empty() && self.again.is_empty() {
            Err(SkipReason::Declined)
        } else {
            Ok(())
        }
    }

    /// Offers the next key, or asks the caller for one. Keys that were refused for an earlier
    /// factor come last: a server that closes after a few refusals must hear of the others first.
    pub(crate) fn start(&mut self, cx: &Context<'_>, report: &mut Report) -> Step {
        while let Some(key) = self.fresh.pop_front() {
            if let Some(step) = self.offer(key, cx, report) {
                return step;
            }
        }
        if self.more == More::Possible {
            return self.ask_for_keys(cx);
        }
        while let Some(key) = self.again.pop_front() {
            if let Some(step) = self.offer(key, cx, report) {
                return step;
            }
        }
        Step::Idle
    }

    /// Offers this key, unless no algorithm fits.
    fn offer(&mut self, key: usize, cx: &Context<'_>, report: &mut Report) -> Option<Step> {
        let candidate = self.candidates.get_mut(key)?;
        match cx
            .peer
            .choose_algorithm(&candidate.identity, cx.config.sha1)
        {
            Ok(algorithm) => {
                // Without a list, RSA's hash is a guess: worth a question, not a signature.
                let guessed = algorithm.is_rsa() && !cx.peer.has_algorithm_list();
                let probing = candidate.probing;
                let offered = Offered { key, algorithm };
                Some(match probing {
                    Probing::Unasked if !guessed => self.ask_signature(offered, cx),
                    _ => self.query(offered, cx, report),
                })
            }
            Err(none) => {
                candidate.mark = Mark::NoAlgorithm;
                let identity = candidate.identity.clone();
                report.skipped(Skipped::Identity(identity), none.into());
                None
            }
        }
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
            offered: self.offers,
        };
        let attempt = AnyAttempt::PublicKey(Attempt::ChoosingKeys);
        Step::Ask(Question::PublicKey(need), attempt)
    }

    fn query(&mut self, offered: Offered, cx: &Context<'_>, report: &mut Report) -> Step {
        // As OpenSSH does it, the query is plain even where the signature will be bound.
        let Some(identity) = self.identity(&offered) else {
            return Step::Idle;
        };
        let request = cx.login.request(RequestMethod::PublicKey {
            algorithm: offered.algorithm.as_str().as_bytes(),
            key: identity.blob(),
            signature: None,
        });
        match cx.payload(&request, Content::Open) {
            Some(payload) => Step::Send(Outgoing {
                payload,
                subject: Some(subject(identity, &offered, Stage::Query)),
                attempt: AnyAttempt::PublicKey(Attempt::Querying(offered)),
                proof: Proof::Nothing,
                notice: None,
            }),
            None => self.give_up_key(&offered, SkipReason::TooLong, report),
        }
    }

    fn ask_signature(&mut self, offered: Offered, cx: &Context<'_>) -> Step {
        let Some(identity) = self.identity(&offered) else {
            return Step::Idle;
        };
        let host_key = cx.binding_key();
        let data = wire::encode_exact(&PublicKeySignatureData {
            session_id: cx.login.session_id(),
            user: cx.login.user().as_bytes(),
            service: cx.login.service().as_bytes(),
            algorithm: offered.algorithm.as_str().as_bytes(),
            key: identity.blob(),
            host_key,
        });
        let Ok(data) = data else {
            return Step::Idle;
        };
        let binding = host_key.map_or(Binding::Plain, |_| Binding::HostBound);
        let need = NeedSignature {
            ticket: cx.ticket,
            login: Arc::clone(cx.login),
            identity: identity.clone(),
            algorithm: offered.algorithm.clone(),
            data,
            binding,
            number: self.signatures.saturating_add(1),
            max_bytes: cx.config.limits.max_signature_bytes,
        };
        self.signatures = self.signatures.saturating_add(1);
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
        let same_key = self.identity(&offered).map(Identity::blob) == Some(ok.key);
        if !same_key {
            return Err(ProtocolErrorKind::PkOkKeyMismatch);
        }
        let family = AlgorithmName::from_bytes(ok.algorithm);
        if !family.is_some_and(|name| name.is_sibling_of(&offered.algorithm)) {
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
            (Attempt::ChoosingKeys, Reply::Offer(offer)) => self.take(offer, cx, report),
            (Attempt::ChoosingKeys, Reply::Offers(offers)) if !offers.is_empty() => {
                for offer in offers {
                    self.take(offer, cx, report);
                }
            }
            (Attempt::ChoosingKeys, _) => self.more = More::No,
            (Attempt::Signing(offered, binding), Reply::Signature(blob)) => {
                return self.prove(offered, binding, &blob, cx, report);
            }
            (Attempt::Signing(offered, _), Reply::SignerFailed(failure)) => {
                return self.give_up_key(&offered, SkipReason::BadSignature(failure.0), report);
            }
            (Attempt::Signing(offered, _), _) => {
                return self.give_up_key(&offered, SkipReason::Declined, report);
            }
            (Attempt::Querying(_) | Attempt::Proving(_), _) => {}
        }
        Step::Idle
    }

    fn take(&mut self, offer: Offer, cx: &Context<'_>, report: &mut Report) {
        if self.offers >= cx.config.limits.max_identities {
            if self.more == More::Possible {
                let method = Skipped::Method(Method::PublicKey);
                report.skipped(method, SkipReason::TooManyIdentities);
            }
            self.more = More::No;
            return;
        }
        self.offers += 1;
        let known = |key: &Candidate| key.identity.blob() == offer.identity.blob();
        if self.candidates.iter().any(known) {
            report.skipped(Skipped::Identity(offer.identity), SkipReason::Duplicate);
            return;
        }
        self.fresh.push_back(self.candidates.len());
        self.candidates.push(Candidate {
            identity: offer.identity,
            probing: offer.probing,
            mark: Mark::Open,
        });
    }

    fn prove(
        &mut self,
        offered: Offered,
        binding: Binding,
        signature: &[u8],
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        let Some(identity) = self.identity(&offered) else {
            return Step::Idle;
        };
        let algorithm = offered.algorithm.as_str().as_bytes();
        let (key, signature) = (identity.blob(), Some(signature));
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
            Some(payload) => Step::Send(Outgoing {
                payload,
                subject: Some(subject(identity, &offered, Stage::Proof)),
                attempt: AnyAttempt::PublicKey(Attempt::Proving(offered)),
                proof: Proof::Something,
                notice: None,
            }),
            None => self.give_up_key(&offered, SkipReason::TooLong, report),
        }
    }

    fn give_up_key(&mut self, offered: &Offered, why: SkipReason, report: &mut Report) -> Step {
        if let Some(identity) = self.identity(offered).cloned() {
            report.skipped(Skipped::Identity(identity), why);
        }
        self.mark(offered, Mark::Done);
        Step::Idle
    }

    pub(crate) fn on_failure(&mut self, attempt: &Attempt, verdict: Verdict) {
        match (attempt, verdict) {
            (Attempt::Proving(offered), Verdict::PartialSuccess) => self.mark(offered, Mark::Done),
            (Attempt::Proving(offered) | Attempt::Querying(offered), _) => {
                self.mark(offered, Mark::Refused);
            }
            (Attempt::ChoosingKeys | Attempt::Signing(..), _) => {}
        }
    }

    /// The server no longer lists the method while the caller signs: the key may be offered anew
    /// if it lists it again.
    pub(crate) fn on_withdrawal(&mut self, attempt: &Attempt) {
        if let Attempt::Signing(offered, _) = attempt {
            self.fresh.push_front(offered.key);
        }
    }

    /// The next factor may be one of the keys that were no good for the last.
    pub(crate) fn on_partial_success(&mut self) {
        let woken = wake(&mut self.candidates, Mark::Refused);
        self.again.extend(woken);
    }

    /// Another list of algorithms came.
    pub(crate) fn on_algorithm_list(&mut self) {
        let woken = wake(&mut self.candidates, Mark::NoAlgorithm);
        self.fresh.extend(woken);
    }

    /// Says of every key that was never offered that the run ended first.
    pub(crate) fn report_untried(&mut self, report: &mut Report) {
        for key in self.fresh.drain(..) {
            if let Some(candidate) = self.candidates.get(key) {
                let skipped = Skipped::Identity(candidate.identity.clone());
                report.skipped(skipped, SkipReason::RunEnded);
            }
        }
    }

    fn mark(&mut self, offered: &Offered, mark: Mark) {
        if let Some(key) = self.candidates.get_mut(offered.key) {
            key.mark = mark;
        }
    }

    fn identity(&self, offered: &Offered) -> Option<&Identity> {
        self.candidates.get(offered.key).map(|key| &key.identity)
    }
}

/// The keys with this mark, which they lose.
fn wake(candidates: &mut [Candidate], from: Mark) -> impl Iterator<Item = usize> {
    let marked = candidates.iter_mut().enumerate();
    marked.filter_map(move |(index, key)| {
        let wakes = key.mark == from;
        if wakes {
            key.mark = Mark::Open;
        }
        wakes.then_some(index)
    })
}

fn subject(identity: &Identity, offered: &Offered, stage: Stage) -> Subject {
    Subject {
        method: Method::PublicKey,
        stage,
        identity: Some(identity.clone()),
        algorithm: Some(offered.algorithm.clone()),
    }
}

/// The number of signatures is told in the question and decides nothing.
#[cfg(test)]
impl core::hash::Hash for PublicKey {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (&self.candidates, &self.accepted).hash(state);
        (&self.fresh, &self.again, self.more, self.offers).hash(state);
    }
}
