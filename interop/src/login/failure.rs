//! Why there is no login, in one line.

use std::io::ErrorKind;

use ssh_userauth::{ConfigError, Report};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use thiserror::Error;

use crate::blocking::LoginError;
use crate::embedded::EmbeddedError;
use crate::login::channel::ChannelError;
use crate::login::remarks;
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
    pub(super) user: &'a str,
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

    /// `remarks` are the caller's own, such as an agent that could not be reached. The rest is the
    /// machine's diagnosis.
    pub(super) fn login(&self, error: &LoginError, report: &Report, remarks: &[String]) -> Failure {
        let said = |diagnosis: &Diagnosis| {
            let mut parts = remarks.to_vec();
            parts.extend(remarks::of_keys(report, diagnosis, self.user));
            parts.push(diagnosis.to_string());
            parts.join("; ")
        };
        let cause = match (error, report.diagnosis()) {
            (LoginError::GaveUp(_), Some(diagnosis)) => {
                return self.failure(format!("permission denied: {}", said(&diagnosis)));
            }
            // A connection that broke before anything was asked says all by itself.
            (LoginError::Transport(_), Some(diagnosis)) if !report.attempts().is_empty() => {
                return self.failure(said(&diagnosis));
            }
            (LoginError::Transport(error), _) => broken(error),
            (error, _) => error.to_string(),
        };
        self.failure(cause)
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
