//! This host vouches for its user.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use interop::sshd::{self, HostKeyType, Sshd, SshdBuilder, TestAccount};
use tempfile::TempDir;

use super::daemon::OpenSsh;
use super::user::User;

/// The name that the command gives this host.
fn full_name() -> String {
    let output = Command::new("hostname").arg("--fqdn").output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// An account that lets this user in from this host, if it has the key of that line.
fn trusting(home: &TempDir, who: &str, known: &str) -> TestAccount {
    let here = full_name();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(home.path().join(".shosts"), format!("{here} {who}\n")).unwrap();
    fs::create_dir(home.path().join(".ssh")).unwrap();
    let known_hosts = home.path().join(".ssh/known_hosts");
    fs::write(known_hosts, format!("{here} {known}")).unwrap();
    TestAccount::create_at(home.path()).unwrap()
}

fn believing() -> SshdBuilder {
    Sshd::builder()
        .config_line("HostbasedAuthentication yes")
        .config_line("HostbasedUsesNameFromPacketOnly yes")
        .config_line("IgnoreRhosts no")
        .config_line("IgnoreUserKnownHosts no")
}

#[test]
fn this_host_vouches_for_its_user() {
    if !sshd::require_root() {
        return;
    }
    let user = User::new();
    user.make_key("host_key", "ed25519", "");
    user.make_key("other_key", "ed25519", "");
    let home = tempfile::tempdir().unwrap();
    let who = sshd::current_user().unwrap();
    let account = trusting(&home, &who, &user.read("host_key.pub"));
    let server = OpenSsh::start(believing());
    server.trusted_by(&user, HostKeyType::Ed25519);
    let place = format!("{}@127.0.0.1:{}", account.name(), server.port);
    let login = |key: &str, allowed: &str| {
        let key = format!("HostKey={key}");
        let allowed = format!("HostbasedAuthentication={allowed}");
        let methods = "PreferredAuthentications=hostbased";
        let options = ["-o", methods, "-o", &key, "-o", &allowed];
        user.run(&[&["-v"][..], &options, &[&place, "id -un"]].concat())
    };
    let ran = login("host_key", "yes");
    ran.expect(0);
    assert_eq!(ran.out.trim(), account.name());
    for shown in [
        &format!("? does this host vouch for {who}@{}, with", full_name()),
        "! signed by this host",
        "hostbased: this host vouches for its user",
    ] {
        assert!(ran.err.contains(shown), "{shown}\n{}", ran.err);
    }

    for (key, allowed) in [("other_key", "yes"), ("host_key", "no")] {
        let ran = login(key, allowed);
        ran.expect(255);
        assert_eq!(ran.out, "");
        assert!(ran.err.contains("permission denied"), "{}", ran.err);
    }
}
