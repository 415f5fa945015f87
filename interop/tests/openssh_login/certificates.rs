//! Certificates of an authority made on the spot.

use crate::support::keys::TestKey;
use crate::support::openssh::{key_user, run, server};
use crate::support::user::TestUser;

#[test]
fn certificates_of_a_trusted_authority() {
    let Some(name) = key_user() else { return };
    let ca = TestKey::ed25519("authority");
    let ed25519 = TestKey::ed25519("laptop");
    for (key, algorithm) in [
        (ed25519, "ssh-ed25519-cert-v01@openssh.com"),
        (TestKey::rsa(), "rsa-sha2-512-cert-v01@openssh.com"),
        (TestKey::ecdsa(), "ecdsa-sha2-nistp256-cert-v01@openssh.com"),
    ] {
        let certificate = key.certified_by(&ca, "certificate", &["-n", &name, "-V", "-1m:+10m"]);
        let server = server()
            .file("ca.pub", &ca.line())
            .config_line("TrustedUserCAKeys {dir}/ca.pub");
        let run = run(server, &name, TestUser::new().key(&certificate));
        let factor = format!(
            "publickey ({} certificate)",
            certificate.identity().key_type()
        );
        assert_eq!(run.login.factors(), [factor]);
        assert!(certificate.identity().is_certificate());
        assert_eq!(
            run.login.attempts()[1..],
            [
                format!("publickey? certificate {algorithm}: acceptable"),
                format!("publickey certificate {algorithm}: success"),
            ]
        );
        run.assert_logged(&["Accepted certificate ID", "of a test", &ca.fingerprint()]);
        run.assert_logged(&["Accepted publickey for", "-CERT", &key.fingerprint()]);
        run.assert_logged(&["authenticated 1", algorithm]);
    }
}

#[test]
fn certificate_refused_then_its_plain_key() {
    let Some(name) = key_user() else { return };
    let ca = TestKey::ed25519("authority");
    let key = TestKey::ed25519("plain");
    let expired = ["-n", name.as_str(), "-V", "20200101:20200102"];
    for (options, complaint) in [
        (
            &["-n", "somebody-else"][..],
            "name is not a listed principal",
        ),
        (&expired[..], "Certificate invalid: expired"),
    ] {
        let certificate = key.certified_by(&ca, "certificate", options);
        let server = server()
            .authorized_key(&key.line())
            .file("ca.pub", &ca.line())
            .config_line("TrustedUserCAKeys {dir}/ca.pub")
            .config_line("PasswordAuthentication no")
            .config_line("KbdInteractiveAuthentication no");
        let run = run(server, &name, TestUser::new().keys(&[&certificate, &key]));
        assert_eq!(run.login.factors(), ["publickey (ssh-ed25519 plain)"]);
        assert_eq!(
            run.login.dialogue,
            [
                "? key, 0 offered",
                "? signature 1 plain ssh-ed25519 host-bound",
            ]
        );
        let type_name = "ssh-ed25519-cert-v01@openssh.com";
        assert_eq!(
            run.login.attempts(),
            [
                "none?: refused [publickey]".to_owned(),
                format!("publickey? certificate {type_name}: refused [publickey]"),
                "publickey? plain ssh-ed25519: acceptable".to_owned(),
                "publickey plain ssh-ed25519: success".to_owned(),
            ]
        );
        assert_eq!(run.login.skips(), [""; 0]);
        run.assert_logged(&[complaint]);
    }
}
