//! Keys: algorithms, bindings, and how many a server will look at.

use interop::blocking::LoginError;
use interop::sshd::SshdBuilder;
use interop::transport::TransportError;
use ssh_userauth::{Ending, HostBound, Method};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::openssh::{Run, key_user, run, run_with, server};
use crate::support::user::TestUser;

const BOUND: &str = "publickey-hostbound-v00@openssh.com";

/// A server that takes keys and nothing else.
fn keys_only() -> SshdBuilder {
    server()
        .config_line("PasswordAuthentication no")
        .config_line("KbdInteractiveAuthentication no")
}

/// The one right key logs in, with this algorithm: asked about, signed, taken.
fn assert_plain_login(run: &Run, name: &str, key: &TestKey, label: &str, algorithm: &str) {
    let login = &run.login;
    let expected = format!("publickey ({} {label})", key.identity().key_type());
    assert_eq!(login.factors(), [expected]);
    assert_eq!(
        login.dialogue,
        [
            "? key, 0 offered".to_owned(),
            format!("? signature 1 {label} {algorithm} host-bound"),
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]".to_owned(),
            format!("publickey? {label} {algorithm}: acceptable"),
            format!("publickey {label} {algorithm}: success"),
        ]
    );
    assert_eq!(login.skips(), [""; 0]);
    assert_eq!(run.requests(), ["none", "publickey", BOUND]);
    run.assert_logged(&["attempting public key", algorithm]);
    run.assert_logged(&["authenticated 1", algorithm]);
    run.assert_logged(&["Accepted publickey for", name, &key.fingerprint()]);
}

#[test]
fn ed25519_key() {
    let Some(name) = key_user() else { return };
    let key = TestKey::ed25519("laptop");
    let server = keys_only().authorized_key(&key.line());
    let run = run(server, &name, TestUser::new().key(&key));
    assert_plain_login(&run, &name, &key, "laptop", "ssh-ed25519");
}

#[test]
fn ecdsa_key() {
    let Some(name) = key_user() else { return };
    let key = TestKey::ecdsa();
    let server = keys_only().authorized_key(&key.line());
    let run = run(server, &name, TestUser::new().key(&key));
    assert_plain_login(&run, &name, &key, "ecdsa", "ecdsa-sha2-nistp256");
}

#[test]
fn rsa_key_with_the_best_hash_of_the_servers_list() {
    let Some(name) = key_user() else { return };
    let key = TestKey::rsa();
    let server = keys_only().authorized_key(&key.line());
    let run = run(server, &name, TestUser::new().key(&key));
    let listed = run.login.listed_algorithms.as_deref().unwrap();
    assert!(listed.contains("rsa-sha2-512"), "{listed}");
    assert_plain_login(&run, &name, &key, "rsa", "rsa-sha2-512");
}

#[test]
fn rsa_key_of_a_signer_without_sha512() {
    let Some(name) = key_user() else { return };
    let key = TestKey::rsa().with_algorithms(&["rsa-sha2-256"]);
    let server = keys_only().authorized_key(&key.line());
    let run = run(server, &name, TestUser::new().key(&key));
    assert_plain_login(&run, &name, &key, "rsa", "rsa-sha2-256");
}

/// Servers before OpenSSH 9.6 list what they know and not what they accept, so that a key may be
/// refused for a hash that was listed. OpenSSH's client is refused there just the same.
#[test]
fn rsa_key_for_a_server_without_sha512() {
    let Some(name) = key_user() else { return };
    let key = TestKey::rsa();
    let server = || {
        keys_only()
            .authorized_key(&key.line())
            .config_line("PubkeyAcceptedAlgorithms rsa-sha2-256")
    };
    let any = run(server(), &name, TestUser::new().key(&key));
    let listed = any.login.listed_algorithms.as_deref().unwrap();
    if listed.contains("rsa-sha2-512") {
        assert_eq!(any.login.gave_up().ending(), Ending::NoMethodLeft);
        assert_eq!(
            any.login.attempts(),
            [
                "none?: refused [publickey]",
                "publickey? rsa rsa-sha2-512: refused [publickey]",
            ]
        );
        any.assert_logged(&["rsa-sha2-512 not in PubkeyAcceptedAlgorithms"]);
    } else {
        assert_plain_login(&any, &name, &key, "rsa", "rsa-sha2-256");
    }
    let key = key.clone().with_algorithms(&["rsa-sha2-256"]);
    let restricted = run(server(), &name, TestUser::new().key(&key));
    assert_plain_login(&restricted, &name, &key, "rsa", "rsa-sha2-256");
}

#[test]
fn no_key_at_all() {
    let Some(name) = key_user() else { return };
    let run = run(keys_only(), &name, TestUser::new());
    let why = run.login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.disconnect_reason().code(), 14);
    assert_eq!(why.remaining().unwrap().to_string(), "publickey");
    assert_eq!(run.login.report.ending(), Some(Ending::NoMethodLeft));
    assert_eq!(run.login.dialogue, ["? key, 0 offered"]);
    assert_eq!(run.login.attempts(), ["none?: refused [publickey]"]);
    assert_eq!(
        run.login.skips(),
        [
            "publickey: Declined",
            "keyboard-interactive: NotListed",
            "password: NotListed",
        ]
    );
    assert_eq!(run.requests(), ["none"]);
    run.assert_logged(&[
        "Received disconnect",
        "14: no authentication method is left",
    ]);
}

#[test]
fn second_of_three_keys() {
    let Some(name) = key_user() else { return };
    let [first, second, third] = ["first", "second", "third"].map(TestKey::ed25519);
    let user = TestUser::new().key(&first).key(&second).key(&third);
    let run = run(keys_only().authorized_key(&second.line()), &name, user);
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 second)"]);
    assert_eq!(
        run.login.dialogue,
        [
            "? key, 0 offered",
            "? key, 1 offered",
            "? signature 1 second ssh-ed25519 host-bound",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? first ssh-ed25519: refused [publickey]",
            "publickey? second ssh-ed25519: acceptable",
            "publickey second ssh-ed25519: success",
        ]
    );
    assert_eq!(run.requests(), ["none", "publickey", "publickey", BOUND]);
    run.assert_logged(&["Failed publickey for", &first.fingerprint()]);
    run.assert_logged(&["Accepted publickey for", &second.fingerprint()]);
    assert!(!run.logged(&[&third.fingerprint()]), "{}", run.log);
}

/// The server counts a refused query, but neither the first `none` nor an accepted query, nor what
/// was never sent: with two tries, one refusal and a signature withheld leave room for success.
#[test]
fn only_refusals_cost_a_try() {
    let Some(name) = key_user() else { return };
    let [wrong, withheld, right] = ["wrong", "withheld", "right"].map(TestKey::ed25519);
    let withheld = withheld.unwilling();
    let server = keys_only()
        .authorized_key(&withheld.line())
        .authorized_key(&right.line())
        .config_line("MaxAuthTries 2");
    let run = run(
        server,
        &name,
        TestUser::new().keys(&[&wrong, &withheld, &right]),
    );
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 right)"]);
    assert_eq!(
        run.login.dialogue,
        [
            "? key, 0 offered",
            "? signature 1 withheld ssh-ed25519 host-bound",
            "? signature 2 right ssh-ed25519 host-bound",
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? wrong ssh-ed25519: refused [publickey]",
            "publickey? withheld ssh-ed25519: acceptable",
            "publickey? right ssh-ed25519: acceptable",
            "publickey right ssh-ed25519: success",
        ]
    );
    assert_eq!(run.login.skips(), ["ssh-ed25519 withheld: Declined"]);
    run.assert_logged(&["attempt 4 failures 1"]);
}

#[test]
fn too_many_keys_for_the_server() {
    let Some(name) = key_user() else { return };
    let [first, second, right] = ["first", "second", "right"].map(TestKey::ed25519);
    let server = keys_only()
        .authorized_key(&right.line())
        .config_line("MaxAuthTries 2");
    let run = run(
        server,
        &name,
        TestUser::new().key(&first).key(&second).key(&right),
    );
    let Err(LoginError::Transport(TransportError::Disconnected { code: 2, text })) =
        &run.login.result
    else {
        panic!("{:?}\n{}", run.login.result, run.log);
    };
    assert_eq!(text.to_string(), "Too many authentication failures");
    // The ledger tells what the last try was.
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? first ssh-ed25519: refused [publickey]",
            "publickey? second ssh-ed25519: unanswered",
        ]
    );
    assert_eq!(run.login.report.ending(), Some(Ending::ServerDisconnected));
    assert_eq!(run.login.dialogue, ["? key, 0 offered", "? key, 1 offered"]);
    run.assert_logged(&["maximum authentication attempts exceeded"]);
}

#[test]
fn unprobed_keys() {
    let Some(name) = key_user() else { return };
    let rsa = TestKey::rsa();
    let ed25519 = TestKey::ed25519("laptop");
    for (key, label, algorithm) in [
        (&ed25519, "laptop", "ssh-ed25519"),
        // Known from the server's list by then, so that the hash is no guess.
        (&rsa, "rsa", "rsa-sha2-512"),
    ] {
        let server = keys_only().authorized_key(&key.line());
        let run = run(server, &name, TestUser::new().unprobed(key));
        assert_eq!(run.login.factors().len(), 1);
        assert_eq!(
            run.login.attempts(),
            [
                "none?: refused [publickey]".to_owned(),
                format!("publickey {label} {algorithm}: success"),
            ]
        );
        assert_eq!(run.requests(), ["none", BOUND]);
        assert!(!run.logged(&["querying public key"]), "{}", run.log);
    }
}

#[test]
fn unprobed_wrong_key_then_the_right_one() {
    let Some(name) = key_user() else { return };
    let [wrong, right] = ["wrong", "right"].map(TestKey::ed25519);
    let user = TestUser::new().unprobed(&wrong).unprobed(&right);
    let run = run(keys_only().authorized_key(&right.line()), &name, user);
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 right)"]);
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey wrong ssh-ed25519: refused [publickey]",
            "publickey right ssh-ed25519: success",
        ]
    );
    assert_eq!(run.requests(), ["none", BOUND, BOUND]);
}

#[test]
fn host_bound_or_not() {
    let Some(name) = key_user() else { return };
    let key = TestKey::ed25519("laptop");
    for (policy, binding, method) in [
        (HostBound::Prefer, "host-bound", BOUND),
        (HostBound::Require, "host-bound", BOUND),
        (HostBound::Never, "plain", "publickey"),
    ] {
        let server = keys_only().authorized_key(&key.line());
        let config = one_by_one(name.as_str()).host_bound(policy);
        let run = run_with(server, config, TestUser::new().key(&key));
        assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 laptop)"]);
        let asked = format!("? signature 1 laptop ssh-ed25519 {binding}");
        assert_eq!(run.login.dialogue[1], asked);
        assert_eq!(run.login.wire, ["5", "none", "publickey", method]);
        assert_eq!(run.requests(), ["none", "publickey", method]);
    }
}

#[test]
fn key_without_a_mutual_algorithm_is_not_shown() {
    let Some(name) = key_user() else { return };
    let key = TestKey::rsa().with_algorithms(&["rsa-sha2-1024"]);
    let other = TestKey::ed25519("laptop");
    let server = keys_only().authorized_key(&other.line());
    let run = run(server, &name, TestUser::new().keys(&[&key, &other]));
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 laptop)"]);
    let skips = run.login.skips();
    assert_eq!(skips.len(), 1, "{skips:?}");
    let reason = "ssh-rsa rsa: NoMutualAlgorithm { ours: [], theirs: Some(AlgorithmList(";
    assert!(skips[0].starts_with(reason), "{skips:?}");
    assert_eq!(run.requests(), ["none", "publickey", BOUND]);
    assert!(!run.logged(&[&key.fingerprint()]), "{}", run.log);
}

#[test]
fn without_learning_the_methods_first() {
    let Some(name) = key_user() else { return };
    let key = TestKey::ed25519("laptop");
    let server = keys_only().authorized_key(&key.line());
    let config = one_by_one(name.as_str())
        .methods([Method::PublicKey])
        .discovery(ssh_userauth::Discovery::Skip);
    let run = run_with(server, config, TestUser::new().key(&key));
    assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 laptop)"]);
    assert_eq!(run.requests(), ["publickey", BOUND]);
}
