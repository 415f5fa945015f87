//! What the plan remembers: the latest list, and what became of each method.

#[cfg(test)]
use alloc::vec::Vec;

use super::{Plan, Standing};
use crate::config::{Config, Limits, TryCounting};
use crate::error::ProtocolErrorKind;
use crate::method::Dialogue;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::question::{Attempt, PreviousAttempt};
use crate::report::Unavailable;
use crate::run::Verdict;
use crate::wire::NameList;

impl Plan {
    pub(crate) fn listed(&self) -> Option<&MethodList> {
        self.listed.as_ref()
    }

    /// Whether any request of this run was refused or was not enough.
    pub(crate) fn was_refused(&self) -> bool {
        self.refusals > 0 || self.partial_successes > 0
    }

    /// How many refusals the server is expected to bear before it closes the connection.
    pub(crate) fn refusals_left(&self, config: &Config) -> u32 {
        config
            .attempt_budget
            .refusals
            .saturating_sub(self.counted_refusals)
    }

    /// The attempt at a method that is under way.
    pub(crate) fn attempt(&self, method: Method) -> Attempt {
        let standing = self.standing(method);
        Attempt {
            number: standing.map_or(0, |standing| standing.attempts),
            previous: standing.and_then(|standing| standing.previous),
        }
    }

    pub(super) fn standing(&self, method: Method) -> Option<&Standing> {
        let mut standings = self.standings.iter();
        standings.find_map(|(own, standing)| (*own == method).then_some(standing))
    }

    pub(super) fn refusals_of(&self, method: Method) -> u32 {
        self.standing(method)
            .map_or(0, |standing| standing.refusals)
    }

    fn update(&mut self, method: Method, change: impl FnOnce(&mut Standing)) {
        let mut standings = self.standings.iter_mut();
        if let Some((_, standing)) = standings.find(|(own, _)| *own == method) {
            return change(standing);
        }
        let mut standing = Standing::default();
        change(&mut standing);
        // There are few methods, and a vector would take room for four at once.
        self.standings.reserve_exact(1);
        self.standings.push((method, standing));
    }

    /// One more attempt at a method begins.
    pub(crate) fn begins(&mut self, method: Method) -> Attempt {
        self.update(method, |standing| {
            standing.attempts = standing.attempts.saturating_add(1);
            if method == Method::None {
                // A second `none` counts as a failed attempt on OpenSSH.
                standing.unavailable = Some(Unavailable::TriesSpent);
            }
        });
        self.attempt(method)
    }

    /// The method can't be tried any more.
    pub(crate) fn unavailable(&mut self, method: Method, why: Unavailable) {
        self.update(method, |standing| standing.unavailable = Some(why));
    }

    /// Something has happened after which there may be a key to offer again.
    pub(crate) fn keys_may_be_back(&mut self) {
        for method in [Method::PublicKey, Method::HostBased] {
            self.update(method, |standing| standing.unavailable = None);
        }
    }

    pub(crate) fn choose(&mut self, method: Method) {
        self.chosen = Some(method);
    }

    pub(crate) fn forget_choice(&mut self) {
        self.chosen = None;
    }

    /// What a FAILURE says of the request that it answers. The list is the server's new one, and the
    /// one before it is still kept.
    pub(crate) fn verdict(
        &self,
        dialogue: Dialogue,
        partial_success: bool,
        list: &NameList<'_>,
    ) -> Verdict {
        let method = dialogue.method();
        let was_listed = self.lists(method);
        // A query proves nothing, and neither does `none`: some servers set the flag all the
        // same (apache/mina-sshd once did).
        if partial_success && dialogue.is_factor() {
            Verdict::PartialSuccess
        } else if dialogue.is_bare_request() && !was_listed && !list.contains(method.name()) {
            Verdict::NotJudged
        } else {
            Verdict::Refused
        }
    }

    /// The list is replaced at every FAILURE, partial or not: "It is RECOMMENDED that servers
    /// only include those 'method name' values ... that are actually useful" (RFC 4252 section
    /// 5.1), so an older list says nothing.
    pub(crate) fn learn(&mut self, list: &NameList<'_>, limits: &Limits) -> MethodList {
        let listed = MethodList::new(list, limits.max_method_list_bytes);
        self.listed = Some(listed.clone());
        self.chosen = None;
        listed
    }

    pub(crate) fn partial_success(
        &mut self,
        method: Method,
        limits: &Limits,
    ) -> Result<(), ProtocolErrorKind> {
        let limit = limits.max_partial_successes;
        if self.partial_successes >= limit {
            return Err(ProtocolErrorKind::TooManyPartialSuccesses { limit });
        }
        self.partial_successes += 1;
        self.update(method, |standing| {
            standing.previous = Some(PreviousAttempt::Accepted);
        });
        Ok(())
    }

    /// One more request is refused. OpenSSH counts all refusals but that of a `none` that comes
    /// first (`userauth_finish`). Nothing is sent after that one before it is answered.
    pub(crate) fn count_refusal(&mut self, method: Method, requests: usize) {
        self.refusals = self.refusals.saturating_add(1);
        if requests > 1 || method != Method::None {
            self.counted_refusals = self.counted_refusals.saturating_add(1);
        }
    }

    /// What a refusal says of the method.
    pub(crate) fn refused(&mut self, dialogue: Dialogue, verdict: Verdict, config: &Config) {
        let method = dialogue.method();
        let limits = config.limits;
        let limit = match method {
            Method::Password => limits.max_password_tries,
            Method::KeyboardInteractive => limits.max_keyboard_interactive_tries,
            Method::Other(_) => limits.max_other_tries,
            Method::GssapiWithMic | Method::GssapiKeyex => 1,
            // `none` is sent once; how often keys are tried depends on the keys.
            Method::None | Method::PublicKey | Method::HostBased => return,
        };
        let asks_before_answer =
            matches!(method, Method::KeyboardInteractive | Method::GssapiWithMic);
        self.update(method, |standing| {
            if asks_before_answer && dialogue.is_bare_request() {
                // Some servers list the method and can't do it; asking again would loop
                // (PowerShell/Win32-OpenSSH 1554, golang/crypto 297).
                match verdict {
                    Verdict::NotJudged => standing.attempts = standing.attempts.saturating_sub(1),
                    _ => standing.unavailable = Some(Unavailable::RefusedAtOnce),
                }
            } else if verdict == Verdict::Refused {
                standing.previous = Some(PreviousAttempt::Refused);
                standing.refusals = standing.refusals.saturating_add(1);
                if standing.refusals >= limit {
                    standing.unavailable = Some(Unavailable::TriesSpent);
                }
            }
        });
        self.share_tries(config);
    }

    /// Password and keyboard-interactive may count their refusals together.
    fn share_tries(&mut self, config: &Config) {
        let both = [Method::Password, Method::KeyboardInteractive];
        let sum: u32 = both.iter().map(|method| self.refusals_of(*method)).sum();
        if config.try_counting == TryCounting::Shared && sum >= config.limits.max_password_tries {
            for method in both {
                self.update(method, |standing| {
                    let unavailable = standing.unavailable.take();
                    standing.unavailable = unavailable.or(Some(Unavailable::TriesSpent));
                });
            }
        }
    }
}

/// What decides anything. Attempts are only shown, but whether a password was asked for decides
/// whether one may be sent early. Whether keys are left is known by the keys.
#[cfg(test)]
impl core::hash::Hash for Plan {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        for method in Method::KNOWN {
            self.listed
                .as_ref()
                .map(|list| list.contains(method))
                .hash(state);
        }
        let mut standings: Vec<_> = self.standings.iter().collect();
        standings.sort_by_key(|(method, _)| method.name());
        for (method, standing) in standings {
            let why = standing.unavailable.as_ref().map(core::mem::discriminant);
            let is_of_keys = matches!(method, Method::PublicKey | Method::HostBased);
            if !is_of_keys && (standing.refusals, why) != (0, None) {
                (method, standing.refusals, why).hash(state);
            }
        }
        (self.attempt(Method::Password).number == 0).hash(state);
        (
            self.was_refused(),
            self.partial_successes,
            self.counted_refusals,
        )
            .hash(state);
        self.chosen.hash(state);
    }
}
