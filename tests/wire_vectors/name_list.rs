//! Lists of names.

use ssh_userauth_testing::wire::{DecodeReason, Failure, NameList, ServerMessage, method_name};

use crate::packets::{
    failure_comma, failure_empty_list, failure_empty_name, failure_list_past_end, failure_nul,
};
use crate::{encoded, list, refused, server};

#[test]
fn empty_names_are_skipped_and_noted() {
    let bytes = failure_empty_name();
    let failure = Failure::decode(&bytes).unwrap();
    assert!(
        failure
            .methods
            .iter()
            .eq([b"publickey".as_slice(), b"password"])
    );
    assert!(failure.methods.contains(method_name::PASSWORD));
    assert!(failure.methods.has_empty_names());
    assert!(!failure.methods.contains(""));
    assert_eq!(encoded(&failure), bytes);

    let bytes = failure_comma();
    let failure = Failure::decode(&bytes).unwrap();
    assert!(failure.methods.is_empty());
    assert!(failure.methods.has_empty_names());
    assert_eq!(encoded(&failure), bytes);
}

#[test]
fn nul_in_a_name_list() {
    let bytes = failure_nul();
    refused(
        Failure::decode(&bytes),
        "methods",
        DecodeReason::NulInNameList,
    );
}

#[test]
fn list_past_the_end_and_empty_list() {
    let bytes = failure_list_past_end();
    let error = Failure::decode(&bytes).unwrap_err();
    assert_eq!(error.reason(), DecodeReason::LengthPastEnd);
    assert_eq!(
        (error.message_number(), error.message_name()),
        (51, "USERAUTH_FAILURE")
    );
    assert_eq!(
        error.to_string(),
        "USERAUTH_FAILURE: field `methods`: the length runs past the end"
    );

    let methods = NameList::EMPTY;
    server(
        &failure_empty_list(),
        &ServerMessage::Failure(Failure {
            methods,
            partial_success: false,
        }),
    );
    assert!(methods.is_empty() && !methods.has_empty_names());
}

/// A name that no standard allows is kept for reports, but is no name we know.
#[test]
fn odd_names_are_never_contained() {
    let long = "x".repeat(65);
    let text = format!("{long},passw\u{f6}rd,pass word,\x1b[2J,Password,password");
    let names = list(&text);
    assert_eq!(names.iter().count(), 6);
    for odd in [
        long.as_str(),
        "passw\u{f6}rd",
        "pass word",
        "\x1b[2J",
        "password,",
        "",
    ] {
        assert!(!names.contains(odd), "{odd:?}");
    }
    assert!(
        names.contains("password") && names.contains("Password") && !names.contains("PASSWORD")
    );
    let longest = "y".repeat(64);
    assert!(list(&longest).contains(&longest));
}

#[test]
fn a_list_is_shown_as_its_names() {
    let list = NameList::try_from(&b"publickey,password"[..]).unwrap();
    let shown = format!("{list:?}");
    assert!(shown.contains("publickey,password"), "{shown}");
    assert_eq!(
        NameList::try_from(&b"a\0b"[..]),
        Err(DecodeReason::NulInNameList)
    );
}
