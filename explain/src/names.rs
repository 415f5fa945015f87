//! Names and words for the values of the ledger.
//!
//! The names don't change: programs read them. Values that a later version of the core adds have
//! none yet.

use alloc::format;
use alloc::string::{String, ToString as _};

#[cfg(feature = "serde")]
use ssh_userauth::{AbandonReason, Ending};
use ssh_userauth::{AlgorithmList, AlgorithmName, Outcome, Stage, Unavailable};

use crate::words::{join, quoted_names};

const OTHER: &str = "other";

/// Columns of a list of the server inside a sentence.
const LIST_COLUMNS: usize = 120;

pub(crate) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Query => "query",
        Stage::Proof => "proof",
        _ => OTHER,
    }
}

pub(crate) fn outcome(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Unanswered => "unanswered",
        Outcome::KeyAccepted => "key accepted",
        Outcome::NewPasswordDemanded => "new password demanded",
        Outcome::Refused => "refused",
        Outcome::RefusedWhileAsking => "refused while asking",
        Outcome::PartialSuccess => "partial success",
        Outcome::Success => "success",
        Outcome::Unimplemented => "unimplemented",
        Outcome::Abandoned => "abandoned",
        _ => OTHER,
    }
}

#[cfg(feature = "serde")]
pub(crate) fn ending(ending: Ending) -> &'static str {
    match ending {
        Ending::NoMethodLeft => "no_method_left",
        Ending::RequestsSpent => "requests_spent",
        Ending::Cancelled => "cancelled",
        Ending::Abandoned(AbandonReason::ServerTimeout) => "server_timeout",
        Ending::Abandoned(AbandonReason::CallerTimeout) => "caller_timeout",
        Ending::Abandoned(AbandonReason::Other) => "abandoned",
        Ending::ServerDisconnected => "server_disconnected",
        Ending::ConnectionLost => "connection_lost",
        Ending::NoUserAuth => "no_user_auth",
        Ending::TrivialSuccess => "trivial_success",
        _ => OTHER,
    }
}

#[cfg(feature = "serde")]
pub(crate) fn skip_reason(reason: &Unavailable) -> &'static str {
    match reason {
        Unavailable::NotListed => "not_listed",
        Unavailable::RunEnded => "run_ended",
        Unavailable::Declined => "declined",
        Unavailable::Duplicate => "duplicate",
        Unavailable::NoMutualAlgorithm { .. } => "no_mutual_algorithm",
        Unavailable::BadSignature(_) => "bad_signature",
        Unavailable::NotConfigured => "not_configured",
        Unavailable::CannotContinue => "cannot_continue",
        Unavailable::NotConfidential => "not_confidential",
        Unavailable::HostBoundUnavailable => "host_bound_unavailable",
        Unavailable::RefusedAtOnce => "refused_at_once",
        Unavailable::TriesSpent => "tries_spent",
        Unavailable::TooManyIdentities => "too_many_identities",
        Unavailable::TooLong => "too_long",
        _ => OTHER,
    }
}

/// Why something was skipped, on one line; lists of the server are cut short.
pub(crate) fn why_skipped(reason: &Unavailable) -> String {
    let why = match reason {
        Unavailable::NotListed => "not offered by the server",
        Unavailable::RunEnded => "the run ended first",
        Unavailable::Declined => "declined",
        Unavailable::Duplicate => "offered before",
        Unavailable::NoMutualAlgorithm { ours, theirs, .. } => {
            return no_algorithm(ours, theirs.as_ref());
        }
        Unavailable::BadSignature(why) => return why.to_string(),
        Unavailable::NotConfigured => "not configured",
        Unavailable::CannotContinue => "could not go on with what the server said",
        Unavailable::NotConfidential => "the connection is not encrypted",
        Unavailable::HostBoundUnavailable => "host-bound signatures are required and unavailable",
        Unavailable::RefusedAtOnce => "refused before anything was asked",
        Unavailable::TriesSpent => "no tries left",
        Unavailable::TooManyIdentities => "more keys were offered than the limit",
        Unavailable::TooLong => "too long for a packet",
        _ => OTHER,
    };
    why.into()
}

fn no_algorithm(ours: &[AlgorithmName], theirs: Option<&AlgorithmList>) -> String {
    let ours = match ours {
        [] => "our policy allows none of the key's".into(),
        ours => format!("ours {}", join(ours, ",")),
    };
    let theirs = match theirs {
        None => "and the server listed none".into(),
        Some(list) if list.is_empty() => "and the server's list is empty".into(),
        Some(list) => {
            let list = quoted_names(&list.to_string(), LIST_COLUMNS);
            format!("the server's {list}")
        }
    };
    format!("no algorithm in common: {ours}, {theirs}")
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    use core::fmt::Debug;

    use super::*;

    /// The name of the variant, as `in_this_form`.
    fn name_of(value: &impl Debug) -> String {
        let debug = format!("{value:?}");
        let variant: String = debug
            .chars()
            .take_while(char::is_ascii_alphanumeric)
            .collect();
        let mut name = String::new();
        for letter in variant.chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('_');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    #[test]
    fn of_each_outcome_and_ending() {
        for value in [
            Outcome::Unanswered,
            Outcome::KeyAccepted,
            Outcome::NewPasswordDemanded,
            Outcome::Refused,
            Outcome::RefusedWhileAsking,
            Outcome::PartialSuccess,
            Outcome::Success,
            Outcome::Unimplemented,
            Outcome::Abandoned,
        ] {
            let name = outcome(value).replace(' ', "_");
            assert_eq!(name, name_of(&value));
        }
        for value in [
            Ending::NoMethodLeft,
            Ending::RequestsSpent,
            Ending::Cancelled,
            Ending::ServerDisconnected,
            Ending::ConnectionLost,
            Ending::NoUserAuth,
            Ending::TrivialSuccess,
        ] {
            assert_eq!(ending(value), name_of(&value));
            assert!(value.to_string().len() > 10);
        }
        for (reason, name) in [
            (AbandonReason::ServerTimeout, "server_timeout"),
            (AbandonReason::CallerTimeout, "caller_timeout"),
            (AbandonReason::Other, "abandoned"),
        ] {
            assert_eq!(ending(Ending::Abandoned(reason)), name);
        }
    }
}
