//! What callers do wrong, and what they can't do at all: public API only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use ssh_userauth::{
    Action, Answer, AnswerError, BadSignatureReason, Config, Ending, Identity, Limits, NeedAnswers,
    NeedNewPassword, NeedPassword, NeedPublicKey, NeedSignature, ProtocolErrorKind, Rejected,
    Rejection, Secret, Session, Turn, Unavailable, UserAuthClient,
};
use ssh_userauth_testing::wire::{
    Banner, Failure, InfoRequest, NameList, PasswdChangeReq, PkOk, Prompt, Success, encode_exact,
};

fn client_with(config: Config, session_id: u8) -> UserAuthClient {
    client_in(config, Session::encrypted([session_id; 32]))
}

fn client() -> UserAuthClient {
    client_with(Config::new("alice"), 1)
}

fn info_request(client: &mut UserAuthClient, prompts: usize) {
    let prompt = Prompt {
        text: b"Code: ",
        echo: true,
    };
    let request = InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: vec![prompt; prompts],
    };
    hear(client, &request);
}

fn key(byte: u8) -> Identity {
    identity("ssh-ed25519", byte)
}

#[path = "support/blobs.rs"]
mod blobs;
#[path = "support/driver.rs"]
mod driver;
#[path = "misuse/methods.rs"]
mod methods;
#[path = "misuse/secrets.rs"]
mod secrets;

use blobs::{identity, signature};
use driver::{ask, client_in, hear, last, refuse, send};

fn ask_key(client: &mut UserAuthClient) -> NeedPublicKey {
    send(client);
    refuse(client, "publickey,keyboard-interactive,password");
    ask!(client, NeedPublicKey)
}

fn ask_signature(client: &mut UserAuthClient) -> NeedSignature {
    let need = ask_key(client);
    client.handle_answer(need.offer(key(1))).unwrap();
    send(client);
    let identity = key(1);
    let ok = PkOk {
        algorithm: b"ssh-ed25519",
        key: identity.blob(),
    };
    hear(client, &ok);
    ask!(client, NeedSignature)
}

fn ask_password(client: &mut UserAuthClient) -> NeedPassword {
    send(client);
    refuse(client, "password");
    ask!(client, NeedPassword)
}

fn ask_new_password(client: &mut UserAuthClient) -> NeedNewPassword {
    let need = ask_password(client);
    client.handle_answer(need.password("old")).unwrap();
    send(client);
    let demand = PasswdChangeReq {
        prompt: b"expired",
        language: b"",
    };
    hear(client, &demand);
    ask!(client, NeedNewPassword)
}

fn ask_answers(client: &mut UserAuthClient, prompts: usize) -> NeedAnswers {
    send(client);
    refuse(client, "keyboard-interactive,password");
    send(client);
    info_request(client, prompts);
    ask!(client, NeedAnswers)
}

#[test]
fn everything_may_go_to_another_thread() {
    fn check<T: Send + 'static>() {}
    check::<UserAuthClient>();
    check::<Action>();
    check::<Answer>();
    check::<NeedPublicKey>();
    check::<NeedSignature>();
    check::<NeedPassword>();
    check::<NeedNewPassword>();
    check::<NeedAnswers>();
    check::<Rejected<NeedSignature>>();
    check::<Secret>();
}

#[test]
fn an_answer_that_comes_late_changes_nothing() {
    let mut client = client();
    let late = ask_answers(&mut client, 1);
    refuse(&mut client, "password");
    let open = ask!(&mut client, NeedPassword);
    let answer = late.answer_each(|_| "123456");
    assert_eq!(client.handle_answer(answer), Err(AnswerError::Withdrawn));
    assert!(client.poll_action().is_none());
    assert_eq!(client.turn(), Turn::Caller);
    client.handle_answer(open.password("hunter2")).unwrap();
    assert!(matches!(last(&mut client), Action::SendRequest(_)));
}

#[test]
fn an_answer_for_another_connection_is_not_sent() {
    let mut ours = client_with(Config::new("alice"), 1);
    let mut theirs = client_with(Config::new("alice"), 2);
    let for_ours = ask_password(&mut ours);
    let for_theirs = ask_password(&mut theirs);
    let swapped = ours.handle_answer(for_theirs.password("for theirs"));
    assert_eq!(swapped, Err(AnswerError::OtherConnection));
    assert!(ours.poll_action().is_none());
    assert_eq!(ours.turn(), Turn::Caller, "the question stays open");
    ours.handle_answer(for_ours.password("for ours")).unwrap();
    let Action::SendRequest(payload) = last(&mut ours) else {
        panic!("a request is sent");
    };
    assert!(payload.bytes().ends_with(b"\0\0\0\x08for ours"));
}

#[test]
fn an_answer_after_the_end_is_withdrawn() {
    let mut client = client();
    let need = ask_password(&mut client);
    client.cancel();
    let Action::GiveUp(why) = last(&mut client) else {
        panic!("the run ends");
    };
    assert_eq!(why.ending(), Ending::Cancelled);
    let answer = client.handle_answer(need.password("hunter2"));
    assert_eq!(answer, Err(AnswerError::Withdrawn));
    assert!(client.poll_action().is_none());
}

#[test]
fn a_password_that_is_too_long_brings_the_question_again() {
    let mut limits = Limits::default();
    limits.max_password_bytes = 4;
    let mut client = client_with(Config::new("alice").limits(limits), 1);
    let need = ask_password(&mut client);
    assert_eq!(
        client.handle_answer(need.password("12345")),
        Err(AnswerError::TooLong {
            length: 5,
            limit: 4
        })
    );
    let again = ask!(&mut client, NeedPassword);
    assert_eq!((again.attempt(), again.previous()), (1, None));
    client.handle_answer(again.password("1234")).unwrap();
    assert!(matches!(last(&mut client), Action::SendRequest(_)));
}

#[test]
fn a_wrong_count_of_answers_gives_the_question_back() {
    let mut client = client();
    let mut need = ask_answers(&mut client, 2);
    for given in [0, 1, 3] {
        let wrong = need.answers((0..given).map(|_| "x")).unwrap_err();
        assert_eq!(wrong.to_string(), format!("{given} answers to 2 prompts"));
        need = wrong.into_question();
    }
    let answer = need.answers(["a", "b"]).unwrap();
    client.handle_answer(answer).unwrap();
    assert!(matches!(last(&mut client), Action::SendRequest(_)));
}

#[test]
fn a_bad_signature_gives_the_question_back() {
    let mut client = client();
    let mut need = ask_signature(&mut client);
    let mut past_the_end = signature("ssh-ed25519");
    past_the_end[3] = 200;
    let mut trailing = signature("ssh-ed25519");
    trailing.push(0);
    for blob in [
        vec![],
        vec![0, 0, 0],
        b"\0\0\0\x0bssh-ed25519".to_vec(),
        past_the_end,
        trailing,
        vec![7; 1024],
    ] {
        let bad = need.signed(blob).unwrap_err();
        assert_eq!(*bad.reason(), BadSignatureReason::Malformed.into());
        need = bad.into_question();
    }
    let bad = need.signed(signature("ssh-rsa")).unwrap_err();
    assert!(matches!(
        bad.reason(),
        Rejection::BadSignature(BadSignatureReason::WrongAlgorithm { .. })
    ));
    let bad = bad.into_question().signed(vec![0; 1 << 20]).unwrap_err();
    assert!(matches!(
        bad.reason(),
        Rejection::BadSignature(BadSignatureReason::TooLong { .. })
    ));
    assert!(client.poll_action().is_none(), "nothing was sent");
    let answer = bad.into_question().signed(signature("ssh-ed25519"));
    client.handle_answer(answer.unwrap()).unwrap();
    assert!(matches!(last(&mut client), Action::SendRequest(_)));
}

#[test]
fn a_bad_signature_may_give_up_the_key() {
    let mut client = client();
    let need = ask_signature(&mut client);
    let bad = need.signed(signature("ssh-rsa")).unwrap_err();
    client.handle_answer(bad.decline()).unwrap();
    assert!(matches!(last(&mut client), Action::NeedPublicKey(_)));
    let skip = client.report().skips().last().unwrap();
    assert!(matches!(skip.reason(), Unavailable::BadSignature(_)));
}

/// A wildcard arm that declines whatever it doesn't know gets to an end.
#[test]
fn every_question_can_be_declined_as_an_action() {
    type Ask = fn(&mut UserAuthClient) -> Action;
    let asks: [Ask; 5] = [
        |client| Action::NeedPublicKey(ask_key(client)),
        |client| Action::NeedSignature(ask_signature(client)),
        |client| Action::NeedPassword(ask_password(client)),
        |client| Action::NeedNewPassword(ask_new_password(client)),
        |client| Action::NeedAnswers(ask_answers(client, 1)),
    ];
    for ask in asks {
        let mut client = client();
        let question = ask(&mut client);
        client.handle_answer(question.decline().unwrap()).unwrap();
        loop {
            match last(&mut client) {
                Action::GiveUp(_) => break,
                Action::SendRequest(_) => refuse(&mut client, "publickey"),
                other => client.handle_answer(other.decline().unwrap()).unwrap(),
            }
        }
        assert_eq!(client.turn(), Turn::Nobody);
    }
}

#[test]
fn what_is_no_question_has_nothing_to_decline() {
    let mut client = client();
    assert!(last(&mut client).decline().is_none(), "a request");
    client.cancel();
    assert!(last(&mut client).decline().is_none(), "the end");
}

#[test]
fn a_question_can_be_declined_without_its_token() {
    let mut client = client();
    let lost = ask_password(&mut client);
    assert!(client.decline_pending());
    assert!(!client.decline_pending(), "there is no other question");
    assert!(matches!(last(&mut client), Action::GiveUp(_)));
    let late = client.handle_answer(lost.password("hunter2"));
    assert_eq!(late, Err(AnswerError::Withdrawn));
}

#[test]
fn a_question_that_nobody_has_seen_can_be_declined() {
    let mut client = client();
    drop(last(&mut client));
    refuse(&mut client, "password");
    assert!(client.decline_pending());
    assert!(
        matches!(client.poll_action(), Some(Action::GiveUp(_))),
        "the question is gone"
    );
    assert!(client.poll_action().is_none());
}

#[test]
fn cancelling_takes_back_what_was_not_polled() {
    let mut unsent = client();
    unsent.cancel();
    assert!(matches!(unsent.poll_action(), Some(Action::GiveUp(_))));
    assert!(unsent.poll_action().is_none());

    let mut unasked = client();
    drop(last(&mut unasked));
    refuse(&mut unasked, "password");
    unasked.cancel();
    unasked.cancel();
    assert!(matches!(unasked.poll_action(), Some(Action::GiveUp(_))));
    assert!(unasked.poll_action().is_none());
    assert!(!unasked.decline_pending());
}

/// The report tells of requests that the server can have seen.
#[test]
fn a_request_that_never_left_is_not_reported() {
    let mut client = client();
    client.cancel();
    assert_eq!(client.report().attempts(), []);
}

/// Success before the password was even handed out is no success of that password.
#[test]
fn success_for_a_request_that_never_left_is_not_believed() {
    let mut client = client();
    let need = ask_password(&mut client);
    client.handle_answer(need.password("hunter2")).unwrap();
    let success = client.handle_packet(&encode_exact(&Success).unwrap());
    let mut sent = false;
    while let Some(action) = client.poll_action() {
        match action {
            Action::SendRequest(_) => sent = true,
            Action::StartService(done) => assert!(
                sent || done.is_trivial(),
                "nothing was sent, and {done:?} is not called trivial"
            ),
            _ => {}
        }
    }
    assert!(sent || success.is_err() || client.report().factors().count() == 0);
}

/// The server tires of its demand while the new password waits to be polled.
#[test]
fn a_refusal_that_meets_a_new_password_in_the_outbox() {
    let mut client = client();
    let need = ask_new_password(&mut client);
    client.handle_answer(need.change("old", "new")).unwrap();
    let attempts = client.report().attempts().len();
    refuse(&mut client, "password");
    // It never left: the report has the password and the refusal of the demand alone.
    let report = client.report();
    assert_eq!(report.attempts().len(), attempts - 1);
    let record = report.attempts().last().unwrap();
    assert_eq!(record.method(), ssh_userauth::Method::Password);
    let need = ask!(&mut client, NeedPassword);
    client.handle_answer(need.password("other")).unwrap();
    let Action::SendRequest(payload) = last(&mut client) else {
        panic!("a request is sent");
    };
    assert!(payload.bytes().ends_with(b"\0\0\0\x05other"));
}

#[test]
fn answers_to_all_prompts_or_none() {
    for (known, is_sent) in [(2, true), (1, false)] {
        let mut client = client();
        let need = ask_answers(&mut client, 2);
        let mut asked = 0;
        let answer = need.answer_each_or_decline(|_| {
            asked += 1;
            (asked <= known).then_some("123456")
        });
        client.handle_answer(answer).unwrap();
        let sent = matches!(client.poll_action(), Some(Action::SendRequest(_)));
        assert_eq!(sent, is_sent);
    }
}

/// What nobody has seen is taken out of the outbox; what people shall read stays.
#[test]
fn a_question_that_is_withdrawn_before_it_is_polled() {
    let mut client = client();
    send(&mut client);
    refuse(&mut client, "keyboard-interactive,password");
    send(&mut client);
    info_request(&mut client, 1);
    let banner = Banner {
        message: b"Too late.",
        language: b"",
    };
    hear(&mut client, &banner);
    refuse(&mut client, "password");
    let actions: Vec<Action> = core::iter::from_fn(|| client.poll_action()).collect();
    let [Action::Notify(_), Action::NeedPassword(_)] = actions.as_slice() else {
        panic!("{actions:?}");
    };
}

/// A request that waits to be polled can't be refused, whatever its method.
#[test]
fn a_refusal_of_a_request_that_has_not_left() {
    let mut client = client();
    send(&mut client);
    refuse(&mut client, "keyboard-interactive,password");
    let methods = NameList::try_from("password").unwrap();
    let partial_success = false;
    let early = encode_exact(&Failure {
        methods,
        partial_success,
    });
    let error = client.handle_packet(&early.unwrap()).unwrap_err();
    assert_eq!(*error.kind(), ProtocolErrorKind::Unexpected);
}
