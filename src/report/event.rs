//! What happened when.

use core::num::NonZeroU16;

use crate::report::{AttemptRecord, Outcome};

/// What happened when. What is the next entry of a list of the report needs no number; the others
/// count from 0 in the list of attempts, which has 1024 at most.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
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
    Answered(u16, Outcome),
    /// Answered, and told which methods can continue.
    AnsweredWithList(u16, Outcome),
    /// The next skip.
    Skipped,
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
