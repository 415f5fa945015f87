//! The names in the report as data are those of the variants, whatever led to them.

use core::fmt::Debug;
use std::fs;

use serde_json::Value;
use ssh_userauth::{Candidate, Limits, Method, Report, Unavailable};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::Transcript;

use crate::cases::CASES;
use crate::play::{Play, config};

/// The name of the variant, as `in_this_form`.
fn name_of(value: &impl Debug) -> String {
    let debug = format!("{value:?}");
    let variant: String = debug
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    let mut name = String::new();
    for letter in variant.chars() {
        if letter.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn check(report: &Report, context: &str) {
    let json = serde_json::to_value(report.data()).unwrap();
    let array = |key: &str| json[key].as_array().unwrap().clone();
    assert_eq!(array("attempts").len(), report.attempts().len());
    for (value, attempt) in array("attempts").iter().zip(report.attempts()) {
        assert_eq!(value["outcome"], name_of(&attempt.outcome()), "{context}");
        assert_eq!(value["stage"], name_of(&attempt.stage()), "{context}");
        assert_eq!(value["method"], attempt.method().name(), "{context}");
    }
    assert_eq!(array("skips").len(), report.skips().len());
    for (value, skip) in array("skips").iter().zip(report.skips()) {
        assert_eq!(value["reason"], name_of(skip.reason()), "{context}");
        assert!(value["detail"].as_str().unwrap().len() > 5, "{context}");
        match skip.candidate() {
            Candidate::Method(method) => assert_eq!(value["method"], method.name()),
            Candidate::Identity(key) => {
                assert_eq!(value["identity"]["type"], key.key_type());
                assert_eq!(value["identity"]["bytes"], key.blob().len());
            }
            other => panic!("{other:?}"),
        }
    }
    match report.diagnosis() {
        Some(diagnosis) => {
            assert_eq!(json["diagnosis"]["name"], name_of(&diagnosis), "{context}");
            assert_eq!(json["diagnosis"]["name"], diagnosis.name());
            assert_eq!(json["diagnosis"]["sentence"], diagnosis.to_string());
        }
        None => assert_eq!(json["diagnosis"], Value::Null),
    }
    let state = match (report.is_authenticated(), report.ending()) {
        (true, _) => "authenticated",
        (false, Some(_)) => "gave_up",
        (false, None) if report.protocol_error().is_some() => "failed",
        (false, None) => "running",
    };
    assert_eq!(json["state"], state, "{context}");
    match report.server_disconnect() {
        Some(said) => {
            assert_eq!(json["disconnect"]["code"], said.code());
            let description = said.description().line().to_string();
            assert_eq!(json["disconnect"]["description"], description);
        }
        None => assert_eq!(json["disconnect"], Value::Null),
    }
}

#[test]
fn of_each_diagnosis() {
    for (name, run) in CASES {
        let play = run();
        let report = play.client.report();
        assert_eq!(report.diagnosis().unwrap().name(), *name);
        check(report, name);
    }
}

/// Before its end, and where something was too long for a packet.
#[test]
fn of_a_run_under_way() {
    let mut limits = Limits::default();
    limits.max_password_bytes = 1 << 20;
    let mut play = Play::new(config().methods([Method::Password]).limits(limits));
    check(play.client.report(), "not begun");
    play.learn("password");
    play.password(&"x".repeat(300_000));
    play.finish();
    let skips = play.client.report().skips();
    assert_eq!(skips[0].reason(), &Unavailable::TooLong);
    assert!(play.table().contains("password: too long for a packet"));
    check(play.client.report(), "too long");
}

#[test]
fn of_each_transcript() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/transcripts");
    let mut count = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let transcript: Transcript = fs::read_to_string(&path).unwrap().parse().unwrap();
        let report = transcript.report().unwrap();
        check(&report, &path.display().to_string());
        count += 1;
    }
    assert!(count > 400, "{count}");
}
