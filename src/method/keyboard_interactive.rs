//! The method `keyboard-interactive` (RFC 4256): rounds of prompts.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::iter;

use crate::config::PasswordBridge;
use crate::error::ProtocolErrorKind;
use crate::method::{Attempt as AnyAttempt, Context, Method, Out, Outgoing, Step, Verdict};
use crate::method_list::MethodList;
use crate::notice::Notice;
use crate::payload::{Content, Proof};
use crate::question::{
    Echo, NeedAnswers, NeedPassword, PreviousAttempt, Prompt, Question, Reply, Texts,
};
use crate::report::Subject;
use crate::secret::Secret;
use crate::text::ServerText;
use crate::wire::{self, InfoRequestView, MethodMessage, RequestMethod, Responses};

/// What is remembered between exchanges.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeyboardInteractive {
    exchanges: u32,
    refusals: u32,
    bridged: Bridged,
    out: Option<Out>,
}

/// Whether the password has answered a prompt in this run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
enum Bridged {
    #[default]
    NotYet,
    Yes,
}

/// Whether the password may answer the prompt of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bridge {
    /// It may; what became of the password before, if the method password was tried.
    Open(Option<PreviousAttempt>),
    Closed,
}

/// One exchange, while it lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Attempt {
    /// Rounds that the server has begun.
    rounds: u32,
    prompted: Prompted,
    /// Who has the word.
    turn: Turn,
}

/// Whether anybody was asked anything in this exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Prompted {
    NotYet,
    /// In a round before this one, which has no prompts.
    Before,
    InThisRound,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Turn {
    Server,
    Caller,
}

impl Attempt {
    fn asking(self) -> AnyAttempt {
        AnyAttempt::KeyboardInteractive(Self {
            prompted: Prompted::InThisRound,
            turn: Turn::Caller,
            ..self
        })
    }

    /// Whether somebody was asked in the latest round.
    pub(crate) fn was_asked(&self) -> bool {
        self.prompted == Prompted::InThisRound
    }

    #[cfg(test)]
    pub(crate) fn is_asking(&self) -> bool {
        self.turn == Turn::Caller
    }
}

impl KeyboardInteractive {
    pub(crate) fn refusals(&self) -> u32 {
        self.refusals
    }

    pub(crate) fn spend_tries(&mut self) {
        self.out = self.out.or(Some(Out::TriesSpent));
    }

    pub(crate) fn standing(&self, cx: &Context<'_>) -> Result<(), Out> {
        cx.confidential()?;
        self.out.map_or(Ok(()), Err)
    }

    pub(crate) fn start(&mut self, cx: &Context<'_>) -> Step {
        self.exchanges = self.exchanges.saturating_add(1);
        // RFC 4256 section 3.1: the language tag "is deprecated" in the request and "SHOULD be
        // the empty string".
        let request = cx.login.request(RequestMethod::KeyboardInteractive {
            language: b"",
            submethods: cx.config.hinted_submethods().as_bytes(),
        });
        let Some(payload) = cx.payload(&request, Content::Open) else {
            self.out = Some(Out::TooLong);
            return Step::Idle;
        };
        let attempt = AnyAttempt::KeyboardInteractive(Attempt {
            rounds: 0,
            prompted: Prompted::NotYet,
            turn: Turn::Server,
        });
        let subject = Subject::of(Method::KeyboardInteractive);
        Step::Send(Outgoing::request(payload, attempt, subject, Proof::Nothing))
    }

    /// The bounds of the bridge: a server that could ask twice, or beside the method password,
    /// would harvest passwords.
    pub(crate) fn bridge(&self, password_was_refused: bool, cx: &Context<'_>) -> Bridge {
        let lists_password = |list: &MethodList| list.contains(Method::Password);
        let listed = cx.listed.is_some_and(lists_password);
        if cx.config.password_bridge == PasswordBridge::HiddenSinglePromptOnce
            && self.bridged == Bridged::NotYet
            && (!listed || password_was_refused)
        {
            Bridge::Open(password_was_refused.then_some(PreviousAttempt::Refused))
        } else {
            Bridge::Closed
        }
    }

    pub(crate) fn on_reply(
        &mut self,
        attempt: Attempt,
        message: &MethodMessage<'_>,
        bridge: Bridge,
        cx: &Context<'_>,
    ) -> Result<Step, ProtocolErrorKind> {
        if message.number() != wire::number::USERAUTH_INFO_REQUEST || attempt.turn != Turn::Server {
            return Err(ProtocolErrorKind::Unexpected);
        }
        let request = InfoRequestView::decode(message)?;
        let limits = cx.config.bounds();
        if request.count() > limits.max_prompts {
            return Err(ProtocolErrorKind::TooManyPrompts {
                count: request.count(),
                limit: limits.max_prompts,
            });
        }
        if attempt.rounds >= limits.max_rounds {
            return Err(ProtocolErrorKind::TooManyRounds {
                limit: limits.max_rounds,
            });
        }
        let attempt = Attempt {
            rounds: attempt.rounds + 1,
            ..attempt
        };
        let Some(prompt) = request.prompts().next() else {
            return Ok(self.answer_nothing(attempt, &request, cx));
        };
        let is_password = attempt.rounds == 1 && request.count() == 1 && !prompt.echo;
        Ok(match bridge {
            Bridge::Open(previous) if is_password => {
                self.ask_password(attempt, &prompt, previous, cx)
            }
            Bridge::Open(_) | Bridge::Closed => self.ask(attempt, &request, cx),
        })
    }

    /// RFC 4256 section 3.4: "In the case that the server sends a `0' num-prompts field in the
    /// request message, the client MUST send a response message with a `0' num-responses field to
    /// complete the exchange." PAM often has such a last round, and nobody needs to be bothered;
    /// section 3.2: "the client SHOULD still display the name and instruction fields".
    fn answer_nothing(
        &mut self,
        attempt: Attempt,
        request: &InfoRequestView<'_>,
        cx: &Context<'_>,
    ) -> Step {
        let texts = texts(request).filter(|texts| {
            // A language alone is nothing to show.
            !texts.name.is_empty() || !texts.instruction.is_empty()
        });
        let notice = texts.map(|texts| {
            Box::new(Notice::Instruction {
                name: texts.name,
                instruction: texts.instruction,
                language: texts.language,
            })
        });
        let prompted = match attempt.prompted {
            Prompted::NotYet => Prompted::NotYet,
            Prompted::Before | Prompted::InThisRound => Prompted::Before,
        };
        let attempt = Attempt {
            prompted,
            ..attempt
        };
        self.respond(attempt, &[], Proof::Nothing, notice, cx)
    }

    fn ask(&self, attempt: Attempt, request: &InfoRequestView<'_>, cx: &Context<'_>) -> Step {
        let prompt = |prompt: wire::Prompt<'_>| Prompt {
            text: ServerText::new(prompt.text),
            echo: if prompt.echo { Echo::Show } else { Echo::Hide },
        };
        let need = NeedAnswers {
            question: cx.question,
            login: Arc::clone(cx.login),
            attempt: self.exchanges,
            round: attempt.rounds,
            texts: texts(request).map(Box::new),
            prompts: request.prompts().map(prompt).collect(),
        };
        Step::Ask(Question::Answers(need), attempt.asking())
    }

    fn ask_password(
        &mut self,
        attempt: Attempt,
        prompt: &wire::Prompt<'_>,
        previous: Option<PreviousAttempt>,
        cx: &Context<'_>,
    ) -> Step {
        self.bridged = Bridged::Yes;
        let need = NeedPassword {
            question: cx.question,
            login: Arc::clone(cx.login),
            attempt: self.exchanges,
            previous: previous.or_else(|| (self.refusals > 0).then_some(PreviousAttempt::Refused)),
            prompt: Some(ServerText::new(prompt.text)),
        };
        Step::Ask(Question::Password(need), attempt.asking())
    }

    pub(crate) fn on_answer(&mut self, attempt: Attempt, reply: Reply, cx: &Context<'_>) -> Step {
        let answers = match reply {
            Reply::Answers(_, answers) => answers,
            Reply::Password(_, password) => iter::once(password).collect(),
            _ => {
                self.out = Some(Out::Declined);
                return Step::Idle;
            }
        };
        let proof = if answers.iter().all(|answer| answer.is_empty()) {
            Proof::EmptyAnswers
        } else {
            Proof::Something
        };
        self.respond(attempt, &answers, proof, None, cx)
    }

    fn respond(
        &mut self,
        attempt: Attempt,
        answers: &[Secret],
        proof: Proof,
        notice: Option<Box<Notice>>,
        cx: &Context<'_>,
    ) -> Step {
        let response = Responses(answers.iter().map(Secret::expose));
        let Some(payload) = cx.payload(&response, Content::Secret) else {
            self.out = Some(Out::TooLong);
            return Step::Idle;
        };
        let attempt = AnyAttempt::KeyboardInteractive(Attempt {
            turn: Turn::Server,
            ..attempt
        });
        Step::Send(Outgoing {
            notice,
            ..Outgoing::continuation(payload, attempt, proof)
        })
    }

    pub(crate) fn on_failure(&mut self, attempt: &Attempt, verdict: Verdict, cx: &Context<'_>) {
        if verdict == Verdict::PartialSuccess {
            return;
        }
        if attempt.prompted == Prompted::NotYet {
            // Some servers list the method and can't do it; asking again would loop
            // (PowerShell/Win32-OpenSSH 1554, golang/crypto 297). One that was not listed may be
            // listed later, behind another factor: as if it had not been asked.
            if cx.is_not_offered(Method::KeyboardInteractive) {
                self.exchanges = self.exchanges.saturating_sub(1);
            } else {
                self.out = Some(Out::RefusedAtOnce);
            }
            return;
        }
        self.refusals = self.refusals.saturating_add(1);
        if self.refusals >= cx.config.bounds().max_keyboard_interactive_tries {
            self.out = Some(Out::TriesSpent);
        }
    }
}

/// What stands above the prompts, if anything does.
fn texts(request: &InfoRequestView<'_>) -> Option<Texts> {
    let texts = [request.name, request.instruction, request.language];
    let is_there = texts.iter().any(|text| !text.is_empty());
    is_there.then(|| Texts {
        name: ServerText::new(request.name),
        instruction: ServerText::new(request.instruction),
        language: ServerText::new(request.language),
    })
}

/// The number of exchanges is told in the question and decides nothing.
#[cfg(test)]
impl core::hash::Hash for KeyboardInteractive {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        (self.refusals, self.bridged, self.out).hash(state);
    }
}
