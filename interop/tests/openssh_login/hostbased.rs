//! The client's host vouches for its user: what the server believes of it is up to files in the
//! home of the account.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use interop::sshd::{SshdBuilder, TestAccount};
use ssh_userauth::{ClientHost, Config, Ending, Method, TrivialSuccess};
use tempfile::TempDir;

use crate::support::keys::TestKey;
use crate::support::openssh::{Run, may_make_users, run_with, server};
use crate::support::user::TestUser;

const HOST: &str = "build1.example.org";

/// An account that lets `alice` on the client's host in, if that host has one of the known keys.
struct Trusting {
    account: TestAccount,
    /// Behind the account: it goes last.
    _home: TempDir,
}

fn trusting(known: &[&TestKey]) -> Option<Trusting> {
    if !may_make_users() {
        return None;
    }
    let home = tempfile::tempdir().unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let ssh = home.path().join(".ssh");
    fs::create_dir(&ssh).unwrap();
    let lines = known.iter().map(|key| format!("{HOST} {}\n", key.line()));
    fs::write(ssh.join("known_hosts"), lines.collect::<String>()).unwrap();
    fs::write(home.path().join(".shosts"), format!("{HOST} alice\n")).unwrap();
    Some(Trusting {
        account: TestAccount::create_at(home.path()).unwrap(),
        _home: home,
    })
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
    Config::new(name)
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

fn show(run: &Run) {
    println!("{:#?} {:?} {:#?}\n{:#?}\n{:#?}", run.login.result, run.login.dialogue, run.login.attempts(), run.login.skips(), run.requests());
    println!("{}", run.log);
}

#[test]
fn host_keys_of_each_type() {
    for (key, algorithm) in [
        (TestKey::ed25519("host"), "ssh-ed25519"),
        (TestKey::ecdsa().labelled("host"), "ecdsa-sha2-nistp256"),
        (TestKey::rsa().labelled("host"), "rsa-sha2-512"),
    ] {
        let Some(place) = trusting(&[&key]) else { return };
        let run = place.log_in(believing(), "alice", &[&key]);
        show(&run);
    }
}

#[test]
fn unknown_host_key_then_the_password() {
    let [known, strange] = ["known", "strange"].map(TestKey::ed25519);
    let Some(place) = trusting(&[&known]) else { return };
    let run = place.log_in(believing(), "alice", &[&strange]);
    show(&run);
    let run = place.log_in(believing(), "alice", &[&strange, &known]);
    show(&run);
    let run = place.log_in(believing(), "mallory", &[&known]);
    show(&run);
}
