//! What comes out of the machine: things to do, to ask, to tell, and one end.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroize;

use crate::error::DisconnectReason;
use crate::identity::Identity;
use crate::method::Method;
use crate::method_list::MethodList;
use crate::question::{
    Answer, NeedAnswers, NeedGssToken, NeedHostSignature, NeedMethod, NeedMethodMessage,
    NeedMethodRequest, NeedMic, NeedNewPassword, NeedPassword, NeedPublicKey, NeedSignature,
};
use crate::report::{Diagnosis, Ending};
use crate::text::ServerText;

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
    NeedGssToken(NeedGssToken),
    /// Ask: the GSS-API integrity code over exactly these bytes.
    NeedMic(NeedMic),
    /// Ask: which method next? Only with [`MethodChoice::Ask`](crate::MethodChoice).
    NeedMethod(NeedMethod),
    /// Ask: the request of a method of the caller's own.
    NeedMethodRequest(NeedMethodRequest),
    /// Ask: the server spoke in a method of the caller's own.
    NeedMethodMessage(NeedMethodMessage),
    /// Tell: may be shown or ignored.
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
            Self::NeedGssToken(need) => Some(need.decline()),
            Self::NeedMic(need) => Some(need.decline()),
            Self::NeedMethod(need) => Some(need.decline()),
            Self::NeedMethodRequest(need) => Some(need.decline()),
            Self::NeedMethodMessage(need) => Some(need.decline()),
            Self::SendRequest(_) | Self::Notify(_) | Self::StartService(_) | Self::GiveUp(_) => {
                None
            }
        }
    }
}

/// The payload of one SSH packet (RFC 4253 section 6), message number first. Wiped on drop if it
/// carries a password or answers.
///
/// `Debug` shows what kind of message it is, never its bytes.
#[cfg_attr(test, derive(Clone))]
pub struct Payload {
    bytes: Vec<u8>,
    content: Content,
    /// What it proves, once it has been handed out.
    pub(crate) proof: Proof,
    pub(crate) place: Place,
}

/// Where a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Place {
    /// The server will answer it, or what follows from it.
    Answered,
    /// It goes in front of another message, and has no answer of its own.
    InFront,
}

/// What the payload carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Content {
    Open,
    Secret,
}

/// Packets with secrets should look like one of a few sizes. OpenSSH rounds them up to a multiple
/// of 64 bytes, PuTTY to 256.
const HIDDEN_LENGTH_STEP: usize = 64;
const HIDDEN_LENGTH_MINIMUM: usize = 256;

impl Payload {
    pub(crate) fn new(bytes: Vec<u8>, content: Content) -> Self {
        Self {
            bytes,
            content,
            proof: Proof::Nothing,
            place: Place::Answered,
        }
    }

    /// The bytes to encrypt and send.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The number of the message, for logs: 5, 50, 61.
    #[must_use]
    pub fn message_number(&self) -> u8 {
        self.bytes.first().copied().unwrap_or_default()
    }

    /// How long the payload should look, in bytes, if its length would tell the length of a
    /// password or an answer (RFC 4252 section 8: "Both the server and the client should check
    /// whether the underlying transport layer provides confidentiality"; the length of a packet
    /// is not confidential).
    ///
    /// A transport follows it by adding random padding (RFC 4253 section 6: "Arbitrary-length
    /// padding", at most 255 bytes), as OpenSSH does, or by an `SSH_MSG_IGNORE` in front, as
    /// PuTTY does for servers that choke on long padding.
    #[must_use]
    pub fn pad_hint(&self) -> Option<usize> {
        match self.content {
            Content::Open => None,
            Content::Secret => {
                let stepped = self
                    .bytes
                    .len()
                    .checked_next_multiple_of(HIDDEN_LENGTH_STEP);
                Some(stepped.map_or(self.bytes.len(), |long| long.max(HIDDEN_LENGTH_MINIMUM)))
            }
        }
    }
}

impl AsRef<[u8]> for Payload {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = crate::wire::number::name(self.message_number());
        write!(f, "Payload({name}, {} bytes)", self.bytes.len())
    }
}

impl Drop for Payload {
    fn drop(&mut self) {
        if self.content == Content::Secret {
            self.bytes.zeroize();
        }
    }
}

/// Something worth telling. The machine does not wait for anybody to look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Notice {
    /// `SSH_MSG_USERAUTH_BANNER` (RFC 4252 section 5.4).
    Banner {
        /// The text.
        message: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// The limit for banners is reached; this and later ones are dropped. Told once.
    BannersDropped,
    /// A method succeeded, and the server wants more (RFC 4252 section 5.1: "partial success").
    PartialSuccess {
        /// What succeeded.
        factor: Factor,
        /// What can continue.
        remaining: MethodList,
    },
    /// A keyboard-interactive round with text and no prompts (RFC 4256 section 3.2), already
    /// answered.
    Instruction {
        /// The title.
        name: ServerText,
        /// The text.
        instruction: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// `SSH_MSG_USERAUTH_GSSAPI_ERROR` (RFC 4462 section 3.8): why the server could not go on.
    GssapiError {
        /// The major status code.
        major: u32,
        /// The minor status code, specific to the mechanism.
        minor: u32,
        /// The server's words.
        message: ServerText,
        /// The language tag (RFC 3066), usually empty.
        language: ServerText,
    },
    /// The password was changed (RFC 4252 section 8).
    PasswordChanged,
    /// The password was not changed, and the attempt is refused (RFC 4252 section 8).
    PasswordNotChanged,
}

/// A method that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Factor {
    pub(crate) method: Method,
    pub(crate) identity: Option<Identity>,
}

impl Factor {
    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The key or certificate, if it was a method with one.
    #[must_use]
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.identity {
            Some(identity) => write!(f, "{} ({identity})", self.method),
            None => fmt::Display::fmt(&self.method, f),
        }
    }
}

/// We are in (RFC 4252 section 5.1, `SSH_MSG_USERAUTH_SUCCESS`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authenticated {
    pub(crate) service: String,
    pub(crate) factors: Vec<Factor>,
    pub(crate) proof: Proof,
}

/// What was proved in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Proof {
    /// Nothing: no signature, password, or answer was sent.
    #[default]
    Nothing,
    /// Answers were sent, all of them empty.
    EmptyAnswers,
    /// At least a signature, a password, or an answer with something in it.
    Something,
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
    /// changed password and no answer to a prompt was ever sent.
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

/// The run ended without a login. Its `Display` is the [`diagnosis`](Self::diagnosis), for our own
/// user: it may name keys, and has no place in the description of `SSH_MSG_DISCONNECT`.
///
/// It is an outcome, not an error of anybody; it implements
/// [`Error`](core::error::Error) so that a caller may return it as one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GiveUp {
    pub(crate) ending: Ending,
    pub(crate) remaining: Option<MethodList>,
    /// Boxed, so that an action stays small.
    pub(crate) diagnosis: Box<Diagnosis>,
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

    /// The methods that the server listed last.
    #[must_use]
    pub fn remaining(&self) -> Option<&MethodList> {
        self.remaining.as_ref()
    }

    /// What most likely has to change. [`Report`](crate::Report) has the details.
    #[must_use]
    pub fn diagnosis(&self) -> &Diagnosis {
        &self.diagnosis
    }
}

/// The sentence of the diagnosis.
impl fmt::Display for GiveUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.diagnosis, f)
    }
}

impl core::error::Error for GiveUp {}
