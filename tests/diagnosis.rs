//! Why there is no login: every diagnosis, from a run that leads to it, and how it is shown.
//! Public API only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

#[path = "diagnosis/advice.rs"]
mod advice;
#[path = "support/blobs.rs"]
mod blobs;
#[path = "diagnosis/cases.rs"]
mod cases;
#[path = "diagnosis/causes.rs"]
mod causes;
#[cfg(feature = "ssh-key")]
#[path = "diagnosis/docs.rs"]
mod docs;
#[path = "diagnosis/guess.rs"]
mod guess;
#[path = "diagnosis/hostile.rs"]
mod hostile;
#[path = "diagnosis/ledger.rs"]
mod ledger;
#[path = "diagnosis/names.rs"]
mod names;
#[path = "diagnosis/play.rs"]
mod play;
#[path = "diagnosis/sentences.rs"]
mod sentences;
#[path = "diagnosis/waiting.rs"]
mod waiting;

use std::collections::HashSet;

use ssh_userauth::{AbandonReason, Method, Outcome, ServiceRequest, Session, Unavailable};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use ssh_userauth_testing::wire::{ExtInfo, ServiceAccept, encode_exact};

use cases::CASES;
use play::{Play, key};

/// Every run ends with the diagnosis it is meant for, and no two of them say the same.
#[test]
fn every_run_has_its_diagnosis() {
    let mut sentences = HashSet::new();
    for (name, run) in CASES {
        let play = run();
        let report = play.client.report();
        let diagnosis = report.diagnosis().unwrap_or_else(|| panic!("{name}: none"));
        assert_eq!(diagnosis.name(), *name, "{}", report.table());
        let sentence = diagnosis.to_string();
        assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
        assert!(sentence.len() > 20, "{name}: {sentence:?}");
        assert!(!sentence.ends_with(['.', ' ', ';']), "{sentence}");
        assert!(sentences.insert(sentence.clone()), "said twice: {sentence}");
        if let Some(why) = &play.end {
            assert_eq!(Some(why.ending()), report.ending());
        }
        for line in play.table().lines() {
            assert!(line.chars().count() <= 80, "{name}: {line}");
            assert_eq!(line, line.trim_end(), "{name}");
        }
    }
}

#[test]
fn no_diagnosis_without_an_end_or_after_a_login() {
    let mut play = Play::new(play::config());
    assert_eq!(play.client.report().diagnosis(), None);
    assert!(play.table().starts_with("running"));
    play.send();
    play.hear(&ssh_userauth_testing::wire::Success);
    assert!(play.client.report().is_authenticated());
    assert_eq!(play.client.report().diagnosis(), None);
    assert!(play.table().starts_with("logged in   no proof\n"));
}

/// There is a run for each of them, also for one that will be added.
#[test]
fn no_diagnosis_is_left_out() {
    let source = include_str!("../explain/src/diagnosis.rs");
    let names: HashSet<&str> = source
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\","))
        .collect();
    let shown: HashSet<&str> = CASES.iter().map(|(name, _)| *name).collect();
    assert_eq!(names, shown);
    assert_eq!(shown.len(), CASES.len());
}

/// The fields of those with fields.
#[test]
fn details_of_the_diagnosis() {
    let diagnosis = |name: &str| {
        let (_, run) = CASES.iter().find(|(own, _)| *own == name).unwrap();
        run().client.report().diagnosis().unwrap()
    };
    let Diagnosis::AllKeysRefused {
        refused: 3,
        first,
        certificates: 0,
        not_offered: 0,
        ..
    } = diagnosis("all_keys_refused")
    else {
        panic!("another diagnosis");
    };
    assert_eq!(first, key(1, "laptop"));
    let Diagnosis::KeyNotSigned {
        identity,
        was_accepted: true,
        reason: Unavailable::BadSignature(_),
        ..
    } = diagnosis("key_not_signed")
    else {
        panic!("another diagnosis");
    };
    assert_eq!(identity, key(1, "laptop"));
    let Diagnosis::SecondFactorMissing {
        accepted,
        wanted,
        refused,
        ..
    } = diagnosis("second_factor_missing")
    else {
        panic!("another diagnosis");
    };
    assert_eq!(accepted[0].method(), Method::PublicKey);
    assert_eq!(accepted[0].identity(), Some(&key(1, "laptop")));
    assert!(wanted.unwrap().contains(Method::Password));
    assert_eq!(refused, [Method::Password]);
    assert!(matches!(
        diagnosis("unanswered_requests"),
        Diagnosis::UnansweredRequests {
            refusals: 0,
            unanswered: 1,
            ..
        }
    ));
    assert!(matches!(
        diagnosis("abandoned"),
        Diagnosis::Abandoned {
            reason: AbandonReason::ServerTimeout,
            unanswered: 1,
            ..
        }
    ));
}

/// What was demanded stands in the ledger, whatever became of it.
#[test]
fn a_demand_for_a_new_password_is_recorded() {
    let mut play = cases::expired();
    play.new_password("hunter3");
    let report = play.client.report();
    assert_eq!(report.attempts()[1].outcome(), Outcome::NewPasswordDemanded);
    assert!(report.attempts()[1].demanded_new_password());
    assert!(!report.attempts()[2].demanded_new_password());
    play.refuse("password");
    play.decline();
    assert!(matches!(
        play.client.report().diagnosis(),
        Some(Diagnosis::PasswordExpired { changes: 1, .. })
    ));
    assert!(!play.everything().contains("hunter"));
}

/// A request that never left is no try; that the method was not tried is told.
#[test]
fn what_never_left_is_not_in_the_report() {
    let mut play = Play::new(play::config().methods([Method::Password]));
    play.learn("password");
    play.password("hunter2");
    // Not polled, so not sent.
    play.client.cancel();
    play.finish();
    let report = play.client.report();
    assert_eq!(report.attempts().len(), 1);
    assert_eq!(*report.skips()[0].reason(), Unavailable::RunEnded);
    assert!(!report.sequence_diagram().to_string().contains("(2)"));
}

/// The conversation begins with the request for the service, behind what the server said of its
/// own accord; unless the caller made the request and told that it was accepted, or it never left.
#[test]
fn the_diagram_begins_with_the_service_request() {
    const NAME: &[u8] = b"ssh-userauth";
    const ASKED: &str = "Client->>Server: service ssh-userauth";
    const ACCEPTED: &str = "Server-->>Client: service ssh-userauth accepted";
    let start = |by: ServiceRequest| {
        let session = play::session().service_request(by);
        Play::on(session, play::config())
    };
    let arrows = |play: &Play| -> Vec<String> {
        let diagram = play.diagram();
        let lines = diagram.lines().map(str::trim);
        let arrows = lines.filter(|line| line.contains(">>"));
        arrows.map(str::to_owned).collect()
    };
    for by in [ServiceRequest::Ours, ServiceRequest::Sent] {
        let mut play = start(by);
        play.send();
        assert_eq!(arrows(&play)[0], ASKED);
        play.hear(&ServiceAccept { name: Some(NAME) });
        assert_eq!(arrows(&play)[..2], [ASKED, ACCEPTED]);
        assert_eq!(play.diagram().matches(ASKED).count(), 1);
    }
    let play = start(ServiceRequest::Accepted);
    assert_eq!(arrows(&play), ["Client->>Server: (1) none"]);

    let info = encode_exact(&ExtInfo { entries: vec![] }).unwrap();
    let mut play = Play::on(Session::encrypted([7; 32]).ext_info(info), play::config());
    play.send();
    assert_eq!(arrows(&play), ["Server->>Client: EXT_INFO", ASKED]);
    let mut play = start(ServiceRequest::Ours);
    play.hear(&ExtInfo { entries: vec![] });
    assert_eq!(arrows(&play), [ASKED, "Server->>Client: EXT_INFO"]);

    let mut play = start(ServiceRequest::Ours);
    // Not polled, so not sent.
    play.client.cancel();
    play.finish();
    assert_eq!(arrows(&play), [""; 0]);
}

#[test]
fn a_report_for_programs() {
    let (_, run) = CASES
        .iter()
        .find(|(name, _)| *name == "second_factor_missing")
        .unwrap();
    let json = serde_json::to_value(run().client.report().data()).unwrap();
    assert_eq!(json["state"], "gave_up");
    assert_eq!(json["ending"], "no_method_left");
    assert_eq!(json["diagnosis"]["name"], "second_factor_missing");
    assert_eq!(json["methods"], serde_json::json!(["password"]));
    assert_eq!(json["attempts"][1]["method"], "publickey");
    assert_eq!(json["attempts"][1]["stage"], "query");
    assert_eq!(json["attempts"][1]["outcome"], "key_accepted");
    assert_eq!(json["attempts"][1]["identity"]["label"], "laptop");
    assert_eq!(json["attempts"][1]["identity"]["type"], "ssh-ed25519");
    assert_eq!(json["factors"][0]["method"], "publickey");
    assert_eq!(json["skips"][0]["reason"], "not_listed");
    assert!(!json.to_string().contains(cases::PASSWORD));
}
