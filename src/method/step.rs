//! What a method wants next.

use alloc::boxed::Box;

use crate::method::Attempt;
use crate::notice::Notice;
use crate::payload::{Payload, Proof};
use crate::question::Question;
use crate::report::Subject;

/// What a method wants next.
#[derive(Debug)]
pub(crate) enum Step {
    Send(Outgoing),
    Ask(Question, Attempt),
    /// Nothing to do: the same reply is still awaited.
    Wait(Attempt, Option<Box<Notice>>),
    /// Nothing, and nothing is awaited.
    Idle,
}

/// A message to send, and what to remember until its reply.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) payload: Payload,
    /// A message of the same dialogue that goes in front of it and has no answer of its own.
    pub(crate) in_front: Option<Box<Payload>>,
    pub(crate) attempt: Attempt,
    /// What the ledger shall say of it; none if it continues a dialogue.
    pub(crate) subject: Option<Subject>,
    /// What it proves.
    pub(crate) proof: Proof,
    /// What to tell before it is sent.
    pub(crate) notice: Option<Box<Notice>>,
}

impl Outgoing {
    /// A request for which nothing has to be told first.
    pub(crate) fn request(
        payload: Payload,
        attempt: Attempt,
        subject: Subject,
        proof: Proof,
    ) -> Self {
        Self {
            payload,
            in_front: None,
            attempt,
            subject: Some(subject),
            proof,
            notice: None,
        }
    }

    /// The next message of a dialogue.
    pub(crate) fn continuation(payload: Payload, attempt: Attempt, proof: Proof) -> Self {
        Self {
            payload,
            in_front: None,
            attempt,
            subject: None,
            proof,
            notice: None,
        }
    }
}
