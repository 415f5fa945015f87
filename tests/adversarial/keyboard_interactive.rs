//! Rounds of prompts as a weapon.

use ssh_userauth::{
    Action, AnswerError, Config, Ending, Limits, Method, Notice, PasswordBridge, ProtocolErrorKind,
    Secret, TryCounting, Unavailable,
};

use crate::talk::{Talk, prompts, string, user};
use crate::vectors;

fn kbdint() -> Config {
    user().methods([Method::KeyboardInteractive])
}

fn started(config: Config) -> Talk {
    let talk = Talk::listed(config, "keyboard-interactive");
    assert_eq!(talk.request().method.name(), b"keyboard-interactive");
    talk
}

/// The tests in `tests/memory` measure what is allocated meanwhile.
#[test]
fn prompt_count_beyond_packet_is_refused() {
    for announced in [
        vectors::info_request_max_count(),
        vectors::info_request_huge_count(),
    ] {
        let kind = started(kbdint()).breaks(&announced);
        let ProtocolErrorKind::Malformed(why) = kind else {
            panic!("{kind:?}");
        };
        assert_eq!(why.field(), "number of prompts");
    }
}

#[test]
fn prompts_are_decoded_strictly() {
    for broken in [
        vectors::info_request_no_echo(),
        vectors::info_request_prompt_missing(),
        vectors::info_request_trailing(),
    ] {
        let kind = started(kbdint()).breaks(&broken);
        assert!(matches!(kind, ProtocolErrorKind::Malformed(_)), "{kind:?}");
    }
}

#[test]
fn rounds_are_bounded() {
    let mut talk = started(kbdint());
    for round in 1..=32 {
        talk.hear(&vectors::info_request_hidden());
        let need = take!(talk, NeedAnswers);
        assert_eq!(need.round(), round);
        talk.answer(need.answer_each(|_| Secret::from("a")));
    }
    let kind = talk.breaks(&vectors::info_request_hidden());
    assert_eq!(kind, ProtocolErrorKind::TooManyRounds { limit: 32 });
    let mut talk = started(kbdint());
    for _ in 1..=32 {
        talk.hear(&vectors::info_request_empty());
    }
    assert!(talk.told.is_empty());
    let kind = talk.breaks(&vectors::info_request_empty());
    assert_eq!(kind, ProtocolErrorKind::TooManyRounds { limit: 32 });
}

fn bridged() -> Config {
    kbdint().password_bridge(PasswordBridge::HiddenSinglePromptOnce)
}

/// The bridge asks the caller for the password as such; it never answers by itself.
#[test]
fn bridge_answers_once() {
    let mut talk = started(bridged());
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedPassword);
    assert_eq!(need.prompt().unwrap().raw(), b"Password: ");
    talk.answer(need.password("secret"));
    assert_eq!(talk.last_sent(), b"\x3d\0\0\0\x01\0\0\0\x06secret");
    talk.hear(&vectors::info_request_hidden());
    talk.answers("not the password");
    talk.refuse("keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedAnswers);
    assert_eq!((need.attempt(), need.round()), (2, 1));
}

/// Not in a later round, not with an echo, not where `password` is offered beside it.
#[test]
fn bridge_answers_single_hidden_prompt_only() {
    for first in [
        prompts(&[("Password: ", false), ("Code: ", false)]),
        prompts(&[("Password: ", true)]),
    ] {
        let mut talk = started(bridged());
        talk.hear(&first);
        drop(take!(talk, NeedAnswers));
    }
    let mut talk = started(bridged());
    talk.hear(&vectors::info_request_empty());
    talk.hear(&vectors::info_request_hidden());
    drop(take!(talk, NeedAnswers));
    let mut talk = Talk::listed(bridged(), "password,keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    drop(take!(talk, NeedAnswers));
}

#[test]
fn refused_answers_are_tried_again_up_to_limit() {
    let mut talk = started(kbdint());
    for attempt in 1..=3 {
        talk.hear(&vectors::info_request_hidden());
        let need = take!(talk, NeedAnswers);
        assert_eq!(need.attempt(), attempt);
        talk.answer(need.answer_each(|_| Secret::from("wrong")));
        talk.refuse("keyboard-interactive");
    }
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    let why = talk.skipped(Method::KeyboardInteractive);
    assert_eq!(why, Some(&Unavailable::TriesSpent));
    assert_eq!(talk.sent.len(), 1 + 3 * 2);
}

/// A server that lists the method and can't do it, or has the client ask for ever.
#[test]
fn refusal_before_any_prompt_is_final() {
    let mut talk = started(kbdint());
    talk.refuse("keyboard-interactive");
    let why = talk.skipped(Method::KeyboardInteractive);
    assert_eq!(why, Some(&Unavailable::RefusedAtOnce));
    assert_eq!(talk.sent.len(), 2);
}

/// The password tried under two names locks the account twice as fast.
#[test]
fn tries_can_be_counted_together() {
    let config = user().try_counting(TryCounting::Shared);
    let list = "password,keyboard-interactive";
    let mut talk = Talk::listed(config, list);
    for _ in 0..3 {
        talk.hear(&vectors::info_request_hidden());
        talk.answers("wrong");
        talk.refuse(list);
    }
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(
        talk.skipped(Method::Password),
        Some(&Unavailable::TriesSpent)
    );
}

#[test]
fn wrong_number_of_answers_is_not_sent() {
    let mut talk = started(kbdint());
    talk.hear(&prompts(&[("a", true), ("b", false)]));
    let sent = talk.sent.len();
    let mut need = take!(talk, NeedAnswers);
    for count in [0, 1, 3, 1000] {
        let answers = (0..count).map(|_| "x");
        need = need.answers(answers).unwrap_err().into_question();
    }
    assert!(talk.client.poll_action().is_none());
    talk.answer(need.answers(["1", "2"]).unwrap());
    assert_eq!(talk.sent.len(), sent + 1);
}

#[test]
fn second_info_request_before_answers_breaks_protocol() {
    let mut talk = started(kbdint());
    talk.hear(&vectors::info_request_hidden());
    let kind = talk.breaks(&vectors::info_request_hidden());
    assert_eq!(kind, ProtocolErrorKind::Unexpected);
    let mut talk = started(kbdint());
    talk.hear(&vectors::info_request_hidden());
    assert_eq!(
        talk.breaks(&vectors::info_request_empty()),
        ProtocolErrorKind::Unexpected
    );
}

#[test]
fn prompts_move_no_cursor() {
    let mut talk = started(kbdint());
    talk.hear(&vectors::info_request_hostile());
    let need = take!(talk, NeedAnswers);
    assert_eq!(need.instruction().raw(), b"\x1b]52;c;cHduZWQ=\x07");
    for text in [need.instruction(), need.prompts()[0].text()] {
        crate::text::assert_clean(&text.display().to_string());
        crate::text::assert_clean_line(&text.line().to_string());
        crate::text::assert_clean(&format!("{need:?}"));
    }
}

/// The empty prompt stays empty; what to show in its place is the caller's affair.
#[test]
fn prompts_of_any_bytes_are_accepted() {
    let limit = Limits::default().max_packet_bytes;
    let mut long = vec![60];
    long.extend([0; 12]);
    long.extend([0, 0, 0, 1]);
    long.extend(string(&vec![b'x'; limit - 22]));
    long.push(0);
    assert_eq!(long.len(), limit);
    let mut invalid = vec![60];
    for text in [&b"\xff\xfe"[..], b"\xc3", b"\x80"] {
        invalid.extend(string(text));
    }
    invalid.extend([0, 0, 0, 1]);
    invalid.extend(string(b"bad \xc3\x28 utf-8"));
    invalid.push(7);
    for (packet, shown, echo) in [
        (&long, "x".repeat(limit - 22), false),
        (&invalid, "bad \u{fffd}( utf-8".to_owned(), true),
        (&prompts(&[("", true)]), String::new(), true),
    ] {
        let mut talk = started(kbdint());
        talk.hear(packet);
        let need = take!(talk, NeedAnswers);
        let prompt = &need.prompts()[0];
        assert_eq!(prompt.text().display().to_string(), shown);
        assert_eq!(prompt.echo(), echo);
    }
    long.insert(17 + 4, b'x');
    let kind = started(kbdint()).breaks(&long);
    let length = limit + 1;
    assert_eq!(kind, ProtocolErrorKind::PacketTooLarge { length, limit });
}

/// Lengths near 2^31 are tried in the unit tests, where they can be made up; here are those
/// around the limit, and a sum that no packet can hold.
#[test]
fn answers_beyond_limit_are_not_sent() {
    let limit = Limits::default().max_answer_bytes;
    let mut talk = started(kbdint());
    talk.hear(&vectors::info_request_hidden());
    let need = take!(talk, NeedAnswers);
    let answer = need.answer_each(|_| Secret::new(vec![b'x'; limit + 1]));
    let refused = talk.command(|client| client.handle_answer(answer));
    let length = limit + 1;
    assert_eq!(refused, Err(AnswerError::TooLong { length, limit }));
    let again = take!(talk, NeedAnswers);
    talk.answer(again.answer_each(|_| Secret::new(vec![b'x'; limit])));
    assert_eq!(talk.last_sent().len(), 1 + 4 + 4 + limit);

    let mut talk = started(kbdint());
    talk.hear(&prompts(&[("", false); 5]));
    let sent = talk.sent.len();
    let need = take!(talk, NeedAnswers);
    talk.answer(need.answer_each(|_| Secret::new(vec![b'x'; limit])));
    assert_eq!(talk.sent.len(), sent, "320 KiB fit into no packet");
    let why = talk.skipped(Method::KeyboardInteractive);
    assert_eq!(why, Some(&Unavailable::TooLong));
}

/// Text without prompts is told, and answered by the machine.
#[test]
fn text_without_prompts_becomes_notice() {
    let mut round = vec![60];
    for text in [&b"title"[..], b"look at your phone\x1b[2J", b"en"] {
        round.extend(string(text));
    }
    round.extend([0; 4]);
    let mut talk = started(kbdint());
    talk.hear(&round);
    let [
        Notice::Instruction {
            name,
            instruction,
            language,
            ..
        },
    ] = &talk.told[..]
    else {
        panic!("{:?}", talk.told);
    };
    assert_eq!((name.raw(), language.raw()), (&b"title"[..], &b"en"[..]));
    crate::text::assert_clean(&instruction.display().to_string());
    assert_eq!(talk.last_sent(), [61, 0, 0, 0, 0]);
}

/// RFC 4256 section 3.1: the server waits for the answers to a request before it makes another.
#[test]
fn info_request_while_question_is_open_breaks_protocol() {
    let mut talk = Talk::listed(user(), "keyboard-interactive");
    let request = prompts(&[("Code: ", false)]);
    talk.hear(&request);
    assert!(matches!(talk.asked, Some(Action::NeedAnswers(_))));
    assert_eq!(talk.breaks(&request), ProtocolErrorKind::Unexpected);
}
