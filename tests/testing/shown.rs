//! What the kit shows of itself in the message of an assertion: enough to know what it is about,
//! and nothing that is secret, whether as text, as numbers or as hexadecimal digits.

use core::fmt::Debug;

use ssh_userauth::Method::{Password, PublicKey};
use ssh_userauth_testing::{
    Account, Packet, Person, Policy, Recorder, Round, ScriptedServer, Server,
};

use crate::support::{account, alice, key, password, run, server, session};

const SECRET: &str = "hunter2";

/// It shows these, and no secret.
#[track_caller]
fn shows(value: &impl Debug, parts: &[&str]) {
    for shown in [format!("{value:?}"), format!("{value:#?}")] {
        let numbers: Vec<String> = SECRET.bytes().map(|byte| byte.to_string()).collect();
        let digits: String = SECRET.bytes().map(|byte| format!("{byte:02x}")).collect();
        let lines = numbers.join(",\n");
        let shown_lines: String = shown.split_inclusive('\n').map(str::trim_start).collect();
        for secret in [SECRET, &numbers.join(", "), &digits] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(!shown_lines.contains(&lines), "{shown}");
    }
    let shown = format!("{value:?}");
    for part in parts {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
}

#[test]
fn servers_and_what_they_know() {
    // The name, and nothing that is secret.
    let alice_there = Account::new("alice").password(SECRET);
    shows(&alice_there, &["alice"]);
    // The prompts, without the answers.
    let round = Round::new()
        .hidden("Password: ", SECRET)
        .shown("Code: ", "1");
    shows(&round, &["Password: ", "Code: "]);

    let policy = Policy::in_order([PublicKey, Password]);
    let mut strict = server(policy, account().password(SECRET).round(round));
    shows(&strict, &["PolicyServer", "alice", "Password", "PublicKey"]);
    strict = strict.service_accepted();
    strict.hear(&password(SECRET));
    strict.hear(&password(SECRET));
    strict.hear(&password(SECRET));
    shows(&strict, &["requests: 3", "failures: 3"]);

    // What it will say, and of what it heard, only how many packets.
    let mut scripted = ScriptedServer::new()
        .says(Packet::success())
        .says_raw([0x33, 0xff]);
    scripted.hear(&password(SECRET));
    shows(&scripted, &["ScriptedServer", "Packet(33ff)", "heard: 1"]);
}

/// How much they have.
#[test]
fn people() {
    let mut person = Person::new()
        .key(key("laptop"))
        .password("wrong")
        .password(SECRET)
        .answer("Code: ", SECRET);
    shows(
        &person,
        &["Person", "passwords: 2", "answers: 1", "questions: 0"],
    );
    let mut strict = server(Password, account().password(SECRET));
    run(alice(), &mut strict, &mut person);
    shows(&person, &["questions: 2"]);
}

#[test]
fn runs_and_recorders() {
    let mut strict = server(Password, account().password(SECRET));
    let mut person = Person::new().password(SECRET);
    let run = run(alice().methods([Password]), &mut strict, &mut person);
    // The request, and how long it is.
    let sent = run.sent().last().unwrap();
    let length = password(SECRET).len();
    assert_eq!(sent.bytes().len(), length);
    shows(sent, &["password", &format!("{length} bytes"), "flight 3"]);
    shows(&run.sent()[0], &["no request", "17 bytes", "flight 1"]);
    shows(&run, &["Authenticated"]);

    let recorder = Recorder::new(alice(), session()).unwrap();
    shows(&recorder, &["Recorder", "UserAuthClient", "lines: 1"]);
}
