//! The ledger: every attempt, every candidate that was skipped, and why.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::action::{Factor, Notice};
use crate::algorithm::AlgorithmName;
use crate::error::ProtocolError;
use crate::identity::Identity;
use crate::method::Method;
use crate::method_list::MethodList;
use crate::peer::{HostBoundSupport, NoAlgorithm, Peer};
use crate::signature::BadSignatureReason;
use crate::text::ServerText;

/// Every attempt of the run and every candidate that was skipped, with the reason. Holds no
/// secret.
#[derive(Clone, Debug, Default)]
pub struct Report {
    attempts: Vec<AttemptRecord>,
    skips: Vec<Skip>,
    factors: Vec<Factor>,
    methods: Option<MethodList>,
    server_version: Option<String>,
    banners: Vec<ServerText>,
    algorithms: Option<ServerText>,
    host_bound: HostBoundSupport,
    disconnect: Option<ServerDisconnect>,
    error: Option<ProtocolError>,
    end: End,
}

/// How far the run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum End {
    #[default]
    Running,
    Authenticated,
    GaveUp(Ending),
    Failed,
}

/// Which attempt of the ledger.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordId(usize);

/// Where in the ledger a request stands says nothing about what can happen to it.
#[cfg(test)]
impl core::hash::Hash for RecordId {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}

impl Report {
    /// The `SSH_MSG_USERAUTH_REQUEST` messages of the run, in order.
    #[must_use]
    pub fn attempts(&self) -> &[AttemptRecord] {
        &self.attempts
    }

    /// What was not attempted, in order of decision.
    #[must_use]
    pub fn skips(&self) -> &[Skip] {
        &self.skips
    }

    /// The methods that succeeded so far, in order.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// The methods that the server listed last, unknown names included.
    #[must_use]
    pub fn methods(&self) -> Option<&MethodList> {
        self.methods.as_ref()
    }

    /// How the run ended, if it ended without a login and not by a
    /// [`protocol_error`](Self::protocol_error).
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        match self.end {
            End::GaveUp(ending) => Some(ending),
            End::Running | End::Authenticated | End::Failed => None,
        }
    }

    /// Whether the run ended with a login.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.end == End::Authenticated
    }

    /// How the server broke the protocol, if it did.
    #[must_use]
    pub fn protocol_error(&self) -> Option<&ProtocolError> {
        self.error.as_ref()
    }

    /// The server's version string, as the transport told it.
    #[must_use]
    pub fn server_version(&self) -> Option<&str> {
        self.server_version.as_deref()
    }

    /// The banners that were passed on.
    #[must_use]
    pub fn banners(&self) -> &[ServerText] {
        &self.banners
    }

    /// The server's latest list of signature algorithms (`server-sig-algs`, RFC 8308 section
    /// 3.1), if it sent one.
    #[must_use]
    pub fn signature_algorithms(&self) -> Option<&ServerText> {
        self.algorithms.as_ref()
    }

    /// Whether the server announced host-bound signatures.
    #[must_use]
    pub fn offers_host_bound(&self) -> bool {
        self.host_bound == HostBoundSupport::Announced
    }

    /// What the server said in `SSH_MSG_DISCONNECT`, if the transport told it.
    #[must_use]
    pub fn server_disconnect(&self) -> Option<&ServerDisconnect> {
        self.disconnect.as_ref()
    }

    pub(crate) fn new(server_version: Option<String>) -> Self {
        Self {
            server_version,
            ..Self::default()
        }
    }

    pub(crate) fn banner(&mut self, notice: &Notice) {
        if let Notice::Banner { message, .. } = notice {
            self.banners.push(message.clone());
        }
    }

    pub(crate) fn extensions(&mut self, peer: &Peer) {
        self.algorithms = peer.algorithms().map(ServerText::new);
        self.host_bound = peer.host_bound();
    }

    pub(crate) fn disconnected(&mut self, disconnect: ServerDisconnect) {
        self.disconnect = Some(disconnect);
    }

    pub(crate) fn failed(&mut self, error: ProtocolError) {
        self.error = Some(error);
        self.end = End::Failed;
    }

    pub(crate) fn authenticated(&mut self) {
        self.end = End::Authenticated;
    }

    pub(crate) fn sent(&mut self, subject: Subject) -> RecordId {
        let id = RecordId(self.attempts.len());
        self.attempts.push(AttemptRecord {
            subject,
            outcome: Outcome::Unanswered,
            methods_after: None,
        });
        id
    }

    pub(crate) fn answered(&mut self, id: RecordId, outcome: Outcome, after: Option<MethodList>) {
        if let Some(record) = self.attempts.get_mut(id.0) {
            record.outcome = outcome;
            record.methods_after = after;
        }
    }

    /// This request and all after it never left.
    pub(crate) fn forget_from(&mut self, id: RecordId) {
        self.attempts.truncate(id.0);
    }

    pub(crate) fn skipped(&mut self, candidate: Candidate, reason: SkipReason) {
        self.skips.push(Skip { candidate, reason });
    }

    /// Why a method of the caller's order is not, or no longer, worth a try; unless the ledger
    /// tells it already.
    pub(crate) fn not_tried(
        &mut self,
        method: Method,
        is_allowed: bool,
        standing: Result<(), SkipReason>,
    ) {
        let tried = self.attempts.iter().any(|record| record.method() == method);
        match standing {
            _ if !is_allowed && !tried => {
                self.skipped(Candidate::Method(method), SkipReason::NotListed);
            }
            Err(reason) if method != Method::None || !tried => {
                self.skipped(Candidate::Method(method), reason);
            }
            Ok(()) if !tried => self.skipped(Candidate::Method(method), SkipReason::RunEnded),
            _ => {}
        }
    }

    pub(crate) fn listed(&mut self, methods: MethodList) {
        self.methods = Some(methods);
    }

    /// The factor of an attempt that succeeded.
    pub(crate) fn proved(&mut self, id: RecordId) -> Option<Factor> {
        let subject = &self.attempts.get(id.0)?.subject;
        let factor = Factor {
            method: subject.method,
            identity: subject.identity.clone(),
        };
        self.factors.push(factor.clone());
        Some(factor)
    }

    pub(crate) fn ended(&mut self, ending: Ending) {
        self.end = End::GaveUp(ending);
    }
}

/// What a request was about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Subject {
    pub(crate) method: Method,
    pub(crate) stage: Stage,
    pub(crate) identity: Option<Identity>,
    pub(crate) algorithm: Option<AlgorithmName>,
}

impl Subject {
    pub(crate) fn of(method: Method) -> Self {
        Self {
            method,
            stage: Stage::Proof,
            identity: None,
            algorithm: None,
        }
    }
}

/// One `SSH_MSG_USERAUTH_REQUEST` and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttemptRecord {
    subject: Subject,
    outcome: Outcome,
    methods_after: Option<MethodList>,
}

impl AttemptRecord {
    /// The method of the request.
    #[must_use]
    pub fn method(&self) -> Method {
        self.subject.method
    }

    /// Whether it asked, or proved.
    #[must_use]
    pub fn stage(&self) -> Stage {
        self.subject.stage
    }

    /// The key or certificate, for methods with one.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.subject.identity.as_ref()
    }

    /// The algorithm of the request, for methods with one.
    #[must_use]
    pub fn algorithm(&self) -> Option<&AlgorithmName> {
        self.subject.algorithm.as_ref()
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
    /// Refused.
    Refused,
    /// It counted, and the server wants more.
    PartialSuccess,
    /// It let us in.
    Success,
    /// The server does not know the message (`SSH_MSG_UNIMPLEMENTED`).
    Unimplemented,
    /// Its dialogue was abandoned by us; the server owes no answer (RFC 4252 section 5.1).
    Abandoned,
}

/// Something that was not attempted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skip {
    candidate: Candidate,
    reason: SkipReason,
}

impl Skip {
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
    NoMutualAlgorithm {
        /// What the key can do under our policy.
        ours: Vec<AlgorithmName>,
        /// What the server listed, if it did.
        theirs: Option<ServerText>,
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
