//! Keyboard-interactive through PAM. Every failure takes PAM about two seconds.

use std::process::Command;

use interop::sshd::SshdBuilder;

use crate::support::openssh::{password_user, run, server};
use crate::support::user::TestUser;

fn pam_only() -> SshdBuilder {
    server()
        .use_pam(true)
        .config_line("PubkeyAuthentication no")
        .config_line("PasswordAuthentication no")
        .config_line("KbdInteractiveAuthentication yes")
}

const START: &str = "keyboard-interactive";

#[test]
fn right_answer_and_the_round_without_prompts() {
    let Some(account) = password_user() else {
        return;
    };
    let user = TestUser::new().answers(&[account.password()]);
    let run = run(pam_only(), account.name(), user);
    assert_eq!(run.login.factors(), ["keyboard-interactive"]);
    assert!(!run.login.success().all_answers_empty());
    assert_eq!(run.login.dialogue, ["? answers 1.1 Password: "]);
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    // The second response answers PAM's closing round, in which nothing is asked.
    assert_eq!(run.login.wire, ["5", "none", START, "61", "61"]);
    run.assert_logged(&["sshpam_respond entering, 1 responses"]);
    run.assert_logged(&["sshpam_respond entering, 0 responses"]);
    run.assert_logged(&["Accepted keyboard-interactive/pam for", account.name()]);
}

#[test]
fn wrong_then_right() {
    let Some(account) = password_user() else {
        return;
    };
    let user = TestUser::new()
        .answers(&["wrong"])
        .answers(&[account.password()]);
    let run = run(pam_only(), account.name(), user);
    assert_eq!(run.login.factors(), ["keyboard-interactive"]);
    assert_eq!(
        run.login.dialogue,
        ["? answers 1.1 Password: ", "? answers 2.1 Password: "]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [keyboard-interactive]",
            "keyboard-interactive: refused [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    assert_eq!(
        run.login.wire,
        ["5", "none", START, "61", START, "61", "61"]
    );
    run.assert_logged(&["Failed keyboard-interactive/pam for", account.name()]);
    run.assert_logged(&["Accepted keyboard-interactive/pam for", account.name()]);
}

/// Whoever has no answer leaves the exchange for the next method, and the server follows.
#[test]
fn declined_then_a_password() {
    let Some(account) = password_user() else {
        return;
    };
    let server = server()
        .use_pam(true)
        .config_line("PubkeyAuthentication no");
    let user = TestUser::new().password(account.password());
    let run = run(server, account.name(), user);
    assert_eq!(run.login.factors(), ["password"]);
    assert_eq!(
        run.login.dialogue,
        ["? answers 1.1 Password: ", "? password 1"]
    );
    let both = run.login.report.methods().unwrap().to_string();
    assert_eq!(both, "password,keyboard-interactive");
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [password,keyboard-interactive]",
            "keyboard-interactive: abandoned",
            "password: success",
        ]
    );
    assert_eq!(run.requests(), ["none", START, "password"]);
}

/// An old password, a new one twice: three rounds of PAM's own, and one without prompts.
#[test]
fn expired_password_is_changed_in_the_dialogue() {
    let Some(account) = password_user() else {
        return;
    };
    let mut expire = Command::new("chage");
    expire.args(["--lastday", "0", account.name()]);
    assert!(expire.status().unwrap().success());
    let new = format!("{}-renewed", account.password());
    let user = TestUser::new()
        .answers(&[account.password()])
        .answers(&[account.password()])
        .answers(&[&new])
        .answers(&[&new]);
    let changed = run(pam_only(), account.name(), user);
    assert_eq!(changed.login.factors(), ["keyboard-interactive"]);
    let asked = &changed.login.dialogue;
    assert_eq!(asked.len(), 4, "{asked:?}");
    for (line, (start, end)) in asked.iter().zip([
        ("? answers 1.1 ", "Password: "),
        // With PAM's explanation ahead of it, a line each.
        ("? answers 1.2 ", "\\nCurrent password: "),
        ("? answers 1.3 ", "New password: "),
        ("? answers 1.4 ", "Retype new password: "),
    ]) {
        assert!(line.starts_with(start) && line.ends_with(end), "{asked:?}");
    }
    let wire = ["5", "none", START, "61", "61", "61", "61", "61"];
    assert_eq!(changed.login.wire, wire);
    // The new one is the one that counts now.
    let again = run(pam_only(), account.name(), TestUser::new().answers(&[&new]));
    assert_eq!(again.login.attempts().len(), 2);
    assert_eq!(again.login.factors(), ["keyboard-interactive"]);
}
