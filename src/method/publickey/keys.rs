//! The keys of a run: which are still to be offered, in which order, and which never again.

use alloc::collections::{BTreeSet, VecDeque};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::context::Context;
use crate::identity::Identity;
use crate::peer::Chosen;
use crate::report::{AttemptRecord, Unavailable};
use crate::run::Run;

/// The keys that the caller offered, and whether it may have more.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Their blobs, to recognise a key that is offered twice.
    known: BTreeSet<Arc<[u8]>>,
    /// Keys to ask the server about, in the caller's order.
    fresh: VecDeque<KeyIndex>,
    /// Keys to offer with a signature, in the caller's order.
    unprobed: VecDeque<KeyIndex>,
    /// Keys that the server would take (PK_OK), in the order in which it said so.
    accepted: VecDeque<KeyIndex>,
    /// Keys to offer once more when there is no fresh one: a factor was accepted since they were
    /// refused.
    refused_before: VecDeque<KeyIndex>,
    /// The caller has no more keys, or may not offer more.
    is_complete: bool,
    /// Offers of the caller, duplicates included: an endless iterator must not loop for ever.
    offers: usize,
}

/// Which key of the list of all.
pub(super) type KeyIndex = u32;

#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Key {
    identity: Identity,
    probing: Probing,
    state: KeyState,
    /// The algorithm of its offer, which never changes until the verdict.
    algorithm: Option<Chosen>,
    /// Algorithms that the server or the signer could not use; with
    /// [`HashFallback`](crate::HashFallback), others are tried.
    refused: Vec<AlgorithmName>,
}

/// Whether the server is asked about a key before a signature is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Probing {
    Query,
    Unprobed,
}

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum KeyState {
    /// To be offered, or offered and without a verdict.
    Open,
    /// Refused; worth another try after a partial success.
    Refused,
    /// No algorithm fits what the server has listed; another list may come.
    NoAlgorithm,
    /// Gave a factor, or can't sign: never again in this run.
    Done,
}

/// A key as it is offered.
pub(super) struct Offered<'a> {
    pub(super) identity: &'a Identity,
    pub(super) algorithm: &'a Chosen,
}

impl Offered<'_> {
    /// The entry of the report for a request with this key.
    pub(super) fn record(&self, attempt: AttemptRecord) -> AttemptRecord {
        attempt.with_key(self.identity.clone(), self.algorithm.request.clone())
    }
}

/// Queries and what is to be done next.
impl Keys {
    pub(super) fn offers(&self) -> usize {
        self.offers
    }

    pub(super) fn may_ask(&self) -> bool {
        !self.is_complete
    }

    pub(super) fn has_fresh(&self) -> bool {
        !self.fresh.is_empty() || self.has_unprobed()
    }

    pub(super) fn has_unprobed(&self) -> bool {
        !self.unprobed.is_empty()
    }

    pub(super) fn has_accepted(&self) -> bool {
        !self.accepted.is_empty()
    }

    pub(super) fn has_refused_before(&self) -> bool {
        !self.refused_before.is_empty()
    }

    pub(super) fn identity(&self, key: KeyIndex) -> Option<&Identity> {
        Some(&self.key(key)?.identity)
    }

    pub(super) fn probing(&self, key: KeyIndex) -> Option<Probing> {
        Some(self.key(key)?.probing)
    }

    /// The key under this offer.
    pub(super) fn offered(&self, key: KeyIndex) -> Option<Offered<'_>> {
        let key = self.key(key)?;
        Some(Offered {
            identity: &key.identity,
            algorithm: key.algorithm.as_ref()?,
        })
    }

    /// The next key that was never offered, in the caller's order.
    pub(super) fn pop_fresh(&mut self) -> Option<KeyIndex> {
        match (self.fresh.front(), self.unprobed.front()) {
            (Some(fresh), Some(unprobed)) if unprobed < fresh => self.unprobed.pop_front(),
            (Some(_), _) => self.fresh.pop_front(),
            (None, _) => self.unprobed.pop_front(),
        }
    }

    /// The next key that the server is to be asked about.
    pub(super) fn pop_probed(&mut self) -> Option<KeyIndex> {
        self.fresh.pop_front()
    }

    /// The next key that is to be signed with at once.
    pub(super) fn pop_unprobed(&mut self) -> Option<KeyIndex> {
        self.unprobed.pop_front()
    }

    /// The next key that the server has accepted.
    pub(super) fn pop_accepted(&mut self) -> Option<KeyIndex> {
        self.accepted.pop_front()
    }

    /// The next key that was refused for an earlier factor.
    pub(super) fn pop_refused_before(&mut self) -> Option<KeyIndex> {
        self.refused_before.pop_front()
    }

    fn key(&self, key: KeyIndex) -> Option<&Key> {
        self.keys.get(position(key))
    }

    fn key_mut(&mut self, key: KeyIndex) -> Option<&mut Key> {
        self.keys.get_mut(position(key))
    }
}

/// What happens to keys.
impl Keys {
    /// Takes offers of the caller. The same key from a file and from the agent is one key.
    pub(super) fn take<Q>(
        &mut self,
        identities: Vec<Identity>,
        last_is_unprobed: bool,
        run: &mut Run<Q>,
    ) {
        if self.keys.is_empty() {
            self.keys.reserve_exact(identities.len());
        }
        let last = identities.len().saturating_sub(1);
        for (number, identity) in identities.into_iter().enumerate() {
            let probing = if last_is_unprobed && number == last {
                Probing::Unprobed
            } else {
                Probing::Query
            };
            self.take_one(identity, probing, run);
        }
    }

    fn take_one<Q>(&mut self, identity: Identity, probing: Probing, run: &mut Run<Q>) {
        if self.offers >= run.context.limits().max_identities {
            if !self.is_complete {
                run.too_many_identities();
            }
            self.is_complete = true;
            return;
        }
        self.offers += 1;
        let Ok(key) = KeyIndex::try_from(self.keys.len()) else {
            return;
        };
        if !self.known.insert(identity.shared_blob()) {
            return run.skip(identity, Unavailable::Duplicate);
        }
        self.keys.push(Key {
            identity,
            probing,
            state: KeyState::Open,
            algorithm: None,
            refused: Vec::new(),
        });
        self.queue(probing).push_back(key);
    }

    fn queue(&mut self, probing: Probing) -> &mut VecDeque<KeyIndex> {
        match probing {
            Probing::Query => &mut self.fresh,
            Probing::Unprobed => &mut self.unprobed,
        }
    }

    pub(super) fn none_left(&mut self) {
        self.is_complete = true;
    }

    /// Chooses the algorithm of the next offer. If there is none, the key waits for another list.
    pub(super) fn choose_algorithm<Q>(
        &mut self,
        key: KeyIndex,
        run: &mut Run<Q>,
    ) -> Option<Offered<'_>> {
        let key = self.keys.get_mut(position(key))?;
        // A key that was accepted has its algorithm.
        if key.algorithm.is_none() {
            match run.context.choose_algorithm(&key.identity, &key.refused) {
                Ok(algorithm) => key.algorithm = Some(algorithm),
                Err(why) => {
                    key.state = KeyState::NoAlgorithm;
                    run.skip(key.identity.clone(), why);
                    return None;
                }
            }
        }
        Some(Offered {
            identity: &key.identity,
            algorithm: key.algorithm.as_ref()?,
        })
    }

    pub(super) fn accepted(&mut self, key: KeyIndex) {
        self.accepted.push_back(key);
    }

    /// The key gave a factor, or can't be used.
    pub(super) fn done(&mut self, key: KeyIndex) {
        self.settle(key, KeyState::Done);
    }

    /// The offer was refused; this was its algorithm.
    pub(super) fn refused(&mut self, key: KeyIndex) -> Option<Chosen> {
        self.settle(key, KeyState::Refused)
    }

    /// To be offered again, before all others.
    pub(super) fn put_back(&mut self, key: KeyIndex) {
        self.settle(key, KeyState::Open);
        if let Some(probing) = self.probing(key) {
            self.queue(probing).push_front(key);
        }
    }

    /// The server did not look at it: to be offered when it wants keys, in the caller's order.
    pub(super) fn not_judged(&mut self, key: KeyIndex) {
        self.settle(key, KeyState::Open);
        if let Some(probing) = self.probing(key) {
            let queue = self.queue(probing);
            let place = queue.partition_point(|other| *other < key);
            queue.insert(place, key);
        }
    }

    /// Offers the key again without this algorithm, if that leaves one.
    pub(super) fn retry_without(
        &mut self,
        key: KeyIndex,
        tried: &AlgorithmName,
        context: &Context,
    ) {
        self.retry(key, context, |name| name.to_plain() == *tried);
    }

    /// Offers the key again with nothing but this algorithm, if that is allowed and was not tried.
    pub(super) fn retry_with(
        &mut self,
        key: KeyIndex,
        only: &AlgorithmName,
        context: &Context,
    ) -> bool {
        self.key(key).is_some_and(|key| key.refused.is_empty())
            && self.retry(key, context, |name| name.to_plain() != *only)
    }

    fn retry(
        &mut self,
        index: KeyIndex,
        context: &Context,
        is_out: impl Fn(&AlgorithmName) -> bool,
    ) -> bool {
        let Some(key) = self.key_mut(index) else {
            return false;
        };
        let out = key.identity.candidates().filter(is_out);
        key.refused.extend(out);
        let chosen = context.choose_algorithm(&key.identity, &key.refused);
        let is_possible = chosen.is_ok();
        if is_possible {
            self.put_back(index);
        }
        is_possible
    }

    /// The next factor may be one of the keys that were refused for the last one.
    pub(super) fn wake_refused(&mut self) {
        for (index, key) in (0..).zip(&mut self.keys) {
            if key.state == KeyState::Refused {
                // Under which hash it was refused says nothing about the next factor.
                key.refused.clear();
                key.state = KeyState::Open;
                self.refused_before.push_back(index);
            }
        }
    }

    /// Another list of algorithms came.
    pub(super) fn wake_without_algorithm(&mut self) {
        for (index, key) in (0..).zip(&mut self.keys) {
            if key.state == KeyState::NoAlgorithm {
                key.state = KeyState::Open;
                match key.probing {
                    Probing::Query => self.fresh.push_back(index),
                    Probing::Unprobed => self.unprobed.push_back(index),
                }
            }
        }
    }

    /// The end of an offer, and the algorithm that it had.
    fn settle(&mut self, key: KeyIndex, state: KeyState) -> Option<Chosen> {
        let key = self.key_mut(key)?;
        key.state = state;
        key.algorithm.take()
    }
}

fn position(key: KeyIndex) -> usize {
    usize::try_from(key).unwrap_or(usize::MAX)
}

/// `known` is derived from `keys`.
#[cfg(test)]
impl core::hash::Hash for Keys {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (&self.keys, &self.fresh, &self.unprobed, &self.accepted).hash(state);
        (&self.refused_before, self.is_complete, self.offers).hash(state);
    }
}
