//! Methods of the caller's own: raw bytes in, raw bytes out, under the same tickets, limits and
//! ledger as all others.

use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::error::ProtocolErrorKind;
use crate::method::{Attempt as AnyAttempt, Context, Method, Out, Outgoing, Step, Verdict};
use crate::payload::{Content, Proof};
use crate::question::{NeedMethodMessage, NeedMethodRequest, PreviousAttempt, Question, Reply};
use crate::report::Subject;
use crate::secret::Secret;
use crate::wire::{MethodMessage, RequestMethod};

/// What is remembered of each such method.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Other {
    methods: Vec<(&'static str, State)>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
struct State {
    attempts: u32,
    refusals: u32,
    previous: Option<PreviousAttempt>,
    out: Option<Out>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    pub(crate) name: &'static str,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Stage {
    /// The caller is asked for the request.
    AskingRequest,
    /// The server has the word; so many messages of it came.
    Awaiting { rounds: u32 },
    /// The caller is asked for a message.
    AskingMessage { rounds: u32 },
}

impl Attempt {
    pub(crate) fn is_in_dialogue(&self) -> bool {
        self.stage != Stage::AskingRequest
    }
}

impl Other {
    pub(crate) fn standing(&self, name: &str, cx: &Context<'_>) -> Result<(), Out> {
        // Nobody knows what the bytes are: they may be a password.
        cx.confidential()?;
        let known = self.methods.iter().find(|(own, _)| *own == name);
        known.and_then(|(_, state)| state.out).map_or(Ok(()), Err)
    }

    fn state(&mut self, name: &'static str) -> Option<&mut State> {
        if !self.methods.iter().any(|(own, _)| *own == name) {
            self.methods.push((name, State::default()));
        }
        let mut methods = self.methods.iter_mut();
        methods.find_map(|(own, state)| (*own == name).then_some(state))
    }

    pub(crate) fn start(&mut self, name: &'static str, cx: &Context<'_>) -> Step {
        let Some(state) = self.state(name) else {
            return Step::Idle;
        };
        state.attempts = state.attempts.saturating_add(1);
        let need = NeedMethodRequest {
            question: cx.question,
            login: Arc::clone(cx.login),
            method: name,
            attempt: state.attempts,
            previous: state.previous,
        };
        let stage = Stage::AskingRequest;
        let attempt = AnyAttempt::Other(Attempt { name, stage });
        Step::Ask(Question::MethodRequest(need), attempt)
    }

    pub(crate) fn on_reply(
        &self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        let Stage::Awaiting { rounds } = attempt.stage else {
            return Err(ProtocolErrorKind::Unexpected);
        };
        let limit = cx.config.bounds().max_rounds;
        if rounds >= limit {
            return Err(ProtocolErrorKind::TooManyRounds { limit });
        }
        let rounds = rounds + 1;
        let need = NeedMethodMessage {
            question: cx.question,
            login: Arc::clone(cx.login),
            method: attempt.name,
            round: rounds,
            number: message.number(),
            body: message.body().into(),
        };
        let attempt = AnyAttempt::Other(Attempt {
            stage: Stage::AskingMessage { rounds },
            ..attempt
        });
        Ok(Step::Ask(Question::MethodMessage(need), attempt))
    }

    pub(crate) fn on_answer(&mut self, attempt: Attempt, reply: Reply, cx: &Context<'_>) -> Step {
        let name = attempt.name;
        let awaiting = |rounds| {
            let stage = Stage::Awaiting { rounds };
            AnyAttempt::Other(Attempt { name, stage })
        };
        let (payload, proof) = match (attempt.stage, &reply) {
            (Stage::AskingRequest, Reply::MethodData(data)) => {
                let request = cx.login.request(RequestMethod::Other {
                    name: name.as_bytes(),
                    data: data.expose(),
                });
                (cx.payload(&request, Content::Secret), proof_in(data))
            }
            (Stage::AskingMessage { .. }, Reply::MethodMessage(number, body)) => {
                let message = MethodMessage::new(*number, body.expose());
                let payload = message.and_then(|message| cx.payload(&message, Content::Secret));
                (payload, proof_in(body))
            }
            (Stage::AskingMessage { rounds }, Reply::Silence) => {
                return Step::Wait(awaiting(rounds), None);
            }
            _ => return self.give_up(name, Out::Declined),
        };
        let Some(payload) = payload else {
            return self.give_up(name, Out::TooLong);
        };
        match attempt.stage {
            Stage::AskingMessage { rounds } | Stage::Awaiting { rounds } => {
                Step::Send(Outgoing::continuation(payload, awaiting(rounds), proof))
            }
            Stage::AskingRequest => {
                let subject = Subject::of(Method::Other(name));
                Step::Send(Outgoing::request(payload, awaiting(0), subject, proof))
            }
        }
    }

    fn give_up(&mut self, name: &'static str, out: Out) -> Step {
        if let Some(state) = self.state(name) {
            state.out = Some(out);
        }
        Step::Idle
    }

    pub(crate) fn on_failure(&mut self, attempt: &Attempt, verdict: Verdict, cx: &Context<'_>) {
        let limit = cx.config.bounds().max_other_tries;
        let is_silent = attempt.stage == Stage::Awaiting { rounds: 0 };
        let is_guess = is_silent && cx.is_not_offered(Method::Other(attempt.name));
        let Some(state) = self.state(attempt.name) else {
            return;
        };
        match verdict {
            // It came before it was wanted.
            Verdict::Refused if is_guess => {}
            Verdict::PartialSuccess => state.previous = Some(PreviousAttempt::Accepted),
            Verdict::Refused => {
                state.previous = Some(PreviousAttempt::Refused);
                state.refusals = state.refusals.saturating_add(1);
                if state.refusals >= limit {
                    state.out = Some(Out::TriesSpent);
                }
            }
        }
    }
}

/// Nobody here knows what the bytes mean, so that any may be a proof; where there are none, there
/// is none, as in a response without answers.
fn proof_in(bytes: &Secret) -> Proof {
    match bytes.is_empty() {
        true => Proof::Nothing,
        false => Proof::Something,
    }
}
