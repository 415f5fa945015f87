//! What a user has, and whether it is enough.

use proptest::prelude::*;
use ssh_userauth::Method;
use ssh_userauth_testing::{Account, FakeKey, Person, Round};

use crate::tree::{METHODS, OWN, Tree};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Good,
    /// Counts only when another factor was accepted.
    Late,
    Nothing,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Offering {
    OneByOne,
    AllAtOnce,
    Unprobed,
    FavouriteLast,
}

#[derive(Clone, Debug)]
pub(crate) struct Credentials {
    /// The methods that the user is ready to use, best first.
    pub(crate) plan: Vec<Method>,
    pub(crate) keys: Vec<Worth>,
    pub(crate) offering: Offering,
    /// Whether they know the password, the answers, and what to say in their own method.
    pub(crate) knows: [bool; 3],
    /// How often they mistype, at first, what they know. Three refusals would be too many.
    pub(crate) mistakes: usize,
    pub(crate) thinks_for: u32,
    /// What they don't know, they leave unanswered, and don't guess.
    pub(crate) declines: bool,
}

impl Credentials {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let worth = prop_oneof![
            2 => Just(Worth::Good),
            1 => Just(Worth::Late),
            2 => Just(Worth::Nothing),
        ];
        let offering = prop_oneof![
            Just(Offering::OneByOne),
            Just(Offering::AllAtOnce),
            Just(Offering::Unprobed),
            Just(Offering::FavouriteLast),
        ];
        (
            prop::sample::subsequence(METHODS.to_vec(), 2..=4).prop_shuffle(),
            prop::collection::vec(worth, 0..6),
            offering,
            prop::array::uniform3(prop::bool::weighted(0.7)),
            0..3_usize,
            0..3_u32,
            any::<bool>(),
        )
            .prop_map(
                |(plan, keys, offering, knows, mistakes, thinks_for, declines)| Self {
                    plan,
                    keys,
                    offering,
                    knows,
                    mistakes,
                    thinks_for,
                    declines,
                },
            )
    }

    /// Where one thing waits for another, a key that is used up early may be missed later, and
    /// no client can know: the user has enough of them, or none.
    pub(crate) fn suited_to(mut self, tree: &Tree) -> Self {
        if tree.is_ordered() {
            let has_any = self.keys.contains(&Worth::Good);
            self.keys.retain(|worth| *worth == Worth::Nothing);
            if has_any {
                self.keys.extend([Worth::Good; 12]);
            }
        }
        self
    }

    fn knows(&self, method: Method) -> bool {
        match method {
            Method::Password => self.knows[0],
            Method::KeyboardInteractive => self.knows[1],
            OWN => self.knows[2],
            _ => false,
        }
    }

    fn count(&self, wanted: Worth) -> usize {
        self.keys.iter().filter(|worth| **worth == wanted).count()
    }

    /// Whether there is a way in.
    pub(crate) fn satisfy(&self, tree: &Tree) -> bool {
        let ways = tree.ways();
        // A late key counts if any other factor can be had.
        let unlocks = |method: &Method| match method {
            _ if !self.plan.contains(method) => false,
            Method::PublicKey => self.count(Worth::Good) > 0,
            method => self.knows(*method),
        };
        let unlocked = ways.iter().flatten().any(unlocks);
        let late = if unlocked { self.count(Worth::Late) } else { 0 };
        let has = |way: &[Method], method: Method| {
            let needed = way.iter().filter(|other| **other == method).count();
            let available = match method {
                _ if !self.plan.contains(&method) => 0,
                Method::PublicKey => self.count(Worth::Good) + late,
                _ if self.knows(method) => usize::MAX,
                _ => 0,
            };
            needed <= available
        };
        ways.iter()
            .any(|way| METHODS.iter().all(|method| has(way, *method)))
    }

    pub(crate) fn key(index: usize) -> FakeKey {
        FakeKey::new(&format!("key-{index}"))
    }

    /// What the server knows of the user.
    pub(crate) fn account(&self, rounds: usize, empty_round: bool) -> Account {
        let account = Account::new("alice")
            .password("right")
            .own_method(OWN, "right");
        let keys = self.keys.iter().enumerate();
        let account = keys.fold(account, |account, (index, worth)| {
            let key = Self::key(index);
            match worth {
                Worth::Good => account.key(key.identity()),
                Worth::Late => account.key_behind_a_factor(key.identity()),
                Worth::Nothing => account,
            }
        });
        let account = (0..rounds).fold(account, |account, round| {
            account.round(Round::new().hidden(&prompt(round), "right"))
        });
        if empty_round {
            account.round(Round::new())
        } else {
            account
        }
    }

    pub(crate) fn person(&self, rounds: usize) -> Person {
        let person = Person::new().thinks_for(self.thinks_for);
        let mut person = match self.offering {
            Offering::OneByOne => person,
            Offering::AllAtOnce => person.offers_all_keys_at_once(),
            Offering::Unprobed => person.offers_keys_unprobed(),
            Offering::FavouriteLast => person.offers_favourite_key_last(),
        };
        for index in 0..self.keys.len() {
            person = person.key(Self::key(index));
        }
        for word in self.words(Method::Password) {
            person = person.password(word);
        }
        for word in self.words(Method::KeyboardInteractive) {
            person = person.answer(&prompt(0), word);
        }
        for round in 1..rounds {
            person = person.answer(&prompt(round), "right");
        }
        let own = if self.knows(OWN) { "right" } else { "wrong" };
        person.own_method(OWN, own).new_password("new")
    }

    /// What they type, one after the other; the last again and again.
    fn words(&self, method: Method) -> Vec<&'static str> {
        if self.declines && !self.knows(method) {
            return Vec::new();
        }
        let mut words = vec!["wrong"; self.mistakes];
        let last = if self.knows(method) { "right" } else { "wrong" };
        words.push(last);
        words
    }
}

fn prompt(round: usize) -> String {
    format!("Code {round}: ")
}
