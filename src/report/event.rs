//! What happened when.

use core::num::NonZeroU32;

use crate::few::Blank;
use crate::report::Outcome;

/// What happened when; the numbers count from 0 in the lists of the report.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    ServiceAccepted,
    ExtInfo(u32),
    Banner(u32),
    BannersDropped,
    Sent(u32),
    /// The server went on with the dialogue of a request.
    Spoke(u32),
    /// We did.
    Continued(u32),
    Answered(u32, Outcome),
    /// Answered, and told which methods can continue.
    AnsweredWithList(u32, Outcome),
    Skipped(u32),
}

impl Blank for Event {
    fn blank() -> Self {
        Self::ServiceAccepted
    }
}

/// The number of the next entry of a list. No run has so many.
pub(super) fn next<T>(list: &[T]) -> u32 {
    u32::try_from(list.len()).unwrap_or(u32::MAX)
}

/// The entry of a list that an event is about.
pub(super) fn entry<T>(list: &[T], number: u32) -> Option<&T> {
    list.get(usize::try_from(number).ok()?)
}

impl Event {
    /// The request that it is about.
    pub(super) fn attempt(self) -> Option<u32> {
        match self {
            Self::Sent(attempt)
            | Self::Spoke(attempt)
            | Self::Continued(attempt)
            | Self::Answered(attempt, _)
            | Self::AnsweredWithList(attempt, _) => Some(attempt),
            Self::ServiceAccepted
            | Self::ExtInfo(_)
            | Self::Banner(_)
            | Self::BannersDropped
            | Self::Skipped(_) => None,
        }
    }
}

/// Which attempt of the ledger, counted from 1.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RecordId(NonZeroU32);

impl RecordId {
    pub(super) fn of(number: u32) -> Self {
        Self(NonZeroU32::MIN.saturating_add(number))
    }

    /// The attempt before it.
    pub(crate) fn before(self) -> Option<Self> {
        NonZeroU32::new(self.0.get() - 1).map(Self)
    }

    /// Counted from 0, as in the list.
    pub(super) fn number(self) -> u32 {
        self.0.get() - 1
    }
}

/// Where in the ledger a request stands says nothing about what can happen to it.
#[cfg(test)]
impl core::hash::Hash for RecordId {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}
