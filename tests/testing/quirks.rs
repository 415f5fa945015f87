//! Servers that are known to differ: each setting does what it says, and the machine gets in to
//! all of them.

use ssh_userauth::{Method, Pipelining};
use ssh_userauth_testing::wire::RequestMethod;
use ssh_userauth_testing::{
    AbandonedDialogue, AfterSuccess, BannerTime, ExtInfoTime, FakeKey, Packet, Person, Policy,
    Reply, Round, Server, ServerQuirks, UnknownMethod,
};

use crate::support::{
    OPENING, account, alice, key, password, prompts, request, run, server, service_request,
};

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

/// A server, and in what it differs from the RFCs.
struct Measured {
    name: &'static str,
    after_success: AfterSuccess,
    unknown_method: UnknownMethod,
    abandoned_dialogue: AbandonedDialogue,
    banner: BannerTime,
    ext_info: ExtInfoTime,
    accepts_every_query: bool,
    closes_on_bad_signature: bool,
}

/// What the RFCs want.
const AS_WRITTEN: Measured = Measured {
    name: "dropbear",
    after_success: AfterSuccess::Ignored,
    unknown_method: UnknownMethod::Refused,
    abandoned_dialogue: AbandonedDialogue::Forgotten,
    banner: BannerTime::BeforeFirstReply,
    ext_info: ExtInfoTime::BeforeFirstFlight,
    accepts_every_query: false,
    closes_on_bad_signature: false,
};

/// What was measured on the servers that the documentation of [`ServerQuirks`] names.
#[rustfmt::skip]
const MEASURED: [Measured; 8] = [
    Measured { name: "openssh", after_success: AfterSuccess::Unimplemented, ..AS_WRITTEN },
    AS_WRITTEN,
    Measured {
        name: "go", after_success: AfterSuccess::Closed,
        abandoned_dialogue: AbandonedDialogue::SwallowsRequest, closes_on_bad_signature: true,
        ..AS_WRITTEN
    },
    Measured {
        name: "node", after_success: AfterSuccess::Closed,
        unknown_method: UnknownMethod::Disconnected,
        abandoned_dialogue: AbandonedDialogue::Refused,
        banner: BannerTime::WithServiceAccept, ext_info: ExtInfoTime::WithServiceAccept,
        ..AS_WRITTEN
    },
    Measured {
        name: "erlang", after_success: AfterSuccess::Closed,
        abandoned_dialogue: AbandonedDialogue::Disconnected, ..AS_WRITTEN
    },
    Measured {
        name: "proftpd", unknown_method: UnknownMethod::Unanswered,
        abandoned_dialogue: AbandonedDialogue::SwallowsRequest, accepts_every_query: true,
        ext_info: ExtInfoTime::WithServiceAccept, ..AS_WRITTEN
    },
    Measured {
        name: "tinyssh", after_success: AfterSuccess::Unimplemented, accepts_every_query: true,
        closes_on_bad_signature: true, ..AS_WRITTEN
    },
    Measured {
        name: "libssh", after_success: AfterSuccess::Refused, closes_on_bad_signature: true,
        ext_info: ExtInfoTime::WithServiceAccept, ..AS_WRITTEN
    },
];

#[test]
fn named_servers_differ_as_they_do_in_fact() {
    for ((name, quirks), row) in NAMED.iter().zip(MEASURED) {
        let quirks = quirks();
        assert_eq!(*name, row.name);
        assert_eq!(quirks.after_success, row.after_success, "{name}");
        assert_eq!(quirks.unknown_method, row.unknown_method, "{name}");
        assert_eq!(quirks.abandoned_dialogue, row.abandoned_dialogue, "{name}");
        assert_eq!(quirks.banner, row.banner, "{name}");
        assert_eq!(quirks.ext_info, row.ext_info, "{name}");
        assert_eq!(
            quirks.accepts_every_query, row.accepts_every_query,
            "{name}"
        );
        assert_eq!(
            quirks.closes_on_bad_signature, row.closes_on_bad_signature,
            "{name}"
        );
    }
}

/// What is announced, and what is shown, comes once, and when the setting says.
#[test]
fn announcements_come_when_they_should() {
    let announced = || Packet::signature_algorithms(["ssh-ed25519"]).into();
    let (accept, banner) = (
        || Packet::service_accept().into(),
        || Packet::banner("Welcome").into(),
    );
    let failure = || Packet::failure(["password"]).into();
    let (early, late) = (
        ExtInfoTime::BeforeFirstFlight,
        ExtInfoTime::WithServiceAccept,
    );
    let (first, at_once) = (BannerTime::BeforeFirstReply, BannerTime::WithServiceAccept);
    for (ext_info, banner_time, greeting, accepted, replied) in [
        (
            early,
            first,
            vec![announced()],
            vec![accept()],
            vec![banner(), failure()],
        ),
        (
            early,
            at_once,
            vec![announced()],
            vec![accept(), banner()],
            vec![failure()],
        ),
        (
            late,
            first,
            vec![],
            vec![announced(), accept()],
            vec![banner(), failure()],
        ),
        (
            late,
            at_once,
            vec![],
            vec![announced(), accept(), banner()],
            vec![failure()],
        ),
    ] {
        let mut quirks = ServerQuirks::default();
        (quirks.ext_info, quirks.banner) = (ext_info, banner_time);
        let mut server = server(Password, account().password("hunter2"))
            .signature_algorithms(["ssh-ed25519"])
            .banner("Welcome")
            .quirks(quirks);
        assert_eq!(server.greet(), greeting, "{quirks:?}");
        assert_eq!(server.hear(&service_request()), accepted, "{quirks:?}");
        assert_eq!(server.hear(&password("wrong")), replied, "{quirks:?}");
        assert_eq!(server.hear(&password("wrong")), [failure()], "{quirks:?}");
    }
}

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
        // What belongs to the service that was started is not for this layer (RFC 4250 section
        // 4.1.1: "80 to 127: Connection protocol").
        assert_eq!(
            server.hear(&password("hunter2")),
            [Packet::success().into()]
        );
        assert_eq!(server.hear(&[80]), [], "{after_success:?}");
        assert_eq!(server.hear(&[127]), [], "{after_success:?}");
        let again = server.hear(&password("hunter2"));
        assert_eq!(again, expected, "{after_success:?}");
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
        server.hear(&prompts());
        assert_eq!(
            server.hear(&password("hunter2")),
            expected,
            "{abandoned_dialogue:?}"
        );
    }
}

/// So is the demand for a new password; the new password is its answer.
#[test]
fn demands_for_a_new_password_that_are_abandoned() {
    let refusal = || Packet::failure(["publickey", "password"]).into();
    let change = request(RequestMethod::PasswordChange {
        old: b"hunter2",
        new: b"correct horse",
    });
    for (abandoned_dialogue, refusals) in [
        (AbandonedDialogue::Forgotten, 1),
        (AbandonedDialogue::Refused, 2),
        (AbandonedDialogue::SwallowsRequest, 1),
    ] {
        let mut quirks = ServerQuirks::default();
        quirks.abandoned_dialogue = abandoned_dialogue;
        let account = account().password("hunter2").password_expired("Change it.");
        let policy = Policy::any([PublicKey, Password]);
        let mut changed = server(policy, account).quirks(quirks).service_accepted();
        changed.hear(&password("hunter2"));
        let mut abandoned = changed.clone();
        assert_eq!(changed.hear(&change), [Packet::success().into()]);
        let replies = abandoned.hear(&password("wrong"));
        assert_eq!(replies, vec![refusal(); refusals], "{abandoned_dialogue:?}");
    }
}

#[test]
fn banners_queries_and_signatures() {
    let mut quirks = ServerQuirks::default();
    quirks.banner = BannerTime::WithServiceAccept;
    let mut early = server(Password, account()).quirks(quirks).banner("Welcome");
    assert_eq!(
        early.hear(&service_request()),
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
