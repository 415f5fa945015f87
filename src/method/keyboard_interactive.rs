//! The method `keyboard-interactive` (RFC 4256): its question, and the rounds of prompts.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::iter;

use crate::error::ProtocolErrorKind;
use crate::method::password::NeedPassword;
use crate::method_name::Method;
use crate::notice::Notice;
use crate::payload::{Content, Evidence};
use crate::question::{Answer, AnswerContent, Attempt, Rejected, Rejection, Ticket, of_ticket};
use crate::report::{AttemptRecord, Unavailable};
use crate::run::{Asks, Begun, Run, Stop, encode};
use crate::secret::Secret;
use crate::text::ServerText;
use crate::wire::{InfoRequestView, MethodMessage, RequestMethod, Responses, number};

/// Answers to the server's prompts (RFC 4256 section 3.2).
///
/// There is at least one prompt: the client answers a round without prompts by itself.
///
/// ```
/// # fn answer(need: ssh_userauth::NeedAnswers, ask: impl Fn(&str, bool) -> String)
/// # -> ssh_userauth::Answer {
/// println!("{}", need.instruction().display());
/// need.answer_each(|prompt| ask(&prompt.text().display().to_string(), prompt.echo()))
/// # }
/// ```
#[derive(Debug)]
#[must_use = "the client waits until this question is answered or declined"]
#[cfg_attr(test, derive(Clone))]
pub struct NeedAnswers {
    ticket: Ticket,
    attempt: u32,
    round: u32,
    asked: Arc<Asked>,
}

/// What the server asks in one round.
#[derive(Debug)]
struct Asked {
    name: ServerText,
    instruction: ServerText,
    language: ServerText,
    prompts: Vec<Prompt>,
}

/// One prompt of the server.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Prompt {
    text: ServerText,
    echo: bool,
}

impl Prompt {
    /// The server's words, possibly empty.
    #[must_use]
    pub fn text(&self) -> &ServerText {
        &self.text
    }

    /// Whether the answer may be seen while it is typed (RFC 4256 section 3.3: "the
    /// corresponding echo field indicates whether the user input should be echoed as characters
    /// are typed").
    #[must_use]
    pub fn echo(&self) -> bool {
        self.echo
    }
}

impl NeedAnswers {
    of_ticket!();

    /// Which exchange of this run it is, counted from 1.
    #[must_use]
    pub fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Which round of this exchange, counted from 1. Rounds without prompts count.
    #[must_use]
    pub fn round(&self) -> u32 {
        self.round
    }

    /// The title, often empty.
    #[must_use]
    pub fn name(&self) -> &ServerText {
        &self.asked.name
    }

    /// Text to show above the prompts, often empty. May hold a link to follow or a code.
    #[must_use]
    pub fn instruction(&self) -> &ServerText {
        &self.asked.instruction
    }

    /// The language tag (RFC 3066), usually empty.
    #[must_use]
    pub fn language(&self) -> &ServerText {
        &self.asked.language
    }

    /// The prompts, in the order in which they are to be answered.
    #[must_use]
    pub fn prompts(&self) -> &[Prompt] {
        &self.asked.prompts
    }

    /// Answers each prompt in turn.
    pub fn answer_each<S: Into<Secret>>(self, mut answer: impl FnMut(&Prompt) -> S) -> Answer {
        let answers = self.prompts().iter().map(|prompt| answer(prompt).into());
        let answers = AnswerContent::Answers(answers.collect());
        self.ticket.answer(answers)
    }

    /// Answers each prompt in turn; the first `None` declines the whole.
    pub fn answer_each_or_decline<S: Into<Secret>>(
        self,
        mut answer: impl FnMut(&Prompt) -> Option<S>,
    ) -> Answer {
        let answers = self.prompts().iter();
        let answers = answers.map(|prompt| answer(prompt).map(Into::into));
        match answers.collect::<Option<_>>() {
            Some(answers) => self.ticket.answer(AnswerContent::Answers(answers)),
            None => self.decline(),
        }
    }

    /// All answers at once, one for each prompt.
    ///
    /// # Errors
    /// There are more or fewer answers than prompts (RFC 4256 section 3.4: "If the num-responses
    /// field does not match the num-prompts field in the request message, the server MUST send a
    /// failure message.").
    pub fn answers<S: Into<Secret>>(
        self,
        answers: impl IntoIterator<Item = S>,
    ) -> Result<Answer, Rejected<Self>> {
        let given: Vec<Secret> = answers.into_iter().map(Into::into).collect();
        let (answers, prompts) = (given.len(), self.prompts().len());
        if answers == prompts {
            return Ok(self.ticket.answer(AnswerContent::Answers(given)));
        }
        let declined = self.ticket.clone().answer(AnswerContent::Declined);
        let reason = Rejection::WrongCount { answers, prompts };
        Err(Rejected::new(self, declined, reason))
    }

    /// No answers: the exchange is abandoned, and the method is not tried again in this run.
    pub fn decline(self) -> Answer {
        self.ticket.answer(AnswerContent::Declined)
    }
}

/// One exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Dialogue {
    /// Rounds that the server has begun.
    rounds: u32,
    prompted: Prompted,
}

/// Whether anybody was asked anything in this exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Prompted {
    NotYet,
    /// In an earlier round; the latest has no prompts.
    Before,
    InThisRound,
}

impl Dialogue {
    pub(crate) fn has_prompted(self) -> bool {
        self.prompted != Prompted::NotYet
    }

    /// Whether somebody was asked in the latest round.
    pub(crate) fn has_prompted_last(self) -> bool {
        self.prompted == Prompted::InThisRound
    }
}

/// What is remembered of all exchanges.
#[derive(Debug, Default)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct KeyboardInteractive {
    open: Option<Open>,
    /// Whether the password has answered a prompt in this run.
    bridged: bool,
}

/// The question that is open.
#[derive(Clone, Debug)]
enum Open {
    Answers(Attempt, Arc<Asked>),
    /// The password, which is to answer this prompt.
    Password(Attempt, ServerText),
}

impl KeyboardInteractive {
    pub(crate) fn start<Q>(run: &mut Run<Q>) -> Result<Begun<Dialogue>, Unavailable> {
        let context = &run.context;
        // RFC 4256 section 3.1: the language tag "is deprecated" in the request and "SHOULD be
        // the empty string".
        let request = context.login.request(RequestMethod::KeyboardInteractive {
            language: b"",
            submethods: context.config().submethods.as_bytes(),
        });
        let payload = encode(&request, Content::Open, Evidence::Nothing)?;
        let dialogue = Dialogue {
            rounds: 0,
            prompted: Prompted::NotYet,
        };
        let attempt = AttemptRecord::proof(Method::KeyboardInteractive);
        Ok(run.request(attempt, payload, dialogue))
    }

    pub(crate) fn on_reply(
        &mut self,
        dialogue: Dialogue,
        message: &MethodMessage<'_>,
        attempt: Attempt,
        bridge: Option<Attempt>,
        run: &mut Run<impl Asks<NeedAnswers> + Asks<NeedPassword>>,
    ) -> Result<Begun<Dialogue>, Stop> {
        if message.number() != number::USERAUTH_INFO_REQUEST {
            return Err(ProtocolErrorKind::Unexpected.into());
        }
        let request = InfoRequestView::decode(message)?;
        let limits = run.context.limits();
        let (count, limit) = (request.count(), limits.max_prompts);
        if count > limit {
            return Err(ProtocolErrorKind::TooManyPrompts { count, limit }.into());
        }
        let limit = limits.max_rounds;
        if dialogue.rounds >= limit {
            return Err(ProtocolErrorKind::TooManyRounds { limit }.into());
        }
        let dialogue = Dialogue {
            rounds: dialogue.rounds + 1,
            ..dialogue
        };
        if count == 0 {
            return Ok(answer_nothing(dialogue, &request, run)?);
        }
        let dialogue = Dialogue {
            prompted: Prompted::InThisRound,
            ..dialogue
        };
        let asked = Asked::from(&request);
        self.open = Some(match (bridge, &asked.prompts[..]) {
            // A server that could have the password asked twice, or later, would harvest passwords.
            (Some(attempt), [prompt]) if dialogue.rounds == 1 && !prompt.echo && !self.bridged => {
                self.bridged = true;
                Open::Password(attempt, prompt.text.clone())
            }
            _ => Open::Answers(attempt, Arc::new(asked)),
        });
        self.ask(dialogue, run)
            .ok_or_else(|| ProtocolErrorKind::Unexpected.into())
    }

    /// Asks what is open, for the first time or once more.
    pub(crate) fn ask(
        &self,
        dialogue: Dialogue,
        run: &mut Run<impl Asks<NeedAnswers> + Asks<NeedPassword>>,
    ) -> Option<Begun<Dialogue>> {
        let ticket = run.ticket();
        Some(match self.open.clone()? {
            Open::Password(attempt, prompt) => {
                let need = NeedPassword::new(ticket, attempt, Some(prompt));
                run.ask(need, dialogue)
            }
            Open::Answers(attempt, asked) => {
                let need = NeedAnswers {
                    ticket,
                    attempt: attempt.number,
                    round: dialogue.rounds,
                    asked,
                };
                run.ask(need, dialogue)
            }
        })
    }

    pub(crate) fn on_answer<Q>(
        &mut self,
        dialogue: Dialogue,
        answer: AnswerContent,
        run: &mut Run<Q>,
    ) -> Result<Begun<Dialogue>, Unavailable> {
        self.open = None;
        let answers = match answer {
            AnswerContent::Answers(answers) => answers,
            AnswerContent::Password(password) => iter::once(password).collect(),
            _ => return Err(Unavailable::Declined),
        };
        let evidence = if answers.iter().all(Secret::is_empty) {
            Evidence::EmptyAnswers
        } else {
            Evidence::Something
        };
        respond(dialogue, &answers, evidence, run)
    }
}

/// RFC 4256 section 3.4: "In the case that the server sends a `0' num-prompts field in the
/// request message, the client MUST send a response message with a `0' num-responses field to
/// complete the exchange." PAM often has such a last round, and nobody needs to be bothered;
/// section 3.2: "the client SHOULD still display the name and instruction fields".
fn answer_nothing<Q>(
    dialogue: Dialogue,
    request: &InfoRequestView<'_>,
    run: &mut Run<Q>,
) -> Result<Begun<Dialogue>, Unavailable> {
    // A language alone is nothing to show.
    if !request.name.is_empty() || !request.instruction.is_empty() {
        run.notify(Notice::Instruction {
            name: ServerText::new(request.name),
            instruction: ServerText::new(request.instruction),
            language: ServerText::new(request.language),
        });
    }
    let prompted = match dialogue.prompted {
        Prompted::NotYet => Prompted::NotYet,
        Prompted::Before | Prompted::InThisRound => Prompted::Before,
    };
    let dialogue = Dialogue {
        prompted,
        ..dialogue
    };
    respond(dialogue, &[], Evidence::Nothing, run)
}

fn respond<Q>(
    dialogue: Dialogue,
    answers: &[Secret],
    evidence: Evidence,
    run: &mut Run<Q>,
) -> Result<Begun<Dialogue>, Unavailable> {
    let response = Responses(answers.iter().map(Secret::expose));
    let payload = encode(&response, Content::Secret, evidence)?;
    Ok(run.continue_with(payload, dialogue))
}

impl From<&InfoRequestView<'_>> for Asked {
    fn from(request: &InfoRequestView<'_>) -> Self {
        let prompts = request.prompts().map(|prompt| Prompt {
            text: ServerText::new(prompt.text),
            echo: prompt.echo,
        });
        Self {
            name: ServerText::new(request.name),
            instruction: ServerText::new(request.instruction),
            language: ServerText::new(request.language),
            prompts: prompts.collect(),
        }
    }
}

/// The words of the server decide nothing.
#[cfg(test)]
impl core::hash::Hash for KeyboardInteractive {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.bridged.hash(state);
    }
}
