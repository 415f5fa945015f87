//! Requests that were sent and not yet answered, in order.
//!
//! RFC 4252 section 5.1: "The client MAY send several authentication requests without waiting for
//! responses from previous requests. The server MUST process each request completely and
//! acknowledge any failed requests with a SSH_MSG_USERAUTH_FAILURE message before processing the
//! next request." So replies are matched first in, first out. But a request that needs further
//! messages is aborted by the next one, and servers close the connection on requests behind a
//! success; so only the last request in a flight may be one that can succeed or open a dialogue,
//! and all before it are key queries.

use alloc::collections::VecDeque;

use crate::method::{Attempt, Earns};
use crate::report::RecordId;

/// What is on its way, oldest first.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Flight {
    sent: VecDeque<Sent>,
}

/// Something that was sent, and what to remember until its reply.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) enum Sent {
    /// The request for the service `ssh-userauth`.
    ServiceRequest,
    /// An authentication request, or the continuation of its dialogue.
    Request(Attempt, RecordId),
}

/// What may be sent behind what is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Nothing is on its way: anything.
    Anything,
    /// Nothing.
    Nothing,
}

impl Flight {
    pub(crate) fn push(&mut self, sent: Sent) {
        self.sent.push_back(sent);
    }

    /// The one that the next reply answers.
    pub(crate) fn oldest(&self) -> Option<&Sent> {
        self.sent.front()
    }

    pub(crate) fn pop(&mut self) -> Option<Sent> {
        self.sent.pop_front()
    }

    /// The reply continues the dialogue of the oldest request, or its caller is asked: it is
    /// taken out, and put back when it continues.
    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    pub(crate) fn clear(&mut self) {
        self.sent.clear();
    }

    /// What may be sent now. One request, one answer; what may go into the opening flight will be
    /// decided here.
    pub(crate) fn room(&self) -> Room {
        if self.sent.is_empty() {
            Room::Anything
        } else {
            Room::Nothing
        }
    }

    /// Whether something is on its way that can succeed or open a dialogue: no signature may be
    /// asked for before its verdict.
    pub(crate) fn awaits_verdict(&self) -> bool {
        self.sent.iter().any(|sent| match sent {
            Sent::ServiceRequest => false,
            Sent::Request(attempt, _) => attempt.earns() != Earns::KeyQuery,
        })
    }
}

/// Where in the ledger a request stands says nothing about what can happen to it.
#[cfg(test)]
impl core::hash::Hash for Sent {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        match self {
            Self::ServiceRequest => 0u8.hash(state),
            Self::Request(attempt, _) => attempt.hash(state),
        }
    }
}
