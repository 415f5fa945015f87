//! Why there is no login, in one line.

use std::io::ErrorKind;

use ssh_userauth::{
    AttemptRecord, Candidate, ConfigError, Ending, GiveUp, Method, Outcome, Report, SkipReason,
    Stage,
};
use thiserror::Error;

use crate::blocking::LoginError;
use crate::embedded::EmbeddedError;
use crate::login::channel::ChannelError;
use crate::transport::TransportError;

/// Why there is no login, or no command. Displayed as one line without control characters.
#[derive(Debug, Error)]
pub(super) enum Failure {
    #[error("{0}")]
    Usage(String),
    #[error("{0}")]
    Setup(String),
    #[error("the embedded server: {0}")]
    Embedded(#[from] EmbeddedError),
    #[error("connect to host {host} port {port}: {error}")]
    Unreachable {
        host: String,
        port: u16,
        error: std::io::Error,
    },
    #[error("{label}: {what}")]
    Login { label: String, what: String },
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::Setup(error.to_string())
    }
}

/// Makes failures of the login of `label`.
#[derive(Debug)]
pub(super) struct Explain<'a> {
    pub(super) label: &'a str,
}

impl Explain<'_> {
    pub(super) fn failure(&self, what: impl Into<String>) -> Failure {
        Failure::Login {
            label: self.label.to_owned(),
            what: what.into(),
        }
    }

    pub(super) fn transport(&self, error: &TransportError) -> Failure {
        self.failure(broken(error))
    }

    pub(super) fn channel(&self, error: &ChannelError) -> Failure {
        self.failure(match error {
            ChannelError::Transport(error) => broken(error),
            error => error.to_string(),
        })
    }

    /// `remarks` are the caller's own, such as an agent that could not be reached.
    pub(super) fn login(&self, error: &LoginError, report: &Report, remarks: &[String]) -> Failure {
        self.failure(match error {
            LoginError::GaveUp(why) => denied(why, report, remarks),
            LoginError::Transport(error) => match tally(report) {
                Some(tally) => format!("{} (after {tally})", broken(error)),
                None => broken(error),
            },
            error => error.to_string(),
        })
    }
}

fn broken(error: &TransportError) -> String {
    match error {
        TransportError::Io(error)
            if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) =>
        {
            "the server did not answer in time".to_owned()
        }
        error => error.to_string(),
    }
}

/// What was tried and what the server offers.
fn denied(why: &GiveUp, report: &Report, remarks: &[String]) -> String {
    let mut reasons: Vec<String> = tally(report).into_iter().collect();
    reasons.extend_from_slice(remarks);
    reasons.extend(report.skips().iter().filter_map(|skip| {
        let reason = reason(skip.candidate(), skip.reason())?;
        Some(match skip.candidate() {
            Candidate::Identity(identity) => format!("{identity}: {reason}"),
            Candidate::Method(method) => format!("{method}: {reason}"),
            _ => reason,
        })
    }));
    // That nothing is left needs no words where it is told what was tried.
    if reasons.is_empty() || why.ending() != Ending::NoMethodLeft {
        reasons.insert(0, why.ending().to_string());
    }
    let mut text = format!("permission denied: {}", reasons.join("; "));
    if let Some(remaining) = why.remaining().filter(|list| !list.is_empty()) {
        text.push_str(&format!(" (server offers: {remaining})"));
    }
    text
}

/// What succeeded and what was refused, in numbers.
fn tally(report: &Report) -> Option<String> {
    let refused = |wanted: fn(&AttemptRecord) -> bool| {
        let refused = |record: &&AttemptRecord| record.outcome() == Outcome::Refused;
        let attempts = report.attempts().iter().filter(refused);
        attempts.filter(|record| wanted(record)).count()
    };
    let keys =
        refused(|record| record.method() == Method::PublicKey && record.stage() == Stage::Query);
    let signatures =
        refused(|record| record.method() == Method::PublicKey && record.stage() == Stage::Proof);
    let passwords = refused(|record| record.method() == Method::Password);
    let dialogues = refused(|record| record.method() == Method::KeyboardInteractive);
    let mut parts: Vec<String> = report
        .factors()
        .iter()
        .map(|factor| format!("{} succeeded", factor.method()))
        .collect();
    for (count, one, many) in [
        (keys, "key", "keys"),
        (signatures, "signature", "signatures"),
        (passwords, "password", "passwords"),
    ] {
        match count {
            0 => {}
            1 => parts.push(format!("1 {one} refused")),
            count => parts.push(format!("{count} {many} refused")),
        }
    }
    match dialogues {
        0 => {}
        1 => parts.push("keyboard-interactive refused".to_owned()),
        count => parts.push(format!("keyboard-interactive refused {count} times")),
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// `None` for what needs no words.
fn reason(candidate: &Candidate, reason: &SkipReason) -> Option<String> {
    Some(match (candidate, reason) {
        // No more keys; and why one did not sign is among the caller's remarks.
        (Candidate::Method(Method::PublicKey) | Candidate::Identity(_), SkipReason::Declined) => {
            return None;
        }
        (Candidate::Method(_), SkipReason::Declined) => "nobody answered".to_owned(),
        (_, SkipReason::NoMutualAlgorithm { .. }) => {
            "the server takes none of its algorithms".to_owned()
        }
        (_, SkipReason::BadSignature(why)) => why.to_string(),
        (_, SkipReason::NotConfidential) => "the connection is not encrypted".to_owned(),
        (_, SkipReason::HostBoundUnavailable) => {
            "the server can't bind signatures to its host key".to_owned()
        }
        (_, SkipReason::TooLong) => "too long for a packet".to_owned(),
        _ => return None,
    })
}
