//! The method password, checked by sshd itself: PAM would make every failure slow.

use interop::blocking::LoginError;
use interop::sshd::SshdBuilder;
use interop::transport::TransportError;
use ssh_userauth::{Ending, Method};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::openssh::{password_user, run, run_with, server};
use crate::support::user::TestUser;

/// A server that takes passwords and nothing else.
fn passwords_only() -> SshdBuilder {
    server()
        .config_line("PubkeyAuthentication no")
        .config_line("KbdInteractiveAuthentication no")
        .config_line("PasswordAuthentication yes")
}

#[test]
fn right_password_and_a_banner() {
    let Some(account) = password_user() else {
        return;
    };
    let server = passwords_only()
        .file("banner", "Only for tests.\n\x1b[31mBeware.\n")
        .config_line("Banner {dir}/banner");
    let user = TestUser::new().password(account.password());
    let run = run(server, account.name(), user);
    assert_eq!(run.login.factors(), ["password"]);
    assert_eq!(
        run.login.dialogue,
        [
            "* banner Only for tests.\\n\\u{1b}[31mBeware.\\n",
            "? password 1",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        ["none?: refused [password]", "password: success"]
    );
    assert_eq!(run.login.wire, ["5", "none", "password"]);
    assert_eq!(run.requests(), ["none", "password"]);
    run.assert_logged(&["Accepted password for", account.name()]);
}

#[test]
fn wrong_then_right() {
    let Some(account) = password_user() else {
        return;
    };
    let user = TestUser::new()
        .password("wrong")
        .password(account.password());
    let run = run(passwords_only(), account.name(), user);
    assert_eq!(run.login.factors(), ["password"]);
    assert_eq!(
        run.login.dialogue,
        ["? password 1", "? password 2, previous Refused"]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [password]",
            "password: refused [password]",
            "password: success",
        ]
    );
    run.assert_logged(&["Failed password for", account.name()]);
    run.assert_logged(&["Accepted password for", account.name()]);
}

#[test]
fn wrong_three_times() {
    let Some(account) = password_user() else {
        return;
    };
    let user = TestUser::new()
        .password("wrong")
        .password("")
        .password("wrong again")
        .password(account.password());
    let run = run(passwords_only(), account.name(), user);
    let why = run.login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.disconnect_reason().code(), 14);
    assert_eq!(why.remaining().unwrap().to_string(), "password");
    assert_eq!(
        run.login.dialogue,
        [
            "? password 1",
            "? password 2, previous Refused",
            "? password 3, previous Refused",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [password]",
            "password: refused [password]",
            "password: refused [password]",
            "password: refused [password]",
        ]
    );
    assert_eq!(
        run.login.skips(),
        [
            "publickey: NotListed",
            "keyboard-interactive: NotListed",
            "password: TriesSpent",
        ]
    );
    assert_eq!(run.requests(), ["none", "password", "password", "password"]);
    run.assert_logged(&[
        "Received disconnect",
        "14: no authentication method is left",
    ]);
}

#[test]
fn server_tires_before_the_user() {
    let Some(account) = password_user() else {
        return;
    };
    let server = passwords_only().config_line("MaxAuthTries 2");
    let user = TestUser::new()
        .password("wrong")
        .password("wrong again")
        .password(account.password());
    let run = run(server, account.name(), user);
    assert!(
        matches!(
            run.login.result,
            Err(LoginError::Transport(TransportError::Disconnected {
                code: 2,
                ..
            }))
        ),
        "{:?}",
        run.login.result
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [password]",
            "password: refused [password]",
            "password: unanswered",
        ]
    );
    run.assert_logged(&["maximum authentication attempts exceeded", account.name()]);
}

#[test]
fn user_that_does_not_exist() {
    let Some(_account) = password_user() else {
        return;
    };
    let user = TestUser::new().password("wrong");
    let run = run(passwords_only(), "sshtest-nobody", user);
    let why = run.login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.remaining().unwrap().to_string(), "password");
    assert_eq!(
        run.login.dialogue,
        ["? password 1", "? password 2, previous Refused"]
    );
    assert_eq!(
        run.login.skips(),
        [
            "publickey: NotListed",
            "keyboard-interactive: NotListed",
            "password: Declined",
        ]
    );
    run.assert_logged(&["Failed password for invalid user", "sshtest-nobody"]);
}

/// No key fits, so the password is next; with the methods turned round no key is ever asked for.
#[test]
fn order_of_the_methods() {
    let Some(account) = password_user() else {
        return;
    };
    let builder = || server().config_line("KbdInteractiveAuthentication no");
    let key = TestKey::ed25519("stranger");
    let user = || TestUser::new().key(&key).password(account.password());
    let first = run(builder(), account.name(), user());
    assert_eq!(first.login.factors(), ["password"]);
    assert_eq!(first.requests(), ["none", "publickey", "password"]);
    assert_eq!(
        first.login.dialogue,
        ["? key, 0 offered", "? key, 1 offered", "? password 1"]
    );
    let config = one_by_one(account.name()).methods([Method::Password, Method::PublicKey]);
    let second = run_with(builder(), config, user());
    assert_eq!(second.login.factors(), ["password"]);
    assert_eq!(second.requests(), ["none", "password"]);
    assert_eq!(second.login.dialogue, ["? password 1"]);
}
