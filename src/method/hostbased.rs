//! The method `hostbased` (RFC 4252 section 9): the client's host vouches for its user.

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::method::key_id::KeyId;
use crate::method::{
    Attempt as AnyAttempt, Context, Method, Out, Outgoing, SessionId, Step, Verdict,
};
use crate::payload::Proof;
use crate::question::{NeedHostSignature, Question, Reply};
use crate::report::{Candidate, Report, SkipReason, Stage, Subject};
use crate::wire::HostBasedSignatureData;

/// Which of the host keys were tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HostBased {
    /// How many keys were looked at.
    seen: usize,
    /// None while every key that was looked at was used.
    unused: Option<Box<Unused>>,
    /// The algorithm of the signature that is asked for.
    algorithm: Option<AlgorithmName>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Unused {
    /// Keys that no algorithm fitted; another list may come.
    skipped: Vec<KeyId>,
    /// Keys to look at again: it came, or the server did not look at them.
    again: VecDeque<KeyId>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// The caller is asked for a signature of this key.
    Signing(KeyId),
    /// The server checks that of this key.
    Proving(KeyId),
}

impl HostBased {
    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), Out> {
        match &cx.config.client_host {
            None => Err(Out::NotConfigured),
            Some(host) if host.keys.is_empty() => Err(Out::NotConfigured),
            Some(host) if !self.has_again() && self.seen >= host.keys.len() => Err(Out::TriesSpent),
            Some(_) => Ok(()),
        }
    }

    /// Asks for the signature of the next host key. There is no query: the request is always
    /// signed.
    pub(crate) fn start(&mut self, cx: &Context<'_>, report: &mut Report) -> Step {
        let Some(host) = &cx.config.client_host else {
            return Step::Idle;
        };
        while let Some(key) = self.next_key(host.keys.len()) {
            let Some(identity) = host.keys.get(key.index()) else {
                break;
            };
            let algorithm = match cx.peer.choose_algorithm(identity, cx.config, &[]) {
                Ok(algorithm) => algorithm,
                Err(none) => {
                    report.skipped(Candidate::Identity(identity.clone()), none.into());
                    self.unused.get_or_insert_default().skipped.push(key);
                    continue;
                }
            };
            let data = HostBasedSignatureData {
                session_id: cx.login.session_id(),
                user: cx.login.user().as_bytes(),
                service: cx.login.service().as_bytes(),
                algorithm: algorithm.request.as_str().as_bytes(),
                host_key: identity.blob(),
                client_host: host.name.as_bytes(),
                client_user: host.user.as_bytes(),
            };
            let whole = SessionId::AsString;
            let Some(task) = cx.signature_task(&data, identity, &algorithm, whole) else {
                report.skipped(Candidate::Identity(identity.clone()), SkipReason::TooLong);
                continue;
            };
            self.algorithm = Some(algorithm.request);
            let attempt = AnyAttempt::HostBased(Attempt::Signing(key));
            let need = NeedHostSignature { task };
            return Step::Ask(Question::HostSignature(need), attempt);
        }
        Step::Idle
    }

    fn has_again(&self) -> bool {
        let unused = self.unused.as_ref();
        unused.is_some_and(|unused| !unused.again.is_empty())
    }

    fn next_key(&mut self, keys: usize) -> Option<KeyId> {
        let again = self
            .unused
            .as_mut()
            .and_then(|unused| unused.again.pop_front());
        again.or_else(|| {
            let next = self.seen;
            self.seen = next.saturating_add(1).min(keys);
            (next < keys).then(|| KeyId::at(next)).flatten()
        })
    }

    /// Another list of algorithms came.
    pub(crate) fn on_algorithm_list(&mut self) {
        if let Some(unused) = &mut self.unused {
            unused.again.extend(unused.skipped.drain(..));
        }
    }

    pub(crate) fn on_answer(
        &mut self,
        attempt: Attempt,
        reply: Reply,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        let Attempt::Signing(key) = attempt else {
            return Step::Idle;
        };
        let host = cx.config.client_host.as_ref();
        let Some(identity) = host.and_then(|host| host.keys.get(key.index())) else {
            return Step::Idle;
        };
        let algorithm = self.algorithm.take();
        let why = match reply {
            Reply::Signed(signed) => {
                if let Some(payload) = cx.signed_payload(signed, SessionId::AsString) {
                    let subject = Subject {
                        method: Method::HostBased,
                        stage: Stage::Proof,
                        identity: Some(identity.clone()),
                        algorithm,
                    };
                    let attempt = AnyAttempt::HostBased(Attempt::Proving(key));
                    // Nothing was asked of the user: to him, such a success is trivial.
                    return Step::Send(Outgoing::request(
                        payload,
                        attempt,
                        subject,
                        Proof::Nothing,
                    ));
                }
                SkipReason::TooLong
            }
            Reply::SignerFailed(failure) => SkipReason::BadSignature(failure.0),
            _ => SkipReason::Declined,
        };
        report.skipped(Candidate::Identity(identity.clone()), why);
        Step::Idle
    }

    /// A method that the server had not listed may be listed later, behind another factor: the key
    /// is as good as new.
    pub(crate) fn on_failure(&mut self, attempt: Attempt, verdict: Verdict, cx: &Context<'_>) {
        if let Attempt::Proving(key) = attempt
            && verdict == Verdict::Refused
            && cx.is_not_offered(Method::HostBased)
        {
            self.unused.get_or_insert_default().again.push_front(key);
        }
    }

    /// The server no longer lists the method while the caller signs: the key may be signed with if
    /// it lists it again.
    pub(crate) fn on_withdrawal(&mut self, attempt: Attempt) {
        if let Attempt::Signing(key) = attempt {
            self.unused.get_or_insert_default().again.push_front(key);
        }
    }
}
