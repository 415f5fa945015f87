//! Security keys: the server insists on what the authenticator says that its user did.

use interop::authenticator::{Authenticator, Gesture};
use interop::sshd::SshdBuilder;

use crate::support::keys::TestKey;
use crate::support::openssh::{Run, key_user, run, server};
use crate::support::user::TestUser;

/// One key of each type, with its type.
fn both_keys() -> [(TestKey, &'static str); 2] {
    [Authenticator::ed25519(), Authenticator::ecdsa()].map(|made| {
        let authenticator = made.unwrap();
        let key_type = authenticator.key_type();
        (TestKey::in_authenticator(authenticator, "token"), key_type)
    })
}

fn keys_only() -> SshdBuilder {
    server()
        .config_line("PasswordAuthentication no")
        .config_line("KbdInteractiveAuthentication no")
}

/// The counter and the flags as the server read them out of the signatures.
fn asserted(run: &Run) -> Vec<&str> {
    let lines = run.log.lines().filter_map(|line| {
        let (_, rest) = line.split_once("sk_counter = ")?;
        Some(rest.trim_end_matches(" [preauth]"))
    });
    lines.collect()
}

fn assert_success(run: &Run, label: &str, algorithm: &str) {
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [publickey]".to_owned(),
            format!("publickey? {label} {algorithm}: acceptable"),
            format!("publickey {label} {algorithm}: success"),
        ]
    );
    assert_eq!(
        run.login.dialogue,
        [
            "? key, 0 offered".to_owned(),
            format!("? signature 1 {label} {algorithm} host-bound"),
        ]
    );
}

#[test]
fn security_keys() {
    let Some(name) = key_user() else { return };
    for (key, key_type) in both_keys() {
        for counter in 1..=2 {
            let server = keys_only().authorized_key(&key.line());
            let run = run(server, &name, TestUser::new().key(&key));
            assert_success(&run, "token", key_type);
            let factor = format!("publickey ({key_type} token)");
            assert_eq!(run.login.factors(), [factor]);
            assert_eq!(asserted(&run), [format!("{counter}, sk_flags = 0x01")]);
            run.assert_logged(&["Accepted publickey for", "-SK ", &key.fingerprint()]);
        }
    }
}

#[test]
fn security_key_without_a_touch_then_another_key() {
    let Some(name) = key_user() else { return };
    for (key, key_type) in both_keys() {
        let untouched = key.with_gesture(Gesture::Nothing);
        let other = TestKey::ed25519("laptop");
        let server = keys_only()
            .authorized_key(&untouched.line())
            .authorized_key(&other.line());
        let run = run(server, &name, TestUser::new().key(&untouched).key(&other));
        assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 laptop)"]);
        assert_eq!(
            run.login.attempts(),
            [
                "none?: refused [publickey]".to_owned(),
                format!("publickey? token {key_type}: acceptable"),
                format!("publickey token {key_type}: refused [publickey]"),
                "publickey? laptop ssh-ed25519: acceptable".to_owned(),
                "publickey laptop ssh-ed25519: success".to_owned(),
            ]
        );
        // The signature as such was right.
        run.assert_logged(&["rejected: user presence (authenticator touch) requirement not met"]);
    }
}

/// What the line in authorized_keys waives or demands, and what it is given.
#[test]
fn security_keys_by_their_options() {
    let Some(name) = key_user() else { return };
    for (key, key_type) in both_keys() {
        for (option, gesture, asserting) in [
            ("no-touch-required", Gesture::Nothing, "1, sk_flags = 0x00"),
            (
                "verify-required",
                Gesture::TouchAndPin,
                "2, sk_flags = 0x05",
            ),
        ] {
            let key = key.clone().with_gesture(gesture);
            let server = keys_only().authorized_key(&format!("{option} {}", key.line()));
            let run = run(server, &name, TestUser::new().key(&key));
            assert_success(&run, "token", key_type);
            assert_eq!(asserted(&run), [asserting]);
        }
        let server = keys_only().authorized_key(&format!("verify-required {}", key.line()));
        let run = run(server, &name, TestUser::new().key(&key));
        assert_eq!(
            run.login.gave_up().remaining().unwrap().to_string(),
            "publickey"
        );
        run.assert_logged(&["rejected: user verification requirement not met"]);
    }
}

#[test]
fn certificates_for_security_keys() {
    let Some(name) = key_user() else { return };
    let ca = TestKey::ed25519("authority");
    for (key, key_type) in both_keys() {
        let algorithm = key_type.replace("@openssh.com", "-cert-v01@openssh.com");
        let certificate = key.certified_by(&ca, "certificate", &["-n", &name, "-V", "-1m:+10m"]);
        let server = keys_only()
            .file("ca.pub", &ca.line())
            .config_line("TrustedUserCAKeys {dir}/ca.pub");
        let run = run(server, &name, TestUser::new().key(&certificate));
        assert_success(&run, "certificate", &algorithm);
        assert_eq!(
            run.login.factors(),
            [format!("publickey ({algorithm} certificate)")]
        );
        assert_eq!(asserted(&run), ["1, sk_flags = 0x01"]);
        run.assert_logged(&["Accepted certificate ID", "of a test", &ca.fingerprint()]);
    }
}

/// The signature says by its name that it came through a browser; the request does not.
#[test]
fn security_key_behind_a_browser() {
    let Some(name) = key_user() else { return };
    let [_, (key, key_type)] = both_keys();
    let key = key.in_browser();
    let server = keys_only().authorized_key(&key.line());
    let run = run(server, &name, TestUser::new().key(&key));
    assert_success(&run, "token", key_type);
    assert_eq!(asserted(&run), ["1, sk_flags = 0x01"]);
}
