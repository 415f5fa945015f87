//! The loop with a caller that answers and a ladder that shows.

use core::cell::RefCell;
use std::io::{Read, Write};

use ssh_userauth::{
    Action, Answer, Authenticated, Identity, NeedAnswers, NeedGssapiMic, NeedGssapiToken,
    NeedHostSignature, NeedNewPassword, NeedPassword, NeedPublicKey, NeedSignature, Notice,
    PreviousAttempt, UserAuthClient,
};

use crate::blocking::{Event, LoginError, log_in};
use crate::login::ladder::{HIDDEN, Ladder};
use crate::login::look::Tone;
use crate::login::text;
use crate::transport::Transport;

/// An answer, and how to tell it to people.
#[derive(Debug)]
pub(super) struct Said {
    answer: Answer,
    words: String,
    offered: Option<Identity>,
}

impl Said {
    pub(super) fn new(answer: Answer, words: impl Into<String>) -> Self {
        Self {
            answer,
            words: words.into(),
            offered: None,
        }
    }

    /// A key was offered.
    pub(super) fn offer(need: NeedPublicKey, identity: Identity) -> Self {
        Self {
            words: identity.to_string(),
            answer: need.offer(identity.clone()),
            offered: Some(identity),
        }
    }

    /// About a key that was not offered in answer to a question.
    pub(super) fn with_key(mut self, identity: Identity) -> Self {
        self.offered = Some(identity);
        self
    }

    /// A password or answers were given.
    pub(super) fn secret(answer: Answer) -> Self {
        Self::new(answer, HIDDEN)
    }
}

/// Who answers the machine's questions.
pub(super) trait Caller {
    fn notice(&mut self, notice: &Notice);
    fn public_key(&mut self, need: NeedPublicKey) -> Said;
    fn signature(&mut self, need: NeedSignature) -> Said;
    fn password(&mut self, need: NeedPassword) -> Said;
    fn new_password(&mut self, need: NeedNewPassword) -> Said;
    fn answers(&mut self, need: NeedAnswers) -> Said;

    fn host_signature(&mut self, need: NeedHostSignature) -> Said {
        Said::new(need.decline(), "declined")
    }

    fn token(&mut self, need: NeedGssapiToken) -> Said {
        Said::new(need.decline(), "declined")
    }

    fn mic(&mut self, need: NeedGssapiMic) -> Said {
        Said::new(need.decline(), "declined")
    }
}

/// Logs in, with `caller` answering and, if there is one, `ladder` showing.
pub(super) fn converse<S: Read + Write>(
    auth: &mut UserAuthClient,
    transport: &mut Transport<S>,
    caller: &mut impl Caller,
    ladder: &mut Option<Ladder>,
) -> Result<Authenticated, LoginError> {
    // Both closures draw.
    let drawn = RefCell::new(ladder.as_mut());
    let draw = |draw: &dyn Fn(&mut Ladder)| {
        if let Some(ladder) = drawn.borrow_mut().as_mut() {
            draw(ladder);
        }
    };
    let result = log_in(
        auth,
        transport,
        |action| {
            if let Action::Notify(notice) = &action {
                draw(&|ladder| ladder.notice(notice));
            } else {
                draw(&|ladder| ladder.question(&in_words(&action)));
            }
            let said = ask(caller, action)?;
            draw(&|ladder| {
                if let Some(identity) = &said.offered {
                    ladder.learn(identity);
                }
                ladder.answer(&said.words);
            });
            Some(said.answer)
        },
        |event| match event {
            Event::Sent(payload) => draw(&|ladder| ladder.sent(payload)),
            Event::Received(payload) => draw(&|ladder| ladder.received(payload)),
        },
    );
    if let Some(ladder) = ladder {
        match &result {
            Ok(done) => ladder.end(&format!("service {} started", done.service()), Tone::Good),
            Err(error) => ladder.end(&error.to_string(), Tone::Bad),
        }
    }
    result
}

/// `None` for what is not a question, or one that this command does not know.
fn ask(caller: &mut impl Caller, action: Action) -> Option<Said> {
    Some(match action {
        Action::NeedPublicKey(need) => caller.public_key(need),
        Action::NeedSignature(need) => caller.signature(need),
        Action::NeedPassword(need) => caller.password(need),
        Action::NeedNewPassword(need) => caller.new_password(need),
        Action::NeedAnswers(need) => caller.answers(need),
        Action::NeedHostSignature(need) => caller.host_signature(need),
        Action::NeedGssapiToken(need) => caller.token(need),
        Action::NeedGssapiMic(need) => caller.mic(need),
        Action::Notify(notice) => {
            caller.notice(&notice);
            return None;
        }
        other => Said::new(other.decline()?, "declined"),
    })
}

/// A question of the machine.
fn in_words(action: &Action) -> String {
    match action {
        Action::NeedPublicKey(need) if need.offered() == 0 => {
            "which key shall be offered?".to_owned()
        }
        Action::NeedPublicKey(_) => "which key shall be offered next?".to_owned(),
        Action::NeedHostSignature(need) => {
            let who = format!("{}@{}", need.client_user(), need.client_host());
            let who = text::line(who.as_bytes());
            format!("does this host vouch for {who}, with {}?", need.identity())
        }
        Action::NeedGssapiToken(need) => format!("token {} for the server?", need.step()),
        Action::NeedGssapiMic(_) => "the integrity code over this login?".to_owned(),
        Action::NeedSignature(need) => {
            let host_bound = if need.is_host_bound() {
                ", for this host key only"
            } else {
                ""
            };
            format!(
                "sign {} bytes as {}{host_bound}: {}",
                need.data().len(),
                need.algorithm(),
                need.identity(),
            )
        }
        Action::NeedPassword(need) => match need.previous() {
            None => "the password?".to_owned(),
            Some(PreviousAttempt::Accepted) => "another password?".to_owned(),
            Some(_) => "the password? The one before was refused".to_owned(),
        },
        Action::NeedNewPassword(_) => "the old password and a new one?".to_owned(),
        Action::NeedAnswers(need) => {
            let prompts = need.prompts().iter();
            let prompts = prompts.map(|prompt| {
                let words = text::line(prompt.text().raw());
                format!("the answer to \"{words}\"?")
            });
            prompts.collect::<Vec<_>>().join("\n")
        }
        _ => "a question that this command does not know".to_owned(),
    }
}
