//! What the table and the diagram show of a run: all that happened, once, and nothing else.

use ssh_userauth::{
    Action, AttemptRecord, GssapiIntegrity, Identity, Limits, Method, Outcome, ServerText,
    ServiceRequest, Unavailable,
};
use ssh_userauth_testing::wire::{
    ExtInfo, Extension, Failure, GssapiResponse, GssapiToken, NameList, PasswdChangeReq,
    ServiceAccept, Success, encode_exact,
};

use crate::cases;
use crate::play::{Play, config, identity, key, session};

/// The lines of the diagram that begin so, without their beginnings.
fn said(play: &Play, by: &str) -> Vec<String> {
    let diagram = play.diagram();
    let lines = diagram.lines().filter_map(|line| {
        let text = line.strip_prefix("    ")?.strip_prefix(by)?;
        Some(text.strip_prefix(": ")?.to_owned())
    });
    lines.collect()
}

fn ours(play: &Play) -> Vec<String> {
    said(play, "Client->>Server")
}

fn theirs(play: &Play) -> Vec<String> {
    said(play, "Server->>Client")
}

fn answers(play: &Play) -> Vec<String> {
    said(play, "Server-->>Client")
}

fn notes(play: &Play) -> Vec<String> {
    said(play, "Note over Client")
}

#[test]
fn what_the_transport_told() {
    let play = Play::new(config());
    let report = play.client.report();
    assert_eq!(report.server_version(), Some("SSH-2.0-OpenSSH_10.0"));
    let session = ssh_userauth::Session::encrypted([7; 32]);
    let play = Play::on(session, config());
    assert_eq!(play.client.report().server_version(), None);
}

/// What the server told about itself, and what was proved, for programs.
#[test]
fn what_the_server_told() {
    let play = cases::case("second_factor_missing");
    let report = play.client.report();
    let banners: Vec<_> = report.banners().iter().map(ServerText::raw).collect();
    assert_eq!(banners, [b"Authorized use only.\r\n"]);
    let list = report.signature_algorithms().unwrap();
    assert_eq!(list.to_string(), "ssh-ed25519,rsa-sha2-512");
    assert!(list.contains("rsa-sha2-512") && !list.contains("rsa-sha2-256"));
    let methods = report.methods().unwrap();
    assert!(methods.contains(Method::Password) && !methods.contains(Method::PublicKey));
    assert_eq!(report.factors().count(), 1);
    assert!(!report.is_authenticated() && report.protocol_error().is_none());
    for (name, announced) in [
        ("publickey-hostbound@openssh.com", true),
        ("ping@openssh.com", false),
    ] {
        let name = name.as_bytes();
        let entries = vec![Extension { name, value: b"0" }];
        let extensions = encode_exact(&ExtInfo { entries }).unwrap();
        let play = Play::on(session().ext_info(extensions), config());
        assert_eq!(play.client.report().offers_host_bound(), announced);
        let table = play.table();
        assert_eq!(table.contains("host-bound  announced\n"), announced);
    }
}

/// How the server broke the protocol is in the report, too.
#[test]
fn a_violation_for_programs() {
    let play = cases::case("protocol_violation");
    let report = play.client.report();
    let error = report.protocol_error().unwrap();
    assert!(play.table().contains("broke the protocol"), "{error}");
    assert_eq!(report.ending(), None);
}

/// The requests that left stay in the diagram, and only they.
#[test]
fn a_request_that_never_left_takes_no_other_with_it() {
    let mut play = Play::new(config().methods([Method::Password]));
    play.learn("password");
    play.password("hunter2");
    play.send();
    play.refuse("password");
    play.password("hunter2");
    play.client.cancel();
    play.finish();
    assert_eq!(ours(&play), ["(1) none", "(2) password"]);
    let refused = "refused, offers password";
    assert_eq!(
        answers(&play),
        [format!("(1) {refused}"), format!("(2) {refused}")]
    );
}

/// A new password that did not leave before the server tired of waiting was never sent. The next
/// request takes its number.
#[test]
fn a_change_that_never_left() {
    let mut play = cases::expired();
    play.answer(|question| match question {
        Action::NeedNewPassword(need) => need.change("hunter2", "hunter3"),
        other => panic!("no question for a new password: {other:?}"),
    });
    play.hear_before_sending(&Failure {
        methods: NameList::new(b"password").unwrap(),
        partial_success: false,
    });
    play.send();
    play.password("hunter2");
    play.send();
    let report = play.client.report();
    let outcomes: Vec<_> = report
        .attempts()
        .iter()
        .map(AttemptRecord::outcome)
        .collect();
    assert_eq!(
        outcomes,
        [
            Outcome::Refused,
            Outcome::RefusedWhileAsking,
            Outcome::Unanswered
        ]
    );
    assert_eq!(ours(&play), ["(1) none", "(2) password", "(3) password"]);
    assert_eq!(answers(&play).len(), 2, "{}", play.diagram());
    assert_eq!(theirs(&play), ["(2) a new password is demanded"]);
    let diagram = play.diagram();
    let refusal = diagram.find("(2) refused").expect("the demand was refused");
    let next = diagram.find("(3) password").expect("another was given");
    assert!(
        refusal < next,
        "not in the place of what never left:\n{diagram}"
    );
}

/// Answers that did not leave before the server tired of waiting, or before the end, were never sent.
#[test]
fn answers_that_never_left() {
    for refused in [true, false] {
        let mut play = Play::new(config());
        play.learn("keyboard-interactive");
        cases::prompt(&mut play);
        play.answers("hunter2");
        cases::prompt(&mut play);
        play.answer(|question| match question {
            Action::NeedAnswers(need) => need.answer_each(|_| "123456"),
            other => panic!("no prompts: {other:?}"),
        });
        if refused {
            play.hear_before_sending(&Failure {
                methods: NameList::new(b"password").unwrap(),
                partial_success: false,
            });
            play.send();
        }
        play.client.cancel();
        play.finish();
        let begin = ["(1) none", "(2) keyboard-interactive", "(2) answers"];
        assert_eq!(ours(&play), begin);
        assert_eq!(theirs(&play), ["(2) prompts", "(2) prompts"]);
    }
}

/// `none` among the caller's methods: tried, or not.
#[test]
fn none_that_was_meant() {
    let methods = [Method::None, Method::Password];
    let mut play = Play::new(config().methods(methods));
    play.learn("password");
    play.decline();
    play.finish();
    assert!(!play.table().contains("  none: "), "{}", play.table());
    // It is in the outbox, and never leaves.
    let session = session().service_request(ServiceRequest::Ours);
    let mut play = Play::on(session, config().methods([Method::None]));
    play.send();
    play.hear_before_sending(&ServiceAccept {
        name: Some(b"ssh-userauth"),
    });
    play.client.cancel();
    play.finish();
    let report = play.client.report();
    assert!(report.attempts().is_empty(), "{}", play.table());
    assert_eq!(report.skips().len(), 1, "{}", play.table());
    assert_eq!(*report.skips()[0].reason(), Unavailable::RunEnded);
}

/// "Under `not tried` stands what could have been tried, with the reason"; the diagram has the keys
/// where they were passed over.
#[test]
fn keys_that_were_passed_over_are_drawn() {
    let mut limits = Limits::default();
    limits.max_requests = 2;
    let methods = [Method::PublicKey];
    let mut play = Play::new(config().methods(methods).limits(limits));
    play.learn("publickey");
    let forbidden = identity("ssh-rsa", 4).with_algorithms(["ssh-rsa"]);
    play.offer([
        forbidden.with_label("old laptop"),
        key(1, "laptop"),
        key(2, "work"),
    ]);
    play.refuse("publickey");
    play.finish();
    let notes = notes(&play);
    let [skipped] = notes.as_slice() else {
        panic!("{}", play.diagram());
    };
    let reason = "not tried: old laptop, no algorithm in common: ";
    assert!(skipped.starts_with(reason), "{skipped}");
    // What the end came before stands in the table only.
    assert!(
        play.table().contains("k3: the run ended first"),
        "{}",
        play.table()
    );
}

#[test]
fn a_password_dialogue_is_drawn() {
    let mut play = cases::expired();
    play.new_password("hunter3");
    play.hear(&PasswdChangeReq {
        prompt: b"Too simple.",
        language: b"",
    });
    play.decline();
    play.finish();
    assert_eq!(ours(&play), ["(1) none", "(2) password", "(3) password"]);
    assert_eq!(
        theirs(&play),
        [
            "(2) a new password is demanded",
            "(3) a new password is demanded"
        ]
    );
    assert_eq!(notes(&play)[0], "(3) abandoned");
}

/// A dialogue that was left may still be refused, and the list counts.
#[test]
fn a_late_refusal_is_drawn() {
    let mut play = Play::new(config());
    play.learn("keyboard-interactive,password");
    cases::prompt(&mut play);
    // A password is asked for.
    play.decline();
    play.refuse("");
    play.finish();
    assert_eq!(
        answers(&play),
        [
            "(1) refused, offers keyboard-interactive,password",
            "(2) refused, offers nothing"
        ],
        "{}",
        play.diagram()
    );
    assert_eq!(notes(&play)[0], "(2) abandoned");
}

const KERBEROS: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x12\x01\x02\x02";

#[test]
fn tokens_are_drawn() {
    let config = config()
        .methods([Method::GssapiWithMic])
        .gssapi_mechanisms([KERBEROS]);
    let mut play = Play::new(config);
    play.learn("gssapi-with-mic");
    play.hear(&GssapiResponse {
        mechanism: KERBEROS,
    });
    play.answer(|question| match question {
        Action::NeedGssapiToken(need) => need.token(*b"one"),
        other => panic!("no question for a token: {other:?}"),
    });
    play.hear(&GssapiToken { token: b"two" });
    play.answer(|question| match question {
        Action::NeedGssapiToken(need) => need.established(None, GssapiIntegrity::Unavailable),
        other => panic!("no question for a token: {other:?}"),
    });
    play.send();
    assert_eq!(theirs(&play), ["(2) token", "(2) token"]);
    let ours = ours(&play);
    assert_eq!(ours[..2], ["(1) none", "(2) gssapi-with-mic"]);
    assert!(ours[2..].iter().all(|line| line == "(2) token"), "{ours:?}");
}

#[test]
fn a_login_with_a_factor() {
    let mut play = Play::new(config());
    play.learn("publickey");
    play.offer([key(1, "laptop")]);
    play.accept(&key(1, "laptop"));
    play.sign();
    play.hear(&Success);
    let table = play.table();
    assert!(table.starts_with("logged in   publickey\n"), "{table}");
}

/// The demand is told once, while the question for a new password is open.
#[test]
fn a_demand_stands_in_the_table_once() {
    let table = cases::expired().table();
    let row = table.lines().find(|line| line.starts_with("  2  "));
    let row = row.unwrap_or_else(|| panic!("{table}"));
    assert!(row.ends_with("  new password demanded"), "{row}");
}

/// Numbers stand at the right, the rest at the left.
#[test]
fn a_table_of_ten_requests() {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer((1..=9).map(|number| key(number, "a key")));
    let table = play.table();
    for _ in 0..9 {
        play.refuse("publickey");
    }
    let (short, long) = (table, play.table());
    assert!(short.contains("\n  1  none       query  "), "{short}");
    assert!(long.contains("\n   1  none       query  "), "{long}");
    assert!(long.contains("\n   9  publickey  query  "), "{long}");
    assert!(long.contains("\n  10  publickey  query  "), "{long}");
}

/// A fingerprint as `ssh-keygen -l` prints it, or as much as there is without a hash function.
#[test]
fn keys_without_a_label_are_told_apart() {
    let unnamed: [Identity; 2] = [identity("ssh-ed25519", 1), identity("ssh-ed25519", 2)];
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    play.offer(unnamed.clone());
    play.refuse("publickey");
    for identity in &unnamed {
        #[cfg(feature = "ssh-key")]
        let mark = identity.fingerprint().to_string();
        #[cfg(not(feature = "ssh-key"))]
        let mark = format!("({} bytes)", identity.blob().len());
        let line = format!("  ssh-ed25519 {mark}\n");
        assert!(play.table().contains(&line), "{}", play.table());
        let query = format!("publickey query ssh-ed25519 {mark}");
        let drawn = ours(&play).iter().any(|line| line.ends_with(&query));
        assert!(drawn, "{}", play.diagram());
    }
}
