//! Keyboard-interactive: rounds, with and without prompts.

use interop::embedded::{EmbeddedPolicy, Method, Round};
use ssh_userauth::{Ending, TrivialSuccess};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::user::TestUser;
use crate::{policy, run, run_with};

fn asking(rounds: &[Round]) -> EmbeddedPolicy {
    let policy = policy().then(Method::KeyboardInteractive);
    rounds
        .iter()
        .cloned()
        .fold(policy, EmbeddedPolicy::with_round)
}

const START: &str = "keyboard-interactive";

#[test]
fn one_round_wrong_then_right() {
    let round = Round::new("Login", "Both, please.")
        .with_prompt("Name: ", true, "demo")
        .with_prompt("Passphrase: ", false, "correct horse");
    let user = TestUser::new()
        .answers(&["demo", "wrong horse"])
        .answers(&["demo", "correct horse"]);
    let (login, log) = run(asking(&[round]), user);
    assert_eq!(login.factors(), ["keyboard-interactive"]);
    assert!(!login.success().all_answers_empty());
    assert_eq!(
        login.dialogue,
        [
            "? answers 1.1 Name:  (echo) | Passphrase: ",
            "? answers 2.1 Name:  (echo) | Passphrase: ",
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [keyboard-interactive]",
            "keyboard-interactive: refused [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    assert_eq!(login.wire, ["5", "none", START, "61", START, "61"]);
    assert_eq!(
        log[1..3],
        [
            "keyboard-interactive for demo: failed",
            "keyboard-interactive for demo: success",
        ]
    );
}

#[test]
fn several_rounds_wrong_then_right() {
    let rounds = [
        ("First: ", "one"),
        ("Second: ", "two"),
        ("Third: ", "three"),
    ]
    .map(|(prompt, answer)| Round::new("", "").with_prompt(prompt, false, answer));
    let user = TestUser::new()
        .answers(&["one"])
        .answers(&["not two"])
        .answers(&["one"])
        .answers(&["two"])
        .answers(&["three"]);
    let (login, _) = run(asking(&rounds), user);
    assert_eq!(login.factors(), ["keyboard-interactive"]);
    assert_eq!(
        login.dialogue,
        [
            "? answers 1.1 First: ",
            "? answers 1.2 Second: ",
            "? answers 2.1 First: ",
            "? answers 2.2 Second: ",
            "? answers 2.3 Third: ",
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [keyboard-interactive]",
            "keyboard-interactive: refused [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    let wire = ["5", "none", START, "61", "61", START, "61", "61", "61"];
    assert_eq!(login.wire, wire);
}

/// The demonstration: a banner, a key, two rounds.
#[test]
fn publickey_then_two_rounds() {
    let key = TestKey::ed25519("laptop");
    let policy = EmbeddedPolicy::demo(key.blob()).with_greeting("hello\n");
    let mut user = TestUser::new().key(&key);
    for answers in EmbeddedPolicy::DEMO_ANSWERS {
        user = user.answers(answers);
    }
    let (login, log) = run(policy, user);
    assert_eq!(
        login.factors(),
        ["publickey (ssh-ed25519 laptop)", "keyboard-interactive"]
    );
    assert_eq!(
        login.dialogue,
        [
            "* banner Demonstration server. It lives only as long as this login.\\n",
            "? key, 0 offered",
            "? signature 1 laptop ssh-ed25519 plain",
            "* partial publickey, then keyboard-interactive",
            "? answers 1.1 Passphrase: ",
            "? answers 1.2 Verification code:  (echo)",
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    assert_eq!(
        log,
        [
            "none for demo: failed",
            "publickey offer for demo: acceptable",
            "publickey for demo: partial success",
            "keyboard-interactive for demo: success",
            "exec for demo: answered",
        ]
    );
}

/// A round that only tells is answered by the machine, and counts as a round.
#[test]
fn round_without_prompts() {
    let rounds = [
        Round::new("Push", "Look at your telephone."),
        Round::new("", "").with_prompt("Code: ", true, "424242"),
        Round::new("", ""),
    ];
    let (login, _) = run(asking(&rounds), TestUser::new().answers(&["424242"]));
    assert_eq!(login.factors(), ["keyboard-interactive"]);
    assert_eq!(
        login.dialogue,
        [
            "* instruction Push: Look at your telephone.",
            "? answers 1.2 Code:  (echo)",
        ]
    );
    assert_eq!(login.wire, ["5", "none", START, "61", "61", "61"]);
}

/// Nothing but rounds without prompts: we are in, and it is said that we proved nothing.
#[test]
fn success_without_proof_is_told() {
    let rounds = [Round::new("Welcome", "Everybody may come in.")];
    let (login, _) = run(asking(&rounds), TestUser::new());
    let done = login.success();
    assert!(done.is_trivial());
    assert_eq!(
        done.factors()[0].method(),
        ssh_userauth::Method::KeyboardInteractive
    );
    assert_eq!(
        login.dialogue,
        ["* instruction Welcome: Everybody may come in."]
    );
}

#[test]
fn success_without_proof_can_be_forbidden() {
    let rounds = [Round::new("Welcome", "Everybody may come in.")];
    let config = one_by_one("demo").trivial_success(TrivialSuccess::Reject);
    let (login, log) = run_with(asking(&rounds), config, TestUser::new());
    let why = login.gave_up();
    assert_eq!(why.ending(), Ending::TrivialSuccess);
    assert_eq!(why.disconnect_reason().code(), 11);
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    assert_eq!(login.report.factors().count(), 0);
    assert_eq!(log[1], "keyboard-interactive for demo: success");
}

/// Empty answers prove little; the caller can tell them from real ones.
#[test]
fn empty_answers_are_told() {
    let rounds = [Round::new("", "").with_prompt("Press Enter: ", true, "")];
    let (login, _) = run(asking(&rounds), TestUser::new().answers(&[""]));
    let done = login.success();
    assert!(!done.is_trivial());
    assert!(done.all_answers_empty());
}

/// Who has no answer abandons the exchange; the server accepts the next request in its place.
#[test]
fn declined_then_a_password() {
    let policy = policy()
        .with_round(Round::new("", "").with_prompt("Code: ", true, "424242"))
        .with_password("hunter2")
        .then_one_of(&[Method::KeyboardInteractive, Method::Password]);
    let (login, _) = run(policy, TestUser::new().password("hunter2"));
    assert_eq!(login.factors(), ["password"]);
    assert_eq!(
        login.dialogue,
        ["? answers 1.1 Code:  (echo)", "? password 1"]
    );
    let attempts = login.attempts();
    assert_eq!(
        attempts[1..],
        ["keyboard-interactive: abandoned", "password: success"]
    );
    assert_eq!(login.wire, ["5", "none", START, "password"]);
}
