//! Who may log in, and by what.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use ssh_userauth::{Identity, Method};

/// A user of a [`PolicyServer`](super::PolicyServer), and what the server knows to check them by.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Account {
    pub(super) name: Vec<u8>,
    pub(super) keys: Vec<AuthorizedKey>,
    pub(super) hosts: Vec<TrustedHost>,
    pub(super) password: Option<Vec<u8>>,
    pub(super) expiry: Option<Expiry>,
    pub(super) rounds: Vec<Round>,
    pub(super) own: Vec<(Method, Vec<u8>)>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct AuthorizedKey {
    pub(super) blob: Vec<u8>,
    pub(super) only_behind_a_factor: bool,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct TrustedHost {
    pub(super) key: Vec<u8>,
    pub(super) name: String,
    pub(super) user: String,
}

/// The password must be changed.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Expiry {
    pub(super) demand: String,
    /// New passwords that are not taken.
    pub(super) refused: Vec<Vec<u8>>,
}

impl Account {
    /// A user by whom nothing is known yet.
    #[must_use]
    pub fn new(name: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    /// A key or certificate that is authorized, as the bytes of its blob.
    #[must_use]
    pub fn key(self, key: &Identity) -> Self {
        self.with_key(key, false)
    }

    /// A key that is accepted only when another factor has succeeded before.
    #[must_use]
    pub fn key_behind_a_factor(self, key: &Identity) -> Self {
        self.with_key(key, true)
    }

    fn with_key(mut self, key: &Identity, only_behind_a_factor: bool) -> Self {
        self.keys.push(AuthorizedKey {
            blob: key.blob().to_vec(),
            only_behind_a_factor,
        });
        self
    }

    /// A host whose word is taken for its user (`hostbased`).
    #[must_use]
    pub fn host(mut self, key: &Identity, name: &str, user: &str) -> Self {
        self.hosts.push(TrustedHost {
            key: key.blob().to_vec(),
            name: name.into(),
            user: user.into(),
        });
        self
    }

    /// The password.
    #[must_use]
    pub fn password(mut self, password: impl Into<Vec<u8>>) -> Self {
        self.password = Some(password.into());
        self
    }

    /// The password has expired: it is asked to be changed, with this text.
    #[must_use]
    pub fn password_expired(mut self, demand: &str) -> Self {
        let refused = Vec::new();
        let demand = demand.into();
        self.expiry = Some(Expiry { demand, refused });
        self
    }

    /// A new password that the server does not take when an expired one is changed; nor does it
    /// take the old one again.
    #[must_use]
    pub fn refuses_new_password(mut self, password: impl Into<Vec<u8>>) -> Self {
        if let Some(expiry) = &mut self.expiry {
            expiry.refused.push(password.into());
        }
        self
    }

    /// One more round of keyboard-interactive.
    #[must_use]
    pub fn round(mut self, round: Round) -> Self {
        self.rounds.push(round);
        self
    }

    /// What a method of your own ([`Method::Other`]) has to say in its request.
    #[must_use]
    pub fn own_method(mut self, method: Method, data: impl Into<Vec<u8>>) -> Self {
        self.own.push((method, data.into()));
        self
    }
}

/// The name, and nothing that is secret.
impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Account(\"{}\")", self.name.escape_ascii())
    }
}

/// One `SSH_MSG_USERAUTH_INFO_REQUEST` of keyboard-interactive, and the answers it wants.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Round {
    pub(super) name: String,
    pub(super) instruction: String,
    pub(super) prompts: Vec<Question>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) text: String,
    pub(super) echo: bool,
    pub(super) answer: Vec<u8>,
}

impl Round {
    /// A round without prompts. OpenSSH's server with PAM ends with one.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The title of the dialogue.
    #[must_use]
    pub fn name(mut self, text: &str) -> Self {
        self.name = text.into();
        self
    }

    /// What to tell the user before the prompts.
    #[must_use]
    pub fn instruction(mut self, text: &str) -> Self {
        self.instruction = text.into();
        self
    }

    /// A prompt whose answer is not shown while it is typed.
    #[must_use]
    pub fn hidden(self, prompt: &str, answer: impl Into<Vec<u8>>) -> Self {
        self.with(prompt, false, answer.into())
    }

    /// A prompt whose answer is shown.
    #[must_use]
    pub fn shown(self, prompt: &str, answer: impl Into<Vec<u8>>) -> Self {
        self.with(prompt, true, answer.into())
    }

    fn with(mut self, prompt: &str, echo: bool, answer: Vec<u8>) -> Self {
        self.prompts.push(Question {
            text: prompt.into(),
            echo,
            answer,
        });
        self
    }
}

/// The prompts, without the answers.
impl fmt::Debug for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prompts = self.prompts.iter().map(|prompt| &prompt.text);
        f.debug_list().entries(prompts).finish()
    }
}
