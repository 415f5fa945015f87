//! What all of them need.

use ssh_userauth::{Config, Pipelining, Session};
use ssh_userauth_testing::wire::{Request, RequestMethod, ServiceRequest, encode_exact};
use ssh_userauth_testing::{
    Account, FakeKey, Packet, Person, Policy, PolicyServer, Reply, Run, Server, Transcript, pair,
};

pub(crate) const SESSION_ID: [u8; 32] = [7; 32];
pub(crate) const OPENING: Pipelining = Pipelining::Opening { queries: 3 };

pub(crate) fn session() -> Session {
    Session::encrypted(SESSION_ID)
}

/// One request, one answer, unless a test says otherwise.
pub(crate) fn alice() -> Config {
    Config::new("alice").pipelining(Pipelining::Off)
}

pub(crate) fn account() -> Account {
    Account::new("alice")
}

pub(crate) fn key(name: &str) -> FakeKey {
    FakeKey::new(name)
}

pub(crate) fn server(policy: impl Into<Policy>, account: Account) -> PolicyServer {
    PolicyServer::new(SESSION_ID, policy).account(account)
}

/// Runs it. Whatever the course: the transcript of it holds on a new client, is read again as it
/// was printed, and has none of the secrets.
pub(crate) fn run(config: Config, server: &mut impl Server, person: &mut Person) -> Run {
    run_in(config, session(), server, person)
}

pub(crate) fn run_in(
    config: Config,
    session: Session,
    server: &mut impl Server,
    person: &mut Person,
) -> Run {
    let run = pair(config, session, server, person).unwrap();
    holds(run.transcript());
    run
}

pub(crate) fn holds(transcript: &Transcript) {
    let text = transcript.to_string();
    if let Err(mismatch) = transcript.check() {
        panic!("{mismatch}\n{text}");
    }
    let again: Transcript = text.parse().unwrap();
    assert_eq!(again.to_string(), text);
    assert_eq!(again, *transcript, "{text}");
    again.check().unwrap();
    for secret in ["hunter2", "123456", "correct horse"] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// `SSH_MSG_SERVICE_REQUEST` for this layer.
pub(crate) fn service_request() -> Vec<u8> {
    let name = b"ssh-userauth";
    encode_exact(&ServiceRequest { name }).unwrap()
}

/// A request of `alice`, whom [`account`] is.
pub(crate) fn request(method: RequestMethod<'_>) -> Vec<u8> {
    let (user, service) = (&b"alice"[..], &b"ssh-connection"[..]);
    encode_exact(&Request {
        user,
        service,
        method,
    })
    .unwrap()
}

pub(crate) fn password(password: &str) -> Vec<u8> {
    let password = password.as_bytes();
    request(RequestMethod::Password { password })
}

pub(crate) fn prompts() -> Vec<u8> {
    request(RequestMethod::KeyboardInteractive {
        language: b"",
        submethods: b"",
    })
}

/// The reply to a request that failed.
pub(crate) fn refused(list: &[&str]) -> Vec<Reply> {
    vec![Packet::failure(list).into()]
}

pub(crate) fn is_closed(replies: &[Reply]) -> bool {
    matches!(replies, [.., Reply::Disconnect { .. } | Reply::Close])
}
