//! Agents: one that is slow, one that is real, one that is gone.

use alloc::sync::Arc;
use core::time::Duration;
use std::fs;
use std::os::unix::net::UnixStream as Blocking;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method};
use interop::skip;
use ssh_agent_lib::blocking::Client;
use ssh_key::{PrivateKey, PublicKey};
use ssh_userauth::{Authenticated, Notice};
use tempfile::TempDir;
use tokio::net::UnixStream;

use crate::endpoint::Endpoint;
use crate::flow::FlowServer;
use crate::loops::runtime;
use crate::ssh_agent::touch_agent::TouchAgent;
use crate::ssh_agent::{Agent, connect};

/// Who needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// As [`connect`], with everything that needs a runtime.
async fn log_in(
    stream: Blocking,
    host_key: &[u8],
    agent: &Path,
    tell: impl FnMut(Notice),
) -> Authenticated {
    stream.set_nonblocking(true).unwrap();
    let mut stream = UnixStream::from_std(stream).unwrap();
    let agent = Agent::connect(agent).await.unwrap();
    let login = connect(&mut stream, host_key, "alice", agent, tell);
    let login = tokio::time::timeout(PATIENCE, login).await;
    login.expect("it hangs").unwrap()
}

/// The key is touched when the banner says so, and the banner comes when the client has answered
/// a packet: whoever waits for the agent would wait for ever. The certificate goes first.
#[test]
fn packets_flow_until_somebody_touches_the_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent");
    let agent = TouchAgent::new("alice").unwrap();
    let finger = Arc::clone(&agent.touches);
    let (server, stream) = FlowServer::start();
    let mut told = 0;
    let done = runtime().block_on(async {
        agent.start(&path).unwrap();
        let tell = |notice| {
            assert!(matches!(notice, Notice::Banner { .. }), "{notice:?}");
            told += 1;
            finger.add_permits(1);
        };
        log_in(stream, &server.host_key, &path, tell).await
    });
    assert_eq!(told, 1);
    let identity = done.factors()[0].identity().unwrap();
    assert!(identity.is_certificate(), "{identity}");
    let order = ["key taken", "ping answered", "signature"];
    assert_eq!(server.events(), order);
}

/// Touched twice, for the certificate and for the key, and neither is good for this user.
#[test]
fn a_certificate_for_somebody_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("agent");
    let agent = TouchAgent::new("bob").unwrap();
    agent.touches.add_permits(2);
    let policy = EmbeddedPolicy::new("alice").with_authority(&agent.authority().unwrap());
    let (server, stream) = EmbeddedServer::start(policy.then(Method::PublicKey)).unwrap();
    stream.set_nonblocking(true).unwrap();
    let error = runtime().block_on(async {
        agent.start(&path).unwrap();
        let mut stream = UnixStream::from_std(stream).unwrap();
        let agent = Agent::connect(&path).await.unwrap();
        let login = connect(&mut stream, server.host_key(), "alice", agent, |_| {});
        let login = tokio::time::timeout(PATIENCE, login).await;
        login.expect("it hangs").unwrap_err()
    });
    assert!(error.to_string().contains("refused"), "{error}");
    let refused = [
        "certificate for alice: failed",
        "publickey for alice: failed",
    ];
    let log = server.log();
    for line in refused {
        assert!(log.iter().any(|logged| logged == line), "{line}: {log:?}");
    }
}

/// `ssh-agent` in a folder of its own, ended when dropped.
struct SshAgent {
    folder: TempDir,
    child: Child,
}

impl SshAgent {
    /// `None`, with a word about it, if there is none on this machine; in CI that is a failure.
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("ssh-agent");
        command.arg("-D").arg("-a").arg(folder.path().join("agent"));
        let Ok(child) = command.stdout(Stdio::null()).spawn() else {
            skip::without("ssh-agent");
            return None;
        };
        let this = Self { folder, child };
        for _ in 0..500 {
            if this.socket().exists() {
                break;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Some(this)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn socket(&self) -> PathBuf {
        self.path("agent")
    }

    fn run(&self, program: &str, arguments: &[&str]) {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.folder.path());
        command.env("SSH_AUTH_SOCK", self.socket());
        let output = command.output().unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{program} {arguments:?}: {errors}");
    }

    /// Makes a key in a file.
    fn make_key(&self, key_type: &str, name: &str) -> PublicKey {
        let bits: &[&str] = if key_type == "rsa" {
            &["-b", "2048"]
        } else {
            &[]
        };
        let options = ["-q", "-t", key_type, "-N", "", "-C", name, "-f", name];
        self.run("ssh-keygen", &[bits, &options].concat());
        let file = PrivateKey::read_openssh_file(self.path(name)).unwrap();
        file.public_key().clone()
    }

    /// Moves a key, and a certificate that lies beside it, into the agent.
    fn take(&self, name: &str) {
        self.run("ssh-add", &["-q", name]);
        fs::remove_file(self.path(name)).unwrap();
    }
}

impl Drop for SshAgent {
    fn drop(&mut self) {
        let _already_gone = self.child.kill();
        let _status = self.child.wait();
    }
}

/// Both kinds of key by which the flags of the agent's protocol differ, with and without a
/// certificate.
#[test]
fn keys_and_certificates_in_a_real_agent() {
    let Some(agent) = SshAgent::start() else {
        return;
    };
    let authority = agent.make_key("ed25519", "authority").to_bytes().unwrap();
    for key_type in ["ed25519", "rsa"] {
        let key = agent.make_key(key_type, key_type).to_bytes().unwrap();
        let public = format!("{key_type}.pub");
        let validity = ["-V", "+1h", "-n", "alice"];
        let options = ["-q", "-s", "authority", "-I", "of a test", &public];
        agent.run(
            "ssh-keygen",
            &[&options[..5], &validity, &options[5..]].concat(),
        );
        agent.take(key_type);
        for (policy, certificate) in [
            (
                EmbeddedPolicy::new("alice").with_authority(&authority),
                true,
            ),
            (EmbeddedPolicy::new("alice").with_key(&key), false),
        ] {
            let (server, stream) = EmbeddedServer::start(policy.then(Method::PublicKey)).unwrap();
            let socket = agent.socket();
            let login = log_in(stream, server.host_key(), &socket, |_| {});
            let done = runtime().block_on(login);
            let identity = done.factors()[0].identity().unwrap();
            assert_eq!(identity.label(), Some(key_type));
            assert_eq!(identity.is_certificate(), certificate, "{identity}");
        }
        agent.run("ssh-add", &["-q", "-D"]);
    }
}

/// What the module `support/agent.rs` of the examples warns of. If this fails, the crate has got
/// better, and the warning can go.
#[test]
fn a_certificate_that_is_valid_for_ever_hides_all_keys() {
    let Some(agent) = SshAgent::start() else {
        return;
    };
    agent.make_key("ed25519", "authority");
    agent.make_key("ed25519", "key");
    agent.run(
        "ssh-keygen",
        &[
            "-q",
            "-s",
            "authority",
            "-I",
            "for ever",
            "-n",
            "alice",
            "key.pub",
        ],
    );
    agent.take("key");
    let mut client = Client::new(Blocking::connect(agent.socket()).unwrap());
    let error = client.request_identities().unwrap_err();
    println!("{error}");
}

#[test]
fn an_endpoint_tries_agent_then_keys_then_password() {
    let Some(agent) = SshAgent::start() else {
        return;
    };
    let held = agent.make_key("ed25519", "held").to_bytes().unwrap();
    agent.take("held");
    let key = interop::embedded::demo_key("given").unwrap();
    let given = key.public_key().to_bytes().unwrap();
    let deploy = || EmbeddedPolicy::new("deploy").with_password("hunter2");
    let any = [Method::PublicKey, Method::Password];
    for (policy, factor) in [
        (
            deploy().with_key(&held).with_key(&given),
            "publickey (ssh-ed25519 held)",
        ),
        (deploy().with_key(&given), "publickey (ssh-ed25519 given)"),
        (deploy(), "password"),
    ] {
        let (server, stream) = EmbeddedServer::start(policy.then_one_of(&any)).unwrap();
        let endpoint = Endpoint {
            user: "deploy".to_owned(),
            agent: Some(Client::new(Blocking::connect(agent.socket()).unwrap())),
            keys: vec![key.clone()],
            password: Some("hunter2".to_owned()),
        };
        let (_transport, done) = endpoint.connect(stream, server.host_key()).unwrap();
        assert_eq!(done.factors()[0].to_string(), factor);
    }
}

/// The agent that was there when the program began has ended since.
#[test]
fn an_agent_that_is_gone_is_no_reason_to_fail() {
    let (ours, theirs) = Blocking::pair().unwrap();
    drop(theirs);
    let policy = EmbeddedPolicy::new("deploy").with_password("hunter2");
    let any = [Method::PublicKey, Method::Password];
    let (server, stream) = EmbeddedServer::start(policy.then_one_of(&any)).unwrap();
    let endpoint = Endpoint {
        user: "deploy".to_owned(),
        agent: Some(Client::new(ours)),
        password: Some("hunter2".to_owned()),
        ..Endpoint::default()
    };
    let (_transport, done) = endpoint.connect(stream, server.host_key()).unwrap();
    assert_eq!(done.factors()[0].to_string(), "password");
}
