//! What the caller decides about one login.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use crate::algorithm::{AlgorithmName, is_name};
use crate::error::ConfigError;
use crate::method_name::Method;
use crate::quirks::Quirks;
use crate::wire::is_object_identifier;

mod client_host;
mod limits;
mod policy;
mod user_name;

pub use client_host::ClientHost;
pub use limits::Limits;
pub use policy::{
    AttemptBudget, Discovery, EarlyPassword, HashFallback, HostBound, MethodChoice, PasswordBridge,
    Pipelining, Sha1Signatures, TrivialSuccess, TryCounting,
};
pub use user_name::UserName;

pub(crate) use limits::HARD_MAX_BANNERS;

/// Mechanisms in one request: each costs bytes, and nobody has more.
const MAX_MECHANISMS: usize = 8;

/// SPNEGO negotiates a mechanism of its own, and must not be one of those that SSH negotiates
/// (RFC 4462 section 7.3).
const SPNEGO: &[u8] = &[6, 6, 0x2b, 6, 1, 5, 5, 2];

/// What the caller decides about one login. The defaults are sensible.
///
/// Each field is what the method of its name sets.
///
/// ```
/// use ssh_userauth::{Config, Method, TrivialSuccess};
///
/// let config = Config::new("alice")
///     .methods([Method::PublicKey, Method::Password])
///     .trivial_success(TrivialSuccess::Reject);
/// assert_eq!(config.methods.len(), 2);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[allow(missing_docs, reason = "each is documented at the method of its name")]
pub struct Config {
    pub user: UserName,
    pub service: Cow<'static, str>,
    pub label: Option<Box<str>>,
    pub methods: Cow<'static, [Method]>,
    pub discovery: Discovery,
    pub submethods: String,
    pub trivial_success: TrivialSuccess,
    pub host_bound: HostBound,
    pub sha1_signatures: Sha1Signatures,
    pub signature_algorithms: Option<Vec<AlgorithmName>>,
    pub hash_fallback: HashFallback,
    pub quirks: Quirks,
    pub client_host: Option<Box<ClientHost>>,
    pub gssapi_mechanisms: Vec<Box<[u8]>>,
    pub method_choice: MethodChoice,
    pub attempt_budget: AttemptBudget,
    pub try_counting: TryCounting,
    pub password_bridge: PasswordBridge,
    pub pipelining: Pipelining,
    pub early_password: EarlyPassword,
    pub limits: Limits,
}

impl Config {
    /// A login of `user` for the service `ssh-connection`, with the methods publickey,
    /// keyboard-interactive and password, in this order.
    #[must_use]
    pub fn new(user: impl Into<UserName>) -> Self {
        Self {
            user: user.into(),
            service: Cow::Borrowed("ssh-connection"),
            label: None,
            methods: Cow::Borrowed(&Method::DEFAULT_ORDER),
            discovery: Discovery::default(),
            submethods: String::new(),
            trivial_success: TrivialSuccess::default(),
            host_bound: HostBound::default(),
            sha1_signatures: Sha1Signatures::default(),
            signature_algorithms: None,
            hash_fallback: HashFallback::default(),
            quirks: Quirks::default(),
            client_host: None,
            gssapi_mechanisms: Vec::new(),
            method_choice: MethodChoice::default(),
            attempt_budget: AttemptBudget::default(),
            try_counting: TryCounting::default(),
            password_bridge: PasswordBridge::default(),
            pipelining: Pipelining::default(),
            early_password: EarlyPassword::default(),
            limits: Limits::DEFAULT,
        }
    }

    /// The service to start after authentication (RFC 4252 section 5), `ssh-connection` if not
    /// said otherwise.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = Cow::Owned(name.into());
        self
    }

    /// A name for this login, such as `alice@example.org`, that every question carries: two
    /// sessions that ask at the same time must not be confused.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into().into_boxed_str());
        self
    }

    /// The methods to use, in order of preference. A method that is not named is never used.
    /// [`Method::None`] in the list says that a login without proof is intended.
    #[must_use]
    pub fn methods(mut self, order: impl IntoIterator<Item = Method>) -> Self {
        self.methods = order.into_iter().collect();
        self
    }

    /// Whether to learn the server's methods by a `none` request first.
    #[must_use]
    pub fn discovery(mut self, discovery: Discovery) -> Self {
        self.discovery = discovery;
        self
    }

    /// The submethods of keyboard-interactive (RFC 4256 section 3.1): "a hint of which actual
    /// methods he wants to use", a name-list such as `pam`. Empty if not said otherwise: the server
    /// chooses.
    #[must_use]
    pub fn submethods(mut self, name_list: impl Into<String>) -> Self {
        self.submethods = name_list.into();
        self
    }

    /// What to do when the server lets us in without any proof.
    #[must_use]
    pub fn trivial_success(mut self, policy: TrivialSuccess) -> Self {
        self.trivial_success = policy;
        self
    }

    /// Whether signatures are bound to the server's host key.
    #[must_use]
    pub fn host_bound(mut self, policy: HostBound) -> Self {
        self.host_bound = policy;
        self
    }

    /// Whether RSA with SHA-1 (`ssh-rsa`) and DSA may be used.
    #[must_use]
    pub fn sha1_signatures(mut self, policy: Sha1Signatures) -> Self {
        self.sha1_signatures = policy;
        self
    }

    /// The only signature algorithms to use for keys and certificates, by their exact names, as
    /// OpenSSH's `PubkeyAcceptedAlgorithms`. A certificate has its own name. Everything but SHA-1
    /// and DSA if not said otherwise. What can't be a name (RFC 4251 section 6) is left out: with
    /// nothing but that, no key is offered.
    #[must_use]
    pub fn signature_algorithms<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        self.signature_algorithms = Some(AlgorithmName::all_of(names));
        self
    }

    /// Whether an RSA key that is refused under one hash is tried under the next.
    #[must_use]
    pub fn hash_fallback(mut self, policy: HashFallback) -> Self {
        self.hash_fallback = policy;
        self
    }

    /// What to do about known defects of the server; see [`Quirks::of_server`].
    #[must_use]
    pub fn quirks(mut self, quirks: Quirks) -> Self {
        self.quirks = quirks;
        self
    }

    /// Who we are for [`Method::HostBased`], which is not used without it.
    #[must_use]
    pub fn client_host(mut self, host: ClientHost) -> Self {
        self.client_host = Some(Box::new(host));
        self
    }

    /// The GSS-API mechanisms for [`Method::GssapiWithMic`], which is not used without one: object
    /// identifiers in DER (RFC 4462 section 3.2), such as [`KERBEROS_V5`](crate::KERBEROS_V5), at
    /// most 8, best first.
    #[must_use]
    pub fn gssapi_mechanisms<O: AsRef<[u8]>>(
        mut self,
        identifiers: impl IntoIterator<Item = O>,
    ) -> Self {
        let identifiers = identifiers.into_iter().map(|der| der.as_ref().into());
        self.gssapi_mechanisms = identifiers.collect();
        self
    }

    /// Who chooses the next method.
    #[must_use]
    pub fn method_choice(mut self, policy: MethodChoice) -> Self {
        self.method_choice = policy;
        self
    }

    /// How many refusals to risk, and how many of them to keep for password and
    /// keyboard-interactive.
    #[must_use]
    pub fn attempt_budget(mut self, budget: AttemptBudget) -> Self {
        self.attempt_budget = budget;
        self
    }

    /// Whether password and keyboard-interactive count their refusals together.
    #[must_use]
    pub fn try_counting(mut self, policy: TryCounting) -> Self {
        self.try_counting = policy;
        self
    }

    /// Whether the password may answer a prompt of keyboard-interactive.
    #[must_use]
    pub fn password_bridge(mut self, policy: PasswordBridge) -> Self {
        self.password_bridge = policy;
        self
    }

    /// What may be sent before the replies to earlier requests have come.
    #[must_use]
    pub fn pipelining(mut self, policy: Pipelining) -> Self {
        self.pipelining = policy;
        self
    }

    /// Whether a password may leave before the server has asked for one.
    #[must_use]
    pub fn early_password(mut self, policy: EarlyPassword) -> Self {
        self.early_password = policy;
        self
    }

    /// The limits of the run.
    #[must_use]
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        self.limits.check()?;
        check_submethods(&self.submethods)?;
        let mut mechanisms = self.gssapi_mechanisms.iter();
        if mechanisms.len() > MAX_MECHANISMS
            || mechanisms.any(|der| !is_object_identifier(der) || **der == *SPNEGO)
        {
            return Err(ConfigError::BadGssapiMechanisms);
        }
        self.user.check(self.limits.max_user_bytes)?;
        if !is_name(self.service.as_bytes()) {
            return Err(ConfigError::BadServiceName);
        }
        let host = self.client_host.as_ref();
        if host.is_some_and(|host| !host.is_well_named()) {
            return Err(ConfigError::BadClientHost);
        }
        check_order(&self.methods)
    }
}

/// CVE-2015-5600: a submethod repeated many times once bypassed a server's try limit.
fn check_submethods(list: &str) -> Result<(), ConfigError> {
    let names = || list.split(',');
    let repeated = || names().any(|name| names().filter(|other| *other == name).count() > 1);
    if !list.is_empty() && (names().any(|name| !is_name(name.as_bytes())) || repeated()) {
        return Err(ConfigError::BadSubmethods);
    }
    Ok(())
}

fn check_order(methods: &[Method]) -> Result<(), ConfigError> {
    for (index, method) in methods.iter().enumerate() {
        if methods.iter().take(index).any(|other| other == method) {
            return Err(ConfigError::MethodListedTwice(*method));
        }
        if !method.is_well_named() {
            return Err(ConfigError::BadMethodName(*method));
        }
    }
    Ok(())
}
