//! The client's host vouches for its user: what the server believes of it is up to files in the
//! home of the account.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use interop::sshd::{self, SshdBuilder, TestAccount};
use ssh_userauth::{ClientHost, Config, Ending, Method, TrivialSuccess};
use tempfile::TempDir;

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::openssh::{Run, run_with, server};
use crate::support::user::TestUser;

const HOST: &str = "build1.example.org";

/// An account that lets `alice` on the client's host in, if that host has one of the known keys.
struct Trusting {
    account: TestAccount,
    /// Behind the account: it goes last.
    _home: TempDir,
}

/// `known_hosts` is a line for each key that the server knows.
fn trusting(known_hosts: &[String]) -> Option<Trusting> {
    if !sshd::require_root() {
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let ssh = home.path().join(".ssh");
    fs::create_dir(&ssh).unwrap();
    fs::write(ssh.join("known_hosts"), known_hosts.join("\n") + "\n").unwrap();
    fs::write(home.path().join(".shosts"), format!("{HOST} alice\n")).unwrap();
    Some(Trusting {
        account: TestAccount::create_at(home.path()).unwrap(),
        _home: home,
    })
}

fn known(key: &TestKey) -> String {
    format!("{HOST} {}", key.line())
}

/// A server that believes the files in the home, and the client about its name, as it has no
/// address here that could be looked up.
fn believing() -> SshdBuilder {
    server()
        .config_line("HostbasedAuthentication yes")
        .config_line("HostbasedUsesNameFromPacketOnly yes")
        .config_line("IgnoreRhosts no")
        .config_line("IgnoreUserKnownHosts no")
        .config_line("KbdInteractiveAuthentication no")
}

/// First by the host, then by key, then by password.
fn config(name: &str, client: &str, keys: &[&TestKey]) -> Config {
    let host = ClientHost::new(HOST, client);
    let host = keys
        .iter()
        .fold(host, |host, key| host.key(key.identity().clone()));
    one_by_one(name)
        .methods([Method::HostBased, Method::PublicKey, Method::Password])
        .client_host(host)
}

fn with_host_keys(keys: &[&TestKey]) -> TestUser {
    let user = TestUser::new();
    keys.iter().fold(user, |user, key| user.host_key(key))
}

impl Trusting {
    /// A login of `alice` from a host with these keys; she knows the password, too.
    fn log_in(&self, server: SshdBuilder, client: &str, keys: &[&TestKey]) -> Run {
        let user = with_host_keys(keys).password(self.account.password());
        run_with(server, config(self.account.name(), client, keys), user)
    }
}

const LISTED: &str = "publickey,password,hostbased";

/// The server took the host's word. The person was not asked.
fn assert_vouched(run: &Run, label: &str, algorithm: &str) {
    let done = run.login.success();
    assert!(!done.is_trivial());
    assert_eq!(done.factors().len(), 1);
    assert_eq!(done.factors()[0].method(), Method::HostBased);
    assert_eq!(
        run.login.dialogue,
        [format!(
            "? host signature {label} {algorithm} for alice on {HOST}"
        )]
    );
    assert_eq!(
        run.login.attempts(),
        [
            format!("none?: refused [{LISTED}]"),
            format!("hostbased {label} {algorithm}: success"),
        ]
    );
    assert_eq!(run.login.skips(), [""; 0]);
    assert_eq!(run.requests(), ["none", "hostbased"]);
    run.assert_logged(&[&format!("cuser alice chost {HOST} pkalg {algorithm} slen")]);
}

#[test]
fn host_keys_of_each_type() {
    for (key, algorithm) in [
        (TestKey::ed25519("host"), "ssh-ed25519"),
        (TestKey::ecdsa().labelled("host"), "ecdsa-sha2-nistp256"),
        (TestKey::rsa().labelled("host"), "rsa-sha2-512"),
    ] {
        let Some(place) = trusting(&[known(&key)]) else {
            return;
        };
        let run = place.log_in(believing(), "alice", &[&key]);
        assert_vouched(&run, "host", algorithm);
        let from = format!("from alice@{HOST}");
        run.assert_logged(&["public key", &key.fingerprint(), &from]);
        run.assert_logged(&["Accepted hostbased for", &key.fingerprint()]);
    }
}

#[test]
fn host_certificate() {
    let ca = TestKey::ed25519("authority");
    let key = TestKey::ed25519("host");
    let certificate = key.certified_by(&ca, "certificate", &["-h", "-n", HOST]);
    let Some(place) = trusting(&[format!("@cert-authority {}", known(&ca))]) else {
        return;
    };
    let run = place.log_in(believing(), "alice", &[&certificate]);
    assert_vouched(&run, "certificate", "ssh-ed25519-cert-v01@openssh.com");
    run.assert_logged(&["Accepted certificate ID", "of a test", &ca.fingerprint()]);
}

/// Each host key costs a request; those that don't sign cost none.
#[test]
fn next_host_key() {
    let [strange, withheld, right] = ["strange", "withheld", "right"].map(TestKey::ed25519);
    let withheld = withheld.unwilling();
    let Some(place) = trusting(&[known(&withheld), known(&right)]) else {
        return;
    };
    let run = place.log_in(believing(), "alice", &[&strange, &withheld, &right]);
    assert!(!run.login.success().is_trivial());
    assert_eq!(run.login.dialogue.len(), 3);
    assert_eq!(
        run.login.attempts(),
        [
            format!("none?: refused [{LISTED}]"),
            format!("hostbased strange ssh-ed25519: refused [{LISTED}]"),
            "hostbased right ssh-ed25519: success".to_owned(),
        ]
    );
    assert_eq!(run.login.skips(), ["ssh-ed25519 withheld: Declined"]);
    run.assert_logged(&["key for host", HOST, "not found"]);
    run.assert_logged(&["Failed hostbased for", &strange.fingerprint()]);
    run.assert_logged(&["Accepted hostbased for", &right.fingerprint()]);
}

/// A host that the server doesn't know, and a user of a known host who is not trusted.
#[test]
fn not_trusted_then_the_password() {
    let [listed, strange] = ["listed", "strange"].map(TestKey::ed25519);
    for (client, key) in [("alice", &strange), ("mallory", &listed)] {
        let Some(place) = trusting(&[known(&listed)]) else {
            return;
        };
        let run = place.log_in(believing(), client, &[key]);
        let label = key.identity().label().unwrap();
        assert_eq!(run.login.factors(), ["password"]);
        assert_eq!(
            run.login.dialogue,
            [
                format!("? host signature {label} ssh-ed25519 for {client} on {HOST}"),
                "? key, 0 offered".to_owned(),
                "? password 1".to_owned(),
            ]
        );
        assert_eq!(
            run.login.attempts(),
            [
                format!("none?: refused [{LISTED}]"),
                format!("hostbased {label} ssh-ed25519: refused [{LISTED}]"),
                "password: success".to_owned(),
            ]
        );
        let client = format!("client user \"{client}\", client host \"{HOST}\"");
        run.assert_logged(&["Failed hostbased for", &key.fingerprint(), &client]);
    }
}

/// The host's word and a key of the user's own: that is proof.
#[test]
fn hostbased_and_publickey() {
    let [host, key] = ["host", "laptop"].map(TestKey::ed25519);
    let Some(place) = trusting(&[known(&host)]) else {
        return;
    };
    let server = believing()
        .authorized_key(&key.line())
        .config_line("AuthenticationMethods hostbased,publickey");
    let name = place.account.name();
    let user = with_host_keys(&[&host]).key(&key);
    let run = run_with(server, config(name, "alice", &[&host]), user);
    assert_eq!(
        run.login.factors(),
        [
            "hostbased (ssh-ed25519 host)",
            "publickey (ssh-ed25519 laptop)"
        ]
    );
    assert_eq!(
        run.login.attempts(),
        [
            "none?: refused [hostbased]",
            "hostbased host ssh-ed25519: partial [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: success",
        ]
    );
}

#[test]
fn without_a_host_of_our_own() {
    let Some(place) = trusting(&[]) else { return };
    let name = place.account.name();
    let config = one_by_one(name).methods([Method::HostBased]);
    let run = run_with(believing(), config, TestUser::new());
    assert_eq!(run.login.gave_up().ending(), Ending::NoMethodLeft);
    assert_eq!(run.login.skips(), ["hostbased: NotConfigured"]);
    assert_eq!(run.requests(), ["none"]);
}

#[test]
fn a_signature_of_the_host_is_evidence() {
    let host = TestKey::ed25519("host");
    let Some(place) = trusting(&[known(&host)]) else {
        return;
    };
    let name = place.account.name();
    let config = config(name, "alice", &[&host]).trivial_success(TrivialSuccess::Reject);
    let run = run_with(believing(), config, with_host_keys(&[&host]));
    assert!(!run.login.success().is_trivial());
    run.assert_logged(&["Accepted hostbased for", &host.fingerprint()]);
}
