//! Payloads in words. Passwords, answers and signatures are never among them.

use alloc::collections::VecDeque;

use ssh_userauth::Identity;
use ssh_userauth_testing::wire::{
    ClientMessage, ExtInfo, Failure, InfoRequest, MethodMessage, NameList, PasswdChangeReq,
    RequestMethod, SERVER_SIG_ALGS, ServerMessage,
};

use super::HIDDEN;
use crate::login::text::{line, lines};

/// A message: a few words, and more below them.
#[derive(Debug, Default)]
pub(super) struct Row {
    pub(super) title: String,
    pub(super) details: Vec<String>,
}

impl Row {
    fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            details: Vec::new(),
        }
    }

    fn with(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    fn with_quoted(mut self, text: &[u8]) -> Self {
        if !text.is_empty() {
            self.details
                .extend(lines(text).iter().map(|line| format!("\"{line}\"")));
        }
        self
    }
}

/// What a request asked for: the meaning of its answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Asked {
    Methods,
    Query,
    Signed,
    Password,
    Interactive,
    Tokens,
    Other,
}

/// What is known of the conversation so far.
#[derive(Debug, Default)]
pub(super) struct Words {
    /// The requests that are not answered yet, oldest first.
    asked: VecDeque<Asked>,
    keys: Vec<Identity>,
}

impl Words {
    pub(super) fn learn(&mut self, identity: &Identity) {
        self.keys.push(identity.clone());
    }

    fn key(&self, blob: &[u8]) -> String {
        let known = self.keys.iter().find(|key| key.blob() == blob);
        known.map_or_else(|| "an unknown key".to_owned(), ToString::to_string)
    }

    pub(super) fn sent(&mut self, payload: &[u8]) -> Row {
        match ClientMessage::decode(payload) {
            Ok(ClientMessage::ServiceRequest(request)) => {
                Row::new(format!("service request: {}", line(request.name)))
            }
            Ok(ClientMessage::ExtInfo(_)) => Row::new("extensions"),
            Ok(ClientMessage::Request(request)) => self.request(&request.method),
            Ok(ClientMessage::Method(message)) => self.response(message),
            _ => unknown(payload),
        }
    }

    fn request(&mut self, method: &RequestMethod<'_>) -> Row {
        // A dialogue that is abandoned gets no answer (RFC 4252 section 5.1).
        self.asked
            .retain(|asked| !matches!(asked, Asked::Interactive | Asked::Tokens));
        let (asked, row) = match method {
            RequestMethod::None => (Asked::Methods, Row::new("none: which methods are there?")),
            RequestMethod::PublicKey {
                algorithm,
                key,
                signature,
            } => self.public_key(algorithm, key, signature.is_some(), ""),
            RequestMethod::HostBoundPublicKey {
                algorithm,
                key,
                signature,
                ..
            } => self.public_key(
                algorithm,
                key,
                signature.is_some(),
                ", bound to the host key",
            ),
            RequestMethod::Password { .. } => {
                (Asked::Password, Row::new(format!("password {HIDDEN}")))
            }
            RequestMethod::PasswordChange { .. } => {
                let title = format!("password {HIDDEN}, to be changed to {HIDDEN}");
                (Asked::Password, Row::new(title))
            }
            RequestMethod::KeyboardInteractive { .. } => {
                let row = Row::new("keyboard-interactive: ask me");
                (Asked::Interactive, row)
            }
            RequestMethod::HostBased {
                algorithm,
                host_key,
                ..
            } => {
                let row = Row::new("hostbased: this host vouches for its user");
                (Asked::Other, row.with(self.named(algorithm, host_key)))
            }
            RequestMethod::GssapiWithMic { .. } => {
                let row = Row::new("gssapi-with-mic: which mechanism?");
                (Asked::Tokens, row)
            }
            other => (Asked::Other, Row::new(line(other.name()))),
        };
        self.asked.push_back(asked);
        row
    }

    fn public_key(
        &self,
        algorithm: &[u8],
        key: &[u8],
        signed: bool,
        binding: &str,
    ) -> (Asked, Row) {
        let (asked, title) = if signed {
            (Asked::Signed, format!("publickey: signed{binding}"))
        } else {
            (Asked::Query, "publickey: would this key do?".to_owned())
        };
        (asked, Row::new(title).with(self.named(algorithm, key)))
    }

    /// The key, and the algorithm unless it goes without saying.
    fn named(&self, algorithm: &[u8], key: &[u8]) -> String {
        let algorithm = line(algorithm);
        let key = self.key(key);
        if key.starts_with(&format!("{algorithm} ")) {
            key
        } else {
            format!("{key}, as {algorithm}")
        }
    }

    /// Message 61 of keyboard-interactive, whose answers are counted, not looked at, and what a
    /// GSS-API client says.
    fn response(&self, message: MethodMessage<'_>) -> Row {
        let count = message.body().first_chunk::<4>();
        match (self.asked.back(), count) {
            (Some(Asked::Interactive), Some(count)) => match u32::from_be_bytes(*count) {
                0 => Row::new("no answers, as there was no prompt"),
                1 => Row::new(format!("answer {HIDDEN}")),
                count => Row::new(format!("{count} answers {HIDDEN}")),
            },
            (Some(Asked::Tokens), _) => match message.number() {
                61 => Row::new("a token"),
                63 => Row::new("exchange complete, without an integrity code"),
                66 => Row::new("the integrity code"),
                other => Row::new(format!("message {other}")),
            },
            _ => Row::new(format!("message {}", message.number())),
        }
    }

    pub(super) fn received(&mut self, payload: &[u8]) -> Row {
        match ServerMessage::decode(payload) {
            Ok(ServerMessage::ServiceAccept(accept)) => {
                let name = accept
                    .name
                    .map_or_else(|| "without its name".to_owned(), line);
                Row::new(format!("service accepted: {name}"))
            }
            Ok(ServerMessage::ExtInfo(info)) => extensions(&info),
            Ok(ServerMessage::Banner(banner)) => Row::new("banner").with_quoted(banner.message),
            Ok(ServerMessage::Success) => {
                self.asked.pop_front();
                Row::new("success")
            }
            Ok(ServerMessage::Failure(failure)) => self.failure(&failure),
            Ok(ServerMessage::Method(message)) => self.method(&message),
            _ => unknown(payload),
        }
    }

    fn failure(&mut self, failure: &Failure<'_>) -> Row {
        let verdict = match (self.asked.pop_front(), failure.partial_success) {
            (_, true) => "partial success",
            (Some(Asked::Methods), false) => "not in",
            (Some(Asked::Query), false) => "not this key",
            _ => "refused",
        };
        let methods = if failure.methods.is_empty() {
            "nothing".to_owned()
        } else {
            names(failure.methods)
        };
        let title = format!("{verdict}; can continue: {methods}");
        if title.len() <= 60 {
            Row::new(title)
        } else {
            Row::new(verdict).with(format!("can continue: {methods}"))
        }
    }

    /// Message 60 and the like, by what was asked.
    fn method(&mut self, message: &MethodMessage<'_>) -> Row {
        match self.asked.front() {
            Some(Asked::Query) => {
                self.asked.pop_front();
                Row::new("this key would do")
            }
            Some(Asked::Password) => {
                self.asked.pop_front();
                let row = Row::new("the password has to be changed");
                match PasswdChangeReq::decode(message) {
                    Ok(demand) => row.with_quoted(demand.prompt),
                    Err(_) => row,
                }
            }
            Some(Asked::Interactive) => match InfoRequest::decode(message) {
                Ok(request) => prompts(&request),
                Err(error) => Row::new("prompts").with(error.to_string()),
            },
            Some(Asked::Tokens) => match message.number() {
                60 => Row::new("this mechanism"),
                61 => Row::new("a token"),
                65 => Row::new("a last token, as the exchange failed"),
                other => Row::new(format!("message {other}")),
            },
            _ => Row::new(format!("message {}", message.number())),
        }
    }
}

fn prompts(request: &InfoRequest<'_>) -> Row {
    let title = match request.prompts.len() {
        0 => "text without a prompt".to_owned(),
        1 => "a prompt".to_owned(),
        count => format!("{count} prompts"),
    };
    let row = Row::new(title)
        .with_quoted(request.name)
        .with_quoted(request.instruction);
    request.prompts.iter().fold(row, |row, prompt| {
        let echo = if prompt.echo { "" } else { " (not echoed)" };
        row.with(format!("\"{}\"{echo}", line(prompt.text)))
    })
}

fn extensions(info: &ExtInfo<'_>) -> Row {
    let row = Row::new("extensions");
    info.entries.iter().fold(row, |row, entry| {
        let value = match NameList::new(entry.value) {
            Ok(list) if entry.name == SERVER_SIG_ALGS.as_bytes() => names(list),
            _ => line(entry.value),
        };
        row.with(format!("{}: {value}", line(entry.name)))
    })
}

fn names(list: NameList<'_>) -> String {
    let names: Vec<String> = list.iter().map(line).collect();
    names.join(", ")
}

fn unknown(payload: &[u8]) -> Row {
    Row::new(format!(
        "message {}",
        payload.first().copied().unwrap_or_default()
    ))
}
