//! The keys of a run: which are still to be offered, in which order, and which never again.

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use crate::algorithm::AlgorithmName;
use crate::identity::Identity;
use crate::method::{Context, Method};
use crate::peer::Chosen;
use crate::question::{Offer, Probing};
use crate::report::{Candidate as Skipped, Report, SkipReason};

/// The keys that the caller offered, and whether he may have more.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(super) struct Keys {
    keys: Vec<Key>,
    /// Keys that were never offered to the server, in the caller's order.
    fresh: VecDeque<usize>,
    /// Keys to offer once more, when nobody has a fresh one: a factor was accepted since they
    /// were refused.
    again: VecDeque<usize>,
    more: More,
    /// Offers of the caller, duplicates included: an endless iterator must not loop for ever.
    offers: usize,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum More {
    #[default]
    Possible,
    No,
}

#[derive(Clone, Debug)]
#[cfg_attr(test, derive(Hash))]
struct Key {
    identity: Identity,
    probing: Probing,
    mark: Mark,
    /// Algorithms that the server or the signer could not use; with
    /// [`HashFallback`](crate::HashFallback), others are tried.
    refused: Vec<AlgorithmName>,
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

/// A key together with the algorithm of its offer, which never changes after it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Offered {
    key: usize,
    pub(super) identity: Identity,
    pub(super) algorithm: Chosen,
}

impl Keys {
    pub(super) fn offers(&self) -> usize {
        self.offers
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

    /// Takes an offer of the caller. The same key from a file and from the agent is one key.
    pub(super) fn take(&mut self, offer: Offer, cx: &Context<'_>, report: &mut Report) {
        if self.offers >= cx.config.bounds().max_identities {
            if self.more == More::Possible {
                let method = Skipped::Method(Method::PublicKey);
                report.skipped(method, SkipReason::TooManyIdentities);
            }
            self.more = More::No;
            return;
        }
        self.offers += 1;
        let known = |key: &Key| key.identity.blob() == offer.identity.blob();
        if self.keys.iter().any(known) {
            report.skipped(Skipped::Identity(offer.identity), SkipReason::Duplicate);
            return;
        }
        self.fresh.push_back(self.keys.len());
        self.keys.push(Key {
            identity: offer.identity,
            probing: offer.probing,
            mark: Mark::Open,
            refused: Vec::new(),
        });
    }

    /// The next key that the server is to be asked about.
    pub(super) fn next_queried(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        self.next_with(Probing::Query, cx, report)
    }

    /// The next key that is to be signed with at once, so that nothing can come behind it.
    pub(super) fn next_unasked(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        self.next_with(Probing::Unasked, cx, report)
    }

    fn next_with(
        &mut self,
        probing: Probing,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        while let Some(position) = self.first_with(probing) {
            let key = self.fresh.remove(position)?;
            let offered = self.choose(key, cx, report);
            if offered.is_some() {
                return offered;
            }
        }
        None
    }

    /// The next key that was never offered.
    pub(super) fn next_fresh(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        while let Some(key) = self.fresh.pop_front() {
            let offered = self.choose(key, cx, report);
            if offered.is_some() {
                return offered;
            }
        }
        None
    }

    fn first_with(&self, probing: Probing) -> Option<usize> {
        let fits = |key: &Key| key.probing == probing;
        let mut fresh = self.fresh.iter();
        fresh.position(|key| self.keys.get(*key).is_some_and(fits))
    }

    /// The next key that was refused for an earlier factor.
    pub(super) fn next_again(
        &mut self,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        while let Some(key) = self.again.pop_front() {
            let offered = self.choose(key, cx, report);
            if offered.is_some() {
                return offered;
            }
        }
        None
    }

    fn choose(
        &mut self,
        index: usize,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Option<(Offered, Probing)> {
        let key = self.keys.get_mut(index)?;
        match key.algorithm(cx) {
            Ok(algorithm) => Some((
                Offered {
                    key: index,
                    identity: key.identity.clone(),
                    algorithm,
                },
                key.probing,
            )),
            Err(why) => {
                key.mark = Mark::NoAlgorithm;
                report.skipped(Skipped::Identity(key.identity.clone()), why);
                None
            }
        }
    }

    /// The key gave a factor, or can't be used.
    pub(super) fn done(&mut self, offered: &Offered) {
        self.mark(offered, Mark::Done);
    }

    pub(super) fn refused(&mut self, offered: &Offered) {
        self.mark(offered, Mark::Refused);
    }

    /// To be offered anew, before all others.
    pub(super) fn put_back(&mut self, offered: &Offered) {
        self.fresh.push_front(offered.key);
    }

    /// Offers the key anew without the algorithm of this offer, if that leaves one.
    pub(super) fn retry_without(&mut self, offered: &Offered, cx: &Context<'_>) -> bool {
        let tried = offered.algorithm.signature.clone();
        self.retry(offered, cx, |name| name.to_plain() == tried)
    }

    /// Offers the key anew with nothing but this algorithm, if that is allowed and was not tried.
    pub(super) fn retry_with(
        &mut self,
        offered: &Offered,
        only: &AlgorithmName,
        cx: &Context<'_>,
    ) -> bool {
        let fresh = |key: &Key| key.refused.is_empty();
        self.keys.get(offered.key).is_some_and(fresh)
            && self.retry(offered, cx, |name| name.to_plain() != *only)
    }

    fn retry(
        &mut self,
        offered: &Offered,
        cx: &Context<'_>,
        is_out: impl Fn(&AlgorithmName) -> bool,
    ) -> bool {
        let Some(key) = self.keys.get_mut(offered.key) else {
            return false;
        };
        key.refused.extend(key.identity.candidates().filter(is_out));
        let possible = key.algorithm(cx).is_ok();
        if possible {
            key.mark = Mark::Open;
            self.fresh.push_front(offered.key);
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
        let woken = wake(&mut self.keys, Mark::Refused);
        self.again.extend(woken);
    }

    /// Another list of algorithms came.
    pub(super) fn wake_without_algorithm(&mut self) {
        let woken = wake(&mut self.keys, Mark::NoAlgorithm);
        self.fresh.extend(woken);
    }

    /// The keys that were never offered; they are forgotten.
    pub(super) fn drain_fresh(&mut self) -> impl Iterator<Item = Identity> {
        let keys = &self.keys;
        let fresh = self.fresh.drain(..);
        fresh.filter_map(|key| Some(keys.get(key)?.identity.clone()))
    }

    fn mark(&mut self, offered: &Offered, mark: Mark) {
        if let Some(key) = self.keys.get_mut(offered.key) {
            key.mark = mark;
        }
    }
}

impl Key {
    fn algorithm(&self, cx: &Context<'_>) -> Result<Chosen, SkipReason> {
        let chosen = cx
            .peer
            .choose_algorithm(&self.identity, cx.config, &self.refused);
        Ok(chosen?)
    }
}

/// The keys with this mark, which they lose.
fn wake(keys: &mut [Key], from: Mark) -> impl Iterator<Item = usize> {
    let marked = keys.iter_mut().enumerate();
    marked.filter_map(move |(index, key)| {
        let wakes = key.mark == from;
        if wakes {
            key.mark = Mark::Open;
        }
        wakes.then_some(index)
    })
}
