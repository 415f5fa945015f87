//! Which method next, and the messages of methods that the crate doesn't know.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::login::Login;
use crate::method::Method;
use crate::question::{Answer, PreviousAttempt, Reply, Ticket};
use crate::secret::Secret;
use crate::wire::MethodMessage;

/// Which method next? Asked only with [`MethodChoice::Ask`](crate::MethodChoice), whenever the
/// server has listed something that is worth a try.
///
/// What was tried and what gave a factor is in
/// [`UserAuthClient::report`](crate::UserAuthClient::report).
#[derive(Debug)]
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethod {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) choices: Vec<Method>,
}

impl NeedMethod {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The methods that the server allows and that have something to try, in the order of
    /// [`Config::methods`](crate::Config::methods).
    #[must_use]
    pub fn choices(&self) -> &[Method] {
        &self.choices
    }

    /// The method to try next.
    ///
    /// # Errors
    /// It is not one of the choices. Nothing is sent; the question comes back inside the error.
    pub fn choose(self, method: Method) -> Result<Answer, WrongChoice> {
        if self.choices.contains(&method) {
            Ok(Ticket::new(self.question, &self.login).answer(Reply::Method(method)))
        } else {
            let need = Box::new(self);
            Err(WrongChoice { need, method })
        }
    }

    /// None of them: the run ends.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

/// The method that was chosen is not one of the choices; the question comes back.
#[derive(Debug)]
pub struct WrongChoice {
    // Boxed, so that the `Result` of every good answer stays small.
    need: Box<NeedMethod>,
    method: Method,
}

impl WrongChoice {
    /// The question, still open.
    pub fn into_question(self) -> NeedMethod {
        *self.need
    }

    /// Declines the question: the run ends.
    pub fn decline(self) -> Answer {
        self.need.decline()
    }
}

impl fmt::Display for WrongChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the method {} is not one of the choices", self.method)
    }
}

impl core::error::Error for WrongChoice {}

/// The method-specific bytes of a request, for a method of the caller's own
/// ([`Method::Other`]): what follows the method name in `SSH_MSG_USERAUTH_REQUEST` (RFC 4252
/// section 5).
#[derive(Debug)]
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethodRequest {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) method: &'static str,
    pub(crate) attempt: u32,
    pub(crate) previous: Option<PreviousAttempt>,
}

impl NeedMethodRequest {
    /// Who logs in where; with the session identifier, for signatures.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        self.method
    }

    /// Which attempt this is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// What became of the previous attempt.
    #[must_use]
    pub fn previous(&self) -> Option<PreviousAttempt> {
        self.previous
    }

    /// What follows the name of the method in the request, possibly nothing. It is treated as a
    /// secret: wiped, never printed, its length hidden, and never sent over an open line. It is also
    /// taken for a proof, unless it is empty: a success after empty requests and messages is called
    /// [trivial](crate::Authenticated::is_trivial).
    pub fn request(self, data: impl Into<Secret>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::MethodData(data.into()))
    }

    /// Nothing: the method is not tried (again) in this run.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

/// A message of the server in a method of the caller's own (numbers 60 to 79, RFC 4252 section
/// 6), undecoded. One that makes no sense is best declined.
///
/// ```
/// use ssh_userauth::{Answer, NeedMethodMessage, WrongNumber};
///
/// /// The server sends a challenge (60), the client a code (61).
/// fn answer(need: NeedMethodMessage, code: impl FnOnce(&[u8]) -> Vec<u8>) -> Answer {
///     if need.number() != 60 {
///         return need.decline();
///     }
///     let code = code(need.body());
///     need.message(61, code).unwrap_or_else(WrongNumber::decline)
/// }
/// ```
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedMethodMessage {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) method: &'static str,
    pub(crate) round: u32,
    pub(crate) number: u8,
    pub(crate) body: Box<[u8]>,
}

impl NeedMethodMessage {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

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
        &self.body
    }

    /// A message back: its number, and what follows that. Treated as a secret and taken for a proof,
    /// as [`NeedMethodRequest::request`].
    ///
    /// # Errors
    /// The number is not one of 60 to 79 (RFC 4252 section 6). Nothing is sent; the question comes
    /// back inside the error.
    pub fn message(self, number: u8, body: impl Into<Secret>) -> Result<Answer, WrongNumber> {
        match MethodMessage::new(number, &[]) {
            Some(_) => Ok(Ticket::new(self.question, &self.login)
                .answer(Reply::MethodMessage(number, body.into()))),
            None => {
                let need = Box::new(self);
                Err(WrongNumber { need, number })
            }
        }
    }

    /// Nothing to say; the server goes on.
    pub fn silence(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Silence)
    }

    /// The exchange is abandoned, and the method is not tried again in this run.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

impl fmt::Debug for NeedMethodMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedMethodMessage")
            .field("method", &self.method)
            .field("round", &self.round)
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

/// The number is none of a method's own messages (60 to 79); the question comes back.
#[derive(Debug)]
pub struct WrongNumber {
    need: Box<NeedMethodMessage>,
    number: u8,
}

impl WrongNumber {
    /// The question, still open.
    pub fn into_question(self) -> NeedMethodMessage {
        *self.need
    }

    /// Declines the question: the exchange is abandoned.
    pub fn decline(self) -> Answer {
        self.need.decline()
    }
}

impl fmt::Display for WrongNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "message {} is not one of 60 to 79", self.number)
    }
}

impl core::error::Error for WrongNumber {}
