//! What comes next, by the latest list of the server, what became of each method, and the caller's
//! order. Every rule of that is here: [`Plan::next`] reads from top to bottom, [`Now`] says which
//! method goes first, and [`Plan::availability`] which can't be tried. What the rules look at is kept
//! in `plan/standing.rs`.

use alloc::vec::Vec;

use crate::config::{
    Config, Discovery, EarlyPassword, HostBound, MethodChoice, PasswordBridge, Pipelining,
};
use crate::context::Context;
use crate::flight::{Flight, SendWindow};
use crate::method::Methods;
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::question::{Attempt, PreviousAttempt};
use crate::report::{Ending, Unavailable};
use crate::run::Run;

mod standing;

/// What the choice depends on.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Plan {
    listed: Option<MethodList>,
    standings: Vec<(Method, Standing)>,
    /// What the caller has chosen, until the server refuses something or it is used up.
    chosen: Option<Method>,
    /// How often the server has refused a request.
    refusals: u32,
    /// The same, as OpenSSH counts.
    counted_refusals: u32,
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
        if now.config.quirks.swallows_after_dialogue
            && flight.follows_abandoned()
            && now.may_send()
            && now.can_be_sent(Method::None)
        {
            return Next::Begin(Method::None);
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
        method == Method::None || self.listed.is_none() || self.lists(method)
    }

    /// Whether the server has listed the method.
    fn lists(&self, method: Method) -> bool {
        let list = self.listed.as_ref();
        list.is_some_and(|list| list.contains(method))
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
                if !context.is_gssapi_key_exchange {
                    return Err(Unavailable::NotConfigured);
                }
            }
        }
        let unavailable = self.standing(method).and_then(|it| it.unavailable.clone());
        unavailable.map_or(Ok(()), Err)
    }

    /// Whether the password may answer a prompt of keyboard-interactive: a server that could ask
    /// beside the method password would harvest passwords. Returns what the question says then.
    pub(crate) fn bridge(&self, config: &Config) -> Option<Attempt> {
        let is_listed = self.lists(Method::Password);
        let is_refused = self.refusals_of(Method::Password) > 0;
        let may = config.password_bridge == PasswordBridge::HiddenSinglePromptOnce;
        let attempt = self.attempt(Method::KeyboardInteractive);
        let attempt = Attempt {
            previous: match is_refused {
                true => Some(PreviousAttempt::Refused),
                false => attempt.previous,
            },
            ..attempt
        };
        (may && (!is_listed || is_refused)).then_some(attempt)
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

    /// Whether the method is one of those to be tried next: it can be tried, and the server allows
    /// it.
    fn is_possible(&self, method: Method) -> bool {
        self.plan.allows(method) && self.is_ready(method)
    }

    /// The methods that are possible, in the caller's order.
    fn order(&self) -> impl Iterator<Item = Method> {
        let methods = self.config.methods.iter().copied();
        methods.filter(|method| self.is_possible(*method))
    }

    /// The caller's choice, if it wants to choose.
    fn choose(&self, first: Method) -> Next {
        if self.config.method_choice != MethodChoice::Ask {
            return Next::Begin(first);
        }
        match self.plan.chosen {
            Some(chosen) if self.is_possible(chosen) => Next::Begin(chosen),
            _ => Next::Choose(self.order().collect()),
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
