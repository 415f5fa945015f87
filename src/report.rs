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
use crate::peer::{HostBoundSupport, Peer};
use crate::text::ServerText;

mod advice;
mod cause;
mod diagnosis;
mod diagram;
mod event;
mod record;
mod sentence;
#[cfg(feature = "serde")]
mod serialize;
mod skip;
mod table;
mod words;

pub use diagnosis::Diagnosis;
pub use diagram::SequenceDiagram;
pub use record::{AbandonReason, AttemptRecord, Ending, Outcome, ServerDisconnect, Stage, Turn};
pub use skip::{Candidate, Skip, SkipReason};

pub(crate) use event::RecordId;
pub(crate) use record::RequestInfo;

use event::Event;

/// Every attempt of the run and every candidate that was skipped, with the reason. Holds no
/// secret.
///
/// Displayed, it is a table for a bug report, at most 80 columns wide. What the server wrote and
/// what the caller named is filtered for terminals there.
#[derive(Clone, Debug)]
pub struct Report {
    attempts: Vec<AttemptRecord>,
    events: Vec<Event>,
    /// How many events there were before the service request, if there was one.
    service_requested: Option<usize>,
    skips: Vec<Skip>,
    server_version: Option<Box<str>>,
    banners: Vec<ServerText>,
    /// The list of algorithms that was known after each EXT_INFO.
    extensions: Vec<Option<AlgorithmList>>,
    host_bound: HostBoundSupport,
    end: End,
    /// None while there was none.
    trouble: Option<Box<Trouble>>,
}

/// What few runs bring.
#[derive(Clone, Debug, Default)]
struct Trouble {
    disconnect: Option<ServerDisconnect>,
    error: Option<ProtocolError>,
    retry: Option<Config>,
}

/// How far the run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Running,
    Authenticated,
    GaveUp(Ending, Turn),
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
            End::GaveUp(ending, _) => Some(ending),
            End::Running | End::Authenticated | End::Failed => None,
        }
    }

    /// Why there is no login: `None` while the run goes on, and after a login. Follows from the
    /// rest of the report.
    #[must_use]
    pub fn diagnosis(&self) -> Option<Diagnosis> {
        cause::of(self)
    }

    /// The configuration of this run without [`Pipelining`](crate::Pipelining), if the connection
    /// ended while several requests were unanswered: the server may not bear requests that are
    /// sent ahead, and replies that were on their way may be lost (a TCP reset destroys them).
    ///
    /// Connect once more with it, never in a loop: OpenSSH from 9.8 on refuses whoever comes back
    /// too often (`PerSourcePenalties`). A run with this configuration brings no other one.
    #[must_use]
    pub fn retry_config(&self) -> Option<&Config> {
        self.trouble.as_ref()?.retry.as_ref()
    }

    /// The conversation as a sequence diagram in the language of Mermaid.
    #[must_use]
    pub fn sequence_diagram(&self) -> SequenceDiagram<'_> {
        SequenceDiagram(self)
    }

    /// Whether the run ended with a login.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.end == End::Authenticated
    }

    /// How the server broke the protocol, if it did.
    #[must_use]
    pub fn protocol_error(&self) -> Option<&ProtocolError> {
        self.trouble.as_ref()?.error.as_ref()
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
        self.extensions.last()?.as_ref()
    }

    /// Whether the server announced host-bound signatures.
    #[must_use]
    pub fn offers_host_bound(&self) -> bool {
        self.host_bound == HostBoundSupport::Announced
    }

    /// What the server said in `SSH_MSG_DISCONNECT`, if the transport told it.
    #[must_use]
    pub fn server_disconnect(&self) -> Option<&ServerDisconnect> {
        self.trouble.as_ref()?.disconnect.as_ref()
    }
}

/// To write.
impl Report {
    /// Made where it stays: it is large.
    pub(crate) fn boxed(server_version: Option<String>) -> Box<Self> {
        let mut report = Box::write(Box::new_uninit(), Self::empty());
        report.server_version = server_version.map(String::into_boxed_str);
        report
    }

    /// Only for [`boxed`](Self::boxed): no `Default`, since nobody but a machine makes one.
    fn empty() -> Self {
        Self {
            attempts: Vec::new(),
            events: Vec::new(),
            service_requested: None,
            skips: Vec::new(),
            server_version: None,
            banners: Vec::new(),
            extensions: Vec::new(),
            host_bound: HostBoundSupport::default(),
            end: End::Running,
            trouble: None,
        }
    }

    pub(crate) fn service_requested(&mut self) {
        self.service_requested = Some(self.events.len());
    }

    /// It never left.
    pub(crate) fn forget_service_request(&mut self) {
        self.service_requested = None;
    }

    pub(crate) fn service_accepted(&mut self) {
        self.events.push(Event::ServiceAccepted);
    }

    pub(crate) fn banner(&mut self, notice: &Notice) {
        match notice {
            Notice::Banner { message, .. } => {
                self.events.push(Event::Banner);
                self.banners.push(message.clone());
            }
            Notice::BannersDropped => self.events.push(Event::BannersDropped),
            _ => {}
        }
    }

    /// What the server has told so far, also if nothing is new.
    pub(crate) fn extensions(&mut self, peer: &Peer) {
        self.host_bound = peer.host_bound();
        let told = u32::try_from(self.extensions.len()).unwrap_or(u32::MAX);
        if peer.messages() > told {
            self.events.push(Event::ExtInfo);
            self.extensions.push(peer.algorithms().cloned());
        }
    }

    pub(crate) fn disconnected(&mut self, disconnect: ServerDisconnect) {
        self.trouble().disconnect = Some(disconnect);
    }

    pub(crate) fn retry_with(&mut self, config: Config) {
        self.trouble().retry = Some(config);
    }

    pub(crate) fn failed(&mut self, error: ProtocolError) {
        self.trouble().error = Some(error);
        self.end = End::Failed;
    }

    fn trouble(&mut self) -> &mut Trouble {
        self.trouble.get_or_insert_default()
    }

    pub(crate) fn authenticated(&mut self) {
        self.end = End::Authenticated;
    }

    pub(crate) fn sent(&mut self, info: RequestInfo) -> RecordId {
        let id = RecordId::next(&self.attempts);
        self.events.push(Event::Sent);
        self.attempts.push(AttemptRecord::new(info));
        id
    }

    /// The server sent a message of the dialogue that a request opened.
    pub(crate) fn spoke(&mut self, id: RecordId) {
        if let Some(record) = self.record_mut(id) {
            record.spoke();
            self.events.push(Event::Spoke(id.number()));
        }
    }

    /// We sent one.
    pub(crate) fn continued(&mut self, id: RecordId) {
        self.events.push(Event::Continued(id.number()));
    }

    pub(crate) fn answered(&mut self, id: RecordId, outcome: Outcome, after: Option<MethodList>) {
        let event = match after {
            Some(_) => Event::AnsweredWithList(id.number(), outcome),
            None => Event::Answered(id.number(), outcome),
        };
        if let Some(record) = self.record_mut(id) {
            record.answered(outcome, after);
            self.events.push(event);
        }
    }

    fn record_mut(&mut self, id: RecordId) -> Option<&mut AttemptRecord> {
        self.attempts.get_mut(id.index())
    }

    /// This request and all after it never left.
    pub(crate) fn forget_from(&mut self, id: RecordId) {
        self.attempts.truncate(id.index());
        let mut sent = 0;
        self.events.retain(|event| match event {
            Event::Sent => {
                sent += 1;
                sent <= id.index()
            }
            Event::Spoke(attempt)
            | Event::Continued(attempt)
            | Event::Answered(attempt, _)
            | Event::AnsweredWithList(attempt, _) => *attempt < id.number(),
            Event::ServiceAccepted
            | Event::ExtInfo
            | Event::Banner
            | Event::BannersDropped
            | Event::Skipped => true,
        });
    }

    pub(crate) fn skipped(&mut self, candidate: Candidate, reason: SkipReason) {
        self.events.push(Event::Skipped);
        self.skips.push(Skip::new(candidate, reason));
    }

    /// Why a method of the caller's order is not, or no longer, worth a try; unless the ledger
    /// tells it already.
    pub(crate) fn not_tried(
        &mut self,
        method: Method,
        is_allowed: bool,
        availability: Result<(), SkipReason>,
    ) {
        let mut attempts = self.attempts.iter();
        let tried = attempts.any(|record| record.method() == method && !self.is_guess(record));
        match availability {
            _ if !is_allowed && !tried => {
                self.skipped(Candidate::Method(method), SkipReason::NotListed);
            }
            // All that can stand against `none` is that it was made, or was about to be.
            Err(reason) if method != Method::None => {
                self.skipped(Candidate::Method(method), reason);
            }
            _ if !tried => self.skipped(Candidate::Method(method), SkipReason::RunEnded),
            _ => {}
        }
    }

    /// Whether a request was made before the server had listed its method, and refused with a list
    /// without it: it says nothing about the key or the user.
    fn is_guess(&self, record: &AttemptRecord) -> bool {
        let lists = |list: &MethodList| list.contains(record.method());
        let attempts = self.attempts.iter();
        let mut before = attempts.take_while(|other| !core::ptr::eq(*other, record));
        record.is_refused()
            && record.method() != Method::None
            && record.methods_after().is_some_and(|list| !lists(list))
            && !before.any(|other| other.methods_after().is_some_and(lists))
    }

    /// The method of a request.
    pub(crate) fn method(&self, id: RecordId) -> Method {
        let record = self.attempts.get(id.index());
        record.map_or(Method::None, AttemptRecord::method)
    }

    /// The factor of an attempt that succeeded.
    pub(crate) fn factor(&self, id: RecordId) -> Option<Factor> {
        self.attempts.get(id.index()).map(AttemptRecord::factor)
    }

    /// The run ended without a login, when it was somebody's turn.
    pub(crate) fn ended(&mut self, ending: Ending, turn: Turn) -> Diagnosis {
        self.end = End::GaveUp(ending, turn);
        cause::of_end(self, ending, turn)
    }
}
