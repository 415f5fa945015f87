//! `!`: what the caller answers, and what else he does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::action::Action;
use crate::question::{Answer, NeedSignature};
use crate::secret::Secret;
use crate::testing::keys::{check_name, signature};
use crate::testing::scene::Scene;
use crate::testing::transcript::outcome::Outcome;
use crate::testing::transcript::words::{Parsed, Sentence, Words};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputLine {
    /// An answer to the newest question.
    Answer(Reply),
    /// An answer to the oldest question that is still unanswered.
    Late(Reply),
    Cancel,
    DeclinePending,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Offer(Vec<String>),
    OfferUnprobed(String),
    NoneLeft,
    Sign(String),
    /// A signature that carries this algorithm name.
    SignAs(String),
    SignMalformed,
    Password(Vec<u8>),
    Change {
        old: Vec<u8>,
        new: Vec<u8>,
    },
    Answers(Vec<Vec<u8>>),
    Decline,
}

/// A question that was not answered, and why.
pub(crate) type Unanswered = Box<(Action, Outcome)>;

impl InputLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        if words.keyword("cancel") {
            Ok(Self::Cancel)
        } else if words.keyword("decline-pending") {
            Ok(Self::DeclinePending)
        } else if words.keyword("late") {
            Reply::parse(words).map(Self::Late)
        } else {
            Reply::parse(words).map(Self::Answer)
        }
    }

    pub(crate) fn print(&self) -> Sentence {
        let sentence = Sentence::new("!");
        match self {
            Self::Answer(reply) => reply.print(sentence),
            Self::Late(reply) => reply.print(sentence.word("late")),
            Self::Cancel => sentence.word("cancel"),
            Self::DeclinePending => sentence.word("decline-pending"),
        }
    }
}

impl Reply {
    fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what the caller answers")?;
        Ok(match what.as_str() {
            "offer" => Self::Offer(names(words)?),
            "offer-unprobed" => Self::OfferUnprobed(check_name(words.text("key")?)?),
            "none-left" => Self::NoneLeft,
            "sign" => Self::Sign(check_name(words.text("signature")?)?),
            "sign-as" => Self::SignAs(words.text("algorithm")?),
            "sign-malformed" => Self::SignMalformed,
            "password" => Self::Password(words.bytes("password")?),
            "change" => Self::Change {
                old: words.bytes("old password")?,
                new: words.bytes("new password")?,
            },
            "answer" => Self::Answers(words.all_bytes()),
            "decline" => Self::Decline,
            other => return Err(alloc::format!("a caller never says {other:?}")),
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        match self {
            Self::Offer(keys) => sentence.word("offer").values(keys),
            Self::OfferUnprobed(key) => sentence.word("offer-unprobed").word(key),
            Self::NoneLeft => sentence.word("none-left"),
            Self::Sign(name) => sentence.word("sign").word(name),
            Self::SignAs(algorithm) => sentence.word("sign-as").value(algorithm),
            Self::SignMalformed => sentence.word("sign-malformed"),
            Self::Password(password) => sentence.word("password").value(password),
            Self::Change { old, new } => sentence.word("change").value(old).value(new),
            Self::Answers(answers) => sentence.word("answer").values(answers),
            Self::Decline => sentence.word("decline"),
        }
    }

    /// The answer to a question, or the question again.
    pub(crate) fn answer(&self, question: Action, scene: &Scene) -> Result<Answer, Unanswered> {
        match (self, question) {
            (Self::Offer(names), Action::NeedPublicKey(need)) => {
                let keys = names.iter().filter_map(|name| scene.keys.identity(name));
                let mut keys: Vec<_> = keys.collect();
                match keys.pop_if(|_| names.len() == 1) {
                    Some(key) => Ok(need.offer(key)),
                    None => Ok(need.offer_many(keys)),
                }
            }
            (Self::OfferUnprobed(name), Action::NeedPublicKey(need)) => {
                match scene.keys.identity(name) {
                    Some(key) => Ok(need.offer_unprobed(key)),
                    None => Ok(need.none_left()),
                }
            }
            (Self::NoneLeft, Action::NeedPublicKey(need)) => Ok(need.none_left()),
            (_, Action::NeedSignature(need)) => self.sign(need),
            (Self::Password(password), Action::NeedPassword(need)) => {
                Ok(need.password(Secret::new(password.clone())))
            }
            (Self::Change { old, new }, Action::NeedNewPassword(need)) => {
                Ok(need.change(Secret::new(old.clone()), Secret::new(new.clone())))
            }
            (Self::Answers(answers), Action::NeedAnswers(need)) => {
                let answers = answers.iter().cloned().map(Secret::new).collect();
                need.answers(answers).map_err(|wrong| {
                    let question = Action::NeedAnswers(wrong.into_question());
                    Box::new((question, Outcome::WrongCount))
                })
            }
            (Self::Decline, question) => decline(question),
            (_, question) => Err(Box::new((question, Outcome::NotAsked))),
        }
    }

    fn sign(&self, need: NeedSignature) -> Result<Answer, Unanswered> {
        let again = |need, outcome| Err(Box::new((Action::NeedSignature(need), outcome)));
        let blob = match self {
            Self::Sign(name) => {
                let blob = signature(name, need.algorithm());
                return need
                    .signed(blob)
                    .or_else(|bad| again(bad.into_question(), Outcome::BadSignature));
            }
            Self::Decline => return Ok(need.decline()),
            Self::SignAs(algorithm) => signature("SIG", algorithm),
            Self::SignMalformed => b"\0\0\0\xffshort".to_vec(),
            _ => return again(need, Outcome::NotAsked),
        };
        // The question comes back, and the key is given up.
        match need.signed(blob) {
            Err(bad) => Ok(bad.decline()),
            Ok(answer) => Ok(answer),
        }
    }
}

fn decline(question: Action) -> Result<Answer, Unanswered> {
    match question {
        Action::NeedPublicKey(need) => Ok(need.decline()),
        Action::NeedSignature(need) => Ok(need.decline()),
        Action::NeedPassword(need) => Ok(need.decline()),
        Action::NeedNewPassword(need) => Ok(need.decline()),
        Action::NeedAnswers(need) => Ok(need.decline()),
        other => Err(Box::new((other, Outcome::NotAsked))),
    }
}

fn names(words: &mut Words) -> Parsed<Vec<String>> {
    words.all_text()?.into_iter().map(check_name).collect()
}
