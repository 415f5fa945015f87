//! The method `password` (RFC 4252 section 8): its questions, and the dialogue of a password
//! change.

use crate::error::ProtocolErrorKind;
use crate::method_name::Method;
use crate::notice::Notice;
use crate::payload::{Content, Evidence};
use crate::question::{Answer, AnswerContent, Attempt, PreviousAttempt, Ticket, of_ticket};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Stop, Verdict, encode};
use crate::secret::Secret;
use crate::text::ServerText;
use crate::wire::{MethodMessage, PasswdChangeReq, RequestMethod, number};

/// The password of the user (RFC 4252 section 8).
///
/// ```
/// # fn answer(need: ssh_userauth::NeedPassword, typed: Option<String>) -> ssh_userauth::Answer {
/// match typed {
///     Some(password) => need.password(password),
///     None => need.decline(),
/// }
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedPassword {
    ticket: Ticket,
    attempt: Attempt,
    /// The prompt that the password is to answer, with the bridge.
    prompt: Option<ServerText>,
}

/// The server demands a new password (`SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`, RFC 4252 section 8).
///
/// Asked again if the server rejects the new password.
/// [`Notice::PasswordChanged`](crate::Notice) or [`Notice::PasswordNotChanged`](crate::Notice) say
/// what became of the change.
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedNewPassword {
    ticket: Ticket,
    demand: Demand,
    number: u32,
}

/// The server's words with which it demands a new password.
#[derive(Clone, Debug)]
struct Demand {
    prompt: ServerText,
    language: ServerText,
}

impl NeedPassword {
    of_ticket!();

    pub(crate) fn new(ticket: Ticket, attempt: Attempt, prompt: Option<ServerText>) -> Self {
        Self {
            ticket,
            attempt,
            prompt,
        }
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt.number
    }

    /// What became of the previous attempt. If you answer from a credential store, check this:
    /// otherwise the same wrong password is sent until the attempts are used up.
    #[must_use]
    pub fn previous(&self) -> Option<PreviousAttempt> {
        self.attempt.previous
    }

    /// The prompt of keyboard-interactive that the password would answer; only with
    /// [`PasswordBridge`](crate::PasswordBridge).
    #[must_use]
    pub fn prompt(&self) -> Option<&ServerText> {
        self.prompt.as_ref()
    }

    /// The password, sent as it is. Empty is legal.
    pub fn password(self, password: impl Into<Secret>) -> Answer {
        self.ticket.answer(AnswerContent::Password(password.into()))
    }

    /// No password: the method is not tried (again) in this run.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

impl NeedNewPassword {
    of_ticket!();

    /// The server's words: why, and what it expects of the new password.
    #[must_use]
    pub fn prompt(&self) -> &ServerText {
        &self.demand.prompt
    }

    /// The language tag of the prompt (RFC 3066), usually empty.
    #[must_use]
    pub fn language(&self) -> &ServerText {
        &self.demand.language
    }

    /// Which demand in a row this is, counted from 1. Above 1: the server did not accept the new
    /// password that it was given.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.number
    }

    /// The old and the new password. The client has not kept the old one.
    pub fn change(self, old: impl Into<Secret>, new: impl Into<Secret>) -> Answer {
        self.ticket.answer(AnswerContent::NewPassword {
            old: old.into(),
            new: new.into(),
        })
    }

    /// No new password: the exchange is abandoned, and the method is not tried again in this run.
    /// The old password is not sent again.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    /// The caller is asked for the password.
    Asking,
    /// The server checks it.
    Checking,
    /// The caller is asked for a new password, which the server has demanded so many times in a
    /// row.
    AskingNew { demands: u32 },
    /// The server checks and changes it.
    Changing { demands: u32 },
}

impl Dialogue {
    pub(crate) fn is_change(self) -> bool {
        matches!(self, Self::AskingNew { .. } | Self::Changing { .. })
    }

    /// RFC 4252 section 8, the replies to a change: FAILURE with partial success, "The password
    /// has been changed, but more authentications are needed"; without, "The password has not been
    /// changed".
    pub(crate) fn notice(self, verdict: Verdict) -> Option<Notice> {
        match (self, verdict) {
            (Self::Changing { .. }, Verdict::PartialSuccess) => Some(Notice::PasswordChanged),
            (_, Verdict::PartialSuccess) => None,
            _ => self.is_change().then_some(Notice::PasswordNotChanged),
        }
    }

    /// The dialogue before a new password was given that was never sent.
    pub(crate) fn before_change(self) -> Self {
        match self {
            Self::Changing { demands } => Self::AskingNew { demands },
            other => other,
        }
    }
}

/// The demand for a new password that is open.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Password {
    demand: Option<Demand>,
}

impl Password {
    pub(crate) fn start(
        run: &mut Run<impl Asks<NeedPassword>>,
        attempt: Attempt,
    ) -> Begun<Dialogue> {
        let need = NeedPassword::new(run.ticket(), attempt, None);
        run.ask(need, Dialogue::Asking)
    }

    pub(crate) fn on_answer<Q>(
        &mut self,
        dialogue: Dialogue,
        answer: &AnswerContent,
        run: &mut Run<Q>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        self.demand = None;
        let (method, next) = match (dialogue, answer) {
            (Dialogue::Asking, AnswerContent::Password(password)) => {
                let password = password.expose();
                (RequestMethod::Password { password }, Dialogue::Checking)
            }
            (Dialogue::AskingNew { demands }, AnswerContent::NewPassword { old, new }) => {
                let (old, new) = (old.expose(), new.expose());
                let method = RequestMethod::PasswordChange { old, new };
                (method, Dialogue::Changing { demands })
            }
            _ => return Err(Unavailable::Declined),
        };
        let request = run.context.login.request(method);
        let payload = encode(&request, Content::Secret, Evidence::Something)?;
        Ok(run.request(AttemptRecord::proof(Method::Password), payload, next))
    }

    /// RFC 4252 section 8: "the server SHOULD indicate this by responding with
    /// SSH_MSG_USERAUTH_PASSWD_CHANGEREQ", and does so again when "the new password was not
    /// acceptable".
    pub(crate) fn on_reply(
        &mut self,
        dialogue: Dialogue,
        message: &MethodMessage<'_>,
        run: &mut Run<impl Asks<NeedNewPassword>>,
    ) -> Result<Begun<Dialogue>, Stop> {
        let demands = match dialogue {
            _ if message.number() != number::USERAUTH_PASSWD_CHANGEREQ => None,
            Dialogue::Checking => Some(0),
            Dialogue::Changing { demands } => Some(demands),
            Dialogue::Asking | Dialogue::AskingNew { .. } => None,
        };
        let demands = demands.ok_or(ProtocolErrorKind::Unexpected)?;
        let demand = PasswdChangeReq::decode(message)?;
        let limit = run.context.limits().max_password_changes;
        if demands >= limit {
            return Err(ProtocolErrorKind::TooManyPasswordChanges { limit }.into());
        }
        if run.requests_left() == 0 {
            // The change would be one request too many.
            return Err(Unavailable::RunEnded.into());
        }
        let demand = Demand {
            prompt: ServerText::new(demand.prompt),
            language: ServerText::new(demand.language),
        };
        self.demand = Some(demand.clone());
        Ok(ask_new(demand, demands + 1, run))
    }

    /// Asks again what is being asked.
    pub(crate) fn ask_again(
        &self,
        dialogue: Dialogue,
        attempt: Attempt,
        run: &mut Run<impl Asks<NeedPassword> + Asks<NeedNewPassword>>,
    ) -> Begun<Dialogue> {
        match (dialogue, &self.demand) {
            (Dialogue::AskingNew { demands }, Some(demand)) => {
                ask_new(demand.clone(), demands, run)
            }
            _ => Self::start(run, attempt),
        }
    }
}

fn ask_new(
    demand: Demand,
    number: u32,
    run: &mut Run<impl Asks<NeedNewPassword>>,
) -> Begun<Dialogue> {
    let need = NeedNewPassword {
        ticket: run.ticket(),
        demand,
        number,
    };
    run.ask(need, Dialogue::AskingNew { demands: number })
}

/// The words of a demand decide nothing.
#[cfg(test)]
impl core::hash::Hash for Password {
    fn hash<H: core::hash::Hasher>(&self, _: &mut H) {}
}
