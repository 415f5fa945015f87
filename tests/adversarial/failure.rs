//! FAILURE, and the packets that have no place here.

use ssh_userauth::{
    Action, Ending, Method, Notice, Outcome, PreviousAttempt, ProtocolErrorKind, Receipt,
    Unavailable,
};

use crate::talk::{Talk, failure, key_a, user};
use crate::vectors;

#[test]
fn connection_protocol_before_success_breaks_protocol() {
    for number in 80..=191u8 {
        let kind = Talk::accepted(user()).breaks(&[number]);
        assert_eq!(kind, ProtocolErrorKind::PrematureConnectionMessage);
        let mut asking = Talk::listed(user(), "password");
        let kind = asking.breaks(&[number, 0, 0]);
        assert_eq!(kind, ProtocolErrorKind::PrematureConnectionMessage);
    }
}

#[test]
fn unassigned_numbers_break_protocol() {
    for number in (54..=59).chain(60..=79).chain([5, 50]) {
        let kind = Talk::accepted(user()).breaks(&[number, 0, 0, 0, 0]);
        assert_eq!(kind, ProtocolErrorKind::Unexpected, "{number}");
    }
}

#[test]
fn numbers_of_other_layers_are_handed_back() {
    for number in (0..=4).chain(8..=49).chain(192..=255) {
        let mut talk = Talk::accepted(user());
        talk.not_ours(&[number, 1, 2, 3]);
        talk.refuse("password");
        talk.not_ours(&[number]);
        drop(take!(talk, NeedPassword));
    }
}

#[test]
fn malformed_failure_breaks_protocol() {
    let mut trailing = vectors::failure();
    trailing.push(0);
    for broken in [
        vectors::failure_without_boolean(),
        vectors::failure_nul(),
        vectors::failure_list_past_end(),
        trailing,
        vec![51],
        b"\x33\xff\xff\xff\xf0publickey\0".to_vec(),
    ] {
        let kind = Talk::accepted(user()).breaks(&broken);
        assert!(
            matches!(kind, ProtocolErrorKind::Malformed(_)),
            "{broken:?}"
        );
    }
}

#[test]
fn any_boolean_but_zero_is_true() {
    for boolean in [1, 2, 0x80, 0xff] {
        let mut talk = Talk::listed(user(), "password");
        talk.password("secret");
        let mut packet = vectors::failure_boolean_2();
        *packet.last_mut().unwrap() = boolean;
        talk.hear(&packet);
        assert!(matches!(talk.told[..], [Notice::PartialSuccess { .. }]));
        let outcome = talk.client.report().attempts()[1].outcome();
        assert_eq!(outcome, Outcome::PartialSuccess);
        assert_eq!(talk.client.report().factors().count(), 1);
    }
}

#[test]
fn empty_names_are_left_out() {
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::failure_empty_name());
    let list = talk.client.report().methods().unwrap();
    assert!(list.contains(Method::PublicKey) && list.contains(Method::Password));
    assert_eq!(list.to_string(), "publickey,password");
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::failure_comma());
    assert!(talk.client.report().methods().unwrap().is_empty());
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::failure_empty_list());
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
}

#[test]
fn known_names_are_found_in_list_of_any_length() {
    let mut list = "a,".repeat(10_000);
    list.push_str("password");
    let talk = Talk::listed(user(), &list);
    assert!(matches!(talk.asked, Some(Action::NeedPassword(_))));
    let kept = talk.client.report().methods().unwrap();
    assert!(kept.contains(Method::Password) && !kept.contains(Method::PublicKey));
    assert!(kept.to_string().len() <= 4096 + ",password".len());
    let mut names = kept.names();
    assert!(names.all(|name| matches!(name.raw(), b"a" | b"password")));
}

/// Names that only look like a method are none.
#[test]
fn method_names_are_compared_whole() {
    for list in [
        "Password",
        " password",
        "password ",
        "passwor",
        "passwords",
        "pass\u{200b}word",
        "publickey-hostbound-v00@openssh.com",
        "none",
    ] {
        let talk = Talk::listed(user(), list);
        assert_eq!(talk.ending(), Ending::NoMethodLeft, "{list:?}");
        assert_eq!(talk.sent.len(), 1, "{list:?}");
    }
}

#[test]
fn partial_success_of_none_is_no_factor() {
    let mut talk = Talk::accepted(user());
    talk.partial("publickey");
    assert_eq!(talk.client.report().factors().count(), 0);
    assert_eq!(talk.told, []);
    let attempts = talk.client.report().attempts();
    assert_eq!(attempts[0].outcome(), Outcome::Refused);
    // A mere query is none, either.
    talk.offer(&key_a());
    talk.partial("publickey");
    assert_eq!(talk.client.report().factors().count(), 0);
    talk.no_key();
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(talk.sent.len(), 2);
}

#[test]
fn partial_successes_are_bounded() {
    let mut talk = Talk::listed(user(), "password");
    for factors in 1..=16 {
        talk.password("secret");
        talk.partial("password");
        assert_eq!(talk.client.report().factors().count(), factors);
    }
    let need = take!(talk, NeedPassword);
    assert_eq!(need.previous(), Some(PreviousAttempt::Accepted));
    talk.answer(need.password("secret"));
    let kind = talk.breaks(&failure("password", true));
    assert_eq!(
        kind,
        ProtocolErrorKind::TooManyPartialSuccesses { limit: 16 }
    );
}

/// The server tires of waiting for a person (PAM): the question is withdrawn.
#[test]
fn refusal_withdraws_question_of_dialogue() {
    let mut talk = Talk::listed(user(), "keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    let held = take!(talk, NeedAnswers);
    talk.refuse("password");
    let late = held.answer_each(|_| "123456");
    let refused = talk.client.handle_answer(late);
    assert_eq!(refused, Err(ssh_userauth::AnswerError::Withdrawn));
    drop(take!(talk, NeedPassword));

    let mut talk = Talk::listed(user(), "password");
    talk.password("old");
    talk.hear(&vectors::change_request());
    let held = take!(talk, NeedNewPassword);
    talk.refuse("password");
    assert!(talk.client.handle_answer(held.change("a", "b")).is_err());
    let need = take!(talk, NeedPassword);
    assert_eq!(need.previous(), Some(PreviousAttempt::Refused));
}

/// What was not sent can't be refused.
#[test]
fn refusal_without_request_breaks_protocol() {
    let mut key = Talk::listed(user(), "publickey");
    assert_eq!(
        key.breaks(&vectors::failure()),
        ProtocolErrorKind::Unexpected
    );
    let mut signature = Talk::listed(user(), "publickey");
    signature.offer(&key_a());
    signature.hear(&vectors::pk_ok_a());
    let kind = signature.breaks(&vectors::failure());
    assert_eq!(kind, ProtocolErrorKind::Unexpected);
    let mut password = Talk::listed(user(), "password");
    let kind = password.breaks(&vectors::failure());
    assert_eq!(kind, ProtocolErrorKind::Unexpected);
    let own = Method::Other("own");
    let mut own = Talk::listed(user().methods([own]), "own");
    assert!(matches!(own.asked, Some(Action::NeedMethodRequest(_))));
    assert_eq!(
        own.breaks(&vectors::failure()),
        ProtocolErrorKind::Unexpected
    );
}

/// A dialogue that was left may still be refused once, until the next request is on its way.
#[test]
fn abandoned_dialogue_is_refused_at_most_once() {
    let list = "keyboard-interactive,password";
    let mut talk = Talk::listed(user(), list);
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedAnswers);
    talk.answer(need.decline());
    assert!(matches!(talk.asked, Some(Action::NeedPassword(_))));
    talk.refuse(list);
    let attempts = talk.client.report().attempts();
    assert_eq!(attempts[1].outcome(), Outcome::Abandoned);
    let kind = talk.breaks(&failure(list, false));
    assert_eq!(kind, ProtocolErrorKind::Unexpected);
}

/// UNIMPLEMENTED belongs to the transport, which knows what it answers.
#[test]
fn unimplemented_counts_as_refusal() {
    let mut service = Talk::fresh(user());
    let receipt = service.command(|client| client.unimplemented());
    assert_eq!(receipt, Ok(Receipt::Taken));
    assert_eq!(service.ending(), Ending::NoUserAuth);

    let mut talk = Talk::listed(user(), "keyboard-interactive,password");
    let receipt = talk.command(|client| client.unimplemented());
    assert_eq!(receipt, Ok(Receipt::Taken));
    let outcome = talk.client.report().attempts()[1].outcome();
    assert_eq!(outcome, Outcome::Unimplemented);
    assert!(matches!(talk.asked, Some(Action::NeedPassword(_))));
    let receipt = talk.command(|client| client.unimplemented());
    assert_eq!(receipt, Ok(Receipt::NotOurs), "nothing is on its way");
    let need = take!(talk, NeedPassword);
    talk.answer(need.decline());
    let why = talk.skipped(Method::KeyboardInteractive);
    assert_eq!(why, Some(&Unavailable::RefusedAtOnce));
}
