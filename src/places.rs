//! Lists of names from a table, as the places of the names.

/// Places in a table of at most [`MOST`](Self::MOST) entries, in order, in one word: what servers
/// list are mostly a few names that everybody knows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
// The first in the lowest bits, each counted from 1, so that what is behind the last is 0.
pub(crate) struct Places(u64);

impl Places {
    const BITS: u32 = 5;

    /// How many entries a table may have.
    pub(crate) const MOST: usize = (1 << Self::BITS) - 1;

    /// How many places there is room for.
    const ROOM: u32 = u64::BITS / Self::BITS;

    fn len(self) -> u32 {
        (u64::BITS - self.0.leading_zeros()).div_ceil(Self::BITS)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The same with one more behind them, if there is room for it.
    pub(crate) fn with(self, place: u8) -> Option<Self> {
        let length = self.len();
        let counted = u64::from(place) + 1;
        let fits = length < Self::ROOM && usize::from(place) < Self::MOST;
        fits.then(|| Self(self.0 | (counted << (length * Self::BITS))))
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let counted = usize::try_from(rest & ((1 << Self::BITS) - 1)).ok()?;
            rest >>= Self::BITS;
            counted.checked_sub(1)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_a_list_with_little_room() {
        let mut places = Places::default();
        assert!(places.is_empty() && places.iter().next().is_none());
        let numbers = [30, 0, 0, 7, 1, 2, 3, 4, 5, 6, 30, 0];
        for (count, number) in numbers.iter().enumerate() {
            let expected = numbers.iter().take(count).map(|place| usize::from(*place));
            assert!(places.iter().eq(expected));
            places = places.with(*number).unwrap();
            assert!(!places.is_empty());
        }
        assert_eq!(places.iter().count(), numbers.len());
        assert_eq!(places.with(0), None, "full");
        assert_eq!(Places::default().with(31), None, "no such place");
    }
}
