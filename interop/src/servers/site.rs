//! Whom a server lets in, and how, in words that all of them understand.

use core::fmt::Write as _;

use ssh_userauth::Method;

/// One question of a [`Round`], and the right answer.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) prompt: String,
    /// Whether the answer may be shown as it is typed.
    pub(super) echo: bool,
    pub(super) answer: String,
}

/// One INFO_REQUEST of keyboard-interactive (RFC 4256 section 3.2), and the right answers.
#[derive(Debug, Clone, Default)]
pub struct Round {
    pub(super) name: String,
    pub(super) instruction: String,
    pub(super) questions: Vec<Question>,
}

impl Round {
    /// A round without questions.
    #[must_use]
    pub fn new(name: &str, instruction: &str) -> Self {
        Self {
            name: name.to_owned(),
            instruction: instruction.to_owned(),
            questions: Vec::new(),
        }
    }

    /// Asks `prompt`, too.
    #[must_use]
    pub fn asking(mut self, prompt: &str, echo: bool, answer: &str) -> Self {
        self.questions.push(Question {
            prompt: prompt.to_owned(),
            echo,
            answer: answer.to_owned(),
        });
        self
    }
}

/// A client's host whose word is taken (RFC 4252 section 9).
#[derive(Debug, Clone)]
pub struct VouchingHost {
    pub(super) name: String,
    pub(super) user: String,
    /// Each in a line as in an authorized_keys file.
    pub(super) keys: Vec<String>,
}

impl VouchingHost {
    /// The host `name`, which vouches for `user` of its own.
    #[must_use]
    pub fn new(name: &str, user: &str) -> Self {
        Self {
            name: name.to_owned(),
            user: user.to_owned(),
            keys: Vec::new(),
        }
    }

    /// Known by this key, too: a line as in an authorized_keys file.
    #[must_use]
    pub fn key(mut self, line: &str) -> Self {
        self.keys.push(line.trim().to_owned());
        self
    }
}

/// Whom a server lets in, and how. Nobody, unless told otherwise.
#[derive(Debug, Clone, Default)]
pub struct Site {
    pub(super) steps: Vec<Vec<Method>>,
    pub(super) keys: Vec<String>,
    pub(super) authorities: Vec<String>,
    pub(super) rounds: Vec<Round>,
    pub(super) banner: Option<String>,
    pub(super) max_tries: Option<u32>,
    pub(super) password_changes: u32,
    pub(super) client_host: Option<VouchingHost>,
}

impl Site {
    /// Nobody.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One of `methods` is enough, once everything demanded so far has succeeded.
    #[must_use]
    pub fn one_of(mut self, methods: &[Method]) -> Self {
        self.steps.push(methods.to_vec());
        self
    }

    /// Admits the key of `line`, in the form of an authorized_keys file.
    #[must_use]
    pub fn key(mut self, line: &str) -> Self {
        self.keys.push(line.trim().to_owned());
        self
    }

    /// Admits certificates by the authority of `line`.
    #[must_use]
    pub fn authority(mut self, line: &str) -> Self {
        self.authorities.push(line.trim().to_owned());
        self
    }

    /// Another round of keyboard-interactive. A server with PAM has its own: one prompt for the
    /// user's password, then one round without prompts.
    #[must_use]
    pub fn round(mut self, round: Round) -> Self {
        self.rounds.push(round);
        self
    }

    /// Sends a banner.
    #[must_use]
    pub fn banner(mut self, banner: &str) -> Self {
        self.banner = Some(banner.to_owned());
        self
    }

    /// Disconnects after about so many refusals: each server counts in its own way.
    #[must_use]
    pub const fn max_tries(mut self, tries: u32) -> Self {
        self.max_tries = Some(tries);
        self
    }

    /// Demands another password so many times in a row: the first because the old one has expired,
    /// each further one because the new one is too simple.
    #[must_use]
    pub const fn password_changes(mut self, times: u32) -> Self {
        self.password_changes = times;
        self
    }

    /// Takes the word of a client's host for its user.
    #[must_use]
    pub fn client_host(mut self, host: VouchingHost) -> Self {
        self.client_host = Some(host);
        self
    }

    /// Whether `method` is good for anything.
    pub(super) fn uses(&self, method: Method) -> bool {
        self.steps.iter().any(|step| step.contains(&method))
    }

    /// The site as JSON, for the programs in `interop/servers`.
    pub(super) fn json(&self, user: &str, password: &str, host_key: &str) -> String {
        let steps = self.steps.iter().map(|step| {
            let names = step.iter().map(|method| string(method.name()));
            array(names)
        });
        let rounds = self.rounds.iter().map(|round| {
            let questions = round.questions.iter().map(|question| {
                object(&[
                    ("prompt", string(&question.prompt)),
                    ("echo", question.echo.to_string()),
                    ("answer", string(&question.answer)),
                ])
            });
            object(&[
                ("name", string(&round.name)),
                ("instruction", string(&round.instruction)),
                ("questions", array(questions)),
            ])
        });
        let host = self.client_host.as_ref().map(|host| {
            object(&[
                ("name", string(&host.name)),
                ("user", string(&host.user)),
                ("keys", strings(&host.keys)),
            ])
        });
        let tries = self.max_tries.map(|tries| tries.to_string());
        object(&[
            ("user", string(user)),
            ("password", string(password)),
            ("host_key", string(host_key)),
            ("steps", array(steps)),
            ("keys", strings(&self.keys)),
            ("authorities", strings(&self.authorities)),
            ("rounds", array(rounds)),
            ("banner", or_null(self.banner.as_deref().map(string))),
            ("max_tries", or_null(tries)),
            ("password_changes", self.password_changes.to_string()),
            ("client_host", or_null(host)),
        ])
    }
}

fn or_null(value: Option<String>) -> String {
    value.unwrap_or_else(|| "null".to_owned())
}

fn strings(values: &[String]) -> String {
    array(values.iter().map(|value| string(value)))
}

fn array(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(","))
}

fn object(members: &[(&str, String)]) -> String {
    let member = |(name, value): &(&str, String)| format!("{}:{value}", string(name));
    let members: Vec<String> = members.iter().map(member).collect();
    format!("{{{}}}", members.join(","))
}

/// A string of JSON (RFC 8259 section 7).
fn string(text: &str) -> String {
    let mut out = String::from('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            '\0'..='\x1f' => {
                // Writing to a string does not fail.
                let _written = write!(out, "\\u{:04x}", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(string("a \"b\"\\\n"), r#""a \"b\"\\\u000a""#);
    }

    #[test]
    fn what_is_not_there_is_null_or_empty() {
        let json = Site::new().one_of(&[Method::Password]).json("a", "b", "c");
        assert!(
            json.contains(r#""steps":[["password"]],"keys":[]"#),
            "{json}"
        );
        assert!(
            json.ends_with(
                r#""banner":null,"max_tries":null,"password_changes":0,"client_host":null}"#
            ),
            "{json}"
        );
    }
}
