//! What can be done now, without waiting.

use alloc::sync::Arc;
use alloc::vec::Vec;

use super::UserAuthClient;
use crate::config::{EarlyPassword, MethodChoice};
use crate::flight::{Behind, Room};
use crate::method::{Attempt, Context, Method, Step};
use crate::plan::Next;
use crate::question::{NeedMethod, Question};

impl UserAuthClient {
    pub(super) fn next_step(&mut self) -> Option<Step> {
        let quirks = self.facts.login.config.quirks;
        if quirks.swallows_after_dialogue && self.flight.behind() == Behind::LeftDialogue {
            let cx = self.facts.context(self.questions, &self.plan);
            if cx.requests_left > 0 {
                return Some(self.methods.none.start(&cx));
            }
        }
        if self.methods.publickey.has_accepted()
            && !self.flight.awaits_verdict()
            && self.plan.allows(Method::PublicKey)
        {
            let cx = self.facts.context(self.questions, &self.plan);
            if cx.requests_left > 0
                && let Some(step) = self.methods.publickey.next_accepted(&cx, &mut self.report)
            {
                return Some(step);
            }
        }
        match self.flight.room(self.facts.pipelining) {
            Room::Nothing => None,
            Room::BehindQueries { another } => self.behind_queries(another),
            Room::BehindSignature => self.early_password(EarlyPassword::BehindSignature),
            Room::Anything | Room::Opening => self.next_method(),
        }
    }

    /// While nothing but key queries is on its way.
    fn behind_queries(&mut self, another: bool) -> Option<Step> {
        let cx = self.facts.context(self.questions, &self.plan);
        let is_ready = |method| self.methods.standing(method, &cx).is_ok();
        let requests = self.flight.requests();
        let key = if self.plan.affords_key(requests, cx.config, is_ready) {
            let keys = &mut self.methods.publickey;
            keys.next_behind_queries(another, &cx, &mut self.report)
        } else {
            None
        };
        let opening = self.plan.listed().is_none();
        key.or_else(|| {
            opening
                .then(|| self.early_password(EarlyPassword::InOpening))
                .flatten()
        })
    }

    /// The question for a password that may leave in this place before the server wants one.
    fn early_password(&mut self, place: EarlyPassword) -> Option<Step> {
        let cx = self.facts.context(self.questions, &self.plan);
        let may = cx.config.early_password == place
            && self.methods.password.is_untouched()
            && cx.config.methods.contains(&Method::Password)
            && self.methods.standing(Method::Password, &cx).is_ok()
            && self
                .plan
                .affords_password(self.flight.requests(), cx.config);
        may.then(|| self.methods.password.start(&cx))
    }

    fn next_method(&mut self) -> Option<Step> {
        let cx = self.facts.context(self.questions, &self.plan);
        let is_ready = |method| self.methods.standing(method, &cx).is_ok();
        let next = match self
            .plan
            .next(cx.config, cx.pipelining, self.flight.behind(), is_ready)
        {
            Next::Try(first)
                if cx.config.method_choice == MethodChoice::Ask && first != Method::None =>
            {
                let goes_on = |method: &Method| self.plan.allows(*method) && is_ready(*method);
                match self.chosen.as_deref().copied().filter(goes_on) {
                    Some(chosen) => Next::Try(chosen),
                    None => {
                        let choices = self.plan.choices(cx.config, is_ready);
                        return Some(ask_method(&cx, choices));
                    }
                }
            }
            next => next,
        };
        match next {
            Next::Try(method) => Some(self.methods.start(method, &cx, &mut self.report)),
            Next::End(ending) => {
                self.give_up(ending);
                None
            }
        }
    }
}

fn ask_method(cx: &Context<'_>, choices: Vec<Method>) -> Step {
    let need = NeedMethod {
        question: cx.question,
        login: Arc::clone(cx.login),
        choices,
    };
    Step::Ask(Question::Method(need), Attempt::Choosing)
}
