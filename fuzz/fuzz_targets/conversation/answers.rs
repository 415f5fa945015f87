//! What the caller answers, rightly and wrongly.

use ssh_userauth::{Action, Answer, GssapiIntegrity, Identity, Limits, Rejected, Secret};

use crate::MARKER;
use crate::keys;

/// What was given, for the observer to find it again on the wire, or nowhere.
#[derive(Debug)]
pub(crate) enum Given {
    Nothing,
    Keys {
        keys: Vec<Vec<u8>>,
        /// The last of them is to be signed with at once.
        unprobed: bool,
    },
    Signature {
        data: Vec<u8>,
        blob: Vec<u8>,
    },
    HostSignature {
        data: Vec<u8>,
        blob: Vec<u8>,
    },
    Token(Vec<u8>),
    Established {
        last: Vec<u8>,
        integrity: bool,
    },
    Mic(Vec<u8>),
    /// What a method of the caller's own sends.
    Own(Vec<u8>),
    Silence,
    Password(Vec<u8>),
    Change {
        old: Vec<u8>,
        new: Vec<u8>,
    },
    Answers(Vec<Vec<u8>>),
}

impl Given {
    pub(crate) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::Nothing)
    }
}

/// What came of trying to answer a question.
pub(crate) enum Tried {
    Answered {
        answer: Answer,
        given: Given,
        /// It has to be refused for its length.
        too_long: bool,
    },
    /// The token gave the question back.
    Kept(Action),
}

/// A secret that occurs once in a run; the number makes it so.
fn secret(how: u8, limit: usize, number: &mut u32) -> Vec<u8> {
    *number += 1;
    let mut secret = format!("{MARKER}-{number}").into_bytes();
    match how & 7 {
        1 => secret.clear(),
        2 => secret.splice(0..0, *b"abc\0").for_each(drop),
        3 => secret.resize(limit, b'x'),
        4 => secret.resize(limit + 1, b'x'),
        5 => secret.truncate(limit.min(16)),
        _ => {}
    }
    secret
}

pub(crate) fn decline(question: Action) -> Tried {
    Tried::Answered {
        answer: question.decline().expect("a question can be declined"),
        given: Given::Nothing,
        too_long: false,
    }
}

/// Answers in one of many ways.
pub(crate) fn answer(question: Action, how: [u8; 2], limits: &Limits, number: &mut u32) -> Tried {
    let [one, other] = how;
    match question {
        Action::NeedPublicKey(need) => {
            let count = match one & 3 {
                3 => 0,
                more => more + 1,
            };
            let step = if one & 8 != 0 { 7 } else { 1 };
            let unprobed = one & 4 != 0 && count > 0;
            let keys: Vec<Identity> = (0..count)
                .map(|index| keys::identity(other.wrapping_add(index * step) & 15))
                .collect();
            let blobs = keys.iter().map(|key| key.blob().to_vec()).collect();
            let answer = match &keys[..] {
                [key] if unprobed => need.offer_unprobed(key.clone()),
                [others @ .., last] if unprobed => {
                    need.offer_unprobed_after(others.to_vec(), last.clone())
                }
                [key] => need.offer(key.clone()),
                _ => need.offer_many(keys),
            };
            let keys = blobs;
            Tried::Answered {
                answer,
                given: Given::Keys { keys, unprobed },
                too_long: false,
            }
        }
        Action::NeedSignature(need) => {
            let limit = limits.max_signature_bytes;
            let (blob, good) = keys::any_signature(need.signature_algorithm(), one, limit);
            let data = need.data().to_vec();
            let given = blob.clone();
            match need.signed(blob) {
                Ok(answer) => signed(answer, good, Given::Signature { data, blob: given }),
                Err(bad) => refused(bad, good, other, Action::NeedSignature),
            }
        }
        Action::NeedHostSignature(need) => {
            let limit = limits.max_signature_bytes;
            let (blob, good) = keys::any_signature(need.signature_algorithm(), one, limit);
            let data = need.data().to_vec();
            let given = blob.clone();
            match need.signed(blob) {
                Ok(answer) => signed(answer, good, Given::HostSignature { data, blob: given }),
                Err(bad) => refused(bad, good, other, Action::NeedHostSignature),
            }
        }
        Action::NeedPassword(need) => {
            let limit = limits.max_password_bytes;
            let password = secret(one, limit, number);
            Tried::Answered {
                answer: need.password(&password[..]),
                too_long: password.len() > limit,
                given: Given::Password(password),
            }
        }
        Action::NeedNewPassword(need) => {
            let limit = limits.max_password_bytes;
            let old = secret(one, limit, number);
            let new = secret(other, limit, number);
            Tried::Answered {
                answer: need.change(&old[..], &new[..]),
                too_long: old.len() > limit || new.len() > limit,
                given: Given::Change { old, new },
            }
        }
        Action::NeedAnswers(need) => answers(need, how, limits, number),
        question => answer_others(question, how, number),
    }
}

/// GSS-API, and the methods of the caller's own.
fn answer_others(question: Action, [one, other]: [u8; 2], number: &mut u32) -> Tried {
    let answered = |answer, given| Tried::Answered {
        answer,
        given,
        too_long: false,
    };
    match question {
        Action::NeedGssapiToken(need) => match one & 3 {
            0 => answered(need.token(*b"token"), Given::Token(b"token".to_vec())),
            3 => answered(need.token(*b""), Given::Token(Vec::new())),
            how => {
                let last = vec![9; usize::from(other & 3)];
                let (integrity, means) = match how {
                    1 => (true, GssapiIntegrity::Available),
                    _ => (false, GssapiIntegrity::Unavailable),
                };
                let answer = need.established(Some(last.clone()), means);
                answered(answer, Given::Established { last, integrity })
            }
        },
        Action::NeedGssapiMic(need) => answered(need.mic(*b"mic"), Given::Mic(b"mic".to_vec())),
        Action::NeedMethod(need) => {
            let choice = need.choices()[usize::from(one) % need.choices().len()];
            let answer = need.choose(choice).expect("one of them");
            answered(answer, Given::Nothing)
        }
        Action::NeedMethodRequest(need) => {
            let data = secret(one, 100, number);
            answered(need.request(&data[..]), Given::Own(data))
        }
        Action::NeedMethodMessage(need) if one & 3 == 1 => answered(need.silence(), Given::Silence),
        Action::NeedMethodMessage(need) => {
            let body = secret(one, 100, number);
            match need.message(58 + other, &body[..]) {
                Ok(answer) => {
                    assert!(other >= 2, "no number of a method");
                    answered(answer, Given::Own(body))
                }
                Err(error) => Tried::Kept(Action::NeedMethodMessage(error.into_question())),
            }
        }
        other => panic!("no question: {other:?}"),
    }
}

fn signed(answer: Answer, good: Option<bool>, given: Given) -> Tried {
    assert_ne!(good, Some(false), "taken: {given:02x?}");
    Tried::Answered {
        answer,
        given,
        too_long: false,
    }
}

fn refused<Question: core::fmt::Debug>(
    bad: Rejected<Question>,
    good: Option<bool>,
    other: u8,
    action: impl Fn(Question) -> Action,
) -> Tried {
    assert_ne!(good, Some(true), "refused: {bad}");
    assert!(!format!("{bad} {:?}", bad.reason()).contains(MARKER));
    match other & 1 {
        0 => Tried::Kept(action(bad.into_question())),
        _ => Tried::Answered {
            answer: bad.decline(),
            given: Given::Nothing,
            too_long: false,
        },
    }
}

fn answers(
    need: ssh_userauth::NeedAnswers,
    [one, other]: [u8; 2],
    limits: &Limits,
    number: &mut u32,
) -> Tried {
    let limit = limits.max_answer_bytes;
    let count = need.prompts().len();
    assert!(count > 0, "nobody is asked without a prompt");
    let wrong = match other & 3 {
        1 => count - 1,
        2 => count + 1,
        _ => count,
    };
    let given: Vec<Vec<u8>> = (0..wrong).map(|_| secret(one, limit, number)).collect();
    if wrong != count {
        let error = need
            .answers(given.iter().cloned())
            .expect_err("one answer for each prompt");
        assert!(!format!("{error} {error:?}").contains(MARKER));
        return Tried::Kept(Action::NeedAnswers(error.into_question()));
    }
    let too_long = given.iter().any(|answer| answer.len() > limit);
    let answer = match other & 4 {
        0 => need
            .answers(given.iter().cloned())
            .expect("as many as prompts"),
        _ => {
            let mut each = given.iter().cloned();
            need.answer_each(|_| Secret::new(each.next().expect("as many as prompts")))
        }
    };
    let given = Given::Answers(given);
    Tried::Answered {
        answer,
        given,
        too_long,
    }
}
