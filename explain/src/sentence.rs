//! The diagnosis in one sentence.

use alloc::format;
use alloc::string::{String, ToString as _};
use core::fmt;

use ssh_userauth::{
    AbandonReason, AlgorithmList, AlgorithmName, Factor, Identity, Method, MethodList,
    ServerDisconnect, Stage, Unavailable,
};

use crate::Diagnosis;
use crate::names::why_skipped;
use crate::words::{clip, join, line, name_of, quoted, quoted_names};

/// Columns of one value of the server inside a sentence.
const SERVER_COLUMNS: usize = 120;

/// What happened, a semicolon, and advice, on one line.
impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let advice = self.advice();
        write!(f, "{}", self.what())?;
        if advice.is_empty() {
            Ok(())
        } else {
            write!(f, "; {advice}")
        }
    }
}

impl Diagnosis {
    /// What happened.
    pub(super) fn what(&self) -> String {
        match self {
            Self::NothingToTry { .. }
            | Self::NoCommonMethod { .. }
            | Self::MethodsUnknown { .. }
            | Self::NoMethodsOffered
            | Self::MethodRefused { .. }
            | Self::CannotContinue { .. }
            | Self::NotConfidential { .. }
            | Self::SecondFactorMissing { .. } => self.what_of_methods(),
            Self::AllKeysRefused { .. }
            | Self::NoMutualAlgorithm { .. }
            | Self::KeyAcceptedSignatureRefused { .. }
            | Self::KeyNotSigned { .. }
            | Self::HostBoundUnavailable => self.what_of_keys(),
            Self::PasswordRefused { tries } => {
                format!("the server refused the password{}", times(*tries))
            }
            Self::PasswordExpired { changes: 0 } => {
                "the server demands that the password be changed, and no new one was given".into()
            }
            Self::PasswordExpired { changes } => format!(
                "the server demands a new password, and took none of the {} that it was given",
                changes
            ),
            Self::AnswersRefused { tries } => {
                format!(
                    "the server refused the answers to its prompts{}",
                    times(*tries)
                )
            }
            Self::RefusedWhileAsking {
                method,
                times: often,
            } => stopped_waiting(*method, *often),
            _ => self.what_of_the_end(),
        }
    }

    fn what_of_methods(&self) -> String {
        match self {
            Self::NothingToTry { offered, declined } => {
                let missing = match declined.as_slice() {
                    [] => "nothing was given to try".into(),
                    declined => missing(declined),
                };
                format!("{missing}{}", offers(offered.as_ref()))
            }
            Self::NoCommonMethod { offered, allowed } => format!(
                "the server offers {}, and the client may only use {}",
                names(offered),
                join(allowed, ",")
            ),
            Self::MethodsUnknown { offered } => format!(
                "the server offers only what this client does not know: {}",
                names(offered)
            ),
            Self::NoMethodsOffered => "the server offers no way to log in".into(),
            Self::MethodRefused {
                method: Method::None,
            } => "the server does not let this user in without proof".into(),
            Self::MethodRefused {
                method: Method::KeyboardInteractive,
            } => "the server offers keyboard-interactive and refused it before it asked anything"
                .into(),
            Self::MethodRefused { method } => format!("the server refused {method}"),
            Self::CannotContinue { method } => {
                format!("{method} could not go on with what the server said")
            }
            Self::NotConfidential { methods } => format!(
                "the connection is not encrypted, and {} would have shown secrets to everybody",
                join(methods, " and ")
            ),
            Self::SecondFactorMissing {
                accepted,
                wanted,
                refused,
                refused_while_asking,
            } => {
                let but = but_refused(refused, refused_while_asking);
                format!("{}{but}", second_factor(accepted, wanted.as_ref()))
            }
            _ => String::new(),
        }
    }

    fn what_of_keys(&self) -> String {
        match self {
            Self::AllKeysRefused {
                refused,
                first,
                not_offered,
                ..
            } => {
                let refused = match refused {
                    1 => format!(
                        "the server refused the only key that was offered, {}",
                        name_of(first)
                    ),
                    many => format!("the server refused all {many} keys that were offered"),
                };
                match not_offered {
                    0 => refused,
                    more => format!("{refused} ({more} more could not be offered)"),
                }
            }
            Self::NoMutualAlgorithm {
                keys,
                identity,
                ours,
                theirs,
            } => no_algorithm(*keys, identity, ours, theirs.as_ref()),
            Self::KeyAcceptedSignatureRefused {
                identity,
                algorithm,
            } => {
                let with = algorithm.as_ref();
                let with = with.map_or_else(String::new, |name| format!(" with {name}"));
                let name = name_of(identity);
                format!("the server accepted the key {name} and then refused its signature{with}")
            }
            Self::KeyNotSigned {
                identity,
                was_accepted,
                reason,
            } => {
                let name = name_of(identity);
                let key = if *was_accepted {
                    format!("the server accepted the key {name}")
                } else {
                    format!("the key {name} was to be used")
                };
                match reason {
                    Unavailable::Declined => format!("{key}, but nobody signed with it"),
                    reason => {
                        let why = why_skipped(reason);
                        format!("{key}, but its signature could not be used: {why}")
                    }
                }
            }
            Self::HostBoundUnavailable => {
                "keys may only sign for this very host, and the server can't bind signatures to it"
                    .into()
            }
            _ => String::new(),
        }
    }

    fn what_of_the_end(&self) -> String {
        match self {
            Self::RequestsSpent { requests } => {
                format!("the client stopped by itself at its limit of {requests} requests")
            }
            Self::TooManyRefusals {
                refusals,
                disconnect,
                ..
            } => format!(
                "the server closed the connection after {}{}",
                count(*refusals, "refusal"),
                said(Some(disconnect))
            ),
            Self::ServerDisconnected {
                refusals,
                unanswered,
                disconnect,
            } => format!(
                "the server closed the connection{}{}",
                after(*refusals, *unanswered),
                said(disconnect.as_ref())
            ),
            Self::SentAhead {
                refusals,
                unanswered,
                disconnect,
            } => format!(
                "the connection ended{}, with {} unanswered that had been sent ahead{}",
                after(*refusals, 0),
                requests(unanswered),
                said(disconnect.as_ref())
            ),
            Self::UnansweredRequests {
                refusals,
                unanswered,
            } => format!("the connection was lost{}", after(*refusals, *unanswered)),
            Self::ConnectionLost {
                refusals,
                while_asking,
            } => {
                let asking = match while_asking {
                    true => " while the user was asked",
                    false => "",
                };
                format!("the connection was lost{asking}{}", after(*refusals, 0))
            }
            Self::Cancelled => "the login was cancelled".into(),
            Self::Abandoned { reason, unanswered } => {
                format!("{}{}", why_abandoned(*reason), after(0, *unanswered))
            }
            Self::NoUserAuth => "the server does not offer user authentication".into(),
            Self::TrivialSuccess => {
                "the server let us in without any proof, which is not allowed here".into()
            }
            Self::ProtocolViolation(error) => {
                let error = clip(&error.to_string(), 2 * SERVER_COLUMNS);
                format!("the server broke the protocol: {error}")
            }
            _ => String::new(),
        }
    }
}

fn why_abandoned(reason: AbandonReason) -> &'static str {
    match reason {
        AbandonReason::ServerTimeout => "the server took too long to answer",
        AbandonReason::CallerTimeout => "nobody answered in time",
        _ => "the login was abandoned",
    }
}

fn stopped_waiting(method: Method, often: usize) -> String {
    let awaited = match method {
        Method::KeyboardInteractive => "an answer to its prompts".into(),
        Method::Password => "the new password that it demands".into(),
        method => format!("an answer by {method}"),
    };
    format!("the server stopped waiting{} for {awaited}", times(often))
}

fn second_factor(accepted: &[Factor], wanted: Option<&MethodList>) -> String {
    let factor = |factor: &Factor| match factor.identity() {
        Some(identity) => format!("{} ({})", factor.method(), name_of(identity)),
        None => factor.method().to_string(),
    };
    let accepted = join(accepted.iter().map(factor), " and ");
    let wanted = match wanted {
        Some(list) if !list.is_empty() => names(list),
        _ => "another method that it does not name".into(),
    };
    format!("the server accepted {accepted} and wants {wanted} in addition")
}

fn but_refused(refused: &[Method], while_asking: &[Method]) -> String {
    let did = |what: &str, methods: &[Method]| {
        let methods = join(methods, " and ");
        (!methods.is_empty()).then(|| format!("{what} {methods}"))
    };
    let refused = did("refused", refused);
    let waited = did("stopped waiting for an answer by", while_asking);
    match join(refused.into_iter().chain(waited), " and ").as_str() {
        "" => String::new(),
        did => format!(", but {did}"),
    }
}

fn no_algorithm(
    keys: usize,
    identity: &Identity,
    ours: &[AlgorithmName],
    theirs: Option<&AlgorithmList>,
) -> String {
    let which = match keys {
        1 => format!("the key {} could not be offered", name_of(identity)),
        many => format!(
            "none of {many} keys could be offered, such as {}",
            name_of(identity)
        ),
    };
    let ours = match ours {
        // Whatever the server takes.
        [] => return format!("{which}: none of its algorithms is allowed by this client"),
        ours => format!("it signs with {}", join(ours, ",")),
    };
    let theirs = match theirs {
        Some(list) if !list.is_empty() => {
            let list = quoted_names(&list.to_string(), SERVER_COLUMNS);
            format!("the server takes {list}")
        }
        Some(_) => "the server takes none".into(),
        None => "the server did not say what it takes".into(),
    };
    format!("{which}: {ours}, and {theirs}")
}

/// What was not given, in words.
fn missing(declined: &[Method]) -> String {
    let keys = declined.contains(&Method::PublicKey);
    let others = || {
        declined
            .iter()
            .filter(|method| **method != Method::PublicKey)
    };
    let nobody = format!("nobody answered for {}", join(others(), " or "));
    match (keys, others().next()) {
        (true, None) => "no key was given to try".into(),
        (true, Some(_)) => format!("no key was given to try, and {nobody}"),
        (false, _) => nobody,
    }
}

fn offers(list: Option<&MethodList>) -> String {
    list.map_or_else(String::new, |list| {
        format!(" (the server offers {})", names(list))
    })
}

fn names(list: &MethodList) -> String {
    quoted_names(&list.to_string(), SERVER_COLUMNS)
}

fn said(disconnect: Option<&ServerDisconnect>) -> String {
    match disconnect {
        Some(said) if !said.description().is_empty() => {
            let words = quoted(&line(said.description()), SERVER_COLUMNS);
            format!(", saying {words} (code {})", said.code())
        }
        Some(said) => format!(" (code {})", said.code()),
        None => String::new(),
    }
}

fn after(refusals: usize, unanswered: usize) -> String {
    match (refusals, unanswered) {
        (0, 0) => String::new(),
        (refusals, 0) => format!(" after {}", count(refusals, "refusal")),
        (0, open) => format!(", with {} unanswered", count(open, "request")),
        (refusals, open) => format!(
            " after {}, with {} unanswered",
            count(refusals, "refusal"),
            count(open, "request")
        ),
    }
}

/// Which requests, in order: "2 key queries and 1 signature".
fn requests(unanswered: &[(Method, Stage)]) -> String {
    let groups = unanswered.chunk_by(|one, other| one == other);
    let group = |group: &[(Method, Stage)]| match group {
        [(Method::PublicKey, Stage::Query), ..] if group.len() > 1 => {
            format!("{} key queries", group.len())
        }
        [(Method::PublicKey, Stage::Query), ..] => "1 key query".into(),
        [(Method::PublicKey, _), ..] => count(group.len(), "signature"),
        [(method, _), ..] => count(group.len(), &format!("{method} request")),
        [] => String::new(),
    };
    join(groups.map(group), " and ")
}

fn count(number: usize, thing: &str) -> String {
    match number {
        1 => format!("1 {thing}"),
        many => format!("{many} {thing}s"),
    }
}

fn times(tries: usize) -> String {
    match tries {
        0 | 1 => String::new(),
        2 => " twice".into(),
        many => format!(" {many} times"),
    }
}
