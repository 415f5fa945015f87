//! The method `hostbased` (RFC 4252 section 9): the client's host vouches for its user.

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::method::{Attempt as AnyAttempt, Context, Method, Outgoing, Step};
use crate::payload::{Content, Proof};
use crate::peer::Chosen;
use crate::question::{NeedHostSignature, Question, Reply, SignatureTask};
use crate::report::{Candidate, Report, SkipReason, Stage, Subject};
use crate::wire::{self, HostBasedSignatureData, RequestMethod};

/// Which of the host keys were tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HostBased {
    /// The first key that was not looked at yet.
    next: usize,
    /// Keys that no algorithm fitted; another list may come.
    skipped: Vec<usize>,
    /// Keys to look at again, since it came.
    again: VecDeque<usize>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// The caller is asked for a signature of this key.
    Signing { key: usize, algorithm: Chosen },
    /// The server checks it.
    Proving,
}

impl HostBased {
    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), SkipReason> {
        match &cx.config.client_host {
            None => Err(SkipReason::NotConfigured),
            Some(host) if host.keys.is_empty() => Err(SkipReason::NotConfigured),
            Some(host) if self.again.is_empty() && self.next >= host.keys.len() => {
                Err(SkipReason::TriesSpent)
            }
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
            let Some(identity) = host.keys.get(key) else {
                break;
            };
            let algorithm = match cx.peer.choose_algorithm(identity, cx.config, &[]) {
                Ok(algorithm) => algorithm,
                Err(none) => {
                    report.skipped(Candidate::Identity(identity.clone()), none.into());
                    self.skipped.push(key);
                    continue;
                }
            };
            let data = wire::encode_exact(&HostBasedSignatureData {
                session_id: cx.login.session_id(),
                user: cx.login.user().as_bytes(),
                service: cx.login.service().as_bytes(),
                algorithm: algorithm.request.as_str().as_bytes(),
                host_key: identity.blob(),
                client_host: host.name.as_bytes(),
                client_user: host.user.as_bytes(),
            });
            let Ok(data) = data else {
                report.skipped(Candidate::Identity(identity.clone()), SkipReason::TooLong);
                continue;
            };
            let need = NeedHostSignature {
                ticket: cx.ticket,
                login: Arc::clone(cx.login),
                task: SignatureTask {
                    identity: identity.clone(),
                    algorithm: algorithm.clone(),
                    data,
                    max_bytes: cx.config.bounds().max_signature_bytes,
                },
                client_host: host.name.clone(),
                client_user: host.user.clone(),
            };
            let attempt = AnyAttempt::HostBased(Attempt::Signing { key, algorithm });
            return Step::Ask(Question::HostSignature(need), attempt);
        }
        Step::Idle
    }

    fn next_key(&mut self, keys: usize) -> Option<usize> {
        self.again.pop_front().or_else(|| {
            let next = self.next;
            self.next = next.saturating_add(1).min(keys);
            (next < keys).then_some(next)
        })
    }

    /// Another list of algorithms came.
    pub(crate) fn on_algorithm_list(&mut self) {
        self.again.extend(self.skipped.drain(..));
    }

    pub(crate) fn on_answer(
        &self,
        attempt: Attempt,
        reply: Reply,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        let Attempt::Signing { key, algorithm } = attempt else {
            return Step::Idle;
        };
        let host = cx.config.client_host.as_ref();
        let Some((host, identity)) = host.and_then(|host| Some((host, host.keys.get(key)?))) else {
            return Step::Idle;
        };
        let why = match reply {
            Reply::Signature(signature) => {
                let request = cx.login.request(RequestMethod::HostBased {
                    algorithm: algorithm.request.as_str().as_bytes(),
                    host_key: identity.blob(),
                    client_host: host.name.as_bytes(),
                    client_user: host.user.as_bytes(),
                    signature: &signature,
                });
                if let Some(payload) = cx.payload(&request, Content::Open) {
                    let subject = Subject {
                        method: Method::HostBased,
                        stage: Stage::Proof,
                        identity: Some(identity.clone()),
                        algorithm: Some(algorithm.request),
                    };
                    let attempt = AnyAttempt::HostBased(Attempt::Proving);
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
}
