//! Lists of names: those of a table as their places, others as text.

use core::fmt;

use crate::text::ServerText;

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

    fn iter(self) -> impl Iterator<Item = u8> {
        let mut rest = self.0;
        core::iter::from_fn(move || {
            let counted = u8::try_from(rest & ((1 << Self::BITS) - 1)).ok()?;
            rest >>= Self::BITS;
            counted.checked_sub(1)
        })
    }
}

/// A list of names, in the server's order: places in a table, then those of a name-list (RFC 4251
/// section 5) as text. One of the two is empty. Empty names are left out.
pub(crate) fn names(
    places: Places,
    name_at: impl Fn(u8) -> &'static str,
    text: &[u8],
) -> impl Iterator<Item = &[u8]> {
    let known = places.iter().map(move |place| name_at(place).as_bytes());
    let others = text.split(|byte| *byte == b',');
    known.chain(others.filter(|name| !name.is_empty()))
}

/// Writes names of the server as a name-list, filtered for display.
pub(crate) fn write_names(
    names: impl Iterator<Item = ServerText>,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut separator = "";
    for name in names {
        write!(f, "{separator}{}", name.line())?;
        separator = ",";
    }
    Ok(())
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
            assert!(places.iter().eq(numbers.iter().copied().take(count)));
            places = places.with(*number).unwrap();
            assert!(!places.is_empty());
        }
        assert_eq!(places.iter().count(), numbers.len());
        assert_eq!(places.with(0), None, "full");
        assert_eq!(Places::default().with(31), None, "no such place");
    }
}
