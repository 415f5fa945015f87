//! The list of methods that can continue, as the server last gave it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use crate::method::Method;
use crate::text::ServerText;
use crate::wire::NameList;

/// The "authentications that can continue" of `SSH_MSG_USERAUTH_FAILURE` (RFC 4252 section 5.1),
/// unknown names included. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MethodList(Arc<Inner>);

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    /// The names, cut off at the limit.
    names: Box<[u8]>,
    kept: Kept,
    /// Which of the methods that the machine knows are in the whole list.
    known: KnownMethods,
}

/// How much of a list is kept.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Kept {
    Whole,
    Part,
}

/// A set of methods that the machine knows.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
struct KnownMethods(u16);

impl KnownMethods {
    const fn bit(method: Method) -> u16 {
        match method {
            Method::None => 1,
            Method::PublicKey => 1 << 1,
            Method::Password => 1 << 2,
            Method::KeyboardInteractive => 1 << 3,
            Method::HostBased => 1 << 4,
            Method::GssapiWithMic => 1 << 5,
            Method::GssapiKeyex => 1 << 6,
            Method::Other(_) => 0,
        }
    }
}

impl MethodList {
    /// Keeps at most `limit` bytes; known names are found behind it all the same, in one pass.
    pub(crate) fn new(list: &NameList<'_>, limit: usize) -> Self {
        let mut known = KnownMethods::default();
        for name in list.iter() {
            if let Some(method) = Method::from_name(name) {
                known.0 |= KnownMethods::bit(method);
            }
        }
        let bytes = list.as_bytes();
        let kept = if bytes.len() <= limit {
            Kept::Whole
        } else {
            Kept::Part
        };
        let names = whole_names(bytes, limit);
        Self(Arc::new(Inner {
            names: names.into(),
            kept,
            known,
        }))
    }

    /// Whether the server listed this method. One of the caller's own is looked for in what is
    /// kept of the list.
    #[must_use]
    pub fn contains(&self, method: Method) -> bool {
        if let Method::Other(own) = method {
            let mut names = self.0.names.split(|byte| *byte == b',');
            return names.any(|name| name == own.as_bytes());
        }
        self.0.known.0 & KnownMethods::bit(method) != 0
    }

    /// The names in the server's order; empty ones are left out.
    pub fn names(&self) -> impl Iterator<Item = ServerText> + '_ {
        self.0
            .names
            .split(|byte| *byte == b',')
            .filter(|name| !name.is_empty())
            .map(ServerText::new)
    }

    /// Whether the server named no method at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.names.iter().all(|byte| *byte == b',')
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> impl core::hash::Hash {
        self.0.known
    }

    /// Whether this is the very same list, so that it needn't be kept twice. Of a list that was
    /// cut off, nobody can say.
    pub(crate) fn is_same_as(&self, list: &NameList<'_>) -> bool {
        self.0.kept == Kept::Whole && *self.0.names == *list.as_bytes()
    }
}

/// The names that fit into the limit. Cut at a comma: half a name would be another name.
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

/// The names, filtered for display.
impl fmt::Display for MethodList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for name in self.names() {
            write!(f, "{separator}{}", name.line())?;
            separator = ",";
        }
        Ok(())
    }
}

impl fmt::Debug for MethodList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodList({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A shorter list may be just what is kept of a longer one.
    #[test]
    fn a_list_that_was_cut_off_is_never_the_same() {
        let long = NameList::try_from("password,keyboard-interactive").unwrap();
        let empty = NameList::try_from("").unwrap();
        let kept = MethodList::new(&long, 7);
        assert!(kept.contains(Method::Password), "found behind the limit");
        assert!(kept.is_empty());
        assert!(!kept.is_same_as(&empty));
        let whole = MethodList::new(&long, long.as_bytes().len());
        assert!(whole.is_same_as(&long));
        let first = MethodList::new(&long, 10);
        assert_eq!(alloc::format!("{first}"), "password");
    }
}
