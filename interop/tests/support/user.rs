//! A user who knows in advance what to answer, and remembers what was asked.

use alloc::collections::VecDeque;

use ssh_userauth::{Action, Answer, Identity, NeedAnswers, NeedPassword, NeedPublicKey, Notice};

use super::keys::TestKey;

/// A user of a login: keys, passwords and answers, each used once, in this order. What has run out
/// is declined.
#[derive(Default)]
pub(crate) struct TestUser {
    offers: VecDeque<Offer>,
    keys: Vec<TestKey>,
    passwords: VecDeque<String>,
    rounds: VecDeque<Vec<String>>,
    /// Who answers what takes more than keys, passwords and texts.
    helper: Option<Helper>,
    /// What happens elsewhere as soon as a question comes.
    interruption: Option<(String, Box<dyn FnOnce()>)>,
    /// Questions (`?`) and notices (`*`) in their order.
    pub(crate) dialogue: Vec<String>,
}

type Helper = Box<dyn FnMut(Action) -> Option<Answer>>;

/// One answer to the question for keys.
enum Offer {
    Probed(TestKey),
    Unprobed(TestKey),
    Many(Vec<TestKey>),
    /// The last with its signature at once.
    LastUnprobed(Vec<TestKey>),
}

impl TestUser {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Offers this key.
    pub(crate) fn key(self, key: &TestKey) -> Self {
        self.offer(&[key], Offer::Probed(key.clone()))
    }

    /// Offers this key with its signature at once.
    pub(crate) fn unprobed(self, key: &TestKey) -> Self {
        self.offer(&[key], Offer::Unprobed(key.clone()))
    }

    /// Offers these keys in one answer.
    pub(crate) fn keys(self, keys: &[&TestKey]) -> Self {
        let many = keys.iter().copied().cloned().collect();
        self.offer(keys, Offer::Many(many))
    }

    /// Offers these keys in one answer, the last one with its signature at once.
    pub(crate) fn last_unprobed(self, keys: &[&TestKey]) -> Self {
        let many = keys.iter().copied().cloned().collect();
        self.offer(keys, Offer::LastUnprobed(many))
    }

    fn offer(mut self, keys: &[&TestKey], offer: Offer) -> Self {
        self.keys.extend(keys.iter().copied().cloned());
        self.offers.push_back(offer);
        self
    }

    /// Signs with this key of the client's host.
    pub(crate) fn host_key(mut self, key: &TestKey) -> Self {
        self.keys.push(key.clone());
        self
    }

    /// Leaves all other questions to `helper`.
    pub(crate) fn helper(mut self, helper: impl FnMut(Action) -> Option<Answer> + 'static) -> Self {
        self.helper = Some(Box::new(helper));
        self
    }

    pub(crate) fn password(mut self, password: &str) -> Self {
        self.passwords.push_back(password.to_owned());
        self
    }

    /// Answers one round of prompts.
    pub(crate) fn answers(mut self, answers: &[&str]) -> Self {
        let answers = answers.iter().copied().map(str::to_owned).collect();
        self.rounds.push_back(answers);
        self
    }

    /// Does something else before this question is answered.
    pub(crate) fn when(mut self, question: &str, then: impl FnOnce() + 'static) -> Self {
        self.interruption = Some((question.to_owned(), Box::new(then)));
        self
    }

    /// Answers a question; takes note of a notice.
    pub(crate) fn answer(&mut self, action: Action) -> Option<Answer> {
        if let Action::Notify(notice) = action {
            self.dialogue.push(told(&notice));
            return None;
        }
        let question = asked(&action);
        if let Some((_, then)) = self.interruption.take_if(|(when, _)| *when == question) {
            then();
        }
        self.dialogue.push(question);
        match action {
            Action::NeedPublicKey(need) => Some(self.choose(need)),
            Action::NeedSignature(need) => {
                let key = self.key_of(need.identity());
                Some(key.sign(need))
            }
            Action::NeedHostSignature(need) => {
                let key = self.key_of(need.identity());
                Some(key.sign_for_host(need))
            }
            Action::NeedPassword(need) => Some(match self.passwords.pop_front() {
                Some(password) => need.password(password),
                None => need.decline(),
            }),
            Action::NeedAnswers(need) => Some(match self.rounds.pop_front() {
                Some(answers) => need.answers(answers).expect("another number of prompts"),
                None => need.decline(),
            }),
            other => match &mut self.helper {
                Some(helper) => helper(other),
                None => other.decline(),
            },
        }
    }

    fn key_of(&self, identity: &Identity) -> &TestKey {
        let known = |key: &&TestKey| key.identity() == identity;
        let key = self.keys.iter().find(known);
        key.expect("a key of another user")
    }

    fn choose(&mut self, need: NeedPublicKey) -> Answer {
        match self.offers.pop_front() {
            Some(Offer::Probed(key)) => need.offer(key.identity().clone()),
            Some(Offer::Unprobed(key)) => need.offer_unprobed(key.identity().clone()),
            Some(Offer::Many(keys)) => {
                need.offer_many(keys.iter().map(|key| key.identity().clone()))
            }
            Some(Offer::LastUnprobed(keys)) => {
                let mut keys: Vec<_> = keys.iter().map(|key| key.identity().clone()).collect();
                let last = keys.pop().expect("no keys");
                need.offer_unprobed_after(keys, last)
            }
            None => need.none_left(),
        }
    }
}

/// A question in one line, with everything that the machine counts.
fn asked(action: &Action) -> String {
    match action {
        Action::NeedPublicKey(need) => format!("? key, {} offered", need.offered()),
        Action::NeedSignature(need) => {
            let bound = if need.is_host_bound() {
                "host-bound"
            } else {
                "plain"
            };
            let label = need.identity().label().unwrap_or("unlabelled");
            let number = need.attempt();
            format!("? signature {number} {label} {} {bound}", need.algorithm())
        }
        Action::NeedPassword(need) => password(need),
        Action::NeedAnswers(need) => answers(need),
        Action::NeedHostSignature(need) => {
            let label = need.identity().label().unwrap_or("unlabelled");
            let (user, host) = (need.client_user(), need.client_host());
            format!(
                "? host signature {label} {} for {user} on {host}",
                need.algorithm()
            )
        }
        Action::NeedNewPassword(need) => {
            format!("? new password {} {}", need.attempt(), need.prompt().line())
        }
        Action::NeedGssapiToken(need) => {
            let input = need.input().map_or("", |_| ", given one");
            format!("? token {}{input}", need.step())
        }
        Action::NeedGssapiMic(_) => "? integrity code".to_owned(),
        other => panic!("an unexpected question: {other:?}"),
    }
}

fn password(need: &NeedPassword) -> String {
    match need.previous() {
        None => format!("? password {}", need.attempt()),
        Some(previous) => format!("? password {}, previous {previous:?}", need.attempt()),
    }
}

/// Exchange and round, then each prompt; what is typed in the open is marked.
fn answers(need: &NeedAnswers) -> String {
    let prompt = |prompt: &ssh_userauth::Prompt| {
        let echo = if prompt.echo() { " (echo)" } else { "" };
        format!("{}{echo}", prompt.text().line())
    };
    let prompts: Vec<String> = need.prompts().iter().map(prompt).collect();
    let (attempt, round) = (need.attempt(), need.round());
    format!("? answers {attempt}.{round} {}", prompts.join(" | "))
}

fn told(notice: &Notice) -> String {
    match notice {
        Notice::Banner { message, .. } => format!("* banner {}", message.line()),
        Notice::PartialSuccess {
            factor, remaining, ..
        } => {
            format!("* partial {}, then {remaining}", factor.method())
        }
        Notice::Instruction {
            name, instruction, ..
        } => format!("* instruction {}: {}", name.line(), instruction.line()),
        other => format!("* {other:?}"),
    }
}
