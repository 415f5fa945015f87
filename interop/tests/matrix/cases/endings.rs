//! Logins that end before anybody is in.

use interop::servers::Kind;
use ssh_userauth::{AttemptBudget, Method};

use super::dialogues::one_round;
use super::keys::accepts_any_query;
use super::{Row, by, by_either, key};
use crate::plan::{Plan, Question};
use crate::support::keys::TestKey;
use crate::support::user::TestUser;

pub(super) const CASES: &[Row] = &[
    (
        "method_unusable",
        "a server that only takes what the client may not use",
        unusable,
    ),
    ("nothing_to_try", "a user with nothing to try", nothing),
    (
        "keys_then_password",
        "twelve strange keys, then the password while there is still a try",
        reserve,
    ),
    (
        "keys_beyond_the_limit",
        "twelve strange keys, and a server that takes fewer",
        too_many_keys,
    ),
    (
        "passwords_beyond_the_limit",
        "wrong passwords, and a server that takes two",
        too_many_passwords,
    ),
    ("cancel_signature", "cancelled when asked to sign", |kind| {
        let key = key("key");
        let site = by(kind, Method::PublicKey)?.key(&key.line());
        let plan = Plan::fails(site, "cancelled").cancel_at(Question::Signature);
        Some(plan.user(move |_| TestUser::new().key(&key)))
    }),
    (
        "cancel_password",
        "cancelled when asked for the password again",
        |kind| {
            let site = by(kind, Method::Password)?;
            let plan = Plan::fails(site, "cancelled").cancel_at(Question::Password);
            Some(plan.user(|_| TestUser::new().password("wrong")))
        },
    ),
    (
        "cancel_dialogue",
        "cancelled in the middle of a dialogue",
        |kind| {
            let site = one_round(by(kind, Method::KeyboardInteractive)?);
            Some(Plan::fails(site, "cancelled").cancel_at(Question::Answers))
        },
    ),
];

fn unusable(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = by(kind, Method::PublicKey)?.key(&key.line());
    let plan = Plan::fails(site, "no_common_method");
    Some(plan.config(|config| config.methods([Method::Password, Method::KeyboardInteractive])))
}

fn nothing(kind: Kind) -> Option<Plan> {
    let site = by(kind, Method::PublicKey)?.key(&key("key").line());
    Some(Plan::fails(site, "nothing_to_try"))
}

fn strange_keys() -> Vec<TestKey> {
    (1..=12)
        .map(|number| key(&format!("key {number}")))
        .collect()
}

/// The client stops offering keys ahead of the sixth refusal, at which OpenSSH closes the
/// connection.
fn reserve(kind: Kind) -> Option<Plan> {
    let site = by_either(kind, Method::PublicKey, Method::Password)?.key(&key("right").line());
    let plan = Plan::logs_in(site, &["password"]).uncounted();
    let keys = strange_keys();
    Some(plan.user(move |server| {
        let user = TestUser::new().keys(&keys.iter().collect::<Vec<_>>());
        user.password(server.password())
    }))
}

fn too_many_keys(kind: Kind) -> Option<Plan> {
    let mut site = by(kind, Method::PublicKey)?.key(&key("right").line());
    if kind.abilities().max_tries {
        site = site.max_tries(5);
    }
    let diagnosis = match kind {
        // Paramiko's limit is always ten.
        Kind::OpenSsh | Kind::Russh | Kind::Paramiko | Kind::Conch => "too_many_refusals",
        _ if accepts_any_query(kind) => "key_accepted_signature_refused",
        _ => "all_keys_refused",
    };
    let plan = Plan::fails(site, diagnosis).config(|config| {
        let mut budget = AttemptBudget::default();
        budget.refusals = 100;
        config.attempt_budget(budget)
    });
    let keys = strange_keys();
    Some(plan.user(move |_| TestUser::new().keys(&keys.iter().collect::<Vec<_>>())))
}

fn too_many_passwords(kind: Kind) -> Option<Plan> {
    kind.abilities().max_tries.then_some(())?;
    let site = by(kind, Method::Password)?.max_tries(2);
    let diagnosis = match kind {
        // It closes the connection without a word.
        Kind::Dropbear => "unanswered_requests",
        _ => "too_many_refusals",
    };
    let plan = Plan::fails(site, diagnosis);
    Some(plan.user(|_| {
        TestUser::new()
            .password("one")
            .password("two")
            .password("three")
    }))
}
