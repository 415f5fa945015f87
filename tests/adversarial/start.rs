//! Before and around the service request.

use ssh_userauth::{
    Action, Config, ConfigError, DecodeReason, Ending, Limits, Method, Notice, ProtocolErrorKind,
    Receipt, ServerText, Session, Unavailable, UserAuthClient, UserName,
};

use crate::talk::{Talk, banner, rsa, session, user};
use crate::vectors;

/// Before the service request was polled, any packet that is not for another layer breaks the
/// protocol; nothing starts by it.
#[test]
fn nothing_is_accepted_before_service_request_is_sent() {
    for number in 0..=255u8 {
        let mut client = UserAuthClient::new(user(), session()).unwrap();
        match client.handle_packet(&[number]) {
            Ok(receipt) => {
                assert_eq!(receipt, Receipt::NotOurs, "{number}");
                let first = client.poll_action();
                let Some(Action::SendRequest(payload)) = first else {
                    panic!("{number}: the service request was expected, not {first:?}");
                };
                assert_eq!(payload.message_number(), 5);
            }
            Err(error) => assert_eq!(error.message_number(), number),
        }
        assert!(client.poll_action().is_none(), "{number}");
        assert!(!client.report().is_authenticated());
    }
    for early in [
        vectors::service_accept(),
        vectors::success(),
        vectors::failure(),
    ] {
        let mut client = UserAuthClient::new(user(), session()).unwrap();
        assert!(client.handle_packet(&early).is_err());
        assert!(client.poll_action().is_none());
    }
}

#[test]
fn accept_of_another_service_breaks_protocol() {
    let kind = Talk::fresh(user()).breaks(&vectors::service_accept_of_another());
    let name = ServerText::new(b"ssh-connection");
    assert_eq!(kind, ProtocolErrorKind::WrongService(name));
}

#[test]
fn service_accept_without_name_is_accepted() {
    let mut talk = Talk::fresh(user());
    talk.hear(&vectors::service_accept_bare());
    assert_eq!(talk.request().method.name(), b"none");
}

#[test]
fn second_service_accept_breaks_protocol() {
    let mut talk = Talk::fresh(user());
    talk.hear(&vectors::service_accept());
    assert_eq!(
        talk.breaks(&vectors::service_accept()),
        ProtocolErrorKind::Unexpected
    );
}

/// Also when a request follows the service request in one flight: replies come in order.
#[test]
fn success_of_service_request_breaks_protocol() {
    let kind = Talk::fresh(user()).breaks(&vectors::success());
    assert_eq!(kind, ProtocolErrorKind::UnexpectedSuccess);
}

#[test]
fn method_replies_to_service_request_break_protocol() {
    for reply in [
        vectors::failure(),
        vectors::partial_success(),
        vectors::pk_ok_a(),
        vectors::info_request_empty(),
        vectors::info_request_hidden(),
        vectors::gssapi_response(),
        vectors::change_request(),
        vec![61],
        vec![79],
    ] {
        let kind = Talk::fresh(user()).breaks(&reply);
        assert_eq!(kind, ProtocolErrorKind::Unexpected, "{reply:?}");
    }
}

#[test]
fn ext_info_before_service_accept_counts() {
    let mut talk = Talk::fresh(user());
    talk.hear(&vectors::sig_algs());
    talk.hear(&vectors::service_accept());
    let list = talk.client.report().signature_algorithms().unwrap();
    assert_eq!(list.to_string(), "rsa-sha2-512,rsa-sha2-256,ssh-ed25519");
    talk.refuse("publickey");
    talk.offer(&rsa());
    let offer = talk.last_sent().windows(12);
    assert!(offer.into_iter().any(|name| name == b"rsa-sha2-512"));
}

#[test]
fn banner_may_come_before_service_accept() {
    let mut talk = Talk::fresh(user());
    talk.hear(&banner(b"hello"));
    assert!(matches!(talk.told[..], [Notice::Banner { .. }]));
    talk.hear(&vectors::service_accept());
    assert_eq!(talk.request().method.name(), b"none");
}

/// DISCONNECT is a message of the transport, which tells of it.
#[test]
fn disconnect_ends_run_and_shows_no_control_character() {
    let mut talk = Talk::fresh(user());
    talk.command(|client| client.disconnected(11, b"bye\x1b[2J\x1b]0;pwned\x07"));
    assert_eq!(talk.ending(), Ending::ServerDisconnected);
    assert!(!talk.gave_up().to_string().contains('\x1b'));
    let said = talk.client.report().server_disconnect().unwrap();
    assert_eq!(said.code(), 11);
    assert_eq!(said.description().raw(), b"bye\x1b[2J\x1b]0;pwned\x07");
    let shown = said.description().line().to_string();
    assert!(
        !shown.contains('\x1b') && !shown.contains('\x07'),
        "{shown}"
    );
    talk.not_ours(&vectors::service_accept());
    assert_eq!(talk.sent.len(), 1);
}

#[test]
fn unusable_configuration_is_refused_at_once() {
    let refused = |config: Config, session: Session| UserAuthClient::new(config, session).err();
    let control = Some(ConfigError::ControlCharacterInUserName);
    let empty = Some(ConfigError::EmptySessionId);
    assert_eq!(refused(user(), Session::encrypted([])), empty);
    let long = Some(ConfigError::SessionIdTooLong {
        length: 65,
        limit: 64,
    });
    assert_eq!(refused(user(), Session::encrypted([1; 65])), long);
    assert_eq!(refused(user(), Session::encrypted([1; 64])), None);
    for name in ["a\0b", "a\nb", "\x1b[2J", "a\x7f"] {
        assert_eq!(refused(Config::new(name), session()), control, "{name:?}");
    }
    let raw = |name: &[u8]| Config::new(UserName::raw(name));
    assert_eq!(refused(raw(b"a\0b"), session()), control);
    assert_eq!(refused(raw(b"a\nb\xff"), session()), None);
    assert_eq!(refused(Config::new(""), session()), None);
    let length = Limits::default().max_user_bytes + 1;
    let limit = Limits::default().max_user_bytes;
    let too_long = Some(ConfigError::UserNameTooLong { length, limit });
    assert_eq!(
        refused(Config::new("x".repeat(length)), session()),
        too_long
    );
}

/// Without confidentiality, methods that send secrets are not tried.
#[test]
fn methods_with_secrets_need_confidentiality() {
    let own = Method::Other("own@example.org");
    let order = [
        Method::Password,
        own,
        Method::KeyboardInteractive,
        Method::PublicKey,
    ];
    let mut talk = Talk::with(user().methods(order), Session::unencrypted([7; 32]));
    talk.hear(&vectors::service_accept());
    talk.refuse("password,keyboard-interactive,own@example.org,publickey");
    talk.no_key();
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    for method in [Method::Password, own, Method::KeyboardInteractive] {
        assert_eq!(talk.skipped(method), Some(&Unavailable::NotConfidential));
    }
    assert_eq!(talk.sent.len(), 2);
}

/// An EXT_INFO that the transport took is checked as one that comes later.
#[test]
fn malformed_ext_info_of_session_is_refused() {
    for (broken, reason) in [
        (vectors::ext_info_max_count(), DecodeReason::TooManyEntries),
        (vectors::ext_info_entry_missing(), DecodeReason::Truncated),
        (vectors::sig_algs_nul(), DecodeReason::NulInNameList),
        (vec![], DecodeReason::Empty),
    ] {
        let session = session().ext_info(broken);
        let error = UserAuthClient::new(user(), session).unwrap_err();
        let ConfigError::BadExtInfo(why) = error else {
            panic!("{error:?}");
        };
        assert_eq!(why.reason(), reason);
    }
}
