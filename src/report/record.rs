//! The requests of the ledger, and the ends of a run.

use core::fmt;

use crate::algorithm::AlgorithmName;
use crate::identity::Identity;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::notice::Factor;
use crate::text::ServerText;

/// One `SSH_MSG_USERAUTH_REQUEST` and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    method: Method,
    stage: Stage,
    identity: Option<Identity>,
    algorithm: Option<AlgorithmName>,
    rounds: u32,
    outcome: Outcome,
    methods_after: Option<MethodList>,
}

impl AttemptRecord {
    /// A request that is meant to authenticate.
    pub(crate) fn proof(method: Method) -> Self {
        Self {
            method,
            stage: Stage::Proof,
            identity: None,
            algorithm: None,
            rounds: 0,
            outcome: Outcome::Unanswered,
            methods_after: None,
        }
    }

    /// A request that only asks.
    pub(crate) fn query(method: Method) -> Self {
        Self {
            stage: Stage::Query,
            ..Self::proof(method)
        }
    }

    /// With the key of the request, and its algorithm.
    pub(crate) fn with_key(self, identity: Identity, algorithm: AlgorithmName) -> Self {
        Self {
            identity: Some(identity),
            algorithm: Some(algorithm),
            ..self
        }
    }

    /// The server went on with the dialogue. In that of a password there is only one thing that
    /// it can say (RFC 4252 section 8).
    pub(super) fn spoke(&mut self) {
        self.rounds = self.rounds.saturating_add(1);
        if self.method() == Method::Password {
            self.outcome = Outcome::NewPasswordDemanded;
        }
    }

    pub(super) fn answered(&mut self, outcome: Outcome, after: Option<MethodList>) {
        self.outcome = outcome;
        self.methods_after = after;
    }

    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// Whether it asked, or proved.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.stage
    }

    /// The key or certificate, for methods with one.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// The algorithm of the request, for methods with one.
    #[must_use]
    pub fn algorithm(&self) -> Option<&AlgorithmName> {
        self.algorithm.as_ref()
    }

    /// How many messages of its dialogue the server sent: rounds of prompts, demands for a new
    /// password, tokens.
    #[must_use]
    pub fn rounds(&self) -> u32 {
        self.rounds
    }

    /// Whether the server answered a password with the demand for a new one, whatever became of
    /// that.
    #[must_use]
    pub fn demanded_new_password(&self) -> bool {
        self.method() == Method::Password && self.rounds > 0
    }

    /// What became of it.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// The methods that the server listed in its answer.
    #[must_use]
    pub fn methods_after(&self) -> Option<&MethodList> {
        self.methods_after.as_ref()
    }

    /// Whether it can prove anything: `none` and a query can't.
    pub(super) fn is_proof(&self) -> bool {
        self.stage == Stage::Proof && self.method() != Method::None
    }

    /// What it proves if it succeeds.
    pub(super) fn factor(&self) -> Factor {
        Factor {
            method: self.method(),
            identity: self.identity.clone(),
        }
    }

    /// Whether the server refused it, or does not know it.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(
            self.outcome,
            Outcome::Refused | Outcome::RefusedWhileAsking | Outcome::Unimplemented
        )
    }
}

/// Whether a request asks or proves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// It asks what could be done: a `none` request to learn the methods, or a publickey request
    /// without signature.
    Query,
    /// It is meant to authenticate.
    Proof,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// No answer has come.
    Unanswered,
    /// The server would take the key (`SSH_MSG_USERAUTH_PK_OK`).
    KeyAccepted,
    /// The server wants another password instead (`SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`). The
    /// change is a request of its own.
    NewPasswordDemanded,
    /// Refused.
    Refused,
    /// Refused while the caller was asked, or before his answer left: the server stopped waiting, as
    /// PAM does after a time. To what it asked last, no answer was sent.
    RefusedWhileAsking,
    /// It counted, and the server wants more.
    PartialSuccess,
    /// It let us in.
    Success,
    /// The server does not know the message (`SSH_MSG_UNIMPLEMENTED`).
    Unimplemented,
    /// Its dialogue was abandoned by us; the server owes no answer (RFC 4252 section 5.1).
    Abandoned,
}

/// Why a run ended without a login.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// Everything that could be tried was tried.
    NoMethodLeft,
    /// [`Limits::max_requests`](crate::Limits) is reached.
    RequestsSpent,
    /// The caller cancelled.
    Cancelled,
    /// The caller abandoned the run.
    Abandoned(AbandonReason),
    /// The server sent `SSH_MSG_DISCONNECT`.
    ServerDisconnected,
    /// The connection was closed or broke.
    ConnectionLost,
    /// The server doesn't know the service `ssh-userauth`.
    NoUserAuth,
    /// The server let us in without any proof, which
    /// [`TrivialSuccess::Reject`](crate::TrivialSuccess) forbids.
    TrivialSuccess,
}

/// Why the caller abandoned a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AbandonReason {
    /// The server took too long to answer.
    ServerTimeout,
    /// The caller's own people or programs took too long to answer.
    CallerTimeout,
    /// Anything else.
    Other,
}

/// What the server said in `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerDisconnect {
    pub(crate) code: u32,
    pub(crate) description: ServerText,
}

impl ServerDisconnect {
    /// The reason code.
    #[must_use]
    pub fn code(&self) -> u32 {
        self.code
    }

    /// The server's words.
    #[must_use]
    pub fn description(&self) -> &ServerText {
        &self.description
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoMethodLeft => "no authentication method is left to try",
            Self::RequestsSpent => "the limit of authentication requests is reached",
            Self::Cancelled => "authentication was cancelled",
            Self::Abandoned(AbandonReason::ServerTimeout) => "the server took too long",
            Self::Abandoned(AbandonReason::CallerTimeout) => "an answer took too long",
            Self::Abandoned(AbandonReason::Other) => "authentication was abandoned",
            Self::ServerDisconnected => "the server closed the connection",
            Self::ConnectionLost => "the connection was lost",
            Self::NoUserAuth => "the server does not offer user authentication",
            Self::TrivialSuccess => "the server asked for no proof, which the policy forbids",
        })
    }
}
