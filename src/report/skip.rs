//! What was not attempted, and why.

use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::algorithm_list::AlgorithmList;
use crate::identity::Identity;
use crate::method_name::Method;
use crate::signature::BadSignatureReason;

/// Something that was not attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    candidate: Candidate,
    reason: Unavailable,
}

impl Skip {
    pub(super) fn new(candidate: Candidate, reason: Unavailable) -> Self {
        Self { candidate, reason }
    }

    /// What was not attempted.
    #[must_use]
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &Unavailable {
        &self.reason
    }
}

/// A method, or one key of the method publickey.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Candidate {
    /// A method as a whole.
    Method(Method),
    /// One key or certificate.
    Identity(Identity),
}

/// Why something was not attempted, or not again.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unavailable {
    /// The server didn't list the method.
    NotListed,
    /// The run ended first.
    RunEnded,
    /// The caller declined.
    Declined,
    /// The same key was offered before.
    Duplicate,
    /// No algorithm is allowed by the key, our policy and the server alike.
    #[non_exhaustive]
    NoMutualAlgorithm {
        /// What the key can do under our policy.
        ours: Vec<AlgorithmName>,
        /// What the server listed, if it did.
        theirs: Option<AlgorithmList>,
    },
    /// The signer's answer could not be used.
    BadSignature(BadSignatureReason),
    /// The configuration or the session lacks what the method needs.
    NotConfigured,
    /// The server spoke, and the method could not go on.
    CannotContinue,
    /// The transport is not confidential.
    NotConfidential,
    /// Signatures must be bound to the host, and the server or the transport can't.
    HostBoundUnavailable,
    /// The server refused the method before it asked anything.
    RefusedAtOnce,
    /// The tries of the method are used up.
    TriesSpent,
    /// The caller offered more keys than the limit.
    TooManyIdentities,
    /// The request would be longer than a packet may be.
    TooLong,
}
