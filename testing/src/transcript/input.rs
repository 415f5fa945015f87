//! `!`: what the caller answers, and what else he does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::keys::{check_name, check_names, signature};
use crate::names::{self, check_method};
use crate::scene::Scene;
use crate::transcript::outcome::Outcome;
use crate::transcript::words::{Parsed, Sentence, Words, to_hex, unhex};
use ssh_userauth::{AbandonReason, Action, Answer, GssapiIntegrity, Rejected, Secret};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum InputLine {
    /// An answer to the newest question.
    Answer(Reply),
    /// An answer to the oldest question that is still unanswered.
    Late(Reply),
    Cancel,
    Abandon(AbandonReason),
    DeclinePending,
    OneByOne,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Offer(Vec<String>),
    /// The last is signed with unasked.
    OfferUnprobed(Vec<String>),
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
    GssapiToken(Vec<u8>),
    GssapiEstablished {
        integrity: GssapiIntegrity,
        last: Option<Vec<u8>>,
    },
    Mic(Vec<u8>),
    Choose(String),
    MethodRequest(Vec<u8>),
    MethodMessage {
        number: u8,
        body: Vec<u8>,
    },
    Silence,
    Decline,
}

/// A question that was not answered, and why.
pub(crate) type Unanswered = Box<(Action, Outcome)>;

impl InputLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        if words.keyword("cancel") {
            Ok(Self::Cancel)
        } else if words.keyword("abandon") {
            abandon_reason(words).map(Self::Abandon)
        } else if words.keyword("decline-pending") {
            Ok(Self::DeclinePending)
        } else if words.keyword("one-by-one") {
            Ok(Self::OneByOne)
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
            Self::Abandon(why) => sentence.word("abandon").word(match why {
                AbandonReason::ServerTimeout => "server-timeout",
                AbandonReason::CallerTimeout => "caller-timeout",
                _ => "other",
            }),
            Self::DeclinePending => sentence.word("decline-pending"),
            Self::OneByOne => sentence.word("one-by-one"),
        }
    }
}

impl Reply {
    fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what the caller answers")?;
        Ok(match what.as_str() {
            "offer" => Self::Offer(check_names(words.all_text()?)?),
            "offer-unprobed" => Self::OfferUnprobed(check_names(words.all_text()?)?),
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
            "token" => Self::GssapiToken(words.hex("token")?),
            "established" => Self::GssapiEstablished {
                integrity: integrity(words)?,
                last: match words.optional_text()? {
                    Some(digits) => Some(unhex(&digits)?),
                    None => None,
                },
            },
            "mic" => Self::Mic(words.hex("integrity code")?),
            "choose" => Self::Choose(check_method(words.text("name of a method")?)?),
            "request" => Self::MethodRequest(words.optional_hex()?),
            "message" => Self::MethodMessage {
                number: words.number("number of the message")?,
                body: words.optional_hex()?,
            },
            "silence" => Self::Silence,
            "decline" => Self::Decline,
            other => return Err(alloc::format!("a caller never says {other:?}")),
        })
    }

    fn print(&self, sentence: Sentence) -> Sentence {
        match self {
            Self::Offer(keys) => sentence.word("offer").values(keys),
            Self::OfferUnprobed(keys) => sentence.word("offer-unprobed").values(keys),
            Self::NoneLeft => sentence.word("none-left"),
            Self::Sign(name) => sentence.word("sign").word(name),
            Self::SignAs(algorithm) => sentence.word("sign-as").value(algorithm),
            Self::SignMalformed => sentence.word("sign-malformed"),
            Self::Password(password) => sentence.word("password").value(password),
            Self::Change { old, new } => sentence.word("change").value(old).value(new),
            Self::Answers(answers) => sentence.word("answer").values(answers),
            Self::GssapiToken(token) => sentence.word("token").hex(token),
            Self::GssapiEstablished { integrity, last } => {
                let sentence = sentence.word("established").word(match integrity {
                    GssapiIntegrity::Available => "integrity",
                    GssapiIntegrity::Unavailable => "no-integrity",
                });
                sentence.values(last.as_ref().map(|token| to_hex(token)))
            }
            Self::Mic(mic) => sentence.word("mic").hex(mic),
            Self::Choose(method) => sentence.word("choose").value(method),
            Self::MethodRequest(data) => sentence.word("request").optional_hex(data),
            Self::MethodMessage { number, body } => {
                sentence.word("message").number(number).optional_hex(body)
            }
            Self::Silence => sentence.word("silence"),
            Self::Decline => sentence.word("decline"),
        }
    }

    /// The answer to a question, or the question again.
    pub(crate) fn answer(&self, question: Action, scene: &Scene) -> Result<Answer, Unanswered> {
        match (self, question) {
            (Self::Decline, question) => decline(question),
            (Self::Offer(names), Action::NeedPublicKey(need)) => {
                let keys = names.iter().filter_map(|name| scene.keys.identity(name));
                let mut keys: Vec<_> = keys.collect();
                match keys.pop_if(|_| names.len() == 1) {
                    Some(key) => Ok(need.offer(key)),
                    None => Ok(need.offer_many(keys)),
                }
            }
            (Self::OfferUnprobed(names), Action::NeedPublicKey(need)) => {
                let keys = names.iter().filter_map(|name| scene.keys.identity(name));
                let mut keys: Vec<_> = keys.collect();
                match keys.pop() {
                    Some(key) if keys.is_empty() => Ok(need.offer_unprobed(key)),
                    Some(key) => Ok(need.offer_unprobed_after(keys, key)),
                    None => Ok(need.none_left()),
                }
            }
            (Self::NoneLeft, Action::NeedPublicKey(need)) => Ok(need.none_left()),
            (_, Action::NeedSignature(need)) => match self.blob(need.signature_algorithm()) {
                Some(blob) => self.signed(need.signed(blob), Action::NeedSignature),
                None => Err(Box::new((Action::NeedSignature(need), Outcome::NotAsked))),
            },
            (_, Action::NeedHostSignature(need)) => match self.blob(need.signature_algorithm()) {
                Some(blob) => self.signed(need.signed(blob), Action::NeedHostSignature),
                None => Err(Box::new((
                    Action::NeedHostSignature(need),
                    Outcome::NotAsked,
                ))),
            },
            (Self::Password(password), Action::NeedPassword(need)) => {
                Ok(need.password(Secret::new(password.clone())))
            }
            (Self::Change { old, new }, Action::NeedNewPassword(need)) => {
                Ok(need.change(Secret::new(old.clone()), Secret::new(new.clone())))
            }
            (Self::Answers(answers), Action::NeedAnswers(need)) => {
                need.answers(answers.iter().cloned()).map_err(|wrong| {
                    let question = Action::NeedAnswers(wrong.into_question());
                    Box::new((question, Outcome::WrongCount))
                })
            }
            (_, question) => self.answer_method(question),
        }
    }

    /// The same for GSS-API, for the choice of a method, and for methods of the caller's own.
    fn answer_method(&self, question: Action) -> Result<Answer, Unanswered> {
        match (self, question) {
            (Self::GssapiToken(token), Action::NeedGssapiToken(need)) => {
                Ok(need.token(token.clone()))
            }
            (Self::GssapiEstablished { integrity, last }, Action::NeedGssapiToken(need)) => {
                Ok(need.established(last.clone(), *integrity))
            }
            (Self::Mic(mic), Action::NeedGssapiMic(need)) => Ok(need.mic(mic.clone())),
            (Self::Choose(name), Action::NeedMethod(need)) => {
                need.choose(names::method(name)).map_err(|wrong| {
                    let question = Action::NeedMethod(wrong.into_question());
                    Box::new((question, Outcome::NotAChoice))
                })
            }
            (Self::MethodRequest(data), Action::NeedMethodRequest(need)) => {
                Ok(need.request(Secret::new(data.clone())))
            }
            (Self::MethodMessage { number, body }, Action::NeedMethodMessage(need)) => {
                let answer = need.message(*number, Secret::new(body.clone()));
                answer.map_err(|wrong| {
                    let question = Action::NeedMethodMessage(wrong.into_question());
                    Box::new((question, Outcome::BadNumber))
                })
            }
            (Self::Silence, Action::NeedMethodMessage(need)) => Ok(need.silence()),
            (_, question) => Err(Box::new((question, Outcome::NotAsked))),
        }
    }

    /// The signature that is given back, good or bad.
    fn blob(&self, algorithm: &str) -> Option<Vec<u8>> {
        match self {
            Self::Sign(name) => Some(signature(name, algorithm)),
            Self::SignAs(algorithm) => Some(signature("SIG", algorithm)),
            Self::SignMalformed => Some(b"\0\0\0\xffshort".to_vec()),
            _ => None,
        }
    }

    /// A question for which a bad signature was meant gives the key up.
    fn signed<N>(
        &self,
        result: Result<Answer, Rejected<N>>,
        again: impl FnOnce(N) -> Action,
    ) -> Result<Answer, Unanswered> {
        match (self, result) {
            (_, Ok(answer)) => Ok(answer),
            (Self::Sign(_), Err(bad)) => {
                let question = again(bad.into_question());
                Err(Box::new((question, Outcome::BadSignature)))
            }
            (_, Err(bad)) => Ok(bad.decline()),
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
        Action::NeedHostSignature(need) => Ok(need.decline()),
        Action::NeedGssapiToken(need) => Ok(need.decline()),
        Action::NeedGssapiMic(need) => Ok(need.decline()),
        Action::NeedMethod(need) => Ok(need.decline()),
        Action::NeedMethodRequest(need) => Ok(need.decline()),
        Action::NeedMethodMessage(need) => Ok(need.decline()),
        other => Err(Box::new((other, Outcome::NotAsked))),
    }
}

fn abandon_reason(words: &mut Words) -> Parsed<AbandonReason> {
    match words.text("why the run is abandoned")?.as_str() {
        "server-timeout" => Ok(AbandonReason::ServerTimeout),
        "caller-timeout" => Ok(AbandonReason::CallerTimeout),
        "other" => Ok(AbandonReason::Other),
        other => Err(alloc::format!(
            "{other:?} is none of server-timeout, caller-timeout, other"
        )),
    }
}

fn integrity(words: &mut Words) -> Parsed<GssapiIntegrity> {
    match words.text("integrity or no-integrity")?.as_str() {
        "integrity" => Ok(GssapiIntegrity::Available),
        "no-integrity" => Ok(GssapiIntegrity::Unavailable),
        other => Err(alloc::format!(
            "{other:?} is neither integrity nor no-integrity"
        )),
    }
}
