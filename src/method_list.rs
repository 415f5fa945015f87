//! The list of methods that can continue, as the server last gave it.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use crate::method::Method;
use crate::places::{self, Places};
use crate::text::ServerText;
use crate::wire::NameList;

/// The "authentications that can continue" of `SSH_MSG_USERAUTH_FAILURE` (RFC 4252 section 5.1),
/// unknown names included. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MethodList(List);

#[derive(Clone, PartialEq, Eq, Hash)]
enum List {
    /// Names that the machine knows, each once: what nearly every server lists.
    Known {
        /// Their places in [`Method::KNOWN`], in the server's order.
        places: Places,
        /// The same methods, to look one up without a search.
        set: KnownMethods,
    },
    Other(Arc<Inner>),
}

#[derive(PartialEq, Eq, Hash)]
struct Inner {
    /// The names, cut off at the limit.
    names: Box<[u8]>,
    kept: Kept,
    /// Which of the methods that the machine knows are in the whole list.
    known: KnownMethods,
}

impl List {
    /// None if there is anything else in the list, or a name comes twice.
    fn of_known(list: &[u8]) -> Option<Self> {
        let mut places = Places::default();
        let mut set = KnownMethods::default();
        let names = list.split(|byte| *byte == b',');
        for name in names.filter(|_| !list.is_empty()) {
            let method = Method::from_name(name)?;
            if set.has(method) {
                return None;
            }
            set.0 |= KnownMethods::bit(method);
            places = places.with(method.place()?)?;
        }
        Some(Self::Known { places, set })
    }
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
    fn of(methods: impl Iterator<Item = Method>) -> Self {
        Self(methods.map(Self::bit).fold(0, |all, bit| all | bit))
    }

    /// None for a method of the caller's own.
    fn bit(method: Method) -> u16 {
        method.place().map_or(0, |place| 1 << place)
    }

    fn has(self, method: Method) -> bool {
        self.0 & Self::bit(method) != 0
    }
}

impl MethodList {
    /// Keeps at most `limit` bytes; known names are found behind it all the same, in one pass.
    pub(crate) fn new(list: &NameList<'_>, limit: usize) -> Self {
        let bytes = list.as_bytes();
        let kept = if bytes.len() <= limit {
            Kept::Whole
        } else {
            Kept::Part
        };
        if kept == Kept::Whole
            && let Some(known) = List::of_known(bytes)
        {
            return Self(known);
        }
        let methods = list.iter().filter_map(Method::from_name);
        Self(List::Other(Arc::new(Inner {
            names: whole_names(bytes, limit).into(),
            kept,
            known: KnownMethods::of(methods),
        })))
    }

    /// Whether the server listed this method. One of the caller's own is looked for in what is
    /// kept of the list.
    #[must_use]
    pub fn contains(&self, method: Method) -> bool {
        match (&self.0, method) {
            (List::Known { set, .. }, method) => set.has(method),
            (List::Other(list), Method::Other(own)) => {
                let mut names = list.names.split(|byte| *byte == b',');
                names.any(|name| name == own.as_bytes())
            }
            (List::Other(list), method) => list.known.has(method),
        }
    }

    /// The names in the server's order; empty ones are left out.
    pub fn names(&self) -> impl Iterator<Item = ServerText> + '_ {
        let (places, text) = match &self.0 {
            List::Known { places, .. } => (*places, &[][..]),
            List::Other(list) => (Places::default(), &list.names[..]),
        };
        let name_at = |place| Method::at(Some(place), "").name();
        places::names(places, name_at, text).map(ServerText::new)
    }

    /// Whether the server named no method at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match &self.0 {
            List::Known { places, .. } => places.is_empty(),
            List::Other(list) => list.names.iter().all(|byte| *byte == b','),
        }
    }

    #[cfg(test)]
    pub(crate) fn known(&self) -> impl core::hash::Hash {
        match &self.0 {
            List::Known { set, .. } => *set,
            List::Other(list) => list.known,
        }
    }

    /// Whether this is the very same list, in memory that need not be taken twice. Of a list that
    /// was cut off, nobody can say.
    pub(crate) fn can_stand_for(&self, list: &NameList<'_>) -> bool {
        match &self.0 {
            List::Known { .. } => false,
            List::Other(own) => own.kept == Kept::Whole && *own.names == *list.as_bytes(),
        }
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
        places::write_names(self.names(), f)
    }
}

impl fmt::Debug for MethodList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodList({self})")
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;

    /// A shorter list may be just what is kept of a longer one.
    #[test]
    fn a_list_that_was_cut_off_is_never_the_same() {
        let long = NameList::new(b"password,keyboard-interactive").unwrap();
        let empty = NameList::new(b"").unwrap();
        let kept = MethodList::new(&long, 7);
        assert!(kept.contains(Method::Password), "found behind the limit");
        assert!(kept.is_empty());
        assert!(!kept.can_stand_for(&empty));
        assert_ne!(kept, MethodList::new(&empty, 7));
        let unknown = NameList::new(b"password,x").unwrap();
        let whole = MethodList::new(&unknown, unknown.as_bytes().len());
        assert!(whole.can_stand_for(&unknown));
        let first = MethodList::new(&long, 10);
        assert_eq!(alloc::format!("{first}"), "password");
    }
    #[test]
    fn lists_of_known_names_keep_their_order() {
        for names in [
            "",
            "password",
            "publickey,gssapi-keyex,none,hostbased,password,keyboard-interactive,gssapi-with-mic",
            "password,password",
            "password,,publickey",
            ",",
            "x,password",
        ] {
            let list = NameList::new(names.as_bytes()).unwrap();
            let kept = MethodList::new(&list, 100);
            let clean = list.iter().collect::<Vec<_>>().join(&b","[..]);
            assert_eq!(alloc::format!("{kept}").as_bytes(), clean, "{names}");
            assert_eq!(kept.is_empty(), clean.is_empty());
            let listed = |method: &Method| list.iter().any(|name| name == method.name().as_bytes());
            assert!(Method::KNOWN.iter().all(|m| kept.contains(*m) == listed(m)));
        }
    }
}
