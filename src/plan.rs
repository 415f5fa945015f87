//! What comes next: the latest list of the server, what became of each method, and the caller's
//! order. Every rule of that is here; [`Plan::next`] reads from top to bottom.

use alloc::vec::Vec;

use crate::config::{
    Config, Discovery, EarlyPassword, HostBound, Limits, MethodChoice, PasswordBridge, Pipelining,
    TryCounting,
};
use crate::context::Context;
use crate::error::ProtocolErrorKind;
use crate::flight::{Flight, SendWindow};
use crate::method::keyboard_interactive::Bridge;
use crate::method::{Dialogue, Methods};
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::question::{Attempt, PreviousAttempt};
use crate::report::{Ending, Unavailable};
use crate::run::{Run, Verdict};
use crate::session::KeyExchange;
use crate::wire::NameList;

/// What the choice depends on.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Plan {
    listed: Option<MethodList>,
    standings: Vec<(Method, Standing)>,
    /// What the caller has chosen, until the server refuses something or it is used up.
    chosen: Option<Method>,
    refusals: Refusals,
    partial_successes: u32,
}

/// What became of a method so far.
#[derive(Clone, Debug, Default)]
struct Standing {
    attempts: u32,
    refusals: u32,
    previous: Option<PreviousAttempt>,
    unavailable: Option<Unavailable>,
}

/// How often the server has refused a request.
#[derive(Clone, Copy, Debug, Default)]
struct Refusals {
    all: u32,
    /// As OpenSSH counts them.
    counted: u32,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// Nothing, until the server or the caller has spoken.
    Wait,
    Begin(Method),
    /// Ask the caller which of these.
    Choose(Vec<Method>),
    /// Ask for the signature of a key that the server has accepted.
    SignAccepted,
    /// Offer a key after the queries in flight.
    FollowQueries {
        another_query: bool,
    },
    End(Ending),
}

/// The rules.
impl Plan {
    pub(crate) fn next<Q>(&self, run: &Run<Q>, flight: &Flight, methods: &Methods) -> Next {
        let now = Now {
            plan: self,
            context: &run.context,
            config: run.context.config(),
            methods,
            requests_left: run.requests_left(),
            in_flight: u32::try_from(flight.requests()).unwrap_or(u32::MAX),
        };
        // 1. A server that swallows the request after an abandoned dialogue gets a `none`.
        if now.config.quirks.swallows_after_dialogue && flight.follows_abandoned() {
            if now.may_send() && now.can_be_sent(Method::None) {
                return Next::Begin(Method::None);
            }
        }
        // 2. A key that the server has accepted is signed with, once no verdict is awaited.
        if methods.publickey.has_accepted()
            && !flight.awaits_verdict()
            && self.allows(Method::PublicKey)
            && now.may_send()
        {
            return Next::SignAccepted;
        }
        // 3. After what is in flight, only what that allows.
        match flight.window(run.context.pipelining) {
            SendWindow::Closed => return Next::Wait,
            SendWindow::AfterQueries { another } => return now.after_queries(another),
            SendWindow::AfterSignature => {
                return now.early_password(EarlyPassword::BehindSignature);
            }
            SendWindow::Opening | SendWindow::Open => {}
        }
        // 4. Every run ends.
        if !now.may_send() {
            return Next::End(Ending::RequestsSpent);
        }
        // 5. While the server has listed nothing: open the run, or learn the methods by `none`.
        if self.listed.is_none() {
            if run.context.pipelining != Pipelining::Off {
                return now.open();
            }
            if now.config.discovery == Discovery::ProbeNone && now.is_ready(Method::None) {
                return Next::Begin(Method::None);
            }
        }
        // 6. The caller's order; but people first if only refusals are left that are kept for them.
        let mut order = now.order();
        let chosen = if now.leaves_reserve(0) {
            order.next()
        } else {
            let people = order.find(|method| method.is_answered_by_people());
            people.or_else(|| now.order().next())
        };
        match chosen {
            Some(Method::None) => return Next::Begin(Method::None),
            Some(first) => return now.choose(first),
            None => {}
        }
        // 7. `none`, once, if it was never sent: a server may let anybody in and not say so. But not
        // after a dialogue that nobody answered: it would be sent in vain, and ssh2 for Node never
        // answers what follows a demand for a new password.
        let may_end_with_none = self.listed.is_none() || !flight.follows_abandoned();
        if may_end_with_none && now.is_ready(Method::None) {
            return Next::Begin(Method::None);
        }
        Next::End(Ending::NoMethodLeft)
    }

    /// Whether the server allows the method now. While it has listed nothing, anything may be tried.
    pub(crate) fn allows(&self, method: Method) -> bool {
        // RFC 4252 section 5.2: "This 'method name' MUST NOT be listed as supported by
        // the server."
        method == Method::None
            || self
                .listed
                .as_ref()
                .is_none_or(|list| list.contains(method))
    }

    /// Why a method can't be tried now, whatever the server lists.
    pub(crate) fn availability(
        &self,
        method: Method,
        context: &Context,
        methods: &Methods,
    ) -> Result<(), Unavailable> {
        let config = context.config();
        match method {
            Method::None => {}
            Method::PublicKey => {
                if config.host_bound == HostBound::Require && context.binding_key().is_none() {
                    return Err(Unavailable::HostBoundUnavailable);
                }
                if !methods.publickey.has_candidate() {
                    return Err(Unavailable::Declined);
                }
            }
            // Nobody knows what the bytes of a custom method are: they may be a password.
            Method::Password | Method::KeyboardInteractive | Method::Other(_) => {
                context.confidential()?;
            }
            Method::HostBased => match config.client_host.as_deref() {
                None => return Err(Unavailable::NotConfigured),
                Some(host) if host.keys.is_empty() => return Err(Unavailable::NotConfigured),
                Some(host) if !methods.has_host_key(host) => return Err(Unavailable::TriesSpent),
                Some(_) => {}
            },
            Method::GssapiWithMic => {
                if config.gssapi_mechanisms.is_empty() {
                    return Err(Unavailable::NotConfigured);
                }
            }
            Method::GssapiKeyex => {
                if context.key_exchange == KeyExchange::HostKey {
                    return Err(Unavailable::NotConfigured);
                }
            }
        }
        let unavailable = self.standing(method).and_then(|it| it.unavailable.clone());
        unavailable.map_or(Ok(()), Err)
    }

    /// The bounds of the bridge: a server that could ask twice, or beside the method password,
    /// would harvest passwords.
    pub(crate) fn bridge(&self, config: &Config) -> Bridge {
        let lists_password = |list: &MethodList| list.contains(Method::Password);
        let is_listed = self.listed.as_ref().is_some_and(lists_password);
        let is_refused = self.refusals_of(Method::Password) > 0;
        if config.password_bridge == PasswordBridge::HiddenSinglePromptOnce
            && (!is_listed || is_refused)
        {
            Bridge::Open(is_refused.then_some(PreviousAttempt::Refused))
        } else {
            Bridge::Closed
        }
    }
}

/// What is remembered.
impl Plan {
    pub(crate) fn listed(&self) -> Option<&MethodList> {
        self.listed.as_ref()
    }

    /// Whether any request of this run was refused or was not enough.
    pub(crate) fn was_refused(&self) -> bool {
        self.refusals.all > 0 || self.partial_successes > 0
    }

    /// How many refusals the server is expected to bear before it closes the connection.
    pub(crate) fn refusals_left(&self, config: &Config) -> u32 {
        config
            .attempt_budget
            .refusals
            .saturating_sub(self.refusals.counted)
    }

    /// The attempt at a method that is under way.
    pub(crate) fn attempt(&self, method: Method) -> Attempt {
        let standing = self.standing(method);
        Attempt {
            number: standing.map_or(0, |standing| standing.attempts),
            previous: standing.and_then(|standing| standing.previous),
        }
    }

    fn standing(&self, method: Method) -> Option<&Standing> {
        let mut standings = self.standings.iter();
        standings.find_map(|(own, standing)| (*own == method).then_some(standing))
    }

    fn refusals_of(&self, method: Method) -> u32 {
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
        let was_listed = self
            .listed
            .as_ref()
            .is_some_and(|list| list.contains(method));
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
        self.refusals.all = self.refusals.all.saturating_add(1);
        if requests > 1 || method != Method::None {
            self.refusals.counted = self.refusals.counted.saturating_add(1);
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

/// The plan with everything else that a choice depends on.
struct Now<'a> {
    plan: &'a Plan,
    context: &'a Context,
    config: &'a Config,
    methods: &'a Methods,
    requests_left: u32,
    /// Requests that are unanswered. All of them may be refused.
    in_flight: u32,
}

impl Now<'_> {
    fn may_send(&self) -> bool {
        self.requests_left > 0
    }

    fn can_be_sent(&self, method: Method) -> bool {
        let standing = self.plan.standing(method);
        standing.is_none_or(|standing| standing.unavailable != Some(Unavailable::TooLong))
    }

    fn is_ready(&self, method: Method) -> bool {
        let availability = self.plan.availability(method, self.context, self.methods);
        availability.is_ok()
    }

    /// The methods that can be tried and that the server allows, in the caller's order.
    fn order(&self) -> impl Iterator<Item = Method> {
        let methods = self.config.methods.iter().copied();
        methods.filter(|method| self.plan.allows(*method) && self.is_ready(*method))
    }

    /// The caller's choice, if it wants to choose.
    fn choose(&self, first: Method) -> Next {
        if self.config.method_choice != MethodChoice::Ask {
            return Next::Begin(first);
        }
        let is_possible = |method: &Method| self.plan.allows(*method) && self.is_ready(*method);
        match self.plan.chosen.filter(is_possible) {
            Some(chosen) => Next::Begin(chosen),
            None => Next::Choose(self.order().collect()),
        }
    }

    /// The first request of an opening flight, while the server has listed nothing: keys, or the
    /// first method that needs no question (nobody should be asked for a password that the server
    /// may not want), or `none`. A password that may be sent early replaces prompts.
    fn open(&self) -> Next {
        let may_password = self.config.early_password != EarlyPassword::Never;
        let opens = |method: &Method| match method {
            Method::PublicKey | Method::GssapiWithMic | Method::None => true,
            Method::Password => may_password,
            Method::KeyboardInteractive => {
                let delays = self.config.quirks.delays_refusals;
                !(delays || may_password && self.is_ready(Method::Password))
            }
            _ => false,
        };
        let mut order = self.config.methods.iter().copied().filter(opens);
        match order.find(|method| self.is_ready(*method)) {
            Some(Method::None) => Next::Begin(Method::None),
            Some(first) => self.choose(first),
            None if self.is_ready(Method::None) => Next::Begin(Method::None),
            None => Next::End(Ending::NoMethodLeft),
        }
    }

    /// While nothing but key queries is in flight: another key, if that leaves the reserve; or a
    /// password that may be the last request of the opening flight.
    fn after_queries(&self, another_query: bool) -> Next {
        if self.plan.allows(Method::PublicKey)
            && self.may_send()
            && self.leaves_reserve(self.in_flight)
            && self.is_ready(Method::PublicKey)
            && self.methods.publickey.can_follow_queries(another_query)
        {
            return Next::FollowQueries { another_query };
        }
        match self.plan.listed {
            None => self.early_password(EarlyPassword::InOpening),
            Some(_) => Next::Wait,
        }
    }

    /// A password that may be sent in this place before the server wants one.
    fn early_password(&self, place: EarlyPassword) -> Next {
        let is_untouched = self.plan.attempt(Method::Password).number == 0;
        if self.config.early_password == place
            && is_untouched
            && self.config.methods.contains(&Method::Password)
            && self.plan.allows(Method::Password)
            && self.is_ready(Method::Password)
            && self.plan.refusals_left(self.config) > self.in_flight
            && self.may_send()
        {
            Next::Begin(Method::Password)
        } else {
            Next::Wait
        }
    }

    /// Whether more refusals are left than are risked and kept for the methods that people answer
    /// and that may still be tried.
    fn leaves_reserve(&self, risked: u32) -> bool {
        let people = self.order().filter(|method| method.is_answered_by_people());
        let reserve = people
            .map(|_| self.config.attempt_budget.reserve)
            .fold(0, u32::saturating_add);
        self.plan.refusals_left(self.config) > reserve.saturating_add(risked)
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
            self.refusals.counted,
        )
            .hash(state);
        self.chosen.hash(state);
    }
}
