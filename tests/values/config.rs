//! What a configuration may say.

use ssh_userauth::{
    Action, ClientHost, Config, ConfigError, Method, Session, UserAuthClient, UserName,
};
use ssh_userauth_testing::wire::ObjectIdentifier;

use crate::refusal;

const KERBEROS: &[u8] = ObjectIdentifier::KERBEROS_V5.as_der();
/// 1.3.6.1.5.5.2, in DER.
const SPNEGO: &[u8] = &[6, 6, 0x2b, 6, 1, 5, 5, 2];

/// RFC 4251 section 6.
#[test]
fn names_have_1_to_64_characters_of_printable_ascii_without_comma() {
    let service = |name: &str| refusal(Config::new("alice").service(name));
    let own = |name: &'static str| refusal(Config::new("alice").methods([Method::Other(name)]));
    const LONGEST: &str = "0123456789012345678901234567890123456789012345678901234567890@ab";
    assert_eq!(LONGEST.len(), 64);
    const LONGER: &str = "0123456789012345678901234567890123456789012345678901234567890@abc";
    for name in ["a", "!~", LONGEST] {
        assert_eq!(service(name), None, "{name}");
        assert_eq!(own(name), None, "{name}");
    }
    for name in [
        "", "a,b", ",", "a b", " ", "a\u{7f}", "\0", "\u{e9}", LONGER,
    ] {
        assert_eq!(service(name), Some(ConfigError::BadServiceName), "{name}");
        let refused = Some(ConfigError::BadMethodName(Method::Other(name)));
        assert_eq!(own(name), refused, "{name}");
    }
}

#[test]
fn submethods_are_names_and_each_stands_once() {
    let submethods = |list: &str| refusal(Config::new("alice").submethods(list));
    for list in ["", "pam", "pam,bsdauth", "a,b,c"] {
        assert_eq!(submethods(list), None, "{list}");
    }
    for list in [
        ",",
        "pam,",
        ",pam",
        "pam,,skey",
        "pam,pam",
        "a,b,a",
        "p m",
        "a,b c",
    ] {
        assert_eq!(submethods(list), Some(ConfigError::BadSubmethods), "{list}");
    }
}

#[test]
fn at_most_eight_mechanisms_and_none_negotiates() {
    let mechanisms = |list: &[&[u8]]| {
        let list = list.iter().map(|der| der.to_vec());
        refusal(Config::new("alice").gssapi_mechanisms(list))
    };
    let refused = Some(ConfigError::BadGssapiMechanisms);
    assert_eq!(mechanisms(&[]), None);
    assert_eq!(mechanisms(&[KERBEROS]), None);
    assert_eq!(mechanisms(&[KERBEROS; 7]), None);
    assert_eq!(mechanisms(&[KERBEROS; 8]), None);
    assert_eq!(mechanisms(&[KERBEROS; 9]), refused);
    assert_eq!(
        mechanisms(&[KERBEROS, SPNEGO]),
        refused,
        "RFC 4462 section 3.2"
    );
    assert_eq!(mechanisms(&[b"1.2.840.113554.1.2.2"]), refused, "not DER");
}

#[test]
fn a_host_has_a_domain_name() {
    let host =
        |name: &str| refusal(Config::new("alice").client_host(ClientHost::new(name, "alice")));
    for name in ["build1.example.org", "b", &"a".repeat(255)] {
        assert_eq!(host(name), None, "{name}");
    }
    for name in [
        "",
        "build 1",
        "b\u{fc}ild.example.org",
        "a\n",
        &"a".repeat(256),
    ] {
        assert_eq!(host(name), Some(ConfigError::BadClientHost), "{name}");
    }
}

#[test]
fn user_names_up_to_the_limit() {
    let limit = 1024;
    assert_eq!(refusal(Config::new("a".repeat(limit).as_str())), None);
    let length = limit + 1;
    let error = refusal(Config::new("a".repeat(length).as_str()));
    assert_eq!(error, Some(ConfigError::UserNameTooLong { length, limit }));
}

#[test]
fn a_method_of_ones_own_has_no_name_of_another() {
    for name in [
        "none",
        "password",
        "publickey",
        "keyboard-interactive",
        "hostbased",
        "gssapi-with-mic",
        "gssapi-keyex",
        "publickey-hostbound-v00@openssh.com",
    ] {
        let own = Method::Other(name);
        let error = refusal(Config::new("alice").methods([own]));
        assert_eq!(error, Some(ConfigError::BadMethodName(own)));
    }
}

#[test]
fn a_method_stands_once() {
    let methods = |list: [Method; 3]| refusal(Config::new("alice").methods(list));
    let own = Method::Other("otp@example.org");
    assert_eq!(methods([Method::Password, own, Method::PublicKey]), None);
    let twice = methods([own, Method::Password, own]);
    assert_eq!(twice, Some(ConfigError::MethodListedTwice(own)));
}

/// The label and the session are in every question, for callers with many logins.
#[test]
fn questions_know_their_login() {
    for label in [None, Some("the backup of 3 a.m.")] {
        let mut config = Config::new("alice").methods([Method::Password]);
        if let Some(label) = label {
            config = config.label(label);
        }
        let need = password_question(config);
        assert_eq!(need.login().label(), label);
        let shown = format!("{need:?}");
        assert!(shown.contains("alice"), "{shown}");
        assert_eq!(shown.contains("3 a.m."), label.is_some(), "{shown}");
    }
}

/// An early password is asked for without a word of the server.
fn password_question(config: Config) -> ssh_userauth::NeedPassword {
    let config = config.early_password(ssh_userauth::EarlyPassword::InOpening);
    let mut client = UserAuthClient::new(config, Session::encrypted([1; 32])).unwrap();
    loop {
        match client.poll_action() {
            Some(Action::NeedPassword(need)) => return need,
            Some(_) => {}
            None => panic!("no password is asked for"),
        }
    }
}

#[test]
fn a_user_name_is_shown_on_one_line() {
    let plain = UserName::from("alice");
    assert_eq!(plain.to_string(), "alice");
    assert_eq!(format!("{plain:?}"), "UserName(\"alice\")");
    let raw = UserName::raw(*b"a\x1b[2J\nb");
    assert_eq!(raw.to_string(), "a\\u{1b}[2J\\nb");
    assert_eq!(raw.as_bytes(), b"a\x1b[2J\nb");
}
