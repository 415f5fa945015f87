//! Keys and passwords, over every cipher and over TCP.

use core::time::Duration;

use interop::embedded::{EmbeddedServer, Method};
use interop::transport::{Cipher, ClientConfig, LowLatencyTcp, Transport};
use ssh_userauth::{HostBound, Unavailable};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::session::run_command;
use crate::support::user::TestUser;
use crate::support::{connect_with, expect_key, log_in};
use crate::{policy, run, run_with};

#[test]
fn publickey() {
    let key = TestKey::ed25519("laptop");
    let policy = policy().with_key(key.blob()).then(Method::PublicKey);
    let (login, log) = run(policy, TestUser::new().key(&key));
    assert_eq!(login.factors(), ["publickey (ssh-ed25519 laptop)"]);
    // This server announces no host-bound signatures.
    assert_eq!(
        login.dialogue,
        ["? key, 0 offered", "? signature 1 laptop ssh-ed25519 plain",]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: success",
        ]
    );
    assert_eq!(login.skips(), [""; 0]);
    assert_eq!(login.wire, ["5", "none", "publickey", "publickey"]);
    assert_eq!(
        log,
        [
            "none for demo: failed",
            "publickey offer for demo: acceptable",
            "publickey for demo: success",
            "exec for demo: answered",
        ]
    );
}

#[test]
fn second_key_after_a_wrong_one_and_an_unwilling_one() {
    let [wrong, withheld, right] = ["wrong", "withheld", "right"].map(TestKey::ed25519);
    let withheld = withheld.unwilling();
    let policy = policy()
        .with_key(withheld.blob())
        .with_key(right.blob())
        .then(Method::PublicKey);
    let user = TestUser::new().key(&wrong).keys(&[&withheld, &right]);
    let (login, _) = run(policy, user);
    assert_eq!(login.factors(), ["publickey (ssh-ed25519 right)"]);
    assert_eq!(
        login.dialogue,
        [
            "? key, 0 offered",
            "? key, 1 offered",
            "? signature 1 withheld ssh-ed25519 plain",
            "? signature 2 right ssh-ed25519 plain",
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? wrong ssh-ed25519: refused [publickey]",
            "publickey? withheld ssh-ed25519: acceptable",
            "publickey? right ssh-ed25519: acceptable",
            "publickey right ssh-ed25519: success",
        ]
    );
    assert_eq!(login.skips(), ["ssh-ed25519 withheld: Declined"]);
}

#[test]
fn unprobed_key() {
    let key = TestKey::ed25519("laptop");
    let policy = policy().with_key(key.blob()).then(Method::PublicKey);
    let (login, log) = run(policy, TestUser::new().unprobed(&key));
    assert_eq!(login.factors(), ["publickey (ssh-ed25519 laptop)"]);
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey laptop ssh-ed25519: success",
        ]
    );
    assert_eq!(login.wire, ["5", "none", "publickey"]);
    let accepted = "publickey for demo: success".to_owned();
    assert!(log.contains(&accepted), "{log:?}");
}

/// This server can't bind signatures to its host key: who insists on that shows it no key.
#[test]
fn host_binding_that_is_required_and_not_to_be_had() {
    let key = TestKey::ed25519("laptop");
    let policy = policy().with_key(key.blob()).then(Method::PublicKey);
    let config = one_by_one("demo").host_bound(HostBound::Require);
    let (login, log) = run_with(policy, config, TestUser::new().key(&key));
    assert_eq!(login.gave_up().disconnect_reason().code(), 14);
    assert_eq!(login.dialogue, [""; 0]);
    assert_eq!(login.wire, ["5", "none"]);
    let first = &login.report.skips()[0];
    assert_eq!(*first.reason(), Unavailable::HostBoundUnavailable);
    assert_eq!(log, ["none for demo: failed"]);
}

#[test]
fn password_wrong_then_right() {
    let policy = policy().with_password("hunter2").then(Method::Password);
    let user = TestUser::new().password("hunter1").password("hunter2");
    let (login, log) = run(policy, user);
    assert_eq!(login.factors(), ["password"]);
    assert_eq!(
        login.dialogue,
        ["? password 1", "? password 2, previous Refused"]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [password]",
            "password: refused [password]",
            "password: success",
        ]
    );
    assert_eq!(login.wire, ["5", "none", "password", "password"]);
    assert_eq!(
        log[..3],
        [
            "none for demo: failed",
            "password for demo: failed",
            "password for demo: success",
        ]
    );
}

#[test]
fn publickey_then_password() {
    let key = TestKey::ed25519("laptop");
    let policy = policy()
        .with_key(key.blob())
        .with_password("hunter2")
        .then(Method::PublicKey)
        .then(Method::Password);
    let user = TestUser::new().key(&key).password("hunter2");
    let (login, log) = run(policy, user);
    assert_eq!(
        login.factors(),
        ["publickey (ssh-ed25519 laptop)", "password"]
    );
    assert_eq!(
        login.dialogue,
        [
            "? key, 0 offered",
            "? signature 1 laptop ssh-ed25519 plain",
            "* partial publickey, then password",
            "? password 1",
        ]
    );
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [password]",
            "password: success",
        ]
    );
    assert_eq!(log[2], "publickey for demo: partial success");
    assert_eq!(log[3], "password for demo: success");
}

#[test]
fn every_cipher() {
    let key = TestKey::ed25519("laptop");
    assert_eq!(Cipher::ALL.len(), 3);
    for cipher in Cipher::ALL {
        let policy = policy().with_key(key.blob()).then(Method::PublicKey);
        let (server, stream) = EmbeddedServer::start(policy).unwrap();
        let config = ClientConfig::new().with_ciphers(&[*cipher]);
        let mut transport = connect_with(stream, server.host_key(), config);
        let negotiated = transport.negotiated().unwrap();
        assert_eq!(negotiated.client_to_server, *cipher);
        assert_eq!(negotiated.server_to_client, *cipher);
        let user = TestUser::new().key(&key);
        let login = log_in(&mut transport, one_by_one("demo"), user);
        assert_eq!(login.factors(), ["publickey (ssh-ed25519 laptop)"]);
        assert_eq!(run_command(&mut transport, "true"), "hello\n");
    }
}

/// Two logins one after the other, each with its own session: what was signed for the first is
/// worthless for the second, and both must succeed.
#[test]
fn over_tcp() {
    let key = TestKey::ed25519("laptop");
    let policy = policy()
        .with_key(key.blob())
        .with_password("hunter2")
        .then(Method::PublicKey)
        .then(Method::Password);
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    let limit = Duration::from_secs(30);
    let mut sessions = Vec::new();
    for _ in 0..2 {
        let stream = LowLatencyTcp::connect(address, limit).unwrap();
        stream.get_ref().set_read_timeout(Some(limit)).unwrap();
        let host_key = server.host_key();
        let check = |seen: &[u8]| expect_key(seen, host_key);
        let mut transport = Transport::client(stream, ClientConfig::new(), check).unwrap();
        let before = transport.round_trips();
        let user = TestUser::new().key(&key).password("hunter2");
        let login = log_in(&mut transport, one_by_one("demo"), user);
        assert_eq!(
            login.factors(),
            ["publickey (ssh-ed25519 laptop)", "password"]
        );
        assert_eq!(
            login.wire,
            ["5", "none", "publickey", "publickey", "password"]
        );
        assert!(transport.round_trips() - before <= 5);
        assert_eq!(run_command(&mut transport, "true"), "hello\n");
        sessions.push(transport.session_id().to_vec());
    }
    assert_ne!(sessions[0], sessions[1]);
}
