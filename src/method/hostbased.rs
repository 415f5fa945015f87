//! The method `hostbased` (RFC 4252 section 9): the client's host vouches for its user.

use crate::algorithm::AlgorithmName;
use crate::config::ClientHost;
use crate::identity::Identity;
use crate::method_name::Method;
use crate::question::{Answer, AnswerContent, Ticket, of_ticket};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Verdict};
use crate::sign::{SessionIdForm, SignatureTask, of_signature_task, signed_request};
use crate::wire::RequestMethod;
use alloc::collections::VecDeque;
use alloc::vec::Vec;

/// Sign exactly these bytes with a key of the client's host (RFC 4252 section 9, `hostbased`).
///
/// Usually a privileged helper does that, as OpenSSH's `ssh-keysign`. Declining gives this host
/// key up; the next one of [`ClientHost`] is tried.
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedHostSignature {
    ticket: Ticket,
    task: SignatureTask,
}

impl NeedHostSignature {
    of_ticket!();
    of_signature_task!();

    /// The name of the client's host in the request.
    #[must_use]
    pub fn client_host(&self) -> &str {
        self.host().map_or("", |host| &host.name)
    }

    /// The user on the client's host in the request.
    #[must_use]
    pub fn client_user(&self) -> &str {
        self.host().map_or("", |host| &host.user)
    }

    fn host(&self) -> Option<&ClientHost> {
        self.login().config.client_host.as_deref()
    }

    /// This host key can't or shall not sign.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

/// The key is meant by its position in [`ClientHost`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    /// The caller is asked for a signature of this key.
    Signing(usize),
    /// The server checks that of this key.
    Proving(usize),
}

/// Which of the host keys were tried.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct HostBased {
    /// How many keys were considered.
    seen: usize,
    /// Keys that no algorithm fitted; another list may come.
    without_algorithm: Vec<usize>,
    /// Keys to consider again: another list came, or the server did not look at them.
    again: VecDeque<usize>,
    /// The algorithm of the signature that is asked for.
    algorithm: Option<AlgorithmName>,
}

impl HostBased {
    /// Whether there is a key of the host to try.
    pub(crate) fn has_candidate(&self, host: &ClientHost) -> bool {
        !self.again.is_empty() || self.seen < host.keys.len()
    }

    /// Asks for the signature of the next host key. There is no query: the request is always
    /// signed.
    pub(crate) fn start(
        &mut self,
        run: &mut Run<impl Asks<NeedHostSignature>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        while let Some((key, identity)) = self.next_key(run) {
            match self.task(&identity, run) {
                Ok(task) => {
                    let ticket = run.ticket();
                    let need = NeedHostSignature { ticket, task };
                    return Ok(run.ask(need, Dialogue::Signing(key)));
                }
                Err(why) => {
                    if matches!(why, Unavailable::NoMutualAlgorithm { .. }) {
                        self.without_algorithm.push(key);
                    }
                    run.skip(identity, why);
                }
            }
        }
        Err(Unavailable::TriesSpent)
    }

    fn next_key<Q>(&mut self, run: &Run<Q>) -> Option<(usize, Identity)> {
        let host = run.context.config().client_host.as_ref()?;
        let key = self.again.pop_front().or_else(|| {
            let next = self.seen;
            self.seen = next.saturating_add(1).min(host.keys.len());
            Some(next)
        })?;
        Some((key, host.keys.get(key)?.clone()))
    }

    fn task<Q>(&mut self, identity: &Identity, run: &Run<Q>) -> Result<SignatureTask, Unavailable> {
        let context = &run.context;
        let host = context.config().client_host.as_ref();
        let host = host.ok_or(Unavailable::NotConfigured)?;
        let algorithm = context.choose_algorithm(identity, &[])?;
        let request = context.login.request(RequestMethod::HostBased {
            algorithm: algorithm.request.as_str().as_bytes(),
            host_key: identity.blob(),
            client_host: host.name.as_bytes(),
            client_user: host.user.as_bytes(),
        });
        let form = SessionIdForm::AsString;
        let task = SignatureTask::new(request, identity, &algorithm, form, context)?;
        self.algorithm = Some(algorithm.request);
        Ok(task)
    }

    /// Sends the request, or gives the key up. `None`: nothing is awaited, and the plan decides.
    pub(crate) fn on_answer<Q>(
        &mut self,
        dialogue: Dialogue,
        answer: AnswerContent,
        run: &mut Run<Q>,
    ) -> Option<Begun<Dialogue>> {
        let Dialogue::Signing(key) = dialogue else {
            return None;
        };
        let host = run.context.config().client_host.as_ref();
        let identity = host.and_then(|host| host.keys.get(key)).cloned()?;
        let algorithm = self.algorithm.take()?;
        let request = match answer {
            AnswerContent::Signed(signed) => {
                signed_request(signed, SessionIdForm::AsString, &run.context)
            }
            AnswerContent::BadSignature(reason) => Err(Unavailable::BadSignature(reason)),
            _ => Err(Unavailable::Declined),
        };
        match request {
            Ok(payload) => {
                let attempt = AttemptRecord::proof(Method::HostBased);
                let attempt = attempt.with_key(identity, algorithm);
                Some(run.request(attempt, payload, Dialogue::Proving(key)))
            }
            Err(why) => {
                run.skip(identity, why);
                None
            }
        }
    }

    pub(crate) fn on_verdict(&mut self, dialogue: Dialogue, verdict: Verdict) {
        if let (Dialogue::Proving(key), Verdict::NotJudged) = (dialogue, verdict) {
            self.again.push_front(key);
        }
    }

    /// The server no longer lists the method while the caller signs. The key may be used if the
    /// server lists it again.
    pub(crate) fn on_withdrawal(&mut self, dialogue: Dialogue) {
        if let Dialogue::Signing(key) = dialogue {
            self.again.push_front(key);
        }
    }

    /// Keys that were skipped for want of an algorithm may be used now.
    pub(crate) fn on_algorithm_list(&mut self) {
        self.again.extend(self.without_algorithm.drain(..));
    }
}
