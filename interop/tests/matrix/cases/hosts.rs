//! The client's host vouches for its user (RFC 4252 section 9).

use interop::servers::{Kind, VouchingHost};
use ssh_userauth::{ClientHost, Method};

use super::{Row, by, key};
use crate::plan::Plan;
use crate::support::keys::TestKey;
use crate::support::user::TestUser;

const NAME: &str = "build1.example.org";

pub(super) const CASES: &[Row] = &[
    ("host", "the client's host, by its Ed25519 key", |kind| {
        let key = key("host");
        vouched(kind, &key, &key, &["hostbased"])
    }),
    ("host_rsa", "the client's host, by its RSA key", |kind| {
        let key = TestKey::rsa().labelled("host");
        vouched(kind, &key, &key, &["hostbased"])
    }),
    (
        "host_unknown",
        "the client's host with a strange key",
        |kind| vouched(kind, &key("known"), &key("strange"), &[]),
    ),
];

fn vouched(
    kind: Kind,
    known: &TestKey,
    used: &TestKey,
    methods: &'static [&'static str],
) -> Option<Plan> {
    let host = VouchingHost::new(NAME, "alice").key(&known.line());
    let site = by(kind, Method::HostBased)?.client_host(host);
    let plan = match methods {
        [] => Plan::fails(site, "method_refused"),
        methods => Plan::logs_in(site, methods),
    };
    let own = ClientHost::new(NAME, "alice").key(used.identity().clone());
    let plan =
        plan.config(move |config| config.methods([Method::HostBased]).client_host(own.clone()));
    let used = used.clone();
    Some(plan.user(move |_| TestUser::new().host_key(&used)))
}
