//! Comma-separated lists of names (RFC 4251 section 5).

use core::fmt;

use super::error::DecodeReason;
use super::show::Text;

/// RFC 4251 section 6: "all algorithm and method identifiers MUST be printable US-ASCII, non-empty
/// strings no longer than 64 characters."
const LONGEST_NAME: usize = 64;

/// A name-list as it came from the wire: comma-separated names (RFC 4251 section 5), over the bytes
/// of the packet.
///
/// Lists of real servers aren't always well-formed, so only a NUL byte is refused (what a peer
/// written in C takes to be the list would be another list than ours). Empty names are skipped.
/// Names that break RFC 4251 section 6 (longer than 64 characters, or with anything but printable
/// US-ASCII in them) are kept for reports, and are never [contained](Self::contains).
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct NameList<'a> {
    bytes: &'a [u8],
}

impl<'a> NameList<'a> {
    /// The list with no names.
    pub const EMPTY: Self = Self { bytes: &[] };

    /// A list over its bytes, without their length prefix.
    ///
    /// # Errors
    /// [`DecodeReason::NulInNameList`]. RFC 4251 section 5: "Terminating null characters MUST NOT
    /// be used, neither for the individual names, nor for the list as a whole."
    pub fn new(bytes: &'a [u8]) -> Result<Self, DecodeReason> {
        if bytes.contains(&0) {
            return Err(DecodeReason::NulInNameList);
        }
        Ok(Self { bytes })
    }

    /// The names in the peer's order, without the empty ones.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        self.bytes
            .split(|byte| *byte == b',')
            .filter(|name| !name.is_empty())
    }

    /// Whether the list has this name, byte for byte (RFC 4251 section 6: "Names MUST be
    /// case-sensitive.").
    ///
    /// Always false for a name that RFC 4251 section 6 doesn't allow, even if it is in the list.
    #[must_use]
    pub fn contains(&self, name: impl AsRef<[u8]>) -> bool {
        let name = name.as_ref();
        is_well_formed(name) && self.iter().any(|each| each == name)
    }

    /// Whether the list names nothing; true also of a list of commas.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iter().next().is_none()
    }

    /// Whether there are names of no length between commas or at an end, against RFC 4251 section
    /// 5: "A name MUST have a non-zero length". The empty list has no names, hence no empty ones.
    #[must_use]
    pub fn has_empty_names(&self) -> bool {
        !self.bytes.is_empty() && self.bytes.split(|byte| *byte == b',').any(<[u8]>::is_empty)
    }

    /// The bytes of the list as they are on the wire, without their length prefix.
    #[must_use]
    pub const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
    }
}

impl<'a> TryFrom<&'a [u8]> for NameList<'a> {
    type Error = DecodeReason;

    fn try_from(bytes: &'a [u8]) -> Result<Self, DecodeReason> {
        Self::new(bytes)
    }
}

impl<'a> TryFrom<&'a str> for NameList<'a> {
    type Error = DecodeReason;

    fn try_from(text: &'a str) -> Result<Self, DecodeReason> {
        Self::new(text.as_bytes())
    }
}

impl fmt::Debug for NameList<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("NameList").field(&Text(self.bytes)).finish()
    }
}

/// The names that fit into the limit. The list is cut at a comma: half a name would be another
/// name.
pub(crate) fn whole_names(list: &[u8], limit: usize) -> &[u8] {
    // One more byte, for the comma behind the last name that fits.
    match limit.checked_add(1).and_then(|limit| list.get(..limit)) {
        Some(kept) => {
            let comma = kept.iter().rposition(|byte| *byte == b',');
            comma
                .and_then(|comma| kept.get(..comma))
                .unwrap_or_default()
        }
        None => list,
    }
}

fn is_well_formed(name: &[u8]) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b',')
}
