//! Passwords, changes of passwords, and what must never be seen of them.

use ssh_userauth::{
    Action, AnswerError, Config, Ending, Limits, Method, Notice, Outcome, PreviousAttempt,
    ProtocolErrorKind, Secret, Unavailable,
};

use crate::talk::{Talk, key_a, user};
use crate::vectors;

/// `secret` was sent.
fn sent(config: Config, list: &str) -> Talk {
    let mut talk = Talk::listed(config, list);
    talk.password("secret");
    talk
}

#[test]
fn demand_for_new_password_is_asked() {
    let mut talk = sent(user(), "password");
    talk.hear(&vectors::change_request());
    let need = take!(talk, NeedNewPassword);
    assert_eq!(need.prompt().raw(), b"expired");
    assert_eq!(need.attempt(), 1);
}

#[test]
fn wrong_password_is_reported_and_counted() {
    let mut talk = Talk::listed(user(), "password");
    for attempt in 1..=3 {
        let need = take!(talk, NeedPassword);
        assert_eq!(need.attempt(), attempt);
        let refused = (attempt > 1).then_some(PreviousAttempt::Refused);
        assert_eq!(need.previous(), refused);
        talk.answer(need.password("wrong"));
        talk.refuse("password");
    }
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(
        talk.skipped(Method::Password),
        Some(&Unavailable::TriesSpent)
    );
    assert_eq!(talk.sent.len(), 4);
}

/// A change was demanded and sent.
fn changing() -> Talk {
    let mut talk = sent(user(), "password");
    talk.hear(&vectors::change_request());
    let need = take!(talk, NeedNewPassword);
    talk.answer(need.change("old", "new"));
    let expected = b"\0\0\0\x08password\x01\0\0\0\x03old\0\0\0\x03new";
    assert!(talk.last_sent().ends_with(expected));
    talk
}

/// The four replies of RFC 4252 section 8 are four different things.
#[test]
fn password_change_takes_all_four_replies() {
    let mut talk = changing();
    talk.partial("publickey");
    let [Notice::PasswordChanged, Notice::PartialSuccess { .. }] = talk.told[..] else {
        panic!("{:?}", talk.told);
    };

    let mut talk = changing();
    talk.refuse("password");
    assert_eq!(talk.told, [Notice::PasswordNotChanged]);
    let need = take!(talk, NeedPassword);
    assert_eq!(need.previous(), Some(PreviousAttempt::Refused));

    let mut talk = changing();
    talk.succeed();
    assert_eq!(talk.told, [Notice::PasswordChanged]);
    assert!(!talk.authenticated().is_trivial());

    let mut talk = changing();
    talk.hear(&vectors::change_request());
    assert_eq!(talk.told, []);
    assert_eq!(take!(talk, NeedNewPassword).attempt(), 2);
}

/// The server takes the old password for a factor before the new one has left: nothing was changed.
#[test]
fn unsent_change_is_not_reported() {
    let mut talk = sent(user(), "password");
    talk.hear(&vectors::change_request());
    let need = take!(talk, NeedNewPassword);
    talk.client
        .handle_answer(need.change("old", "new"))
        .unwrap();
    let before = talk.sent.len();
    talk.partial("publickey");
    let [Notice::PartialSuccess { .. }] = talk.told[..] else {
        panic!("{:?}", talk.told);
    };
    assert_eq!(talk.sent.len(), before);
}

#[test]
fn declined_change_sends_nothing() {
    let mut cancelled = sent(user(), "password");
    cancelled.refuse("password");
    cancelled.password("secret");
    cancelled.hear(&vectors::change_request());
    let before = cancelled.sent.len();
    cancelled.command(|client| client.cancel());
    assert_eq!(cancelled.gave_up().disconnect_reason().code(), 13);
    assert_eq!(cancelled.sent.len(), before);

    let order = [Method::Password, Method::PublicKey];
    let mut skipped = sent(user().methods(order), "password,publickey");
    skipped.hear(&vectors::change_request());
    let before = skipped.sent.len();
    let need = take!(skipped, NeedNewPassword);
    skipped.answer(need.decline());
    skipped.offer(&key_a());
    assert_eq!(skipped.last_sent(), vectors::query_a());
    assert_eq!(skipped.sent.len(), before + 1);
    // The server owes no answer to what was left: this one is for the key.
    skipped.refuse("password,publickey");
    let attempts = skipped.client.report().attempts();
    let outcomes: Vec<Outcome> = attempts.iter().map(|attempt| attempt.outcome()).collect();
    let expected = [Outcome::Refused, Outcome::Abandoned, Outcome::Refused];
    assert_eq!(outcomes, expected);
}

#[test]
fn change_request_answers_password_only() {
    let mut none = Talk::accepted(user());
    assert_eq!(
        none.breaks(&vectors::change_request()),
        ProtocolErrorKind::Unexpected
    );
    let mut query = Talk::listed(user(), "publickey");
    query.offer(&key_a());
    let kind = query.breaks(&vectors::change_request());
    assert!(matches!(
        kind,
        ProtocolErrorKind::PkOkKeyMismatch | ProtocolErrorKind::Malformed(_)
    ));
    let mut asking = Talk::listed(user(), "password");
    assert_eq!(
        asking.breaks(&vectors::change_request()),
        ProtocolErrorKind::Unexpected
    );
    // Byte 1 is sent only where a change was demanded.
    let talk = sent(user(), "password");
    assert!(talk.last_sent().ends_with(b"password\0\0\0\0\x06secret"));
}

#[test]
fn password_is_sent_whole_or_not_at_all() {
    let limit = Limits::default().max_password_bytes;
    for password in [&b"abc\0def"[..], b"", b"\xff\xfe", &vec![b'x'; limit]] {
        let mut talk = Talk::listed(user(), "password");
        let need = take!(talk, NeedPassword);
        talk.answer(need.password(password));
        let mut expected = b"\0\0\0\x08password\0".to_vec();
        expected.extend(crate::talk::string(password));
        assert!(talk.last_sent().ends_with(&expected));
    }
    let mut talk = Talk::listed(user(), "password");
    let need = take!(talk, NeedPassword);
    let answer = need.password(vec![b'x'; limit + 1]);
    let refused = talk.command(|client| client.handle_answer(answer));
    let length = limit + 1;
    assert_eq!(refused, Err(AnswerError::TooLong { length, limit }));
    talk.password("short enough");
    assert_eq!(talk.sent.len(), 2);
}

/// `tests/misuse` looks at all conversations; this is the simplest one.
#[test]
fn password_is_in_no_text() {
    const MARKER: &str = "Zq~Xj^7Kw";
    let look = |talk: &Talk| {
        let end = talk.end.as_ref();
        let texts = [
            format!("{:?} {:#?}", talk.client, talk.client),
            format!("{:?} {:?} {:?}", talk.asked, talk.told, end),
            format!("{:?}", talk.client.report()),
        ];
        let list: Vec<String> = MARKER.bytes().map(|byte| byte.to_string()).collect();
        for needle in [MARKER.to_owned(), list.join(", ")] {
            assert!(!texts.iter().any(|text| text.contains(&needle)));
        }
    };
    let mut talk = Talk::listed(user(), "password");
    for _ in 0..3 {
        let answer = take!(talk, NeedPassword).password(MARKER);
        assert!(!format!("{answer:?}").contains(MARKER));
        talk.answer(answer);
        look(&talk);
        talk.refuse("password");
        look(&talk);
    }
}

#[test]
fn length_of_password_is_hidden() {
    let talk = sent(user(), "password");
    assert_eq!(talk.last_sent(), vectors::password_request());
    assert_eq!(talk.pads, [None, Some(256)]);
    let talk = changing();
    assert!(talk.pads.last().unwrap().is_some());
    let mut talk = Talk::listed(user(), "keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    talk.answers("a");
    assert_eq!(talk.pads, [None, None, Some(256)]);
    let mut talk = Talk::listed(user(), "password");
    let need = take!(talk, NeedPassword);
    talk.answer(need.password(Secret::new(vec![b'x'; 300])));
    let hint = talk.pads[1].unwrap();
    assert!(hint >= talk.last_sent().len() && hint.is_multiple_of(64));
}

/// Cancelling sends no credential, in particular none of its own.
#[test]
fn cancelling_at_password_sends_nothing() {
    let mut talk = Talk::listed(user(), "password");
    let held = take!(talk, NeedPassword);
    talk.command(|client| client.cancel());
    assert_eq!(talk.sent.len(), 1);
    let late = talk.client.handle_answer(held.password("secret"));
    assert_eq!(late, Err(AnswerError::Withdrawn));
    assert!(matches!(talk.end, Some(Action::GiveUp(_))));
}
