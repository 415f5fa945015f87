//! Passwords, and new ones (RFC 4252 section 8).

use alloc::rc::Rc;
use core::cell::Cell;

use interop::servers::{BannerTime, Kind, Server};
use ssh_userauth::{Action, Answer, Method};

use super::{Row, by};
use crate::plan::Plan;
use crate::support::user::TestUser;

const PASSWORD: &[&str] = &["password"];

pub(super) const CASES: &[Row] = &[
    ("password", "the password", right),
    (
        "password_wrong_then_right",
        "a wrong password, then the right one",
        second,
    ),
    ("password_wrong", "three wrong passwords", wrong),
    (
        "password_unknown_user",
        "a user that does not exist",
        stranger,
    ),
    ("password_banner", "a banner", banner),
    (
        "password_change",
        "a new password, because the old one has expired",
        |kind| changed(kind, 1),
    ),
    (
        "password_change_twice",
        "a new password, not good enough, then another one",
        |kind| changed(kind, 2),
    ),
    (
        "password_change_declined",
        "a new password, which nobody gives",
        unchanged,
    ),
];

fn right(kind: Kind) -> Option<Plan> {
    let plan = Plan::logs_in(by(kind, Method::Password)?, PASSWORD);
    Some(plan.user(|server| TestUser::new().password(server.password())))
}

fn second(kind: Kind) -> Option<Plan> {
    let plan = Plan::logs_in(by(kind, Method::Password)?, PASSWORD);
    let user = |server: &Server| {
        let user = TestUser::new().password("wrong");
        user.password(server.password())
    };
    Some(plan.user(user).check(|run| {
        let asked = run
            .dialogue
            .iter()
            .filter(|line| line.starts_with("? password"));
        let asked: Vec<&String> = asked.collect();
        assert_eq!(
            asked,
            ["? password 1", "? password 2, previous Refused"],
            "{run}"
        );
    }))
}

fn thrice_wrong() -> TestUser {
    let user = TestUser::new().password("wrong").password("wronger");
    user.password("wrongest")
}

fn wrong(kind: Kind) -> Option<Plan> {
    let plan = Plan::fails(by(kind, Method::Password)?, "password_refused");
    Some(plan.user(|_| thrice_wrong()))
}

fn stranger(kind: Kind) -> Option<Plan> {
    let plan = Plan::fails(by(kind, Method::Password)?, "password_refused");
    Some(plan.name("mallory").user(|_| thrice_wrong()))
}

fn banner(kind: Kind) -> Option<Plan> {
    (kind.abilities().banner != BannerTime::Never).then_some(())?;
    let site = by(kind, Method::Password)?.banner("Authorised users only.\r\n");
    let plan = Plan::logs_in(site, PASSWORD);
    let plan = plan.user(|server| TestUser::new().password(server.password()));
    Some(plan.check(|run| {
        let said = run
            .dialogue
            .iter()
            .filter(|line| line.starts_with("* banner"));
        assert_eq!(said.count(), 1, "{run}");
        // Which messages came around it.
        let messages: Vec<u8> = run
            .heard
            .iter()
            .copied()
            .filter(|number| *number != 7)
            .collect();
        assert_eq!(messages[..2], [6, 53], "{run}");
    }))
}

/// Gives a new password each time one is demanded.
fn with_new_passwords(server: &Server, times: u32) -> TestUser {
    let old = server.password().to_owned();
    let given = Rc::new(Cell::new(0));
    let helper = move |action: Action| -> Option<Answer> {
        let Action::NeedNewPassword(need) = action else {
            return action.decline();
        };
        given.set(given.get() + 1);
        assert!(given.get() <= times);
        let new = format!("battery staple {}", given.get());
        Some(need.change(old.as_str(), new))
    };
    TestUser::new().password(server.password()).helper(helper)
}

fn changed(kind: Kind, times: u32) -> Option<Plan> {
    (kind.abilities().password_changes >= times).then_some(())?;
    let site = by(kind, Method::Password)?.password_changes(times);
    let plan = Plan::logs_in(site, PASSWORD);
    let plan = plan.user(move |server| with_new_passwords(server, times));
    Some(plan.check(move |run| {
        let demands = run.heard.iter().filter(|number| **number == 60);
        assert_eq!(demands.count(), usize::try_from(times).unwrap(), "{run}");
        let told = run
            .dialogue
            .iter()
            .any(|line| line.contains("PasswordChanged"));
        assert!(told, "{run}");
    }))
}

fn unchanged(kind: Kind) -> Option<Plan> {
    (kind.abilities().password_changes > 0).then_some(())?;
    let site = by(kind, Method::Password)?.password_changes(1);
    let plan = Plan::fails(site, "password_expired");
    Some(plan.user(|server| TestUser::new().password(server.password())))
}
