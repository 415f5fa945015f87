//! A model of a real server: it has users and a policy, and keeps to the RFCs, or doesn't as real
//! ones don't.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::hash::{Hash, Hasher};

use crate::fake::FakeKey;
use crate::packet::Packet;
use crate::policy::Policy;
use crate::server::{Reply, Server};
use crate::wire::{ClientMessage, PUBLICKEY_HOSTBOUND, SERVER_SIG_ALGS, number};
use ssh_userauth::Method;

mod account;
mod dialogue;
mod judge;
mod quirks;

pub use account::{Account, Round};
pub use quirks::{
    AbandonedDialogue, AfterSuccess, BannerTime, ExtInfoTime, ServerQuirks, UnknownMethod,
};

use dialogue::Dialogue;

/// `SSH_DISCONNECT_PROTOCOL_ERROR` (RFC 4253 section 11.1).
const PROTOCOL_ERROR: u32 = 2;
/// `SSH_DISCONNECT_SERVICE_NOT_AVAILABLE`.
const SERVICE_NOT_AVAILABLE: u32 = 7;
/// As OpenSSH's `MaxAuthTries`.
const MAX_AUTH_TRIES: u32 = 6;

/// A deterministic model of a real server.
///
/// It replies to every request, one after the other and in order (RFC 4252 section 5.1), by its
/// [`Policy`] and its [`Account`]s: key queries and signatures, certificates as blobs, passwords
/// and their expiry, rounds of prompts, `hostbased`, methods of your own. It counts failures as
/// OpenSSH does: every refused request, a refused key query included, but neither a `none` that
/// comes first, nor an accepted query, nor a partial success. Whatever they are, it hears 1024
/// requests and no more. GSS-API is not modelled: to the server it is an unknown method.
///
/// Signatures are checked by [`FakeKey::verify`], or by a function of yours.
///
/// A search over all courses of a login can [`Clone`] the server before each step, and tell its
/// states apart by [`Hash`]. The hash is of the state, not of the configuration: compare only
/// servers that were made alike.
///
/// ```
/// use ssh_userauth::Method::{Password, PublicKey};
/// use ssh_userauth_testing::{Account, FakeKey, Person, Policy, PolicyServer, pair};
/// use ssh_userauth::{Config, Session};
///
/// let laptop = FakeKey::new("laptop");
/// let alice = Account::new("alice").key(laptop.identity()).password("hunter2");
/// let mut server = PolicyServer::new([7; 32], Policy::in_order([PublicKey, Password]))
///     .account(alice)
///     .banner("Welcome");
///
/// let mut alice = Person::new().key(laptop).password("hunter2");
/// let run = pair(Config::new("alice"), Session::encrypted([7; 32]), &mut server, &mut alice)?;
/// assert!(run.is_authenticated());
/// assert_eq!(server.factors(), [PublicKey, Password]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PolicyServer {
    rules: Rules,
    accounts: Vec<Account>,
    wanted: Policy,
    phase: Phase,
    /// The user and the service of the first request, which must not change.
    login: Option<(Vec<u8>, Vec<u8>)>,
    dialogue: Option<Dialogue>,
    banner: Option<String>,
    used_keys: Vec<Vec<u8>>,
    factors: Vec<Method>,
    requests: u32,
    failures: u32,
}

/// What doesn't change.
#[derive(Clone)]
struct Rules {
    session_id: Vec<u8>,
    quirks: ServerQuirks,
    max_auth_tries: u32,
    algorithms: Option<Vec<String>>,
    /// For host-bound signatures.
    host_key: Option<Vec<u8>>,
    also_listed: Vec<String>,
    verify: Arc<Verify>,
}

type Verify = dyn Fn(&SignedRequest<'_>) -> bool + Send + Sync;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// No service was requested.
    Fresh,
    Open,
    LetIn,
    Closed,
}

impl PolicyServer {
    /// A server at the other end of the connection with this session identifier, which is in
    /// everything that is signed.
    #[must_use]
    pub fn new(session_id: impl AsRef<[u8]>, policy: impl Into<Policy>) -> Self {
        Self {
            rules: Rules {
                session_id: session_id.as_ref().to_vec(),
                quirks: ServerQuirks::default(),
                max_auth_tries: MAX_AUTH_TRIES,
                algorithms: None,
                host_key: None,
                also_listed: Vec::new(),
                verify: Arc::new(FakeKey::verify),
            },
            accounts: Vec::new(),
            wanted: policy.into(),
            phase: Phase::Fresh,
            login: None,
            dialogue: None,
            banner: None,
            used_keys: Vec::new(),
            factors: Vec::new(),
            requests: 0,
            failures: 0,
        }
    }

    /// With one more user.
    #[must_use]
    pub fn account(mut self, account: Account) -> Self {
        self.accounts.push(account);
        self
    }

    /// The failure at which it closes the connection; 6 if not said, `u32::MAX` for never.
    #[must_use]
    pub fn max_auth_tries(mut self, failures: u32) -> Self {
        self.rules.max_auth_tries = failures;
        self
    }

    /// With a text for the user.
    #[must_use]
    pub fn banner(mut self, text: &str) -> Self {
        self.banner = Some(text.to_string());
        self
    }

    /// The signature algorithms it takes, which it announces in `SSH_MSG_EXT_INFO`
    /// (`server-sig-algs`, RFC 8308 section 3.1). Without this it announces nothing and takes all.
    #[must_use]
    pub fn signature_algorithms<N: AsRef<str>>(
        mut self,
        names: impl IntoIterator<Item = N>,
    ) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().to_string());
        self.rules.algorithms = Some(names.collect());
        self
    }

    /// It has this host key, announces host-bound signatures and takes them
    /// (`publickey-hostbound-v00@openssh.com`, OpenSSH PROTOCOL section 3.1).
    #[must_use]
    pub fn host_bound(mut self, host_key: impl Into<Vec<u8>>) -> Self {
        self.rules.host_key = Some(host_key.into());
        self
    }

    /// Names that stand in its lists of methods and mean nothing.
    #[must_use]
    pub fn also_lists<N: AsRef<str>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names = names.into_iter().map(|name| name.as_ref().to_string());
        self.rules.also_listed.extend(names);
        self
    }

    /// Where it differs from what the RFCs say.
    #[must_use]
    pub fn quirks(mut self, quirks: ServerQuirks) -> Self {
        self.rules.quirks = quirks;
        self
    }

    /// How it checks signatures: your cryptography.
    #[must_use]
    pub fn verify_with(
        mut self,
        verify: impl Fn(&SignedRequest<'_>) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.rules.verify = Arc::new(verify);
        self
    }

    /// The service was requested and accepted before the server is used.
    #[must_use]
    pub fn service_accepted(mut self) -> Self {
        self.phase = Phase::Open;
        self
    }

    /// Whether it has let the user in.
    #[must_use]
    pub fn is_authenticated(&self) -> bool {
        self.phase == Phase::LetIn
    }

    /// The methods that have succeeded, in order.
    #[must_use]
    pub fn factors(&self) -> &[Method] {
        &self.factors
    }

    /// How many requests it has heard.
    #[must_use]
    pub fn requests(&self) -> u32 {
        self.requests
    }

    /// How many failures it has counted.
    #[must_use]
    pub fn failures(&self) -> u32 {
        self.failures
    }

    /// What it still wants.
    #[must_use]
    pub fn wanted(&self) -> &Policy {
        &self.wanted
    }

    /// Whether the client owes it answers to prompts, or a new password.
    #[must_use]
    pub fn is_in_dialogue(&self) -> bool {
        self.dialogue.is_some()
    }

    /// It waits no longer for the user, as PAM does after a while, and refuses the dialogue. If it
    /// is in none, it does nothing.
    #[must_use]
    pub fn time_out(&mut self) -> Vec<Reply> {
        match self.dialogue.take() {
            Some(_) => self.refuse(),
            None => Vec::new(),
        }
    }

    fn close(&mut self, code: u32, description: &str) -> Vec<Reply> {
        self.phase = Phase::Closed;
        let description = description.to_string();
        Vec::from([Reply::Disconnect { code, description }])
    }

    fn list(&self) -> Vec<String> {
        let also = self.rules.also_listed.iter().cloned();
        let wanted = self.wanted.listed();
        let wanted = wanted.iter().map(|method| method.name().to_string());
        also.chain(wanted).collect()
    }

    fn accept_service(&mut self, name: &[u8]) -> Vec<Reply> {
        if name != b"ssh-userauth" {
            return self.close(SERVICE_NOT_AVAILABLE, "service not available");
        }
        self.phase = Phase::Open;
        let mut replies = Vec::new();
        if self.rules.quirks.ext_info == ExtInfoTime::WithServiceAccept {
            replies.extend(self.ext_info());
        }
        replies.push(Packet::service_accept().into());
        if self.rules.quirks.banner == BannerTime::WithServiceAccept {
            replies.extend(self.banner_once());
        }
        replies
    }

    /// `SSH_MSG_EXT_INFO`, if there is anything to announce.
    fn ext_info(&self) -> Option<Reply> {
        let algorithms = self.rules.algorithms.as_ref().map(|names| names.join(","));
        let algorithms = algorithms
            .iter()
            .map(|list| (SERVER_SIG_ALGS, list.as_bytes()));
        let host_bound = self.rules.host_key.iter();
        let host_bound = host_bound.map(|_| (PUBLICKEY_HOSTBOUND, &b"0"[..]));
        let entries: Vec<_> = algorithms.chain(host_bound).collect();
        (!entries.is_empty()).then(|| Packet::ext_info(entries).into())
    }

    /// The banner, once.
    fn banner_once(&mut self) -> Option<Reply> {
        let text = self.banner.take()?;
        Some(Packet::banner(text).into())
    }

    fn after_success(&mut self) -> Vec<Reply> {
        match self.rules.quirks.after_success {
            AfterSuccess::Ignored => Vec::new(),
            AfterSuccess::Unimplemented => Vec::from([Reply::Unimplemented]),
            AfterSuccess::Refused => Vec::from([Packet::failure(self.list()).into()]),
            AfterSuccess::Closed => {
                self.phase = Phase::Closed;
                Vec::from([Reply::Close])
            }
        }
    }
}

impl Server for PolicyServer {
    fn greet(&mut self) -> Vec<Reply> {
        match self.rules.quirks.ext_info {
            ExtInfoTime::BeforeFirstFlight => self.ext_info().into_iter().collect(),
            ExtInfoTime::WithServiceAccept => Vec::new(),
        }
    }

    fn hear(&mut self, payload: &[u8]) -> Vec<Reply> {
        // What belongs to the connection protocol is for the service that was started.
        let is_ours = payload.first().is_some_and(|number| *number < 80);
        match self.phase {
            Phase::Closed => return Vec::new(),
            Phase::LetIn if is_ours => return self.after_success(),
            Phase::LetIn => return Vec::new(),
            Phase::Fresh | Phase::Open => {}
        }
        match ClientMessage::decode(payload) {
            Ok(ClientMessage::ServiceRequest(request)) => self.accept_service(request.name),
            Ok(ClientMessage::ExtInfo(_)) => Vec::new(),
            Ok(ClientMessage::Request(request)) if self.phase == Phase::Open => {
                self.judge(&request)
            }
            Ok(ClientMessage::Method(message)) => self.go_on(&message),
            Ok(_) => self.close(PROTOCOL_ERROR, "no service was requested"),
            Err(error) if error.message_number() == number::USERAUTH_REQUEST => {
                self.close(PROTOCOL_ERROR, "malformed request")
            }
            Err(_) => Vec::from([Reply::Unimplemented]),
        }
    }
}

impl Hash for PolicyServer {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        let Self {
            rules: _,
            accounts,
            wanted,
            phase,
            login,
            dialogue,
            banner,
            used_keys,
            factors,
            requests,
            failures,
        } = self;
        (accounts, wanted, phase, login, dialogue, banner).hash(hasher);
        (used_keys, factors, requests, failures).hash(hasher);
    }
}

impl fmt::Debug for PolicyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PolicyServer")
            .field("wanted", &self.wanted)
            .field("accounts", &self.accounts)
            .field("phase", &self.phase)
            .field("factors", &self.factors)
            .field("requests", &self.requests)
            .field("failures", &self.failures)
            .finish_non_exhaustive()
    }
}

/// A request with a signature, as a server checks it.
#[derive(Clone, Copy, Debug)]
pub struct SignedRequest<'a> {
    user: &'a [u8],
    algorithm: &'a str,
    key: &'a [u8],
    signature: &'a [u8],
    data: &'a [u8],
}

impl<'a> SignedRequest<'a> {
    /// The name of the user.
    #[must_use]
    pub fn user(&self) -> &'a [u8] {
        self.user
    }

    /// The algorithm of the request; for a certificate, one with `-cert-v01@openssh.com`.
    #[must_use]
    pub fn algorithm(&self) -> &'a str {
        self.algorithm
    }

    /// The blob of the key or certificate, which is an authorized one.
    #[must_use]
    pub fn key(&self) -> &'a [u8] {
        self.key
    }

    /// The blob of the signature: the name of its algorithm, and the signature.
    #[must_use]
    pub fn signature(&self) -> &'a [u8] {
        self.signature
    }

    /// What must have been signed.
    #[must_use]
    pub fn data(&self) -> &'a [u8] {
        self.data
    }
}
