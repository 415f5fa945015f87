//! Who logs in, under which policies, over which connection.

use ssh_userauth::{
    AttemptBudget, ClientHost, Config, ConfigError, Discovery, EarlyPassword, HashFallback,
    HostBound, Limits, Method, MethodChoice, PasswordBridge, Pipelining, Quirks, ServiceRequest,
    Session, Sha1Signatures, TrivialSuccess, TryCounting, UserAuthClient, UserName,
};

use crate::{keys, packets};

const KERBEROS: &[u8] = ssh_userauth::KERBEROS_V5;

/// A method of the caller's own.
pub(crate) const OWN: &str = "own@example.org";
pub(crate) const CLIENT_HOST: &str = "client.example.org";
pub(crate) const CLIENT_USER: &str = "cu";

pub(crate) const HOST_KEY: &[u8] = b"\0\0\0\x0bssh-ed25519\0\0\0\x04\xcc\xcc\xcc\xcc";

/// The orders of methods to choose from; the first is the default.
const ORDERS: [&[Method]; 16] = [
    &[
        Method::PublicKey,
        Method::KeyboardInteractive,
        Method::Password,
    ],
    &[Method::PublicKey],
    &[Method::Password],
    &[Method::KeyboardInteractive],
    &[Method::None],
    &[],
    &[Method::Password, Method::PublicKey],
    &[
        Method::Password,
        Method::KeyboardInteractive,
        Method::PublicKey,
    ],
    &[Method::None, Method::PublicKey, Method::Password],
    &[Method::PublicKey, Method::None],
    &[Method::KeyboardInteractive, Method::Password],
    &[Method::KeyboardInteractive, Method::PublicKey],
    &[Method::PublicKey, Method::Password],
    &[
        Method::PublicKey,
        Method::Password,
        Method::KeyboardInteractive,
        Method::None,
    ],
    &[Method::Password, Method::None],
    &[Method::PublicKey, Method::KeyboardInteractive],
];

const MORE_ORDERS: [&[Method]; 16] = [
    &[Method::HostBased, Method::PublicKey],
    &[Method::GssapiWithMic, Method::Password],
    &[Method::GssapiKeyex, Method::GssapiWithMic, Method::Password],
    &[Method::Other(OWN), Method::Password],
    &[
        Method::HostBased,
        Method::GssapiKeyex,
        Method::GssapiWithMic,
        Method::PublicKey,
        Method::KeyboardInteractive,
        Method::Password,
    ],
    &[
        Method::KeyboardInteractive,
        Method::Other(OWN),
        Method::PublicKey,
    ],
    &[Method::Other(OWN)],
    &[Method::HostBased],
    &[Method::GssapiWithMic],
    &[
        Method::PublicKey,
        Method::Other(OWN),
        Method::KeyboardInteractive,
        Method::Password,
        Method::HostBased,
    ],
    &[
        Method::Password,
        Method::GssapiWithMic,
        Method::Other(OWN),
        Method::KeyboardInteractive,
    ],
    &[Method::None, Method::HostBased, Method::Other(OWN)],
    &[Method::GssapiWithMic, Method::PublicKey],
    &[Method::GssapiKeyex],
    &[
        Method::PublicKey,
        Method::GssapiWithMic,
        Method::KeyboardInteractive,
    ],
    &[Method::KeyboardInteractive, Method::GssapiKeyex],
];

#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) early_password: EarlyPassword,
    pub(crate) budget: AttemptBudget,
    pub(crate) counting: TryCounting,
    pub(crate) bridge: PasswordBridge,
    pub(crate) choice: MethodChoice,
    pub(crate) fallback: HashFallback,
    pub(crate) quirks: Quirks,
    pub(crate) host_keys: u8,
    pub(crate) mechanisms: &'static [&'static [u8]],
    pub(crate) key_exchange: bool,
    pub(crate) allowed: Option<&'static [&'static str]>,
    pub(crate) version: Option<&'static str>,
    pub(crate) methods: &'static [Method],
    pub(crate) discovery: Discovery,
    pub(crate) trivial: TrivialSuccess,
    pub(crate) sha1: Sha1Signatures,
    pub(crate) host_bound: HostBound,
    pub(crate) has_host_key: bool,
    pub(crate) pipelining: Pipelining,
    pub(crate) limits: Limits,
    pub(crate) encrypted: bool,
    pub(crate) service_request: ServiceRequest,
    pub(crate) session_id: Vec<u8>,
    pub(crate) ext_info: Option<Vec<u8>>,
    pub(crate) user: &'static [u8],
    pub(crate) service: &'static str,
    pub(crate) submethods: &'static str,
}

impl Setup {
    pub(crate) fn from_digits(digits: [u8; 7]) -> Self {
        let [order, policy, bound, limit, connection, ext_info, login] = digits;
        let flag = |digit: u8, bit: u8| digit & (1 << bit) != 0;
        Self {
            early_password: EarlyPassword::Never,
            budget: AttemptBudget::default(),
            counting: TryCounting::Separate,
            bridge: PasswordBridge::Never,
            choice: MethodChoice::default(),
            fallback: HashFallback::Never,
            quirks: Quirks::default(),
            host_keys: 0,
            mechanisms: &[],
            key_exchange: false,
            allowed: None,
            version: None,
            methods: ORDERS[usize::from(order) % ORDERS.len()],
            discovery: match flag(policy, 0) {
                false => Discovery::ProbeNone,
                true => Discovery::Skip,
            },
            trivial: match flag(policy, 1) {
                false => TrivialSuccess::Accept,
                true => TrivialSuccess::Reject,
            },
            sha1: match flag(policy, 2) {
                false => Sha1Signatures::Refuse,
                true => Sha1Signatures::Allow,
            },
            host_bound: match bound & 3 {
                1 => HostBound::Never,
                2 => HostBound::Require,
                _ => HostBound::Prefer,
            },
            has_host_key: flag(bound, 2),
            pipelining: match flag(bound, 3) {
                false => Pipelining::Off,
                true => Pipelining::Opening { queries: 3 },
            },
            limits: limits(limit),
            encrypted: !flag(connection, 0),
            service_request: match (connection >> 1) & 3 {
                1 => ServiceRequest::Sent,
                2 => ServiceRequest::Accepted,
                _ => ServiceRequest::Ours,
            },
            session_id: match flag(connection, 3) {
                false => (0..32).collect(),
                true => vec![7],
            },
            ext_info: (ext_info != 0).then(|| packets::ext_info(ext_info, false)),
            user: [&b"u"[..], b"", b"line\nfeed\xff", b"alice"][usize::from(login & 3)],
            service: match flag(login, 2) {
                false => "ssh-connection",
                true => "another@example.org",
            },
            submethods: match flag(login, 3) {
                false => "",
                true => "pam,otp",
            },
        }
    }

    /// What has no digit of its own.
    pub(crate) fn also(&mut self, which: u8, value: u8) {
        let flag = |bit: u8| value & (1 << bit) != 0;
        match which {
            0 => {
                let queries = u32::from(value);
                self.pipelining = Pipelining::Opening { queries };
            }
            1 => {
                self.early_password = match value & 3 {
                    1 => EarlyPassword::InOpening,
                    2 => EarlyPassword::BehindSignature,
                    _ => EarlyPassword::Never,
                }
            }
            2 => self.budget.refusals = u32::from(value),
            3 => self.budget.reserve = u32::from(value),
            4 => {
                if flag(0) {
                    self.counting = TryCounting::Shared;
                }
                if flag(1) {
                    self.bridge = PasswordBridge::HiddenSinglePromptOnce;
                }
                if flag(2) {
                    self.choice = MethodChoice::Ask;
                }
                self.key_exchange = flag(3);
            }
            5 => {
                self.quirks.unlisted_rsa_sha2 = flag(0);
                self.quirks.rsa_certificates_by_type = flag(1);
                self.quirks.bare_session_id = flag(2);
                self.quirks.swallows_after_dialogue = flag(3);
            }
            6 => {
                self.quirks.refuses_left_dialogues = flag(0);
                self.fallback = match value >> 1 & 3 {
                    1 => HashFallback::AfterSignature,
                    2 => HashFallback::AfterAnyRefusal,
                    _ => HashFallback::Never,
                }
            }
            7 => self.host_keys = value,
            8 => {
                self.mechanisms = match value & 3 {
                    0 => &[],
                    1 => &[KERBEROS],
                    2 => &[packets::OTHER_MECHANISM],
                    _ => &[KERBEROS, packets::OTHER_MECHANISM],
                }
            }
            9 => self.methods = MORE_ORDERS[usize::from(value)],
            10 => {
                self.allowed = match value & 3 {
                    0 => None,
                    1 => Some(&["rsa-sha2-256", "ssh-ed25519"]),
                    2 => Some(&["ssh-rsa", "rsa-sha2-512"]),
                    _ => Some(&[]),
                }
            }
            11 => self.version = Some("SSH-2.0-OpenSSH_7.4"),
            _ => {}
        }
    }

    /// The keys of the client's host.
    pub(crate) fn keys_of_host(&self) -> Vec<ssh_userauth::Identity> {
        (0..self.host_keys & 3)
            .map(|key| keys::identity(key + (self.host_keys >> 2)))
            .collect()
    }

    pub(crate) fn client(&self) -> Result<UserAuthClient, ConfigError> {
        let mut config = Config::new(UserName::raw(self.user))
            .early_password(self.early_password)
            .attempt_budget(self.budget)
            .try_counting(self.counting)
            .password_bridge(self.bridge)
            .method_choice(self.choice)
            .hash_fallback(self.fallback)
            .quirks(self.quirks)
            .gssapi_mechanisms(self.mechanisms)
            .service(self.service)
            .submethods(self.submethods)
            .methods(self.methods.iter().copied())
            .discovery(self.discovery)
            .trivial_success(self.trivial)
            .host_bound(self.host_bound)
            .pipelining(self.pipelining)
            .sha1_signatures(self.sha1)
            .limits(self.limits);
        if let Some(names) = self.allowed {
            config = config.signature_algorithms(names);
        }
        if self.host_keys != 0 {
            let mut host = ClientHost::new(CLIENT_HOST, CLIENT_USER);
            for key in self.keys_of_host() {
                host = host.key(key);
            }
            config = config.client_host(host);
        }
        let mut session = match self.encrypted {
            true => Session::encrypted(&self.session_id),
            false => Session::unencrypted(&self.session_id),
        };
        session = session.service_request(self.service_request);
        if self.has_host_key {
            session = session.host_key(HOST_KEY);
        }
        if self.key_exchange {
            session = session.gssapi_key_exchange();
        }
        if let Some(version) = self.version {
            session = session.server_version(version);
        }
        if let Some(payload) = &self.ext_info {
            session = session.ext_info(payload.clone());
        }
        UserAuthClient::new(config, session)
    }
}

/// The defaults, or some of them shrunk so far that a short script reaches them.
fn limits(which: u8) -> Limits {
    let mut limits = Limits::default();
    match which {
        1 => {
            limits.max_password_tries = 2;
            limits.max_keyboard_interactive_tries = 2;
            limits.max_rounds = 2;
            limits.max_partial_successes = 2;
            limits.max_password_changes = 2;
            limits.max_banners = 1;
            limits.max_requests = 5;
            limits.max_identities = 2;
            limits.max_ext_info = 1;
        }
        2 => {
            limits.max_password_tries = 0;
            limits.max_keyboard_interactive_tries = 0;
            limits.max_rounds = 0;
            limits.max_partial_successes = 0;
            limits.max_password_changes = 0;
            limits.max_banners = 0;
            limits.max_ext_info = 0;
        }
        3 => {
            limits.max_packet_bytes = 64;
            limits.max_password_bytes = 16;
            limits.max_answer_bytes = 16;
            limits.max_signature_bytes = 40;
            limits.max_algorithm_list_bytes = 12;
            limits.max_method_list_bytes = 8;
            limits.max_banner_bytes = 8;
        }
        4 => limits.max_requests = 0,
        5 => {
            limits.max_identities = 0;
            limits.max_prompts = 0;
        }
        6 => limits.max_requests = 1,
        7 => limits.max_identities = 3,
        _ => {}
    }
    limits
}
