//! Requests that were sent and not yet answered, in order.
//!
//! RFC 4252 section 5.1: "The client MAY send several authentication requests without waiting for
//! responses from previous requests. The server MUST process each request completely and
//! acknowledge any failed requests with a SSH_MSG_USERAUTH_FAILURE message before processing the
//! next request." It goes on: "A client MUST NOT send a subsequent request if it has not received
//! a response from the server for a previous request", which contradicts the MAY unless it belongs
//! to the sentence before it, about requests that need further messages. That is the reading taken
//! here, and the one that every server tested follows.
//!
//! So replies are matched first in, first out. But a request that needs further messages is aborted
//! by the next one, and servers close the connection on requests behind a success; so only the last
//! request in a flight may be one that can succeed or open a dialogue, and all before it are key
//! queries. The one exception is a password behind a signature, on the caller's word that this
//! server wants both.

#[cfg(test)]
use alloc::vec::Vec;

use crate::config::Pipelining;
use crate::few::Queue;
use crate::method::{Attempt, Earns};
use crate::quirks::Quirks;
use crate::report::RecordId;

/// What is on its way, oldest first.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Flight {
    sent: Queue<Sent>,
    /// How many of them, the latest, wait in the outbox. What has not left can't be answered.
    waiting: u32,
    left: LeftDialogue,
}

/// A dialogue that we left, until the reply to the request behind it: servers differ in what they
/// say to that, and with one request on its way it can't be taken for more.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(test, derive(Hash))]
enum LeftDialogue {
    /// There is none.
    #[default]
    None,
    /// Nothing has left since: the server may still refuse it.
    Open(RecordId),
    /// A request has, and the server refuses the dialogue in front of its reply
    /// ([`Quirks::refuses_left_dialogues`]).
    RefusedInFront(RecordId),
    /// A request has, which aborted it: one reply comes.
    Aborted,
}

/// Something that was sent, and what to remember until its reply.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) enum Sent {
    /// The request for the service `ssh-userauth`.
    ServiceRequest,
    /// An authentication request, or the continuation of its dialogue.
    Request(Attempt, RecordId, Part),
}

/// Which part of an attempt a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Request,
    Continuation,
}

/// What may be sent behind what is on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// Nothing is on its way: anything.
    Anything,
    /// Only the service request is: the first requests.
    Opening,
    /// Only key queries are, behind the service request or not: another one, if there is room for
    /// it, or something that can succeed, with nothing behind it.
    BehindQueries { another: bool },
    /// Something that can succeed is: nothing; but the caller may know better.
    BehindSignature,
    /// Nothing.
    Nothing,
}

/// What a request comes behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Behind {
    /// The replies to all before it.
    Replies,
    /// A dialogue that nobody answered, and that it aborts.
    LeftDialogue,
}

impl Flight {
    /// Puts one behind the others; it has been put into the outbox.
    #[inline]
    pub(crate) fn push(&mut self, sent: Sent) {
        self.sent.push_back(sent);
        self.waiting += 1;
    }

    /// The caller has taken one out of the outbox. RFC 4252 section 5.1: "A request that requires
    /// further messages to be exchanged will be aborted by a subsequent request." Says whose
    /// dialogue it continues, if it does.
    pub(crate) fn handed_out(&mut self, quirks: Quirks) -> Option<RecordId> {
        let leaving = self.owed();
        self.waiting = self.waiting.saturating_sub(1);
        self.left = match self.left {
            LeftDialogue::Open(record) if quirks.refuses_left_dialogues => {
                LeftDialogue::RefusedInFront(record)
            }
            LeftDialogue::Open(_) => LeftDialogue::Aborted,
            other => other,
        };
        match self.sent.iter().nth(leaving)? {
            Sent::Request(_, record, Part::Continuation) => Some(*record),
            Sent::Request(..) | Sent::ServiceRequest => None,
        }
    }

    /// The one that the next reply answers.
    pub(crate) fn oldest(&self) -> Option<&Sent> {
        self.sent.front().filter(|_| self.has_left())
    }

    /// Takes out the one that a reply answers; it comes back by `push` if its dialogue goes on.
    pub(crate) fn pop(&mut self) -> Option<Sent> {
        if !self.has_left() {
            return None;
        }
        self.left = LeftDialogue::None;
        self.sent.pop_front()
    }

    /// Puts the oldest one back: its reply is still to come.
    pub(crate) fn put_back(&mut self, sent: Sent) {
        self.sent.push_front(sent);
    }

    /// Takes out the answer in a dialogue that has not left, its continuation or a new password:
    /// the server may refuse the dialogue without having heard it.
    pub(crate) fn take_unsent_answer(&mut self) -> Option<(Attempt, RecordId, Part)> {
        if self.has_left() {
            return None;
        }
        match self.sent.pop_front()? {
            Sent::Request(attempt, record, part)
                if part == Part::Continuation || attempt.is_password_change() =>
            {
                self.waiting = self.waiting.saturating_sub(1);
                Some((attempt, record, part))
            }
            other => {
                self.sent.push_front(other);
                None
            }
        }
    }

    fn has_left(&self) -> bool {
        self.owed() > 0
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// How many replies the server owes.
    pub(crate) fn owed(&self) -> usize {
        let waiting = usize::try_from(self.waiting).unwrap_or(usize::MAX);
        self.sent.len().saturating_sub(waiting)
    }

    /// Whether the service request has not left.
    pub(crate) fn keeps_service_request(&self) -> bool {
        !self.has_left() && matches!(self.sent.front(), Some(Sent::ServiceRequest))
    }

    /// Forgets everything, and says which request is the first that never left.
    pub(crate) fn clear(&mut self) -> Option<RecordId> {
        let left = self.owed();
        self.waiting = 0;
        self.left = LeftDialogue::None;
        if self.sent.is_empty() {
            return None;
        }
        self.sent.drain().skip(left).find_map(|sent| match sent {
            Sent::Request(_, record, Part::Request) => Some(record),
            Sent::Request(..) | Sent::ServiceRequest => None,
        })
    }

    pub(crate) fn abandon(&mut self, record: RecordId) {
        self.left = LeftDialogue::Open(record);
    }

    /// What the next request comes behind, if nothing is on its way.
    pub(crate) fn behind(&self) -> Behind {
        match self.left {
            LeftDialogue::Open(_) if self.sent.is_empty() => Behind::LeftDialogue,
            _ => Behind::Replies,
        }
    }

    /// The dialogue that we left, if it is what the server refuses now.
    pub(crate) fn take_abandoned(&mut self) -> Option<RecordId> {
        match (self.left, self.oldest()) {
            (LeftDialogue::RefusedInFront(record), Some(_)) => {
                self.left = LeftDialogue::Aborted;
                Some(record)
            }
            (LeftDialogue::Open(record), None) => {
                self.left = LeftDialogue::None;
                Some(record)
            }
            _ => None,
        }
    }

    /// What may be sent now.
    pub(crate) fn room(&self, policy: Pipelining) -> Room {
        let queries = match (policy, self.left) {
            (Pipelining::Opening { queries }, LeftDialogue::None) => queries,
            _ if self.sent.is_empty() => return Room::Anything,
            _ => return Room::Nothing,
        };
        if self.awaits_verdict() {
            return match self.sent.back() {
                Some(Sent::Request(last, ..)) if last.is_signed_with_key() => Room::BehindSignature,
                _ => Room::Nothing,
            };
        }
        match (self.sent.len(), self.requests()) {
            (0, _) => Room::Anything,
            // The service request alone.
            (_, 0) => Room::Opening,
            (_, asked) => {
                let another = u32::try_from(asked).is_ok_and(|asked| asked < queries);
                Room::BehindQueries { another }
            }
        }
    }

    /// Whether requests were sent without waiting for replies to those before them.
    pub(crate) fn was_sent_ahead(&self) -> bool {
        let mut behind = self.sent.iter().take(self.owed()).skip(1);
        behind.any(|sent| matches!(sent, Sent::Request(..)))
    }

    /// How many authentication requests are on their way.
    pub(crate) fn requests(&self) -> usize {
        let is_request = |sent: &&Sent| matches!(sent, Sent::Request(..));
        self.sent.iter().filter(is_request).count()
    }

    /// Whether something is on its way that can succeed or open a dialogue: no signature may be
    /// asked for before its verdict.
    pub(crate) fn awaits_verdict(&self) -> bool {
        self.sent.iter().any(|sent| match sent {
            Sent::ServiceRequest => false,
            Sent::Request(attempt, ..) => attempt.earns() != Earns::KeyQuery,
        })
    }

    /// The latest request on its way, and all before it.
    #[cfg(test)]
    pub(crate) fn split_last(&self) -> (Option<&Attempt>, Vec<&Attempt>) {
        let requests = self.sent.iter().filter_map(|sent| match sent {
            Sent::Request(attempt, ..) => Some(attempt),
            Sent::ServiceRequest => None,
        });
        let mut requests: Vec<_> = requests.collect();
        (requests.pop(), requests)
    }
}
