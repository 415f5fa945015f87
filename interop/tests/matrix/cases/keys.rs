//! Keys and certificates.

use interop::servers::{Extensions, Kind};
use ssh_userauth::{Config, HostBound, Method};

use super::{Row, by, key};
use crate::plan::{Expected, Plan};
use crate::support::keys::TestKey;
use crate::support::user::TestUser;

const KEY: &[&str] = &["publickey"];

pub(super) const CASES: &[Row] = &[
    ("key_ed25519", "an Ed25519 key", |kind| {
        admitted(kind, key("key"))
    }),
    ("key_ecdsa", "an ECDSA key", |kind| {
        let key = (kind != Kind::TinySsh).then(TestKey::ecdsa)?;
        let plan = admitted(kind, key.labelled("key"))?;
        Some(unlisted_by_conch(kind, plan))
    }),
    ("key_rsa", "an RSA key, with SHA-2", rsa),
    (
        "key_rsa_sha256",
        "an RSA key whose signer has only SHA-256",
        rsa_sha256,
    ),
    (
        "key_wrong_then_right",
        "a strange key, then the right one",
        second,
    ),
    ("key_fifth", "the fifth of five keys", fifth),
    ("key_unknown", "only a strange key", unknown),
    (
        "key_wrong_signature",
        "the right key with a wrong signature",
        wrong_signature,
    ),
    (
        "certificate",
        "a certificate of a trusted authority",
        certificate,
    ),
    (
        "certificate_expired",
        "a certificate that has expired",
        expired,
    ),
    (
        "certificate_then_key",
        "a certificate of a strange authority, then its plain key",
        fallback,
    ),
    (
        "host_bound",
        "a signature that must be bound to the host key",
        host_bound,
    ),
    (
        "extensions",
        "`server-sig-algs`, where the server has it",
        extensions,
    ),
];

fn admitted(kind: Kind, key: TestKey) -> Option<Plan> {
    let site = by(kind, Method::PublicKey)?.key(&key.line());
    Some(Plan::logs_in(site, KEY).user(move |_| TestUser::new().key(&key)))
}

/// Conch's `server-sig-algs` has the types of its own host keys, here Ed25519, though it takes keys
/// of the others: only what leaves ahead of the list gets a chance.
fn unlisted_by_conch(kind: Kind, plan: Plan) -> Plan {
    if kind == Kind::Conch {
        let admitted = Expected::In(KEY);
        return plan
            .but(Expected::Refused("no_mutual_algorithm"))
            .ahead(admitted);
    }
    plan
}

/// The signature's algorithm is in the ledger, and never `ssh-rsa`.
fn rsa(kind: Kind) -> Option<Plan> {
    let key = kind.abilities().rsa.then(TestKey::rsa)?;
    // Dropbear's list of algorithms has no other hash.
    // A comma is missing in that of ssh2, ahead of `rsa-sha2-512`.
    let only_256 = matches!(kind, Kind::Dropbear | Kind::Ssh2);
    let hash = if only_256 { "256" } else { "512" };
    let listed = format!("publickey rsa rsa-sha2-{hash}: success");
    let plan = unlisted_by_conch(kind, admitted(kind, key.labelled("rsa"))?);
    Some(plan.check(move |run| {
        if kind == Kind::Conch && !run.ahead {
            return;
        }
        // What leaves ahead of the list uses the hash that every server has.
        let signed = match run.ahead {
            true => "publickey rsa rsa-sha2-256: success",
            false => &listed,
        };
        assert_eq!(run.attempts().pop().unwrap(), signed, "{run}");
    }))
}

fn rsa_sha256(kind: Kind) -> Option<Plan> {
    let key = kind.abilities().rsa.then(TestKey::rsa)?.labelled("rsa");
    let plan = admitted(kind, key.with_algorithms(&["rsa-sha2-256"]))?;
    let plan = unlisted_by_conch(kind, plan);
    Some(plan.check(move |run| {
        if kind != Kind::Conch || run.ahead {
            let last = run.attempts().pop().unwrap();
            assert_eq!(last, "publickey rsa rsa-sha2-256: success", "{run}");
        }
    }))
}

fn second(kind: Kind) -> Option<Plan> {
    let (strange, right) = (key("strange"), key("right"));
    let site = by(kind, Method::PublicKey)?.key(&right.line());
    Some(Plan::logs_in(site, KEY).user(move |_| TestUser::new().key(&strange).key(&right)))
}

fn fifth(kind: Kind) -> Option<Plan> {
    let keys = ["first", "second", "third", "fourth", "fifth"].map(key);
    let site = by(kind, Method::PublicKey)?.key(&keys[4].line());
    let plan = Plan::logs_in(site, KEY).uncounted();
    Some(plan.user(move |_| TestUser::new().keys(&keys.each_ref())))
}

fn unknown(kind: Kind) -> Option<Plan> {
    let (strange, right) = (key("strange"), key("right"));
    let site = by(kind, Method::PublicKey)?.key(&right.line());
    let diagnosis = if accepts_any_query(kind) {
        "key_accepted_signature_refused"
    } else {
        "all_keys_refused"
    };
    Some(Plan::fails(site, diagnosis).user(move |_| TestUser::new().key(&strange)))
}

/// Conch's checker looks a key up only when it is signed with; TinySSH doesn't do otherwise either.
pub(super) const fn accepts_any_query(kind: Kind) -> bool {
    matches!(kind, Kind::Conch | Kind::TinySsh)
}

fn wrong_signature(kind: Kind) -> Option<Plan> {
    let (right, other) = (key("right"), key("other"));
    let site = by(kind, Method::PublicKey)?.key(&right.line());
    let pretended = right.signed_by(&other);
    let diagnosis = match kind {
        // It closes the connection.
        Kind::TinySsh => "unanswered_requests",
        _ => "key_accepted_signature_refused",
    };
    let plan = Plan::fails(site, diagnosis);
    Some(plan.user(move |_| TestUser::new().key(&pretended)))
}

fn certificate(kind: Kind) -> Option<Plan> {
    certified(kind, "+1d", Expected::In(KEY))
}

fn expired(kind: Kind) -> Option<Plan> {
    certified(kind, "20210101", Expected::Refused("all_keys_refused"))
}

/// The site trusts the authority of the user's certificate, which is valid from 2020 until `end`.
fn certified(kind: Kind, end: &str, expected: Expected) -> Option<Plan> {
    kind.abilities().certificates.then_some(())?;
    let (authority, key) = (key("authority"), key("key"));
    let site = by(kind, Method::PublicKey)?.authority(&authority.line());
    let validity = format!("20200101:{end}");
    Some(Plan::new(site, expected).user(move |server| {
        // A certificate without principals is nobody's.
        let options = ["-V", &validity, "-n", server.user()];
        TestUser::new().key(&key.certified_by(&authority, "certificate", &options))
    }))
}

fn fallback(kind: Kind) -> Option<Plan> {
    let (authority, key) = (key("authority"), key("key"));
    let certificate = key.certified_by(&authority, "certificate", &[]);
    let site = by(kind, Method::PublicKey)?.key(&key.line());
    let plan = Plan::logs_in(site, KEY);
    Some(plan.user(move |_| TestUser::new().key(&certificate).key(&key)))
}

fn host_bound(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = by(kind, Method::PublicKey)?.key(&key.line());
    let plan = if kind == Kind::OpenSsh {
        Plan::logs_in(site, KEY)
    } else {
        Plan::fails(site, "host_bound_unavailable")
    };
    let plan = plan.config(|config: Config| config.host_bound(HostBound::Require));
    Some(plan.user(move |_| TestUser::new().key(&key)))
}

fn extensions(kind: Kind) -> Option<Plan> {
    let plan = admitted(kind, key("key"))?;
    Some(plan.check(move |run| {
        let listed = run.report.signature_algorithms();
        let at = run.heard.iter().position(|number| *number == 7);
        match kind.abilities().extensions {
            Extensions::None => assert!(listed.is_none() && at.is_none(), "{run}"),
            _ => {
                let listed = listed.unwrap();
                assert!(listed.contains("ssh-ed25519"), "{listed}");
                // Ahead of SERVICE_ACCEPT, also where it left the server only after our NEWKEYS.
                assert_eq!(at, Some(0), "{run}");
            }
        }
    }))
}
