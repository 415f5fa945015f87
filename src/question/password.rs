//! The password, and a new one.

use alloc::sync::Arc;

use crate::login::Login;
use crate::question::{Answer, Reply, Ticket};
use crate::secret::Secret;
use crate::text::ServerText;

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
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedPassword {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) attempt: u32,
    pub(crate) previous: Option<PreviousAttempt>,
    /// The prompt that the password is to answer, with the bridge.
    pub(crate) prompt: Option<ServerText>,
}

/// What became of the attempt before this one, of the same method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PreviousAttempt {
    /// It was refused. The same answer again will be refused again.
    Refused,
    /// It was a factor that was accepted, and the server wants the method once more.
    Accepted,
}

impl NeedPassword {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What became of the previous attempt. Whoever answers from a store must look here, or will
    /// send the same wrong password until the attempts are used up.
    #[must_use]
    pub fn previous(&self) -> Option<PreviousAttempt> {
        self.previous
    }

    /// The prompt of keyboard-interactive that the password would answer; only with
    /// [`PasswordBridge`](crate::PasswordBridge).
    #[must_use]
    pub fn prompt(&self) -> Option<&ServerText> {
        self.prompt.as_ref()
    }

    /// The password, sent as it is. Empty is legal.
    pub fn password(self, password: impl Into<Secret>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Password(self, password.into()))
    }

    /// No password: the method is not tried (again) in this run.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

/// The server demands a new password (`SSH_MSG_USERAUTH_PASSWD_CHANGEREQ`, RFC 4252 section 8).
///
/// Asked again when the server doesn't like the new one. What became of the change is told by
/// [`Notice::PasswordChanged`](crate::Notice) or [`Notice::PasswordNotChanged`](crate::Notice).
#[derive(Debug)]
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedNewPassword {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) prompt: ServerText,
    pub(crate) language: ServerText,
    pub(crate) attempt: u32,
}

impl NeedNewPassword {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The server's words: why, and what it expects of the new password.
    #[must_use]
    pub fn prompt(&self) -> &ServerText {
        &self.prompt
    }

    /// The language tag of the prompt (RFC 3066), usually empty.
    #[must_use]
    pub fn language(&self) -> &ServerText {
        &self.language
    }

    /// Which demand in a row this is, counted from 1. Above 1: the server didn't accept the new
    /// password that it was given.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// The old and the new password. The machine has not kept the old one.
    pub fn change(self, old: impl Into<Secret>, new: impl Into<Secret>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::NewPassword {
            need: self,
            old: old.into(),
            new: new.into(),
        })
    }

    /// No new password: the exchange is abandoned, and the method is not tried again in this run.
    /// The old password is not sent again.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}
