//! What happened when.

use crate::algorithm_list::AlgorithmList;

/// Something that happened in a run; see [`Report::events`](crate::Report::events). A number is the
/// index of an attempt in [`Report::attempts`](crate::Report::attempts), if nothing else is said.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The client requested the service `ssh-userauth`.
    ServiceRequested,
    /// The server accepted that request.
    ServiceAccepted,
    /// The server sent `SSH_MSG_EXT_INFO`; the list of signature algorithms that was known then.
    ExtInfo(Option<AlgorithmList>),
    /// The server sent a banner: its index in [`Report::banners`](crate::Report::banners).
    Banner(usize),
    /// The limit for banners was reached. Later ones are not recorded.
    BannersDropped,
    /// The client sent the request of an attempt.
    Sent(usize),
    /// The server sent a message of the attempt's dialogue, such as prompts.
    ServerContinued(usize),
    /// The client sent one, such as answers.
    ClientContinued(usize),
    /// The server answered an attempt. The attempt has the outcome and the list of methods.
    Answered(usize),
    /// The client abandoned the dialogue of an attempt. [`Answered`](Self::Answered) may follow,
    /// when the server refuses it late.
    Abandoned(usize),
    /// The client skipped a key or a method: its index in [`Report::skips`](crate::Report::skips).
    Skipped(usize),
}

/// Which attempt of the report.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordId(pub(super) usize);

impl RecordId {
    /// The attempt before it.
    pub(crate) fn before(self) -> Option<Self> {
        self.0.checked_sub(1).map(Self)
    }
}

/// Where a request is in the report says nothing about what can happen to it.
#[cfg(test)]
impl core::hash::Hash for RecordId {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}
