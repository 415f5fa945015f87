//! What is asked and what is answered: the `Need…` tokens, [`Answer`], and the ticket that ties
//! one to the other.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

use crate::action::Action;
use crate::config::Limits;
use crate::error::AnswerError;
use crate::few::Few;
use crate::login::Login;
use crate::method::Method;
use crate::secret::Secret;

mod content;
mod gssapi;
mod host_signature;
mod keyboard_interactive;
mod method;
mod password;
mod public_key;
mod signature;

pub use content::AnswerContent;
pub use gssapi::{GssapiIntegrity, NeedGssapiMic, NeedGssapiToken};
pub use host_signature::NeedHostSignature;
pub use keyboard_interactive::{NeedAnswers, Prompt, WrongCount};
pub use method::{NeedMethod, NeedMethodMessage, NeedMethodRequest, WrongChoice, WrongNumber};
pub use password::{NeedNewPassword, NeedPassword, PreviousAttempt};
pub use public_key::NeedPublicKey;
pub use signature::{BadSignature, NeedSignature};

pub(crate) use keyboard_interactive::{Echo, Texts};
pub(crate) use public_key::{Offer, Probing};
pub(crate) use signature::{Binding, SignatureTask, SignerFailure, Signing};

/// An answer to a question, ready for
/// [`UserAuthClient::handle_answer`](crate::UserAuthClient::handle_answer).
///
/// Made only by consuming the question, so that a question can't be answered twice or with an
/// answer of another kind:
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
/// It may be given at any later time, from any thread. If the server moved on meanwhile,
/// `handle_answer` says [`AnswerError::Withdrawn`] and nothing happens.
#[derive(Debug)]
#[must_use = "the machine waits until the answer is given to `handle_answer`"]
pub struct Answer {
    pub(crate) ticket: Ticket,
    pub(crate) reply: Reply,
}

impl Answer {
    /// The ticket of the question that it answers.
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        self.ticket
    }

    /// What was answered, in the clear.
    #[must_use]
    pub fn content(&self) -> AnswerContent<'_> {
        self.reply.content()
    }
}

/// Identifies a question, and thereby the answer to it: of all questions of all connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket {
    pub(crate) number: u32,
    /// Eight bytes of the session identifier: every connection has another one, so no global
    /// counter is needed to tell them apart.
    pub(crate) connection: [u8; 8],
}

impl Ticket {
    pub(crate) fn new(number: u32, login: &Login) -> Self {
        let connection = login.session_id.beginning();
        Self { number, connection }
    }

    pub(crate) fn answer(self, reply: Reply) -> Answer {
        let ticket = self;
        Answer { ticket, reply }
    }
}

/// What was answered. Replies that may be refused for their size carry the question with them,
/// so that nothing is lost.
pub(crate) enum Reply {
    Declined,
    Offer(Offer),
    Offers(Vec<Offer>),
    /// The data that was to be signed, with the signature behind it.
    Signed(Vec<u8>),
    SignerFailed(SignerFailure),
    Password(NeedPassword, Secret),
    NewPassword {
        need: NeedNewPassword,
        old: Secret,
        new: Secret,
    },
    Answers(NeedAnswers, Few<Secret, 1>),
    GssapiToken(Vec<u8>),
    GssapiEstablished {
        last: Option<Vec<u8>>,
        integrity: GssapiIntegrity,
    },
    GssapiMic(Vec<u8>),
    Method(Method),
    MethodData(Secret),
    MethodMessage(u8, Secret),
    Silence,
}

impl Reply {
    /// Gives one that is too long back, as the question it answers.
    pub(crate) fn within(self, limits: &Limits) -> Result<Self, Box<(AnswerError, Action)>> {
        match self {
            Self::Password(need, password) => {
                match too_long([&password], limits.max_password_bytes) {
                    Some(error) => Err(Box::new((error, Action::NeedPassword(need)))),
                    None => Ok(Self::Password(need, password)),
                }
            }
            Self::NewPassword { need, old, new } => {
                match too_long([&old, &new], limits.max_password_bytes) {
                    Some(error) => Err(Box::new((error, Action::NeedNewPassword(need)))),
                    None => Ok(Self::NewPassword { need, old, new }),
                }
            }
            Self::Answers(need, answers) => match too_long(answers.iter(), limits.max_answer_bytes)
            {
                Some(error) => Err(Box::new((error, Action::NeedAnswers(need)))),
                None => Ok(Self::Answers(need, answers)),
            },
            other => Ok(other),
        }
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Declined => "Declined",
            Self::Offer(_) | Self::Offers(_) => "Offer(..)",
            Self::Signed(_) => "Signed(..)",
            Self::SignerFailed(_) => "SignerFailed(..)",
            Self::Password(..) => "Password(..)",
            Self::NewPassword { .. } => "NewPassword(..)",
            Self::Answers(..) => "Answers(..)",
            Self::GssapiToken(_) => "GssapiToken(..)",
            Self::GssapiEstablished { .. } => "GssapiEstablished(..)",
            Self::GssapiMic(_) => "GssapiMic(..)",
            Self::Method(_) => "Method(..)",
            Self::MethodData(_) => "MethodData(..)",
            Self::MethodMessage(..) => "MethodMessage(..)",
            Self::Silence => "Silence",
        })
    }
}

/// A question that is open, as the methods make it; only `client.rs` asks it.
#[derive(Debug)]
pub(crate) enum Question {
    PublicKey(NeedPublicKey),
    Signature(NeedSignature),
    Password(NeedPassword),
    NewPassword(NeedNewPassword),
    Answers(NeedAnswers),
    HostSignature(NeedHostSignature),
    GssapiToken(NeedGssapiToken),
    GssapiMic(NeedGssapiMic),
    Method(NeedMethod),
    MethodRequest(NeedMethodRequest),
    MethodMessage(NeedMethodMessage),
}

impl From<Question> for Action {
    fn from(question: Question) -> Self {
        match question {
            Question::PublicKey(need) => Self::NeedPublicKey(need),
            Question::Signature(need) => Self::NeedSignature(need),
            Question::Password(need) => Self::NeedPassword(need),
            Question::NewPassword(need) => Self::NeedNewPassword(need),
            Question::Answers(need) => Self::NeedAnswers(need),
            Question::HostSignature(need) => Self::NeedHostSignature(need),
            Question::GssapiToken(need) => Self::NeedGssapiToken(need),
            Question::GssapiMic(need) => Self::NeedGssapiMic(need),
            Question::Method(need) => Self::NeedMethod(need),
            Question::MethodRequest(need) => Self::NeedMethodRequest(need),
            Question::MethodMessage(need) => Self::NeedMethodMessage(need),
        }
    }
}

fn too_long<'a>(
    secrets: impl IntoIterator<Item = &'a Secret>,
    limit: usize,
) -> Option<AnswerError> {
    let lengths = secrets.into_iter().map(Secret::len);
    longest_above(lengths, limit).map(|length| AnswerError::TooLong { length, limit })
}

fn longest_above(mut lengths: impl Iterator<Item = usize>, limit: usize) -> Option<usize> {
    lengths.find(|length| *length > limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CVE-2019-3863 and its relatives: lengths near the end of 32 bits are compared, never added.
    #[test]
    fn lengths_beyond_any_memory_are_refused() {
        let half = usize::try_from(1u64 << 31).unwrap();
        assert_eq!(longest_above([half, half].into_iter(), 65536), Some(half));
        assert_eq!(
            longest_above([3, usize::MAX].into_iter(), 65536),
            Some(usize::MAX)
        );
        assert_eq!(longest_above([65536, 0].into_iter(), 65536), None);
    }
}
