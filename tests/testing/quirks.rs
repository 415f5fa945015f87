//! Servers that are known to differ: each setting does what it says, and the machine gets in to
//! all of them.

use ssh_userauth::testing::{
    AbandonedDialogue, AfterSuccess, BannerTime, ExtInfoTime, FakeKey, Packet, Person, Policy,
    Reply, Round, Server, ServerQuirks, UnknownMethod,
};
use ssh_userauth::wire::{RequestMethod, ServiceRequest, encode_exact};
use ssh_userauth::{Method, Pipelining};

use crate::support::{OPENING, account, alice, key, request, run, server};

use Method::{KeyboardInteractive, Password, PublicKey};

type Named = fn() -> ServerQuirks;

const NAMED: [(&str, Named); 8] = [
    ("openssh", ServerQuirks::openssh),
    ("dropbear", ServerQuirks::dropbear),
    ("go", ServerQuirks::go),
    ("node", ServerQuirks::node),
    ("erlang", ServerQuirks::erlang),
    ("proftpd", ServerQuirks::proftpd),
    ("tinyssh", ServerQuirks::tinyssh),
    ("libssh", ServerQuirks::libssh),
];

/// The order in which the machine asks is one that every server bears.
#[test]
fn every_server_lets_in_who_may_get_in() {
    for (name, quirks) in NAMED {
        for pipelining in [OPENING, Pipelining::Off] {
            let account = account()
                .key(key("right").identity())
                .password("hunter2")
                .round(Round::new().hidden("Code: ", "123456"));
            let policy = Policy::in_order([PublicKey, Password, KeyboardInteractive]);
            let mut strict = server(policy, account).quirks(quirks()).banner("Welcome");
            let mut person = Person::new()
                .key(key("wrong"))
                .key(key("right"))
                .offers_all_keys_at_once()
                .password("hunter2")
                .answer("Code: ", "123456");
            let run = run(alice().pipelining(pipelining), &mut strict, &mut person);
            assert!(run.is_authenticated(), "{name}: {}", run.transcript());
        }
    }
}

/// A user who has no answer: the dialogue is abandoned for the next method.
#[test]
fn an_abandoned_dialogue_by_server() {
    for (name, quirks) in NAMED {
        let account = account()
            .password("hunter2")
            .round(Round::new().hidden("Code: ", "123456"));
        let policy = Policy::any([KeyboardInteractive, Password]);
        let mut strict = server(policy, account).quirks(quirks());
        let run = run(
            alice().methods([KeyboardInteractive, Password]),
            &mut strict,
            &mut Person::new().password("hunter2"),
        );
        // Erlang closes the connection on it; with the others there is a way.
        assert_eq!(
            run.is_authenticated(),
            name != "erlang",
            "{name}: {}",
            run.transcript()
        );
    }
}

fn with(quirks: ServerQuirks) -> impl Server {
    let account = account()
        .key(key("right").identity())
        .password("hunter2")
        .round(Round::new().hidden("Code: ", "123456"));
    let policy = Policy::any([PublicKey, Password, KeyboardInteractive]);
    server(policy, account).quirks(quirks).service_accepted()
}

/// An RSA key needs to know which hash to sign with: before the first flight, or not.
#[test]
fn extensions_that_come_late() {
    let rsa = FakeKey::of_type("ssh-rsa", "rsa");
    let query = |ext_info| {
        let mut quirks = ServerQuirks::default();
        quirks.ext_info = ext_info;
        let account = account().key(rsa.identity());
        let mut server = server(PublicKey, account)
            .signature_algorithms(["rsa-sha2-512", "rsa-sha2-256"])
            .quirks(quirks);
        let mut person = Person::new().key(rsa.clone());
        let run = run(alice().pipelining(OPENING), &mut server, &mut person);
        assert!(run.is_authenticated(), "{}", run.transcript());
        run.transcript().to_string()
    };
    let early = query(ExtInfoTime::BeforeFirstFlight);
    assert!(
        early.contains("C request publickey rsa query rsa-sha2-512"),
        "{early}"
    );
    let late = query(ExtInfoTime::WithServiceAccept);
    assert!(
        late.contains("C request publickey rsa query rsa-sha2-256"),
        "{late}"
    );
}

#[test]
fn requests_after_success() {
    let list: [&str; 0] = [];
    for (after_success, expected) in [
        (AfterSuccess::Ignored, vec![]),
        (AfterSuccess::Unimplemented, vec![Reply::Unimplemented]),
        (AfterSuccess::Refused, vec![Packet::failure(list).into()]),
        (AfterSuccess::Closed, vec![Reply::Close]),
    ] {
        let mut quirks = ServerQuirks::default();
        quirks.after_success = after_success;
        let mut server = with(quirks);
        let password = request(RequestMethod::Password {
            password: b"hunter2",
        });
        assert_eq!(server.hear(&password), [Packet::success().into()]);
        assert_eq!(server.hear(&password), expected, "{after_success:?}");
        // What belongs to the service that was started is not for this layer.
        assert_eq!(server.hear(&[90]), []);
    }
}

#[test]
fn methods_that_nobody_knows() {
    let unknown = request(RequestMethod::Other {
        name: b"own@example.org",
        data: b"",
    });
    for (unknown_method, refusals) in [
        (UnknownMethod::Refused, 1),
        (UnknownMethod::Disconnected, 1),
        (UnknownMethod::Unanswered, 0),
    ] {
        let mut quirks = ServerQuirks::default();
        quirks.unknown_method = unknown_method;
        let replies = with(quirks).hear(&unknown);
        assert_eq!(replies.len(), refusals, "{unknown_method:?}");
        let closed = matches!(replies.first(), Some(Reply::Disconnect { .. }));
        assert_eq!(closed, unknown_method == UnknownMethod::Disconnected);
    }
}

#[test]
fn dialogues_that_are_abandoned() {
    let prompts = request(RequestMethod::KeyboardInteractive {
        language: b"",
        submethods: b"",
    });
    let password = request(RequestMethod::Password {
        password: b"hunter2",
    });
    let refused = || Packet::failure(["publickey", "password", "keyboard-interactive"]).into();
    let success = || Packet::success().into();
    for (abandoned_dialogue, expected) in [
        (AbandonedDialogue::Forgotten, vec![success()]),
        (AbandonedDialogue::Refused, vec![refused(), success()]),
        (AbandonedDialogue::SwallowsRequest, vec![refused()]),
    ] {
        let mut quirks = ServerQuirks::default();
        quirks.abandoned_dialogue = abandoned_dialogue;
        let mut server = with(quirks);
        server.hear(&prompts);
        assert_eq!(server.hear(&password), expected, "{abandoned_dialogue:?}");
    }
}

#[test]
fn banners_queries_and_signatures() {
    let mut quirks = ServerQuirks::default();
    quirks.banner = BannerTime::WithServiceAccept;
    let mut early = server(Password, account()).quirks(quirks).banner("Welcome");
    let service = encode_exact(&ServiceRequest {
        name: b"ssh-userauth",
    });
    assert_eq!(
        early.hear(&service.unwrap()),
        [
            Packet::service_accept().into(),
            Packet::banner("Welcome").into()
        ]
    );

    let key_request = |name: &str, signature: Option<&[u8]>| {
        request(RequestMethod::PublicKey {
            algorithm: b"ssh-ed25519",
            key: key(name).identity().blob(),
            signature,
        })
    };
    let mut quirks = ServerQuirks::default();
    quirks.accepts_every_query = true;
    let pk_ok = Packet::pk_ok("ssh-ed25519", key("nobody's").identity().blob());
    assert_eq!(
        with(quirks).hear(&key_request("nobody's", None)),
        [pk_ok.into()]
    );

    let mut quirks = ServerQuirks::default();
    quirks.closes_on_bad_signature = true;
    let signature = key("right").sign("ssh-ed25519", b"something else");
    let signed = key_request("right", Some(&signature));
    assert_eq!(with(quirks).hear(&signed), [Reply::Close]);
}
