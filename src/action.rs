//! What comes out of the machine: things to do, to ask, to tell, and one end.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::ToString as _;
use alloc::vec::Vec;
use core::fmt;

use crate::error::DisconnectReason;
use crate::login::Login;
use crate::method::AnyQuestion;
use crate::method::custom::{NeedMethodMessage, NeedMethodRequest};
use crate::method::gssapi::{NeedGssapiMic, NeedGssapiToken};
use crate::method::hostbased::NeedHostSignature;
use crate::method::keyboard_interactive::NeedAnswers;
use crate::method::password::{NeedNewPassword, NeedPassword};
use crate::method::publickey::{NeedPublicKey, NeedSignature};
use crate::method_list::MethodList;
use crate::method_name::Method;
use crate::notice::{Factor, Notice};
use crate::payload::{Evidence, Payload};
use crate::question::{Answer, AnswerContent, Rejected, Rejection, Ticket, of_ticket};
use crate::report::Ending;
use crate::run::{Asks, Output};

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
    /// The question, if this is one; else the action itself. For programs that forward questions
    /// to another task.
    ///
    /// # Errors
    /// It is not a question but something to do, to tell or to end.
    pub fn into_question(self) -> Result<Question, Self> {
        Ok(match self {
            Self::NeedPublicKey(need) => Question::PublicKey(need),
            Self::NeedSignature(need) => Question::Signature(need),
            Self::NeedPassword(need) => Question::Password(need),
            Self::NeedNewPassword(need) => Question::NewPassword(need),
            Self::NeedAnswers(need) => Question::Answers(need),
            Self::NeedHostSignature(need) => Question::HostSignature(need),
            Self::NeedGssapiToken(need) => Question::GssapiToken(need),
            Self::NeedGssapiMic(need) => Question::GssapiMic(need),
            Self::NeedMethod(need) => Question::Method(need),
            Self::NeedMethodRequest(need) => Question::MethodRequest(need),
            Self::NeedMethodMessage(need) => Question::MethodMessage(need),
            other => return Err(other),
        })
    }

    /// The ticket, if this is a question. Its [`Answer`] has the same one.
    #[must_use]
    pub fn ticket(&self) -> Option<&Ticket> {
        ticket_of(self)
    }

    /// The answer that declines, if this is a question; so that a wildcard arm can't stall the
    /// client.
    #[must_use = "the client waits until the answer is given to `handle_answer`"]
    pub fn decline(self) -> Option<Answer> {
        self.into_question().ok().map(Question::decline)
    }
}

/// A question of the client, of whatever kind.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
#[non_exhaustive]
#[must_use = "the client waits until this question is answered or declined"]
pub enum Question {
    /// Which key or keys to offer?
    PublicKey(NeedPublicKey),
    /// Sign exactly these bytes.
    Signature(NeedSignature),
    /// The password.
    Password(NeedPassword),
    /// A new password, which the server demands.
    NewPassword(NeedNewPassword),
    /// Answers to the server's prompts.
    Answers(NeedAnswers),
    /// Sign exactly these bytes with a key of the client's host.
    HostSignature(NeedHostSignature),
    /// The next token of a GSS-API context.
    GssapiToken(NeedGssapiToken),
    /// The GSS-API integrity code over exactly these bytes.
    GssapiMic(NeedGssapiMic),
    /// Which method next?
    Method(NeedMethod),
    /// The request of a custom method.
    MethodRequest(NeedMethodRequest),
    /// The server's message in a custom method.
    MethodMessage(NeedMethodMessage),
}

/// Implements for each question what depends on its kind.
macro_rules! questions {
    ($($kind:ident($need:ident)),+ $(,)?) => {
        impl Question {
            /// Who logs in where.
            #[must_use]
            pub fn login(&self) -> &Login {
                match self {
                    $(Self::$kind(need) => need.login(),)+
                }
            }

            /// The answer that declines.
            pub fn decline(self) -> Answer {
                match self {
                    $(Self::$kind(need) => need.decline(),)+
                }
            }
        }

        fn action_of(question: Question) -> Action {
            match question {
                $(Question::$kind(need) => Action::$need(need),)+
            }
        }

        fn ticket_of(action: &Action) -> Option<&Ticket> {
            match action {
                $(Action::$need(need) => Some(need.ticket()),)+
                _ => None,
            }
        }

        $(impl Asks<$need> for Question {
            fn of(need: $need) -> Self {
                Self::$kind(need)
            }
        })+
    };
}

questions! {
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

impl AnyQuestion for Question {}

impl From<Output<Question>> for Action {
    fn from(output: Output<Question>) -> Self {
        match output {
            Output::Send(payload) => Self::SendRequest(payload),
            Output::Ask(question) => action_of(question),
            Output::Notify(notice) => Self::Notify(notice),
        }
    }
}

/// Which method next? Asked only with [`MethodChoice::Ask`](crate::MethodChoice), whenever the
/// server has listed something that is worth a try.
///
/// [`UserAuthClient::report`](crate::UserAuthClient::report) says what was tried and what was
/// accepted as a factor.
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethod {
    pub(crate) ticket: Ticket,
    pub(crate) choices: Vec<Method>,
}

impl NeedMethod {
    of_ticket!();

    /// The methods that the server allows and that have something to try, in the order of
    /// [`Config::methods`](crate::Config::methods).
    #[must_use]
    pub fn choices(&self) -> &[Method] {
        &self.choices
    }

    /// The method to try next.
    ///
    /// # Errors
    /// It is not one of the choices.
    pub fn choose(self, method: Method) -> Result<Answer, Rejected<Self>> {
        if self.choices.contains(&method) {
            return Ok(self.ticket.answer(AnswerContent::Method(method)));
        }
        let declined = self.ticket.clone().answer(AnswerContent::Declined);
        Err(Rejected::new(self, declined, Rejection::NotAChoice(method)))
    }

    /// None of them: the run ends.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

/// We are in (RFC 4252 section 5.1, `SSH_MSG_USERAUTH_SUCCESS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    pub(crate) service: Cow<'static, str>,
    pub(crate) factors: Vec<Factor>,
    pub(crate) evidence: Evidence,
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

    /// Whether we got in without proving anything: no signature, no password, no changed password,
    /// no answer to a prompt, no GSS-API MIC and no bytes of a custom method ([`Method::Other`]) were
    /// ever sent.
    ///
    /// Only the caller knows what the bytes of a custom method mean: any non-empty payload counts as
    /// proof.
    ///
    /// A server in the middle lets a client in that way, to wait for what the user does next.
    #[must_use]
    pub fn is_trivial(&self) -> bool {
        self.evidence == Evidence::Nothing
    }

    /// Whether answers to prompts are all that was sent, and all of them were empty.
    #[must_use]
    pub fn all_answers_empty(&self) -> bool {
        self.evidence == Evidence::EmptyAnswers
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
