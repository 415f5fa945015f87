//! What comes out of the machine: things to do, to ask, to tell, and one end.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString as _;
use core::fmt;

use crate::error::DisconnectReason;
use crate::few::Few;
use crate::method::Method;
use crate::method_list::MethodList;
use crate::notice::{Factor, Notice};
use crate::payload::{Payload, Proof};
use crate::question::{
    Answer, NeedAnswers, NeedGssapiMic, NeedGssapiToken, NeedHostSignature, NeedMethod,
    NeedMethodMessage, NeedMethodRequest, NeedNewPassword, NeedPassword, NeedPublicKey,
    NeedSignature,
};
use crate::report::Ending;

/// What the caller shall do next; see [`UserAuthClient::poll_action`](crate::UserAuthClient::poll_action).
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
#[non_exhaustive]
#[must_use = "an action that is dropped may leave the machine waiting for ever"]
pub enum Action {
    /// Do: hand this to the transport.
    SendRequest(Payload),
    /// Ask: which key or keys shall be offered?
    NeedPublicKey(NeedPublicKey),
    /// Ask: sign exactly these bytes.
    NeedSignature(NeedSignature),
    /// Ask: the password.
    NeedPassword(NeedPassword),
    /// Ask: the server demands a new password.
    NeedNewPassword(NeedNewPassword),
    /// Ask: answers to the server's prompts.
    NeedAnswers(NeedAnswers),
    /// Ask: sign exactly these bytes with a key of the client's host (`hostbased`).
    NeedHostSignature(NeedHostSignature),
    /// Ask: the next token of a GSS-API context.
    NeedGssapiToken(NeedGssapiToken),
    /// Ask: the GSS-API integrity code over exactly these bytes.
    NeedGssapiMic(NeedGssapiMic),
    /// Ask: which method next? Only with [`MethodChoice::Ask`](crate::MethodChoice).
    NeedMethod(NeedMethod),
    /// Ask: the request of a method of the caller's own.
    NeedMethodRequest(NeedMethodRequest),
    /// Ask: the server spoke in a method of the caller's own.
    NeedMethodMessage(NeedMethodMessage),
    /// Tell: what happened on the way, to be shown or ignored.
    Notify(Notice),
    /// End: we are in. The connection now belongs to the service.
    StartService(Authenticated),
    /// End: no way left, or cancelled. Send `SSH_MSG_DISCONNECT` with the reason and close.
    GiveUp(GiveUp),
}

impl Action {
    pub(crate) fn is_question(&self) -> bool {
        !matches!(
            self,
            Self::SendRequest(_) | Self::Notify(_) | Self::StartService(_) | Self::GiveUp(_)
        )
    }

    /// The answer that declines, if this is a question; so that a wildcard arm can't stall the
    /// machine.
    #[must_use = "the machine waits until the answer is given to `handle_answer`"]
    pub fn decline(self) -> Option<Answer> {
        match self {
            Self::NeedPublicKey(need) => Some(need.decline()),
            Self::NeedSignature(need) => Some(need.decline()),
            Self::NeedPassword(need) => Some(need.decline()),
            Self::NeedNewPassword(need) => Some(need.decline()),
            Self::NeedAnswers(need) => Some(need.decline()),
            Self::NeedHostSignature(need) => Some(need.decline()),
            Self::NeedGssapiToken(need) => Some(need.decline()),
            Self::NeedGssapiMic(need) => Some(need.decline()),
            Self::NeedMethod(need) => Some(need.decline()),
            Self::NeedMethodRequest(need) => Some(need.decline()),
            Self::NeedMethodMessage(need) => Some(need.decline()),
            Self::SendRequest(_) | Self::Notify(_) | Self::StartService(_) | Self::GiveUp(_) => {
                None
            }
        }
    }
}

/// We are in (RFC 4252 section 5.1, `SSH_MSG_USERAUTH_SUCCESS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    pub(crate) service: Cow<'static, str>,
    pub(crate) factors: Few<Factor, 1>,
    pub(crate) proof: Proof,
}

impl Authenticated {
    /// The service that the server starts now.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The methods that succeeded, in order. Neither `none` nor a key that was only asked about
    /// is among them: they prove nothing.
    #[must_use]
    pub fn factors(&self) -> &[Factor] {
        &self.factors
    }

    /// Whether we got in without proving anything: no signed publickey request, no password, no
    /// changed password, no answer to a prompt, no GSS-API MIC and no bytes of a method of the
    /// caller's own ([`Method::Other`]) were ever sent.
    ///
    /// A signature of `hostbased` is the host's, and proves nothing of the user. What the bytes of
    /// the caller's own method mean, only the caller knows: any are taken for a proof, and an empty
    /// request or message is none.
    ///
    /// A server in the middle lets a client in that way to wait for what the user does next.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        self.proof == Proof::Nothing
    }

    /// Whether answers to prompts are all that was sent, and all of them were empty.
    #[must_use]
    pub fn all_answers_empty(&self) -> bool {
        self.proof == Proof::EmptyAnswers
    }
}

/// The run ended without a login. Its `Display` is one sentence of facts: how the run ended, what
/// the server refused, and what it lists. The crate `ssh-userauth-explain` adds the probable cause
/// and advice.
///
/// It is an outcome, not an error of anybody; it implements
/// [`Error`](core::error::Error) so that a caller may return it as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveUp {
    pub(crate) ending: Ending,
    pub(crate) refused: Box<[Method]>,
    pub(crate) remaining: Option<MethodList>,
}

impl GiveUp {
    /// The reason to give in `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1), while there is still a
    /// connection.
    #[must_use]
    pub fn disconnect_reason(&self) -> DisconnectReason {
        match self.ending {
            Ending::Cancelled => DisconnectReason::AuthCancelledByUser,
            Ending::NoMethodLeft | Ending::RequestsSpent => {
                DisconnectReason::NoMoreAuthMethodsAvailable
            }
            Ending::TrivialSuccess
            | Ending::Abandoned(_)
            | Ending::ServerDisconnected
            | Ending::ConnectionLost
            | Ending::NoUserAuth => DisconnectReason::ByApplication,
        }
    }

    /// Why the run ended.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// The methods that the server listed last ("authentications that can continue", RFC 4252
    /// section 5.1), if it has listed any.
    #[must_use]
    pub fn remaining(&self) -> Option<&MethodList> {
        self.remaining.as_ref()
    }
}

/// The server's list is quoted and cut short.
impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.ending, f)?;
        let mut link = "; the server";
        let mut verb = " refused ";
        for method in &self.refused {
            write!(f, "{link}{verb}{method}")?;
            (link, verb) = (" and", " ");
        }
        match &self.remaining {
            None => Ok(()),
            Some(list) if list.is_empty() => write!(f, "{link} lists no method"),
            Some(list) => {
                // Its own quotes can't end the quotation.
                let names = list.to_string().replace('"', "'");
                write!(f, "{link} lists \"{names:.120}\"")
            }
        }
    }
}

impl core::error::Error for GiveUp {}
