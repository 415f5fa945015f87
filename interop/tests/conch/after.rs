//! The example of `docs/from-conch.md`: what becomes of the overridden methods of `before.py`.

// page: begin
use ssh_key::PrivateKey;
use ssh_userauth::{Action, Answer, Identity, Rejected};

/// What the subclass knew: keys, and whom to ask.
pub(crate) struct User<Ask> {
    pub(crate) keys: Vec<(Identity, PrivateKey)>,
    pub(crate) offered: usize,
    pub(crate) ask: Ask,
}

impl<Ask: FnMut(&str) -> Option<String>> User<Ask> {
    pub(crate) fn answer(&mut self, action: Action) -> Option<Answer> {
        Some(match action {
            // getPublicKey
            Action::NeedPublicKey(need) => match self.keys.get(self.offered) {
                Some((identity, _)) => {
                    self.offered += 1;
                    need.offer(identity.clone())
                }
                None => need.none_left(),
            },
            // getPrivateKey, signData
            Action::NeedSignature(need) => {
                match self.keys.iter().find(|(id, _)| id == need.identity()) {
                    Some((_, key)) => need.sign_with(key).unwrap_or_else(Rejected::decline),
                    None => need.decline(),
                }
            }
            // getPassword()
            Action::NeedPassword(need) => match (self.ask)("Password: ") {
                Some(password) => need.password(password),
                None => need.decline(),
            },
            // getPassword("Old Password: "), and then getPassword(prompt)
            Action::NeedNewPassword(need) => {
                let prompt = need.prompt().display().to_string();
                match ((self.ask)("Old Password: "), (self.ask)(&prompt)) {
                    (Some(old), Some(new)) => need.change(old, new),
                    _ => need.decline(),
                }
            }
            // getGenericAnswers
            Action::NeedAnswers(need) => need.answer_each(|prompt| {
                let prompt = prompt.text().display().to_string();
                (self.ask)(&prompt).unwrap_or_default()
            }),
            // Not a question, or none that we can answer.
            other => return other.decline(),
        })
    }
}
// page: end
