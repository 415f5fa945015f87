//! What a method may look at.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::config::{Config, HostBound, Pipelining};
use crate::identity::Identity;
use crate::login::Login;
use crate::method::{Method, Out};
use crate::method_list::MethodList;
use crate::payload::{Content, Payload};
use crate::peer::{Chosen, HostBoundSupport, Peer};
use crate::plan::Plan;
use crate::question::SignatureTask;
use crate::session::{Confidentiality, KeyExchange};
use crate::wire::{self, Layout};

/// What is known for a whole run, and what the server tells.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Facts {
    pub(crate) login: Arc<Login>,
    /// As the caller last wanted it; that of the configuration is how it began.
    pub(crate) pipelining: Pipelining,
    pub(crate) confidentiality: Confidentiality,
    pub(crate) key_exchange: KeyExchange,
    pub(crate) peer: Peer,
}

impl Facts {
    /// For a call that may ask the question of this number.
    pub(crate) fn context<'a>(&'a self, question: u32, plan: &'a Plan) -> Context<'a> {
        Context {
            login: &self.login,
            config: &self.login.config,
            pipelining: self.pipelining,
            confidentiality: self.confidentiality,
            key_exchange: self.key_exchange,
            peer: &self.peer,
            listed: plan.listed(),
            was_listed: true,
            requests_left: plan.requests_left(&self.login.config),
            question,
        }
    }
}

/// What a method may look at.
pub(crate) struct Context<'a> {
    pub(crate) login: &'a Arc<Login>,
    pub(crate) config: &'a Config,
    pub(crate) pipelining: Pipelining,
    confidentiality: Confidentiality,
    pub(crate) key_exchange: KeyExchange,
    pub(crate) peer: &'a Peer,
    /// The methods that the server listed last.
    pub(crate) listed: Option<&'a MethodList>,
    /// Whether the request that is answered now is one of a method that the server had listed
    /// before the list that comes with the answer.
    pub(crate) was_listed: bool,
    /// How many more requests may be sent.
    pub(crate) requests_left: u32,
    /// The number of the question that may come of this call.
    pub(crate) question: u32,
}

impl<'a> Context<'a> {
    /// Whether the request that is refused now is one of a method that the server had not listed,
    /// and doesn't list now: a guess, and no verdict.
    pub(crate) fn is_not_offered(&self, method: Method) -> bool {
        !self.was_listed && self.listed.is_some_and(|list| !list.contains(method))
    }

    /// Whether a secret may be asked for. RFC 4252 section 8: "Both the server and the client
    /// should check whether the underlying transport layer provides confidentiality".
    pub(crate) fn confidential(&self) -> Result<(), Out> {
        match self.confidentiality {
            Confidentiality::Encrypted => Ok(()),
            Confidentiality::Open => Err(Out::NotConfidential),
        }
    }

    /// Encodes a message into a buffer of exactly its size, or says that no packet could hold it.
    pub(crate) fn payload(&self, message: &impl Layout, content: Content) -> Option<Payload> {
        let bytes = wire::encode_within(MAX_OUTGOING_BYTES, message, 0).ok()?;
        Some(Payload::new(bytes, content))
    }

    /// What a signer gets to do: the data, with room for the signature that is put behind it.
    pub(crate) fn signature_task(
        &self,
        data: &impl Layout,
        identity: &Identity,
        algorithm: &Chosen,
        session_id: SessionId,
    ) -> Option<SignatureTask> {
        let room = signature_room(identity);
        // Nobody need sign what can't be sent.
        let in_front = LENGTH_BYTES + self.login.session_id().len();
        let most = MAX_OUTGOING_BYTES.saturating_add(in_front);
        let mut data = wire::encode_within(most, data, room).ok()?;
        if session_id == SessionId::Bare {
            data.drain(..LENGTH_BYTES.min(data.len()));
        }
        Some(SignatureTask {
            question: self.question,
            login: Arc::clone(self.login),
            identity: identity.clone(),
            algorithm: algorithm.clone(),
            data,
        })
    }

    /// What was signed, with the signature behind it, is the request behind the session
    /// identifier (RFC 4252 sections 7 and 9): what is sent is what was signed.
    pub(crate) fn signed_payload(&self, signed: Vec<u8>, session_id: SessionId) -> Option<Payload> {
        let length = self.login.session_id().len();
        let start = match session_id {
            SessionId::Bare => length,
            SessionId::AsString => LENGTH_BYTES + length,
        };
        if signed.len().checked_sub(start)? > MAX_OUTGOING_BYTES {
            return None;
        }
        Some(Payload::from_position(u8::try_from(start).ok()?, signed))
    }

    /// The host key to bind a signature to, if it shall be bound and can be.
    pub(crate) fn binding_key(&self) -> Option<&'a [u8]> {
        let wanted = self.config.host_bound != HostBound::Never;
        let announced = self.peer.host_bound() == HostBoundSupport::Announced;
        self.login.host_key().filter(|_| wanted && announced)
    }
}

/// How the data under a signature begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionId {
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

/// One of Ed25519: the name, 64 bytes, and three lengths.
const ED25519_SIGNATURE_BYTES: usize = 11 + 64 + 3 * LENGTH_BYTES;

/// How long a signature will be: one of RSA is as long as the key. A wrong guess costs a copy.
fn signature_room(identity: &Identity) -> usize {
    match identity.key_type() {
        "ssh-ed25519" => ED25519_SIGNATURE_BYTES,
        "ssh-rsa" => identity.blob().len(),
        _ => SIGNATURE_BYTES,
    }
}

/// OpenSSH closes the connection on packets above 256 KiB (PACKET_MAX_SIZE).
const MAX_OUTGOING_BYTES: usize = 256 * 1024;
