//! A tree of methods, and in how many ways it can be gone through: written down a second time, so
//! that the server's own reading of its policy is not what it is judged by.

use proptest::prelude::*;
use ssh_userauth::Method;
use ssh_userauth_testing::Policy;

pub(crate) const OWN: Method = Method::Other("own@example.org");
pub(crate) const METHODS: [Method; 4] = [
    Method::PublicKey,
    Method::Password,
    Method::KeyboardInteractive,
    OWN,
];

#[derive(Clone, Debug)]
pub(crate) enum Tree {
    Leaf(Method),
    All(Vec<Self>),
    Any(Vec<Self>),
    InOrder(Vec<Self>),
}

impl Tree {
    /// Two levels of up to three parts: the nine partial successes of the longest way are well
    /// below the sixteen that the machine bears.
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let leaf = prop::sample::select(&METHODS[..]).prop_map(Self::Leaf);
        leaf.prop_recursive(2, 9, 3, |part| {
            let parts = || prop::collection::vec(part.clone(), 1..=3);
            prop_oneof![
                parts().prop_map(Self::All),
                parts().prop_map(Self::Any),
                parts().prop_map(Self::InOrder),
            ]
        })
    }

    /// All the ways through the tree, each as the methods that it takes.
    pub(crate) fn ways(&self) -> Vec<Vec<Method>> {
        match self {
            Self::Leaf(method) => vec![vec![*method]],
            Self::Any(parts) => parts.iter().flat_map(Self::ways).collect(),
            Self::All(parts) | Self::InOrder(parts) => {
                parts.iter().fold(vec![vec![]], |ways, part| {
                    let tails = part.ways();
                    let with = |way: &Vec<Method>| -> Vec<Vec<Method>> {
                        tails.iter().map(|tail| [&way[..], tail].concat()).collect()
                    };
                    ways.iter().flat_map(with).collect()
                })
            }
        }
    }

    /// Whether some part waits for another.
    pub(crate) fn is_ordered(&self) -> bool {
        match self {
            Self::Leaf(_) => false,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_ordered),
            Self::InOrder(parts) => parts.len() > 1 || parts.iter().any(Self::is_ordered),
        }
    }

    pub(crate) fn policy(&self) -> Policy {
        let policies = |parts: &[Self]| parts.iter().map(Self::policy).collect::<Vec<_>>();
        match self {
            Self::Leaf(method) => Policy::from(*method),
            Self::All(parts) => Policy::all(policies(parts)),
            Self::Any(parts) => Policy::any(policies(parts)),
            Self::InOrder(parts) => Policy::in_order(policies(parts)),
        }
    }
}
