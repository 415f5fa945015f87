//! Which methods lead in: a tree of AND and OR.

use alloc::vec::Vec;

use ssh_userauth::Method;

/// Which methods a server wants to see succeed before it lets anybody in.
///
/// ```
/// use ssh_userauth::Method::{KeyboardInteractive, Password, PublicKey};
/// use ssh_userauth_testing::Policy;
///
/// // A key, and then one of two others.
/// let policy = Policy::in_order([
///     Policy::from(PublicKey),
///     Policy::any([Password, KeyboardInteractive]),
/// ]);
/// assert_eq!(policy.listed(), [PublicKey]);
/// // The same as OpenSSH's AuthenticationMethods has it.
/// let same = Policy::openssh("publickey,password publickey,keyboard-interactive");
/// assert_eq!(same.unwrap().listed(), [PublicKey]);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Policy(Tree);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Tree {
    Method(Method),
    /// In any order. Of nothing: met.
    All(Vec<Self>),
    /// Of nothing: can't be met.
    Any(Vec<Self>),
    InOrder(Vec<Self>),
}

impl Policy {
    /// All of these, in any order. Of nothing: an open server, which wants no proof.
    #[must_use]
    pub fn all<P: Into<Self>>(parts: impl IntoIterator<Item = P>) -> Self {
        Self(all(trees(parts)))
    }

    /// One of these. Of nothing: a server that lets nobody in.
    #[must_use]
    pub fn any<P: Into<Self>>(parts: impl IntoIterator<Item = P>) -> Self {
        Self(any(trees(parts)))
    }

    /// All of these, each listed only when those before it have succeeded.
    #[must_use]
    pub fn in_order<P: Into<Self>>(parts: impl IntoIterator<Item = P>) -> Self {
        Self(in_order(trees(parts)))
    }

    /// As in OpenSSH's `AuthenticationMethods`: lists with commas, one of which must be gone
    /// through in order. `None` if a name is unknown or a list is empty; what stands behind a
    /// colon (`keyboard-interactive:pam`) is ignored.
    #[must_use]
    pub fn openssh(lists: &str) -> Option<Self> {
        let list = |list: &str| -> Option<Self> {
            let methods: Option<Vec<Method>> = list.split(',').map(method).collect();
            methods.map(Self::in_order)
        };
        let lists: Option<Vec<Self>> = lists.split_whitespace().map(list).collect();
        lists.filter(|lists| !lists.is_empty()).map(Self::any)
    }

    /// The methods that can continue, each once.
    #[must_use]
    pub fn listed(&self) -> Vec<Method> {
        let mut listed = Vec::new();
        self.0.list(&mut listed);
        listed
    }

    /// Whether nothing more is wanted.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.0.is_met()
    }

    /// What is still wanted when the method has succeeded, or `None` if it is not listed.
    ///
    /// As OpenSSH: it is taken off every list that has it in front, and the others stay as they
    /// are.
    #[must_use]
    pub fn after(&self, method: Method) -> Option<Self> {
        self.0.after(method).map(Self)
    }
}

impl From<Method> for Policy {
    fn from(method: Method) -> Self {
        Self(Tree::Method(method))
    }
}

impl Tree {
    fn is_met(&self) -> bool {
        match self {
            Self::Method(_) => false,
            Self::All(parts) | Self::InOrder(parts) => parts.iter().all(Self::is_met),
            Self::Any(parts) => parts.iter().any(Self::is_met),
        }
    }

    fn list(&self, listed: &mut Vec<Method>) {
        match self {
            Self::Method(method) if listed.contains(method) => {}
            Self::Method(method) => listed.push(*method),
            Self::All(parts) | Self::Any(parts) => parts.iter().for_each(|part| part.list(listed)),
            Self::InOrder(parts) => parts.iter().take(1).for_each(|part| part.list(listed)),
        }
    }

    fn after(&self, method: Method) -> Option<Self> {
        match self {
            Self::Method(own) => (*own == method).then(|| Self::All(Vec::new())),
            Self::All(parts) => {
                // One success counts for one part only; if it could for several, all ways stay
                // open. Of equal parts, the first will do: the ways would not differ.
                let ways = parts.iter().enumerate().filter_map(|(at, part)| {
                    let is_first = !parts.iter().take(at).any(|other| other == part);
                    let rest = part.after(method).filter(|_| is_first)?;
                    Some(all(replaced(parts, at, rest)))
                });
                let ways: Vec<Self> = ways.collect();
                (!ways.is_empty()).then(|| any(ways))
            }
            Self::Any(parts) => {
                let advanced = |part: &Self| part.after(method);
                parts.iter().any(|part| advanced(part).is_some()).then(|| {
                    let part = |part: &Self| advanced(part).unwrap_or_else(|| part.clone());
                    any(parts.iter().map(part).collect())
                })
            }
            Self::InOrder(parts) => {
                let rest = parts.first()?.after(method)?;
                Some(in_order(replaced(parts, 0, rest)))
            }
        }
    }
}

fn replaced(parts: &[Tree], at: usize, by: Tree) -> Vec<Tree> {
    let mut parts = parts.to_vec();
    if let Some(part) = parts.get_mut(at) {
        *part = by;
    }
    parts
}

fn trees<P: Into<Policy>>(parts: impl IntoIterator<Item = P>) -> Vec<Tree> {
    parts.into_iter().map(|part| part.into().0).collect()
}

/// Without what is met already: whatever is left in a tree is still wanted.
fn all(mut parts: Vec<Tree>) -> Tree {
    parts.retain(|part| !part.is_met());
    Tree::All(parts)
}

fn in_order(mut parts: Vec<Tree>) -> Tree {
    parts.retain(|part| !part.is_met());
    Tree::InOrder(parts)
}

/// Met, if one of them is; without what is there twice.
fn any(parts: Vec<Tree>) -> Tree {
    if parts.iter().any(Tree::is_met) {
        return Tree::All(Vec::new());
    }
    let mut kept: Vec<Tree> = Vec::new();
    for part in parts {
        if !kept.contains(&part) {
            kept.push(part);
        }
    }
    Tree::Any(kept)
}

fn method(name: &str) -> Option<Method> {
    let name = name.split(':').next().unwrap_or_default();
    let known = [
        Method::None,
        Method::PublicKey,
        Method::Password,
        Method::KeyboardInteractive,
        Method::HostBased,
        Method::GssapiWithMic,
    ];
    known.into_iter().find(|method| method.name() == name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method::{HostBased, KeyboardInteractive, Password, PublicKey};

    /// The list after each success, until it is met or the method is not listed.
    fn walk(policy: &Policy, methods: &[Method]) -> Option<Policy> {
        let mut policy = policy.clone();
        for method in methods {
            policy = policy.after(*method)?;
        }
        Some(policy)
    }

    #[test]
    fn lists_of_openssh() {
        let policy = Policy::openssh("publickey,password password,keyboard-interactive:pam");
        let policy = policy.unwrap();
        assert_eq!(policy.listed(), [PublicKey, Password]);
        // The first list is untouched, the second is one shorter.
        let after = walk(&policy, &[Password]).unwrap();
        assert_eq!(after.listed(), [PublicKey, KeyboardInteractive]);
        assert!(
            walk(&policy, &[Password, KeyboardInteractive])
                .unwrap()
                .is_met()
        );
        assert_eq!(walk(&policy, &[KeyboardInteractive]), None);
        for wrong in ["", "publickey,", "publickey,rlogin"] {
            assert_eq!(Policy::openssh(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn the_same_method_twice_is_two_successes() {
        let twice = Policy::all([PublicKey, PublicKey]);
        assert!(!walk(&twice, &[PublicKey]).unwrap().is_met());
        assert!(walk(&twice, &[PublicKey, PublicKey]).unwrap().is_met());
    }

    /// One success must not count for the part and for the choice beside it.
    #[test]
    fn a_success_counts_once_and_every_way_stays_open() {
        let policy = Policy::all([
            Policy::from(Password),
            Policy::any([Password, KeyboardInteractive]),
        ]);
        let after = walk(&policy, &[Password]).unwrap();
        assert!(!after.is_met());
        assert_eq!(after.listed(), [Password, KeyboardInteractive]);
        let nested = Policy::any([
            Policy::all([PublicKey, Password]),
            Policy::in_order([HostBased, PublicKey]),
        ]);
        let after = walk(&nested, &[PublicKey]).unwrap();
        assert_eq!(after.listed(), [Password, HostBased]);
    }

    #[test]
    fn nothing_and_never() {
        assert!(Policy::all::<Method>([]).is_met());
        let never = Policy::any::<Method>([]);
        assert!(!never.is_met() && never.listed().is_empty());
        let dead = Policy::in_order([never, Policy::from(Password)]);
        assert!(dead.listed().is_empty() && dead.after(Password).is_none());
    }
}
