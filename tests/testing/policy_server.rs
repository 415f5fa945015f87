//! The model of a server, packet by packet.

use core::hash::{Hash, Hasher};
use std::hash::DefaultHasher;

use ssh_userauth::{Method, Session};
use ssh_userauth_testing::wire::{
    InfoResponse, Request, RequestMethod, ServiceRequest, encode_exact,
};
use ssh_userauth_testing::{FakeKey, Packet, Person, Policy, PolicyServer, Reply, Round, Server};

use crate::support::{
    OPENING, SESSION_ID, account, alice, is_closed, key, password, prompts, refused, request, run,
    run_in, server, service_request,
};

use Method::{KeyboardInteractive, Password, PublicKey};

fn query(key: &FakeKey) -> Vec<u8> {
    request(RequestMethod::PublicKey {
        algorithm: b"ssh-ed25519",
        key: key.identity().blob(),
        signature: None,
    })
}

/// OpenSSH's `MaxAuthTries`: five refusals are told, the sixth closes; `none` in front is free.
#[test]
fn failures_are_counted_as_openssh_counts() {
    let unknown = key("unknown");
    for free in [None, Some(request(RequestMethod::None))] {
        let mut strict = server(PublicKey, account()).service_accepted();
        if let Some(payload) = &free {
            assert_eq!(strict.hear(payload), refused(&["publickey"]));
        }
        for _ in 0..5 {
            assert_eq!(strict.hear(&query(&unknown)), refused(&["publickey"]));
        }
        assert!(is_closed(&strict.hear(&query(&unknown))));
        assert_eq!(strict.hear(&query(&unknown)), []);
    }
    // Later, `none` counts; what was accepted never does.
    let good = key("good");
    let account = account().key(good.identity()).password("hunter2");
    let mut strict = server(Policy::all([Password, PublicKey]), account).service_accepted();
    for _ in 0..20 {
        let pk_ok = Packet::pk_ok("ssh-ed25519", good.identity().blob());
        assert_eq!(strict.hear(&query(&good)), [pk_ok.into()]);
    }
    strict.hear(&password("hunter2"));
    assert_eq!(strict.failures(), 0);
    strict.hear(&request(RequestMethod::None));
    assert_eq!(strict.failures(), 1);
}

/// RFC 4252 section 5.1: "A SSH_MSG_USERAUTH_FAILURE message MUST NOT be sent for an aborted
/// method."
#[test]
fn an_abandoned_dialogue_has_no_reply() {
    let account = account().round(Round::new().hidden("Code: ", "1"));
    let account = account.password("hunter2");
    let mut strict = server(Policy::any([KeyboardInteractive, Password]), account);
    strict.hear(&service_request());
    let asked = strict.hear(&prompts());
    assert_eq!(asked, [Packet::prompts([("Code: ", false)]).into()]);
    assert_eq!(
        strict.hear(&password("hunter2")),
        [Packet::success().into()]
    );
    assert_eq!(strict.failures(), 0);
}

/// As PAM does when nobody answers. Outside of a dialogue there is nothing to end.
#[test]
fn a_dialogue_that_times_out_is_refused() {
    let account = account()
        .password("hunter2")
        .password_expired("Change it.")
        .round(Round::new().hidden("Code: ", "1"));
    let policy = Policy::any([KeyboardInteractive, Password]);
    let list = ["keyboard-interactive", "password"];
    for asks in [prompts(), password("hunter2")] {
        let mut strict = server(policy.clone(), account.clone()).service_accepted();
        assert_eq!(strict.time_out(), []);
        assert!(!strict.is_in_dialogue());
        strict.hear(&asks);
        assert!(strict.is_in_dialogue());
        assert_eq!(strict.time_out(), refused(&list));
        assert!(!strict.is_in_dialogue());
        assert_eq!(strict.time_out(), []);
        assert_eq!(strict.failures(), 1);
        assert_eq!(*strict.wanted(), policy);
    }
}

/// A copy goes its own way, and the hash tells the two apart.
#[test]
fn states_can_be_searched() {
    let state = |server: &PolicyServer| {
        let mut hasher = DefaultHasher::new();
        server.hash(&mut hasher);
        hasher.finish()
    };
    let policy = Policy::in_order([Password, PublicKey]);
    let fresh = server(policy, account().password("hunter2")).service_accepted();
    let mut one = fresh.clone();
    let mut other = fresh.clone();
    assert_eq!(state(&one), state(&fresh));
    one.hear(&password("hunter2"));
    other.hear(&password("wrong"));
    assert_eq!(one.wanted().listed(), [PublicKey]);
    assert_eq!(fresh.wanted().listed(), [Password]);
    assert_ne!(state(&one), state(&other));
    let mut again = fresh.clone();
    again.hear(&password("hunter2"));
    assert_eq!(state(&one), state(&again));
}

#[test]
fn answers_are_judged_round_by_round() {
    let answer = |answers: &[&[u8]]| {
        let responses = answers.to_vec();
        encode_exact(&InfoResponse { responses }).unwrap()
    };
    let account = account()
        .round(Round::new().hidden("A: ", "1").shown("B: ", "2"))
        .round(Round::new());
    let fresh = || server(KeyboardInteractive, account.clone()).service_accepted();

    let mut strict = fresh();
    strict.hear(&prompts());
    assert_eq!(
        strict.hear(&answer(&[b"1", b"2"])),
        [Packet::prompts([]).into()]
    );
    assert_eq!(strict.hear(&answer(&[])), [Packet::success().into()]);

    let mut strict = fresh();
    strict.hear(&prompts());
    let list = ["keyboard-interactive"];
    assert_eq!(strict.hear(&answer(&[b"1", b"3"])), refused(&list));
    // There is no exchange any more.
    assert_eq!(strict.hear(&answer(&[])), [Reply::Unimplemented]);

    let mut strict = fresh();
    strict.hear(&prompts());
    assert!(is_closed(&strict.hear(&answer(&[b"1"]))));
}

#[test]
fn the_user_and_the_service_must_not_change() {
    let mut strict = server(Password, account().password("hunter2")).service_accepted();
    strict.hear(&password("wrong"));
    let other = Request {
        user: b"bob",
        service: b"ssh-connection",
        method: RequestMethod::None,
    };
    assert!(is_closed(&strict.hear(&encode_exact(&other).unwrap())));

    // Nothing goes before the service request, and it is for this service.
    assert!(is_closed(
        &server(Password, account()).hear(&password("hunter2"))
    ));
    let other = encode_exact(&ServiceRequest {
        name: b"ssh-connection",
    })
    .unwrap();
    assert!(is_closed(&server(Password, account()).hear(&other)));
}

#[test]
fn a_key_counts_once_and_only_when_it_may() {
    let (first, second) = (key("first"), key("second"));
    let policy = || Policy::all([PublicKey, PublicKey]);
    let account = account().key(first.identity());
    let mut strict = server(policy(), account.clone());
    let mut person = Person::new().key(first.clone());
    assert!(!run(alice(), &mut strict, &mut person).is_authenticated());
    assert_eq!(strict.factors(), [PublicKey]);

    let account = account.key_behind_a_factor(second.identity());
    let mut strict = server(policy(), account);
    let mut person = Person::new().key(second).key(first);
    let run = run(alice(), &mut strict, &mut person);
    assert!(run.is_authenticated(), "{}", run.transcript());
}

#[test]
fn certificates_are_blobs_with_algorithms_of_their_own() {
    let certificate = FakeKey::of_type("ssh-rsa-cert-v01@openssh.com", "certificate");
    for (algorithms, expected) in [(&["rsa-sha2-256"][..], true), (&["ssh-ed25519"], false)] {
        let account = account().key(certificate.identity());
        let mut strict = server(PublicKey, account).signature_algorithms(algorithms.to_vec());
        let mut person = Person::new().key(certificate.clone());
        let run = run(alice(), &mut strict, &mut person);
        assert_eq!(run.is_authenticated(), expected, "{}", run.transcript());
    }
}

#[test]
fn host_bound_signatures_are_bound() {
    let host_key = key("host").identity().blob().to_vec();
    let strict = || {
        let account = account().key(key("laptop").identity());
        server(PublicKey, account).host_bound(host_key.clone())
    };
    let session = |host_key: &[u8]| Session::encrypted(SESSION_ID).host_key(host_key);
    let mut person = Person::new().key(key("laptop"));
    let bound = run_in(alice(), session(&host_key), &mut strict(), &mut person);
    assert!(bound.is_authenticated(), "{}", bound.transcript());
    assert!(
        bound
            .requests()
            .any(|name| name == "publickey-hostbound-v00@openssh.com")
    );

    let other = key("other").identity().blob().to_vec();
    let mut person = Person::new().key(key("laptop"));
    let bound = run_in(alice(), session(&other), &mut strict(), &mut person);
    assert!(!bound.is_authenticated());
}

/// A signature for another session is worth nothing here.
#[test]
fn signatures_are_checked_against_this_session() {
    let account = account().key(key("laptop").identity());
    let mut elsewhere = PolicyServer::new([8; 32], PublicKey).account(account.clone());
    let mut person = Person::new().key(key("laptop"));
    assert!(!run(alice(), &mut elsewhere, &mut person).is_authenticated());
    // The function of the caller has the last word.
    let mut gullible = PolicyServer::new([8; 32], PublicKey)
        .account(account)
        .verify_with(|request| request.user() == b"alice" && !request.data().is_empty());
    let mut person = Person::new().key(key("laptop"));
    assert!(run(alice(), &mut gullible, &mut person).is_authenticated());
}

#[test]
fn an_open_server_wants_no_proof() {
    let mut open = server(Policy::all::<Method>([]), account());
    let run = run(alice().pipelining(OPENING), &mut open, &mut Person::new());
    assert!(run.is_authenticated() && open.is_authenticated());
    assert!(
        run.transcript()
            .to_string()
            .contains("= start ssh-connection trivial")
    );
}

/// Nobody can tell from its replies whether there is such a user.
#[test]
fn a_stranger_is_refused_like_everybody_else() {
    let fresh = || server(Password, account().password("hunter2")).service_accepted();
    let stranger = encode_exact(&Request {
        user: b"mallory",
        service: b"ssh-connection",
        method: RequestMethod::Password {
            password: b"hunter2",
        },
    });
    assert_eq!(
        fresh().hear(&stranger.unwrap()),
        fresh().hear(&password("wrong"))
    );
}
