//! Methods that the crate does not know ([`Method::Other`]): the caller supplies and reads the bytes
//! of the messages, under the same tickets, limits and report as all other methods.

use crate::error::ProtocolErrorKind;
use crate::method_name::Method;
use crate::payload::{Content, Evidence};
use crate::question::{
    Answer, AnswerContent, Attempt, PreviousAttempt, Rejected, Rejection, Ticket, of_ticket,
};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Stop, encode};
use crate::secret::Secret;
use crate::wire::{MethodMessage, RequestMethod};

/// The method-specific bytes of a request, for a custom method ([`Method::Other`]): what follows
/// the method name in `SSH_MSG_USERAUTH_REQUEST` (RFC 4252 section 5).
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethodRequest {
    ticket: Ticket,
    method: &'static str,
    attempt: Attempt,
}

/// A message of the server in a custom method (numbers 60 to 79, RFC 4252 section 6), undecoded.
/// If it makes no sense, decline.
///
/// ```
/// use ssh_userauth::{Answer, NeedMethodMessage, Rejected};
///
/// /// The server sends a challenge (60), the client a code (61).
/// fn answer(need: NeedMethodMessage, code: impl FnOnce(&[u8]) -> Vec<u8>) -> Answer {
///     if need.number() != 60 {
///         return need.decline();
///     }
///     let code = code(need.body());
///     need.message(61, code).unwrap_or_else(Rejected::decline)
/// }
/// ```
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethodMessage {
    ticket: Ticket,
    method: &'static str,
    round: u32,
    number: u8,
    body: Secret,
}

impl NeedMethodRequest {
    of_ticket!();

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt.number
    }

    /// What became of the previous attempt.
    #[must_use]
    pub fn previous(&self) -> Option<PreviousAttempt> {
        self.attempt.previous
    }

    /// What follows the name of the method in the request, possibly nothing. It is treated as a
    /// secret: wiped, never printed, its length hidden, and never sent over an unencrypted
    /// connection. For custom methods, any non-empty payload counts as proof: a success after empty
    /// requests and messages is called [trivial](crate::Authenticated::is_trivial).
    pub fn request(self, data: impl Into<Secret>) -> Answer {
        self.ticket
            .answer(AnswerContent::MethodRequest(data.into()))
    }

    /// Nothing: the method is not tried (again) in this run.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

impl NeedMethodMessage {
    of_ticket!();

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Which message of the server in this exchange, counted from 1.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The number of the server's message, 60 to 79.
    #[must_use]
    pub fn number(&self) -> u8 {
        self.number
    }

    /// What follows the number in the server's message.
    #[must_use]
    pub fn body(&self) -> &[u8] {
        self.body.expose()
    }

    /// A message back: its number, and what follows that. It is treated as a secret and counts as
    /// proof, as [`NeedMethodRequest::request`].
    ///
    /// # Errors
    /// The number is not one of 60 to 79 (RFC 4252 section 6).
    pub fn message(self, number: u8, body: impl Into<Secret>) -> Result<Answer, Rejected<Self>> {
        if MethodMessage::new(number, &[]).is_some() {
            return Ok(self
                .ticket
                .answer(AnswerContent::MethodMessage(number, body.into())));
        }
        let declined = self.ticket.clone().answer(AnswerContent::Declined);
        let reason = Rejection::NotAMethodMessage(number);
        Err(Rejected::new(self, declined, reason))
    }

    /// Nothing to say; the server goes on.
    pub fn silence(self) -> Answer {
        self.ticket.answer(AnswerContent::Silence)
    }

    /// The exchange is abandoned, and the method is not tried again in this run.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dialogue {
    pub(crate) name: &'static str,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Step {
    /// The caller is asked for the request.
    AskingRequest,
    /// The server is to reply; so many messages of it have come.
    Awaiting { rounds: u32 },
    /// The caller is asked for a message.
    AskingMessage { rounds: u32 },
}

impl Dialogue {
    /// Whether the request was sent.
    pub(crate) fn is_sent(self) -> bool {
        self.step != Step::AskingRequest
    }

    /// Whether the server has answered the request with a message.
    pub(crate) fn has_spoken(self) -> bool {
        self.is_sent() && self.step != Step::Awaiting { rounds: 0 }
    }
}

pub(crate) fn start(
    method: &'static str,
    run: &mut Run<impl Asks<NeedMethodRequest>>,
    attempt: Attempt,
) -> Begun<Dialogue> {
    let need = NeedMethodRequest {
        ticket: run.ticket(),
        method,
        attempt,
    };
    let dialogue = Dialogue {
        name: method,
        step: Step::AskingRequest,
    };
    run.ask(need, dialogue)
}

pub(crate) fn on_reply(
    dialogue: Dialogue,
    message: &MethodMessage<'_>,
    run: &mut Run<impl Asks<NeedMethodMessage>>,
) -> Result<Begun<Dialogue>, Stop> {
    let Step::Awaiting { rounds } = dialogue.step else {
        return Err(ProtocolErrorKind::Unexpected.into());
    };
    let limit = run.context.limits().max_rounds;
    if rounds >= limit {
        return Err(ProtocolErrorKind::TooManyRounds { limit }.into());
    }
    let rounds = rounds + 1;
    let need = NeedMethodMessage {
        ticket: run.ticket(),
        method: dialogue.name,
        round: rounds,
        number: message.number(),
        body: Secret::from(message.body()),
    };
    let dialogue = Dialogue {
        step: Step::AskingMessage { rounds },
        ..dialogue
    };
    Ok(run.ask(need, dialogue))
}

pub(crate) fn on_answer<Q>(
    dialogue: Dialogue,
    answer: &AnswerContent,
    run: &mut Run<Q>,
) -> Result<Begun<Dialogue>, Unavailable> {
    let name = dialogue.name;
    let awaiting = |rounds| Dialogue {
        name,
        step: Step::Awaiting { rounds },
    };
    match (dialogue.step, answer) {
        (Step::AskingRequest, AnswerContent::MethodRequest(data)) => {
            let request = run.context.login.request(RequestMethod::Other {
                name: name.as_bytes(),
                data: data.expose(),
            });
            let payload = encode(&request, Content::Secret, evidence_in(data))?;
            let attempt = AttemptRecord::proof(Method::Other(name));
            Ok(run.request(attempt, payload, awaiting(0)))
        }
        (Step::AskingMessage { rounds }, AnswerContent::MethodMessage(number, body)) => {
            let message = MethodMessage::new(*number, body.expose());
            let message = message.ok_or(Unavailable::Declined)?;
            let payload = encode(&message, Content::Secret, evidence_in(body))?;
            Ok(run.continue_with(payload, awaiting(rounds)))
        }
        (Step::AskingMessage { rounds }, AnswerContent::Silence) => Ok(run.wait(awaiting(rounds))),
        _ => Err(Unavailable::Declined),
    }
}

/// Only the caller knows what the bytes mean, so any may be a proof; no bytes are none.
fn evidence_in(bytes: &Secret) -> Evidence {
    match bytes.is_empty() {
        true => Evidence::Nothing,
        false => Evidence::Something,
    }
}
