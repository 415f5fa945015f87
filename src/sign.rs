//! What both questions for a signature share: the data to sign, and the request that follows from
//! the signature.

use alloc::vec::Vec;

use crate::context::Context;
use crate::identity::Identity;
use crate::payload::{Evidence, MAX_PAYLOAD_BYTES, Payload};
use crate::peer::Chosen;
use crate::question::{Answer, AnswerContent, Rejected, Rejection, Ticket};
use crate::report::Unavailable;
use crate::signature::{self, BadSignatureReason};
use crate::wire::{Layout, encode_within};

/// What to sign, with which key, and how.
#[derive(Debug)]
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
        data: &impl Layout,
        identity: &Identity,
        algorithm: &Chosen,
        form: SessionIdForm,
        context: &Context,
    ) -> Result<Self, Unavailable> {
        // The session identifier is signed and not sent.
        let unsent = LENGTH_BYTES + context.login.session_id().len();
        let limit = MAX_PAYLOAD_BYTES.saturating_add(unsent);
        let data = encode_within(limit, data, expected_signature_bytes(identity));
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

    /// The flags of `SSH_AGENTC_SIGN_REQUEST` (draft-ietf-sshm-ssh-agent).
    pub(crate) fn agent_flags(&self) -> u32 {
        match self.algorithm.signature.as_str() {
            "rsa-sha2-256" => 2,
            "rsa-sha2-512" => 4,
            _ => 0,
        }
    }

    /// Checks a signature, or its absence, for the question that this task belongs to.
    pub(crate) fn check(
        &self,
        blob: Option<&[u8]>,
        ticket: &Ticket,
    ) -> Result<(), BadSignatureReason> {
        let limit = ticket.login().config.limits.max_signature_bytes;
        let blob = blob.ok_or(BadSignatureReason::SignerFailed)?;
        signature::check_signature(blob, &self.algorithm.signature, limit)
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

/// A question for a signature.
pub(crate) trait Signing: Sized {
    fn task(&self) -> &SignatureTask;

    fn ticket(&self) -> &Ticket;

    fn into_parts(self) -> (Ticket, SignatureTask);

    /// Takes what the signer made, if it made anything.
    fn take(self, blob: Option<&[u8]>) -> Result<Answer, Rejected<Self>> {
        if let Err(reason) = self.task().check(blob, self.ticket()) {
            let failed = AnswerContent::BadSignature(reason.clone());
            let declined = self.ticket().clone().answer(failed);
            return Err(Rejected::new(
                self,
                declined,
                Rejection::BadSignature(reason),
            ));
        }
        let (ticket, task) = self.into_parts();
        Ok(ticket.answer(AnswerContent::Signed(task.append(blob.unwrap_or_default()))))
    }
}

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
