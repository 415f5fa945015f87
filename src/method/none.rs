//! The method `none` (RFC 4252 section 5.2): to learn the methods, or as a login without proof.

use crate::method::{Attempt as AnyAttempt, Context, Earns, Method, Out, Outgoing, Step};
use crate::payload::{Content, Proof};
use crate::report::{Stage, Subject};
use crate::wire::RequestMethod;

/// Sent at most once in a run: a second `none` counts as a failed attempt on OpenSSH.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum NoneMethod {
    #[default]
    Unsent,
    Sent,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// To learn the methods.
    Probe,
    /// The caller named `none` among the methods.
    Intended,
}

impl Attempt {
    pub(crate) fn earns(self) -> Earns {
        match self {
            Self::Probe => Earns::Success,
            Self::Intended => Earns::IntendedSuccess,
        }
    }
}

impl NoneMethod {
    pub(crate) fn standing(self) -> Result<(), Out> {
        match self {
            Self::Unsent => Ok(()),
            Self::Sent => Err(Out::TriesSpent),
        }
    }

    pub(crate) fn start(&mut self, cx: &Context<'_>) -> Step {
        *self = Self::Sent;
        let request = cx.login.request(RequestMethod::None);
        let Some(payload) = cx.payload(&request, Content::Open) else {
            return Step::Idle;
        };
        let (attempt, stage) = if cx.config.methods.contains(&Method::None) {
            (Attempt::Intended, Stage::Proof)
        } else {
            (Attempt::Probe, Stage::Query)
        };
        let subject = Subject {
            stage,
            ..Subject::of(Method::None)
        };
        let attempt = AnyAttempt::None(attempt);
        Step::Send(Outgoing::request(payload, attempt, subject, Proof::Nothing))
    }
}
