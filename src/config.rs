//! What the caller decides ([`Config`], [`Limits`], policies) and what the transport knows
//! ([`Session`]).

use alloc::borrow::ToOwned as _;
use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::algorithm::is_name;
use crate::error::ConfigError;
use crate::method::Method;
use crate::text::DisplayText;

mod limits;

pub use limits::Limits;

pub(crate) use limits::HARD_MAX_BANNERS;

/// The longest exchange hash of any key exchange in use is SHA-512's.
const MAX_SESSION_ID_BYTES: usize = 64;

/// What the caller decides about one login. Sensible without touching it.
///
/// ```
/// use ssh_userauth::{Config, Method, TrivialSuccess};
///
/// let config = Config::new("alice")
///     .methods([Method::PublicKey, Method::Password])
///     .trivial_success(TrivialSuccess::Reject);
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) user: UserName,
    pub(crate) service: String,
    pub(crate) label: Option<String>,
    pub(crate) methods: Vec<Method>,
    pub(crate) discovery: Discovery,
    pub(crate) submethods: String,
    pub(crate) trivial_success: TrivialSuccess,
    pub(crate) host_bound: HostBound,
    pub(crate) sha1: Sha1Signatures,
    pub(crate) limits: Limits,
}

impl Config {
    /// A login of `user` for the service `ssh-connection`, with the methods publickey,
    /// keyboard-interactive and password, in this order.
    #[must_use]
    pub fn new(user: impl Into<UserName>) -> Self {
        Self {
            user: user.into(),
            service: "ssh-connection".to_owned(),
            label: None,
            methods: Method::DEFAULT_ORDER.to_vec(),
            discovery: Discovery::default(),
            submethods: String::new(),
            trivial_success: TrivialSuccess::default(),
            host_bound: HostBound::default(),
            sha1: Sha1Signatures::default(),
            limits: Limits::default(),
        }
    }

    /// The service to start after authentication (RFC 4252 section 5), `ssh-connection` if not
    /// said otherwise.
    #[must_use]
    pub fn service(mut self, name: impl Into<String>) -> Self {
        self.service = name.into();
        self
    }

    /// A name for this login, such as `alice@example.org`, that every question carries: two
    /// sessions that ask at the same time must not be confused.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
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

    /// The submethods of keyboard-interactive (RFC 4256 section 3.1): "a hint of which methods he
    /// or she wishes to use", a name-list such as `pam`. Empty if not said otherwise: the server
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
        self.sha1 = policy;
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
        self.user.check(self.limits.max_user_bytes)?;
        if !is_name(self.service.as_bytes()) {
            return Err(ConfigError::BadServiceName);
        }
        // CVE-2015-5600: a submethod repeated many times once bypassed a server's try limit.
        let names = || self.submethods.split(',');
        let repeated = || names().any(|name| names().filter(|other| *other == name).count() > 1);
        if !self.submethods.is_empty()
            && (names().any(|name| !is_name(name.as_bytes())) || repeated())
        {
            return Err(ConfigError::BadSubmethods);
        }
        for (index, method) in self.methods.iter().enumerate() {
            if self.methods.iter().take(index).any(|other| other == method) {
                return Err(ConfigError::MethodListedTwice(*method));
            }
        }
        Ok(())
    }
}

/// Whom to log in as (RFC 4252 section 5: "user name in ISO-10646 UTF-8 encoding").
///
/// A name made from text must not contain control characters: names from untrusted sources have
/// carried commands into other software (CVE-2023-51385). An empty name is legal.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct UserName {
    bytes: Box<[u8]>,
    control_characters: ControlCharacters,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum ControlCharacters {
    Refused,
    Taken,
}

impl UserName {
    /// A name that goes on the wire as it is, control characters and invalid UTF-8 included. NUL
    /// is refused all the same.
    #[must_use]
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            bytes: bytes.into().into_boxed_slice(),
            control_characters: ControlCharacters::Taken,
        }
    }

    /// The name as it goes on the wire.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn check(&self, limit: usize) -> Result<(), ConfigError> {
        let refused = |byte: &u8| match self.control_characters {
            ControlCharacters::Refused => byte.is_ascii_control(),
            ControlCharacters::Taken => *byte == 0,
        };
        if self.bytes.iter().any(refused) {
            return Err(ConfigError::ControlCharacterInUserName);
        }
        if self.bytes.len() > limit {
            return Err(ConfigError::UserNameTooLong {
                length: self.bytes.len(),
                limit,
            });
        }
        Ok(())
    }
}

impl From<&str> for UserName {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl From<String> for UserName {
    fn from(name: String) -> Self {
        Self {
            bytes: name.into_bytes().into_boxed_slice(),
            control_characters: ControlCharacters::Refused,
        }
    }
}

impl fmt::Debug for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserName(\"{self}\")")
    }
}

/// The name on one line, control characters escaped.
impl fmt::Display for UserName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&DisplayText::line_of(&self.bytes), f)
    }
}

/// How to learn which methods the server offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Discovery {
    /// A `none` request first (RFC 4252 section 5.2): its refusal brings the list of methods. The
    /// default.
    #[default]
    ProbeNone,
    /// The first method of the order at once; its refusal brings the list. Saves a round trip. If
    /// nothing could be sent, `none` is tried before giving up.
    Skip,
}

/// What to do when the server lets us in although nothing was proved: after `none`, a round of
/// zero prompts, a key query.
///
/// A server in the middle may do this to look like the real one, and then wait for a password
/// prompt or an agent's touch (CVE-2021-36367, CVE-2021-36369).
/// [`Authenticated::is_trivial`](crate::Authenticated::is_trivial) tells in any case.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrivialSuccess {
    /// It is a login like any other: password-less services exist. The default.
    #[default]
    Accept,
    /// It ends the run, unless the caller intended [`Method::None`].
    Reject,
}

/// Whether signatures are bound to the server's host key (`publickey-hostbound-v00@openssh.com`,
/// OpenSSH PROTOCOL section 3.1). A bound signature tells the agent for which server it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum HostBound {
    /// When the server announced it and the host key is known. The default.
    #[default]
    Prefer,
    /// Never: for devices that can't parse the longer data.
    Never,
    /// No signature is made without it, and no key is offered.
    Require,
}

/// Whether the signature algorithms `ssh-rsa` (RSA with SHA-1) and `ssh-dss` may be used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Sha1Signatures {
    /// Never. The default: collisions in SHA-1 are practical.
    #[default]
    Refuse,
    /// When the server lists them and nothing better. Their absence from a list, or the absence
    /// of a list, never allows them.
    Allow,
}

/// What the transport knows about the connection. The machine takes it on trust: the host key
/// must have been verified before.
///
/// ```
/// use ssh_userauth::Session;
/// # let (session_id, host_key) = ([1; 32], vec![0]);
///
/// let session = Session::encrypted(session_id).host_key(host_key);
/// ```
#[derive(Clone, Debug)]
pub struct Session {
    pub(crate) id: Box<[u8]>,
    pub(crate) confidentiality: Confidentiality,
    pub(crate) host_key: Option<Box<[u8]>>,
    pub(crate) ext_info: Option<Box<[u8]>>,
    pub(crate) server_version: Option<String>,
    pub(crate) service_request: ServiceRequest,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Confidentiality {
    Encrypted,
    Open,
}

/// Who makes the request for the service `ssh-userauth` (RFC 4253 section 10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ServiceRequest {
    /// The machine, as its first message. The default.
    #[default]
    Ours,
    /// The caller has sent it; the machine waits for `SSH_MSG_SERVICE_ACCEPT`.
    Sent,
    /// The caller has sent it and seen it accepted.
    Accepted,
}

impl Session {
    /// A transport that encrypts and protects integrity, with the session identifier of its
    /// *first* key exchange (RFC 4253 section 7.2).
    #[must_use]
    pub fn encrypted(session_id: impl AsRef<[u8]>) -> Self {
        Self::with(session_id.as_ref(), Confidentiality::Encrypted)
    }

    /// A transport with cipher `none` or without integrity. No password and no answer is asked
    /// for or sent (RFC 4252 section 8: "the client SHOULD check whether the underlying transport
    /// layer provides confidentiality").
    #[must_use]
    pub fn unencrypted(session_id: impl AsRef<[u8]>) -> Self {
        Self::with(session_id.as_ref(), Confidentiality::Open)
    }

    fn with(id: &[u8], confidentiality: Confidentiality) -> Self {
        Self {
            id: id.into(),
            confidentiality,
            host_key: None,
            ext_info: None,
            server_version: None,
            service_request: ServiceRequest::default(),
        }
    }

    /// The host key blob of the first key exchange, for host-bound signatures and for the
    /// signer's user interface.
    #[must_use]
    pub fn host_key(mut self, blob: impl Into<Box<[u8]>>) -> Self {
        self.host_key = Some(blob.into());
        self
    }

    /// The payload of the `SSH_MSG_EXT_INFO` that came right after `SSH_MSG_NEWKEYS` (RFC 8308
    /// section 2.4), if the transport has taken it already. One that comes later goes into
    /// [`handle_packet`](crate::UserAuthClient::handle_packet) like everything else.
    #[must_use]
    pub fn ext_info(mut self, payload: impl Into<Box<[u8]>>) -> Self {
        self.ext_info = Some(payload.into());
        self
    }

    /// The server's version string, such as `SSH-2.0-OpenSSH_9.2`, for the report.
    #[must_use]
    pub fn server_version(mut self, version: impl Into<String>) -> Self {
        self.server_version = Some(version.into());
        self
    }

    /// Who makes the service request.
    #[must_use]
    pub fn service_request(mut self, by: ServiceRequest) -> Self {
        self.service_request = by;
        self
    }

    pub(crate) fn check(&self) -> Result<(), ConfigError> {
        match self.id.len() {
            // Without it, the data under a signature would be good for any connection.
            0 => Err(ConfigError::EmptySessionId),
            1..=MAX_SESSION_ID_BYTES => Ok(()),
            length => Err(ConfigError::SessionIdTooLong(length)),
        }
    }
}
