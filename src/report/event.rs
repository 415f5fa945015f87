//! What happened when.

use core::num::NonZeroU16;

use crate::algorithm_list::AlgorithmList;
use crate::few::Blank;
use crate::report::{AttemptRecord, Skip};
use crate::text::ServerText;

/// Something that happened in a run; see [`Report::events`](crate::Report::events). A number is the
/// index of an attempt in [`Report::attempts`](crate::Report::attempts).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The client requested the service `ssh-userauth`.
    ServiceRequested,
    /// The server accepted that request.
    ServiceAccepted,
    /// The server sent `SSH_MSG_EXT_INFO`; the list of signature algorithms that was known then.
    ExtInfo(Option<&'a AlgorithmList>),
    /// The server sent a banner.
    Banner(&'a ServerText),
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
    /// The client skipped a key or a method.
    Skipped(&'a Skip),
}

/// An [`Event`] as it is kept. Where it is the next entry of a list of the report, it has no number;
/// the others count from 0 in the list of attempts, which has 1024 entries at most.
#[derive(Clone, Copy, Debug)]
pub(super) enum Entry {
    ServiceAccepted,
    /// The next of the lists of algorithms.
    ExtInfo,
    /// The next banner.
    Banner,
    BannersDropped,
    /// The next attempt.
    Sent,
    /// The server went on with the dialogue of a request.
    Spoke(u16),
    /// We did.
    Continued(u16),
    Answered(u16),
    Abandoned(u16),
    /// The next skip.
    Skipped,
}

impl Blank for Entry {
    fn blank() -> Self {
        Self::ServiceAccepted
    }
}

/// Which attempt of the ledger, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordId(NonZeroU16);

impl RecordId {
    /// The next one of this list.
    pub(super) fn next(list: &[AttemptRecord]) -> Self {
        let number = u16::try_from(list.len()).unwrap_or(u16::MAX);
        Self(NonZeroU16::MIN.saturating_add(number))
    }

    /// The attempt before it.
    pub(crate) fn before(self) -> Option<Self> {
        NonZeroU16::new(self.0.get() - 1).map(Self)
    }

    /// Counted from 0, as in the list.
    pub(super) fn number(self) -> u16 {
        self.0.get() - 1
    }

    /// [`number`](Self::number), to look it up.
    pub(super) fn index(self) -> usize {
        usize::from(self.number())
    }
}

/// Where in the ledger a request stands says nothing about what can happen to it.
#[cfg(test)]
impl core::hash::Hash for RecordId {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}
