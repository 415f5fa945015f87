//! Sign exactly these bytes with a key of the client's host.

use core::fmt;

use crate::config::ClientHost;
use crate::identity::Identity;
use crate::login::Login;
use crate::question::{Answer, BadSignature, SignatureTask, Signing};

/// Sign exactly these bytes with a key of the client's host (RFC 4252 section 9, `hostbased`).
///
/// Usually a privileged helper does that, as OpenSSH's `ssh-keysign`. Declining gives this host
/// key up; the next one of [`ClientHost`] is tried.
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedHostSignature {
    pub(crate) task: SignatureTask,
}

impl NeedHostSignature {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.task.login
    }

    /// The host key to sign with.
    #[must_use]
    pub fn identity(&self) -> &Identity {
        &self.task.identity
    }

    /// The algorithm of the request.
    #[must_use]
    pub fn algorithm(&self) -> &str {
        self.task.algorithm.request.as_str()
    }

    /// The algorithm to sign with, whose name the signature carries.
    #[must_use]
    pub fn signature_algorithm(&self) -> &str {
        self.task.algorithm.signature.as_str()
    }

    /// As [`NeedSignature::agent_flags`](crate::NeedSignature::agent_flags).
    #[must_use]
    pub fn agent_flags(&self) -> u32 {
        self.task.agent_flags()
    }

    /// The exact bytes to sign.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.task.data
    }

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
        self.task.login.config.client_host.as_deref()
    }

    /// The signature blob (RFC 4253 section 6.6), forwarded byte for byte.
    ///
    /// # Errors
    /// As [`NeedSignature::signed`](crate::NeedSignature::signed).
    pub fn signed(self, blob: impl AsRef<[u8]>) -> Result<Answer, BadSignature<Self>> {
        self.take(Some(blob.as_ref()))
    }

    /// This host key can't or shall not sign.
    pub fn decline(self) -> Answer {
        self.task.decline()
    }
}

impl Signing for NeedHostSignature {
    fn task(&self) -> &SignatureTask {
        &self.task
    }

    fn into_task(self) -> SignatureTask {
        self.task
    }
}

impl fmt::Debug for NeedHostSignature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedHostSignature")
            .field("identity", self.identity())
            .field("algorithm", &self.algorithm())
            .field("client_host", &self.client_host())
            .finish_non_exhaustive()
    }
}
