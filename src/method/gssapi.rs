//! The methods `gssapi-with-mic` (RFC 4462 section 3) and `gssapi-keyex` (section 4): their
//! questions and dialogues. The security context is the caller's.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::error::ProtocolErrorKind;
use crate::method_name::Method;
use crate::notice::Notice;
use crate::payload::{Content, Evidence};
use crate::question::{Answer, AnswerContent, GssapiIntegrity, Ticket, of_ticket};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Stop, encode};
use crate::secret::Secret;
use crate::text::ServerText;
use crate::wire::{
    self, GssapiError, Layout, MethodMessage, RequestMethod, SignedData, StringMessage,
    method_name, number,
};

/// The next token of a GSS-API context (RFC 4462 section 3.4).
///
/// The context is yours: call `GSS_Init_sec_context` with the mechanism, the input token (none at
/// first) and the target `host@` with the server's name, and answer with what comes out. RFC 4462
/// section 3.4: you "MUST set integ_req_flag to "true""; of mutual authentication it says "This flag
/// SHOULD be set to "false"", though OpenSSH asks for it.
///
/// Without a ticket, omit the method from [`Config::methods`](crate::Config::methods): the question
/// comes only after the server has chosen a mechanism, which costs a round trip.
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
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedGssapiToken {
    ticket: Ticket,
    mechanism: Box<[u8]>,
    input: Option<Secret>,
    step: u32,
}

/// The message integrity code over exactly these bytes (`GSS_GetMIC`; RFC 4462 sections 3.5 and
/// 4), with the context just established, or with that of the key exchange.
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedGssapiMic {
    ticket: Ticket,
    data: Secret,
}

impl NeedGssapiToken {
    of_ticket!();

    /// The mechanism that the server chose among those offered: an object identifier in DER.
    #[must_use]
    pub fn mechanism(&self) -> &[u8] {
        &self.mechanism
    }

    /// The server's token; none for the first step.
    #[must_use]
    pub fn input(&self) -> Option<&[u8]> {
        self.input.as_ref().map(Secret::expose)
    }

    /// Which step of this context, counted from 1.
    #[must_use]
    pub fn step(&self) -> u32 {
        self.step
    }

    /// A token to send, and the context wants one back (`GSS_S_CONTINUE_NEEDED`). An empty one is
    /// not sent (RFC 4462 section 3.4).
    pub fn token(self, token: impl Into<Vec<u8>>) -> Answer {
        self.ticket.answer(AnswerContent::GssapiToken(token.into()))
    }

    /// The context is established (`GSS_S_COMPLETE`); there may be a last token to send. With
    /// integrity, [`NeedGssapiMic`] comes next.
    pub fn established(self, last: Option<Vec<u8>>, integrity: GssapiIntegrity) -> Answer {
        self.ticket
            .answer(AnswerContent::GssapiEstablished { last, integrity })
    }

    /// The context can't be established. The method is not tried again in this run. No error
    /// token is sent: OpenSSH up to 10.3 never answers one.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

impl NeedGssapiMic {
    of_ticket!();

    /// The exact bytes that the code is over.
    #[must_use]
    pub fn data(&self) -> &[u8] {
        self.data.expose()
    }

    /// The message integrity code, as `GSS_GetMIC` made it.
    pub fn mic(self, mic: impl Into<Vec<u8>>) -> Answer {
        self.ticket.answer(AnswerContent::GssapiMic(mic.into()))
    }

    /// The code can't be made. The method is not tried again in this run.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Dialogue {
    /// The server chooses a mechanism.
    Choosing,
    /// The caller is asked for a token of the mechanism at this position of the configuration.
    AskingToken { mechanism: usize, step: u32 },
    /// The server answers with a token.
    AwaitingToken { mechanism: usize, step: u32 },
    /// The caller is asked for the integrity code.
    AskingMic,
    /// The server checks the end of the exchange.
    Finishing,
    /// The server reported so many errors: now it can only refuse.
    Failing { errors: u32 },
    /// The caller is asked for the code of gssapi-keyex.
    AskingKeyexMic,
    /// The server checks it.
    ProvingKeyex,
}

impl Dialogue {
    /// Whether the server may say SUCCESS now.
    pub(crate) fn is_at_its_end(self) -> bool {
        matches!(self, Self::Finishing | Self::ProvingKeyex)
    }

    pub(crate) fn method(self) -> Method {
        match self {
            Self::AskingKeyexMic | Self::ProvingKeyex => Method::GssapiKeyex,
            _ => Method::GssapiWithMic,
        }
    }

    /// RFC 4462 sections 3.8 and 3.9: an error comes while the context is established; servers
    /// also send one when the MIC is wrong. FAILURE follows.
    fn after_error(self, limit: u32) -> Result<Self, ProtocolErrorKind> {
        let errors = match self {
            Self::Choosing | Self::AwaitingToken { .. } | Self::Finishing => 0,
            Self::Failing { errors } => errors,
            _ => return Err(ProtocolErrorKind::Unexpected),
        };
        if errors >= limit {
            return Err(ProtocolErrorKind::TooManyGssapiTokens { limit });
        }
        let errors = errors + 1;
        Ok(Self::Failing { errors })
    }

    pub(crate) fn awaiting(self) -> &'static str {
        match self {
            Self::Choosing => "the choice of a GSS-API mechanism was awaited",
            Self::Failing { .. } => "the refusal after a GSS-API error was awaited",
            Self::Finishing | Self::ProvingKeyex => "the reply to a GSS-API MIC was awaited",
            _ => "a GSS-API token was awaited",
        }
    }
}

/// What is remembered of an exchange.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone, Hash))]
pub(crate) struct Gssapi {
    /// The last token of the context, to be sent with the integrity code.
    last: Option<Secret>,
}

impl Gssapi {
    pub(crate) fn start_with_mic<Q>(run: &mut Run<Q>) -> Result<Begun<Dialogue>, Unavailable> {
        let mechanisms = run.context.config().gssapi_mechanisms.iter();
        let request = run.context.login.request(RequestMethod::GssapiWithMic {
            mechanisms: mechanisms.map(Box::as_ref).collect(),
        });
        let payload = encode(&request, Content::Open, Evidence::Nothing)?;
        let attempt = AttemptRecord::proof(Method::GssapiWithMic);
        Ok(run.request(attempt, payload, Dialogue::Choosing))
    }

    pub(crate) fn start_keyex(
        run: &mut Run<impl Asks<NeedGssapiMic>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        ask_mic(method_name::GSSAPI_KEYEX, Dialogue::AskingKeyexMic, run)
    }

    pub(crate) fn on_reply(
        dialogue: Dialogue,
        message: &MethodMessage<'_>,
        run: &mut Run<impl Asks<NeedGssapiToken>>,
    ) -> Result<Begun<Dialogue>, Stop> {
        let limit = run.context.limits().max_gssapi_tokens;
        match (dialogue, message.number()) {
            (Dialogue::Choosing, number::USERAUTH_GSSAPI_RESPONSE) => {
                on_response(wire::gssapi_mechanism(message)?, run)
            }
            (Dialogue::AwaitingToken { mechanism, step }, number::USERAUTH_GSSAPI_TOKEN) => {
                let input = wire::gssapi_token(message)?;
                // Our first step comes before the server's first token.
                if step > limit {
                    return Err(ProtocolErrorKind::TooManyGssapiTokens { limit }.into());
                }
                Ok(ask_token(mechanism, step + 1, Some(input), run)?)
            }
            (dialogue, number::USERAUTH_GSSAPI_ERROR) => {
                let failing = dialogue.after_error(limit)?;
                let error = GssapiError::decode(message)?;
                run.notify(Notice::GssapiError {
                    major: error.major,
                    minor: error.minor,
                    message: ServerText::new(error.message),
                    language: ServerText::new(error.language),
                });
                Ok(run.wait(failing))
            }
            (dialogue, number::USERAUTH_GSSAPI_ERRTOK) => {
                let failing = dialogue.after_error(limit)?;
                // The token is for GSS-API, which has failed already: nothing reads it.
                wire::gssapi_error_token(message)?;
                Ok(run.wait(failing))
            }
            _ => Err(ProtocolErrorKind::Unexpected.into()),
        }
    }

    pub(crate) fn on_answer(
        &mut self,
        dialogue: Dialogue,
        answer: AnswerContent,
        run: &mut Run<impl Asks<NeedGssapiMic>>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        match (dialogue, answer) {
            (Dialogue::AskingToken { mechanism, step }, AnswerContent::GssapiToken(token)) => {
                let next = Dialogue::AwaitingToken { mechanism, step };
                if token.is_empty() {
                    // RFC 4462 section 3.4: only a token of non-zero length is sent.
                    return Ok(run.wait(next));
                }
                let payload = encode(&token_message(&token), Content::Open, Evidence::Nothing)?;
                Ok(run.continue_with(payload, next))
            }
            (
                Dialogue::AskingToken { .. },
                AnswerContent::GssapiEstablished { last, integrity },
            ) => {
                self.last = last.filter(|token| !token.is_empty()).map(Secret::new);
                match integrity {
                    GssapiIntegrity::Available => {
                        ask_mic(method_name::GSSAPI_WITH_MIC, Dialogue::AskingMic, run)
                    }
                    // RFC 4462 section 3.6: without integrity, "the client MUST conclude the user
                    // authentication exchange" by another message.
                    GssapiIntegrity::Unavailable => {
                        let number = number::USERAUTH_GSSAPI_EXCHANGE_COMPLETE;
                        let end = MethodMessage::new(number, &[]);
                        let end = end.ok_or(Unavailable::CannotContinue)?;
                        self.finish(&end, Evidence::Nothing, run)
                    }
                }
            }
            (Dialogue::AskingMic, AnswerContent::GssapiMic(mic)) => {
                let message = StringMessage {
                    number: number::USERAUTH_GSSAPI_MIC,
                    string: &mic,
                };
                self.finish(&message, Evidence::Something, run)
            }
            (Dialogue::AskingKeyexMic, AnswerContent::GssapiMic(mic)) => {
                let login = &run.context.login;
                let request = login.request(RequestMethod::GssapiKeyex { mic: &mic });
                let payload = encode(&request, Content::Open, Evidence::Something)?;
                let attempt = AttemptRecord::proof(Method::GssapiKeyex);
                Ok(run.request(attempt, payload, Dialogue::ProvingKeyex))
            }
            _ => {
                self.last = None;
                Err(Unavailable::Declined)
            }
        }
    }

    /// Sends the last message of the exchange, after the token that is left.
    fn finish<Q>(
        &mut self,
        message: &impl Layout,
        evidence: Evidence,
        run: &mut Run<Q>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        let payload = encode(message, Content::Open, evidence)?;
        if let Some(last) = self.last.take() {
            let token = token_message(last.expose());
            run.send_ahead(encode(&token, Content::Open, Evidence::Nothing)?);
        }
        Ok(run.continue_with(payload, Dialogue::Finishing))
    }
}

/// RFC 4462 section 3.3: the server selects one of the mechanisms that were offered.
fn on_response(
    mechanism: &[u8],
    run: &mut Run<impl Asks<NeedGssapiToken>>,
) -> Result<Begun<Dialogue>, Stop> {
    if !wire::is_object_identifier(mechanism) {
        // OpenSSH goes on with the next method when the identifier is badly encoded.
        return Err(Unavailable::CannotContinue.into());
    }
    let mut offered = run.context.config().gssapi_mechanisms.iter();
    let mechanism = offered
        .position(|offered| **offered == *mechanism)
        .ok_or(ProtocolErrorKind::GssapiMechanismMismatch)?;
    Ok(ask_token(mechanism, 1, None, run)?)
}

fn ask_token(
    mechanism: usize,
    step: u32,
    input: Option<&[u8]>,
    run: &mut Run<impl Asks<NeedGssapiToken>>,
) -> Result<Begun<Dialogue>, Unavailable> {
    let mechanisms = &run.context.config().gssapi_mechanisms;
    let identifier = mechanisms.get(mechanism);
    let identifier = identifier.ok_or(Unavailable::CannotContinue)?;
    let need = NeedGssapiToken {
        ticket: run.ticket(),
        mechanism: identifier.clone(),
        input: input.map(Secret::from),
        step,
    };
    Ok(run.ask(need, Dialogue::AskingToken { mechanism, step }))
}

fn token_message(token: &[u8]) -> StringMessage<'_> {
    StringMessage {
        number: number::USERAUTH_GSSAPI_TOKEN,
        string: token,
    }
}

fn ask_mic(
    method: &str,
    dialogue: Dialogue,
    run: &mut Run<impl Asks<NeedGssapiMic>>,
) -> Result<Begun<Dialogue>, Unavailable> {
    let login = &run.context.login;
    let data = wire::encode_exact(&SignedData {
        session_id: login.session_id(),
        request: login.request(RequestMethod::Other {
            name: method.as_bytes(),
            data: &[],
        }),
    });
    let need = NeedGssapiMic {
        ticket: run.ticket(),
        data: Secret::new(data.map_err(|_| Unavailable::TooLong)?),
    };
    Ok(run.ask(need, dialogue))
}
