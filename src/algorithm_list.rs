//! The list of signature algorithms, as the server last gave it.

use core::fmt;

use crate::text::{ServerText, write_names};

/// The signature algorithms that the server takes (`server-sig-algs`, RFC 8308 section 3.1),
/// unknown names included. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AlgorithmList(ServerText);

impl AlgorithmList {
    pub(crate) fn new(list: &[u8]) -> Self {
        Self(ServerText::new(list))
    }

    /// The names in the server's order; empty ones are left out.
    pub fn names(&self) -> impl Iterator<Item = ServerText> {
        self.bytes().map(ServerText::new)
    }

    /// Whether the server listed this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.bytes().any(|listed| listed == name.as_bytes())
    }

    /// Whether the server named no algorithm at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bytes().next().is_none()
    }

    pub(crate) fn bytes(&self) -> impl Iterator<Item = &[u8]> {
        let names = self.0.raw().split(|byte| *byte == b',');
        names.filter(|name| !name.is_empty())
    }
}

/// The names, filtered for display.
impl fmt::Display for AlgorithmList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_names(self.names(), f)
    }
}

impl fmt::Debug for AlgorithmList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AlgorithmList({self})")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn a_list_is_what_the_server_said() {
        for text in ["", "ssh-rsa,ssh-rsa", "x25519@example.org,ssh-ed25519"] {
            let list = AlgorithmList::new(text.as_bytes());
            assert_eq!(list.to_string(), text);
            assert_eq!(list.is_empty(), text.is_empty());
            assert!(!list.contains("ssh") && !list.contains(""));
        }
        let hollow = AlgorithmList::new(b",,ssh-rsa,\x1b[31m,");
        assert_eq!(hollow.to_string(), "ssh-rsa,\\u{1b}[31m");
        assert!(hollow.contains("ssh-rsa") && AlgorithmList::new(b",").is_empty());
    }
}
