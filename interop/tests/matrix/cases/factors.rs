//! One method after another.

use interop::servers::{Kind, Site};
use ssh_userauth::Method;

use super::dialogues::one_round;
use super::{Row, answering, key};
use crate::plan::{Expected, Plan};
use crate::support::user::TestUser;

pub(super) const CASES: &[Row] = &[
    (
        "factors_key_password",
        "a key, then a password",
        key_password,
    ),
    (
        "factors_password_key",
        "a password, then a key",
        password_key,
    ),
    (
        "factors_key_dialogue",
        "a key, then a dialogue",
        key_dialogue,
    ),
    (
        "factors_password_dialogue",
        "a password, then a dialogue",
        password_dialogue,
    ),
    (
        "factors_second_missing",
        "a key, and nothing for the second factor",
        missing,
    ),
    ("factors_second_wrong", "a key, then wrong passwords", wrong),
];

/// One step after the other, if this kind of server can.
fn then(kind: Kind, first: Method, second: Method) -> Option<Site> {
    let abilities = kind.abilities();
    let known = |method| abilities.methods.contains(&method);
    let can = abilities.several_factors && known(first) && known(second);
    // Our program can't tell a query from a signature: see there.
    let can = can && (kind != Kind::Paramiko || first != Method::PublicKey);
    can.then(|| Site::new().one_of(&[first]).one_of(&[second]))
}

fn key_password(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = then(kind, Method::PublicKey, Method::Password)?.key(&key.line());
    let plan = Plan::logs_in(site, &["publickey", "password"]);
    Some(plan.user(move |server| TestUser::new().key(&key).password(server.password())))
}

fn password_key(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = then(kind, Method::Password, Method::PublicKey)?.key(&key.line());
    let plan = Plan::logs_in(site, &["password", "publickey"]);
    let plan = match kind {
        // They list both, and a key may leave ahead of the list, a password may not.
        Kind::Conch | Kind::Dropbear => plan.ahead(Expected::In(&["publickey", "password"])),
        _ => plan,
    };
    let plan = plan.config(|config| config.methods([Method::Password, Method::PublicKey]));
    Some(plan.user(move |server| TestUser::new().key(&key).password(server.password())))
}

fn key_dialogue(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = then(kind, Method::PublicKey, Method::KeyboardInteractive)?.key(&key.line());
    let plan = Plan::logs_in(one_round(site), &["publickey", "keyboard-interactive"]);
    Some(plan.user(move |server| answering(TestUser::new().key(&key), server)))
}

fn password_dialogue(kind: Kind) -> Option<Plan> {
    let site = then(kind, Method::Password, Method::KeyboardInteractive)?;
    let plan = Plan::logs_in(one_round(site), &["password", "keyboard-interactive"]);
    let user = |server: &interop::servers::Server| {
        answering(TestUser::new().password(server.password()), server)
    };
    Some(plan.user(user))
}

fn missing(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = then(kind, Method::PublicKey, Method::Password)?.key(&key.line());
    let plan = Plan::fails(site, "second_factor_missing");
    Some(plan.user(move |_| TestUser::new().key(&key)))
}

fn wrong(kind: Kind) -> Option<Plan> {
    let key = key("key");
    let site = then(kind, Method::PublicKey, Method::Password)?.key(&key.line());
    let plan = Plan::fails(site, "second_factor_missing");
    let wrong = |user: TestUser| user.password("wrong").password("wronger");
    Some(plan.user(move |_| wrong(TestUser::new().key(&key)).password("wrongest")))
}
