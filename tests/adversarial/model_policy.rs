//! The honest server of T100: a random tree of methods, kept as OpenSSH keeps its own.

use ssh_userauth::wire::{ClientMessage, RequestMethod};
use ssh_userauth::{Identity, Method};

use crate::talk::{failure, pk_ok, prompts};
use crate::vectors;

pub(crate) const OWN: Method = Method::Other("own@example.org");
pub(crate) const METHODS: [Method; 4] = [
    Method::PublicKey,
    Method::Password,
    Method::KeyboardInteractive,
    OWN,
];
pub(crate) const RIGHT: &str = "right";

/// SplitMix64: the same numbers for the same seed, everywhere.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end).unwrap();
        usize::try_from(self.next() % end).unwrap()
    }

    /// Once in so many times.
    pub(crate) fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }

    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for end in (1..items.len()).rev() {
            let other = self.below(end + 1);
            items.swap(end, other);
        }
    }
}

/// A tree of AND and OR.
#[derive(Debug)]
pub(crate) enum Tree {
    Leaf(Method),
    All(Vec<Self>),
    Any(Vec<Self>),
}

impl Tree {
    pub(crate) fn random(random: &mut Random, depth: usize) -> Self {
        if depth == 0 || random.once_in(3) {
            return Self::Leaf(METHODS[random.below(METHODS.len())]);
        }
        let children = (0..=random.below(2)).map(|_| Self::random(random, depth - 1));
        let children = children.collect();
        if random.once_in(2) {
            Self::All(children)
        } else {
            Self::Any(children)
        }
    }

    /// All the ways through the tree.
    pub(crate) fn branches(&self) -> Vec<Vec<Method>> {
        match self {
            Self::Leaf(method) => vec![vec![*method]],
            Self::Any(children) => children.iter().flat_map(Self::branches).collect(),
            Self::All(children) => children.iter().fold(vec![vec![]], |ways, child| {
                let tails = child.branches();
                let with = |way: &Vec<Method>, tail: &Vec<Method>| [&way[..], tail].concat();
                ways.iter()
                    .flat_map(|way| tails.iter().map(|tail| with(way, tail)).collect::<Vec<_>>())
                    .collect()
            }),
        }
    }
}

/// As OpenSSH: what succeeds is taken off every branch that has it, and an empty branch lets in.
pub(crate) struct Server {
    branches: Vec<Vec<Method>>,
    /// Whether only the first of a branch may be tried.
    ordered: bool,
    good_keys: Vec<Identity>,
    /// Of these, those that count only behind another factor.
    late_keys: Vec<Identity>,
    used_keys: Vec<Vec<u8>>,
    /// Whether it says yes to every query.
    polite: bool,
    change: bool,
    rounds: usize,
    /// What is still to be prompted for in this exchange.
    left: usize,
    answers_right: bool,
    bears: usize,
    pub(crate) requests: usize,
    pub(crate) accepted: Vec<Method>,
}

impl Server {
    pub(crate) fn new(
        branches: Vec<Vec<Method>>,
        ordered: bool,
        [good_keys, late_keys]: [Vec<Identity>; 2],
        bears: usize,
        random: &mut Random,
    ) -> Self {
        Self {
            branches,
            ordered,
            good_keys,
            late_keys,
            used_keys: Vec::new(),
            polite: random.once_in(4),
            change: random.once_in(4),
            rounds: 2 + random.below(3),
            left: 0,
            answers_right: true,
            bears,
            requests: 0,
            accepted: Vec::new(),
        }
    }

    fn open(&self, branch: &[Method]) -> Vec<Method> {
        let end = if self.ordered { 1 } else { branch.len() };
        branch[..end.min(branch.len())].to_vec()
    }

    fn listed(&self) -> Vec<Method> {
        self.branches
            .iter()
            .flat_map(|branch| self.open(branch))
            .collect()
    }

    fn list(&self) -> String {
        let mut names = vec!["unknown@example.org"];
        names.extend(self.listed().iter().map(|method| method.name()));
        names.join(",")
    }

    fn refuse(&mut self) -> Option<Vec<u8>> {
        self.bears = self.bears.checked_sub(1)?;
        Some(failure(&self.list(), false))
    }

    fn verdict(&mut self, method: Method, right: bool) -> Option<Vec<u8>> {
        if !right || !self.listed().contains(&method) {
            return self.refuse();
        }
        self.accepted.push(method);
        let open: Vec<bool> = self
            .branches
            .iter()
            .map(|branch| self.open(branch).contains(&method))
            .collect();
        for (branch, open) in self.branches.iter_mut().zip(open) {
            if let Some(at) = branch.iter().position(|other| open && *other == method) {
                branch.remove(at);
            }
        }
        if self.branches.iter().any(Vec::is_empty) {
            Some(vectors::v04())
        } else {
            Some(failure(&self.list(), true))
        }
    }

    fn prompt(&mut self) -> Option<Vec<u8>> {
        if self.left == 0 {
            let right = self.answers_right;
            return self.verdict(Method::KeyboardInteractive, right);
        }
        self.left -= 1;
        // The last round has no prompts, as PAM's.
        let round = if self.left == 0 {
            &[][..]
        } else {
            &[("Code: ", false)]
        };
        Some(prompts(round))
    }

    /// The reply to a packet, or nothing: the connection is closed.
    pub(crate) fn hear(&mut self, payload: &[u8]) -> Option<Vec<u8>> {
        match ClientMessage::decode(payload).unwrap() {
            ClientMessage::ServiceRequest(_) => Some(vectors::v01()),
            ClientMessage::Method(message) => {
                // INFO_RESPONSE; the count of answers was checked by the machine.
                let ends = message.body().ends_with(RIGHT.as_bytes());
                self.answers_right &= ends || message.body() == [0; 4];
                self.prompt()
            }
            ClientMessage::Request(request) => {
                self.requests += 1;
                assert_eq!(
                    (request.user, request.service),
                    (&b"u"[..], &b"ssh-connection"[..])
                );
                self.judge(&request.method)
            }
            other => panic!("{other:?}"),
        }
    }

    fn judge(&mut self, method: &RequestMethod<'_>) -> Option<Vec<u8>> {
        match method {
            RequestMethod::None if self.branches.iter().any(Vec::is_empty) => Some(vectors::v04()),
            RequestMethod::None => Some(failure(&self.list(), false)),
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => {
                let among = |keys: &[Identity]| keys.iter().any(|one| one.blob() == *key);
                let early = !self.accepted.is_empty() || !among(&self.late_keys);
                let good = among(&self.good_keys)
                    && early
                    && !self.used_keys.iter().any(|used| used == key);
                if signature.is_some() {
                    if good {
                        self.used_keys.push(key.to_vec());
                    }
                    return self.verdict(Method::PublicKey, good);
                }
                if good || self.polite {
                    let algorithm = core::str::from_utf8(algorithm).unwrap();
                    return Some(pk_ok(algorithm, key));
                }
                self.refuse()
            }
            RequestMethod::Password { password } => {
                if core::mem::take(&mut self.change) && *password == RIGHT.as_bytes() {
                    return Some(vectors::v28());
                }
                self.verdict(Method::Password, *password == RIGHT.as_bytes())
            }
            RequestMethod::PasswordChange { old, .. } => {
                self.verdict(Method::Password, *old == RIGHT.as_bytes())
            }
            RequestMethod::KeyboardInteractive { .. } => {
                (self.left, self.answers_right) = (self.rounds, true);
                self.prompt()
            }
            RequestMethod::Other { data, .. } => self.verdict(OWN, *data == RIGHT.as_bytes()),
            _ => panic!("a method that is in no plan"),
        }
    }
}
