//! The ledger: every attempt, every candidate that was skipped, and why.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::algorithm_list::AlgorithmList;
use crate::config::Config;
use crate::error::ProtocolError;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::notice::{Factor, Notice};
use crate::peer::Peer;
use crate::text::ServerText;

mod event;
mod record;
mod skip;

pub use event::Event;
pub use record::{AbandonReason, AttemptRecord, Ending, Outcome, ServerDisconnect, Stage};
pub use skip::{Candidate, Skip, Unavailable};

pub(crate) use event::RecordId;
/// The ledger of a run: every attempt, every candidate that was skipped with the reason, and how
/// the run ended. It holds no secret.
///
/// The crate `ssh-userauth-explain` turns it into a sentence with advice, a table for a bug report,
/// a sequence diagram, and data for `serde`.
#[derive(Clone, Debug)]
pub struct Report {
    attempts: Vec<AttemptRecord>,
    events: Vec<Event>,
    skips: Vec<Skip>,
    server_version: Option<Box<str>>,
    banners: Vec<ServerText>,
    signature_algorithms: Option<AlgorithmList>,
    offers_host_bound: bool,
    end: End,
    disconnect: Option<ServerDisconnect>,
    error: Option<ProtocolError>,
    retry: Option<Box<Config>>,
}

/// How far the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Running,
    Authenticated,
    GaveUp { ending: Ending, while_asking: bool },
    Failed,
}

/// To read.
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
    pub fn factors(&self) -> impl Iterator<Item = Factor> {
        self.proofs().map(AttemptRecord::factor)
    }

    /// The attempts that succeeded and proved something. A success that was believed by nobody is
    /// not among them.
    fn proofs(&self) -> impl Iterator<Item = &AttemptRecord> {
        let is_believed = |record: &&AttemptRecord| match record.outcome() {
            Outcome::PartialSuccess => true,
            Outcome::Success => self.is_authenticated() && record.is_proof(),
            _ => false,
        };
        self.attempts.iter().filter(is_believed)
    }

    /// Whether an attempt of this report was made before the server had listed its method, and was
    /// refused with a list without it. Such a refusal says nothing about the key or the user.
    #[must_use]
    pub fn is_guess(&self, attempt: &AttemptRecord) -> bool {
        let lists = |list: &MethodList| list.contains(attempt.method());
        let attempts = self.attempts.iter();
        let mut before = attempts.take_while(|other| !core::ptr::eq(*other, attempt));
        attempt.is_refused()
            && attempt.method() != Method::None
            && attempt.methods_after().is_some_and(|list| !lists(list))
            && !before.any(|other| other.methods_after().is_some_and(lists))
    }

    /// The methods that the server listed last, unknown names included.
    #[must_use]
    pub fn methods(&self) -> Option<&MethodList> {
        // Replies come in the order of the requests.
        let mut attempts = self.attempts.iter().rev();
        attempts.find_map(AttemptRecord::methods_after)
    }

    /// How the run ended, if it ended without a login and not by a
    /// [`protocol_error`](Self::protocol_error).
    #[must_use]
    pub fn ending(&self) -> Option<Ending> {
        match self.end {
            End::GaveUp { ending, .. } => Some(ending),
            End::Running | End::Authenticated | End::Failed => None,
        }
    }

    /// Whether the run ended without a login while a question to the caller was open and the server
    /// owed no reply. An unanswered dialogue then waits for the caller.
    #[must_use]
    pub fn ended_while_asking(&self) -> bool {
        matches!(
            self.end,
            End::GaveUp {
                while_asking: true,
                ..
            }
        )
    }

    /// What happened, in order. The list ends with the last message: [`ending`](Self::ending) and
    /// [`server_disconnect`](Self::server_disconnect) say what followed.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The configuration of this run without [`Pipelining`](crate::Pipelining), if the connection
    /// ended while several requests were unanswered: the server may not bear requests that are
    /// sent ahead, and replies that were on their way may be lost (a TCP reset destroys them).
    ///
    /// Connect once more with it, never in a loop: OpenSSH from 9.8 on refuses whoever comes back
    /// too often (`PerSourcePenalties`). A run with this configuration brings no other one.
    #[must_use]
    pub fn retry_config(&self) -> Option<&Config> {
        self.retry.as_deref()
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
    pub fn signature_algorithms(&self) -> Option<&AlgorithmList> {
        self.signature_algorithms.as_ref()
    }

    /// Whether the server announced host-bound signatures.
    #[must_use]
    pub fn offers_host_bound(&self) -> bool {
        self.offers_host_bound
    }

    /// What the server said in `SSH_MSG_DISCONNECT`, if the transport told it.
    #[must_use]
    pub fn server_disconnect(&self) -> Option<&ServerDisconnect> {
        self.disconnect.as_ref()
    }
}

/// To write.
impl Report {
    pub(crate) fn new(server_version: Option<String>) -> Self {
        Self {
            // Often `none` and one more; a vector would take room for four at once.
            attempts: Vec::with_capacity(2),
            events: Vec::new(),
            skips: Vec::new(),
            server_version: server_version.map(String::into_boxed_str),
            banners: Vec::new(),
            signature_algorithms: None,
            offers_host_bound: false,
            end: End::Running,
            disconnect: None,
            error: None,
            retry: None,
        }
    }

    pub(crate) fn service_requested(&mut self) {
        self.events.push(Event::ServiceRequested);
    }

    /// It was never sent.
    pub(crate) fn forget_service_request(&mut self) {
        self.events
            .retain(|event| *event != Event::ServiceRequested);
    }

    pub(crate) fn service_accepted(&mut self) {
        self.events.push(Event::ServiceAccepted);
    }

    pub(crate) fn banner(&mut self, notice: &Notice) {
        match notice {
            Notice::Banner { message, .. } => {
                self.events.push(Event::Banner(self.banners.len()));
                self.banners.push(message.clone());
            }
            Notice::BannersDropped => self.events.push(Event::BannersDropped),
            _ => {}
        }
    }

    /// The server sent EXT_INFO; what it has said so far.
    pub(crate) fn ext_info(&mut self, peer: &Peer) {
        let algorithms = peer.algorithms().cloned();
        self.events.push(Event::ExtInfo(algorithms.clone()));
        self.signature_algorithms = algorithms;
        self.offers_host_bound = peer.takes_host_bound();
    }

    pub(crate) fn disconnected(&mut self, disconnect: ServerDisconnect) {
        self.disconnect = Some(disconnect);
    }

    pub(crate) fn retry_with(&mut self, config: Config) {
        self.retry = Some(Box::new(config));
    }

    pub(crate) fn failed(&mut self, error: ProtocolError) {
        self.error = Some(error);
        self.end = End::Failed;
    }

    pub(crate) fn authenticated(&mut self) {
        self.end = End::Authenticated;
    }

    pub(crate) fn sent(&mut self, attempt: AttemptRecord) -> RecordId {
        let index = self.attempts.len();
        self.events.push(Event::Sent(index));
        self.attempts.push(attempt);
        RecordId(index)
    }

    /// The server sent a message of the dialogue that a request opened.
    pub(crate) fn server_continued(&mut self, RecordId(index): RecordId) {
        if let Some(record) = self.attempts.get_mut(index) {
            record.spoke();
            self.events.push(Event::ServerContinued(index));
        }
    }

    /// We sent one.
    pub(crate) fn client_continued(&mut self, RecordId(index): RecordId) {
        self.events.push(Event::ClientContinued(index));
    }

    pub(crate) fn answered(
        &mut self,
        RecordId(index): RecordId,
        outcome: Outcome,
        after: Option<MethodList>,
    ) {
        let event = match (outcome, &after) {
            (Outcome::Abandoned, None) => Event::Abandoned(index),
            _ => Event::Answered(index),
        };
        if let Some(record) = self.attempts.get_mut(index) {
            record.answered(outcome, after);
            self.events.push(event);
        }
    }

    /// This request and all after it were never sent.
    pub(crate) fn forget_from(&mut self, RecordId(first): RecordId) {
        self.attempts.truncate(first);
        self.events.retain(|event| match event {
            Event::Sent(attempt)
            | Event::ServerContinued(attempt)
            | Event::ClientContinued(attempt)
            | Event::Answered(attempt)
            | Event::Abandoned(attempt) => *attempt < first,
            Event::ServiceRequested
            | Event::ServiceAccepted
            | Event::ExtInfo(_)
            | Event::Banner(_)
            | Event::BannersDropped
            | Event::Skipped(_) => true,
        });
    }

    pub(crate) fn skipped(&mut self, candidate: Candidate, reason: Unavailable) {
        self.events.push(Event::Skipped(self.skips.len()));
        self.skips.push(Skip::new(candidate, reason));
    }

    /// Why a method of the caller's order is not, or no longer, worth a try; unless the ledger
    /// tells it already.
    pub(crate) fn not_tried(
        &mut self,
        method: Method,
        is_allowed: bool,
        availability: Result<(), Unavailable>,
    ) {
        let mut attempts = self.attempts.iter();
        let tried = attempts.any(|record| record.method() == method && !self.is_guess(record));
        match availability {
            _ if !is_allowed && !tried => {
                self.skipped(Candidate::Method(method), Unavailable::NotListed);
            }
            // All that can stand against `none` is that it was made, or was about to be.
            Err(reason) if method != Method::None => {
                self.skipped(Candidate::Method(method), reason);
            }
            _ if !tried => self.skipped(Candidate::Method(method), Unavailable::RunEnded),
            _ => {}
        }
    }

    /// The method of a request.
    pub(crate) fn method(&self, id: RecordId) -> Method {
        let record = self.attempts.get(id.0);
        record.map_or(Method::None, AttemptRecord::method)
    }

    /// The factor of an attempt that succeeded.
    pub(crate) fn factor(&self, id: RecordId) -> Option<Factor> {
        self.attempts.get(id.0).map(AttemptRecord::factor)
    }

    /// The methods that the server refused, each once; not the query that only learns the methods.
    pub(crate) fn refused_methods(&self) -> Vec<Method> {
        let mut methods = Vec::new();
        for record in self.attempts.iter().filter(|record| record.is_refused()) {
            let method = record.method();
            let is_query = method == Method::None && record.stage() == Stage::Query;
            if !is_query && !methods.contains(&method) {
                methods.push(method);
            }
        }
        methods
    }

    /// The run ended without a login.
    pub(crate) fn ended(&mut self, ending: Ending, while_asking: bool) {
        self.end = End::GaveUp {
            ending,
            while_asking,
        };
    }
}
