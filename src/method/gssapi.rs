//! The methods `gssapi-with-mic` (RFC 4462 section 3) and `gssapi-keyex` (section 4). The context
//! is the caller's; here are the messages around it.

use alloc::boxed::Box;
use alloc::sync::Arc;

use crate::error::ProtocolErrorKind;
use crate::method::{Attempt as AnyAttempt, Context, Earns, Method, Out, Outgoing, Step, Verdict};
use crate::notice::Notice;
use crate::payload::{Content, Place, Proof};
use crate::question::{GssapiIntegrity, NeedGssapiMic, NeedGssapiToken, Question, Reply};
use crate::report::Subject;
use crate::secret::Secret;
use crate::session::KeyExchange;
use crate::text::ServerText;
use crate::wire::{
    self, GssapiError, GssapiErrtok, GssapiExchangeComplete, GssapiMethod, GssapiMic,
    GssapiMicData, GssapiResponse, GssapiToken, Layout, MethodMessage, RequestMethod, number,
};

/// Each of the two methods is tried once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Gssapi {
    with_mic: Option<Out>,
    keyex: Option<Out>,
}

#[derive(Debug)]
#[cfg_attr(test, derive(Clone, PartialEq, Eq, Hash))]
pub(crate) enum Attempt {
    /// The server chooses a mechanism.
    Choosing,
    /// The caller is asked for a token of the mechanism of this index.
    AskingToken(Exchange),
    /// The server answers with a token.
    AwaitingToken(Exchange),
    /// The caller is asked for the integrity code; a last token waits to go in front of it.
    AskingMic { last: Option<Box<Secret>> },
    /// The server checks how it ended.
    Finishing,
    /// The server reported so many errors: it can only refuse now.
    Failing { errors: u32 },
    /// The caller is asked for the code of gssapi-keyex.
    AskingKeyexMic,
    /// The server checks it.
    ProvingKeyex,
}

/// A context that is being established.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Exchange {
    mechanism: u32,
    /// Steps of the caller.
    steps: u32,
}

impl Attempt {
    pub(crate) fn earns(&self) -> Earns {
        match self {
            Self::Finishing | Self::ProvingKeyex => Earns::Success,
            _ => Earns::Nothing,
        }
    }

    #[cfg(test)]
    pub(crate) fn is_at_its_end(&self) -> bool {
        matches!(self, Self::Finishing | Self::ProvingKeyex)
    }

    pub(crate) fn method(&self) -> Method {
        match self {
            Self::AskingKeyexMic | Self::ProvingKeyex => Method::GssapiKeyex,
            _ => Method::GssapiWithMic,
        }
    }

    /// RFC 4462 sections 3.8 and 3.9: an error comes while the context is established; servers
    /// also send one when the MIC is wrong. FAILURE follows.
    fn after_error(self, cx: &Context<'_>) -> Result<Self, ProtocolErrorKind> {
        let errors = match self {
            Self::Choosing | Self::AwaitingToken(_) | Self::Finishing => 0,
            Self::Failing { errors } => errors,
            _ => return Err(ProtocolErrorKind::Unexpected),
        };
        let limit = cx.config.bounds().max_gssapi_tokens;
        if errors >= limit {
            return Err(ProtocolErrorKind::TooManyGssapiTokens { limit });
        }
        let errors = errors + 1;
        Ok(Self::Failing { errors })
    }

    pub(crate) fn awaiting(&self) -> &'static str {
        match self {
            Self::Choosing => "the choice of a GSS-API mechanism was awaited",
            Self::Failing { .. } => "the refusal after a GSS-API error was awaited",
            Self::Finishing | Self::ProvingKeyex => "the reply to a GSS-API MIC was awaited",
            _ => "a GSS-API token was awaited",
        }
    }
}

impl Gssapi {
    pub(crate) fn standing_with_mic(&self, cx: &Context<'_>) -> Result<(), Out> {
        if cx.config.mechanisms().is_empty() {
            return Err(Out::NotConfigured);
        }
        self.with_mic.map_or(Ok(()), Err)
    }

    pub(crate) fn standing_keyex(&self, cx: &Context<'_>) -> Result<(), Out> {
        if cx.key_exchange == KeyExchange::HostKey {
            return Err(Out::NotConfigured);
        }
        self.keyex.map_or(Ok(()), Err)
    }

    pub(crate) fn start_with_mic(&mut self, cx: &Context<'_>) -> Step {
        self.with_mic = Some(Out::TriesSpent);
        let mechanisms = cx.config.mechanisms().iter();
        let request = cx.login.request(RequestMethod::GssapiWithMic {
            mechanisms: mechanisms.map(Box::as_ref).collect(),
        });
        match cx.payload(&request, Content::Open) {
            Some(payload) => {
                let attempt = AnyAttempt::Gssapi(Attempt::Choosing);
                let subject = Subject::of(Method::GssapiWithMic);
                Step::Send(Outgoing::request(payload, attempt, subject, Proof::Nothing))
            }
            None => self.fail(Out::TooLong),
        }
    }

    pub(crate) fn start_keyex(&mut self, cx: &Context<'_>) -> Step {
        self.keyex = Some(Out::TriesSpent);
        ask_mic(GssapiMethod::Keyex, Attempt::AskingKeyexMic, cx)
    }

    pub(crate) fn on_reply(
        &mut self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        match (attempt, message.number()) {
            (Attempt::Choosing, number::USERAUTH_GSSAPI_RESPONSE) => {
                self.on_response(&GssapiResponse::decode(message)?, cx)
            }
            (Attempt::AwaitingToken(exchange), number::USERAUTH_GSSAPI_TOKEN) => {
                let input = GssapiToken::decode(message)?.token;
                let limit = cx.config.bounds().max_gssapi_tokens;
                // Our first step comes before the server's first token.
                if exchange.steps > limit {
                    return Err(ProtocolErrorKind::TooManyGssapiTokens { limit });
                }
                Ok(self.ask_token(exchange, Some(input), cx))
            }
            (attempt, number::USERAUTH_GSSAPI_ERROR) => {
                let failing = attempt.after_error(cx)?;
                let error = GssapiError::decode(message)?;
                let notice = Box::new(Notice::GssapiError {
                    major: error.major,
                    minor: error.minor,
                    message: ServerText::new(error.message),
                    language: ServerText::new(error.language),
                });
                Ok(Step::Wait(AnyAttempt::Gssapi(failing), Some(notice)))
            }
            (attempt, number::USERAUTH_GSSAPI_ERRTOK) => {
                let failing = attempt.after_error(cx)?;
                GssapiErrtok::decode(message)?;
                Ok(Step::Wait(AnyAttempt::Gssapi(failing), None))
            }
            _ => Err(ProtocolErrorKind::Unexpected),
        }
    }

    /// RFC 4462 section 3.3: the server selects one of the mechanisms that were offered.
    fn on_response(
        &mut self,
        response: &GssapiResponse<'_>,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        if !wire::is_object_identifier(response.mechanism) {
            // OpenSSH goes on with the next method when the identifier is badly encoded.
            return Ok(self.fail(Out::CannotContinue));
        }
        let mut offered = cx.config.mechanisms().iter();
        let mechanism = offered
            .position(|offered| **offered == *response.mechanism)
            .and_then(|mechanism| u32::try_from(mechanism).ok())
            .ok_or(ProtocolErrorKind::GssapiMechanismMismatch)?;
        let exchange = Exchange {
            mechanism,
            steps: 0,
        };
        Ok(self.ask_token(exchange, None, cx))
    }

    fn ask_token(&mut self, exchange: Exchange, input: Option<&[u8]>, cx: &Context<'_>) -> Step {
        let mechanism = usize::try_from(exchange.mechanism).unwrap_or(usize::MAX);
        let Some(mechanism) = cx.config.mechanisms().get(mechanism) else {
            return self.fail(Out::CannotContinue);
        };
        let exchange = Exchange {
            steps: exchange.steps.saturating_add(1),
            ..exchange
        };
        let need = NeedGssapiToken {
            question: cx.question,
            login: Arc::clone(cx.login),
            mechanism: mechanism.clone(),
            input: input.map(Box::from),
            step: exchange.steps,
        };
        let attempt = AnyAttempt::Gssapi(Attempt::AskingToken(exchange));
        Step::Ask(Question::GssapiToken(need), attempt)
    }

    pub(crate) fn on_answer(&mut self, attempt: Attempt, reply: Reply, cx: &Context<'_>) -> Step {
        match (attempt, reply) {
            // RFC 4462 section 3.4: only a token of non-zero length is sent.
            (Attempt::AskingToken(exchange), Reply::GssapiToken(token)) if token.is_empty() => {
                Step::Wait(AnyAttempt::Gssapi(Attempt::AwaitingToken(exchange)), None)
            }
            (Attempt::AskingToken(exchange), Reply::GssapiToken(token)) => {
                match cx.payload(&GssapiToken { token: &token }, Content::Open) {
                    Some(payload) => {
                        let attempt = AnyAttempt::Gssapi(Attempt::AwaitingToken(exchange));
                        Step::Send(Outgoing::continuation(payload, attempt, Proof::Nothing))
                    }
                    None => self.fail(Out::TooLong),
                }
            }
            (Attempt::AskingToken(_), Reply::GssapiEstablished { last, integrity }) => {
                let last = last.filter(|token| !token.is_empty());
                let last = last.map(|token| Box::new(Secret::new(token)));
                match integrity {
                    GssapiIntegrity::Available => {
                        ask_mic(GssapiMethod::WithMic, Attempt::AskingMic { last }, cx)
                    }
                    // RFC 4462 section 3.6: without integrity, "the client MUST conclude the user
                    // authentication exchange" by another message.
                    GssapiIntegrity::Unavailable => {
                        self.finish(&GssapiExchangeComplete, Proof::Nothing, last.as_deref(), cx)
                    }
                }
            }
            (Attempt::AskingMic { last }, Reply::GssapiMic(mic)) => self.finish(
                &GssapiMic { mic: &mic },
                Proof::Something,
                last.as_deref(),
                cx,
            ),
            (Attempt::AskingKeyexMic, Reply::GssapiMic(mic)) => {
                let request = cx.login.request(RequestMethod::GssapiKeyex { mic: &mic });
                let Some(payload) = cx.payload(&request, Content::Open) else {
                    self.keyex = Some(Out::TooLong);
                    return Step::Idle;
                };
                let attempt = AnyAttempt::Gssapi(Attempt::ProvingKeyex);
                let subject = Subject::of(Method::GssapiKeyex);
                Step::Send(Outgoing::request(
                    payload,
                    attempt,
                    subject,
                    Proof::Something,
                ))
            }
            (Attempt::AskingKeyexMic, _) => {
                self.keyex = Some(Out::Declined);
                Step::Idle
            }
            _ => self.fail(Out::Declined),
        }
    }

    /// The last message of the exchange, a token that is left in front of it.
    fn finish(
        &mut self,
        message: &impl Layout,
        proof: Proof,
        last: Option<&Secret>,
        cx: &Context<'_>,
    ) -> Step {
        let token = last.map(Secret::expose);
        let token = token.map(|token| cx.payload(&GssapiToken { token }, Content::Open));
        let in_front = match token {
            Some(Some(mut payload)) => {
                payload.place = Place::InFront;
                Some(Box::new(payload))
            }
            Some(None) => return self.fail(Out::TooLong),
            None => None,
        };
        let Some(payload) = cx.payload(message, Content::Open) else {
            return self.fail(Out::TooLong);
        };
        let attempt = AnyAttempt::Gssapi(Attempt::Finishing);
        Step::Send(Outgoing {
            in_front,
            ..Outgoing::continuation(payload, attempt, proof)
        })
    }

    fn fail(&mut self, out: Out) -> Step {
        self.with_mic = Some(out);
        Step::Idle
    }

    /// A method that the server had not listed may be listed later, behind another factor: as if it
    /// had not been tried.
    pub(crate) fn on_failure(&mut self, attempt: &Attempt, verdict: Verdict, cx: &Context<'_>) {
        let is_guess = |method| verdict == Verdict::Refused && cx.is_not_offered(method);
        match attempt {
            Attempt::Choosing if is_guess(Method::GssapiWithMic) => self.with_mic = None,
            Attempt::Choosing => self.with_mic = Some(Out::RefusedAtOnce),
            Attempt::ProvingKeyex if is_guess(Method::GssapiKeyex) => self.keyex = None,
            _ => {}
        }
    }

    /// The server no longer lists the method while the caller is asked for the code: the method may
    /// be tried if it lists it again.
    pub(crate) fn on_withdrawal(&mut self, attempt: &Attempt) {
        if matches!(attempt, Attempt::AskingKeyexMic) {
            self.keyex = None;
        }
    }
}

fn ask_mic(method: GssapiMethod, attempt: Attempt, cx: &Context<'_>) -> Step {
    let data = wire::encode_exact(&GssapiMicData {
        session_id: cx.login.session_id(),
        user: cx.login.user().as_bytes(),
        service: cx.login.service().as_bytes(),
        method,
    });
    let Ok(data) = data else {
        return Step::Idle;
    };
    let need = NeedGssapiMic {
        question: cx.question,
        login: Arc::clone(cx.login),
        data,
    };
    Step::Ask(Question::GssapiMic(need), AnyAttempt::Gssapi(attempt))
}
