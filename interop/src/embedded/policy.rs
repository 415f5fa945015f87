//! Whom the embedded server lets in.

use alloc::borrow::Cow;
use core::fmt;
use core::time::Duration;

use russh::{MethodKind, MethodSet};
use zeroize::Zeroizing;

/// An authentication method that the embedded server can demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Method {
    /// `publickey`, RFC 4252 section 7.
    PublicKey,
    /// `password`, RFC 4252 section 8.
    Password,
    /// `keyboard-interactive`, RFC 4256.
    KeyboardInteractive,
}

impl Method {
    const fn kind(self) -> MethodKind {
        match self {
            Self::PublicKey => MethodKind::PublicKey,
            Self::Password => MethodKind::Password,
            Self::KeyboardInteractive => MethodKind::KeyboardInteractive,
        }
    }
}

/// One INFO_REQUEST of keyboard-interactive (RFC 4256 section 3.2) and the right answers.
#[derive(Clone)]
pub struct Round {
    pub(super) name: Cow<'static, str>,
    pub(super) instruction: Cow<'static, str>,
    pub(super) prompts: Vec<(Cow<'static, str>, bool)>,
    answers: Vec<Zeroizing<String>>,
}

impl fmt::Debug for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Round")
            .field("name", &self.name)
            .field("instruction", &self.instruction)
            .field("prompts", &self.prompts)
            .finish_non_exhaustive()
    }
}

impl Round {
    /// A round without prompts.
    #[must_use]
    pub fn new(name: &str, instruction: &str) -> Self {
        Self {
            name: Cow::Owned(name.to_owned()),
            instruction: Cow::Owned(instruction.to_owned()),
            prompts: Vec::new(),
            answers: Vec::new(),
        }
    }

    /// Adds a prompt, whether to echo what is typed, and the right answer.
    #[must_use]
    pub fn with_prompt(mut self, text: &str, echo: bool, answer: &str) -> Self {
        self.prompts.push((Cow::Owned(text.to_owned()), echo));
        self.answers.push(Zeroizing::new(answer.to_owned()));
        self
    }

    /// Whether `responses` are the right answers, all of them and no more.
    pub(super) fn is_answered_by(&self, responses: impl Iterator<Item = impl AsRef<[u8]>>) -> bool {
        let mut responses = responses.map(|response| response.as_ref().to_vec());
        let right = self
            .answers
            .iter()
            .all(|answer| responses.next().as_deref() == Some(answer.as_bytes()));
        right && responses.next().is_none()
    }
}

/// Whom to let in, and how.
#[derive(Clone)]
pub struct EmbeddedPolicy {
    pub(super) user: String,
    pub(super) keys: Vec<Vec<u8>>,
    pub(super) authorities: Vec<Vec<u8>>,
    pub(super) password: Option<Zeroizing<String>>,
    pub(super) rounds: Vec<Round>,
    steps: Vec<Vec<Method>>,
    pub(super) banner: Option<String>,
    pub(super) rejection_delay: Duration,
    pub(super) max_attempts: usize,
    pub(super) greeting: String,
}

impl fmt::Debug for EmbeddedPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmbeddedPolicy")
            .field("user", &self.user)
            .field("steps", &self.steps)
            .field("rounds", &self.rounds)
            .field("banner", &self.banner)
            .finish_non_exhaustive()
    }
}

impl EmbeddedPolicy {
    /// The user of [`EmbeddedPolicy::demo`].
    pub const DEMO_USER: &'static str = "demo";
    /// The answers of [`EmbeddedPolicy::demo`], one slice for each round.
    pub const DEMO_ANSWERS: &'static [&'static [&'static str]] = &[&["correct horse"], &["424242"]];

    /// Nobody gets in yet: add at least one step. Rejections are not delayed.
    #[must_use]
    pub fn new(user: &str) -> Self {
        Self {
            user: user.to_owned(),
            keys: Vec::new(),
            authorities: Vec::new(),
            password: None,
            rounds: Vec::new(),
            steps: Vec::new(),
            banner: None,
            rejection_delay: Duration::ZERO,
            max_attempts: 10,
            greeting: "You are logged in.\n".to_owned(),
        }
    }

    /// The demonstration: a banner, then user `demo` with the key of `blob`, then two rounds of
    /// keyboard-interactive with [`EmbeddedPolicy::DEMO_ANSWERS`].
    #[must_use]
    pub fn demo(blob: &[u8]) -> Self {
        Self::new(Self::DEMO_USER)
            .with_banner("Demonstration server. It lives only as long as this login.\r\n")
            .with_key(blob)
            .with_round(
                Round::new("Second factor", "The first of two questions.").with_prompt(
                    "Passphrase: ",
                    false,
                    "correct horse",
                ),
            )
            .with_round(
                Round::new("Second factor", "The last question.").with_prompt(
                    "Verification code: ",
                    true,
                    "424242",
                ),
            )
            .then(Method::PublicKey)
            .then(Method::KeyboardInteractive)
            .with_greeting("Logged in to the demonstration server.\n")
    }

    /// Accepts the public key in `blob` (RFC 4253 section 6.6).
    #[must_use]
    pub fn with_key(mut self, blob: &[u8]) -> Self {
        self.keys.push(blob.to_vec());
        self
    }

    /// Accepts certificates for the user by the authority with the public key in `blob`. The
    /// server's library does not tell whether a query is about a certificate: with an authority,
    /// it says of every key that it would take it.
    #[must_use]
    pub fn with_authority(mut self, blob: &[u8]) -> Self {
        self.authorities.push(blob.to_vec());
        self
    }

    /// The password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(Zeroizing::new(password.to_owned()));
        self
    }

    /// Another round of keyboard-interactive.
    #[must_use]
    pub fn with_round(mut self, round: Round) -> Self {
        self.rounds.push(round);
        self
    }

    /// Demands `method` once everything demanded so far has succeeded.
    #[must_use]
    pub fn then(self, method: Method) -> Self {
        self.then_one_of(&[method])
    }

    /// Demands one of `methods` once everything demanded so far has succeeded.
    #[must_use]
    pub fn then_one_of(mut self, methods: &[Method]) -> Self {
        self.steps.push(methods.to_vec());
        self
    }

    /// Sends this banner (RFC 4252 section 5.4) behind SERVICE_ACCEPT.
    #[must_use]
    pub fn with_banner(mut self, banner: &str) -> Self {
        self.banner = Some(banner.to_owned());
        self
    }

    /// Answers a failure, `none` included, only after this time.
    #[must_use]
    pub const fn with_rejection_delay(mut self, delay: Duration) -> Self {
        self.rejection_delay = delay;
        self
    }

    /// Disconnects after this many failures.
    #[must_use]
    pub const fn with_max_attempts(mut self, attempts: usize) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// What `exec` and `shell` print.
    #[must_use]
    pub fn with_greeting(mut self, greeting: &str) -> Self {
        self.greeting = greeting.to_owned();
        self
    }

    /// Whether `method` may be used at this step.
    pub(super) fn allows(&self, step: usize, method: Method) -> bool {
        self.steps
            .get(step)
            .is_some_and(|methods| methods.contains(&method))
    }

    /// Whether success at this step lets the user in.
    pub(super) const fn is_last(&self, step: usize) -> bool {
        step.saturating_add(1) >= self.steps.len()
    }

    /// The methods that can continue at this step.
    pub(super) fn methods_of_step(&self, step: usize) -> MethodSet {
        let methods = self.steps.get(step).map(Vec::as_slice).unwrap_or_default();
        let kinds: Vec<MethodKind> = methods.iter().map(|method| method.kind()).collect();
        MethodSet::from(kinds.as_slice())
    }
}
