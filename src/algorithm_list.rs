//! The list of signature algorithms, as the server last gave it.

use core::fmt;

use crate::algorithm::{name_at, place_of};
use crate::places::{self, Places};
use crate::text::ServerText;

/// The signature algorithms that the server takes (`server-sig-algs`, RFC 8308 section 3.1),
/// unknown names included. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct AlgorithmList(List);

#[derive(Clone, PartialEq, Eq, Hash)]
enum List {
    /// Names in use: what nearly every server lists. A login that waits keeps the list, and its
    /// text is longer than all else that is known of a server.
    Known(Places),
    Other(ServerText),
}

impl AlgorithmList {
    pub(crate) fn new(list: &[u8]) -> Self {
        let known = |places: Places, name| places.with(place_of(name)?);
        let mut names = list.split(|byte| *byte == b',');
        let places = match list {
            [] => Some(Places::default()),
            _ => names.try_fold(Places::default(), known),
        };
        Self(match places {
            Some(places) => List::Known(places),
            None => List::Other(ServerText::new(list)),
        })
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
        let (places, text) = match &self.0 {
            List::Known(places) => (*places, &[][..]),
            List::Other(text) => (Places::default(), text.raw()),
        };
        places::names(places, name_at, text)
    }
}

/// The names, filtered for display.
impl fmt::Display for AlgorithmList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        places::write_names(self.names(), f)
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
    use alloc::vec::Vec;

    use super::*;

    /// OpenSSH 9.2's.
    const OPENSSH: &str = "ssh-ed25519,sk-ssh-ed25519@openssh.com,ecdsa-sha2-nistp256,\
        ecdsa-sha2-nistp384,ecdsa-sha2-nistp521,sk-ecdsa-sha2-nistp256@openssh.com,\
        webauthn-sk-ecdsa-sha2-nistp256@openssh.com,ssh-dss,ssh-rsa,rsa-sha2-256,rsa-sha2-512";

    #[test]
    fn what_nearly_every_server_lists_needs_no_memory() {
        let list = AlgorithmList::new(OPENSSH.as_bytes());
        assert!(matches!(list.0, List::Known(_)));
        assert_eq!(list.to_string(), OPENSSH);
        assert!(AlgorithmList::new(b"").is_empty());
    }

    #[test]
    fn a_list_is_what_the_server_said() {
        let twice = "ssh-rsa,ssh-rsa";
        let long = [OPENSSH, "ssh-rsa", "ssh-rsa"].join(",");
        let unknown = "x25519@example.org,ssh-ed25519";
        for text in [OPENSSH, twice, &long, unknown, "ssh-rs", "x"] {
            let list = AlgorithmList::new(text.as_bytes());
            let names: Vec<_> = list.names().map(|name| name.line().to_string()).collect();
            assert_eq!(names.join(","), text);
            assert!(names.iter().all(|name| list.contains(name)));
            assert!(!list.contains("ssh") && !list.contains("") && !list.is_empty());
        }
        let hollow = AlgorithmList::new(b",,ssh-rsa,\x1b[31m,");
        assert_eq!(hollow.to_string(), "ssh-rsa,\\u{1b}[31m");
        let shown = alloc::format!("{hollow:?}");
        assert_eq!(shown, "AlgorithmList(ssh-rsa,\\u{1b}[31m)");
        assert!(AlgorithmList::new(b",").is_empty());
    }
}
