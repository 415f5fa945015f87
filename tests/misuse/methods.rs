//! The questions of hostbased, of GSS-API, of the choice of a method, and of methods of the
//! caller's own.

use core::error::Error;

use ssh_userauth::{
    Action, Answer, AnswerError, BadSignatureReason, ClientHost, Config, GssapiIntegrity, Method,
    MethodChoice, NeedGssapiMic, NeedGssapiToken, NeedHostSignature, NeedMethod, NeedMethodMessage,
    NeedMethodRequest, Outcome, Rejected, Turn, Unavailable, UserAuthClient,
};
use ssh_userauth_testing::wire::{GssapiResponse, MethodMessage, ObjectIdentifier};

use crate::driver::{ask, hear, last, refuse, send};
use crate::{ask_answers, client, client_with, key, signature};

const OWN: &str = "challenge@example.org";

/// A machine for one method first, and a password behind it.
pub(crate) fn client_for(method: Method) -> UserAuthClient {
    let host = ClientHost::new("build1.example.org", "bob").key(key(7));
    let config = Config::new("alice")
        .methods([method, Method::Password])
        .client_host(host)
        .gssapi_mechanisms([ObjectIdentifier::KERBEROS_V5]);
    let mut client = client_with(config, 1);
    send(&mut client);
    refuse(
        &mut client,
        "hostbased,gssapi-with-mic,challenge@example.org,password",
    );
    client
}

fn ask_host_signature() -> (UserAuthClient, NeedHostSignature) {
    let mut client = client_for(Method::HostBased);
    let need = ask!(&mut client, NeedHostSignature);
    (client, need)
}

fn ask_token() -> (UserAuthClient, NeedGssapiToken) {
    let mut client = client_for(Method::GssapiWithMic);
    send(&mut client);
    let mechanism = ObjectIdentifier::KERBEROS_V5.as_der();
    hear(&mut client, &GssapiResponse { mechanism });
    let need = ask!(&mut client, NeedGssapiToken);
    (client, need)
}

fn ask_mic() -> (UserAuthClient, NeedGssapiMic) {
    let (mut client, need) = ask_token();
    let answer = need.established(None, GssapiIntegrity::Available);
    client.handle_answer(answer).unwrap();
    let need = ask!(&mut client, NeedGssapiMic);
    (client, need)
}

fn ask_method() -> (UserAuthClient, NeedMethod) {
    let config = Config::new("alice")
        .methods([Method::Password, Method::Other(OWN)])
        .method_choice(MethodChoice::Ask);
    let mut client = client_with(config, 1);
    send(&mut client);
    refuse(&mut client, "password,challenge@example.org");
    let need = ask!(&mut client, NeedMethod);
    (client, need)
}

fn ask_request() -> (UserAuthClient, NeedMethodRequest) {
    let mut client = client_for(Method::Other(OWN));
    let need = ask!(&mut client, NeedMethodRequest);
    (client, need)
}

fn ask_message() -> (UserAuthClient, NeedMethodMessage) {
    let (mut client, need) = ask_request();
    client.handle_answer(need.request("hello")).unwrap();
    send(&mut client);
    hear(&mut client, &MethodMessage::new(60, b"who?").unwrap());
    let need = ask!(&mut client, NeedMethodMessage);
    (client, need)
}

#[test]
fn everything_may_go_to_another_thread() {
    fn check<T: Send + 'static>() {}
    check::<NeedHostSignature>();
    check::<NeedGssapiToken>();
    check::<NeedGssapiMic>();
    check::<NeedMethod>();
    check::<NeedMethodRequest>();
    check::<NeedMethodMessage>();
    check::<Rejected<NeedHostSignature>>();
    check::<ClientHost>();
    check::<Config>();
}

#[test]
fn a_bad_host_signature_gives_the_question_back() {
    let (mut client, mut need) = ask_host_signature();
    for blob in [vec![], b"\0\0\0\x0bssh-ed25519".to_vec(), vec![7; 1024]] {
        let bad = need.signed(blob).unwrap_err();
        assert_eq!(*bad.reason(), BadSignatureReason::Malformed.into());
        need = bad.into_question();
    }
    let bad = need.signed(signature("ssh-rsa")).unwrap_err();
    assert!(client.poll_action().is_none(), "nothing was sent");
    let answer = bad.into_question().signed(signature("ssh-ed25519"));
    client.handle_answer(answer.unwrap()).unwrap();
    send(&mut client);
}

#[test]
fn a_bad_host_signature_may_give_up_the_key() {
    let (mut client, need) = ask_host_signature();
    let bad = need.signed(signature("ssh-rsa")).unwrap_err();
    client.handle_answer(bad.decline()).unwrap();
    assert!(matches!(last(&mut client), Action::NeedPassword(_)));
    let skip = client.report().skips().last().unwrap();
    assert!(matches!(skip.reason(), Unavailable::BadSignature(_)));
}

#[test]
fn a_choice_that_is_none_gives_the_question_back() {
    let (mut client, mut need) = ask_method();
    assert_eq!(need.choices(), [Method::Password, Method::Other(OWN)]);
    for other in [Method::None, Method::PublicKey, Method::Other("challenge")] {
        let wrong = need.choose(other).unwrap_err();
        let words = format!("the method {other} is not one of the choices");
        assert_eq!(wrong.to_string(), words);
        need = wrong.into_question();
    }
    // The name counts, not where it is stored.
    let name: &'static str = Box::leak(OWN.to_owned().into_boxed_str());
    let answer = need.choose(Method::Other(name)).unwrap();
    client.handle_answer(answer).unwrap();
    assert_eq!(ask!(&mut client, NeedMethodRequest).method(), OWN);
}

/// Whatever is refused while the question is still there is an error that every kind of error takes,
/// and that can be declined without a look at the question.
#[test]
fn every_answer_that_is_refused_at_once_is_an_error_that_can_be_declined() {
    fn check<E>(mut client: UserAuthClient, error: E, decline: fn(E) -> Answer)
    where
        E: Error + Send + Sync + 'static,
    {
        client.handle_answer(decline(error)).unwrap();
        let next = last(&mut client);
        assert!(
            matches!(next, Action::NeedPassword(_) | Action::GiveUp(_)),
            "{next:?}"
        );
    }
    let (host, need) = ask_host_signature();
    check(host, need.signed([]).unwrap_err(), Rejected::decline);
    let (choice, need) = ask_method();
    let wrong = need.choose(Method::None).unwrap_err();
    check(choice, wrong, Rejected::decline);
    let (dialogue, need) = ask_message();
    let wrong = need.message(80, "me").unwrap_err();
    check(dialogue, wrong, Rejected::decline);
    let mut prompted = client();
    let need = ask_answers(&mut prompted, 1);
    let wrong = need.answers(["a", "b"]).unwrap_err();
    check(prompted, wrong, Rejected::decline);
}

#[test]
fn a_number_of_no_method_gives_the_question_back() {
    let (mut client, mut need) = ask_message();
    for number in (0..60).chain(80..=255) {
        let wrong = need.message(number, "me").unwrap_err();
        assert_eq!(
            wrong.to_string(),
            format!("message {number} is not one of 60 to 79")
        );
        need = wrong.into_question();
    }
    assert_eq!(
        (need.round(), need.number(), need.body()),
        (1, 60, &b"who?"[..])
    );
    client
        .handle_answer(need.message(79, "me").unwrap())
        .unwrap();
    let Action::SendRequest(payload) = last(&mut client) else {
        panic!("a message is sent");
    };
    assert_eq!(payload.bytes(), b"\x4fme");
    assert!(payload.pad_hint().is_some(), "its length is hidden");
}

#[test]
fn a_request_of_ones_own_is_sent_as_it_is() {
    let (mut client, need) = ask_request();
    assert_eq!((need.attempt(), need.previous()), (1, None));
    client.handle_answer(need.request("hello")).unwrap();
    let Action::SendRequest(payload) = last(&mut client) else {
        panic!("a request is sent");
    };
    assert!(
        payload
            .bytes()
            .ends_with(b"\0\0\0\x15challenge@example.orghello")
    );
    assert!(payload.pad_hint().is_some(), "its length is hidden");
}

/// The next method is asked for, and the refusal that may still come is taken.
fn is_abandoned(mut client: UserAuthClient) {
    assert!(matches!(last(&mut client), Action::NeedPassword(_)));
    assert_eq!(
        client.report().attempts().last().unwrap().outcome(),
        Outcome::Abandoned
    );
    refuse(&mut client, "password");
    assert_eq!(client.turn(), Turn::Caller);
}

/// A message that no packet holds ends the method. The server doesn't know, and may refuse.
#[test]
fn a_message_too_long_for_a_packet_abandons_the_dialogue() {
    let (mut client, need) = ask_message();
    let answer = need.message(61, vec![b'x'; 300_000]).unwrap();
    client.handle_answer(answer).unwrap();
    is_abandoned(client);
}

#[test]
fn a_token_too_long_for_a_packet_abandons_the_exchange() {
    let (mut client, need) = ask_token();
    client.handle_answer(need.token(vec![0; 300_000])).unwrap();
    is_abandoned(client);
}

/// A wildcard arm that declines whatever it doesn't know gets to an end.
#[test]
fn every_question_can_be_declined_as_an_action() {
    fn action<N>(
        (client, need): (UserAuthClient, N),
        of: fn(N) -> Action,
    ) -> (UserAuthClient, Action) {
        (client, of(need))
    }
    for (mut client, question) in [
        action(ask_host_signature(), Action::NeedHostSignature),
        action(ask_token(), Action::NeedGssapiToken),
        action(ask_mic(), Action::NeedGssapiMic),
        action(ask_method(), Action::NeedMethod),
        action(ask_request(), Action::NeedMethodRequest),
        action(ask_message(), Action::NeedMethodMessage),
    ] {
        client.handle_answer(question.decline().unwrap()).unwrap();
        loop {
            match last(&mut client) {
                Action::GiveUp(_) => break,
                Action::SendRequest(_) => refuse(&mut client, "password"),
                other => client.handle_answer(other.decline().unwrap()).unwrap(),
            }
        }
        assert_eq!(client.turn(), Turn::Nobody);
    }
}

/// After the end, no answer changes anything.
#[test]
fn every_answer_after_the_end_is_withdrawn() {
    fn check((mut client, answer): (UserAuthClient, Answer)) {
        client.cancel();
        assert!(matches!(last(&mut client), Action::GiveUp(_)));
        assert_eq!(client.handle_answer(answer), Err(AnswerError::Withdrawn));
        assert!(client.poll_action().is_none());
    }
    let (client, need) = ask_host_signature();
    check((client, need.signed(signature("ssh-ed25519")).unwrap()));
    let (client, need) = ask_token();
    check((client, need.token([1])));
    let (client, need) = ask_mic();
    check((client, need.mic([1])));
    let (client, need) = ask_method();
    check((client, need.choose(Method::Password).unwrap()));
    let (client, need) = ask_request();
    check((client, need.request("late")));
    let (client, need) = ask_message();
    check((client, need.message(61, "late").unwrap()));
    let (client, need) = ask_message();
    check((client, need.silence()));
}

/// PAM tires of waiting while the answer is still in the outbox: the answer stays there no longer,
/// and never leaves.
#[test]
fn a_refusal_overtakes_an_answer_that_has_not_left() {
    let mut client = client();
    let need = ask_answers(&mut client, 1);
    let answer = need.answer_each(|_| "123456");
    client.handle_answer(answer).unwrap();
    refuse(&mut client, "password");
    let mut sent = 0;
    let mut asked = false;
    while let Some(action) = client.poll_action() {
        sent += usize::from(matches!(action, Action::SendRequest(_)));
        asked |= matches!(action, Action::NeedPassword(_));
    }
    assert_eq!((sent, asked), (0, true));
    assert_eq!(
        client.report().attempts().len(),
        2,
        "none, and the exchange"
    );
}
