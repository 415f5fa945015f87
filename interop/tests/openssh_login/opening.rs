//! The opening flight: fewer round trips, and the same logins.

use interop::sshd::SshdBuilder;
use ssh_userauth::{Config, Method, Pipelining};

use crate::support::keys::TestKey;
use crate::support::openssh::{Run, key_user, password_user, run_with, server};
use crate::support::user::TestUser;

fn opening(name: &str) -> Config {
    Config::new(name).pipelining(Pipelining::Opening { queries: 3 })
}

fn log_in(server: SshdBuilder, name: &str, user: TestUser) -> Run {
    let run = run_with(server, opening(name), user);
    run.login.success();
    run
}

#[test]
fn right_key_in_two_flights() {
    let Some(name) = key_user() else { return };
    let key = TestKey::ed25519("laptop");
    let server = server().authorized_key(&key.line());
    let run = log_in(server, &name, TestUser::new().key(&key));
    assert_eq!(
        run.login.attempts(),
        [
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: success",
        ]
    );
    assert_eq!(run.login.round_trips, 2);
}

#[test]
fn third_key_of_three_in_two_flights() {
    let Some(name) = key_user() else { return };
    let keys = ["first", "second", "third"].map(TestKey::ed25519);
    let [first, second, third] = &keys;
    let server = server()
        .config_line("AuthenticationMethods publickey")
        .authorized_key(&third.line());
    let user = TestUser::new().keys(&[first, second, third]);
    let run = log_in(server, &name, user);
    assert_eq!(
        run.login.attempts(),
        [
            "publickey? first ssh-ed25519: refused [publickey]",
            "publickey? second ssh-ed25519: refused [publickey]",
            "publickey? third ssh-ed25519: acceptable",
            "publickey third ssh-ed25519: success",
        ]
    );
    assert_eq!(run.login.round_trips, 2);
}

/// The signature of the first key that is accepted goes out while nothing else is awaited; the
/// other keys that would do are not asked to sign.
#[test]
fn one_signature_though_all_keys_would_do() {
    let Some(name) = key_user() else { return };
    let keys = ["first", "second", "third"].map(TestKey::ed25519);
    let [first, second, third] = &keys;
    let mut server = server();
    for key in &keys {
        server = server.authorized_key(&key.line());
    }
    let user = TestUser::new().keys(&[first, second, third]);
    let run = log_in(server, &name, user);
    let signatures = run.login.dialogue.iter();
    let signatures = signatures.filter(|line| line.starts_with("? signature"));
    assert_eq!(signatures.count(), 1);
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 first)"]);
    assert_eq!(run.login.round_trips, 2);
}

#[test]
fn password_in_two_flights() {
    let Some(account) = password_user() else {
        return;
    };
    let config = opening(account.name()).methods([Method::Password]);
    let user = TestUser::new().password(account.password());
    let run = run_with(server(), config, user);
    assert_eq!(run.login.factors(), ["password"]);
    assert_eq!(run.login.round_trips, 2);
}

/// One round of prompts, and PAM's empty one.
#[test]
fn keyboard_interactive_in_two_flights_and_an_empty_round() {
    let Some(account) = password_user() else {
        return;
    };
    let config = opening(account.name()).methods([Method::KeyboardInteractive]);
    let user = TestUser::new().answers(&[account.password()]);
    let server = server()
        .use_pam(true)
        .config_line("KbdInteractiveAuthentication yes");
    let run = run_with(server, config, user);
    assert_eq!(run.login.factors(), ["keyboard-interactive"]);
    assert_eq!(run.login.round_trips, 3);
}

#[test]
fn key_and_password_in_three_flights() {
    let Some(account) = password_user() else {
        return;
    };
    let key = TestKey::ed25519("laptop");
    let server = server()
        .config_line("AuthenticationMethods publickey,password")
        .authorized_key(&key.line());
    let user = TestUser::new().key(&key).password(account.password());
    let run = log_in(server, account.name(), user);
    assert_eq!(
        run.login.factors(),
        ["publickey (ssh-ed25519 laptop)", "password"]
    );
    assert_eq!(run.login.round_trips, 3);
}
