//! What both questions for a signature share: the data to sign, and the request that follows from
//! the signature.

use alloc::vec::Vec;
use core::fmt;

use crate::context::Context;
use crate::identity::Identity;
use crate::payload::{Evidence, MAX_PAYLOAD_BYTES, Payload};
use crate::peer::Chosen;
use crate::question::Ticket;
use crate::report::Unavailable;
use crate::signature::{self, BadSignatureReason};
use crate::wire::{Request, SignedData, encode_within};

/// What to sign, with which key, and how.
#[cfg_attr(test, derive(Clone))]
pub(crate) struct SignatureTask {
    pub(crate) identity: Identity,
    pub(crate) algorithm: Chosen,
    /// The data under the signature, with spare capacity for the signature.
    pub(crate) data: Vec<u8>,
}

/// How the data under a signature begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionIdForm {
    /// As the RFC has it.
    AsString,
    /// Without its length: [`Quirks::bare_session_id`](crate::Quirks), for publickey only.
    /// OpenSSH's check of hostbased never had that defect (`auth2-hostbased.c`).
    Bare,
}

/// The length in front of a `string` (RFC 4251 section 5).
const LENGTH_BYTES: usize = 4;

/// Signatures of ECDSA and Ed25519, also of FIDO keys, are no longer, with their names and
/// lengths.
const SIGNATURE_BYTES: usize = 112;

/// A signature of Ed25519: the name, 64 bytes, and three lengths.
const ED25519_SIGNATURE_BYTES: usize = 11 + 64 + 3 * LENGTH_BYTES;

impl SignatureTask {
    pub(crate) fn new(
        request: Request<'_>,
        identity: &Identity,
        algorithm: &Chosen,
        form: SessionIdForm,
        context: &Context,
    ) -> Result<Self, Unavailable> {
        let session_id = context.login.session_id();
        let data = SignedData {
            session_id,
            request,
        };
        // The session identifier is signed and not sent.
        let unsent = LENGTH_BYTES + session_id.len();
        let limit = MAX_PAYLOAD_BYTES.saturating_add(unsent);
        let data = encode_within(limit, &data, expected_signature_bytes(identity));
        let mut data = data.map_err(|_| Unavailable::TooLong)?;
        if form == SessionIdForm::Bare {
            data.drain(..LENGTH_BYTES.min(data.len()));
        }
        Ok(Self {
            identity: identity.clone(),
            algorithm: algorithm.clone(),
            data,
        })
    }

    pub(crate) fn agent_flags(&self) -> u32 {
        match self.algorithm.signature.as_str() {
            "rsa-sha2-256" => 2,
            "rsa-sha2-512" => 4,
            _ => 0,
        }
    }

    /// Checks a signature, or its absence, for the question that this task belongs to.
    pub(crate) fn check<'a>(
        &self,
        blob: Option<&'a [u8]>,
        ticket: &Ticket,
    ) -> Result<&'a [u8], BadSignatureReason> {
        let limit = ticket.login().config.limits.max_signature_bytes;
        let blob = blob.ok_or(BadSignatureReason::SignerFailed)?;
        signature::check_signature(blob, &self.algorithm.signature, limit)?;
        Ok(blob)
    }

    /// RFC 4252 sections 7 and 9: a signed request is what was signed, after the session
    /// identifier, and the signature as a string.
    pub(crate) fn append(mut self, blob: &[u8]) -> Vec<u8> {
        // A signature that was checked is not longer than a limit that fits.
        let length = u32::try_from(blob.len()).unwrap_or(u32::MAX).to_be_bytes();
        self.data.reserve_exact(length.len() + blob.len());
        self.data.extend_from_slice(&length);
        self.data.extend_from_slice(blob);
        self.data
    }
}

impl fmt::Debug for SignatureTask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignatureTask")
            .field("identity", &self.identity)
            .field("algorithm", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// What both questions for a signature have, in their `impl`.
macro_rules! of_signature_task {
    () => {
        /// The identity to sign with; always one that was offered.
        #[must_use]
        pub fn identity(&self) -> &crate::identity::Identity {
            &self.task.identity
        }

        /// The algorithm of the request, such as `rsa-sha2-512` or
        /// `rsa-sha2-512-cert-v01@openssh.com`.
        #[must_use]
        pub fn algorithm(&self) -> &str {
            self.task.algorithm.request.as_str()
        }

        /// The algorithm to sign with, whose name the signature carries: that of the plain key,
        /// also for a certificate. For RSA it says which hash.
        #[must_use]
        pub fn signature_algorithm(&self) -> &str {
            self.task.algorithm.signature.as_str()
        }

        /// The flags of `SSH_AGENTC_SIGN_REQUEST` (draft-ietf-sshm-ssh-agent) with which an
        /// agent makes this signature: 2 for `rsa-sha2-256`, 4 for `rsa-sha2-512`, else 0.
        /// Without them an agent signs with RSA and SHA-1, which is rejected.
        #[must_use]
        pub fn agent_flags(&self) -> u32 {
            self.task.agent_flags()
        }

        /// The exact bytes to sign.
        #[must_use]
        pub fn data(&self) -> &[u8] {
            &self.task.data
        }

        /// The signature blob (RFC 4253 section 6.6): the name of the algorithm and the
        /// signature. It is forwarded byte for byte.
        ///
        /// # Errors
        /// The blob is malformed, too long, or made with another algorithm than asked for.
        pub fn signed(
            self,
            blob: impl AsRef<[u8]>,
        ) -> Result<crate::question::Answer, crate::question::Rejected<Self>> {
            self.take(Some(blob.as_ref()))
        }

        /// Takes what the signer made, if it made anything.
        pub(crate) fn take(
            self,
            blob: Option<&[u8]>,
        ) -> Result<crate::question::Answer, crate::question::Rejected<Self>> {
            use crate::question::AnswerContent;

            match self.task.check(blob, &self.ticket) {
                Ok(blob) => {
                    let signed = self.task.append(blob);
                    Ok(self.ticket.answer(AnswerContent::Signed(signed)))
                }
                Err(reason) => {
                    let failed = AnswerContent::BadSignature(reason.clone());
                    let declined = self.ticket.clone().answer(failed);
                    Err(crate::question::Rejected::new(
                        self,
                        declined,
                        reason.into(),
                    ))
                }
            }
        }
    };
}

pub(crate) use of_signature_task;

/// The request that follows from signed data: what is sent is what was signed.
pub(crate) fn signed_request(
    signed: Vec<u8>,
    form: SessionIdForm,
    context: &Context,
) -> Result<Payload, Unavailable> {
    let length = context.login.session_id().len();
    let start = match form {
        SessionIdForm::Bare => length,
        SessionIdForm::AsString => LENGTH_BYTES + length,
    };
    let sent = signed.len().checked_sub(start);
    let fits = sent.is_some_and(|sent| sent <= MAX_PAYLOAD_BYTES);
    match u8::try_from(start) {
        Ok(start) if fits => Ok(Payload::signed(start, signed, Evidence::Something)),
        _ => Err(Unavailable::TooLong),
    }
}

/// How long a signature of this key will be; an RSA signature is as long as its key. If this is too
/// small, the buffer is reallocated.
fn expected_signature_bytes(identity: &Identity) -> usize {
    match identity.key_type() {
        "ssh-ed25519" => ED25519_SIGNATURE_BYTES,
        "ssh-rsa" => identity.blob().len(),
        _ => SIGNATURE_BYTES,
    }
}
