//! The keys of a run: which are still to be offered, in which order, and which never again.

use alloc::boxed::Box;
use alloc::vec::Vec;

use super::known::Known;
use super::line::Line;
use crate::algorithm::AlgorithmName;
use crate::few::Rare;
use crate::identity::Identity;
use crate::method::key_id::KeyId;
use crate::method::{Context, Method};
use crate::peer::Chosen;
use crate::question::{Offer, Probing};
use crate::report::{Candidate as Skipped, Report, SkipReason};

/// The keys that the caller offered, and whether he may have more.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Boxed, since few callers offer so many.
    known: Option<Box<Known>>,
    /// Keys that were never offered to the server, in the caller's order.
    fresh: Line,
    /// How many of them are to be signed with at once.
    fresh_unasked: u32,
    /// Keys that the server would take (PK_OK), in the order in which it said so.
    accepted: Line,
    /// Keys to offer once more, when nobody has a fresh one: a factor was accepted since they
    /// were refused.
    again: Line,
    more: More,
    /// Offers of the caller, duplicates included: an endless iterator must not loop for ever.
    offers: u32,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum More {
    #[default]
    Possible,
    No,
}

#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(super) struct Key {
    identity: Identity,
    probing: Probing,
    mark: Mark,
    /// Who stands behind it in its line.
    pub(super) behind: Option<KeyId>,
    /// The algorithm of its offer, which never changes until the verdict.
    algorithm: Option<Chosen>,
    /// Algorithms that the server or the signer could not use; with
    /// [`HashFallback`](crate::HashFallback), others are tried.
    refused: Rare<AlgorithmName>,
}

/// What has become of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mark {
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

impl Keys {
    pub(super) fn offers(&self) -> usize {
        usize::try_from(self.offers).unwrap_or(usize::MAX)
    }

    pub(super) fn may_ask(&self) -> bool {
        self.more == More::Possible
    }

    pub(super) fn none_left(&mut self) {
        self.more = More::No;
    }

    /// Whether there is nothing to offer and nobody to ask.
    pub(super) fn is_spent(&self) -> bool {
        self.more == More::No && self.fresh.is_empty() && self.again.is_empty()
    }

    /// The key under this offer.
    pub(super) fn offered(&self, key: KeyId) -> Option<Offered<'_>> {
        let key = self.keys.get(key.index())?;
        Some(Offered {
            identity: &key.identity,
            algorithm: key.algorithm.as_ref()?,
        })
    }

    /// Takes offers of the caller. The same key from a file and from the agent is one key.
    pub(super) fn take(
        &mut self,
        offers: impl ExactSizeIterator<Item = Offer>,
        cx: &Context<'_>,
        report: &mut Report,
    ) {
        if self.keys.is_empty() {
            self.keys.reserve_exact(offers.len());
        }
        for offer in offers {
            self.take_one(offer, cx, report);
        }
    }

    fn take_one(&mut self, offer: Offer, cx: &Context<'_>, report: &mut Report) {
        if self.offers() >= cx.config.bounds().max_identities {
            if self.more == More::Possible {
                let method = Skipped::Method(Method::PublicKey);
                report.skipped(method, SkipReason::TooManyIdentities);
            }
            self.more = More::No;
            return;
        }
        self.offers += 1;
        let Some(key) = KeyId::at(self.keys.len()) else {
            return;
        };
        let mut known = self.keys.iter().map(|key| &key.identity);
        if Known::has(&mut self.known, &offer.identity, &mut known) {
            report.skipped(Skipped::Identity(offer.identity), SkipReason::Duplicate);
            return;
        }
        self.keys.push(Key {
            identity: offer.identity,
            probing: offer.probing,
            mark: Mark::Open,
            behind: None,
            algorithm: None,
            refused: Rare::default(),
        });
        self.fresh.push_back(key, &mut self.keys);
        self.count_fresh(key);
    }

    /// The next key that the server is to be asked about.
    pub(super) fn next_queried(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        self.next_with(Probing::Query, cx, report)
    }

    /// The next key that is to be signed with at once, so that nothing can come behind it.
    pub(super) fn next_unasked(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        // Without this, all keys were looked through again and again for one that is not there.
        if self.fresh_unasked == 0 {
            return None;
        }
        self.next_with(Probing::Unasked, cx, report)
    }

    fn next_with(
        &mut self,
        probing: Probing,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        let fits = |key: &Key| key.probing == probing;
        self.next(|keys| keys.take_fresh(fits), cx, report)
    }

    /// The next key that was never offered.
    pub(super) fn next_fresh(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        self.next(|keys| keys.take_fresh(|_| true), cx, report)
    }

    /// The next key that was refused for an earlier factor.
    pub(super) fn next_again(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        self.next(|keys| keys.again.pop_front(&mut keys.keys), cx, report)
    }

    pub(super) fn has_accepted(&self) -> bool {
        !self.accepted.is_empty()
    }

    /// The next key that the server has accepted already.
    pub(super) fn next_accepted(&mut self) -> Option<KeyId> {
        self.accepted.pop_front(&mut self.keys)
    }

    /// The first of these keys for which there is an algorithm.
    fn next(
        &mut self,
        mut take: impl FnMut(&mut Self) -> Option<KeyId>,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(KeyId, Probing)> {
        while let Some(id) = take(self) {
            let key = self.keys.get_mut(id.index())?;
            match key.choose(cx) {
                Ok(algorithm) => {
                    key.algorithm = Some(algorithm);
                    return Some((id, key.probing));
                }
                Err(why) => {
                    key.mark = Mark::NoAlgorithm;
                    report.skipped(Skipped::Identity(key.identity.clone()), why);
                }
            }
        }
        None
    }

    fn take_fresh(&mut self, fits: impl Fn(&Key) -> bool) -> Option<KeyId> {
        let key = self.fresh.take_first(&mut self.keys, fits)?;
        if self.is_unasked(key) {
            self.fresh_unasked = self.fresh_unasked.saturating_sub(1);
        }
        Some(key)
    }

    fn is_unasked(&self, key: KeyId) -> bool {
        let key = self.keys.get(key.index());
        key.is_some_and(|key| key.probing == Probing::Unasked)
    }

    /// One more stands in the line of the fresh ones.
    fn count_fresh(&mut self, key: KeyId) {
        if self.is_unasked(key) {
            self.fresh_unasked = self.fresh_unasked.saturating_add(1);
        }
    }

    pub(super) fn accepted(&mut self, key: KeyId) {
        self.accepted.push_back(key, &mut self.keys);
    }

    /// The key gave a factor, or can't be used.
    pub(super) fn done(&mut self, key: KeyId) {
        self.mark(key, Mark::Done);
    }

    /// The offer was refused; this was its algorithm.
    pub(super) fn refused(&mut self, key: KeyId) -> Option<Chosen> {
        self.mark(key, Mark::Refused)
    }

    /// To be offered anew, before all others.
    pub(super) fn put_back(&mut self, key: KeyId) {
        self.mark(key, Mark::Open);
        self.fresh.push_front(key, &mut self.keys);
        self.count_fresh(key);
    }

    /// The server did not look at it: to be offered when it wants keys, in the caller's order.
    pub(super) fn not_looked_at(&mut self, key: KeyId) {
        self.mark(key, Mark::Open);
        self.fresh.insert_in_order(key, &mut self.keys);
        self.count_fresh(key);
    }

    /// Offers the key anew without this algorithm, if that leaves one.
    pub(super) fn retry_without(&mut self, key: KeyId, tried: &AlgorithmName, cx: &Context<'_>) {
        self.retry(key, cx, |name| name.to_plain() == *tried);
    }

    /// Offers the key anew with nothing but this algorithm, if that is allowed and was not tried.
    pub(super) fn retry_with(
        &mut self,
        key: KeyId,
        only: &AlgorithmName,
        cx: &Context<'_>,
    ) -> bool {
        let fresh = |key: &Key| key.refused.is_empty();
        self.keys.get(key.index()).is_some_and(fresh)
            && self.retry(key, cx, |name| name.to_plain() != *only)
    }

    fn retry(
        &mut self,
        id: KeyId,
        cx: &Context<'_>,
        is_out: impl Fn(&AlgorithmName) -> bool,
    ) -> bool {
        let Some(key) = self.keys.get_mut(id.index()) else {
            return false;
        };
        key.refused.extend(key.identity.candidates().filter(is_out));
        let possible = key.choose(cx).is_ok();
        if possible {
            self.put_back(id);
        }
        possible
    }

    /// The next factor may be one of the keys that were no good for the last.
    pub(super) fn wake_refused(&mut self) {
        for key in &mut self.keys {
            if key.mark == Mark::Refused {
                // Under which hash it was refused says nothing about the next factor.
                key.refused.clear();
            }
        }
        self.wake(Mark::Refused, |keys, key| {
            keys.again.push_back(key, &mut keys.keys);
        });
    }

    /// Another list of algorithms came.
    pub(super) fn wake_without_algorithm(&mut self) {
        self.wake(Mark::NoAlgorithm, |keys, key| {
            keys.fresh.push_back(key, &mut keys.keys);
            keys.count_fresh(key);
        });
    }

    /// The keys with this mark lose it, and stand in line again.
    fn wake(&mut self, from: Mark, line_up: impl Fn(&mut Self, KeyId)) {
        for index in 0..self.keys.len() {
            let marked = self.keys.get_mut(index).filter(|key| key.mark == from);
            if let (Some(key), Some(id)) = (marked, KeyId::at(index)) {
                key.mark = Mark::Open;
                line_up(self, id);
            }
        }
    }

    /// The next key that was never offered; it is forgotten.
    pub(super) fn forget_fresh(&mut self) -> Option<Identity> {
        let key = self.take_fresh(|_| true)?;
        Some(self.keys.get(key.index())?.identity.clone())
    }

    /// The end of an offer, and the algorithm that it had.
    fn mark(&mut self, key: KeyId, mark: Mark) -> Option<Chosen> {
        let key = self.keys.get_mut(key.index())?;
        key.mark = mark;
        key.algorithm.take()
    }
}

impl Key {
    fn choose(&self, cx: &Context<'_>) -> Result<Chosen, SkipReason> {
        let chosen = cx
            .peer
            .choose_algorithm(&self.identity, cx.config, &self.refused);
        Ok(chosen?)
    }
}

/// What is known says nothing that the keys don't.
#[cfg(test)]
impl core::hash::Hash for Keys {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (&self.keys, self.fresh, self.accepted, self.again).hash(state);
        (self.more, self.offers).hash(state);
    }
}
