//! The ledger: every attempt, every candidate that was skipped, and why.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::algorithm_list::AlgorithmList;
use crate::config::Config;
use crate::error::ProtocolError;
use crate::few::{Few, Rare};
use crate::method::{Method, Out};
use crate::method_list::MethodList;
use crate::notice::{Factor, Notice};
use crate::peer::{HostBoundSupport, Peer};
use crate::text::ServerText;

mod event;
mod record;
mod skip;

pub use event::Event;
pub use record::{AbandonReason, AttemptRecord, Ending, Outcome, ServerDisconnect, Stage};
pub use skip::{Candidate, Skip, SkipReason};

pub(crate) use event::RecordId;
pub(crate) use record::Subject;

use event::Entry;

/// The ledger of a run: every attempt, every candidate that was skipped with the reason, and how
/// the run ended. It holds no secret.
///
/// The crate `ssh-userauth-explain` turns it into a sentence with advice, a table for a bug report,
/// a sequence diagram, and data for `serde`.
#[derive(Clone, Debug)]
pub struct Report {
    // What a login without detours brings is in place.
    attempts: Few<AttemptRecord, 3>,
    events: Few<Entry, 8>,
    /// How many events there were before the service request, if there was one. It is not one of
    /// them: with it, a login without detours would have more of them than are in place.
    service_requested: Option<u8>,
    skips: Rare<Skip>,
    server_version: Option<Box<str>>,
    banners: Rare<ServerText>,
    /// The list of algorithms that was known after each EXT_INFO.
    extensions: Rare<Option<AlgorithmList>>,
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
    pub fn events(&self) -> impl Iterator<Item = Event<'_>> {
        let before = self.service_requested.map_or(0, usize::from);
        let (before, after) = self.events.split_at_checked(before).unwrap_or_default();
        let request = self.service_requested.map(|_| None);
        let entries = before.iter().map(Some).chain(request);
        let entries = entries.chain(after.iter().map(Some));
        let mut extensions = self.extensions.iter();
        let mut banners = self.banners.iter();
        let mut attempts = 0..self.attempts.len();
        let mut skips = self.skips.iter();
        entries.filter_map(move |entry| {
            Some(match entry {
                None => Event::ServiceRequested,
                Some(Entry::ServiceAccepted) => Event::ServiceAccepted,
                Some(Entry::ExtInfo) => Event::ExtInfo(extensions.next()?.as_ref()),
                Some(Entry::Banner) => Event::Banner(banners.next()?),
                Some(Entry::BannersDropped) => Event::BannersDropped,
                Some(Entry::Sent) => Event::Sent(attempts.next()?),
                Some(Entry::Spoke(attempt)) => Event::ServerContinued(usize::from(*attempt)),
                Some(Entry::Continued(attempt)) => Event::ClientContinued(usize::from(*attempt)),
                Some(Entry::Answered(attempt)) => Event::Answered(usize::from(*attempt)),
                Some(Entry::Abandoned(attempt)) => Event::Abandoned(usize::from(*attempt)),
                Some(Entry::Skipped) => Event::Skipped(skips.next()?),
            })
        })
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
            attempts: Few::default(),
            events: Few::default(),
            service_requested: None,
            skips: Rare::default(),
            server_version: None,
            banners: Rare::default(),
            extensions: Rare::default(),
            host_bound: HostBoundSupport::default(),
            end: End::Running,
            trouble: None,
        }
    }

    pub(crate) fn service_requested(&mut self) {
        self.service_requested = u8::try_from(self.events.len()).ok();
    }

    /// It never left.
    pub(crate) fn forget_service_request(&mut self) {
        self.service_requested = None;
    }

    pub(crate) fn service_accepted(&mut self) {
        self.events.push(Entry::ServiceAccepted);
    }

    pub(crate) fn banner(&mut self, notice: &Notice) {
        match notice {
            Notice::Banner { message, .. } => {
                self.events.push(Entry::Banner);
                self.banners.push(message.clone());
            }
            Notice::BannersDropped => self.events.push(Entry::BannersDropped),
            _ => {}
        }
    }

    /// What the server has told so far, also if nothing is new.
    pub(crate) fn extensions(&mut self, peer: &Peer) {
        self.host_bound = peer.host_bound();
        let told = u32::try_from(self.extensions.len()).unwrap_or(u32::MAX);
        if peer.messages() > told {
            self.events.push(Entry::ExtInfo);
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

    pub(crate) fn sent(&mut self, subject: Subject) -> RecordId {
        let id = RecordId::next(&self.attempts);
        self.events.push(Entry::Sent);
        self.attempts.push(AttemptRecord::new(subject));
        id
    }

    /// The server sent a message of the dialogue that a request opened.
    pub(crate) fn spoke(&mut self, id: RecordId) {
        if let Some(record) = self.record_mut(id) {
            record.spoke();
            self.events.push(Entry::Spoke(id.number()));
        }
    }

    /// We sent one.
    pub(crate) fn continued(&mut self, id: RecordId) {
        self.events.push(Entry::Continued(id.number()));
    }

    pub(crate) fn answered(&mut self, id: RecordId, outcome: Outcome, after: Option<MethodList>) {
        let event = match (outcome, &after) {
            (Outcome::Abandoned, None) => Entry::Abandoned(id.number()),
            _ => Entry::Answered(id.number()),
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
            Entry::Sent => {
                sent += 1;
                sent <= id.index()
            }
            Entry::Spoke(attempt)
            | Entry::Continued(attempt)
            | Entry::Answered(attempt)
            | Entry::Abandoned(attempt) => *attempt < id.number(),
            Entry::ServiceAccepted
            | Entry::ExtInfo
            | Entry::Banner
            | Entry::BannersDropped
            | Entry::Skipped => true,
        });
    }

    pub(crate) fn skipped(&mut self, candidate: Candidate, reason: SkipReason) {
        self.events.push(Entry::Skipped);
        self.skips.push(Skip::new(candidate, reason));
    }

    /// Why a method of the caller's order is not, or no longer, worth a try; unless the ledger
    /// tells it already.
    pub(crate) fn not_tried(
        &mut self,
        method: Method,
        is_allowed: bool,
        standing: Result<(), Out>,
    ) {
        let mut attempts = self.attempts.iter();
        let tried = attempts.any(|record| record.method() == method && !self.is_guess(record));
        match standing {
            _ if !is_allowed && !tried => {
                self.skipped(Candidate::Method(method), SkipReason::NotListed);
            }
            // All that can stand against `none` is that it was made, or was about to be.
            Err(reason) if method != Method::None => {
                self.skipped(Candidate::Method(method), reason.into());
            }
            _ if !tried => self.skipped(Candidate::Method(method), SkipReason::RunEnded),
            _ => {}
        }
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
