//! Several requests in flight: replies are matched in order, and only the last request can be one
//! that succeeds or opens a dialogue.

use ssh_userauth::{
    Action, Config, Ending, Method, Outcome, Pipelining, ProtocolErrorKind, Receipt, Stage,
    TrivialSuccess,
};
use ssh_userauth_explain::{Diagnosis, Explain as _};
use ssh_userauth_testing::wire::{ClientMessage, RequestMethod};

use crate::talk::{Talk, identity, key_a, key_b, user};
use crate::vectors;

fn opening() -> Config {
    user().pipelining(Pipelining::Opening { queries: 3 })
}

/// The service request and the queries of keys A and B are on their way.
fn two_queries(config: Config) -> Talk {
    let mut talk = Talk::fresh(config);
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_many([key_a(), key_b()]));
    assert_eq!(talk.sent.len(), 3, "{:?}", talk.asked);
    assert_eq!(talk.sent[1], vectors::query_a());
    talk
}

/// As `two_queries`, with the service accepted.
fn accepted(config: Config) -> Talk {
    let mut talk = two_queries(config);
    talk.hear(&vectors::service_accept());
    talk
}

/// The first reply is to the service request, whatever is behind it.
#[test]
fn success_before_service_accept_breaks_protocol() {
    let kind = two_queries(opening()).breaks(&vectors::success());
    assert_eq!(kind, ProtocolErrorKind::UnexpectedSuccess);
    for reply in [vectors::failure(), vectors::pk_ok_a()] {
        let kind = two_queries(opening()).breaks(&reply);
        assert_eq!(kind, ProtocolErrorKind::Unexpected);
    }
}

#[test]
fn pk_ok_for_second_query_before_first_breaks_protocol() {
    let kind = accepted(opening()).breaks(&vectors::pk_ok_b());
    assert_eq!(kind, ProtocolErrorKind::PkOkKeyMismatch);
    let mut talk = accepted(opening());
    talk.hear(&vectors::pk_ok_a());
    let kind = talk.breaks(&vectors::pk_ok_a());
    assert_eq!(
        kind,
        ProtocolErrorKind::PkOkKeyMismatch,
        "the same yes twice"
    );
}

/// Each reply takes one request off; one more is an answer to nothing.
#[test]
fn extra_reply_breaks_protocol() {
    let mut talk = accepted(opening());
    talk.hear(&vectors::pk_ok_a());
    talk.hear(&vectors::pk_ok_b());
    assert!(matches!(talk.asked, Some(Action::NeedSignature(_))));
    for reply in [vectors::pk_ok_b(), vectors::failure(), vectors::success()] {
        let mut talk = accepted(opening());
        talk.hear(&vectors::pk_ok_a());
        talk.hear(&vectors::pk_ok_b());
        drop(talk.breaks(&reply));
    }
}

/// A refusal of the second key while the first one signs is no refusal of the signature.
#[test]
fn refusal_of_another_query_withdraws_nothing() {
    let mut talk = accepted(opening());
    talk.hear(&vectors::pk_ok_a());
    let need = take!(talk, NeedSignature);
    assert_eq!(*need.identity(), key_a());
    talk.refuse("publickey");
    let blob = crate::talk::signature("ssh-ed25519");
    talk.answer(need.signed(blob).unwrap());
    talk.succeed();
    let outcomes: Vec<Outcome> = talk
        .client
        .report()
        .attempts()
        .iter()
        .map(|attempt| attempt.outcome())
        .collect();
    let expected = [Outcome::KeyAccepted, Outcome::Refused, Outcome::Success];
    assert_eq!(outcomes, expected);
}

/// But one that takes the method off the list withdraws the question.
#[test]
fn signature_question_is_withdrawn_when_list_drops_publickey() {
    let mut talk = accepted(opening());
    talk.hear(&vectors::pk_ok_a());
    let held = take!(talk, NeedSignature);
    talk.refuse("password");
    let blob = crate::talk::signature("ssh-ed25519");
    let late = talk.client.handle_answer(held.signed(blob).unwrap());
    assert_eq!(late, Err(ssh_userauth::AnswerError::Withdrawn));
    drop(take!(talk, NeedPassword));
}

/// If the caller hasn't polled that question yet, it never comes out. The key is asked about again
/// once the server lists the method again.
#[test]
fn key_is_queried_again_after_unpolled_signature_question_is_withdrawn() {
    let mut talk = accepted(opening());
    let accepted = talk.client.handle_packet(&vectors::pk_ok_a());
    assert_eq!(accepted, Ok(Receipt::Taken));
    talk.refuse("password");
    let need = take!(talk, NeedPassword);
    talk.answer(need.password("wrong"));
    let sent = talk.sent.len();
    talk.refuse("publickey");
    assert_eq!(talk.sent[sent], vectors::query_a());
}

/// A signature is asked for once, and the other key's only after its verdict.
#[test]
fn two_accepted_keys_sign_one_after_the_other() {
    let mut talk = accepted(opening());
    talk.hear(&vectors::pk_ok_a());
    talk.hear(&vectors::pk_ok_b());
    let sent = talk.sent.len();
    talk.sign();
    assert_eq!(talk.sent.len(), sent + 1);
    assert!(talk.asked.is_none(), "{:?}", talk.asked);
    talk.refuse("publickey");
    let need = take!(talk, NeedSignature);
    assert_eq!(*need.identity(), key_b());
}

#[test]
fn success_of_opening_query_is_trivial_while_nothing_was_refused() {
    let mut talk = accepted(opening());
    talk.succeed();
    assert!(talk.authenticated().is_trivial());
    // Both keys were asked about: one more reply is owed.
    assert_eq!(
        talk.client.handle_packet(&vectors::failure()),
        Ok(Receipt::Taken)
    );
    talk.not_ours(&vectors::failure());
    let mut talk = accepted(opening().trivial_success(TrivialSuccess::Reject));
    talk.succeed();
    assert_eq!(talk.ending(), Ending::TrivialSuccess);
    let mut talk = accepted(opening());
    talk.refuse("publickey");
    let kind = talk.breaks(&vectors::success());
    assert_eq!(kind, ProtocolErrorKind::UnexpectedSuccess);
}

/// Whatever the server answers, at most one request on its way is more than a query, and it is
/// the last one.
#[test]
fn only_last_request_in_flight_can_succeed() {
    let keys = || (0..12).map(|byte| identity("ssh-ed25519", byte));
    for order in [
        vec![Method::PublicKey, Method::Password],
        vec![Method::PublicKey, Method::KeyboardInteractive],
        vec![Method::KeyboardInteractive, Method::PublicKey],
        vec![Method::None, Method::PublicKey],
    ] {
        let mut talk = Talk::fresh(opening().methods(order));
        let mut answered = 0;
        let mut steps = 0;
        while talk.end.is_none() && steps < 100 {
            steps += 1;
            match talk.asked.take() {
                Some(Action::NeedPublicKey(need)) if need.offered() == 0 => {
                    talk.answer(need.offer_many(keys()));
                }
                Some(Action::NeedPublicKey(need)) => talk.answer(need.none_left()),
                Some(other) => {
                    let answer = crate::traces::reply(other).unwrap();
                    talk.answer(answer);
                }
                None if answered == 0 => {
                    talk.hear(&vectors::service_accept());
                    answered = 1;
                }
                None => {
                    talk.refuse("publickey,password,keyboard-interactive");
                    answered += 1;
                }
            }
            in_order(&talk.sent[answered.min(talk.sent.len())..]);
        }
        assert!(talk.end.is_some());
    }
}

/// All but the last are key queries.
fn in_order(on_their_way: &[Vec<u8>]) {
    let before_last = on_their_way.len().saturating_sub(1);
    for payload in &on_their_way[..before_last] {
        let is_query = match ClientMessage::decode(payload).unwrap() {
            ClientMessage::ServiceRequest(_) => true,
            ClientMessage::Request(request) => matches!(
                request.method,
                RequestMethod::PublicKey {
                    signature: None,
                    ..
                }
            ),
            _ => false,
        };
        assert!(is_query, "{payload:?}");
    }
}

/// More queries than the reserve allows are not sent at once.
#[test]
fn queries_in_flight_leave_reserve() {
    let config = user().pipelining(Pipelining::Opening { queries: 100 });
    let mut talk = Talk::fresh(config);
    let need = take!(talk, NeedPublicKey);
    let keys = (0..100).map(|byte| identity("ssh-ed25519", byte));
    talk.answer(need.offer_many(keys));
    let queries = talk.sent.len() - 1;
    // Six refusals are borne, one each is kept for password and keyboard-interactive.
    assert!((1..=4).contains(&queries), "{queries}");
}

/// The diagnosis names what was unanswered, and the report has a configuration for one more try
/// without pipelining.
#[test]
fn a_cut_flight_brings_the_configuration_for_one_more_try() {
    let mut talk = accepted(opening());
    talk.client.connection_lost();
    let Some(Diagnosis::SentAhead {
        refusals: 0,
        unanswered,
        disconnect: None,
        ..
    }) = talk.client.report().diagnosis()
    else {
        panic!("{}", talk.client.report().table());
    };
    assert_eq!(unanswered, [(Method::PublicKey, Stage::Query); 2]);
    let config = talk.client.report().retry_config().unwrap().clone();
    let mut again = Talk::fresh(config);
    assert_eq!(again.sent.len(), 1, "the service request alone");
    assert!(again.asked.is_none());
    again.client.connection_lost();
    assert!(
        again.client.report().retry_config().is_none(),
        "not in a loop"
    );
}

/// A lone request that is unanswered says nothing about pipelining; neither do two of which one
/// never left, nor an end that was not the server's.
#[test]
fn a_cut_connection_alone_brings_none() {
    let mut talk = Talk::listed(user(), "publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer(key_a()));
    talk.client.connection_lost();
    assert!(talk.client.report().retry_config().is_none());
    let mut talk = accepted(opening());
    talk.client.cancel();
    assert!(talk.client.report().retry_config().is_none());
}
