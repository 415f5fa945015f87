//! Tokens and integrity codes of GSS-API.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::login::Login;
use crate::question::{Answer, Reply, Ticket};

/// The next token of a GSS-API context (RFC 4462 section 3.4).
///
/// The caller owns the context: he calls `GSS_Init_sec_context` with the mechanism and the input
/// token (none at first), the target `host@` and the server's name, and answers with what comes
/// out. RFC 4462 section 3.4: he "MUST set integ_req_flag to "true""; of mutual authentication it
/// says "This flag SHOULD be set to "false"", though OpenSSH asks for it.
///
/// Who has no ticket leaves the method out of [`Config::methods`](crate::Config::methods): the
/// question comes only after the server has chosen a mechanism, which costs a round trip.
///
/// ```
/// # use ssh_userauth::{Answer, GssapiIntegrity, NeedGssapiToken};
/// # enum Step { Continue(Vec<u8>), Complete(Option<Vec<u8>>), Failed }
/// # fn answer(need: NeedGssapiToken, init: impl Fn(&[u8], Option<&[u8]>) -> Step) -> Answer {
/// match init(need.mechanism(), need.input()) {
///     Step::Continue(token) => need.token(token),
///     Step::Complete(last) => need.established(last, GssapiIntegrity::Available),
///     Step::Failed => need.decline(),
/// }
/// # }
/// ```
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedGssapiToken {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) mechanism: Box<[u8]>,
    pub(crate) input: Option<Box<[u8]>>,
    pub(crate) step: u32,
}

/// Whether the established GSS-API context can make integrity codes (`integ_avail`, RFC 4462 section
/// 3.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "the flag of RFC 4462 has two values"
)]
pub enum GssapiIntegrity {
    /// It can: a MIC proves who we are.
    Available,
    /// It can't: the exchange ends without one, and proves less.
    Unavailable,
}

impl NeedGssapiToken {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The mechanism that the server chose among those offered: an object identifier in DER.
    #[must_use]
    pub fn mechanism(&self) -> &[u8] {
        &self.mechanism
    }

    /// The server's token; none for the first step.
    #[must_use]
    pub fn input(&self) -> Option<&[u8]> {
        self.input.as_deref()
    }

    /// Which step of this context, counted from 1.
    #[must_use]
    pub fn step(&self) -> u32 {
        self.step
    }

    /// A token to send, and the context wants one back (`GSS_S_CONTINUE_NEEDED`). An empty one is
    /// not sent (RFC 4462 section 3.4).
    pub fn token(self, token: impl Into<Vec<u8>>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::GssapiToken(token.into()))
    }

    /// The context is established (`GSS_S_COMPLETE`); there may be a last token to send. With
    /// integrity, [`NeedGssapiMic`] comes next.
    pub fn established(self, last: Option<Vec<u8>>, integrity: GssapiIntegrity) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::GssapiEstablished { last, integrity })
    }

    /// The context can't be established. The method is not tried again in this run. No error
    /// token is sent: OpenSSH up to 10.3 never answers one.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

impl fmt::Debug for NeedGssapiToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedGssapiToken")
            .field("step", &self.step)
            .finish_non_exhaustive()
    }
}

/// The message integrity code over exactly these bytes (`GSS_GetMIC`; RFC 4462 sections 3.5 and
/// 4), with the context just established, or with that of the key exchange.
#[must_use = "the machine waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedGssapiMic {
    pub(crate) question: u32,
    pub(crate) login: Arc<Login>,
    pub(crate) data: Vec<u8>,
}

impl NeedGssapiMic {
    /// Who logs in where.
    #[must_use]
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// The exact bytes that the code is over.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        &self.data
    }

    /// The message integrity code, as `GSS_GetMIC` made it.
    pub fn mic(self, mic: impl Into<Vec<u8>>) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::GssapiMic(mic.into()))
    }

    /// The code can't be made. The method is not tried again in this run.
    pub fn decline(self) -> Answer {
        Ticket::new(self.question, &self.login).answer(Reply::Declined)
    }
}

impl fmt::Debug for NeedGssapiMic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NeedGssapiMic").finish_non_exhaustive()
    }
}
