//! `=>`: how an input was received, where that is not the usual way.

use alloc::string::String;

use crate::transcript::words::{Parsed, Sentence};
use ssh_userauth::AnswerError;

/// How an input was received.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// As it should be; not written.
    #[default]
    Taken,
    /// The packet belongs to another layer, or came after the end.
    NotOurs,
    /// The question is no longer open.
    Withdrawn,
    OtherConnection,
    TooLong,
    WrongCount,
    /// A signature that was meant to be good is not.
    BadSignature,
    /// The method that was chosen is none of the choices.
    NotAChoice,
    /// The message has a number that is no method's.
    BadNumber,
    /// No question of this kind is open.
    NotAsked,
}

const WORDS: [(&str, Outcome); 9] = [
    ("not-ours", Outcome::NotOurs),
    ("withdrawn", Outcome::Withdrawn),
    ("other-connection", Outcome::OtherConnection),
    ("too-long", Outcome::TooLong),
    ("wrong-count", Outcome::WrongCount),
    ("bad-signature", Outcome::BadSignature),
    ("not-a-choice", Outcome::NotAChoice),
    ("bad-number", Outcome::BadNumber),
    ("not-asked", Outcome::NotAsked),
];

impl Outcome {
    pub(crate) fn parse(word: Option<String>) -> Parsed<Self> {
        let Some(word) = word else {
            return Ok(Self::Taken);
        };
        let known = WORDS.iter().find(|(known, _)| *known == word);
        known
            .map(|(_, outcome)| *outcome)
            .ok_or_else(|| alloc::format!("there is no outcome {word:?}"))
    }

    pub(crate) fn print(self, sentence: Sentence) -> String {
        let known = WORDS.iter().find(|(_, outcome)| *outcome == self);
        match known {
            Some((word, _)) => sentence.word("=>").word(word),
            None => sentence,
        }
        .finish()
    }
}

impl From<Result<(), AnswerError>> for Outcome {
    fn from(result: Result<(), AnswerError>) -> Self {
        match result {
            Ok(()) => Self::Taken,
            Err(AnswerError::Withdrawn) => Self::Withdrawn,
            Err(AnswerError::OtherConnection) => Self::OtherConnection,
            Err(_) => Self::TooLong,
        }
    }
}
