//! Why there is no login, as data.

use alloc::boxed::Box;
use alloc::vec::Vec;

use ssh_userauth::{
    AbandonReason, AlgorithmList, AlgorithmName, Factor, Identity, Method, MethodList,
    ProtocolError, ServerDisconnect, Stage, Unavailable,
};

/// Why there is no login: what most likely has to change. A pure function of the
/// [`Report`](ssh_userauth::Report), which tells the rest.
///
/// Displayed, it is one sentence: what happened, a semicolon, and advice. It has neither control
/// characters nor secrets in it. `docs/diagnosis.md` shows all of them.
///
/// A program that can do something about a reason matches it, and shows the sentence of the others.
/// Reasons and what they tell may be added: a pattern ends in `..`.
///
/// ```
/// use ssh_userauth::{Method, Report};
/// use ssh_userauth_explain::{Diagnosis, Explain};
///
/// enum Next {
///     AskForAnotherPassword,
///     ConnectWithOneKey,
///     Install(String),
///     Tell(String),
/// }
///
/// fn next(report: &Report) -> Option<Next> {
///     Some(match report.diagnosis()? {
///         Diagnosis::PasswordRefused { .. } => Next::AskForAnotherPassword,
///         // Not for a server that had enough of passwords.
///         Diagnosis::TooManyRefusals { methods, .. } if methods == [Method::PublicKey] => {
///             Next::ConnectWithOneKey
///         }
///         Diagnosis::AllKeysRefused { first, certificates: 0, .. } => {
///             Next::Install(first.to_string())
///         }
///         why => Next::Tell(why.to_string()),
///     })
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Diagnosis {
    /// The server offers methods that may be used, and nobody gave a key, a password or an answer
    /// for them.
    #[non_exhaustive]
    NothingToTry {
        /// What the server offers.
        offered: Option<MethodList>,
        /// The methods that were declined or not configured.
        declined: Vec<Method>,
    },
    /// The server offers no method that may be used.
    #[non_exhaustive]
    NoCommonMethod {
        /// What the server offers.
        offered: MethodList,
        /// What may be used.
        allowed: Vec<Method>,
    },
    /// The server offers nothing but methods that the machine does not know.
    #[non_exhaustive]
    MethodsUnknown {
        /// What the server offers.
        offered: MethodList,
    },
    /// The server's list of methods is empty.
    NoMethodsOffered,
    /// The server would have none of the keys.
    #[non_exhaustive]
    AllKeysRefused {
        /// How many keys it refused, certificates included.
        refused: usize,
        /// The first of them.
        first: Identity,
        /// How many of them are certificates, which servers refuse for reasons of their own: dates,
        /// names, authorities.
        certificates: usize,
        /// How many were not offered to it, for whatever reason.
        not_offered: usize,
    },
    /// No key could be offered: no algorithm is allowed by the key, our policy and the server
    /// alike.
    #[non_exhaustive]
    NoMutualAlgorithm {
        /// How many keys this is true of.
        keys: usize,
        /// The first of them.
        identity: Identity,
        /// What it can do under our policy.
        ours: Vec<AlgorithmName>,
        /// What the server listed, if it did.
        theirs: Option<AlgorithmList>,
    },
    /// The server said that it would take the key, and refused its signature.
    #[non_exhaustive]
    KeyAcceptedSignatureRefused {
        /// The key.
        identity: Identity,
        /// The algorithm of the request.
        algorithm: Option<AlgorithmName>,
    },
    /// A key was to be used, and there was no signature of it.
    #[non_exhaustive]
    KeyNotSigned {
        /// The key.
        identity: Identity,
        /// Whether the server had said that it would take it.
        was_accepted: bool,
        /// Why there was none.
        reason: Unavailable,
    },
    /// [`HostBound::Require`](ssh_userauth::HostBound) kept the keys back.
    HostBoundUnavailable,
    /// The password was refused.
    #[non_exhaustive]
    PasswordRefused {
        /// How often.
        tries: usize,
    },
    /// The server took no password but a new one, and there was none that it liked.
    #[non_exhaustive]
    PasswordExpired {
        /// How many new passwords were sent.
        changes: usize,
    },
    /// The answers to the prompts of keyboard-interactive were refused.
    #[non_exhaustive]
    AnswersRefused {
        /// How often.
        tries: usize,
    },
    /// The server asked something, and refused the method before an answer was sent: it stopped
    /// waiting. No answer was wrong.
    #[non_exhaustive]
    RefusedWhileAsking {
        /// The method: keyboard-interactive, password where a new one was demanded, or one of the
        /// caller's own.
        method: Method,
        /// How often.
        times: usize,
    },
    /// The server offers the method, and refused it.
    #[non_exhaustive]
    MethodRefused {
        /// The method.
        method: Method,
    },
    /// The server spoke, and the method could not go on with it.
    #[non_exhaustive]
    CannotContinue {
        /// The method.
        method: Method,
    },
    /// A password or answers would have gone over a connection that is not encrypted.
    #[non_exhaustive]
    NotConfidential {
        /// The methods that were not used for it.
        methods: Vec<Method>,
    },
    /// Something was accepted, and the server wants more.
    #[non_exhaustive]
    SecondFactorMissing {
        /// What was accepted, in order.
        accepted: Vec<Factor>,
        /// What the server still offers.
        wanted: Option<MethodList>,
        /// The methods that it refused since.
        refused: Vec<Method>,
        /// Those that it refused, last, without waiting for an answer
        /// ([`Outcome::RefusedWhileAsking`](ssh_userauth::Outcome)); they are not in `refused`.
        refused_while_asking: Vec<Method>,
    },
    /// [`Limits::max_requests`](ssh_userauth::Limits) was reached: we ended the run, not the server.
    #[non_exhaustive]
    RequestsSpent {
        /// How many requests were sent.
        requests: usize,
    },
    /// The server closed the connection, since it had refused enough.
    #[non_exhaustive]
    TooManyRefusals {
        /// How often it refused.
        refusals: usize,
        /// The methods of the requests that it refused or left unanswered, in the order of their
        /// first ones. It closes in place of one more refusal, so the last request counts.
        methods: Vec<Method>,
        /// What it said.
        disconnect: ServerDisconnect,
    },
    /// The server closed the connection for another reason.
    #[non_exhaustive]
    ServerDisconnected {
        /// How often it had refused.
        refusals: usize,
        /// How many requests it has not answered.
        unanswered: usize,
        /// What it said.
        disconnect: Option<ServerDisconnect>,
    },
    /// The connection ended while requests were unanswered that were sent without waiting for the
    /// replies before them: the server may not bear that.
    /// [`Report::retry_config`](ssh_userauth::Report::retry_config) has the configuration to connect with
    /// once more.
    #[non_exhaustive]
    SentAhead {
        /// How often the server had refused.
        refusals: usize,
        /// The requests that it has not answered, in order.
        unanswered: Vec<(Method, Stage)>,
        /// What it said.
        disconnect: Option<ServerDisconnect>,
    },
    /// The connection was closed or broke while requests were unanswered.
    #[non_exhaustive]
    UnansweredRequests {
        /// How often the server had refused.
        refusals: usize,
        /// How many requests it has not answered.
        unanswered: usize,
    },
    /// The connection was closed or broke while nothing was unanswered.
    #[non_exhaustive]
    ConnectionLost {
        /// How often the server had refused.
        refusals: usize,
        /// Whether it happened while the caller was asked.
        while_asking: bool,
    },
    /// The caller cancelled.
    Cancelled,
    /// The caller abandoned the run, mostly because a timer fired.
    #[non_exhaustive]
    Abandoned {
        /// Why.
        reason: AbandonReason,
        /// How many requests the server has not answered.
        unanswered: usize,
    },
    /// The server doesn't know the service `ssh-userauth`.
    NoUserAuth,
    /// The server asked for no proof, which [`TrivialSuccess::Reject`](ssh_userauth::TrivialSuccess)
    /// forbids.
    TrivialSuccess,
    /// The server broke the protocol.
    ProtocolViolation(Box<ProtocolError>),
}

impl Diagnosis {
    /// A name that does not change, for logs and programs: `all_keys_refused`.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::NothingToTry { .. } => "nothing_to_try",
            Self::NoCommonMethod { .. } => "no_common_method",
            Self::MethodsUnknown { .. } => "methods_unknown",
            Self::NoMethodsOffered => "no_methods_offered",
            Self::AllKeysRefused { .. } => "all_keys_refused",
            Self::NoMutualAlgorithm { .. } => "no_mutual_algorithm",
            Self::KeyAcceptedSignatureRefused { .. } => "key_accepted_signature_refused",
            Self::KeyNotSigned { .. } => "key_not_signed",
            Self::HostBoundUnavailable => "host_bound_unavailable",
            Self::PasswordRefused { .. } => "password_refused",
            Self::PasswordExpired { .. } => "password_expired",
            Self::AnswersRefused { .. } => "answers_refused",
            Self::RefusedWhileAsking { .. } => "refused_while_asking",
            Self::MethodRefused { .. } => "method_refused",
            Self::CannotContinue { .. } => "cannot_continue",
            Self::NotConfidential { .. } => "not_confidential",
            Self::SecondFactorMissing { .. } => "second_factor_missing",
            Self::RequestsSpent { .. } => "requests_spent",
            Self::TooManyRefusals { .. } => "too_many_refusals",
            Self::ServerDisconnected { .. } => "server_disconnected",
            Self::SentAhead { .. } => "sent_ahead",
            Self::UnansweredRequests { .. } => "unanswered_requests",
            Self::ConnectionLost { .. } => "connection_lost",
            Self::Cancelled => "cancelled",
            Self::Abandoned { .. } => "abandoned",
            Self::NoUserAuth => "no_user_auth",
            Self::TrivialSuccess => "trivial_success",
            Self::ProtocolViolation(_) => "protocol_violation",
        }
    }
}
