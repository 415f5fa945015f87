//! What every question has: a ticket, an answer, and an error that gives the question back.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use thiserror::Error;

use crate::config::Limits;
use crate::error::AnswerError;
use crate::identity::Identity;
use crate::login::Login;
use crate::method_name::Method;
use crate::secret::Secret;
use crate::signature::BadSignatureReason;

/// An answer to a question, ready for
/// [`UserAuthClient::handle_answer`](crate::UserAuthClient::handle_answer).
///
/// Only the question makes one, and it is consumed. So a question can't be answered twice or with
/// an answer of another kind:
///
/// ```compile_fail,E0382
/// # fn twice(need: ssh_userauth::NeedPassword) {
/// let first = need.password("one");
/// let second = need.password("two"); // error: use of moved value
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn wrong_kind(need: ssh_userauth::NeedSignature) {
/// let answer = need.password("hunter2"); // error: no such method
/// # }
/// ```
///
/// You may give it at any later time, from any thread. If the server has moved on meanwhile,
/// `handle_answer` returns [`AnswerError::Withdrawn`] and nothing happens.
#[derive(Debug)]
#[must_use = "the client waits until the answer is given to `handle_answer`"]
pub struct Answer {
    pub(crate) ticket: Ticket,
    pub(crate) content: AnswerContent,
}

impl Answer {
    /// The ticket of the question that it answers.
    #[must_use]
    pub fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    /// What was answered.
    #[must_use]
    pub fn content(&self) -> &AnswerContent {
        &self.content
    }
}

/// Which question of which client. A question and its answer have the same ticket.
// A client is known by the login that it shares with its questions: two clients never share one.
#[derive(Clone)]
pub struct Ticket {
    login: Arc<Login>,
    number: u32,
}

impl Ticket {
    pub(crate) fn new(login: Arc<Login>, number: u32) -> Self {
        Self { login, number }
    }

    pub(crate) fn login(&self) -> &Login {
        &self.login
    }

    /// The number of the question, if this client asked it.
    pub(crate) fn number_for(&self, login: &Arc<Login>) -> Option<u32> {
        Arc::ptr_eq(&self.login, login).then_some(self.number)
    }

    pub(crate) fn answer(self, content: AnswerContent) -> Answer {
        let ticket = self;
        Answer { ticket, content }
    }
}

impl PartialEq for Ticket {
    fn eq(&self, other: &Self) -> bool {
        self.number_for(&other.login) == Some(other.number)
    }
}

impl Eq for Ticket {}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Ticket({}, {:?})", self.number, self.login)
    }
}

/// What every question has, in its `impl`.
macro_rules! of_ticket {
    () => {
        /// Who logs in where.
        #[must_use]
        pub fn login(&self) -> &crate::login::Login {
            self.ticket.login()
        }

        /// Which question it is.
        pub(crate) fn ticket(&self) -> &crate::question::Ticket {
            &self.ticket
        }
    };
}

pub(crate) use of_ticket;

/// Which attempt at a method a question belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Attempt {
    /// Counted from 1.
    pub(crate) number: u32,
    pub(crate) previous: Option<PreviousAttempt>,
}

/// What became of the previous attempt at the same method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PreviousAttempt {
    /// It was refused. The same answer will be refused again.
    Refused,
    /// It was accepted as a factor, and the server wants the method once more.
    Accepted,
}

/// What an [`Answer`] says, for those who record or forward answers.
///
/// The secrets in it are the caller's own. `Debug` shows none of them.
#[non_exhaustive]
pub enum AnswerContent {
    /// The question was declined.
    Declined,
    /// Keys to offer, in this order.
    #[non_exhaustive]
    Keys {
        /// The keys.
        identities: Vec<Identity>,
        /// Whether the last one is offered with its signature, without a query.
        last_is_unprobed: bool,
    },
    /// The data that was to be signed, and the signature after it as a string.
    Signed(Vec<u8>),
    /// The signature can't be used, and the question was declined because of that.
    BadSignature(BadSignatureReason),
    /// The password.
    Password(Secret),
    /// A new password.
    #[non_exhaustive]
    NewPassword {
        /// The old password.
        old: Secret,
        /// The new password.
        new: Secret,
    },
    /// An answer to each prompt.
    Answers(Vec<Secret>),
    /// A GSS-API token.
    GssapiToken(Vec<u8>),
    /// The GSS-API context is established.
    #[non_exhaustive]
    GssapiEstablished {
        /// The last token, if one is left to send.
        last: Option<Vec<u8>>,
        /// Whether the context can make integrity codes.
        integrity: GssapiIntegrity,
    },
    /// A GSS-API integrity code.
    GssapiMic(Vec<u8>),
    /// The next method.
    Method(Method),
    /// What follows the method name in the request of a custom method.
    MethodRequest(Secret),
    /// The number and the body of a message of a custom method.
    MethodMessage(u8, Secret),
    /// No message in reply to one of a custom method.
    Silence,
}

/// Whether the established GSS-API context can make integrity codes (`integ_avail`, RFC 4462
/// section 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the flag of RFC 4462 has two values"
)]
pub enum GssapiIntegrity {
    /// It can: a MIC proves who the user is.
    Available,
    /// It can't: the exchange ends without one, and proves less.
    Unavailable,
}

impl AnswerContent {
    /// Why the reply is too long, if it is.
    pub(crate) fn check(&self, limits: &Limits) -> Result<(), AnswerError> {
        match self {
            Self::Password(password) => check([password], limits.max_password_bytes),
            Self::NewPassword { old, new } => check([old, new], limits.max_password_bytes),
            Self::Answers(answers) => check(answers, limits.max_answer_bytes),
            _ => Ok(()),
        }
    }
}

fn check<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    limit: usize,
) -> Result<(), AnswerError> {
    let mut lengths = secrets.into_iter().map(Secret::len);
    match lengths.find(|length| *length > limit) {
        Some(length) => Err(AnswerError::TooLong { length, limit }),
        None => Ok(()),
    }
}

impl fmt::Debug for AnswerContent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "Declined",
            Self::Keys { .. } => "Keys(..)",
            Self::Signed(_) => "Signed(..)",
            Self::BadSignature(_) => "BadSignature(..)",
            Self::Password(_) => "Password(..)",
            Self::NewPassword { .. } => "NewPassword(..)",
            Self::Answers(_) => "Answers(..)",
            Self::GssapiToken(_) => "GssapiToken(..)",
            Self::GssapiEstablished { .. } => "GssapiEstablished(..)",
            Self::GssapiMic(_) => "GssapiMic(..)",
            Self::Method(_) => "Method(..)",
            Self::MethodRequest(_) => "MethodRequest(..)",
            Self::MethodMessage(..) => "MethodMessage(..)",
            Self::Silence => "Silence",
        })
    }
}

/// An answer that was not taken, with its question. The question is still open, and nothing was
/// sent.
///
/// ```
/// # fn answer(need: ssh_userauth::NeedSignature, blob: &[u8]) -> ssh_userauth::Answer {
/// use ssh_userauth::Rejected;
///
/// need.signed(blob).unwrap_or_else(Rejected::decline)
/// # }
/// ```
#[derive(Debug)]
pub struct Rejected<Question> {
    // Boxed, so that the `Result` of every good answer stays small.
    question: Box<Question>,
    declined: Box<Answer>,
    reason: Rejection,
}

/// Why an answer was not taken.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rejection {
    /// The signature can't be used.
    #[error(transparent)]
    BadSignature(#[from] BadSignatureReason),
    /// There are more or fewer answers than prompts.
    #[error("{answers} answers to {prompts} prompts")]
    WrongCount {
        /// How many answers were given.
        answers: usize,
        /// How many prompts there are.
        prompts: usize,
    },
    /// The method is not one of the choices.
    #[error("the method {0} is not one of the choices")]
    NotAChoice(Method),
    /// The number is not one of a method's own messages (60 to 79, RFC 4252 section 6).
    #[error("message {0} is not one of 60 to 79")]
    NotAMethodMessage(u8),
}

impl<Question> Rejected<Question> {
    pub(crate) fn new(question: Question, declined: Answer, reason: Rejection) -> Self {
        Self {
            question: Box::new(question),
            declined: Box::new(declined),
            reason,
        }
    }

    /// What was wrong with the answer.
    #[must_use]
    pub fn reason(&self) -> &Rejection {
        &self.reason
    }

    /// The question, still open.
    #[must_use = "the client waits until the question is answered or declined"]
    pub fn into_question(self) -> Question {
        *self.question
    }

    /// Declines the question. For a signature, the report says why.
    pub fn decline(self) -> Answer {
        *self.declined
    }
}

impl<Question> fmt::Display for Rejected<Question> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.reason, f)
    }
}

impl<Question: fmt::Debug> core::error::Error for Rejected<Question> {}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2019-3863 and its relatives: lengths near the end of 32 bits are compared, never added.
    #[test]
    fn an_answer_at_the_limit_is_taken_and_one_above_is_not() {
        let limits = Limits::default();
        let limit = limits.max_password_bytes;
        let of_length = |length| AnswerContent::Password(Secret::new(alloc::vec![b'x'; length]));
        assert_eq!(of_length(limit).check(&limits), Ok(()));
        let length = limit + 1;
        assert_eq!(
            of_length(length).check(&limits),
            Err(AnswerError::TooLong { length, limit })
        );
    }
}
