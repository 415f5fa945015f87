//! An agent: keys that sign, or don't.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::fake::FakeKey;
use ssh_userauth::{Answer, Identity, NeedHostSignature, NeedSignature, Rejected};

/// Keys that sign when they are asked to, and count how often.
///
/// ```
/// use ssh_userauth_testing::{Agent, FakeKey};
///
/// let (token, laptop) = (FakeKey::new("token"), FakeKey::new("laptop"));
/// let agent = Agent::new().refuses(token.clone()).key(laptop);
/// assert_eq!(agent.identities().count(), 2);
/// assert_eq!(agent.touches(token.identity()), 0);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Agent {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    key: FakeKey,
    habit: Habit,
    touches: u32,
}

#[derive(Clone, Debug)]
enum Habit {
    Signs,
    Refuses,
    /// With another algorithm than it is asked for.
    SignsAs(String),
    /// Something else than it is asked for.
    SignsOtherData,
    Babbles,
}

impl Agent {
    /// An agent without keys.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A key that signs.
    #[must_use]
    pub fn key(self, key: FakeKey) -> Self {
        self.with(key, Habit::Signs)
    }

    /// A key that is listed and doesn't sign: the user doesn't touch the token.
    #[must_use]
    pub fn refuses(self, key: FakeKey) -> Self {
        self.with(key, Habit::Refuses)
    }

    /// A key that signs with this algorithm, whatever it is asked for, as old agents sign with
    /// SHA-1.
    #[must_use]
    pub fn signs_as(self, key: FakeKey, algorithm: &str) -> Self {
        self.with(key, Habit::SignsAs(algorithm.to_string()))
    }

    /// A key whose signatures have the right shape and are wrong.
    #[must_use]
    pub fn signs_wrongly(self, key: FakeKey) -> Self {
        self.with(key, Habit::SignsOtherData)
    }

    /// A key for which something comes back that is no signature.
    #[must_use]
    pub fn babbles(self, key: FakeKey) -> Self {
        self.with(key, Habit::Babbles)
    }

    fn with(mut self, key: FakeKey, habit: Habit) -> Self {
        self.entries.push(Entry {
            key,
            habit,
            touches: 0,
        });
        self
    }

    /// The keys, in order.
    pub fn identities(&self) -> impl Iterator<Item = &Identity> {
        self.entries.iter().map(|entry| entry.key.identity())
    }

    /// How often the key was asked to sign. Each time may be a touch, or a passphrase.
    #[must_use]
    pub fn touches(&self, identity: &Identity) -> u32 {
        let mut entries = self.entries.iter();
        let entry = entries.find(|entry| entry.key.identity().blob() == identity.blob());
        entry.map_or(0, |entry| entry.touches)
    }

    /// Answers the question, as the key in it does; declines for a key that isn't here.
    pub fn sign(&mut self, need: NeedSignature) -> Answer {
        let algorithm = need.signature_algorithm();
        match self.signature(need.identity(), algorithm, need.data()) {
            Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
            None => need.decline(),
        }
    }

    /// As [`sign`](Self::sign), for the key of a host.
    pub fn sign_for_host(&mut self, need: NeedHostSignature) -> Answer {
        let algorithm = need.signature_algorithm();
        match self.signature(need.identity(), algorithm, need.data()) {
            Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
            None => need.decline(),
        }
    }

    fn signature(&mut self, key: &Identity, algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
        let mut entries = self.entries.iter_mut();
        let entry = entries.find(|entry| entry.key.identity().blob() == key.blob())?;
        entry.touches = entry.touches.saturating_add(1);
        match &entry.habit {
            Habit::Signs => Some(entry.key.sign(algorithm, data)),
            Habit::Refuses => None,
            Habit::SignsAs(own) => Some(entry.key.sign(own, data)),
            Habit::SignsOtherData => Some(entry.key.sign(algorithm, b"something else")),
            Habit::Babbles => Some(b"no signature".to_vec()),
        }
    }
}
