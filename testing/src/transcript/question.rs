//! `?`: what we ask the caller.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::names::{check_method, mechanism, mechanism_word};
use crate::scene::Scene;
use crate::transcript::dialogue::Dialogue;
use crate::transcript::server::message_number;
use crate::transcript::setting::methods;
use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{Action, Method, PreviousAttempt};

mod signed;

use signed::{MicLine, SignatureLine, Signer};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QuestionLine {
    PublicKey {
        offered: usize,
    },
    Signature(SignatureLine),
    Password {
        attempt: u32,
        previous: Option<PreviousAttempt>,
        /// The prompt that it is to answer.
        prompt: Option<Vec<u8>>,
    },
    NewPassword {
        attempt: u32,
        prompt: Vec<u8>,
        language: Vec<u8>,
    },
    Answers {
        attempt: u32,
        round: u32,
        dialogue: Dialogue,
    },
    GssapiToken {
        mechanism: Vec<u8>,
        step: u32,
        input: Option<Vec<u8>>,
    },
    GssapiMic(MicLine),
    Method(Vec<String>),
    MethodRequest {
        method: String,
        attempt: u32,
        previous: Option<PreviousAttempt>,
    },
    MethodMessage {
        method: String,
        round: u32,
        number: u8,
        body: Vec<u8>,
    },
}

impl QuestionLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what we ask")?;
        Ok(match what.as_str() {
            "public-key" => Self::PublicKey {
                offered: count(words, "offered", 0)?,
            },
            "signature" => Self::Signature(SignatureLine::parse(Signer::User, words)?),
            "host-signature" => Self::Signature(SignatureLine::parse(Signer::Host, words)?),
            "password" => Self::Password {
                attempt: words.number("attempt")?,
                previous: previous(words)?,
                prompt: match words.keyword("prompt") {
                    true => Some(words.bytes("prompt")?),
                    false => None,
                },
            },
            "new-password" => Self::NewPassword {
                attempt: words.number("attempt")?,
                prompt: words.bytes("prompt")?,
                language: words.behind("language")?,
            },
            "answers" => Self::Answers {
                attempt: count(words, "attempt", 1)?,
                round: count(words, "round", 1)?,
                dialogue: Dialogue::parse(words)?,
            },
            "gssapi-token" => Self::GssapiToken {
                mechanism: mechanism(&words.text("mechanism")?)?,
                step: words.number("step")?,
                input: words.hex_behind("input")?,
            },
            "gssapi-mic" => Self::GssapiMic(MicLine::parse(words)?),
            "method" => Self::Method(methods(words)?),
            "method-request" => Self::MethodRequest {
                method: check_method(words.text("name of a method")?)?,
                attempt: words.number("attempt")?,
                previous: previous(words)?,
            },
            "method-message" => Self::MethodMessage {
                method: check_method(words.text("name of a method")?)?,
                round: words.number("round")?,
                number: message_number(words)?,
                body: words.optional_hex()?,
            },
            other => return Err(alloc::format!("we never ask for {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("?");
        let sentence = match self {
            Self::PublicKey { offered } => {
                print_count(sentence.word("public-key"), "offered", *offered, 0)
            }
            Self::Signature(line) => line.print(sentence),
            Self::Password {
                attempt,
                previous,
                prompt,
            } => {
                let sentence = sentence.word("password").number(attempt);
                let sentence = print_previous(sentence, *previous);
                match prompt {
                    Some(prompt) => sentence.word("prompt").value(prompt),
                    None => sentence,
                }
            }
            Self::NewPassword {
                attempt,
                prompt,
                language,
            } => sentence
                .word("new-password")
                .number(attempt)
                .value(prompt)
                .behind("language", language),
            Self::Answers {
                attempt,
                round,
                dialogue,
            } => {
                let sentence = print_count(sentence.word("answers"), "attempt", *attempt, 1);
                dialogue.print(print_count(sentence, "round", *round, 1))
            }
            Self::GssapiToken {
                mechanism,
                step,
                input,
            } => sentence
                .word("gssapi-token")
                .value(mechanism_word(mechanism))
                .number(step)
                .hex_behind("input", input.as_deref()),
            Self::GssapiMic(line) => line.print(sentence.word("gssapi-mic")),
            Self::Method(choices) => sentence.word("method").value(choices.join(",")),
            Self::MethodRequest {
                method,
                attempt,
                previous,
            } => {
                let sentence = sentence.word("method-request").value(method);
                print_previous(sentence.number(attempt), *previous)
            }
            Self::MethodMessage {
                method,
                round,
                number,
                body,
            } => {
                let sentence = sentence.word("method-message").value(method);
                sentence.number(round).number(number).optional_hex(body)
            }
        };
        sentence.finish()
    }

    /// The line of an action, if it is a question.
    pub(crate) fn of(action: &Action, scene: &Scene) -> Option<Self> {
        Some(match action {
            Action::NeedPublicKey(need) => Self::PublicKey {
                offered: need.offered(),
            },
            Action::NeedSignature(need) => Self::Signature(SignatureLine::of(need, scene)),
            Action::NeedHostSignature(need) => Self::Signature(SignatureLine::of_host(need, scene)),
            Action::NeedPassword(need) => Self::Password {
                attempt: need.attempt(),
                previous: need.previous(),
                prompt: need.prompt().map(|prompt| prompt.raw().to_vec()),
            },
            Action::NeedNewPassword(need) => Self::NewPassword {
                attempt: need.attempt(),
                prompt: need.prompt().raw().to_vec(),
                language: need.language().raw().to_vec(),
            },
            Action::NeedAnswers(need) => Self::Answers {
                attempt: need.attempt(),
                round: need.round(),
                dialogue: Dialogue::of(need),
            },
            Action::NeedGssapiToken(need) => Self::GssapiToken {
                mechanism: need.mechanism().to_vec(),
                step: need.step(),
                input: need.input().map(<[u8]>::to_vec),
            },
            Action::NeedGssapiMic(need) => Self::GssapiMic(MicLine::of(need, scene)),
            Action::NeedMethod(need) => {
                let names = need.choices().iter().map(Method::to_string);
                Self::Method(names.collect())
            }
            Action::NeedMethodRequest(need) => Self::MethodRequest {
                method: need.method().to_string(),
                attempt: need.attempt(),
                previous: need.previous(),
            },
            Action::NeedMethodMessage(need) => Self::MethodMessage {
                method: need.method().to_string(),
                round: need.round(),
                number: need.number(),
                body: need.body().to_vec(),
            },
            _ => return None,
        })
    }

    /// Without what goes without saying.
    pub(crate) fn normal(&self, scene: &Scene) -> Self {
        match self {
            Self::Signature(line) => Self::Signature(line.normal(scene)),
            Self::GssapiMic(line) => Self::GssapiMic(line.normal(scene)),
            other => other.clone(),
        }
    }
}

/// What became of the attempt before.
fn previous(words: &mut Words) -> Parsed<Option<PreviousAttempt>> {
    match words.optional_text()?.as_deref() {
        None => Ok(None),
        Some("refused") => Ok(Some(PreviousAttempt::Refused)),
        Some("accepted") => Ok(Some(PreviousAttempt::Accepted)),
        Some(other) => Err(alloc::format!("{other:?} is neither refused nor accepted")),
    }
}

fn print_previous(sentence: Sentence, previous: Option<PreviousAttempt>) -> Sentence {
    match previous {
        Some(PreviousAttempt::Refused) => sentence.word("refused"),
        Some(PreviousAttempt::Accepted) => sentence.word("accepted"),
        _ => sentence,
    }
}

/// A number behind a keyword, and what it is if it isn't written.
fn count<N: core::str::FromStr>(words: &mut Words, keyword: &str, usual: N) -> Parsed<N> {
    if words.keyword(keyword) {
        words.number(keyword)
    } else {
        Ok(usual)
    }
}

fn print_count<N>(sentence: Sentence, keyword: &str, number: N, usual: N) -> Sentence
where
    N: core::fmt::Display + PartialEq,
{
    if number == usual {
        sentence
    } else {
        sentence.word(keyword).number(number)
    }
}
