//! `?`: what we ask the caller.

use alloc::string::String;
use alloc::vec::Vec;

use crate::action::Action;
use crate::question::{NeedSignature, PreviousAttempt};
use crate::testing::keys::check_name;
use crate::testing::scene::Scene;
use crate::testing::transcript::dialogue::Dialogue;
use crate::testing::transcript::words::{Parsed, Sentence, Words, to_hex, unhex};
use crate::wire::{PublicKeySignatureData, encode_exact};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum QuestionLine {
    PublicKey {
        offered: usize,
    },
    Signature(SignatureLine),
    Password {
        attempt: u32,
        previous: Option<PreviousAttempt>,
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
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SignatureLine {
    key: String,
    /// The algorithm, if it isn't the type of the key.
    algorithm: Option<String>,
    host_bound: bool,
    /// The data to sign, if they are not what the rest of the line means.
    data: Option<Vec<u8>>,
}

impl QuestionLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what we ask")?;
        Ok(match what.as_str() {
            "public-key" => Self::PublicKey {
                offered: count(words, "offered", 0)?,
            },
            "signature" => Self::Signature(SignatureLine::parse(words)?),
            "password" => Self::Password {
                attempt: words.number("attempt")?,
                previous: match words.optional_text()?.as_deref() {
                    None => None,
                    Some("refused") => Some(PreviousAttempt::Refused),
                    Some("accepted") => Some(PreviousAttempt::Accepted),
                    Some(other) => {
                        return Err(alloc::format!("{other:?} is neither refused nor accepted"));
                    }
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
            other => return Err(alloc::format!("we never ask for {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("?");
        let sentence = match self {
            Self::PublicKey { offered } => {
                print_count(sentence.word("public-key"), "offered", *offered, 0)
            }
            Self::Signature(line) => line.print(sentence.word("signature")),
            Self::Password { attempt, previous } => {
                let sentence = sentence.word("password").number(attempt);
                match previous {
                    None => sentence,
                    Some(PreviousAttempt::Refused) => sentence.word("refused"),
                    Some(PreviousAttempt::Accepted) => sentence.word("accepted"),
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
            Action::NeedPassword(need) => Self::Password {
                attempt: need.attempt(),
                previous: need.previous(),
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
            Action::SendRequest(_)
            | Action::Notify(_)
            | Action::StartService(_)
            | Action::GiveUp(_) => return None,
        })
    }

    /// Without what goes without saying.
    pub(crate) fn normal(&self, scene: &Scene) -> Self {
        match self {
            Self::Signature(line) => {
                let algorithm = scene.algorithm(&line.key, line.algorithm.as_ref());
                Self::Signature(SignatureLine {
                    algorithm: scene.said(&line.key, &algorithm),
                    ..line.clone()
                })
            }
            other => other.clone(),
        }
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

impl SignatureLine {
    fn parse(words: &mut Words) -> Parsed<Self> {
        Ok(Self {
            key: check_name(words.text("key")?)?,
            algorithm: words.optional_text()?,
            host_bound: words.keyword("host-bound"),
            data: if words.keyword("data") {
                Some(unhex(&words.text("data")?)?)
            } else {
                None
            },
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence.word(&self.key).values(self.algorithm.as_ref());
        let sentence = if self.host_bound {
            sentence.word("host-bound")
        } else {
            sentence
        };
        match &self.data {
            Some(data) => sentence.word("data").word(&to_hex(data)),
            None => sentence,
        }
    }

    fn of(need: &NeedSignature, scene: &Scene) -> Self {
        let key = scene.keys.name(need.identity().blob());
        let host_bound = need.context().is_host_bound();
        let host_key = scene.host_key.as_ref().map(|name| scene.keys.blob(name));
        let meant = encode_exact(&PublicKeySignatureData {
            session_id: &scene.session_id,
            user: &scene.user,
            service: scene.service.as_bytes(),
            algorithm: need.algorithm().as_bytes(),
            key: need.identity().blob(),
            host_key: host_key.as_deref().filter(|_| host_bound),
        });
        let is_meant = meant.is_ok_and(|meant| meant == need.data());
        Self {
            algorithm: scene.said(&key, need.algorithm()),
            key,
            host_bound,
            data: (!is_meant).then(|| need.data().to_vec()),
        }
    }
}
