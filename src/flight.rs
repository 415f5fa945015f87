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

use alloc::collections::VecDeque;
#[cfg(test)]
use alloc::vec::Vec;

use crate::config::Pipelining;
use crate::method::{Dialogue, SuccessRule};
use crate::quirks::Quirks;
use crate::report::RecordId;

/// What is in flight, oldest first.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Flight {
    sent: VecDeque<Sent>,
    /// How many of them, the latest, wait in the outbox. What was not handed out can't be answered.
    waiting: usize,
    abandoned: Abandoned,
}

/// A dialogue that the client abandoned, until the reply to the next request. Servers differ in what
/// they say to that. With one request in flight it can't be confused with anything else.
#[derive(Clone, Copy, Debug, Default)]
#[cfg_attr(test, derive(Hash))]
enum Abandoned {
    /// There is none.
    #[default]
    No,
    /// Nothing was sent since: the server may still refuse it.
    Open(RecordId),
    /// A request was sent, and the server refuses the dialogue before it replies
    /// ([`Quirks::refuses_left_dialogues`]).
    RefusedFirst(RecordId),
    /// A request was sent and aborted it: one reply comes.
    Aborted,
}

/// Something that was sent, and what to remember until its reply.
#[derive(Clone, Copy, Debug)]
#[cfg_attr(test, derive(Hash))]
pub(crate) enum Sent {
    /// The request for the service `ssh-userauth`.
    ServiceRequest,
    /// An authentication request, or the continuation of its dialogue.
    Request(Dialogue, RecordId, Part),
}

/// Which part of a dialogue a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Request,
    Continuation,
}

/// What may be sent after what is in flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SendWindow {
    /// Anything: nothing is in flight.
    Open,
    /// The first requests: only the service request is in flight.
    Opening,
    /// Only key queries are in flight, after the service request or not: another query, if the
    /// window is wide enough, or something that can succeed, with nothing after it.
    AfterQueries { another: bool },
    /// Nothing, unless the caller knows better: something that can succeed is in flight.
    AfterSignature,
    /// Nothing.
    Closed,
}

impl Flight {
    pub(crate) fn new() -> Self {
        Self {
            // The service request and one more.
            sent: VecDeque::with_capacity(2),
            ..Self::default()
        }
    }

    /// Adds a message that was put into the outbox.
    pub(crate) fn push(&mut self, sent: Sent) {
        self.sent.push_back(sent);
        self.waiting += 1;
    }

    /// The caller has taken a message out of the outbox. RFC 4252 section 5.1: "A request that
    /// requires further messages to be exchanged will be aborted by a subsequent request." Returns
    /// whose dialogue the message continues, if it does.
    pub(crate) fn handed_out(&mut self, quirks: Quirks) -> Option<RecordId> {
        let handed_out = self.sent.get(self.owed()).copied();
        self.waiting = self.waiting.saturating_sub(1);
        self.abandoned = match self.abandoned {
            Abandoned::Open(record) if quirks.refuses_left_dialogues => {
                Abandoned::RefusedFirst(record)
            }
            Abandoned::Open(_) => Abandoned::Aborted,
            other => other,
        };
        match handed_out? {
            Sent::Request(_, record, Part::Continuation) => Some(record),
            Sent::Request(..) | Sent::ServiceRequest => None,
        }
    }

    /// The one that the next reply answers.
    pub(crate) fn oldest(&self) -> Option<Sent> {
        self.sent.front().filter(|_| self.owed() > 0).copied()
    }

    /// Takes out the one that a reply answers; it comes back by `push` if its dialogue goes on.
    pub(crate) fn pop(&mut self) -> Option<Sent> {
        if self.owed() == 0 {
            return None;
        }
        self.abandoned = Abandoned::No;
        self.sent.pop_front()
    }

    /// Puts the oldest one back: its reply is still to come.
    pub(crate) fn put_back(&mut self, sent: Sent) {
        self.sent.push_front(sent);
    }

    /// Takes out an answer in a dialogue that was not handed out, a continuation or a new password:
    /// the server may refuse the dialogue without having seen it.
    pub(crate) fn take_unsent_answer(&mut self) -> Option<(Dialogue, RecordId, Part)> {
        if self.owed() > 0 {
            return None;
        }
        match *self.sent.front()? {
            Sent::Request(dialogue, record, part)
                if part == Part::Continuation || dialogue.is_password_change() =>
            {
                self.sent.pop_front();
                self.waiting = self.waiting.saturating_sub(1);
                Some((dialogue, record, part))
            }
            Sent::Request(..) | Sent::ServiceRequest => None,
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sent.is_empty()
    }

    /// How many replies the server owes.
    pub(crate) fn owed(&self) -> usize {
        self.sent.len().saturating_sub(self.waiting)
    }

    /// Whether the service request was not handed out.
    pub(crate) fn keeps_service_request(&self) -> bool {
        self.owed() == 0 && matches!(self.sent.front(), Some(Sent::ServiceRequest))
    }

    /// Forgets everything. Returns the first request that was never handed out.
    pub(crate) fn clear(&mut self) -> Option<RecordId> {
        let owed = self.owed();
        self.waiting = 0;
        self.abandoned = Abandoned::No;
        let mut unsent = self.sent.drain(..).skip(owed);
        unsent.find_map(|sent| match sent {
            Sent::Request(_, record, Part::Request) => Some(record),
            Sent::Request(..) | Sent::ServiceRequest => None,
        })
    }

    /// The client abandons a dialogue that waits for the caller.
    pub(crate) fn abandon(&mut self, record: RecordId) {
        self.abandoned = Abandoned::Open(record);
    }

    /// Whether the next request aborts a dialogue that nobody answered.
    pub(crate) fn follows_abandoned(&self) -> bool {
        self.sent.is_empty() && matches!(self.abandoned, Abandoned::Open(_))
    }

    /// The abandoned dialogue, if it is what the server refuses now.
    pub(crate) fn take_refused_abandoned(&mut self) -> Option<RecordId> {
        match (self.abandoned, self.oldest()) {
            (Abandoned::RefusedFirst(record), Some(_)) => {
                self.abandoned = Abandoned::Aborted;
                Some(record)
            }
            (Abandoned::Open(record), None) => {
                self.abandoned = Abandoned::No;
                Some(record)
            }
            _ => None,
        }
    }

    /// What may be sent now.
    pub(crate) fn window(&self, policy: Pipelining) -> SendWindow {
        let queries = match (policy, self.abandoned) {
            (Pipelining::Opening { queries }, Abandoned::No) => queries,
            _ if self.sent.is_empty() => return SendWindow::Open,
            _ => return SendWindow::Closed,
        };
        if self.awaits_verdict() {
            return match self.sent.back() {
                Some(Sent::Request(last, ..)) if last.is_signed_with_key() => {
                    SendWindow::AfterSignature
                }
                _ => SendWindow::Closed,
            };
        }
        match (self.sent.len(), self.requests()) {
            (0, _) => SendWindow::Open,
            // The service request alone.
            (_, 0) => SendWindow::Opening,
            (_, asked) => {
                let another = u32::try_from(asked).is_ok_and(|asked| asked < queries);
                SendWindow::AfterQueries { another }
            }
        }
    }

    /// Whether requests were sent without waiting for replies to those before them.
    pub(crate) fn was_sent_ahead(&self) -> bool {
        let mut after_first = self.sent.iter().take(self.owed()).skip(1);
        after_first.any(|sent| matches!(sent, Sent::Request(..)))
    }

    /// How many authentication requests are in flight.
    pub(crate) fn requests(&self) -> usize {
        let is_request = |sent: &&Sent| matches!(sent, Sent::Request(..));
        self.sent.iter().filter(is_request).count()
    }

    /// Whether something is in flight that can succeed or open a dialogue: no signature may be
    /// asked for before its verdict.
    pub(crate) fn awaits_verdict(&self) -> bool {
        self.sent.iter().any(|sent| match sent {
            Sent::ServiceRequest => false,
            Sent::Request(dialogue, ..) => dialogue.success_rule() != SuccessRule::KeyQuery,
        })
    }

    /// The latest request in flight, and all before it.
    #[cfg(test)]
    pub(crate) fn split_last(&self) -> (Option<Dialogue>, Vec<Dialogue>) {
        let requests = self.sent.iter().filter_map(|sent| match sent {
            Sent::Request(dialogue, ..) => Some(*dialogue),
            Sent::ServiceRequest => None,
        });
        let mut requests: Vec<_> = requests.collect();
        (requests.pop(), requests)
    }
}
