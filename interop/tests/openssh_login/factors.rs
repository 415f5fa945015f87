//! Several factors, by `AuthenticationMethods`.

use interop::sshd::{SshdBuilder, TestAccount};
use ssh_userauth::{Ending, Method};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::openssh::{Run, key_user, password_user, run, run_with, server};
use crate::support::user::TestUser;

const BOUND: &str = "publickey-hostbound-v00@openssh.com";

fn demanding(methods: &str) -> SshdBuilder {
    server().config_line(&format!("AuthenticationMethods {methods}"))
}

#[test]
fn publickey_then_password() {
    let Some(account) = password_user() else {
        return;
    };
    let key = TestKey::ed25519("laptop");
    let server = demanding("publickey,password").authorized_key(&key.line());
    let user = TestUser::new()
        .key(&key)
        .password("wrong")
        .password(account.password());
    let run = run(server, account.name(), user);
    assert_eq!(
        run.login.factors(),
        ["publickey (ssh-ed25519 laptop)", "password"]
    );
    assert_eq!(
        run.login.dialogue,
        [
            "? key, 0 offered",
            "? signature 1 laptop ssh-ed25519 host-bound",
            "* partial publickey, then password",
            "? password 1",
            "? password 2, previous Refused",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [password]",
            "password: refused [password]",
            "password: success",
        ]
    );
    run.assert_logged(&["Partial publickey for", &key.fingerprint()]);
    run.assert_logged(&["Accepted password for", account.name()]);
}

#[test]
fn publickey_then_keyboard_interactive() {
    let Some(account) = password_user() else {
        return;
    };
    let key = TestKey::ed25519("laptop");
    let server = demanding("publickey,keyboard-interactive")
        .use_pam(true)
        .authorized_key(&key.line());
    let user = TestUser::new().key(&key).answers(&[account.password()]);
    let run = run(server, account.name(), user);
    assert_eq!(
        run.login.factors(),
        ["publickey (ssh-ed25519 laptop)", "keyboard-interactive"]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    run.assert_logged(&["Partial publickey for", &key.fingerprint()]);
    run.assert_logged(&["Accepted keyboard-interactive/pam for", account.name()]);
}

/// The server's choice of factors is no order of ours: password comes first here, as listed.
#[test]
fn three_factors() {
    let Some(account) = password_user() else {
        return;
    };
    let key = TestKey::ed25519("laptop");
    let server = demanding("password,publickey,keyboard-interactive")
        .use_pam(true)
        .authorized_key(&key.line());
    let run = run(server, account.name(), all_of(&key, &account));
    assert_eq!(
        run.login.factors(),
        [
            "password",
            "publickey (ssh-ed25519 laptop)",
            "keyboard-interactive",
        ]
    );
    assert_eq!(
        run.login.dialogue,
        [
            "? password 1",
            "* partial password, then publickey",
            "? key, 0 offered",
            "? signature 1 laptop ssh-ed25519 host-bound",
            "* partial publickey, then keyboard-interactive",
            "? answers 1.1 Password: ",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [password]",
            "password: partial [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [keyboard-interactive]",
            "keyboard-interactive: success",
        ]
    );
    assert_eq!(
        run.requests(),
        [
            "none",
            "password",
            "publickey",
            BOUND,
            "keyboard-interactive"
        ]
    );
    run.assert_logged(&["Partial password for", account.name()]);
}

fn all_of(key: &TestKey, account: &TestAccount) -> TestUser {
    TestUser::new()
        .key(key)
        .password(account.password())
        .answers(&[account.password()])
}

fn two_keys(authorized: [&TestKey; 2], user: TestUser) -> Option<Run> {
    let name = key_user()?;
    let server = demanding("publickey,publickey")
        .authorized_key(&authorized[0].line())
        .authorized_key(&authorized[1].line());
    Some(run(server, &name, user))
}

#[test]
fn two_different_keys() {
    let [first, second] = ["first", "second"].map(TestKey::ed25519);
    let user = TestUser::new().key(&first).key(&second);
    let Some(run) = two_keys([&first, &second], user) else {
        return;
    };
    assert_eq!(
        run.login.factors(),
        [
            "publickey (ssh-ed25519 first)",
            "publickey (ssh-ed25519 second)",
        ]
    );
    assert_eq!(
        run.login.dialogue,
        [
            "? key, 0 offered",
            "? signature 1 first ssh-ed25519 host-bound",
            "* partial publickey, then publickey",
            "? key, 1 offered",
            "? signature 2 second ssh-ed25519 host-bound",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? first ssh-ed25519: acceptable",
            "publickey first ssh-ed25519: partial [publickey]",
            "publickey? second ssh-ed25519: acceptable",
            "publickey second ssh-ed25519: success",
        ]
    );
    run.assert_logged(&["Partial publickey for", &first.fingerprint()]);
    run.assert_logged(&["Accepted publickey for", &second.fingerprint()]);
}

/// The key that gave the first factor is never offered for the second, which the server would
/// refuse and count.
#[test]
fn same_key_twice_is_no_second_factor() {
    let [only, other] = ["only", "other"].map(TestKey::ed25519);
    let user = TestUser::new().key(&only).key(&only);
    let Some(run) = two_keys([&only, &other], user) else {
        return;
    };
    let why = run.login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.remaining().unwrap().to_string(), "publickey");
    assert_eq!(run.login.report.factors().count(), 1);
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? only ssh-ed25519: acceptable",
            "publickey only ssh-ed25519: partial [publickey]",
        ]
    );
    assert_eq!(
        run.login.skips(),
        [
            "ssh-ed25519 only: Duplicate",
            "publickey: Declined",
            "keyboard-interactive: NotListed",
            "password: NotListed",
        ]
    );
}

/// What was no good for the first factor may be the second: refused keys are offered once more
/// after a partial success. Not by this server, which takes any key as any factor.
#[test]
fn refused_key_is_offered_again_for_the_second_factor() {
    let [stranger, first, other] = ["stranger", "first", "other"].map(TestKey::ed25519);
    let user = TestUser::new().keys(&[&stranger, &first]);
    let Some(run) = two_keys([&first, &other], user) else {
        return;
    };
    assert_eq!(run.login.gave_up().ending(), Ending::NoMethodLeft);
    assert_eq!(run.login.report.factors().count(), 1);
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? stranger ssh-ed25519: refused [publickey]",
            "publickey? first ssh-ed25519: acceptable",
            "publickey first ssh-ed25519: partial [publickey]",
            "publickey? stranger ssh-ed25519: refused [publickey]",
        ]
    );
    run.assert_logged(&["Partial publickey for", &first.fingerprint()]);
}

/// With six tries, four strangers leave room for the second key only if it goes ahead of them.
#[test]

fn untried_keys_go_ahead_of_refused_ones() {
    let strangers = ["one", "two", "three", "four"].map(TestKey::ed25519);
    let [first, second] = ["first", "second"].map(TestKey::ed25519);
    let keys: Vec<&TestKey> = strangers.iter().chain([&first, &second]).collect();
    let user = TestUser::new().keys(&keys);
    let Some(run) = two_keys([&first, &second], user) else {
        return;
    };
    assert_eq!(
        run.login.factors(),
        [
            "publickey (ssh-ed25519 first)",
            "publickey (ssh-ed25519 second)",
        ]
    );
    assert!(!run.logged(&["failures 5"]), "{}", run.log);
}

/// Where the server leaves the choice, the caller's order decides.
#[test]
fn password_first_where_the_server_lists_both() {
    let Some(account) = password_user() else {
        return;
    };
    let key = TestKey::ed25519("laptop");
    let server = demanding("publickey,password password,publickey").authorized_key(&key.line());
    let user = TestUser::new().password(account.password()).key(&key);
    let config = one_by_one(account.name()).methods([Method::Password, Method::PublicKey]);
    let run = run_with(server, config, user);
    assert_eq!(
        run.login.factors(),
        ["password", "publickey (ssh-ed25519 laptop)"]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey,password]",
            "password: partial [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: success",
        ]
    );
}
