//! A user: what they have, know, forget and mistype.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;
use core::fmt;

use crate::agent::Agent;
use crate::fake::FakeKey;
use ssh_userauth::{
    Action, Answer, Method, NeedAnswers, NeedMethod, NeedMethodRequest, NeedNewPassword,
    NeedPassword, NeedPublicKey, PreviousAttempt, Rejected, Secret,
};

/// A user who answers questions, at once or late, rightly or wrongly, always in the same way.
///
/// Whatever they have nothing for, they decline. Passwords and answers are given in the order in
/// which they were put here, and the last one again and again: a mistake is a wrong one in front
/// of the right one.
///
/// ```
/// use ssh_userauth_testing::{FakeKey, Person};
///
/// let alice = Person::new()
///     .key(FakeKey::new("laptop"))
///     .password("huntre2")
///     .password("hunter2")
///     .answer("Code: ", "123456");
/// ```
#[derive(Default)]
pub struct Person {
    agent: Agent,
    offering: Offering,
    passwords: Sequence,
    new_passwords: Sequence,
    /// The new password that was given last, until it is known to be the password.
    changed: Option<Vec<u8>>,
    answers: Vec<(String, Sequence)>,
    data: Vec<(Method, Sequence)>,
    choices: Vec<Method>,
    delay: u32,
    /// The question under consideration, and for how many more polls.
    considering: Option<(Action, u32)>,
    questions: u32,
}

#[derive(Clone, Copy, Debug, Default)]
enum Offering {
    #[default]
    OneByOne,
    AllAtOnce,
    Unprobed,
    FavouriteLast,
}

/// Secrets one after the other, and the last one again and again.
#[derive(Clone, Default)]
struct Sequence {
    secrets: Vec<Vec<u8>>,
    given: usize,
}

impl Sequence {
    fn of(secret: Vec<u8>) -> Self {
        Self {
            secrets: Vec::from([secret]),
            given: 0,
        }
    }

    fn next(&mut self) -> Option<Secret> {
        let last = self.secrets.len().checked_sub(1)?;
        let at = self.given.min(last);
        self.given = self.given.saturating_add(1);
        self.secrets.get(at).map(|secret| Secret::from(&**secret))
    }

    /// That which was given last, or else comes first.
    fn current(&self) -> Option<Secret> {
        let last = self.secrets.len().checked_sub(1)?;
        let at = self.given.saturating_sub(1).min(last);
        self.secrets.get(at).map(|secret| Secret::from(&**secret))
    }
}

impl Person {
    /// A user who has nothing and declines everything.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more key, which signs.
    #[must_use]
    pub fn key(mut self, key: FakeKey) -> Self {
        self.agent = core::mem::take(&mut self.agent).key(key);
        self
    }

    /// With this agent, in the place of the keys so far.
    #[must_use]
    pub fn with_agent(mut self, agent: Agent) -> Self {
        self.agent = agent;
        self
    }

    /// Offers all keys with the first question for one
    /// ([`NeedPublicKey::offer_many`]), not one by one.
    #[must_use]
    pub fn offers_all_keys_at_once(mut self) -> Self {
        self.offering = Offering::AllAtOnce;
        self
    }

    /// Has the keys signed with unasked ([`NeedPublicKey::offer_unprobed`]), one by one.
    #[must_use]
    pub fn offers_keys_unprobed(mut self) -> Self {
        self.offering = Offering::Unprobed;
        self
    }

    /// Offers all keys with the first question for one, and has the last of them signed with
    /// unasked ([`NeedPublicKey::offer_unprobed_after`]).
    #[must_use]
    pub fn offers_favourite_key_last(mut self) -> Self {
        self.offering = Offering::FavouriteLast;
        self
    }

    /// With one more password to try.
    #[must_use]
    pub fn password(mut self, password: impl Into<Vec<u8>>) -> Self {
        self.passwords.secrets.push(password.into());
        self
    }

    /// With one more new password for when the server demands a change. The old one is the one
    /// that was typed last; once it was changed, the new one is the password.
    #[must_use]
    pub fn new_password(mut self, password: impl Into<Vec<u8>>) -> Self {
        self.new_passwords.secrets.push(password.into());
        self
    }

    /// With one more answer to a prompt with this text. A round with a prompt to which there is
    /// none is declined.
    #[must_use]
    pub fn answer(mut self, prompt: &str, answer: impl Into<Vec<u8>>) -> Self {
        let mut known = self.answers.iter_mut();
        match known.find(|(known, _)| known == prompt) {
            Some((_, answers)) => answers.secrets.push(answer.into()),
            None => {
                let answers = Sequence::of(answer.into());
                self.answers.push((prompt.to_string(), answers));
            }
        }
        self
    }

    /// With something to say in requests for a method of your own. Messages of the server in it are
    /// declined: a method with a dialogue needs a loop of your own
    /// (`docs/testing.md`, "A method of your own").
    #[must_use]
    pub fn own_method(mut self, method: Method, data: impl Into<Vec<u8>>) -> Self {
        self.data.push((method, Sequence::of(data.into())));
        self
    }

    /// When there is a choice of methods, the first of these that can be had.
    #[must_use]
    pub fn chooses(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.choices = methods.into_iter().collect();
        self
    }

    /// Thinks about every question for so many polls; [`pair`](crate::pair()) polls once
    /// after each packet that it delivers.
    #[must_use]
    pub fn thinks_for(mut self, polls: u32) -> Self {
        self.delay = polls;
        self
    }

    /// The keys, and how often each was touched.
    #[must_use]
    pub fn agent(&self) -> &Agent {
        &self.agent
    }

    /// How many questions they were asked.
    #[must_use]
    pub fn questions(&self) -> u32 {
        self.questions
    }

    /// Puts a question to them. A question that they are still thinking about is forgotten: it
    /// was taken back.
    pub fn ask(&mut self, question: Action) {
        self.questions = self.questions.saturating_add(1);
        self.considering = Some((question, self.delay));
    }

    /// The answer, if they have made up their mind.
    #[must_use = "the machine waits until the answer is given to `handle_answer`"]
    pub fn poll(&mut self) -> Option<Answer> {
        match self.considering.take()? {
            (question, 0) => self.reply(question),
            (question, polls) => {
                self.considering = Some((question, polls.saturating_sub(1)));
                None
            }
        }
    }

    /// Whether they are thinking about a question.
    #[must_use]
    pub fn is_thinking(&self) -> bool {
        self.considering.is_some()
    }

    /// Answers a question at once, or declines it: always for GSS-API, and for messages in a method
    /// of your own. `None`, if it is none.
    #[must_use = "the machine waits until the answer is given to `handle_answer`"]
    pub fn reply(&mut self, question: Action) -> Option<Answer> {
        match question {
            Action::NeedPublicKey(need) => Some(self.offer(need)),
            Action::NeedSignature(need) => Some(self.agent.sign(need)),
            Action::NeedHostSignature(need) => Some(self.agent.sign_for_host(need)),
            Action::NeedPassword(need) => Some(self.type_password(need)),
            Action::NeedNewPassword(need) => Some(self.change_password(need)),
            Action::NeedAnswers(need) => Some(self.type_answers(need)),
            Action::NeedMethod(need) => Some(self.choose(need)),
            Action::NeedMethodRequest(need) => Some(self.say(need)),
            other => other.decline(),
        }
    }

    fn offer(&self, need: NeedPublicKey) -> Answer {
        let next = self.agent.identities().nth(need.offered()).cloned();
        match (next, self.offering) {
            (None, _) => need.none_left(),
            (Some(_), Offering::AllAtOnce) => {
                let left = self.agent.identities().skip(need.offered());
                need.offer_many(left.cloned().collect::<Vec<_>>())
            }
            (Some(_), Offering::FavouriteLast) => {
                let left = self.agent.identities().skip(need.offered());
                let mut left: Vec<_> = left.cloned().collect();
                match left.pop() {
                    Some(favourite) => need.offer_unprobed_after(left, favourite),
                    None => need.none_left(),
                }
            }
            (Some(key), Offering::OneByOne) => need.offer(key),
            (Some(key), Offering::Unprobed) => need.offer_unprobed(key),
        }
    }

    fn type_password(&mut self, need: NeedPassword) -> Answer {
        // The one that was accepted last is the new one.
        if need.previous() == Some(PreviousAttempt::Accepted)
            && let Some(changed) = self.changed.take()
        {
            self.passwords = Sequence::of(changed);
        }
        match self.passwords.next() {
            Some(password) => need.password(password),
            None => need.decline(),
        }
    }

    fn change_password(&mut self, need: NeedNewPassword) -> Answer {
        match (self.passwords.current(), self.new_passwords.next()) {
            (Some(old), Some(new)) => {
                self.changed = Some(new.expose().to_vec());
                need.change(old, new)
            }
            _ => need.decline(),
        }
    }

    fn type_answers(&mut self, need: NeedAnswers) -> Answer {
        need.answer_each_or_decline(|prompt| {
            let mut known = self.answers.iter_mut();
            let known = known.find(|(text, _)| text.as_bytes() == prompt.text().raw());
            known.and_then(|(_, answers)| answers.next())
        })
    }

    fn choose(&self, need: NeedMethod) -> Answer {
        let mut choices = self.choices.iter();
        match choices.find(|choice| need.choices().contains(choice)) {
            Some(choice) => need.choose(*choice).unwrap_or_else(Rejected::decline),
            None => need.decline(),
        }
    }

    fn say(&mut self, need: NeedMethodRequest) -> Answer {
        let mut known = self.data.iter_mut();
        let known = known.find(|(method, _)| method.name() == need.method());
        match known.and_then(|(_, data)| data.next()) {
            Some(data) => need.request(data),
            None => need.decline(),
        }
    }
}

/// How much they have, and nothing that is secret.
impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Person")
            .field("agent", &self.agent)
            .field("passwords", &self.passwords.secrets.len())
            .field("answers", &self.answers.len())
            .field("questions", &self.questions)
            .finish_non_exhaustive()
    }
}
