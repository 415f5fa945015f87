//! The shape that every method has, and the table of contents of all of them.
//!
//! A method is a small machine in its own file. The driver (`client.rs`) starts it, hands it the
//! server's replies and the caller's answers, and gets a [`Step`] back: what to send or to ask,
//! and the [`Attempt`] to hand back with whatever comes next. A method can't reach the outbox.

use alloc::boxed::Box;

use crate::config::TryCounting;
use crate::error::ProtocolErrorKind;
use crate::notice::Notice;
use crate::question::Reply;
use crate::report::{Report, SkipReason};
use crate::wire::MethodMessage;

mod context;
pub(crate) mod gssapi;
pub(crate) mod hostbased;
pub(crate) mod key_id;
pub(crate) mod keyboard_interactive;
mod name;
pub(crate) mod none;
pub(crate) mod other;
pub(crate) mod password;
pub(crate) mod publickey;
mod step;

pub use name::Method;

pub(crate) use context::{Context, Facts, SessionId};
pub(crate) use step::{Outgoing, Step};

use gssapi::Gssapi;
use hostbased::HostBased;
use keyboard_interactive::KeyboardInteractive;
use none::NoneMethod;
use other::Other;
use password::Password;
use publickey::PublicKey;

/// What a method remembers while it waits for the server or for the caller.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Attempt {
    None(none::Attempt),
    PublicKey(publickey::Attempt),
    Password(password::Attempt),
    KeyboardInteractive(keyboard_interactive::Attempt),
    HostBased(hostbased::Attempt),
    Gssapi(gssapi::Attempt),
    Other(other::Attempt),
    /// The caller is asked which method to try.
    Choosing,
}

/// Whether `SSH_MSG_USERAUTH_SUCCESS` can be the reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earns {
    /// It can.
    Success,
    /// It can, and a success without proof is what the caller wanted.
    IntendedSuccess,
    /// It can't: a dialogue is not at its end.
    Nothing,
    /// It asks about a key; only a server that lets everybody in answers that with success.
    KeyQuery,
}

impl Attempt {
    pub(crate) fn earns(&self) -> Earns {
        match self {
            Self::None(attempt) => attempt.earns(),
            Self::PublicKey(attempt) => attempt.earns(),
            Self::Gssapi(attempt) => attempt.earns(),
            Self::Password(_)
            | Self::KeyboardInteractive(_)
            | Self::HostBased(_)
            | Self::Other(_) => Earns::Success,
            Self::Choosing => Earns::Nothing,
        }
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::None(_) | Self::Choosing => Method::None,
            Self::PublicKey(_) => Method::PublicKey,
            Self::Password(_) => Method::Password,
            Self::KeyboardInteractive(_) => Method::KeyboardInteractive,
            Self::HostBased(_) => Method::HostBased,
            Self::Gssapi(attempt) => attempt.method(),
            Self::Other(attempt) => Method::Other(attempt.name),
        }
    }

    /// Whether it is a factor if the server says that it succeeded: `none` and a mere query
    /// are not.
    pub(crate) fn is_factor(&self) -> bool {
        self.method() != Method::None && self.earns() == Earns::Success
    }

    /// Whether `SSH_MSG_USERAUTH_FAILURE` may come while the caller is being asked: the server
    /// may tire of waiting for a human (PAM does), but it can't refuse what was not sent.
    pub(crate) fn may_be_refused_while_asking(&self) -> bool {
        match self {
            Self::KeyboardInteractive(_) => true,
            Self::Password(attempt) => attempt.is_change(),
            Self::Other(attempt) => attempt.is_in_dialogue(),
            Self::None(_)
            | Self::PublicKey(_)
            | Self::HostBased(_)
            | Self::Gssapi(_)
            | Self::Choosing => false,
        }
    }

    /// Whether the caller was asked for what was said last in its dialogue: rounds without prompts
    /// answer themselves.
    pub(crate) fn was_asked(&self) -> bool {
        match self {
            Self::KeyboardInteractive(attempt) => attempt.was_asked(),
            _ => true,
        }
    }

    /// Whether it is a request that one of the user's keys has signed.
    pub(crate) fn is_signed_with_key(&self) -> bool {
        matches!(self, Self::PublicKey(attempt) if attempt.earns() == Earns::Success)
    }

    /// Whether it is a password change that the server is carrying out.
    pub(crate) fn is_password_change(&self) -> bool {
        matches!(self, Self::Password(attempt) if attempt.is_change())
    }

    /// As it was before a request that never left.
    pub(crate) fn before_request(self) -> Self {
        match self {
            Self::Password(attempt) => Self::Password(attempt.before_change()),
            other => other,
        }
    }

    /// What is awaited, for the texts of errors.
    pub(crate) fn awaiting(&self) -> &'static str {
        match self {
            Self::None(_) => "the reply to `none` was awaited",
            Self::PublicKey(attempt) => attempt.awaiting(),
            Self::Password(_) => "the reply to a password was awaited",
            Self::KeyboardInteractive(_) => "the reply to keyboard-interactive was awaited",
            Self::HostBased(_) => "the reply to hostbased was awaited",
            Self::Gssapi(attempt) => attempt.awaiting(),
            Self::Other(_) => "the reply to a method of the caller's own was awaited",
            Self::Choosing => "the choice of a method was awaited",
        }
    }
}

/// Why a method is not tried now; mostly for the rest of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Out {
    Declined,
    TriesSpent,
    RefusedAtOnce,
    CannotContinue,
    TooLong,
    NotConfigured,
    NotConfidential,
    HostBoundUnavailable,
}

impl From<Out> for SkipReason {
    fn from(out: Out) -> Self {
        match out {
            Out::Declined => Self::Declined,
            Out::TriesSpent => Self::TriesSpent,
            Out::RefusedAtOnce => Self::RefusedAtOnce,
            Out::CannotContinue => Self::CannotContinue,
            Out::TooLong => Self::TooLong,
            Out::NotConfigured => Self::NotConfigured,
            Out::NotConfidential => Self::NotConfidential,
            Out::HostBoundUnavailable => Self::HostBoundUnavailable,
        }
    }
}

/// What the methods remember between their attempts.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Methods {
    pub(crate) none: NoneMethod,
    pub(crate) publickey: PublicKey,
    pub(crate) password: Password,
    pub(crate) keyboard_interactive: KeyboardInteractive,
    /// None while none of them was tried.
    seldom: Option<Box<Seldom>>,
}

/// What few logins use.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
struct Seldom {
    hostbased: HostBased,
    gssapi: Gssapi,
    other: Other,
}

impl Methods {
    /// Whether the method has anything to try now, or why not.
    pub(crate) fn standing(&self, method: Method, cx: &Context<'_>) -> Result<(), Out> {
        match method {
            Method::None => self.none.standing(),
            Method::PublicKey => self.publickey.standing(cx),
            Method::Password => self.password.standing(cx),
            Method::KeyboardInteractive => self.keyboard_interactive.standing(cx),
            Method::HostBased => self.of_seldom(|seldom| seldom.hostbased.standing(cx)),
            Method::GssapiWithMic => self.of_seldom(|seldom| seldom.gssapi.standing_with_mic(cx)),
            Method::GssapiKeyex => self.of_seldom(|seldom| seldom.gssapi.standing_keyex(cx)),
            Method::Other(name) => self.of_seldom(|seldom| seldom.other.standing(name, cx)),
        }
    }

    fn of_seldom<T>(&self, look: impl FnOnce(&Seldom) -> T) -> T {
        match &self.seldom {
            Some(seldom) => look(seldom),
            None => look(&Seldom::default()),
        }
    }

    fn seldom(&mut self) -> &mut Seldom {
        self.seldom.get_or_insert_default()
    }

    /// Begins an attempt. [`Step::Idle`] means that nothing was left after all; the standing says
    /// so from then on.
    pub(crate) fn start(&mut self, method: Method, cx: &Context<'_>, report: &mut Report) -> Step {
        match method {
            Method::None => self.none.start(cx),
            Method::PublicKey => self.publickey.start(cx, report),
            Method::Password => self.password.start(cx),
            Method::KeyboardInteractive => self.keyboard_interactive.start(cx),
            Method::HostBased => self.seldom().hostbased.start(cx, report),
            Method::GssapiWithMic => self.seldom().gssapi.start_with_mic(cx),
            Method::GssapiKeyex => self.seldom().gssapi.start_keyex(cx),
            Method::Other(name) => self.seldom().other.start(name, cx),
        }
    }

    /// RFC 4252 section 6: messages 60 to 79 are method-specific, so that whoever asked decodes.
    pub(crate) fn on_reply(
        &mut self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        match attempt {
            Attempt::PublicKey(attempt) => self.publickey.on_reply(attempt, message),
            Attempt::Password(attempt) => self.password.on_reply(attempt, message, cx),
            Attempt::KeyboardInteractive(attempt) => {
                let refused = self.password.refusals() > 0;
                let bridge = self.keyboard_interactive.bridge(refused, cx);
                self.keyboard_interactive
                    .on_reply(attempt, message, bridge, cx)
            }
            Attempt::Gssapi(attempt) => self.seldom().gssapi.on_reply(attempt, message, cx),
            Attempt::Other(attempt) => self.seldom().other.on_reply(attempt, message, cx),
            Attempt::None(_) | Attempt::HostBased(_) | Attempt::Choosing => {
                Err(ProtocolErrorKind::Unexpected)
            }
        }
    }

    pub(crate) fn on_answer(
        &mut self,
        attempt: Attempt,
        reply: Reply,
        cx: &Context<'_>,
        report: &mut Report,
    ) -> Step {
        match attempt {
            Attempt::PublicKey(attempt) => self.publickey.on_answer(attempt, reply, cx, report),
            Attempt::Password(attempt) => self.password.on_answer(attempt, reply, cx),
            Attempt::KeyboardInteractive(attempt) => {
                self.keyboard_interactive.on_answer(attempt, reply, cx)
            }
            Attempt::HostBased(attempt) => {
                let hostbased = &mut self.seldom().hostbased;
                hostbased.on_answer(attempt, reply, cx, report)
            }
            Attempt::Gssapi(attempt) => self.seldom().gssapi.on_answer(attempt, reply, cx),
            Attempt::Other(attempt) => self.seldom().other.on_answer(attempt, reply, cx),
            Attempt::None(_) | Attempt::Choosing => Step::Idle,
        }
    }

    /// The request was refused, or was one factor of several.
    pub(crate) fn on_failure(
        &mut self,
        attempt: &Attempt,
        verdict: Verdict,
        cx: &Context<'_>,
    ) -> Option<Notice> {
        match attempt {
            Attempt::PublicKey(attempt) => self.publickey.on_failure(*attempt, verdict, cx),
            Attempt::Password(attempt) => {
                let notice = self.password.on_failure(attempt, verdict, cx);
                self.share_tries(cx);
                return notice;
            }
            Attempt::KeyboardInteractive(attempt) => {
                self.keyboard_interactive.on_failure(attempt, verdict, cx);
            }
            Attempt::HostBased(attempt) => {
                self.seldom().hostbased.on_failure(*attempt, verdict, cx);
            }
            Attempt::Gssapi(attempt) => self.seldom().gssapi.on_failure(attempt, verdict, cx),
            Attempt::Other(attempt) => self.seldom().other.on_failure(attempt, verdict, cx),
            Attempt::None(_) | Attempt::Choosing => {}
        }
        self.share_tries(cx);
        None
    }

    /// Password and keyboard-interactive may count their refusals together.
    fn share_tries(&mut self, cx: &Context<'_>) {
        let refusals = self.password.refusals();
        let sum = refusals.saturating_add(self.keyboard_interactive.refusals());
        let limit = cx.config.bounds().max_password_tries;
        if cx.config.try_counting == TryCounting::Shared && sum >= limit {
            self.password.spend_tries();
            self.keyboard_interactive.spend_tries();
        }
    }

    /// The question of this attempt is no longer asked, for what the server said meanwhile.
    pub(crate) fn on_withdrawal(&mut self, attempt: Attempt) {
        match attempt {
            Attempt::PublicKey(attempt) => self.publickey.on_withdrawal(attempt),
            Attempt::HostBased(attempt) => self.seldom().hostbased.on_withdrawal(attempt),
            Attempt::Gssapi(attempt) => self.seldom().gssapi.on_withdrawal(&attempt),
            _ => {}
        }
    }

    /// Another list of algorithms came: what was skipped for want of one may be tried.
    pub(crate) fn on_algorithm_list(&mut self) {
        self.publickey.on_algorithm_list();
        if let Some(seldom) = &mut self.seldom {
            seldom.hostbased.on_algorithm_list();
        }
    }

    /// A factor was accepted: what was refused before may be accepted now.
    pub(crate) fn on_partial_success(&mut self) {
        self.publickey.on_partial_success();
    }
}

/// What `SSH_MSG_USERAUTH_FAILURE` says of the request it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused,
    PartialSuccess,
}

/// It makes no difference whether a method has not been tried or is as if it had not been.
#[cfg(test)]
impl core::hash::Hash for Methods {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (&self.none, &self.publickey, &self.password).hash(state);
        self.keyboard_interactive.hash(state);
        self.of_seldom(|seldom| seldom.hash(state));
    }
}
