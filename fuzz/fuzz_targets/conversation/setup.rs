//! Who logs in, under which policies, over which connection.

use ssh_userauth::{
    Config, ConfigError, Discovery, HostBound, Limits, Method, Pipelining, ServiceRequest, Session,
    Sha1Signatures, TrivialSuccess, UserAuthClient, UserName,
};

use crate::packets;

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

#[derive(Clone, Debug)]
pub(crate) struct Setup {
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

    pub(crate) fn client(&self) -> Result<UserAuthClient, ConfigError> {
        let config = Config::new(UserName::raw(self.user))
            .service(self.service)
            .submethods(self.submethods)
            .methods(self.methods.iter().copied())
            .discovery(self.discovery)
            .trivial_success(self.trivial)
            .host_bound(self.host_bound)
            .pipelining(self.pipelining)
            .sha1_signatures(self.sha1)
            .limits(self.limits);
        let mut session = match self.encrypted {
            true => Session::encrypted(&self.session_id),
            false => Session::unencrypted(&self.session_id),
        };
        session = session.service_request(self.service_request);
        if self.has_host_key {
            session = session.host_key(HOST_KEY);
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
