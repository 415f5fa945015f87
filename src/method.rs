//! The methods, and who of them is meant.
//!
//! A method is a dialogue in a file of its own: its questions, what it remembers while it waits, and
//! what it does with replies and answers. It acts through [`Run`] and says so by a [`Begun`]. When it
//! is tried, the plan decides.

use crate::config::ClientHost;
use crate::error::ProtocolErrorKind;
use crate::method_name::Method;
use crate::notice::Notice;
use crate::question::{AnswerContent, Attempt};
use crate::report::Unavailable;
use crate::run::{Asks, Begun, Run, Stop, Verdict};
use crate::wire::MethodMessage;

pub(crate) mod custom;
pub(crate) mod gssapi;
pub(crate) mod hostbased;
pub(crate) mod keyboard_interactive;
pub(crate) mod none;
pub(crate) mod password;
pub(crate) mod publickey;

use custom::{NeedMethodMessage, NeedMethodRequest};
use gssapi::{Gssapi, NeedGssapiMic, NeedGssapiToken};
use hostbased::{HostBased, NeedHostSignature};
use keyboard_interactive::{KeyboardInteractive, NeedAnswers};
use password::{NeedNewPassword, NeedPassword, Password};
use publickey::{NeedPublicKey, NeedSignature, PublicKey};

/// What a method remembers while it waits for the server or for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    None(none::Dialogue),
    PublicKey(publickey::Dialogue),
    Password(password::Dialogue),
    KeyboardInteractive(keyboard_interactive::Dialogue),
    HostBased(hostbased::Dialogue),
    Gssapi(gssapi::Dialogue),
    Custom(custom::Dialogue),
    /// The caller is asked which method to try.
    ChoosingMethod,
}

/// Whether `SSH_MSG_USERAUTH_SUCCESS` can be the reply to a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SuccessRule {
    /// It can.
    Allowed,
    /// It can, and a success without proof is what the caller wanted.
    Intended,
    /// It can't: a dialogue is not at its end.
    Forbidden,
    /// It asks about a key; only a server that lets everybody in answers that with success.
    KeyQuery,
}

impl Dialogue {
    pub(crate) fn success_rule(self) -> SuccessRule {
        match self {
            Self::None(none::Dialogue::Intended) => SuccessRule::Intended,
            Self::PublicKey(publickey::Dialogue::Proving(_)) => SuccessRule::Allowed,
            Self::PublicKey(_) => SuccessRule::KeyQuery,
            Self::Gssapi(dialogue) if !dialogue.is_at_its_end() => SuccessRule::Forbidden,
            Self::ChoosingMethod => SuccessRule::Forbidden,
            Self::None(none::Dialogue::Probe)
            | Self::Password(_)
            | Self::KeyboardInteractive(_)
            | Self::HostBased(_)
            | Self::Gssapi(_)
            | Self::Custom(_) => SuccessRule::Allowed,
        }
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Self::None(_) | Self::ChoosingMethod => Method::None,
            Self::PublicKey(_) => Method::PublicKey,
            Self::Password(_) => Method::Password,
            Self::KeyboardInteractive(_) => Method::KeyboardInteractive,
            Self::HostBased(_) => Method::HostBased,
            Self::Gssapi(dialogue) => dialogue.method(),
            Self::Custom(dialogue) => Method::Other(dialogue.name),
        }
    }

    /// Whether it is a factor if the server says that it succeeded: `none` and a key query are not.
    pub(crate) fn is_factor(self) -> bool {
        self.method() != Method::None && self.success_rule() == SuccessRule::Allowed
    }

    /// Whether the server has seen nothing but the request: no answer of the caller was judged.
    pub(crate) fn is_bare_request(self) -> bool {
        match self {
            Self::None(_) | Self::ChoosingMethod => false,
            Self::PublicKey(_) | Self::HostBased(_) => true,
            Self::Password(dialogue) => !dialogue.is_change(),
            Self::KeyboardInteractive(dialogue) => !dialogue.has_prompted(),
            Self::Gssapi(dialogue) => matches!(
                dialogue,
                gssapi::Dialogue::Choosing | gssapi::Dialogue::ProvingKeyex
            ),
            Self::Custom(dialogue) => !dialogue.has_spoken(),
        }
    }

    /// Whether `SSH_MSG_USERAUTH_FAILURE` may come while the caller is being asked. The server may
    /// stop waiting for a person (PAM does), but it can't refuse what was not sent.
    pub(crate) fn may_be_refused_while_asking(self) -> bool {
        match self {
            Self::KeyboardInteractive(_) => true,
            Self::Password(dialogue) => dialogue.is_change(),
            Self::Custom(dialogue) => dialogue.is_sent(),
            Self::None(_)
            | Self::PublicKey(_)
            | Self::HostBased(_)
            | Self::Gssapi(_)
            | Self::ChoosingMethod => false,
        }
    }

    /// Whether the caller was asked for the latest message of the dialogue. Rounds without prompts
    /// are answered without it.
    pub(crate) fn was_asked(self) -> bool {
        match self {
            Self::KeyboardInteractive(dialogue) => dialogue.has_prompted_last(),
            _ => true,
        }
    }

    /// Whether it is a request that one of the user's keys has signed.
    pub(crate) fn is_signed_with_key(self) -> bool {
        matches!(self, Self::PublicKey(publickey::Dialogue::Proving(_)))
    }

    /// Whether it is a password change that the server is carrying out.
    pub(crate) fn is_password_change(self) -> bool {
        matches!(self, Self::Password(dialogue) if dialogue.is_change())
    }

    /// What the caller is told of a verdict.
    pub(crate) fn notice(self, verdict: Verdict) -> Option<Notice> {
        match self {
            Self::Password(dialogue) => dialogue.notice(verdict),
            _ => None,
        }
    }

    /// The dialogue before a request that was never sent.
    pub(crate) fn before_request(self) -> Self {
        match self {
            Self::Password(dialogue) => Self::Password(dialogue.before_change()),
            other => other,
        }
    }

    /// What is awaited, for the texts of errors.
    pub(crate) fn awaiting(self) -> &'static str {
        match self {
            Self::None(_) => "the reply to `none` was awaited",
            Self::PublicKey(publickey::Dialogue::Proving(_)) => {
                "the reply to a signature was awaited"
            }
            Self::PublicKey(_) => "the reply to a key query was awaited",
            Self::Password(_) => "the reply to a password was awaited",
            Self::KeyboardInteractive(_) => "the reply to keyboard-interactive was awaited",
            Self::HostBased(_) => "the reply to hostbased was awaited",
            Self::Gssapi(dialogue) => dialogue.awaiting(),
            Self::Custom(_) => "the reply to a custom method was awaited",
            Self::ChoosingMethod => "the choice of a method was awaited",
        }
    }
}

/// What the methods remember between their dialogues.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Methods {
    pub(crate) publickey: PublicKey,
    password: Password,
    keyboard_interactive: KeyboardInteractive,
    hostbased: HostBased,
    gssapi: Gssapi,
}

/// The questions that methods ask.
pub(crate) trait AnyQuestion:
    Asks<NeedPublicKey>
    + Asks<NeedSignature>
    + Asks<NeedPassword>
    + Asks<NeedNewPassword>
    + Asks<NeedAnswers>
    + Asks<NeedHostSignature>
    + Asks<NeedGssapiToken>
    + Asks<NeedGssapiMic>
    + Asks<NeedMethodRequest>
    + Asks<NeedMethodMessage>
{
}

impl Methods {
    /// Whether the client's host has a key to try.
    pub(crate) fn has_host_key(&self, host: &ClientHost) -> bool {
        self.hostbased.has_candidate(host)
    }

    pub(crate) fn start(
        &mut self,
        method: Method,
        attempt: Attempt,
        run: &mut Run<impl AnyQuestion>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        match method {
            Method::None => none::start(run).map(|begun| begun.map(Dialogue::None)),
            Method::PublicKey => self
                .publickey
                .start(run)
                .map(|begun| begun.map(Dialogue::PublicKey)),
            Method::Password => Ok(Password::start(run, attempt).map(Dialogue::Password)),
            Method::KeyboardInteractive => KeyboardInteractive::start(run)
                .map(|begun| begun.map(Dialogue::KeyboardInteractive)),
            Method::HostBased => self
                .hostbased
                .start(run)
                .map(|begun| begun.map(Dialogue::HostBased)),
            Method::GssapiWithMic => {
                Gssapi::start_with_mic(run).map(|begun| begun.map(Dialogue::Gssapi))
            }
            Method::GssapiKeyex => {
                Gssapi::start_keyex(run).map(|begun| begun.map(Dialogue::Gssapi))
            }
            Method::Other(name) => Ok(custom::start(name, run, attempt).map(Dialogue::Custom)),
        }
    }

    /// RFC 4252 section 6: messages 60 to 79 are method-specific, so whoever made the request
    /// decodes them. `None`: nothing is awaited, and the plan decides.
    pub(crate) fn on_reply(
        &mut self,
        dialogue: Dialogue,
        message: &MethodMessage<'_>,
        attempt: Attempt,
        bridge: Option<Attempt>,
        run: &mut Run<impl AnyQuestion>,
    ) -> Result<Option<Begun<Dialogue>>, Stop> {
        let begun = match dialogue {
            Dialogue::PublicKey(dialogue) => {
                self.publickey.on_reply(dialogue, message)?;
                return Ok(None);
            }
            Dialogue::Password(dialogue) => self
                .password
                .on_reply(dialogue, message, run)?
                .map(Dialogue::Password),
            Dialogue::KeyboardInteractive(dialogue) => self
                .keyboard_interactive
                .on_reply(dialogue, message, attempt, bridge, run)?
                .map(Dialogue::KeyboardInteractive),
            Dialogue::Gssapi(dialogue) => {
                Gssapi::on_reply(dialogue, message, run)?.map(Dialogue::Gssapi)
            }
            Dialogue::Custom(dialogue) => {
                custom::on_reply(dialogue, message, run)?.map(Dialogue::Custom)
            }
            Dialogue::None(_) | Dialogue::HostBased(_) | Dialogue::ChoosingMethod => {
                return Err(ProtocolErrorKind::Unexpected.into());
            }
        };
        Ok(Some(begun))
    }

    /// `None`: nothing is awaited, and the plan decides.
    pub(crate) fn on_answer(
        &mut self,
        dialogue: Dialogue,
        answer: AnswerContent,
        run: &mut Run<impl AnyQuestion>,
    ) -> Result<Option<Begun<Dialogue>>, Unavailable> {
        let begun = match dialogue {
            Dialogue::PublicKey(dialogue) => self
                .publickey
                .on_answer(dialogue, answer, run)
                .map(|begun| begun.map(Dialogue::PublicKey)),
            Dialogue::HostBased(dialogue) => self
                .hostbased
                .on_answer(dialogue, answer, run)
                .map(|begun| begun.map(Dialogue::HostBased)),
            Dialogue::Password(dialogue) => {
                let begun = self.password.on_answer(dialogue, &answer, run)?;
                Some(begun.map(Dialogue::Password))
            }
            Dialogue::KeyboardInteractive(dialogue) => {
                let begun = self.keyboard_interactive.on_answer(dialogue, answer, run)?;
                Some(begun.map(Dialogue::KeyboardInteractive))
            }
            Dialogue::Gssapi(dialogue) => {
                let begun = self.gssapi.on_answer(dialogue, answer, run)?;
                Some(begun.map(Dialogue::Gssapi))
            }
            Dialogue::Custom(dialogue) => {
                Some(custom::on_answer(dialogue, &answer, run)?.map(Dialogue::Custom))
            }
            Dialogue::None(_) | Dialogue::ChoosingMethod => None,
        };
        Ok(begun)
    }

    /// Asks once more what was answered with too many bytes.
    pub(crate) fn ask_again(
        &self,
        dialogue: Dialogue,
        attempt: Attempt,
        run: &mut Run<impl AnyQuestion>,
    ) -> Option<Begun<Dialogue>> {
        match dialogue {
            Dialogue::Password(dialogue) => {
                let begun = self.password.ask_again(dialogue, attempt, run);
                Some(begun.map(Dialogue::Password))
            }
            Dialogue::KeyboardInteractive(dialogue) => {
                let begun = self.keyboard_interactive.ask(dialogue, run)?;
                Some(begun.map(Dialogue::KeyboardInteractive))
            }
            _ => None,
        }
    }

    pub(crate) fn on_verdict<Q>(&mut self, dialogue: Dialogue, verdict: Verdict, run: &Run<Q>) {
        match dialogue {
            Dialogue::PublicKey(dialogue) => self.publickey.on_verdict(dialogue, verdict, run),
            Dialogue::HostBased(dialogue) => self.hostbased.on_verdict(dialogue, verdict),
            _ => {}
        }
        if verdict == Verdict::PartialSuccess {
            self.publickey.on_partial_success();
        }
    }

    /// The question of this dialogue is no longer asked, because of what the server said meanwhile.
    pub(crate) fn on_withdrawal(&mut self, dialogue: Dialogue) {
        match dialogue {
            Dialogue::PublicKey(dialogue) => self.publickey.on_withdrawal(dialogue),
            Dialogue::HostBased(dialogue) => self.hostbased.on_withdrawal(dialogue),
            _ => {}
        }
    }

    /// Another list of algorithms came.
    pub(crate) fn on_algorithm_list(&mut self) {
        self.publickey.on_algorithm_list();
        self.hostbased.on_algorithm_list();
    }
}
