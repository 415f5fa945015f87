//! Comma-separated lists of names (RFC 4251 section 5).

use super::error::DecodeReason;

/// A name-list as it came from the wire, over the bytes of the packet.
///
/// Lists of real servers aren't always well-formed, so only a NUL byte is refused: a server written
/// in C would take another list for this one. Empty names are skipped. Names that break RFC 4251
/// section 6 are kept for reports; no method that the client knows has such a name.
#[derive(Clone, Copy)]
pub(crate) struct NameList<'a> {
    bytes: &'a [u8],
}

impl<'a> NameList<'a> {
    /// A list over its bytes, without their length prefix.
    ///
    /// RFC 4251 section 5: "Terminating null characters MUST NOT be used, neither for the
    /// individual names, nor for the list as a whole."
    pub(crate) fn new(bytes: &'a [u8]) -> Result<Self, DecodeReason> {
        if bytes.contains(&0) {
            return Err(DecodeReason::NulInNameList);
        }
        Ok(Self { bytes })
    }

    /// The names in the peer's order, without the empty ones.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &'a [u8]> + Clone + use<'a> {
        self.bytes
            .split(|byte| *byte == b',')
            .filter(|name| !name.is_empty())
    }

    /// Whether the list has this name.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.iter().any(|listed| listed == name.as_bytes())
    }

    /// The list as it is on the wire, without its length prefix.
    pub(crate) const fn as_bytes(&self) -> &'a [u8] {
        self.bytes
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
