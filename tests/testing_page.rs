//! The test file of `docs/testing.md`, run as a reader would run it: what is behind the line below
//! stands there word for word. `UPDATE_DOCS=1` writes it there.
#![allow(clippy::unwrap_used, clippy::panic)]

/// In front of what is on the page.
const MARK: &str = "// As on the page:\n\n";

#[test]
fn the_page_shows_this_file() {
    let page = include_str!("../docs/testing.md");
    let (_, own) = include_str!("testing_page.rs").rsplit_once(MARK).unwrap();
    let (before, rest) = page.split_once("```rust\n").unwrap();
    let (shown, after) = rest.split_once("```\n").unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/testing.md");
        std::fs::write(path, format!("{before}```rust\n{own}```\n{after}")).unwrap();
    } else {
        assert_eq!(shown, own);
    }
}

// As on the page:

use ssh_userauth::Method::{KeyboardInteractive, Password, PublicKey};
use ssh_userauth::{Config, Ending, Pipelining, Session};
use ssh_userauth_testing::{
    Account, Agent, FakeKey, Packet, Person, Policy, PolicyServer, Round, RunOutcome,
    ScriptedServer, pair,
};

const SESSION_ID: [u8; 32] = [7; 32];

/// What your client configures.
fn config() -> Config {
    Config::new("alice")
        .methods([PublicKey, KeyboardInteractive, Password])
        .pipelining(Pipelining::Opening { queries: 3 })
}

fn session() -> Session {
    Session::encrypted(SESSION_ID)
}

/// A server that wants a key and then a code, as `AuthenticationMethods` of OpenSSH says it.
fn server() -> PolicyServer {
    let account = Account::new("alice")
        .key(FakeKey::new("laptop").identity())
        .round(Round::new().hidden("Code: ", "123456"))
        // OpenSSH with PAM ends with a round without prompts.
        .round(Round::new());
    let policy = Policy::openssh("publickey,keyboard-interactive").unwrap();
    PolicyServer::new(SESSION_ID, policy).account(account)
}

#[test]
fn a_key_and_a_code() {
    let mut alice = Person::new()
        .key(FakeKey::new("old"))
        .key(FakeKey::new("laptop"))
        .answer("Code: ", "123456");
    let run = pair(config(), session(), &mut server(), &mut alice).unwrap();
    assert!(run.is_authenticated(), "{}", run.transcript());
    // The wrong key was never signed with, the right one once.
    assert_eq!(alice.agent().touches(FakeKey::new("old").identity()), 0);
    assert_eq!(alice.agent().touches(FakeKey::new("laptop").identity()), 1);
}

#[test]
fn it_is_not_slower_than_it_was() {
    let mut alice = Person::new()
        .key(FakeKey::new("laptop"))
        .answer("Code: ", "123456");
    let run = pair(config(), session(), &mut server(), &mut alice).unwrap();
    // Query; signature; prompts; answer; the empty round.
    assert_eq!(run.round_trips(), 5, "{}", run.transcript());
}

#[test]
fn a_mistyped_code_is_asked_for_again() {
    let mut alice = Person::new()
        .key(FakeKey::new("laptop"))
        .answer("Code: ", "123465")
        .answer("Code: ", "123456");
    let mut server = server();
    let run = pair(config(), session(), &mut server, &mut alice).unwrap();
    assert!(run.is_authenticated(), "{}", run.transcript());
    assert_eq!(server.failures(), 1);
}

#[test]
fn nobody_touches_the_token() {
    let agent = Agent::new().refuses(FakeKey::new("laptop"));
    let mut alice = Person::new().with_agent(agent);
    let run = pair(config(), session(), &mut server(), &mut alice).unwrap();
    match run.outcome() {
        RunOutcome::GaveUp(why) => assert_eq!(why.ending(), Ending::NoMethodLeft),
        other => panic!("{other:?}\n{}", run.transcript()),
    }
}

#[test]
fn a_server_that_says_yes_to_another_key() {
    let other = FakeKey::new("other");
    let mut server = ScriptedServer::new()
        .says(Packet::service_accept())
        .says(Packet::pk_ok("ssh-ed25519", other.identity().blob()));
    let mut alice = Person::new().key(FakeKey::new("laptop"));
    let run = pair(config(), session(), &mut server, &mut alice).unwrap();
    assert!(matches!(run.outcome(), RunOutcome::ProtocolError(_)));
    assert_eq!(alice.agent().touches(FakeKey::new("laptop").identity()), 0);
}
