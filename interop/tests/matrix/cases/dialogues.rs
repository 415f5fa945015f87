//! Keyboard-interactive (RFC 4256).

use interop::servers::{Kind, Round, Server, Site};
use ssh_userauth::Method;

use super::{Row, answering, by, by_either};
use crate::plan::Plan;
use crate::support::user::TestUser;

const DIALOGUE: &[&str] = &["keyboard-interactive"];

pub(super) const CASES: &[Row] = &[
    ("dialogue", "one round of questions", right),
    (
        "dialogue_wrong_then_right",
        "wrong answers, then the right ones",
        second,
    ),
    ("dialogue_wrong", "wrong answers, three times", wrong),
    (
        "dialogue_rounds",
        "several rounds, the last one without a question",
        rounds,
    ),
    (
        "dialogue_wrong_midway",
        "the first round right, the second wrong",
        midway,
    ),
    (
        "dialogue_declined",
        "a dialogue that nobody answers, then the password",
        declined,
    ),
];

/// One round of two questions; PAM has its own.
pub(super) fn one_round(site: Site) -> Site {
    let round = Round::new("Second factor", "Look at your card.");
    site.round(
        round
            .asking("Card: ", true, "blue")
            .asking("Code: ", false, "424242"),
    )
}

fn right(kind: Kind) -> Option<Plan> {
    let site = one_round(by(kind, Method::KeyboardInteractive)?);
    let plan = Plan::logs_in(site, DIALOGUE);
    Some(plan.user(|server| answering(TestUser::new(), server)))
}

/// Wrong answers to the first round.
fn wrongly(user: TestUser, server: &Server) -> TestUser {
    let wrong = vec!["wrong"; server.answers()[0].len()];
    user.answers(&wrong)
}

fn second(kind: Kind) -> Option<Plan> {
    let site = one_round(by(kind, Method::KeyboardInteractive)?);
    let plan = Plan::logs_in(site, DIALOGUE);
    Some(plan.user(|server| answering(wrongly(TestUser::new(), server), server)))
}

fn wrong(kind: Kind) -> Option<Plan> {
    let site = one_round(by(kind, Method::KeyboardInteractive)?);
    let plan = Plan::fails(site, "answers_refused");
    Some(plan.user(|server| (0..3).fold(TestUser::new(), |user, _| wrongly(user, server))))
}

fn several(kind: Kind) -> Option<Site> {
    kind.abilities().several_rounds.then_some(())?;
    let site = one_round(by(kind, Method::KeyboardInteractive)?);
    Some(site.round(Round::new("", "And another one.").asking("Word: ", false, "hello")))
}

fn rounds(kind: Kind) -> Option<Plan> {
    let site = several(kind)?.round(Round::new("", "That is all."));
    let plan = Plan::logs_in(site, DIALOGUE);
    let plan = plan.user(|server| answering(TestUser::new(), server));
    Some(plan.check(|run| {
        let requests = run.heard.iter().filter(|number| **number == 60);
        assert_eq!(requests.count(), 3, "{run}");
        // Of the last one the user only hears.
        let asked = run
            .dialogue
            .iter()
            .filter(|line| line.starts_with("? answers"));
        assert_eq!(asked.count(), 2, "{run}");
    }))
}

fn midway(kind: Kind) -> Option<Plan> {
    let plan = Plan::fails(several(kind)?, "answers_refused");
    let once = |user: TestUser| user.answers(&["blue", "424242"]).answers(&["good-bye"]);
    Some(plan.user(move |_| once(once(once(TestUser::new())))))
}

fn declined(kind: Kind) -> Option<Plan> {
    let site = one_round(by_either(
        kind,
        Method::KeyboardInteractive,
        Method::Password,
    )?);
    let plan = Plan::logs_in(site, &["password"]);
    let plan =
        plan.config(|config| config.methods([Method::KeyboardInteractive, Method::Password]));
    Some(plan.user(|server| TestUser::new().password(server.password())))
}
