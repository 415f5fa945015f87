//! The list of methods that can continue, as the server last gave it.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::method_name::Method;
use crate::text::{ServerText, write_names};
use crate::wire::{NameList, whole_names};

/// The "authentications that can continue" of `SSH_MSG_USERAUTH_FAILURE` (RFC 4252 section 5.1),
/// unknown names included. Cloning is cheap.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MethodList(Arc<[u8]>);

impl MethodList {
    /// Keeps at most `limit` bytes of the names, and those that the crate knows wherever they are.
    pub(crate) fn new(list: &NameList<'_>, limit: usize) -> Self {
        let kept = whole_names(list.as_bytes(), limit);
        if kept.len() == list.as_bytes().len() {
            return Self(kept.into());
        }
        let mut names = Vec::from(kept);
        for method in Method::KNOWN {
            let name = method.name();
            if list.contains(name) && !contains(&names, name.as_bytes()) {
                if !names.is_empty() {
                    names.push(b',');
                }
                names.extend_from_slice(name.as_bytes());
            }
        }
        Self(names.into())
    }

    /// Whether the server listed this method. A custom one is looked for in what is kept of the
    /// list.
    #[must_use]
    pub fn contains(&self, method: Method) -> bool {
        contains(&self.0, method.name().as_bytes())
    }

    /// The names in the server's order; empty ones are left out.
    pub fn names(&self) -> impl Iterator<Item = ServerText> + '_ {
        names(&self.0).map(ServerText::new)
    }

    /// Whether the server named no method at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        names(&self.0).next().is_none()
    }
}

fn names(list: &[u8]) -> impl Iterator<Item = &[u8]> {
    let names = list.split(|byte| *byte == b',');
    names.filter(|name| !name.is_empty())
}

fn contains(list: &[u8], name: &[u8]) -> bool {
    names(list).any(|listed| listed == name)
}

/// The names, filtered for display.
impl fmt::Display for MethodList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_names(self.names(), f)
    }
}

impl fmt::Debug for MethodList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MethodList({self})")
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn list(names: &'static str, limit: usize) -> MethodList {
        MethodList::new(&NameList::new(names.as_bytes()).unwrap(), limit)
    }

    #[test]
    fn known_methods_beyond_the_limit_are_kept() {
        let kept = list("first@example.org,second@example.org,password", 20);
        assert_eq!(kept.to_string(), "first@example.org,password");
        assert!(kept.contains(Method::Password) && !kept.contains(Method::PublicKey));
        let kept = list("a-name-longer-than-the-limit,publickey", 9);
        assert_eq!(kept.to_string(), "publickey");
        assert!(!kept.is_empty());
    }

    #[test]
    fn the_list_is_what_the_server_said() {
        for names in [
            "",
            "password",
            "publickey,gssapi-keyex,none,hostbased,password,keyboard-interactive,gssapi-with-mic",
            "password,password",
            "x,password",
        ] {
            let kept = list(names, 100);
            assert_eq!(kept.to_string(), names);
            assert_eq!(kept.is_empty(), names.is_empty());
        }
        assert_eq!(
            list("password,,publickey", 100).to_string(),
            "password,publickey"
        );
        assert!(list(",", 100).is_empty());
    }
}
