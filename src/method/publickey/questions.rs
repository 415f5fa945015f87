//! The questions of the method: which keys to offer, and a signature.

use crate::identity::Identity;
use crate::question::{Answer, AnswerContent, Ticket, of_ticket};
use crate::sign::{SignatureTask, of_signature_task};

/// Which key or keys to offer (RFC 4252 section 7)?
///
/// Asked again whenever the keys offered so far are used up, until the answer is
/// [`none_left`](Self::none_left). Each key costs an attempt on the server, usually of six: offer
/// the likely one first, and a certificate before its plain key. No key is offered twice by mistake:
/// duplicates are skipped.
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
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedPublicKey {
    pub(super) ticket: Ticket,
    pub(super) offered: usize,
}

/// Sign exactly these bytes with the key of this identity (RFC 4252 section 7).
///
/// Asked at most once for each offer, and never while the verdict on another signature is
/// awaited. The signature may come from anywhere (a file, an agent, a token, a service) and may
/// take its time: packets are handled meanwhile.
///
/// ```
/// # use ssh_userauth::{Answer, NeedSignature, Rejected};
/// # fn answer(need: NeedSignature, sign: impl Fn(&str, &[u8]) -> Option<Vec<u8>>) -> Answer {
/// match sign(need.algorithm(), need.data()) {
///     Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
///     None => need.decline(),
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedSignature {
    pub(super) ticket: Ticket,
    pub(super) task: SignatureTask,
    pub(super) is_host_bound: bool,
    pub(super) number: u32,
}

impl NeedPublicKey {
    of_ticket!();

    /// How many identities were offered so far in this run.
    #[must_use]
    pub fn offered(&self) -> usize {
        self.offered
    }

    /// Offers one key: the server is asked whether it would take it, and only then is a signature
    /// asked for.
    pub fn offer(self, identity: Identity) -> Answer {
        self.offer_many([identity])
    }

    /// Offers several keys, in this order. They may be asked about in one flight: then all their
    /// public halves are shown to the server, not only those up to the first that it takes.
    ///
    /// No key at all is the same as [`none_left`](Self::none_left).
    pub fn offer_many(self, identities: impl IntoIterator<Item = Identity>) -> Answer {
        self.ticket.answer(AnswerContent::Keys {
            identities: identities.into_iter().collect(),
            last_is_unprobed: false,
        })
    }

    /// Offers one key with its signature at once. Saves a round trip if the key is right. If it is
    /// wrong, a signature (and a touch) is spent, and the server has a proof of possession of a
    /// key that it never asked for.
    ///
    /// An RSA key is signed with under `rsa-sha2-256` while the server has not listed its
    /// signature algorithms.
    pub fn offer_unprobed(self, identity: Identity) -> Answer {
        self.offer_unprobed_after([], identity)
    }

    /// As [`offer_unprobed`](Self::offer_unprobed) for the favourite, with queries about the other
    /// keys before it, in the same flight: one round trip if the favourite is right, two if one of
    /// the others is. All of them are shown to the server.
    ///
    /// With [`Pipelining::Off`](crate::Pipelining) the favourite goes first, and the others follow
    /// one by one.
    pub fn offer_unprobed_after(
        self,
        others: impl IntoIterator<Item = Identity>,
        favourite: Identity,
    ) -> Answer {
        self.ticket.answer(AnswerContent::Keys {
            identities: others.into_iter().chain([favourite]).collect(),
            last_is_unprobed: true,
        })
    }

    /// There are no more keys. Not asked again in this run.
    pub fn none_left(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }

    /// The same as [`none_left`](Self::none_left).
    pub fn decline(self) -> Answer {
        self.none_left()
    }
}

impl NeedSignature {
    of_ticket!();
    of_signature_task!();

    /// Which signature of this run it is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.number
    }

    /// Whether the data names the server's host key (`publickey-hostbound-v00@openssh.com`, OpenSSH
    /// PROTOCOL section 3.1), so that the signature is worthless to any other server's session.
    #[must_use]
    pub fn is_host_bound(&self) -> bool {
        self.is_host_bound
    }

    /// This key can't or shall not sign. The next one is tried; this one is not asked again in
    /// this run. Costs no attempt on the server.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}
