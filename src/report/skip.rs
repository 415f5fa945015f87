//! What was not attempted, and why.

use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;

use crate::algorithm::AlgorithmName;
use crate::algorithm_list::AlgorithmList;
use crate::identity::Identity;
use crate::method_name::Method;
use crate::peer::NoAlgorithm;
use crate::report::words::{join, quoted_names};
use crate::signature::BadSignatureReason;

/// Something that was not attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    candidate: Candidate,
    reason: SkipReason,
}

impl Skip {
    pub(super) fn new(candidate: Candidate, reason: SkipReason) -> Self {
        Self { candidate, reason }
    }

    /// What was not attempted.
    #[must_use]
    pub fn candidate(&self) -> &Candidate {
        &self.candidate
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> &SkipReason {
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
pub enum SkipReason {
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

impl From<NoAlgorithm> for SkipReason {
    fn from(none: NoAlgorithm) -> Self {
        Self::NoMutualAlgorithm {
            ours: none.ours,
            theirs: none.theirs,
        }
    }
}

impl SkipReason {
    #[cfg(feature = "serde")]
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::NotListed => "not_listed",
            Self::RunEnded => "run_ended",
            Self::Declined => "declined",
            Self::Duplicate => "duplicate",
            Self::NoMutualAlgorithm { .. } => "no_mutual_algorithm",
            Self::BadSignature(_) => "bad_signature",
            Self::NotConfigured => "not_configured",
            Self::CannotContinue => "cannot_continue",
            Self::NotConfidential => "not_confidential",
            Self::HostBoundUnavailable => "host_bound_unavailable",
            Self::RefusedAtOnce => "refused_at_once",
            Self::TriesSpent => "tries_spent",
            Self::TooManyIdentities => "too_many_identities",
            Self::TooLong => "too_long",
        }
    }
}

/// For people, on one line; lists of the server are cut short.
impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotListed => "not offered by the server",
            Self::RunEnded => "the run ended first",
            Self::Declined => "declined",
            Self::Duplicate => "offered before",
            Self::NoMutualAlgorithm { ours, theirs } => {
                return no_algorithm(ours, theirs.as_ref(), f);
            }
            Self::BadSignature(why) => return fmt::Display::fmt(why, f),
            Self::NotConfigured => "not configured",
            Self::CannotContinue => "could not go on with what the server said",
            Self::NotConfidential => "the connection is not encrypted",
            Self::HostBoundUnavailable => "host-bound signatures are required and unavailable",
            Self::RefusedAtOnce => "refused before anything was asked",
            Self::TriesSpent => "no tries left",
            Self::TooManyIdentities => "more keys were offered than the limit",
            Self::TooLong => "too long for a packet",
        })
    }
}

/// Columns of a list of the server inside a sentence.
const LIST_COLUMNS: usize = 120;

fn no_algorithm(
    ours: &[AlgorithmName],
    theirs: Option<&AlgorithmList>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    f.write_str("no algorithm in common: ")?;
    match ours {
        [] => f.write_str("our policy allows none of the key's")?,
        ours => write!(f, "ours {}", join(ours, ","))?,
    }
    match theirs {
        None => f.write_str(", and the server listed none"),
        Some(list) if list.is_empty() => f.write_str(", and the server's list is empty"),
        Some(list) => write!(
            f,
            ", the server's {}",
            quoted_names(&list.to_string(), LIST_COLUMNS)
        ),
    }
}
