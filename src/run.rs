//! What a method can do: send, ask, wait. Methods reach the outbox and the report through these
//! functions only, and only they make a [`Begun`].

use alloc::boxed::Box;
use alloc::collections::VecDeque;
use alloc::sync::Arc;

use crate::context::Context;
use crate::error::ProtocolErrorKind;
use crate::identity::Identity;
use crate::method_name::Method;
use crate::notice::Notice;
use crate::payload::{Content, Evidence, MAX_PAYLOAD_BYTES, Payload};
use crate::question::Ticket;
use crate::report::{AttemptRecord, Candidate, RecordId, Report, Unavailable};
use crate::wire::{DecodeError, Layout, encode_within};

/// What a method works with. `Q` is the type of all questions: a method only says that its own are
/// among them.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Run<Q> {
    pub(crate) context: Context,
    pub(crate) report: Box<Report>,
    pub(crate) outbox: VecDeque<Output<Q>>,
    questions: u32,
}

/// That `N` is one of all questions.
pub(crate) trait Asks<N> {
    fn of(need: N) -> Self;
}

/// What waits to be polled.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) enum Output<Q> {
    Send(Payload),
    Ask(Q),
    Notify(Notice),
}

/// Proof that a method has acted: something was sent or asked, or a reply is still awaited. With
/// it, what the method remembers until it goes on.
#[derive(Debug)]
#[must_use = "the driver has to note what is awaited"]
pub(crate) struct Begun<D> {
    act: Act,
    dialogue: D,
}

/// What a method has done.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Act {
    /// It made a request, with this entry in the report.
    Requested(RecordId),
    /// It sent the next message of its dialogue.
    Continued,
    /// It asked the question of this number.
    Asked(u32),
    /// Nothing: the same reply is still awaited.
    Waited,
}

/// What `SSH_MSG_USERAUTH_FAILURE` says of the request that it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Refused,
    PartialSuccess,
    /// Nothing: the request was a guess. It was made before the server had listed the method, and
    /// the server does not list it now. The key or password may be right, and the method may be
    /// listed later, after another factor.
    NotJudged,
}

/// Why a method can't go on with what the server said.
#[derive(Debug)]
pub(crate) enum Stop {
    /// It is given up.
    Unavailable(Unavailable),
    /// The server broke the protocol.
    Protocol(ProtocolErrorKind),
}

impl<D> Begun<D> {
    pub(crate) fn map<E>(self, wrap: impl FnOnce(D) -> E) -> Begun<E> {
        let Self { act, dialogue } = self;
        Begun {
            act,
            dialogue: wrap(dialogue),
        }
    }

    pub(crate) fn into_parts(self) -> (Act, D) {
        (self.act, self.dialogue)
    }
}

impl<Q> Run<Q> {
    pub(crate) fn new(context: Context, report: Box<Report>) -> Self {
        Self {
            context,
            report,
            // Mostly one payload or question; a queue would take room for four at once.
            outbox: VecDeque::with_capacity(1),
            questions: 0,
        }
    }

    /// How many more requests may be sent.
    pub(crate) fn requests_left(&self) -> u32 {
        let sent = u32::try_from(self.report.attempts().len()).unwrap_or(u32::MAX);
        self.context.limits().max_requests.saturating_sub(sent)
    }

    /// For the next question.
    pub(crate) fn ticket(&self) -> Ticket {
        Ticket::new(Arc::clone(&self.context.login), self.questions)
    }

    /// Sends a request.
    pub(crate) fn request<D>(
        &mut self,
        attempt: AttemptRecord,
        payload: Payload,
        dialogue: D,
    ) -> Begun<D> {
        let record = self.report.sent(attempt);
        self.outbox.push_back(Output::Send(payload));
        Begun {
            act: Act::Requested(record),
            dialogue,
        }
    }

    /// Sends the next message of a dialogue.
    pub(crate) fn continue_with<D>(&mut self, payload: Payload, dialogue: D) -> Begun<D> {
        self.outbox.push_back(Output::Send(payload));
        Begun {
            act: Act::Continued,
            dialogue,
        }
    }

    /// Sends a message that has no reply of its own, before one that has.
    pub(crate) fn send_ahead(&mut self, payload: Payload) {
        self.outbox.push_back(Output::Send(payload.without_reply()));
    }

    pub(crate) fn ask<N, D>(&mut self, need: N, dialogue: D) -> Begun<D>
    where
        Q: Asks<N>,
    {
        let number = self.questions;
        self.questions = self.questions.wrapping_add(1);
        self.outbox.push_back(Output::Ask(Q::of(need)));
        Begun {
            act: Act::Asked(number),
            dialogue,
        }
    }

    /// Does nothing: the same reply is still awaited.
    pub(crate) fn wait<D>(&self, dialogue: D) -> Begun<D> {
        Begun {
            act: Act::Waited,
            dialogue,
        }
    }

    pub(crate) fn notify(&mut self, notice: Notice) {
        self.outbox.push_back(Output::Notify(notice));
    }

    /// Notes that a key is not used, and why.
    pub(crate) fn skip(&mut self, identity: Identity, why: Unavailable) {
        self.report.skipped(Candidate::Identity(identity), why);
    }

    /// Notes that the caller may offer no more keys.
    pub(crate) fn too_many_identities(&mut self) {
        let keys = Candidate::Method(Method::PublicKey);
        self.report.skipped(keys, Unavailable::TooManyIdentities);
    }
}

/// Encodes a message into a buffer of exactly its size.
pub(crate) fn encode(
    message: &impl Layout,
    content: Content,
    evidence: Evidence,
) -> Result<Payload, Unavailable> {
    match encode_within(MAX_PAYLOAD_BYTES, message, 0) {
        Ok(bytes) => Ok(Payload::new(bytes, content, evidence)),
        Err(_) => Err(Unavailable::TooLong),
    }
}

impl From<ProtocolErrorKind> for Stop {
    fn from(kind: ProtocolErrorKind) -> Self {
        Self::Protocol(kind)
    }
}

impl From<DecodeError> for Stop {
    fn from(error: DecodeError) -> Self {
        Self::Protocol(error.into())
    }
}

impl From<Unavailable> for Stop {
    fn from(why: Unavailable) -> Self {
        Self::Unavailable(why)
    }
}
