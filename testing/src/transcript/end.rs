//! `=`: how it ends.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::scene::Scene;
use crate::transcript::notice::{FactorWord, list, remaining};
use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{Authenticated, GiveUp, ProtocolError};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EndLine {
    Start {
        service: String,
        proof: ProofWord,
        factors: Vec<FactorWord>,
    },
    GiveUp {
        code: u32,
        /// The name of an [`Ending`](ssh_userauth::Ending).
        ending: String,
        remaining: Option<String>,
    },
    ProtocolError {
        /// The name of a [`ProtocolErrorKind`](ssh_userauth::ProtocolErrorKind).
        kind: String,
    },
}

/// What was proved, where that is little.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProofWord {
    Trivial,
    EmptyAnswers,
    Something,
}

impl EndLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("how it ends")?;
        Ok(match what.as_str() {
            "start" => Self::Start {
                service: words.text("service")?,
                proof: if words.keyword("trivial") {
                    ProofWord::Trivial
                } else if words.keyword("empty-answers") {
                    ProofWord::EmptyAnswers
                } else {
                    ProofWord::Something
                },
                factors: factors(&String::from_utf8_lossy(&words.behind("factors")?))?,
            },
            "give-up" => Self::GiveUp {
                code: words.number("reason")?,
                ending: words.text("ending")?,
                remaining: remaining(words)?,
            },
            "protocol-error" => Self::ProtocolError {
                kind: words.text("kind of error")?,
            },
            other => return Err(alloc::format!("nothing ends with {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("=");
        let sentence = match self {
            Self::Start {
                service,
                proof,
                factors,
            } => {
                let sentence = sentence.word("start").value(service);
                let sentence = match proof {
                    ProofWord::Trivial => sentence.word("trivial"),
                    ProofWord::EmptyAnswers => sentence.word("empty-answers"),
                    ProofWord::Something => sentence,
                };
                let factors: Vec<String> = factors.iter().map(FactorWord::print).collect();
                sentence.behind("factors", factors.join(",").as_bytes())
            }
            Self::GiveUp {
                code,
                ending,
                remaining,
            } => {
                let sentence = sentence.word("give-up").number(code).value(ending);
                match remaining {
                    Some(list) => sentence.word("remaining").value(list),
                    None => sentence,
                }
            }
            Self::ProtocolError { kind } => sentence.word("protocol-error").value(kind),
        };
        sentence.finish()
    }

    pub(crate) fn started(done: &Authenticated, scene: &Scene) -> Self {
        let factors = done.factors().iter();
        Self::Start {
            service: done.service().to_string(),
            proof: if done.is_trivial() {
                ProofWord::Trivial
            } else if done.all_answers_empty() {
                ProofWord::EmptyAnswers
            } else {
                ProofWord::Something
            },
            factors: factors.map(|each| FactorWord::of(each, scene)).collect(),
        }
    }

    pub(crate) fn given_up(why: &GiveUp) -> Self {
        Self::GiveUp {
            code: why.disconnect_reason().code(),
            ending: variant(&why.ending()),
            remaining: why.remaining().map(list),
        }
    }

    pub(crate) fn failed(error: &ProtocolError) -> Self {
        Self::ProtocolError {
            kind: variant(error.kind()),
        }
    }
}

fn factors(list: &str) -> Parsed<Vec<FactorWord>> {
    list.split(',')
        .filter(|word| !word.is_empty())
        .map(FactorWord::parse)
        .collect()
}

/// The name of a variant, without its fields.
pub(crate) fn variant(value: &impl core::fmt::Debug) -> String {
    let text = alloc::format!("{value:?}");
    let end = text.find(|next: char| !next.is_ascii_alphanumeric());
    text.get(..end.unwrap_or(text.len()))
        .unwrap_or_default()
        .to_string()
}
