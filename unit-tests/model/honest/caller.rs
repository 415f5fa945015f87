//! A caller: he answers rightly if he can, wrongly or not at all a given number of times, and as
//! late as he likes.

use super::*;
use ssh_userauth_testing::{FakeKey, Policy};

/// What does not change in a run.
#[derive(Clone, Copy, Debug)]
pub(super) struct Person {
    pub(super) keys: usize,
    pub(super) offers: Offers,
    pub(super) knows_password: bool,
    pub(super) knows_answers: bool,
    /// How often he answers wrongly what he knows, and how often he declines.
    pub(super) mistakes: u8,
    pub(super) declines: u8,
}

/// How he offers his keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Offers {
    OneByOne,
    AllAtOnce,
    /// The first of them with its signature at once.
    FirstUnprobed,
    /// The last of them with its signature behind the queries of the others.
    LastUnprobed,
}

/// His state.
#[derive(Clone, Debug, Hash)]
pub(super) struct Caller {
    /// Keys that he has not offered.
    unoffered: VecDeque<usize>,
    /// Keys that he did not offer when he was asked, or not sign with.
    withheld: Vec<usize>,
    mistakes: u8,
    declines: u8,
    declined: Vec<Method>,
}

/// The keys that callers have.
pub(super) fn key(number: usize) -> FakeKey {
    let key_type = if number == 1 {
        "ssh-rsa"
    } else {
        "ssh-ed25519"
    };
    FakeKey::of_type(key_type, &number.to_string())
}

pub(super) fn key_of(blob: &[u8]) -> usize {
    let mut keys = 0..MOST_KEYS;
    keys.find(|number| key(*number).identity().blob() == blob)
        .unwrap()
}

fn identity(number: usize) -> Identity {
    Identity::from_blob(key(number).identity().blob()).unwrap()
}

impl Caller {
    pub(super) fn new(person: &Person) -> Self {
        Self {
            unoffered: (0..person.keys).collect(),
            withheld: Vec::new(),
            mistakes: person.mistakes,
            declines: person.declines,
            declined: Vec::new(),
        }
    }

    /// Everything that he may do about a question.
    pub(super) fn answers(
        &self,
        question: &Action,
        person: &Person,
    ) -> Vec<(Self, &'static str, Answer)> {
        let mut all = Vec::new();
        if self.declines > 0 {
            let mut caller = self.clone();
            caller.declines -= 1;
            caller.note_declined(question);
            all.push((caller, "decline", question.clone().decline().unwrap()));
        }
        match question.clone() {
            Action::NeedPublicKey(need) => all.push(self.offer(need, person)),
            Action::NeedSignature(need) => {
                let key = key(key_of(need.identity().blob()));
                let signature = key.sign(need.signature_algorithm(), need.data());
                all.push((self.clone(), "sign", need.signed(signature).unwrap()));
            }
            Action::NeedPassword(need) => {
                let words = self.words(person.knows_password).into_iter();
                let answer = |word| need.clone().password(word);
                all.extend(words.map(|(caller, name, word)| (caller, name, answer(word))));
            }
            Action::NeedNewPassword(need) => {
                let wrong = need.clone().change("wrong", NEW);
                all.push((self.clone(), "wrong old password", wrong));
                if let Some(left) = self.mistakes.checked_sub(1) {
                    let mut caller = self.clone();
                    caller.mistakes = left;
                    all.push((caller, "weak password", need.clone().change(RIGHT, WEAK)));
                }
                all.push((self.clone(), "new password", need.change(RIGHT, NEW)));
            }
            Action::NeedAnswers(need) => {
                let words = self.words(person.knows_answers).into_iter();
                let answer = |word| need.clone().answer_each(|_| Secret::from(word));
                all.extend(words.map(|(caller, name, word)| (caller, name, answer(word))));
            }
            other => unreachable!("nobody configured it: {other:?}"),
        }
        all
    }

    /// The right word, if he knows it; and a wrong one, if he doesn't, or errs.
    fn words(&self, knows: bool) -> Vec<(Self, &'static str, &'static [u8])> {
        let mut words = Vec::new();
        let mut wrong = self.clone();
        if knows {
            words.push((self.clone(), "right", RIGHT));
            let Some(left) = self.mistakes.checked_sub(1) else {
                return words;
            };
            wrong.mistakes = left;
        }
        words.push((wrong, "wrong", b"wrong"));
        words
    }

    fn offer(&self, need: NeedPublicKey, person: &Person) -> (Self, &'static str, Answer) {
        let mut caller = self.clone();
        let is_first = caller.unoffered.len() == person.keys;
        let Some(key) = caller.unoffered.pop_front() else {
            return (caller, "none left", need.none_left());
        };
        match person.offers {
            Offers::FirstUnprobed if is_first => {
                (caller, "offer unprobed", need.offer_unprobed(identity(key)))
            }
            Offers::OneByOne | Offers::FirstUnprobed => {
                (caller, "offer", need.offer(identity(key)))
            }
            Offers::AllAtOnce => {
                let rest = core::mem::take(&mut caller.unoffered);
                let all = core::iter::once(key).chain(rest).map(identity);
                (caller, "offer all", need.offer_many(all))
            }
            Offers::LastUnprobed => {
                let rest = core::mem::take(&mut caller.unoffered);
                let mut all: Vec<usize> = core::iter::once(key).chain(rest).collect();
                let last = all.pop().unwrap();
                let others = all.into_iter().map(identity);
                let answer = need.offer_unprobed_after(others, identity(last));
                (caller, "offer all, the last unprobed", answer)
            }
        }
    }

    fn note_declined(&mut self, question: &Action) {
        match question {
            Action::NeedSignature(need) => self.withheld.push(key_of(need.identity().blob())),
            Action::NeedPublicKey(_) => self.withheld.extend(self.unoffered.drain(..)),
            Action::NeedPassword(_) | Action::NeedNewPassword(_) => {
                self.declined.push(Method::Password);
            }
            _ => self.declined.push(Method::KeyboardInteractive),
        }
    }

    /// Whether what he has and did not withhold is enough for what the server still wants.
    pub(super) fn could_go_on(&self, setup: &Setup, server: &Server) -> bool {
        let Setup { rules, person, .. } = setup;
        let is_usable =
            |key: &&usize| !self.withheld.contains(key) && !server.used_keys.contains(key);
        let password = person.knows_password
            && !self.declined.contains(&Method::Password)
            && server.wrong_passwords < setup.max_tries;
        let answers = person.knows_answers
            && !self.declined.contains(&Method::KeyboardInteractive)
            && server.wrong_answers < setup.max_tries;
        let keys = rules.good_keys.iter().filter(is_usable).count();
        can_meet(server.wanted(), keys, password, answers)
    }
}

/// Whether this many keys and what else is there are what a policy wants.
fn can_meet(policy: &Policy, keys: usize, password: bool, answers: bool) -> bool {
    let mut listed = policy.listed().into_iter();
    policy.is_met()
        || listed.any(|method| {
            let left = match method.name() {
                "publickey" => keys.checked_sub(1),
                "password" => password.then_some(keys),
                _ => answers.then_some(keys),
            };
            let rest = policy.after(method).zip(left);
            rest.is_some_and(|(rest, keys)| can_meet(&rest, keys, password, answers))
        })
}
