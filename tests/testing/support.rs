//! What all of them need.

use ssh_userauth::testing::{
    Account, FakeKey, Person, Policy, PolicyServer, Run, Server, Transcript, pair,
};
use ssh_userauth::wire::{Request, RequestMethod, encode_exact};
use ssh_userauth::{Config, Pipelining, Session};

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
    again.check().unwrap();
    for secret in ["hunter2", "123456", "correct horse"] {
        assert!(!text.contains(secret), "{text}");
    }
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
