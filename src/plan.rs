//! Which method next: the latest list of the server, what was refused, and the caller's order.

use alloc::vec::Vec;

use crate::config::{Config, Discovery, EarlyPassword, Pipelining};
use crate::error::ProtocolErrorKind;
use crate::flight::Behind;
use crate::method::{Method, Verdict};
use crate::method_list::MethodList;
use crate::report::Ending;
use crate::wire::NameList;

/// What the choice depends on.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Plan {
    listed: Option<MethodList>,
    requests: u32,
    /// Requests that were refused, for whatever reason.
    refusals: u32,
    /// Refusals as OpenSSH counts them.
    counted: u32,
    partial_successes: u32,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Try(Method),
    End(Ending),
}

impl Plan {
    pub(crate) fn listed(&self) -> Option<&MethodList> {
        self.listed.as_ref()
    }

    /// Whether the server allows the method now; while it has told nothing, anything may be tried.
    pub(crate) fn allows(&self, method: Method) -> bool {
        let listed = |list: &MethodList| list.contains(method);
        // RFC 4252 section 5.2: "This 'method name' MUST NOT be listed as supported by
        // the server."
        method == Method::None || self.listed.as_ref().is_none_or(listed)
    }

    pub(crate) fn request_sent(&mut self) {
        self.requests = self.requests.saturating_add(1);
    }

    /// How many more requests may be sent.
    pub(crate) fn requests_left(&self, config: &Config) -> u32 {
        config.bounds().max_requests.saturating_sub(self.requests)
    }

    /// Whether any request of this run was refused or was not enough.
    pub(crate) fn was_refused(&self) -> bool {
        self.refusals > 0 || self.partial_successes > 0
    }

    /// One more refusal. OpenSSH counts them all but a `none` that comes first
    /// (`userauth_finish`). Nothing comes behind one without its answer.
    pub(crate) fn refused(&mut self, method: Method) {
        self.refusals = self.refusals.saturating_add(1);
        if self.requests > 1 || method != Method::None {
            self.counted = self.counted.saturating_add(1);
        }
    }

    /// How many refusals the server is expected to bear before it closes the connection.
    pub(crate) fn refusals_left(&self, config: &Config) -> u32 {
        config.attempt_budget.refusals.saturating_sub(self.counted)
    }

    /// The list is replaced at every FAILURE, partial or not: "It is RECOMMENDED that servers
    /// only include those 'method name' values ... that are actually useful" (RFC 4252 section
    /// 5.1), so that an older list says nothing.
    pub(crate) fn on_failure(
        &mut self,
        list: &NameList<'_>,
        verdict: Verdict,
        method: Method,
        config: &Config,
    ) -> Result<MethodList, ProtocolErrorKind> {
        match verdict {
            Verdict::Refused => self.refused(method),
            Verdict::PartialSuccess => {
                let limit = config.bounds().max_partial_successes;
                if self.partial_successes >= limit {
                    return Err(ProtocolErrorKind::TooManyPartialSuccesses { limit });
                }
                self.partial_successes += 1;
            }
        }
        let unchanged = self.listed.as_ref().filter(|kept| kept.can_stand_for(list));
        let listed = unchanged
            .cloned()
            .unwrap_or_else(|| MethodList::new(list, config.bounds().max_method_list_bytes));
        self.listed = Some(listed.clone());
        Ok(listed)
    }

    /// The first method of the order that the server allows and that has something to try.
    /// `none` goes first where the methods shall be learnt by it, and last, once, where it was
    /// never sent: a server may let anybody in and not say so. But not behind a dialogue that
    /// nobody answered: it would be sent in vain, and ssh2 for Node never answers what follows a
    /// demand for a new password.
    pub(crate) fn next(
        &self,
        config: &Config,
        pipelining: Pipelining,
        behind: Behind,
        is_ready: impl Fn(Method) -> bool,
    ) -> Next {
        if self.requests_left(config) == 0 {
            return Next::End(Ending::RequestsSpent);
        }
        if self.listed.is_none() && pipelining != Pipelining::Off {
            return self.open(config, is_ready);
        }
        let probe = self.listed.is_none() && config.discovery == Discovery::ProbeNone;
        if probe && is_ready(Method::None) {
            return Next::Try(Method::None);
        }
        let is_possible = |method: &Method| self.allows(*method) && is_ready(*method);
        let order = || config.methods.iter().copied().filter(is_possible);
        let people = || order().filter(|method| method.is_answered_by_people());
        let chosen = if self.leaves_reserve(0, config, &is_ready) {
            order().next()
        } else {
            people().next().or_else(|| order().next())
        };
        let may_end_with_none = self.listed.is_none() || behind == Behind::Replies;
        let last = || (may_end_with_none && is_ready(Method::None)).then_some(Method::None);
        match chosen.or_else(last) {
            Some(method) => Next::Try(method),
            None => Next::End(Ending::NoMethodLeft),
        }
    }

    /// The first request of an opening flight, while the server has listed nothing: keys, or the
    /// first method that needs no question (nobody should be asked for a password that the server
    /// may not want), or `none`. A password that may leave early takes the place of prompts.
    fn open(&self, config: &Config, is_ready: impl Fn(Method) -> bool) -> Next {
        let may_password = config.early_password != EarlyPassword::Never;
        let opens = |method: &Method| match method {
            Method::PublicKey | Method::GssapiWithMic | Method::None => true,
            Method::Password => may_password,
            Method::KeyboardInteractive => {
                !(config.quirks.delays_refusals || may_password && is_ready(Method::Password))
            }
            _ => false,
        };
        let mut order = config.methods.iter().copied().filter(opens);
        let chosen = order.find(|method| is_ready(*method));
        let none = || is_ready(Method::None).then_some(Method::None);
        match chosen.or_else(none) {
            Some(method) => Next::Try(method),
            None => Next::End(Ending::NoMethodLeft),
        }
    }

    /// Whether one more key may be offered while so many requests are on their way: all of them
    /// may be refused, and the reserve must be left.
    pub(crate) fn affords_key(
        &self,
        on_their_way: usize,
        config: &Config,
        is_ready: impl Fn(Method) -> bool,
    ) -> bool {
        let risked = u32::try_from(on_their_way).unwrap_or(u32::MAX);
        self.allows(Method::PublicKey)
            && self.leaves_reserve(risked, config, is_ready)
            && self.requests_left(config) > 0
    }

    /// Whether a password may be sent although so many requests are on their way.
    pub(crate) fn affords_password(&self, on_their_way: usize, config: &Config) -> bool {
        let risked = u32::try_from(on_their_way).unwrap_or(u32::MAX);
        self.allows(Method::Password)
            && self.refusals_left(config) > risked
            && self.requests_left(config) > 0
    }

    /// Whether more refusals are left than are risked and kept.
    fn leaves_reserve(
        &self,
        risked: u32,
        config: &Config,
        is_ready: impl Fn(Method) -> bool,
    ) -> bool {
        let left = self.refusals_left(config);
        let is_more_than = |kept: u32| left > kept.saturating_add(risked);
        // Mostly many are left, and no method has to be asked: people answer two at most.
        is_more_than(config.attempt_budget.reserve.saturating_mul(2))
            || is_more_than(self.reserve(config, is_ready))
    }

    /// The refusals to keep for the methods that people answer and that may still be tried.
    fn reserve(&self, config: &Config, is_ready: impl Fn(Method) -> bool) -> u32 {
        let methods = config.methods.iter().copied();
        methods
            .filter(|method| method.is_answered_by_people())
            .filter(|method| self.allows(*method) && is_ready(*method))
            .map(|_| config.attempt_budget.reserve)
            .fold(0, u32::saturating_add)
    }

    /// All methods that the server allows and that have something to try.
    pub(crate) fn choices(
        &self,
        config: &Config,
        is_ready: impl Fn(Method) -> bool,
    ) -> Vec<Method> {
        let order = config.methods.iter().copied();
        order
            .filter(|method| self.allows(*method) && is_ready(*method))
            .collect()
    }
}

/// Of the refusals, only whether there were any decides anything.
#[cfg(test)]
impl core::hash::Hash for Plan {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        let known = self.listed.as_ref().map(MethodList::known);
        (
            known,
            self.requests,
            self.was_refused(),
            self.partial_successes,
        )
            .hash(state);
        self.counted.hash(state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_by_one() -> Config {
        Config::new("u").pipelining(Pipelining::Off)
    }

    fn next(plan: &Plan, config: &Config, ready: &[Method]) -> Next {
        let is_ready = |method| ready.contains(&method);
        plan.next(config, config.pipelining, Behind::Replies, is_ready)
    }

    fn plan(list: &'static str) -> Plan {
        let mut plan = Plan::default();
        let list = NameList::new(list.as_bytes()).unwrap();
        plan.on_failure(&list, Verdict::Refused, Method::None, &one_by_one())
            .unwrap();
        plan
    }

    #[test]
    fn table_of_choices() {
        use Method::{KeyboardInteractive, None, Password, PublicKey};
        let every = &[None, PublicKey, Password, KeyboardInteractive][..];
        let spent = Next::End(Ending::NoMethodLeft);
        let fresh = || Plan::default();
        for (case, plan, ready, expected) in [
            ("learn first", fresh(), every, Next::Try(None)),
            (
                "order decides",
                plan("password,publickey"),
                every,
                Next::Try(PublicKey),
            ),
            (
                "only what is listed",
                plan("password"),
                every,
                Next::Try(Password),
            ),
            (
                "only what is ready",
                plan("publickey,password"),
                &[Password][..],
                Next::Try(Password),
            ),
            ("unknown names", plan("x,y"), &[PublicKey][..], spent),
            (
                "none last",
                plan("x"),
                &[None, PublicKey][..],
                Next::Try(None),
            ),
            ("nothing", plan(""), &[PublicKey][..], spent),
        ] {
            assert_eq!(next(&plan, &one_by_one(), ready), expected, "{case}");
        }
    }

    #[test]
    fn discovery_can_be_skipped() {
        let config = one_by_one().discovery(Discovery::Skip);
        let every = &[Method::None, Method::PublicKey][..];
        assert_eq!(
            next(&Plan::default(), &config, every),
            Next::Try(Method::PublicKey)
        );
    }

    #[test]
    fn requests_are_bounded() {
        let mut plan = plan("publickey");
        for _ in 0..64 {
            plan.request_sent();
        }
        let ready = &[Method::PublicKey][..];
        let end = Next::End(Ending::RequestsSpent);
        assert_eq!(next(&plan, &one_by_one(), ready), end);
    }

    /// OpenSSH does not count a `none` that comes first.
    #[test]
    fn refusals_are_counted_as_the_server_counts() {
        use Method::{None, Password};
        for (refused, counted) in [
            (&[][..], 0),
            (&[None], 0),
            (&[Password], 1),
            (&[None, Password], 1),
            (&[None, None], 1),
            (&[Password, None], 2),
        ] {
            let mut plan = Plan::default();
            for method in refused {
                plan.request_sent();
                plan.refused(*method);
            }
            let config = one_by_one();
            let left = config.attempt_budget.refusals - counted;
            assert_eq!(plan.refusals_left(&config), left, "{refused:?}");
            assert_eq!(plan.was_refused(), !refused.is_empty());
        }
    }

    #[test]
    fn a_partial_success_shows_that_a_request_was_not_enough() {
        let mut plan = Plan::default();
        let list = NameList::new(b"password").unwrap();
        let verdict = Verdict::PartialSuccess;
        plan.on_failure(&list, verdict, Method::PublicKey, &one_by_one())
            .unwrap();
        assert!(plan.was_refused());
    }

    #[test]
    fn a_password_needs_a_request_and_a_refusal_to_spare() {
        let mut config = one_by_one();
        config.attempt_budget.refusals = 2;
        let plan = plan("password");
        for (on_their_way, affords) in [(0, true), (1, true), (2, false), (3, false)] {
            assert_eq!(plan.affords_password(on_their_way, &config), affords);
        }
        let mut spent = plan;
        while spent.requests_left(&config) > 0 {
            assert!(spent.affords_password(0, &config));
            spent.request_sent();
        }
        assert!(!spent.affords_password(0, &config));
    }

    /// Keys wait when only the reserve is left, and come after all when nobody else is.
    #[test]
    fn the_reserve_is_kept_for_people() {
        use Method::{KeyboardInteractive, Password, PublicKey};
        let every = &[PublicKey, Password, KeyboardInteractive][..];
        for (refusals, ready, expected) in [
            (3, every, PublicKey),
            (4, every, KeyboardInteractive),
            (4, &[PublicKey, Password][..], PublicKey),
            (5, &[PublicKey, Password][..], Password),
            (5, &[PublicKey][..], PublicKey),
            (60, &[PublicKey][..], PublicKey),
        ] {
            let mut plan = plan("publickey,password,keyboard-interactive");
            for _ in 0..refusals {
                plan.refused(Password);
            }
            let expected = Next::Try(expected);
            assert_eq!(next(&plan, &one_by_one(), ready), expected, "{refusals}");
        }
    }
}
