//! The caller of a real login: keys from files and agent, everything else from a person.

use std::io::{Write as _, stderr};

use ssh_userauth::{
    NeedAnswers, NeedHostSignature, NeedNewPassword, NeedPassword, NeedPublicKey, NeedSignature,
    Notice, PreviousAttempt, Rejected, Secret, ServerText,
};
#[cfg(feature = "gssapi")]
use ssh_userauth::{NeedGssapiMic, NeedGssapiToken};

use crate::login::converse::{Caller, Said};
use crate::login::keys::Keys;
use crate::login::local_host::LocalHost;
use crate::login::terminal::Asker;
use crate::login::{text, warn};

/// How often a passphrase is asked for.
const PASSPHRASE_TRIES: u32 = 3;

/// Who answers in a real login.
#[derive(Debug)]
pub(super) struct Person<'a> {
    pub(super) label: &'a str,
    pub(super) keys: Keys,
    pub(super) local_host: LocalHost,
    #[cfg(feature = "gssapi")]
    pub(super) tickets: crate::gss::GssClient,
    pub(super) asker: &'a Asker,
    /// Whether the ladder shows banners and texts already.
    pub(super) watched: bool,
}

impl Person<'_> {
    /// Words of the server, marked as such on every line: they must not pass for ours.
    fn tell(&self, words: &ServerText) {
        if self.watched || words.is_empty() {
            return;
        }
        for line in words.display().to_string().trim_end().lines() {
            let _unread = writeln!(stderr(), "| {line}");
        }
    }

    /// The old password and the new one, which is asked for twice.
    fn change(&self) -> Option<(Secret, Secret)> {
        let label = self.label;
        let old = self.asker.secret(&format!("Old password of {label}: "))?;
        let new = self.asker.secret(&format!("New password of {label}: "))?;
        let again = self.asker.secret("The new password again: ")?;
        if new.expose() == again.expose() {
            Some((old, new))
        } else {
            warn("the new passwords differ");
            None
        }
    }
}

impl Caller for Person<'_> {
    fn notice(&mut self, notice: &Notice) {
        match notice {
            Notice::Banner { message, .. } => self.tell(message),
            Notice::Instruction {
                name, instruction, ..
            } => {
                self.tell(name);
                self.tell(instruction);
            }
            _ => {}
        }
    }

    fn public_key(&mut self, need: NeedPublicKey) -> Said {
        match self.keys.next() {
            Some(identity) => Said::offer(need, identity),
            None => Said::new(need.none_left(), "no more keys"),
        }
    }

    fn signature(&mut self, need: NeedSignature) -> Said {
        let mut tries = 0..PASSPHRASE_TRIES;
        let signed = self.keys.sign(&need, |path| {
            let again = match tries.next()? {
                0 => "",
                _ => "Wrong passphrase. ",
            };
            let path = text::line(path.to_string_lossy().as_bytes());
            let prompt = format!("{again}Passphrase for the key {path}: ");
            // An empty one stands for: not this key.
            self.asker.secret(&prompt).filter(|typed| !typed.is_empty())
        });
        match signed {
            Ok((blob, by)) => match need.signed(blob) {
                Ok(answer) => Said::new(answer, format!("signed {by}")),
                Err(bad) => {
                    let words = format!("not signed: {bad}");
                    Said::new(Rejected::decline(bad), words)
                }
            },
            Err(why) => {
                self.keys.remark(format!("{}: {why}", need.identity()));
                Said::new(need.decline(), format!("not signed: {why}"))
            }
        }
    }

    fn host_signature(&mut self, need: NeedHostSignature) -> Said {
        let identity = need.identity().clone();
        let said = match self.local_host.sign(&need) {
            Ok(blob) => match need.signed(blob) {
                Ok(answer) => Said::new(answer, "signed by this host"),
                Err(bad) => {
                    let words = format!("not signed: {bad}");
                    Said::new(Rejected::decline(bad), words)
                }
            },
            Err(why) => {
                self.keys.remark(format!("{identity}: {why}"));
                Said::new(need.decline(), format!("not signed: {why}"))
            }
        };
        said.with_key(identity)
    }

    #[cfg(feature = "gssapi")]
    fn token(&mut self, need: NeedGssapiToken) -> Said {
        let answer = self.tickets.token(need);
        match self.tickets.failure() {
            None => Said::new(answer, "a token"),
            Some(why) => {
                let why = text::line(why.as_bytes());
                self.keys.remark(format!("no ticket: {why}"));
                Said::new(answer, format!("no ticket: {why}"))
            }
        }
    }

    #[cfg(feature = "gssapi")]
    fn mic(&mut self, need: NeedGssapiMic) -> Said {
        Said::new(self.tickets.mic(need), "the code")
    }

    fn password(&mut self, need: NeedPassword) -> Said {
        let again = match need.previous() {
            Some(PreviousAttempt::Refused) => "Wrong password. ",
            _ => "",
        };
        let prompt = format!("{again}Password of {}: ", self.label);
        match self.asker.secret(&prompt) {
            Some(password) => Said::secret(need.password(password)),
            None => Said::new(need.decline(), "declined"),
        }
    }

    fn new_password(&mut self, need: NeedNewPassword) -> Said {
        self.tell(need.prompt());
        match self.change() {
            Some((old, new)) => Said::secret(need.change(old, new)),
            None => Said::new(need.decline(), "declined"),
        }
    }

    fn answers(&mut self, need: NeedAnswers) -> Said {
        self.tell(need.name());
        self.tell(need.instruction());
        let answers = need.prompts().iter().map(|prompt| {
            // So that the server can't ask for a passphrase in our name.
            let shown = format!("({}) {}", self.label, prompt.text().display());
            if prompt.echo() {
                self.asker.line(&shown)
            } else {
                self.asker.secret(&shown)
            }
        });
        match answers.collect::<Option<Vec<Secret>>>() {
            Some(answers) => match need.answers(answers) {
                Ok(answer) => Said::secret(answer),
                Err(wrong) => Said::new(wrong.decline(), "declined"),
            },
            None => Said::new(need.decline(), "declined"),
        }
    }
}
