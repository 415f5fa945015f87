//! What callers do at the wrong moment.

use ssh_userauth::{AbandonReason, Action, AnswerError, Ending, Receipt, Session, Turn};

use crate::talk::{Talk, failure, key_a, user};
use crate::traces;
use crate::vectors;

/// Answering twice, or with an answer of another kind, does not compile; the documentation tests
/// of `Answer` say so.
#[test]
fn answer_to_withdrawn_question_changes_nothing() {
    let mut talk = Talk::listed(user(), "keyboard-interactive");
    talk.hear(&vectors::info_request_hidden());
    let old = take!(talk, NeedAnswers);
    talk.refuse("password");
    let sent = talk.sent.len();
    let late = old.answer_each(|_| "123456");
    let result = talk.command(|client| client.handle_answer(late));
    assert_eq!(result, Err(AnswerError::Withdrawn));
    assert_eq!((talk.sent.len(), talk.client.turn()), (sent, Turn::Caller));
    talk.password("secret");
    assert_eq!(talk.last_sent(), vectors::password_request());
}

#[test]
fn answer_of_another_connection_is_not_sent() {
    let mut ours = Talk::listed(user(), "password");
    let mut theirs = Talk::with(user(), Session::encrypted([9; 20]));
    theirs.hear(&vectors::service_accept());
    theirs.refuse("password");
    let answer = take!(theirs, NeedPassword).password("for them");
    let result = ours.command(|client| client.handle_answer(answer));
    assert_eq!(result, Err(AnswerError::OtherConnection));
    assert_eq!(ours.sent.len(), 1);
    ours.password("secret");
    assert_eq!(ours.last_sent(), vectors::password_request());
}

/// After each of the ends, every call is harmless.
#[test]
fn inputs_after_end_change_nothing() {
    type End = fn(&mut Talk);
    let ends: [End; 4] = [
        |talk| talk.command(|client| client.cancel()),
        |talk| talk.command(|client| client.connection_lost()),
        |talk| talk.command(|client| client.disconnected(11, b"")),
        |talk| talk.command(|client| client.abandon(AbandonReason::CallerTimeout)),
    ];
    for end in ends {
        let mut talk = Talk::listed(user(), "password");
        let held = take!(talk, NeedPassword);
        end(&mut talk);
        let ending = talk.ending();
        let late = talk.client.handle_answer(held.password("secret"));
        assert_eq!(late, Err(AnswerError::Withdrawn));
        for packet in [
            vectors::success(),
            vectors::failure(),
            vectors::banner_hostile(),
            vec![255],
            vec![],
        ] {
            let receipt = talk.client.handle_packet(&packet);
            assert_eq!(receipt, Ok(Receipt::NotOurs));
        }
        assert_eq!(talk.client.unimplemented(), Ok(Receipt::NotOurs));
        assert!(!talk.client.decline_pending());
        talk.client.cancel();
        talk.client.disconnected(2, b"late");
        assert!(talk.client.poll_action().is_none());
        assert_eq!(talk.client.report().ending(), Some(ending));
        assert_eq!(talk.sent.len(), 1);
    }
}

#[test]
fn run_can_be_cancelled_anywhere() {
    for trace in traces::all() {
        for index in 0..trace.packets.len() {
            let mut talk = trace.until(index);
            let sent = talk.sent.len();
            talk.command(|client| client.cancel());
            talk.command(|client| client.cancel());
            assert_eq!(talk.ending(), Ending::Cancelled);
            assert_eq!(talk.gave_up().disconnect_reason().code(), 13);
            assert_eq!(talk.sent.len(), sent, "{}: {index}", trace.name);
            talk.not_ours(&trace.packets[index]);
        }
    }
}

/// On the caller's turn, too, with the question in his hands.
#[test]
fn question_can_be_cancelled() {
    for trace in traces::all() {
        for index in 0..trace.packets.len() {
            let mut talk = trace.until(index);
            let packet = &trace.packets[index];
            talk.command(|client| client.handle_packet(packet)).unwrap();
            let Some(held) = talk.asked.take() else {
                continue;
            };
            talk.command(|client| client.cancel());
            assert_eq!(talk.ending(), Ending::Cancelled);
            let late = talk.client.handle_answer(traces::reply(held).unwrap());
            assert_eq!(late, Err(AnswerError::Withdrawn));
        }
    }
}

#[test]
fn silent_server_can_be_abandoned() {
    for trace in traces::all() {
        for index in 0..trace.packets.len() {
            let mut talk = trace.until(index);
            assert_eq!(talk.client.turn(), Turn::Server);
            talk.command(|client| client.abandon(AbandonReason::ServerTimeout));
            let why = AbandonReason::ServerTimeout;
            assert_eq!(talk.ending(), Ending::Abandoned(why));
            assert_eq!(talk.gave_up().disconnect_reason().code(), 11);
            for packet in &trace.packets[index..] {
                talk.not_ours(packet);
            }
        }
    }
}

/// Actions that were not polled when the end came are not handed out after it.
#[test]
fn cancelling_drops_unpolled_request() {
    let mut talk = Talk::accepted(user());
    let refused = failure("password", false);
    assert_eq!(talk.client.handle_packet(&refused), Ok(Receipt::Taken));
    talk.client.cancel();
    let first = talk.client.poll_action();
    assert!(matches!(first, Some(Action::GiveUp(_))), "{first:?}");
    assert!(talk.client.poll_action().is_none());
}

/// Declining again and again ends every run.
#[test]
fn declining_every_question_ends_run() {
    for trace in traces::all() {
        for index in 0..trace.packets.len() {
            let mut talk = trace.until(index);
            let mut accepted = trace.packets[..index].contains(&vectors::service_accept());
            for step in 0.. {
                assert!(step < 200, "{}: {index}", trace.name);
                if talk.end.is_some() {
                    break;
                }
                match talk.asked.take() {
                    Some(question) => talk.answer(question.decline().unwrap()),
                    None if !accepted => {
                        talk.hear(&vectors::service_accept());
                        accepted = true;
                    }
                    None => talk.refuse("publickey,password,keyboard-interactive"),
                }
            }
        }
    }
}

/// The end of a run is where the last reply came in, and once.
#[test]
fn only_success_authenticates() {
    for trace in traces::all() {
        let last = trace.packets.len() - 1;
        let talk = trace.until(last);
        assert!(talk.end.is_none());
        assert!(!talk.client.report().is_authenticated());
    }
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&key_a());
    talk.hear(&vectors::pk_ok_a());
    talk.sign();
    talk.partial("");
    assert_eq!(
        talk.ending(),
        Ending::NoMethodLeft,
        "partial is not success"
    );
    assert_eq!(talk.client.report().factors().count(), 1);
}
