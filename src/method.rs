//! The shape that every method has, and the table of contents of all of them.
//!
//! A method is a small machine in its own file. The driver (`client.rs`) starts it, hands it the
//! server's replies and the caller's answers, and gets a [`Step`] back: what to send or to ask,
//! and the [`Attempt`] to hand back with whatever comes next. A method can't reach the outbox.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;

use ssh_encoding::Encode;

use crate::action::{Content, Notice, Payload, Proof};
use crate::config::{Confidentiality, Config, HostBound};
use crate::error::ProtocolErrorKind;
use crate::login::Login;
use crate::peer::{HostBoundSupport, Peer};
use crate::question::{Question, Reply, Ticket};
use crate::report::{Report, SkipReason, Subject};
use crate::wire::{self, MethodMessage};

pub(crate) mod keyboard_interactive;
pub(crate) mod none;
pub(crate) mod password;
pub(crate) mod publickey;

use keyboard_interactive::KeyboardInteractive;
use none::NoneMethod;
use password::Password;
use publickey::PublicKey;

/// An authentication method (RFC 4252 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Method {
    /// `none` (RFC 4252 section 5.2). In [`Config::methods`](crate::Config::methods) it says that
    /// a login without proof is intended.
    None,
    /// `publickey` (RFC 4252 section 7), also in its host-bound form.
    PublicKey,
    /// `password` (RFC 4252 section 8).
    Password,
    /// `keyboard-interactive` (RFC 4256).
    KeyboardInteractive,
}

impl Method {
    /// The order if the caller says nothing: what costs the user least goes first, and prompts of
    /// the server's choice go before a password, which may be one of them.
    pub(crate) const DEFAULT_ORDER: [Self; 3] =
        [Self::PublicKey, Self::KeyboardInteractive, Self::Password];

    const ALL: [Self; 4] = [
        Self::None,
        Self::PublicKey,
        Self::Password,
        Self::KeyboardInteractive,
    ];

    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => wire::method_name::NONE,
            Self::PublicKey => wire::method_name::PUBLIC_KEY,
            Self::Password => wire::method_name::PASSWORD,
            Self::KeyboardInteractive => wire::method_name::KEYBOARD_INTERACTIVE,
        }
    }

    pub(crate) fn from_name(name: &[u8]) -> Option<Self> {
        let known = |method: &Self| method.name().as_bytes() == name;
        Self::ALL.into_iter().find(known)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a method wants next.
#[derive(Debug)]
pub(crate) enum Step {
    Send(Outgoing),
    Ask(Question, Attempt),
    Idle,
}

/// A message to send, and what to remember until its reply.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) payload: Payload,
    pub(crate) attempt: Attempt,
    /// What the ledger shall say of it; none if it continues a dialogue.
    pub(crate) subject: Option<Subject>,
    /// What it proves.
    pub(crate) proof: Proof,
    /// What to tell before it is sent.
    pub(crate) notice: Option<Notice>,
}

/// What a method remembers while it waits for the server or for the caller.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Attempt {
    None(none::Attempt),
    PublicKey(publickey::Attempt),
    Password(password::Attempt),
    KeyboardInteractive(keyboard_interactive::Attempt),
}

/// Whether `SSH_MSG_USERAUTH_SUCCESS` can be the reply to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Earns {
    /// It can.
    Success,
    /// It can, and a success without proof is what the caller wanted.
    IntendedSuccess,
    /// It asks about a key; only a server that lets everybody in answers that with success.
    KeyQuery,
}

impl Attempt {
    pub(crate) fn earns(&self) -> Earns {
        match self {
            Self::None(attempt) => attempt.earns(),
            Self::PublicKey(attempt) => attempt.earns(),
            Self::Password(_) | Self::KeyboardInteractive(_) => Earns::Success,
        }
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::None(_) => Method::None,
            Self::PublicKey(_) => Method::PublicKey,
            Self::Password(_) => Method::Password,
            Self::KeyboardInteractive(_) => Method::KeyboardInteractive,
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
            Self::None(_) | Self::PublicKey(_) => false,
        }
    }

    /// Whether it is a password change that the server is carrying out.
    pub(crate) fn is_password_change(&self) -> bool {
        matches!(self, Self::Password(attempt) if attempt.is_change())
    }

    /// What is awaited, for the texts of errors.
    pub(crate) fn awaiting(&self) -> &'static str {
        match self {
            Self::None(_) => "the reply to `none` was awaited",
            Self::PublicKey(attempt) => attempt.awaiting(),
            Self::Password(_) => "the reply to a password was awaited",
            Self::KeyboardInteractive(_) => "the reply to keyboard-interactive was awaited",
        }
    }
}

/// What is known for a whole run, and what the server tells.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Facts {
    pub(crate) login: Arc<Login>,
    // Boxed: it is large, and read seldom.
    pub(crate) config: Box<Config>,
    pub(crate) confidentiality: Confidentiality,
    pub(crate) peer: Peer,
}

impl Facts {
    /// For a call that may ask the question of this number.
    pub(crate) fn context(&self, question: u32) -> Context<'_> {
        Context {
            login: &self.login,
            config: &self.config,
            confidentiality: self.confidentiality,
            peer: &self.peer,
            ticket: Ticket::new(question, &self.login),
        }
    }
}

/// What a method may look at.
pub(crate) struct Context<'a> {
    pub(crate) login: &'a Arc<Login>,
    pub(crate) config: &'a Config,
    pub(crate) confidentiality: Confidentiality,
    pub(crate) peer: &'a Peer,
    /// The ticket of the question that may come of this call.
    pub(crate) ticket: Ticket,
}

impl<'a> Context<'a> {
    /// Encodes a message into a buffer of exactly its size, or says that no packet could hold it.
    pub(crate) fn payload(&self, message: &impl Encode, content: Content) -> Option<Payload> {
        let fits = |length: &usize| *length <= MAX_OUTGOING_BYTES;
        message.encoded_len().ok().filter(fits)?;
        let bytes = wire::encode_exact(message).ok()?;
        Some(Payload::new(bytes, content))
    }

    /// The host key to bind a signature to, if it shall be bound and can be.
    pub(crate) fn binding_key(&self) -> Option<&'a [u8]> {
        let wanted = self.config.host_bound != HostBound::Never;
        let announced = self.peer.host_bound() == HostBoundSupport::Announced;
        self.login.host_key().filter(|_| wanted && announced)
    }
}

/// OpenSSH closes the connection on packets above 256 KiB (PACKET_MAX_SIZE).
const MAX_OUTGOING_BYTES: usize = 256 * 1024;

/// Why a method is out for the rest of the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Out {
    Declined,
    TriesSpent,
    RefusedAtOnce,
    TooLong,
}

impl From<Out> for SkipReason {
    fn from(out: Out) -> Self {
        match out {
            Out::Declined => Self::Declined,
            Out::TriesSpent => Self::TriesSpent,
            Out::RefusedAtOnce => Self::RefusedAtOnce,
            Out::TooLong => Self::TooLong,
        }
    }
}

/// What the methods remember between their attempts.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Methods {
    pub(crate) none: NoneMethod,
    pub(crate) publickey: PublicKey,
    pub(crate) password: Password,
    pub(crate) keyboard_interactive: KeyboardInteractive,
}

impl Methods {
    /// Whether the method has anything to try now, or why not.
    pub(crate) fn standing(&self, method: Method, cx: &Context<'_>) -> Result<(), SkipReason> {
        match method {
            Method::None => self.none.standing(),
            Method::PublicKey => self.publickey.standing(cx),
            Method::Password => self.password.standing(cx),
            Method::KeyboardInteractive => self.keyboard_interactive.standing(cx),
        }
    }

    /// Begins an attempt. [`Step::Idle`] means that nothing was left after all; the standing says
    /// so from then on.
    pub(crate) fn start(&mut self, method: Method, cx: &Context<'_>, report: &mut Report) -> Step {
        match method {
            Method::None => self.none.start(cx),
            Method::PublicKey => self.publickey.start(cx, report),
            Method::Password => self.password.start(cx),
            Method::KeyboardInteractive => self.keyboard_interactive.start(cx),
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
            Attempt::None(_) => Err(ProtocolErrorKind::Unexpected),
            Attempt::PublicKey(attempt) => self.publickey.on_reply(attempt, message),
            Attempt::Password(attempt) => self.password.on_reply(attempt, message, cx),
            Attempt::KeyboardInteractive(attempt) => {
                self.keyboard_interactive.on_reply(attempt, message, cx)
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
            Attempt::None(_) => Step::Idle,
            Attempt::PublicKey(attempt) => self.publickey.on_answer(attempt, reply, cx, report),
            Attempt::Password(attempt) => self.password.on_answer(attempt, reply, cx),
            Attempt::KeyboardInteractive(attempt) => {
                self.keyboard_interactive.on_answer(attempt, reply, cx)
            }
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
            Attempt::None(_) => None,
            Attempt::PublicKey(attempt) => {
                self.publickey.on_failure(attempt, verdict);
                None
            }
            Attempt::Password(attempt) => self.password.on_failure(attempt, verdict, cx),
            Attempt::KeyboardInteractive(attempt) => {
                self.keyboard_interactive.on_failure(attempt, verdict, cx);
                None
            }
        }
    }

    /// The question of this attempt is no longer asked, for what the server said meanwhile.
    pub(crate) fn on_withdrawal(&mut self, attempt: Attempt) {
        if let Attempt::PublicKey(attempt) = attempt {
            self.publickey.on_withdrawal(&attempt);
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
