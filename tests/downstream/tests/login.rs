//! The login of the tool, without a network, a server, or a key.

use std::collections::VecDeque;
use std::io;

use downstream_client::{Failure, LoggedIn, Transport, Vault, answer, config, log_in};
use ssh_userauth::Method::{Password, PublicKey};
use ssh_userauth::{Action, DisconnectReason, Identity, Session};
use ssh_userauth_testing::{
    Account, FakeKey, Packet, Person, Policy, PolicyServer, Recorder, Reply, ScriptedServer,
    Server, ServerQuirks, Transcript, pair,
};

const SESSION_ID: [u8; 32] = [42; 32];

/// The transport of the tests: a server of the kit at its other end.
struct Wire<S> {
    server: S,
    unflushed: Vec<Vec<u8>>,
    replies: VecDeque<Reply>,
    flushes: u32,
    disconnected: Option<DisconnectReason>,
}

impl<S: Server> Wire<S> {
    fn to(mut server: S) -> Self {
        Self {
            replies: server.greet().into(),
            server,
            unflushed: Vec::new(),
            flushes: 0,
            disconnected: None,
        }
    }
}

impl<S: Server> Transport for Wire<S> {
    fn send(&mut self, payload: &[u8]) -> io::Result<()> {
        self.unflushed.push(payload.to_vec());
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.flushes += u32::from(!self.unflushed.is_empty());
        for payload in self.unflushed.drain(..) {
            self.replies.extend(self.server.hear(&payload));
        }
        Ok(())
    }

    fn receive(&mut self) -> io::Result<Vec<u8>> {
        match self.replies.pop_front() {
            Some(Reply::Packet(packet)) => Ok(packet.bytes().to_vec()),
            other => Err(io::Error::other(format!(
                "the connection is closed: {other:?}"
            ))),
        }
    }

    fn disconnect(&mut self, reason: DisconnectReason) {
        self.disconnected = Some(reason);
    }
}

#[derive(Default)]
struct TestVault {
    keys: Vec<FakeKey>,
    password: Option<&'static str>,
    signatures: u32,
    passwords: u32,
}

impl Vault for TestVault {
    fn keys(&self) -> Vec<Identity> {
        self.keys.iter().map(|key| key.identity().clone()).collect()
    }

    fn sign(&mut self, key: &Identity, algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
        self.signatures += 1;
        let own = self.keys.iter().find(|own| own.identity() == key)?;
        Some(own.sign(algorithm, data))
    }

    fn password(&mut self) -> Option<String> {
        self.passwords += 1;
        self.password.map(str::to_owned)
    }
}

fn session() -> Session {
    Session::encrypted(SESSION_ID)
}

fn server(policy: impl Into<Policy>, account: Account) -> PolicyServer {
    PolicyServer::new(SESSION_ID, policy).account(account)
}

fn backup() -> Account {
    Account::new("backup")
        .key(FakeKey::new("new").identity())
        .password("from the vault")
}

fn vault() -> TestVault {
    TestVault {
        keys: vec![FakeKey::new("old"), FakeKey::new("new")],
        password: Some("from the vault"),
        ..TestVault::default()
    }
}

fn logs_in(server: impl Server, vault: &mut TestVault) -> Result<LoggedIn, Failure> {
    log_in("backup", session(), &mut Wire::to(server), vault)
}

#[test]
fn a_key_is_enough() {
    let mut vault = vault();
    let mut wire = Wire::to(server(PublicKey, backup()).banner("Keep out"));
    let done = log_in("backup", session(), &mut wire, &mut vault).unwrap();
    assert_eq!(done.factors, ["publickey"]);
    // The wrong key was asked about, and never signed with.
    assert_eq!(vault.signatures, 1);
    // Two writes, however many keys there are.
    assert_eq!(wire.flushes, 2);
}

#[test]
fn a_key_and_a_password() {
    let done = logs_in(
        server(Policy::in_order([PublicKey, Password]), backup()),
        &mut vault(),
    );
    assert_eq!(done.unwrap().factors, ["publickey", "password"]);
}

/// The same on servers that are known to differ from each other.
#[test]
fn every_kind_of_server() {
    for quirks in [
        ServerQuirks::openssh(),
        ServerQuirks::go(),
        ServerQuirks::node(),
    ] {
        let server = server(Policy::all([PublicKey, Password]), backup()).quirks(quirks);
        assert!(logs_in(server, &mut vault()).is_ok(), "{quirks:?}");
    }
}

#[test]
fn an_expired_password_is_left_to_people() {
    let expired = backup().password_expired("Your password has expired.");
    let failure = logs_in(server(Password, expired), &mut vault()).unwrap_err();
    assert!(matches!(failure, Failure::PasswordExpired));
}

#[test]
fn a_wrong_password_is_tried_once() {
    let mut vault = TestVault {
        password: Some("of last year"),
        ..vault()
    };
    let mut wire = Wire::to(server(Password, backup()));
    let failure = log_in("backup", session(), &mut wire, &mut vault).unwrap_err();
    assert!(matches!(failure, Failure::Refused(_)), "{failure}");
    // No account is locked by this tool.
    assert_eq!(vault.passwords, 1);
    let reason = Some(DisconnectReason::NoMoreAuthMethodsAvailable);
    assert_eq!(wire.disconnected, reason);
}

/// A server that was never seen: it says what the script says.
#[test]
fn a_server_that_is_out_of_its_mind() {
    let script = ScriptedServer::new()
        .says(Packet::service_accept())
        .says_raw([51, 0, 0, 0, 255]);
    let failure = logs_in(script, &mut vault()).unwrap_err();
    assert!(matches!(failure, Failure::Broken(_)), "{failure}");
}

/// What this tool does with a login, to be read by people; the text is a test by itself.
#[test]
fn the_whole_conversation() {
    let mut vault = vault();
    let mut auth = Recorder::new(config("backup"), session()).unwrap();
    let mut wire = Wire::to(server(PublicKey, backup()));
    'login: loop {
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => wire.send(payload.bytes()).unwrap(),
                Action::StartService(_) => break 'login,
                question => {
                    if let Some(answer) = answer(question, &mut vault) {
                        auth.handle_answer(answer).unwrap();
                    }
                }
            }
        }
        wire.flush().unwrap();
        auth.handle_packet(&wire.receive().unwrap()).unwrap();
    }
    let written: Transcript = "\
config user backup
config methods publickey,password
config pipelining opening 3
session id 2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a2a

C service-request ssh-userauth
? public-key
! offer old new
C request publickey old query
C request publickey new query
S service-accept ssh-userauth
S failure publickey
S pk-ok new
? signature new
! sign SIG1
C request publickey new signed SIG1
S success
= start ssh-connection factors publickey:new
"
    .parse()
    .unwrap();
    assert_eq!(auth.transcript().to_string(), written.to_string());
    written.check().unwrap();
}

/// The rules of the tool by themselves, with a user of the kit in the place of the vault.
#[test]
fn a_login_takes_two_round_trips() {
    let mut person = Person::new()
        .key(FakeKey::new("old"))
        .key(FakeKey::new("new"))
        .offers_all_keys_at_once();
    let mut server = server(PublicKey, backup());
    let run = pair(config("backup"), session(), &mut server, &mut person).unwrap();
    assert!(run.is_authenticated());
    assert_eq!(run.round_trips(), 2);
}
