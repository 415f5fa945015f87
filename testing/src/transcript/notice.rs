//! `*`: what we tell.

use alloc::string::{String, ToString as _};
use alloc::vec::Vec;

use crate::keys::check_name;
use crate::names::check_method;
use crate::scene::Scene;
use crate::transcript::dialogue::Dialogue;
use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{Factor, MethodList, Notice};

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NoticeLine {
    Banner {
        message: Vec<u8>,
        language: Vec<u8>,
    },
    BannersDropped,
    Partial {
        factor: FactorWord,
        remaining: String,
    },
    Instruction(Dialogue),
    GssapiError(GssapiErrorLine),
    PasswordChanged,
    PasswordNotChanged,
    /// One that is newer than this kit; no transcript expects it.
    Unknown(String),
}

impl NoticeLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        let what = words.text("what we tell")?;
        Ok(match what.as_str() {
            "banner" => Self::Banner {
                message: words.bytes("text")?,
                language: words.behind("language")?,
            },
            "banners-dropped" => Self::BannersDropped,
            "partial" => Self::Partial {
                factor: FactorWord::parse(&words.text("what succeeded")?)?,
                remaining: remaining(words)?.unwrap_or_default(),
            },
            "instruction" => Self::Instruction(Dialogue::parse(words)?),
            "gssapi-error" => Self::GssapiError(GssapiErrorLine::parse(words)?),
            "password-changed" => Self::PasswordChanged,
            "password-not-changed" => Self::PasswordNotChanged,
            other => return Err(alloc::format!("we never tell {other:?}")),
        })
    }

    pub(crate) fn print(&self) -> String {
        let sentence = Sentence::new("*");
        let sentence = match self {
            Self::Banner { message, language } => {
                let sentence = sentence.word("banner").value(message);
                sentence.behind("language", language)
            }
            Self::BannersDropped => sentence.word("banners-dropped"),
            Self::Partial { factor, remaining } => {
                let sentence = sentence.word("partial").word(&factor.print());
                sentence.behind("remaining", remaining.as_bytes())
            }
            Self::Instruction(dialogue) => dialogue.print(sentence.word("instruction")),
            Self::GssapiError(error) => error.print(sentence.word("gssapi-error")),
            Self::PasswordChanged => sentence.word("password-changed"),
            Self::PasswordNotChanged => sentence.word("password-not-changed"),
            Self::Unknown(shown) => sentence.word("unknown").value(shown.as_bytes()),
        };
        sentence.finish()
    }

    pub(crate) fn of(notice: &Notice, scene: &Scene) -> Self {
        match notice {
            Notice::Banner {
                message, language, ..
            } => Self::Banner {
                message: message.raw().to_vec(),
                language: language.raw().to_vec(),
            },
            Notice::BannersDropped => Self::BannersDropped,
            Notice::PartialSuccess {
                factor, remaining, ..
            } => Self::Partial {
                factor: FactorWord::of(factor, scene),
                remaining: list(remaining),
            },
            Notice::Instruction {
                name,
                instruction,
                language,
                ..
            } => Self::Instruction(Dialogue {
                name: name.raw().to_vec(),
                instruction: instruction.raw().to_vec(),
                language: language.raw().to_vec(),
                prompts: Vec::new(),
            }),
            Notice::GssapiError {
                major,
                minor,
                message,
                language,
                ..
            } => Self::GssapiError(GssapiErrorLine {
                major: *major,
                minor: *minor,
                message: message.raw().to_vec(),
                language: language.raw().to_vec(),
            }),
            Notice::PasswordChanged => Self::PasswordChanged,
            Notice::PasswordNotChanged => Self::PasswordNotChanged,
            other => Self::Unknown(alloc::format!("{other:?}")),
        }
    }
}

/// `SSH_MSG_USERAUTH_GSSAPI_ERROR`, as the server says it and as it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct GssapiErrorLine {
    pub(crate) major: u32,
    pub(crate) minor: u32,
    pub(crate) message: Vec<u8>,
    pub(crate) language: Vec<u8>,
}

impl GssapiErrorLine {
    pub(crate) fn parse(words: &mut Words) -> Parsed<Self> {
        Ok(Self {
            major: words.number("major status")?,
            minor: words.number("minor status")?,
            message: words.bytes("text")?,
            language: words.behind("language")?,
        })
    }

    pub(crate) fn print(&self, sentence: Sentence) -> Sentence {
        let sentence = sentence.number(self.major).number(self.minor);
        let sentence = sentence.value(&self.message);
        sentence.behind("language", &self.language)
    }
}

/// A factor as one word: `password`, or `publickey:K1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FactorWord {
    method: String,
    key: Option<String>,
}

impl FactorWord {
    pub(crate) fn parse(word: &str) -> Parsed<Self> {
        let (method, key) = match word.split_once(':') {
            Some((method, key)) => (method, Some(check_name(key.to_string())?)),
            None => (word, None),
        };
        let method = check_method(method.to_string())?;
        Ok(Self { method, key })
    }

    pub(crate) fn print(&self) -> String {
        match &self.key {
            Some(key) => alloc::format!("{}:{key}", self.method),
            None => self.method.clone(),
        }
    }

    pub(crate) fn of(factor: &Factor, scene: &Scene) -> Self {
        let key = factor.identity();
        Self {
            method: factor.method().to_string(),
            key: key.map(|key| scene.keys.name(key.blob())),
        }
    }
}

/// `remaining` and the list behind it.
pub(crate) fn remaining(words: &mut Words) -> Parsed<Option<String>> {
    if words.keyword("remaining") {
        words.text("list of methods").map(Some)
    } else {
        Ok(None)
    }
}

/// A list of methods as the server wrote it, but for empty names.
pub(crate) fn list(list: &MethodList) -> String {
    let names: Vec<String> = list
        .names()
        .map(|name| String::from_utf8_lossy(name.raw()).into_owned())
        .collect();
    names.join(",")
}
