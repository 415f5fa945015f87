//! Which key.

use core::num::NonZeroU32;

/// Which key of a list, small enough to be kept wherever one is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KeyId(NonZeroU32);

impl KeyId {
    /// The key at a place in the list of all.
    pub(crate) fn at(index: usize) -> Option<Self> {
        let number = u32::try_from(index).ok()?.checked_add(1)?;
        NonZeroU32::new(number).map(Self)
    }

    pub(crate) fn index(self) -> usize {
        // What does not fit is the place of no key.
        usize::try_from(self.0.get() - 1).unwrap_or(usize::MAX)
    }
}
