//! How many round trips a login takes: the table that the opening flight is measured by.

use ssh_userauth::{Discovery, EarlyPassword, Method, Pipelining};
use ssh_userauth_testing::{Account, Person, Policy, PolicyServer, Round};

use crate::support::{OPENING, account, alice, key, run, server};

use Method::{KeyboardInteractive, Password, PublicKey};

/// A server, and a user who can log in to it.
type Case = (PolicyServer, Person);

fn one_key() -> Case {
    let server = server(PublicKey, account().key(key("laptop").identity()));
    (server, Person::new().key(key("laptop")))
}

fn third_of_three() -> Case {
    let server = server(PublicKey, account().key(key("third").identity()));
    let person = Person::new().key(key("first")).key(key("second"));
    (server, person.key(key("third")).offers_all_keys_at_once())
}

fn password() -> Case {
    let server = server(Password, account().password("hunter2"));
    (server, Person::new().password("hunter2"))
}

fn with_rounds(account: Account) -> Case {
    let server = server(KeyboardInteractive, account);
    (server, Person::new().answer("Code: ", "123456"))
}

fn prompts() -> Case {
    with_rounds(account().round(Round::new().hidden("Code: ", "123456")))
}

fn prompts_of_pam() -> Case {
    let round = Round::new().hidden("Code: ", "123456");
    with_rounds(account().round(round).round(Round::new()))
}

fn key_and_password() -> Case {
    let account = account().key(key("laptop").identity()).password("hunter2");
    let server = server(Policy::in_order([PublicKey, Password]), account);
    (server, Person::new().key(key("laptop")).password("hunter2"))
}

/// What is wanted of the user, and the round trips it takes.
struct Row {
    case: &'static str,
    new: fn() -> Case,
    methods: &'static [Method],
    opening: u32,
    off: u32,
    /// Without pipelining, and without asking for the list first.
    off_at_once: u32,
}

#[rustfmt::skip]
const TABLE: [Row; 6] = [
    Row { case: "the right key", new: one_key, methods: &[PublicKey], opening: 2, off: 4, off_at_once: 3 },
    Row { case: "the third of three keys", new: third_of_three, methods: &[PublicKey], opening: 2, off: 6, off_at_once: 5 },
    Row { case: "a password", new: password, methods: &[Password], opening: 2, off: 3, off_at_once: 2 },
    Row { case: "a round of prompts", new: prompts, methods: &[KeyboardInteractive], opening: 2, off: 4, off_at_once: 3 },
    Row { case: "PAM's empty round behind it", new: prompts_of_pam, methods: &[KeyboardInteractive], opening: 3, off: 5, off_at_once: 4 },
    Row { case: "a key, then a password", new: key_and_password, methods: &[PublicKey, Password], opening: 3, off: 5, off_at_once: 4 },
];

#[test]
fn every_login_takes_as_many_round_trips_as_it_has_to() {
    for row in &TABLE {
        let case = row.case;
        let config = || alice().methods(row.methods.iter().copied());
        for (config, expected) in [
            (config().pipelining(OPENING), row.opening),
            (config(), row.off),
            (config().discovery(Discovery::Skip), row.off_at_once),
        ] {
            let (mut server, mut person) = (row.new)();
            let run = run(config, &mut server, &mut person);
            assert!(run.is_authenticated(), "{case}: {:?}", run.outcome());
            assert_eq!(run.round_trips(), expected, "{case}\n{}", run.transcript());
        }
    }
}

/// Signing unasked with the right key is the least there is.
#[test]
fn a_signature_that_nobody_asked_for_logs_in_at_once() {
    for (pipelining, expected) in [(OPENING, 1), (Pipelining::Off, 3)] {
        let (mut server, person) = one_key();
        let mut person = person.offers_keys_unprobed();
        let run = run(alice().pipelining(pipelining), &mut server, &mut person);
        assert!(run.is_authenticated());
        assert_eq!(run.round_trips(), expected, "{}", run.transcript());
        assert!(!run.requests().any(|request| request == "publickey query"));
    }
}

/// What is sent ahead on the caller's word: the favourite key, the password.
#[test]
fn a_guess_that_is_right_saves_a_round_trip() {
    let favourite = |right: &str| {
        let (_, person) = third_of_three();
        let server = server(PublicKey, account().key(key(right).identity()));
        (server, person.offers_favourite_key_last())
    };
    let opening = || alice().pipelining(OPENING);
    let rows = [
        ("the favourite key", favourite("third"), opening(), 1),
        ("another key", favourite("first"), opening(), 2),
        (
            "a password",
            password(),
            opening()
                .methods([Password])
                .early_password(EarlyPassword::InOpening),
            1,
        ),
        (
            "a key, then a password",
            key_and_password(),
            opening().early_password(EarlyPassword::BehindSignature),
            2,
        ),
    ];
    for (case, (mut server, mut person), config, expected) in rows {
        let run = run(config, &mut server, &mut person);
        assert!(run.is_authenticated(), "{case}: {:?}", run.outcome());
        assert_eq!(run.round_trips(), expected, "{case}\n{}", run.transcript());
    }
}

/// A person who thinks costs no round trip; nor does what the server says without being asked.
#[test]
fn waiting_for_people_is_no_round_trip() {
    for polls in [0, 1, 5] {
        let (server, person) = key_and_password();
        let mut server = server
            .signature_algorithms(["ssh-ed25519"])
            .banner("Welcome");
        let mut person = person.thinks_for(polls);
        let run = run(
            alice().pipelining(Pipelining::Off),
            &mut server,
            &mut person,
        );
        assert!(run.is_authenticated());
        assert_eq!(run.round_trips(), 5, "{polls}\n{}", run.transcript());
    }
}

/// The flights are those of the causes, and none is empty.
#[test]
fn packets_know_their_flight() {
    let (mut server, mut person) = third_of_three();
    let run = run(alice().pipelining(OPENING), &mut server, &mut person);
    let flights: Vec<(u32, Option<&str>)> = run
        .sent()
        .iter()
        .map(|sent| (sent.flight(), sent.request()))
        .collect();
    assert_eq!(
        flights,
        [
            (1, None),
            (1, Some("publickey query")),
            (1, Some("publickey query")),
            (1, Some("publickey query")),
            (2, Some("publickey")),
        ]
    );
}
