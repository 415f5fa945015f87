//! The method `password` (RFC 4252 section 8), and the dialogue of a password change.

use alloc::sync::Arc;

use crate::error::ProtocolErrorKind;
use crate::method::{Attempt as AnyAttempt, Context, Method, Out, Outgoing, Step, Verdict};
use crate::notice::Notice;
use crate::payload::{Content, Proof};
use crate::question::{NeedNewPassword, NeedPassword, PreviousAttempt, Question, Reply};
use crate::report::Subject;
use crate::text::ServerText;
use crate::wire::{self, MethodMessage, PasswdChangeReq, RequestMethod};

/// What is remembered between attempts.
#[derive(Clone, Debug, Default)]
pub(crate) struct Password {
    attempts: u32,
    refusals: u32,
    previous: Option<PreviousAttempt>,
    out: Option<Out>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Attempt {
    /// The caller is asked for the password.
    Asking,
    /// The server checks it.
    Checking,
    /// The caller is asked for a new password; so many were demanded in a row.
    AskingNew { demands: u32 },
    /// The server checks and changes it.
    Changing { demands: u32 },
}

impl Attempt {
    pub(crate) fn is_change(self) -> bool {
        matches!(self, Self::AskingNew { .. } | Self::Changing { .. })
    }

    /// As it was before the new password was given, which never left.
    pub(crate) fn before_change(self) -> Self {
        match self {
            Self::Changing { demands } => Self::AskingNew { demands },
            other => other,
        }
    }
}

impl Password {
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals
    }

    /// Whether nobody was asked for a password yet.
    pub(crate) fn is_untouched(&self) -> bool {
        self.attempts == 0
    }

    pub(crate) fn spend_tries(&mut self) {
        self.out = self.out.or(Some(Out::TriesSpent));
    }

    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), Out> {
        cx.confidential()?;
        self.out.map_or(Ok(()), Err)
    }

    pub(crate) fn start(&mut self, cx: &Context<'_>) -> Step {
        self.attempts = self.attempts.saturating_add(1);
        let need = NeedPassword {
            question: cx.question,
            login: Arc::clone(cx.login),
            attempt: self.attempts,
            previous: self.previous,
            prompt: None,
        };
        Step::Ask(
            Question::Password(need),
            AnyAttempt::Password(Attempt::Asking),
        )
    }

    pub(crate) fn on_answer(&mut self, attempt: Attempt, reply: Reply, cx: &Context<'_>) -> Step {
        match (attempt, reply) {
            (Attempt::Asking, Reply::Password(_, password)) => {
                let method = RequestMethod::Password {
                    password: password.expose(),
                };
                self.send(method, Attempt::Checking, cx)
            }
            (Attempt::AskingNew { demands }, Reply::NewPassword { old, new, .. }) => {
                let method = RequestMethod::PasswordChange {
                    old: old.expose(),
                    new: new.expose(),
                };
                self.send(method, Attempt::Changing { demands }, cx)
            }
            _ => {
                self.out = Some(Out::Declined);
                Step::Idle
            }
        }
    }

    fn send(&mut self, method: RequestMethod<'_>, attempt: Attempt, cx: &Context<'_>) -> Step {
        let Some(payload) = cx.payload(&cx.login.request(method), Content::Secret) else {
            self.out = Some(Out::TooLong);
            return Step::Idle;
        };
        let attempt = AnyAttempt::Password(attempt);
        let subject = Subject::of(Method::Password);
        Step::Send(Outgoing::request(
            payload,
            attempt,
            subject,
            Proof::Something,
        ))
    }

    /// RFC 4252 section 8: "the server SHOULD indicate this by responding with
    /// SSH_MSG_USERAUTH_PASSWD_CHANGEREQ", and does so again when "the new password was not
    /// acceptable".
    pub(crate) fn on_reply(
        &self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        let demands = match attempt {
            _ if message.number() != wire::number::USERAUTH_PASSWD_CHANGEREQ => None,
            Attempt::Checking => Some(0),
            Attempt::Changing { demands } => Some(demands),
            Attempt::Asking | Attempt::AskingNew { .. } => None,
        };
        let demands = demands.ok_or(ProtocolErrorKind::Unexpected)?;
        let demand = PasswdChangeReq::decode(message)?;
        let limit = cx.config.bounds().max_password_changes;
        if demands >= limit {
            return Err(ProtocolErrorKind::TooManyPasswordChanges { limit });
        }
        if cx.requests_left == 0 {
            // The change would be a request too many.
            return Ok(Step::Idle);
        }
        let demands = demands + 1;
        let need = NeedNewPassword {
            question: cx.question,
            login: Arc::clone(cx.login),
            prompt: ServerText::new(demand.prompt),
            language: ServerText::new(demand.language),
            attempt: demands,
        };
        let attempt = AnyAttempt::Password(Attempt::AskingNew { demands });
        Ok(Step::Ask(Question::NewPassword(need), attempt))
    }

    /// RFC 4252 section 8, the replies to a change: FAILURE with partial success, "The password
    /// has been changed, but more authentications are needed"; without, "The password has not been
    /// changed".
    pub(crate) fn on_failure(
        &mut self,
        attempt: &Attempt,
        verdict: Verdict,
        cx: &Context<'_>,
    ) -> Option<Notice> {
        match verdict {
            Verdict::PartialSuccess => {
                self.previous = Some(PreviousAttempt::Accepted);
                matches!(attempt, Attempt::Changing { .. }).then_some(Notice::PasswordChanged)
            }
            // It came before it was wanted.
            Verdict::Refused if !attempt.is_change() && cx.is_not_offered(Method::Password) => None,
            Verdict::Refused => {
                self.previous = Some(PreviousAttempt::Refused);
                self.refusals = self.refusals.saturating_add(1);
                if self.refusals >= cx.config.bounds().max_password_tries {
                    self.out = Some(Out::TriesSpent);
                }
                attempt.is_change().then_some(Notice::PasswordNotChanged)
            }
        }
    }
}

/// The number and the outcome of earlier attempts are told in the question and decide nothing.
#[cfg(test)]
impl core::hash::Hash for Password {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.refusals, self.out).hash(state);
    }
}
