//! What an answer says, for those who record or forward answers.

use alloc::vec::Vec;

use super::{GssapiIntegrity, Probing, Reply};
use crate::identity::Identity;
use crate::method::Method;
use crate::secret::Secret;
use crate::signature::BadSignatureReason;

/// What an [`Answer`](super::Answer) says. It has passwords and other secrets in the clear, so it
/// has no `Debug`.
#[expect(missing_debug_implementations, reason = "secrets are never printed")]
#[non_exhaustive]
pub enum AnswerContent<'a> {
    /// The question was declined.
    Declined,
    /// Keys to offer.
    Keys(Vec<&'a Identity>),
    /// The same, with the last one to be offered without a query.
    KeysUnprobed(Vec<&'a Identity>),
    /// The data that was to be signed, followed by the signature as a string.
    Signed(&'a [u8]),
    /// A signature that is not good enough; the question was declined for it.
    BadSignature(&'a BadSignatureReason),
    /// A password.
    Password(&'a Secret),
    /// The old password and the new one.
    NewPassword(&'a Secret, &'a Secret),
    /// An answer for each prompt.
    Answers(Vec<&'a Secret>),
    /// A GSS-API token.
    GssapiToken(&'a [u8]),
    /// The GSS-API context is established: the last token, and whether it protects integrity.
    GssapiEstablished(Option<&'a [u8]>, GssapiIntegrity),
    /// A GSS-API integrity code.
    GssapiMic(&'a [u8]),
    /// The next method.
    Method(Method),
    /// What follows the method name in the request of a custom method.
    MethodRequest(&'a Secret),
    /// The number and the body of a message of a custom method.
    MethodMessage(u8, &'a Secret),
    /// No message in reply to one of a custom method.
    Silence,
}

impl Reply {
    pub(super) fn content(&self) -> AnswerContent<'_> {
        match self {
            Self::Declined => AnswerContent::Declined,
            Self::Offer(offer) => keys([&offer.identity].into(), offer.probing),
            Self::Offers(offers) => {
                let last = offers.last().map_or(Probing::Query, |offer| offer.probing);
                keys(offers.iter().map(|offer| &offer.identity).collect(), last)
            }
            Self::Signed(signed) => AnswerContent::Signed(signed),
            Self::SignerFailed(failure) => AnswerContent::BadSignature(&failure.0),
            Self::Password(_, password) => AnswerContent::Password(password),
            Self::NewPassword { old, new, .. } => AnswerContent::NewPassword(old, new),
            Self::Answers(_, answers) => AnswerContent::Answers(answers.iter().collect()),
            Self::GssapiToken(token) => AnswerContent::GssapiToken(token),
            Self::GssapiEstablished { last, integrity } => {
                AnswerContent::GssapiEstablished(last.as_deref(), *integrity)
            }
            Self::GssapiMic(mic) => AnswerContent::GssapiMic(mic),
            Self::Method(method) => AnswerContent::Method(*method),
            Self::MethodData(data) => AnswerContent::MethodRequest(data),
            Self::MethodMessage(number, body) => AnswerContent::MethodMessage(*number, body),
            Self::Silence => AnswerContent::Silence,
        }
    }
}

fn keys(keys: Vec<&Identity>, last: Probing) -> AnswerContent<'_> {
    match last {
        Probing::Query => AnswerContent::Keys(keys),
        Probing::Unasked => AnswerContent::KeysUnprobed(keys),
    }
}
