//! The same logins to every server, with the opening flight.

use interop::servers::{Kind, Round, Server, Site};
use ssh_userauth::{Config, EarlyPassword, Method, Pipelining};

use crate::support::keys::TestKey;
use crate::support::user::TestUser;
use crate::support::{Login, connect, log_in};

/// The servers that can be run here and do all of `methods`, one after the other.
fn servers(methods: &[Method]) -> impl Iterator<Item = Kind> {
    let able = |kind: &Kind| {
        let able = kind.abilities();
        let several = methods.len() > 1;
        methods.iter().all(|method| able.methods.contains(method))
            && (!several || able.several_factors)
    };
    let able: Vec<Kind> = Kind::ALL.iter().copied().filter(able).collect();
    assert!(able.len() > 2, "{able:?}");
    able.into_iter().filter(|kind| kind.require())
}

fn site(methods: &[Method]) -> Site {
    let steps = methods.iter();
    steps.fold(Site::new(), |site, method| site.one_of(&[*method]))
}

fn log_in_to(server: &Server, user: TestUser) -> Login {
    log_in_with(server, EarlyPassword::Never, user)
}

fn log_in_with(server: &Server, early: EarlyPassword, user: TestUser) -> Login {
    let (running, stream) = server.connect().unwrap();
    let mut transport = connect(stream, running.host_key());
    let config = Config::new(server.user())
        .pipelining(Pipelining::Opening { queries: 3 })
        .early_password(early);
    log_in(&mut transport, config, user)
}

/// Servers that call every key acceptable when they are asked about it, and only look for it when
/// it has signed.
const fn likes_every_key(kind: Kind) -> bool {
    matches!(kind, Kind::Conch | Kind::TinySsh)
}

#[track_caller]
fn assert_flights(kind: Kind, login: &Login, factors: &[&str], flights: u32) {
    assert!(
        login.result.is_ok(),
        "{kind}: {:?}\n{:?}",
        login.result,
        login.attempts()
    );
    assert_eq!(login.factors(), factors, "{kind}");
    assert_eq!(
        login.round_trips,
        flights,
        "{kind}: {:#?}",
        login.attempts()
    );
}

#[test]
fn right_key_in_two_flights() {
    for kind in servers(&[Method::PublicKey]) {
        let key = TestKey::ed25519("laptop");
        let server = Server::new(kind, &site(&[Method::PublicKey]).key(&key.line())).unwrap();
        let login = log_in_to(&server, TestUser::new().key(&key));
        assert_flights(kind, &login, &["publickey (ssh-ed25519 laptop)"], 2);
    }
}

#[test]
fn unasked_signature_in_one_flight() {
    for kind in servers(&[Method::PublicKey]) {
        let key = TestKey::ed25519("laptop");
        let server = Server::new(kind, &site(&[Method::PublicKey]).key(&key.line())).unwrap();
        let login = log_in_to(&server, TestUser::new().unprobed(&key));
        assert_flights(kind, &login, &["publickey (ssh-ed25519 laptop)"], 1);
    }
}

#[test]
fn third_key_of_three_in_two_flights() {
    for kind in servers(&[Method::PublicKey]) {
        let keys = ["first", "second", "third"].map(TestKey::ed25519);
        let [first, second, third] = &keys;
        let server = Server::new(kind, &site(&[Method::PublicKey]).key(&third.line())).unwrap();
        let login = log_in_to(&server, TestUser::new().keys(&[first, second, third]));
        // Where every key is acceptable, each has to sign in its turn.
        let flights = if likes_every_key(kind) { 4 } else { 2 };
        assert_flights(kind, &login, &["publickey (ssh-ed25519 third)"], flights);
    }
}

/// The other keys' queries stand in front of the favourite's signature, also where the server
/// would like them.
#[test]
fn third_key_of_three_unasked_in_one_flight() {
    for kind in servers(&[Method::PublicKey]) {
        let keys = ["first", "second", "third"].map(TestKey::ed25519);
        let [first, second, third] = &keys;
        let server = Server::new(kind, &site(&[Method::PublicKey]).key(&third.line())).unwrap();
        let user = TestUser::new().last_unprobed(&[first, second, third]);
        let login = log_in_to(&server, user);
        assert_flights(kind, &login, &["publickey (ssh-ed25519 third)"], 1);
    }
}

#[test]
fn password_in_two_flights_or_one() {
    for kind in servers(&[Method::Password]) {
        let server = Server::new(kind, &site(&[Method::Password])).unwrap();
        let user = || TestUser::new().password(server.password());
        let login = log_in_to(&server, user());
        assert_flights(kind, &login, &["password"], 2);
        let login = log_in_with(&server, EarlyPassword::InOpening, user());
        assert_flights(kind, &login, &["password"], 1);
    }
}

#[test]
fn keyboard_interactive_in_two_flights() {
    for kind in servers(&[Method::KeyboardInteractive]) {
        let round = Round::new("", "").asking("Code: ", false, "4242");
        let site = site(&[Method::KeyboardInteractive]).round(round);
        let server = Server::new(kind, &site).unwrap();
        let [answers] = server.answers() else {
            panic!("{:?}", server.answers())
        };
        let answers: Vec<&str> = answers.iter().map(String::as_str).collect();
        let login = log_in_to(&server, TestUser::new().answers(&answers));
        // PAM closes with a round in which nothing is asked.
        let flights = if kind == Kind::OpenSsh { 3 } else { 2 };
        assert_flights(kind, &login, &["keyboard-interactive"], flights);
    }
}

#[test]
fn key_then_password() {
    for kind in servers(&[Method::PublicKey, Method::Password]) {
        if kind == Kind::Paramiko {
            // Its programs can't tell a query from a signature, so a key is only good for the end.
            continue;
        }
        let key = TestKey::ed25519("laptop");
        let site = site(&[Method::PublicKey, Method::Password]).key(&key.line());
        let server = Server::new(kind, &site).unwrap();
        let factors = ["publickey (ssh-ed25519 laptop)", "password"];
        let user = || TestUser::new().password(server.password());
        let login = log_in_to(&server, user().key(&key));
        assert_flights(kind, &login, &factors, 3);
        let login = log_in_to(&server, user().unprobed(&key));
        assert_flights(kind, &login, &factors, 2);
        let login = log_in_with(
            &server,
            EarlyPassword::BehindSignature,
            user().unprobed(&key),
        );
        assert_flights(kind, &login, &factors, 1);
    }
}

/// EXT_INFO that comes with the server's NEWKEYS is known when the first flight is composed: a
/// signature in it is bound to the host where that was announced, and has the hash that was listed.
#[test]
fn first_flight_knows_what_the_server_announced() {
    if !Kind::OpenSsh.require() {
        return;
    }
    for (key, algorithm) in [
        (TestKey::ed25519("laptop"), "ssh-ed25519"),
        (TestKey::rsa(), "rsa-sha2-512"),
    ] {
        let site = site(&[Method::PublicKey]).key(&key.line());
        let server = Server::new(Kind::OpenSsh, &site).unwrap();
        let login = log_in_to(&server, TestUser::new().unprobed(&key));
        assert_eq!(login.round_trips, 1, "{:?}", login.attempts());
        let asked = login
            .dialogue
            .iter()
            .find(|line| line.starts_with("? signature"));
        let asked = asked.expect("no signature");
        assert!(
            asked.ends_with(&format!("{algorithm} host-bound")),
            "{asked}"
        );
    }
}
