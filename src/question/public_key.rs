//! Which key or keys shall be offered?

use alloc::sync::Arc;

use crate::identity::Identity;
use crate::login::Login;
use crate::question::{Answer, Reply, Ticket};

/// Which key or keys shall be offered (RFC 4252 section 7)?
///
/// Asked again whenever the keys offered so far are used up, until the answer is
/// [`none_left`](Self::none_left). Each key costs an attempt on the server, usually of six; offer
/// the likely one first, and a certificate before its plain key. A key that was offered before is
/// not offered again by mistake: duplicates are skipped.
///
/// ```
/// # fn answer(need: ssh_userauth::NeedPublicKey, next_key: Option<ssh_userauth::Identity>)
/// # -> ssh_userauth::Answer {
/// match next_key {
///     Some(key) => need.offer(key),
///     None => need.none_left(),
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedPublicKey {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) offered: usize,
}

/// An identity as the caller offers it.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) identity: Identity,
    pub(crate) probing: Probing,
}

/// Whether the server is asked about a key before a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Probing {
    Query,
    Unasked,
}

impl NeedPublicKey {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// How many identities were offered so far in this run.
    #[must_use]
    pub fn offered(&self) -> usize {
        self.offered
    }

    /// Offers one key: the server is asked whether it would take it, and only then is a signature
    /// asked for.
    pub fn offer(self, identity: Identity) -> Answer {
        self.one(identity, Probing::Query)
    }

    /// Offers several keys, in this order. They may be asked about in one flight: all their
    /// public halves are shown to the server then, not only those up to the first that it takes.
    ///
    /// No key at all is the same as [`none_left`](Self::none_left).
    pub fn offer_many(self, identities: impl IntoIterator<Item = Identity>) -> Answer {
        let offers = identities.into_iter().map(|identity| Offer {
            identity,
            probing: Probing::Query,
        });
        Ticket::new(self.question, &self.login).answer(Reply::Offers(offers.collect()))
    }

    /// Offers one key with its signature at once. Saves a round trip if the key is right; if it is
    /// wrong, a signature (and a touch) is spent, and the server has a proof of possession of a
    /// key that it never asked for.
    ///
    /// An RSA key is signed with under `rsa-sha2-256` while the server has not listed its
    /// signature algorithms.
    pub fn offer_unprobed(self, identity: Identity) -> Answer {
        self.one(identity, Probing::Unasked)
    }

    /// As [`offer_unprobed`](Self::offer_unprobed) for the favourite, with the server asked about
    /// the others in front of it, in the same flight: one round trip if the favourite is right,
    /// two if one of the others is. All of them are shown to the server.
    ///
    /// With [`Pipelining::Off`](crate::Pipelining) the favourite goes first, and the others come
    /// after it, one by one.
    pub fn offer_unprobed_after(
        self,
        others: impl IntoIterator<Item = Identity>,
        favourite: Identity,
    ) -> Answer {
        let offer = |probing| move |identity| Offer { identity, probing };
        let others = others.into_iter().map(offer(Probing::Query));
        let favourite = core::iter::once(favourite).map(offer(Probing::Unasked));
        Ticket::new(self.question, &self.login)
            .answer(Reply::Offers(others.chain(favourite).collect()))
    }

    /// There are no more keys. Not asked again in this run.
    pub fn none_left(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }

    /// The same as [`none_left`](Self::none_left).
    pub fn decline(self) -> Answer {
        self.none_left()
    }

    fn one(self, identity: Identity, probing: Probing) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Offer(Offer { identity, probing }))
    }
}
