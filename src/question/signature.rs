//! Sign exactly these bytes.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::identity::Identity;
use crate::login::Login;
use crate::peer::Chosen;
use crate::question::{Answer, Reply, Ticket};
use crate::signature::{self, BadSignatureReason};

/// Sign exactly these bytes with the key of this identity (RFC 4252 section 7).
///
/// Asked at most once for each offer, and never while the verdict on another signature is
/// awaited. The signature may come from anywhere (a file, an agent, a token, a service) and may
/// take its time: packets are handled meanwhile.
///
/// ```
/// # use ssh_userauth::{Answer, BadSignature, NeedSignature};
/// # fn answer(need: NeedSignature, sign: impl Fn(&str, &[u8]) -> Option<Vec<u8>>) -> Answer {
/// match sign(need.algorithm(), need.data()) {
///     Some(blob) => need.signed(blob).unwrap_or_else(BadSignature::decline),
///     None => need.decline(),
/// }
/// # }
/// ```
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedSignature {
    pub(crate) task: SignatureTask,
    pub(crate) binding: Binding,
    pub(crate) number: u32,
}

/// What to sign, with what, and how: what both questions for a signature have.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct SignatureTask {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) identity: Identity,
    pub(crate) algorithm: Chosen,
    pub(crate) data: Vec<u8>,
}

impl SignatureTask {
    fn check(&self, blob: &[u8]) -> Result<(), BadSignatureReason> {
        let limit = self.login.config.bounds().max_signature_bytes;
        signature::check_signature(blob, &self.algorithm.signature, limit)
    }

    pub(crate) fn agent_flags(&self) -> u32 {
        match self.algorithm.signature.as_str() {
            "rsa-sha2-256" => 2,
            "rsa-sha2-512" => 4,
            _ => 0,
        }
    }

    /// RFC 4252 sections 7 and 9: a signed request is what was signed, behind the session
    /// identifier, and the signature as a string.
    fn signed(mut self, blob: &[u8]) -> Answer {
        // At most a limit that fits.
        let length = u32::try_from(blob.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.data.reserve_exact(length.len() + blob.len());
        self.data.extend_from_slice(&length);
        self.data.extend_from_slice(blob);
        Ticket::new(self.question, &self.login).answer(Reply::Signed(self.data))
    }

    pub(crate) fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

/// A question for a signature.
pub(crate) trait Signing: Sized {
    fn task(&self) -> &SignatureTask;

    fn into_task(self) -> SignatureTask;

    /// Takes what the signer made, if it made anything.
    fn take(self, blob: Option<&[u8]>) -> Result<Answer, BadSignature<Self>> {
        let checked = match blob {
            Some(blob) => self.task().check(blob).map(|()| blob),
            None => Err(BadSignatureReason::SignerFailed),
        };
        match checked {
            Ok(blob) => Ok(self.into_task().signed(blob)),
            Err(reason) => Err(BadSignature {
                ticket: Ticket::new(self.task().question, &self.task().login),
                need: Box::new(self),
                reason,
            }),
        }
    }
}

impl Signing for NeedSignature {
    fn task(&self) -> &SignatureTask {
        &self.task
    }

    fn into_task(self) -> SignatureTask {
        self.task
    }
}

/// Whether the data under the signature names the server's host key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Binding {
    Plain,
    HostBound,
}

impl NeedSignature {
    /// Who logs in where: what a signer's user interface says that it is about to approve.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.task.login
    }

    /// Which signature of this run it is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.number
    }

    /// The identity to sign with; always one that was offered.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.task.identity
    }

    /// The algorithm of the request, such as `rsa-sha2-512` or
    /// `rsa-sha2-512-cert-v01@openssh.com`.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.task.algorithm.request.as_str()
    }

    /// The algorithm to sign with, whose name the signature carries: that of the plain key, also
    /// for a certificate. For RSA it says which hash.
    #[must_use]
    pub fn signature_algorithm(&self) -> &str {
        self.task.algorithm.signature.as_str()
    }

    /// The flags of `SSH_AGENTC_SIGN_REQUEST` (draft-ietf-sshm-ssh-agent) with which an agent makes
    /// this signature: 2 for `rsa-sha2-256`, 4 for `rsa-sha2-512`, else 0. Without them an agent
    /// signs with RSA and SHA-1, which is not taken.
    #[must_use]
    pub fn agent_flags(&self) -> u32 {
        self.task.agent_flags()
    }

    /// The exact bytes to sign.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.task.data
    }

    /// Whether the data names the server's host key (`publickey-hostbound-v00@openssh.com`, OpenSSH
    /// PROTOCOL section 3.1), so that the signature is worthless to any other server's session.
    #[must_use]
    pub fn is_host_bound(&self) -> bool {
        self.binding == Binding::HostBound
    }

    /// The signature blob (RFC 4253 section 6.6): the name of the algorithm and the signature.
    /// It is forwarded byte for byte.
    ///
    /// # Errors
    /// The blob is malformed, too long, or made with another algorithm than asked for. Nothing is
    /// sent; the question comes back inside the error.
    pub fn signed(self, blob: impl AsRef<[u8]>) -> Result<Answer, BadSignature> {
        self.take(Some(blob.as_ref()))
    }

    /// This key can't or shall not sign. The next one is tried; this one is not asked again in
    /// this run. Costs no attempt on the server.
    pub fn decline(self) -> Answer {
        self.task.decline()
    }
}

impl fmt::Debug for NeedSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedSignature")
            .field("identity", self.identity())
            .field("algorithm", &self.algorithm())
            .field("binding", &self.binding)
            .finish_non_exhaustive()
    }
}

/// A signature that was not taken, with the question it was meant for.
#[derive(Debug)]
pub struct BadSignature<Question = NeedSignature> {
    ticket: Ticket,
    // Boxed, so that the `Result` of every good signature stays small.
    need: Box<Question>,
    reason: BadSignatureReason,
}

impl<Question> BadSignature<Question> {
    /// What was wrong with it.
    #[must_use]
    pub fn reason(&self) -> &BadSignatureReason {
        &self.reason
    }

    /// The question, still open.
    #[must_use = "the machine waits until the question is answered or declined"]
    pub fn into_question(self) -> Question {
        *self.need
    }

    /// Gives this key up; the report says why.
    pub fn decline(self) -> Answer {
        self.ticket
            .answer(Reply::SignerFailed(SignerFailure(self.reason)))
    }
}

impl<Question> fmt::Display for BadSignature<Question> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reason, f)
    }
}

impl<Question: fmt::Debug> core::error::Error for BadSignature<Question> {}

/// Why a key that was asked to sign is given up.
#[derive(Clone, Debug)]
pub(crate) struct SignerFailure(pub(crate) BadSignatureReason);
