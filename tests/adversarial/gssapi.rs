//! GSS-API: the mechanism, the errors, the tokens.

use ssh_userauth::{
    Ending, GssapiIntegrity, Method, NeedGssapiToken, Notice, Outcome, ProtocolErrorKind,
    Unavailable,
};

use crate::talk::{Talk, string, user};
use crate::vectors;

const KERBEROS: [u8; 11] = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];

fn started() -> Talk {
    let config = user()
        .methods([Method::GssapiWithMic, Method::Password])
        .gssapi_mechanisms([KERBEROS]);
    Talk::listed(config, "gssapi-with-mic,password")
}

/// The mechanism was chosen, and the first token is on its way.
fn talking() -> Talk {
    let mut talk = started();
    talk.hear(&vectors::gssapi_response());
    token(&mut talk);
    talk
}

fn ask(talk: &mut Talk) -> NeedGssapiToken {
    take!(talk, NeedGssapiToken)
}

fn token(talk: &mut Talk) {
    let need = ask(talk);
    talk.answer(need.token(*b"token"));
    assert_eq!(talk.last_sent(), b"\x3d\0\0\0\x05token");
}

fn message(number: u8, body: &[u8]) -> Vec<u8> {
    let mut payload = vec![number];
    payload.extend(body);
    payload
}

/// GSSAPI_TOKEN, GSSAPI_ERRTOK.
fn server_token() -> Vec<u8> {
    message(61, &string(b"theirs"))
}

fn errtok() -> Vec<u8> {
    message(65, &string(b"broken"))
}

fn error(text: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 0, 1, 0, 0, 0, 2];
    body.extend(string(text));
    body.extend(string(b"en"));
    message(64, &body)
}

#[test]
fn mechanism_that_was_not_offered_breaks_protocol() {
    let mut talk = started();
    talk.hear(&vectors::gssapi_response());
    let need = ask(&mut talk);
    assert_eq!((need.mechanism(), need.step()), (&KERBEROS[..], 1));
    assert!(need.input().is_none());
    let other = message(60, &string(&[6, 6, 0x2b, 6, 1, 5, 5, 2]));
    let kind = started().breaks(&other);
    assert_eq!(kind, ProtocolErrorKind::GssapiMechanismMismatch);
}

#[test]
fn badly_encoded_mechanism_ends_method() {
    let mut tag = KERBEROS;
    tag[0] = 5;
    let mut length = KERBEROS;
    length[1] = 8;
    for der in [
        &tag[..],
        &length,
        &KERBEROS[..10],
        &KERBEROS[2..],
        b"",
        &[6, 0],
    ] {
        let mut talk = started();
        talk.hear(&message(60, &string(der)));
        let need = take!(talk, NeedPassword);
        talk.answer(need.decline());
        assert_eq!(talk.ending(), Ending::NoMethodLeft, "{der:?}");
        let why = talk.skipped(Method::GssapiWithMic);
        assert_eq!(why, Some(&Unavailable::CannotContinue), "{der:?}");
        assert_eq!(talk.sent.len(), 2);
    }
}

#[test]
fn tokens_are_bounded() {
    let mut talk = talking();
    for step in 2..=33 {
        talk.hear(&server_token());
        let need = ask(&mut talk);
        assert_eq!(need.step(), step);
        talk.answer(need.token(*b"token"));
    }
    let kind = talk.breaks(&server_token());
    assert_eq!(kind, ProtocolErrorKind::TooManyGssapiTokens { limit: 32 });
}

/// An error needs no answer of ours, so nothing else would ever bound them.
#[test]
fn errors_are_bounded() {
    for packet in [error(b"no"), errtok()] {
        let mut talk = talking();
        let mut taken = 0;
        while talk.client.handle_packet(&packet).is_ok() {
            taken += 1;
            assert!(taken < 10_000, "there is no end to {packet:?}");
        }
    }
}

/// Only the MIC, or the end of the exchange, can earn it.
#[test]
fn success_in_unfinished_gssapi_breaks_protocol() {
    let failing = || {
        let mut talk = talking();
        talk.hear(&errtok());
        talk
    };
    let asking = || {
        let mut talk = started();
        talk.hear(&vectors::gssapi_response());
        talk
    };
    for mut talk in [started(), asking(), talking(), failing()] {
        let kind = talk.breaks(&vectors::success());
        assert_eq!(kind, ProtocolErrorKind::UnexpectedSuccess);
    }
}

#[test]
fn only_mic_makes_gssapi_substantive() {
    let mut talk = talking();
    talk.hear(&server_token());
    let need = ask(&mut talk);
    talk.answer(need.established(Some(b"last".to_vec()), GssapiIntegrity::Available));
    let need = take!(talk, NeedGssapiMic);
    assert_eq!(need.data(), vectors::gssapi_mic_data());
    let before = talk.sent.len();
    talk.answer(need.mic(*b"mic"));
    assert_eq!(
        talk.sent[before..],
        [&b"\x3d\0\0\0\x04last"[..], b"\x42\0\0\0\x03mic"]
    );
    talk.succeed();
    assert!(!talk.authenticated().is_trivial());

    let mut talk = talking();
    talk.hear(&server_token());
    let need = ask(&mut talk);
    talk.answer(need.established(None, GssapiIntegrity::Unavailable));
    assert_eq!(talk.last_sent(), [63]);
    talk.succeed();
    assert!(talk.authenticated().is_trivial());
}

/// An error token of ours is never answered by some servers. The next request
/// leaves the exchange, and exactly one answer is expected then.
#[test]
fn next_request_abandons_exchange() {
    let mut talk = talking();
    talk.hear(&server_token());
    let need = ask(&mut talk);
    let before = talk.sent.len();
    talk.answer(need.decline());
    talk.password("secret");
    assert_eq!(talk.sent.len(), before + 1);
    assert_eq!(talk.last_sent(), vectors::password_request());
    talk.succeed();
    let attempts = talk.client.report().attempts();
    assert_eq!(attempts[1].outcome(), Outcome::Abandoned);
}

#[test]
fn refusal_while_token_is_made_breaks_protocol() {
    let mut talk = started();
    talk.hear(&vectors::gssapi_response());
    assert_eq!(
        talk.breaks(&vectors::failure()),
        ProtocolErrorKind::Unexpected
    );
}

/// GSSAPI_ERROR is told, filtered; after it the server can only refuse.
#[test]
fn error_is_followed_by_refusal() {
    let mut talk = talking();
    talk.hear(&error(b"clock skew\x1b]0;pwned\x07"));
    let [
        Notice::GssapiError {
            major: 1,
            minor: 2,
            message,
            ..
        },
    ] = &talk.told[..]
    else {
        panic!("{:?}", talk.told);
    };
    crate::text::assert_clean(&message.display().to_string());
    talk.refuse("password");
    drop(take!(talk, NeedPassword));
    let mut talk = talking();
    talk.hear(&error(b""));
    assert_eq!(talk.breaks(&server_token()), ProtocolErrorKind::Unexpected);
}

/// 60 and 61 mean what the outstanding request says.
#[test]
fn gssapi_packets_answer_gssapi_only() {
    for packet in [
        server_token(),
        errtok(),
        error(b""),
        message(63, b""),
        message(66, b""),
    ] {
        let mut none = Talk::accepted(user());
        assert_eq!(none.breaks(&packet), ProtocolErrorKind::Unexpected);
        let mut kbdint = Talk::listed(user(), "keyboard-interactive");
        assert_eq!(kbdint.breaks(&packet), ProtocolErrorKind::Unexpected);
        let mut password = Talk::listed(user(), "password");
        password.password("secret");
        assert_eq!(password.breaks(&packet), ProtocolErrorKind::Unexpected);
    }
    let mut choosing = started();
    let kind = choosing.breaks(&server_token());
    assert_eq!(kind, ProtocolErrorKind::Unexpected);
}
