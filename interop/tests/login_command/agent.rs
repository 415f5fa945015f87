//! Keys in a real agent.

use core::time::Duration;
use std::fs;
use std::process::{Child, Stdio};
use std::thread;

use interop::skip;
use interop::sshd::{self, HostKeyType, Sshd};

use super::daemon::{OpenSsh, place};
use super::user::{Ran, User};

/// An agent of this user's own, ended when dropped.
struct Agent<'u> {
    user: &'u User,
    child: Child,
}

impl<'u> Agent<'u> {
    fn start(user: &'u User) -> Self {
        let mut command = user.command("ssh-agent");
        command.args(["-D", "-a", "agent.socket"]);
        let child = command.stdout(Stdio::null()).spawn().unwrap();
        for _ in 0..500 {
            if user.path("agent.socket").exists() {
                break;
            }
            thread::sleep(Duration::from_millis(10));
        }
        Self { user, child }
    }

    /// Moves the key at `name`, and a certificate beside it, into the agent.
    fn add(&self, name: &str) {
        let mut command = self.user.command("ssh-add");
        command.args(["-q", name]).stderr(Stdio::null());
        command.env("SSH_AUTH_SOCK", self.user.path("agent.socket"));
        assert!(command.status().unwrap().success());
        fs::remove_file(self.user.path(name)).unwrap();
    }

    fn forget_all(&self) {
        let mut command = self.user.command("ssh-add");
        command.args(["-q", "-D"]).stderr(Stdio::null());
        command.env("SSH_AUTH_SOCK", self.user.path("agent.socket"));
        assert!(command.status().unwrap().success());
    }

    fn login(&self, arguments: &[&str]) -> Ran {
        self.user.run_with(arguments, |command| {
            command.env("SSH_AUTH_SOCK", self.user.path("agent.socket"));
        })
    }
}

impl Drop for Agent<'_> {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}

fn is_missing() -> bool {
    let missing = std::process::Command::new("ssh-agent")
        .arg("-h")
        .output()
        .is_err();
    if missing {
        skip::without("ssh-agent");
    }
    missing || sshd::require().is_none()
}

#[test]
fn plain_keys_with_each_hash_of_rsa() {
    if is_missing() {
        return;
    }
    let user = User::new();
    let agent = Agent::start(&user);
    for (key, algorithms) in [
        ("ed25519", "ssh-ed25519"),
        ("ecdsa", "ecdsa-sha2-nistp256"),
        ("rsa", "rsa-sha2-256"),
        ("rsa", "rsa-sha2-512"),
    ] {
        let _first_time = fs::remove_file(user.path(&format!("{key}.pub")));
        user.make_key(key, key, "");
        agent.add(key);
        let option = format!("PubkeyAcceptedAlgorithms={algorithms}");
        let builder = Sshd::builder()
            .authorized_key(&user.read(&format!("{key}.pub")))
            .config_line(&option.replace('=', " "));
        let server = OpenSsh::start(builder);
        server.trusted_by(&user, HostKeyType::Ed25519);
        let ran = agent.login(&["-v", "-o", &option, &place(&server), "echo in"]);
        ran.expect(0);
        assert_eq!(ran.out, "in\n", "{}", ran.err);
        assert!(ran.err.contains(&format!("{key} (agent)")), "{}", ran.err);
        assert!(ran.err.contains("! signed by the agent"), "{}", ran.err);
        agent.forget_all();
    }
}

#[test]
fn certificates_in_the_agent_and_in_files_for_its_keys() {
    if is_missing() {
        return;
    }
    let user = User::new();
    let name = sshd::current_user().unwrap();
    user.make_key("authority", "ed25519", "");
    let builder = Sshd::builder()
        .file("authority.pub", &user.read("authority.pub"))
        .config_line("TrustedUserCAKeys {dir}/authority.pub");
    let server = OpenSsh::start(builder);
    server.trusted_by(&user, HostKeyType::Ed25519);
    let agent = Agent::start(&user);
    for key in ["ed25519", "rsa"] {
        user.make_key(key, key, "");
        user.certify("authority", key, &name);
        agent.add(key);
        let ran = agent.login(&[&place(&server)]);
        ran.expect(0);
        let used = format!("ssh-{key}-cert-v01@openssh.com {key} (agent)");
        assert!(ran.out.contains(&used), "{}", ran.out);
        agent.forget_all();
    }

    // The agent has the key only, and the certificate is beside its public half.
    user.make_key("split", "rsa", "");
    agent.add("split");
    user.certify("authority", "split", &name);
    let ran = agent.login(&[
        "-i",
        "split.pub",
        "-o",
        "IdentitiesOnly=yes",
        &place(&server),
    ]);
    ran.expect(0);
    let used = "ssh-rsa-cert-v01@openssh.com split.pub";
    assert!(ran.out.contains(used), "{}", ran.out);
}

#[test]
fn an_agent_that_is_not_there_is_no_reason_to_fail() {
    if is_missing() {
        return;
    }
    let user = User::new();
    user.make_key("key", "ed25519", "");
    let server = OpenSsh::start(Sshd::builder().authorized_key(&user.read("key.pub")));
    server.trusted_by(&user, HostKeyType::Ed25519);
    let run = |arguments: &[&str]| {
        user.run_with(arguments, |command| {
            command.env("SSH_AUTH_SOCK", "nowhere");
        })
    };
    let ran = run(&["-i", "key", &place(&server)]);
    ran.expect(0);
    assert_eq!(ran.err, "");
    // But it may be the reason why nothing else helped.
    let ran = run(&["-o", "BatchMode=yes", &place(&server)]);
    ran.expect_failure("the agent at nowhere is not used: ");
}
