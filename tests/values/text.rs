//! Text of the server, lists, messages, and how all of them are written.

use ssh_userauth::{Action, Config, Method, MethodList, ServerText};
use ssh_userauth_testing::wire::Success;

use crate::blobs::signature;
use crate::driver::{hear, last, refuse, send};
use crate::{client, key};

#[test]
fn text_of_the_server_is_empty_if_nothing_was_sent() {
    let (message, nothing) = (ServerText::new(b"hello\r\n"), ServerText::new(b""));
    assert!(!message.is_empty() && nothing.is_empty());
    assert_eq!(message.raw(), b"hello\r\n");
    assert_eq!(message.display().to_string(), "hello\n");
    assert_eq!(format!("{:?}", message.display()), r#""hello\n""#);
    assert_eq!(
        (nothing.raw(), nothing.display().to_string()),
        (&b""[..], String::new())
    );
}

/// The list that a server gave when it refused.
fn listed(methods: &'static str) -> MethodList {
    let mut client = client(Config::new("alice"));
    send(&mut client);
    refuse(&mut client, methods);
    client.report().methods().unwrap().clone()
}

/// Names that are known and names that are not are kept in different ways.
#[test]
fn a_list_is_what_the_server_sent() {
    for (sent, shown) in [
        ("publickey,password", "publickey,password"),
        ("password,publickey", "password,publickey"),
        ("publickey,publickey", "publickey,publickey"),
        ("otp@example.org,password", "otp@example.org,password"),
    ] {
        let list = listed(sent);
        assert_eq!(list.to_string(), shown);
        assert_eq!(format!("{list:?}"), format!("MethodList({shown})"));
        assert_eq!(list.contains(Method::Password), sent.contains("password"));
        assert_eq!(list.contains(Method::PublicKey), sent.contains("publickey"));
        assert!(!list.contains(Method::KeyboardInteractive));
        let names = list.names().map(|name| name.line().to_string());
        assert!(names.eq(sent.split(',')));
        assert_eq!(list, listed(sent));
    }
    assert_ne!(listed("publickey,password"), listed("password,publickey"));
}

#[test]
fn a_message_to_send_is_bytes_and_shows_only_its_number() {
    let mut client = client(Config::new("alice"));
    let Some(Action::SendRequest(payload)) = client.poll_action() else {
        panic!("a request is sent");
    };
    let bytes: &[u8] = payload.as_ref();
    assert_eq!(bytes, payload.bytes());
    assert_eq!(bytes.first(), Some(&50));
    let length = bytes.len();
    let shown = format!("Payload(USERAUTH_REQUEST, {length} bytes)");
    assert_eq!(format!("{payload:?}"), shown);
}

/// How the run ended, what the server refused, and its list; the list can't end its quotation.
#[test]
fn the_end_is_one_sentence_of_facts() {
    const NONE_LEFT: &str = "no authentication method is left to try";
    let end = |methods: &'static str| {
        let mut client = client(Config::new("alice").methods([Method::Password]));
        send(&mut client);
        refuse(&mut client, methods);
        match last(&mut client) {
            Action::GiveUp(end) => end.to_string(),
            other => panic!("there is no method in common: {other:?}"),
        }
    };
    let listed = |list: &str| format!("{NONE_LEFT}; the server lists \"{list}\"");
    assert_eq!(end(""), format!("{NONE_LEFT}; the server lists no method"));
    assert_eq!(end("publickey"), listed("publickey"));
    assert_eq!(end("a\"b\x1b"), listed("a'b\\u{1b}"));
    assert_eq!(end("x".repeat(1000).leak()), listed(&"x".repeat(120)));
}

/// Each method once, but not the request that only learns the methods.
#[test]
fn the_end_names_what_was_refused() {
    let mut client = client(Config::new("alice"));
    send(&mut client);
    refuse(&mut client, "publickey,password");
    let mut end = None;
    while end.is_none() {
        match client.poll_action() {
            Some(Action::GiveUp(why)) => end = Some(why.to_string()),
            Some(Action::NeedPublicKey(need)) => {
                let first = client.report().attempts().len() == 1;
                let answer = match first {
                    true => need.offer_many([key("ssh-ed25519"), key("ssh-rsa")]),
                    false => need.none_left(),
                };
                client.handle_answer(answer).unwrap();
            }
            Some(Action::NeedPassword(need)) => {
                client.handle_answer(need.password("hunter2")).unwrap();
            }
            Some(_) => {}
            None => refuse(&mut client, "publickey,password"),
        }
    }
    assert_eq!(
        end.unwrap(),
        "no authentication method is left to try; the server refused publickey and password and \
         lists \"publickey,password\""
    );
}

#[test]
fn a_factor_is_written_with_its_key() {
    for (methods, shown) in [
        ("publickey", "publickey (ssh-ed25519 (64 bytes))"),
        ("password", "password"),
    ] {
        let mut client = client(Config::new("alice"));
        send(&mut client);
        refuse(&mut client, methods);
        let answer = match last(&mut client) {
            Action::NeedPublicKey(need) => need.offer_unprobed(key("ssh-ed25519")),
            Action::NeedPassword(need) => need.password("hunter2"),
            other => panic!("{other:?}"),
        };
        client.handle_answer(answer).unwrap();
        if let Action::NeedSignature(need) = last(&mut client) {
            let signature = signature("ssh-ed25519");
            client
                .handle_answer(need.signed(signature).unwrap())
                .unwrap();
            send(&mut client);
        }
        hear(&mut client, &Success);
        let Action::StartService(in_) = last(&mut client) else {
            panic!("we are in");
        };
        let factors: Vec<String> = in_.factors().iter().map(ToString::to_string).collect();
        assert_eq!(factors, [shown]);
    }
}
