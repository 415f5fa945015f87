//! What questions say of themselves, so that a person or a signer knows what is asked.

use ssh_userauth::{
    Action, Answer, ClientHost, Config, GssapiIntegrity, Identity, Login, Method, MethodChoice,
    NeedSignature, Session, UserAuthClient,
};
use ssh_userauth_testing::wire::{
    ExtInfo, Extension, GssapiResponse, InfoRequest, MethodMessage, ObjectIdentifier,
    PasswdChangeReq, PkOk, Prompt, SERVER_SIG_ALGS, encode_exact,
};

use crate::driver::{ask, client_in, hear, refuse, send};
use crate::{blob, client, key};

const OWN: &str = "challenge@example.org";

/// The machine up to the question for a signature by a key of this type.
fn signature(key_type: &str, listed: &str) -> (UserAuthClient, NeedSignature) {
    let entries = vec![Extension {
        name: SERVER_SIG_ALGS.as_bytes(),
        value: listed.as_bytes(),
    }];
    let ext_info = encode_exact(&ExtInfo { entries }).unwrap();
    let session = Session::encrypted([1; 32]).ext_info(ext_info);
    let mut client = client_in(Config::new("alice"), session);
    send(&mut client);
    refuse(&mut client, "publickey");
    let need = ask!(&mut client, NeedPublicKey);
    client.handle_answer(need.offer(key(key_type))).unwrap();
    let first = listed.split(',').next().unwrap();
    let need = accept(&mut client, key_type, first);
    (client, need)
}

fn accept(client: &mut UserAuthClient, key_type: &str, algorithm: &str) -> NeedSignature {
    send(client);
    let blob = blob(key_type, 64);
    let (algorithm, key) = (algorithm.as_bytes(), blob.as_slice());
    hear(client, &PkOk { algorithm, key });
    ask!(client, NeedSignature)
}

/// For callers with many logins at a time.
#[test]
fn every_question_knows_whose_login_it_is_for() {
    let mechanism = ObjectIdentifier::KERBEROS_V5.as_der();
    let host = ClientHost::new("build1.example.org", "bob").key(key("ssh-ed25519"));
    let prompts = vec![Prompt {
        text: b"Code: ",
        echo: false,
    }];
    let (name, instruction, language) = (&b""[..], &b""[..], &b""[..]);
    let info = InfoRequest {
        name,
        instruction,
        language,
        prompts,
    };
    let demand = PasswdChangeReq {
        prompt: b"",
        language,
    };
    let offered = blob("ssh-ed25519", 64);
    let ok = PkOk {
        algorithm: b"ssh-ed25519",
        key: &offered,
    };
    for (list, replies) in [
        ("publickey", vec![encode_exact(&ok).unwrap()]),
        ("password", vec![encode_exact(&demand).unwrap()]),
        ("keyboard-interactive", vec![encode_exact(&info).unwrap()]),
        ("hostbased", vec![]),
        (
            "gssapi-with-mic",
            vec![encode_exact(&GssapiResponse { mechanism }).unwrap()],
        ),
        (
            OWN,
            vec![encode_exact(&MethodMessage::new(60, b"").unwrap()).unwrap()],
        ),
        ("publickey,password", vec![]),
    ] {
        let config = Config::new("alice").label("the third of nine");
        let config = config.methods([
            Method::HostBased,
            Method::GssapiWithMic,
            Method::Other(OWN),
            Method::PublicKey,
            Method::Password,
            Method::KeyboardInteractive,
        ]);
        let config = if list.contains(',') {
            config.method_choice(MethodChoice::Ask)
        } else {
            config
        };
        let config = config
            .client_host(host.clone())
            .gssapi_mechanisms([mechanism]);
        let mut client = client(config);
        assert_eq!(client.login().label(), Some("the third of nine"));
        send(&mut client);
        refuse(&mut client, list);
        let mut replies = replies.into_iter();
        let mut questions = 0;
        while let Some(action) = client.poll_action() {
            if let Action::SendRequest(_) = action {
                let Some(reply) = replies.next() else { break };
                client.handle_packet(&reply).unwrap();
                continue;
            }
            if let Action::GiveUp(_) = action {
                break;
            }
            let (label, answer) = asked(action);
            assert_eq!(label, "the third of nine");
            questions += 1;
            client.handle_answer(answer).unwrap();
        }
        assert!(questions > 0, "{list}");
    }
}

/// The label that the question shows, and an answer that leads on.
fn asked(action: Action) -> (String, Answer) {
    let label = |login: &Login| login.label().unwrap().to_owned();
    match action {
        Action::NeedPublicKey(need) => {
            let label = label(need.login());
            let answer = match need.offered() {
                0 => need.offer(key("ssh-ed25519")),
                _ => need.none_left(),
            };
            (label, answer)
        }
        Action::NeedSignature(need) => (label(need.login()), need.decline()),
        Action::NeedPassword(need) => (label(need.login()), need.password("x")),
        Action::NeedNewPassword(need) => (label(need.login()), need.decline()),
        Action::NeedAnswers(need) => (label(need.login()), need.decline()),
        Action::NeedHostSignature(need) => (label(need.login()), need.decline()),
        Action::NeedGssapiToken(need) => {
            let label = label(need.login());
            (label, need.established(None, GssapiIntegrity::Available))
        }
        Action::NeedGssapiMic(need) => (label(need.login()), need.decline()),
        Action::NeedMethod(need) => (label(need.login()), need.decline()),
        Action::NeedMethodRequest(need) => (label(need.login()), need.request("x")),
        Action::NeedMethodMessage(need) => (label(need.login()), need.decline()),
        other => panic!("{other:?}"),
    }
}

/// draft-ietf-sshm-ssh-agent: SSH_AGENT_RSA_SHA2_256 is 2, SSH_AGENT_RSA_SHA2_512 is 4.
#[test]
fn an_agent_is_told_the_hash() {
    for (key_type, algorithm, flags) in [
        ("ssh-rsa", "rsa-sha2-256", 2),
        ("ssh-rsa", "rsa-sha2-512", 4),
        ("ssh-ed25519", "ssh-ed25519", 0),
    ] {
        let (_, need) = signature(key_type, algorithm);
        assert_eq!(need.agent_flags(), flags, "{algorithm}");
    }
}

#[test]
fn signatures_are_counted_from_one() {
    let (mut client, need) = signature("ssh-ed25519", "ssh-ed25519,ecdsa-sha2-nistp256");
    assert_eq!(need.attempt(), 1);
    client.handle_answer(need.decline()).unwrap();
    let need = ask!(&mut client, NeedPublicKey);
    let other = key("ecdsa-sha2-nistp256");
    client.handle_answer(need.offer(other)).unwrap();
    let need = accept(&mut client, "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp256");
    assert_eq!(need.attempt(), 2);
}

#[test]
fn a_question_for_a_signature_shows_what_is_signed_for_whom() {
    let (_, need) = signature("ssh-ed25519", "ssh-ed25519");
    let shown = format!("{need:?}");
    for part in ["NeedSignature", "ssh-ed25519 (64 bytes)"] {
        assert!(shown.contains(part), "{shown}");
    }
    let error = need.signed(b"").unwrap_err();
    assert_eq!(error.to_string(), error.reason().to_string());
    assert!(!error.to_string().is_empty());
}

#[test]
fn a_question_for_a_host_signature_names_host_and_user() {
    let host = ClientHost::new("build1.example.org", "bob").key(key("ssh-ed25519"));
    let config = Config::new("alice")
        .methods([Method::HostBased])
        .client_host(host);
    let mut client = client(config);
    send(&mut client);
    refuse(&mut client, "hostbased");
    let need = ask!(&mut client, NeedHostSignature);
    assert_eq!(need.client_host(), "build1.example.org");
    assert_eq!(need.client_user(), "bob");
    assert_eq!(need.agent_flags(), 0, "for ssh-ed25519");
    let shown = format!("{need:?}");
    for part in ["NeedHostSignature", "ssh-ed25519 (64 bytes)"] {
        assert!(shown.contains(part), "{shown}");
    }
}

#[test]
fn questions_of_gssapi_show_the_mechanism_and_not_the_token() {
    let mechanism = ObjectIdentifier::KERBEROS_V5.as_der();
    let config = Config::new("alice").methods([Method::GssapiWithMic]);
    let mut client = client(config.gssapi_mechanisms([mechanism]));
    send(&mut client);
    refuse(&mut client, "gssapi-with-mic");
    send(&mut client);
    hear(&mut client, &GssapiResponse { mechanism });
    let need = ask!(&mut client, NeedGssapiToken);
    let shown = format!("{need:?}");
    assert!(
        shown.contains("NeedGssapiToken") && shown.contains("step: 1"),
        "{shown}"
    );
    let answer = need.established(None, GssapiIntegrity::Available);
    client.handle_answer(answer).unwrap();
    let shown = format!("{:?}", ask!(&mut client, NeedGssapiMic));
    assert!(shown.starts_with("NeedGssapiMic"), "{shown}");
}

#[test]
fn a_question_of_ones_own_method_shows_round_and_number() {
    let mut client = client(Config::new("alice").methods([Method::Other(OWN)]));
    send(&mut client);
    refuse(&mut client, OWN);
    let need = ask!(&mut client, NeedMethodRequest);
    client.handle_answer(need.request("")).unwrap();
    send(&mut client);
    hear(&mut client, &MethodMessage::new(60, b"marker").unwrap());
    let shown = format!("{:?}", ask!(&mut client, NeedMethodMessage));
    for part in ["NeedMethodMessage", OWN, "round: 1", "number: 60"] {
        assert!(shown.contains(part), "{shown}");
    }
    assert!(!shown.contains("marker"), "{shown}");
}

/// The kind, and nothing of what it carries.
#[test]
fn answers_show_their_kind() {
    let ed25519 = || signature("ssh-ed25519", "ssh-ed25519").1;
    let mut good = blob("ssh-ed25519", 15);
    good.extend([0, 0, 0, 1, 7]);
    let bad = ed25519().signed(b"marker").unwrap_err();
    let own = || {
        let mut client = client(Config::new("alice").methods([Method::Other(OWN)]));
        send(&mut client);
        refuse(&mut client, OWN);
        let need = ask!(&mut client, NeedMethodRequest);
        (client, need)
    };
    let message = || {
        let (mut client, need) = own();
        client.handle_answer(need.request("marker")).unwrap();
        send(&mut client);
        hear(&mut client, &MethodMessage::new(60, b"").unwrap());
        ask!(&mut client, NeedMethodMessage)
    };
    let choice = {
        let config = Config::new("alice").method_choice(MethodChoice::Ask);
        let mut client = client(config);
        send(&mut client);
        refuse(&mut client, "publickey,password");
        ask!(&mut client, NeedMethod)
    };
    for (answer, kind) in [
        (ed25519().decline(), "Declined"),
        (ed25519().signed(good).unwrap(), "Signed(..)"),
        (bad.decline(), "BadSignature(..)"),
        (choice.choose(Method::Password).unwrap(), "Method(..)"),
        (own().1.request("marker"), "MethodRequest(..)"),
        (
            message().message(61, "marker").unwrap(),
            "MethodMessage(..)",
        ),
        (message().silence(), "Silence"),
    ] {
        let shown = format!("{answer:?}");
        assert!(shown.contains(kind) && !shown.contains("marker"), "{shown}");
    }
}

#[test]
fn a_question_is_open_until_it_is_answered() {
    let mut client = client(Config::new("alice"));
    send(&mut client);
    assert!(!client.has_open_question());
    refuse(&mut client, "publickey");
    let need = ask!(&mut client, NeedPublicKey);
    assert!(client.has_open_question());
    let answer = need.offer(Identity::from_blob(blob("ssh-ed25519", 64)).unwrap());
    assert!(format!("{answer:?}").contains("Keys(..)"), "{answer:?}");
    client.handle_answer(answer).unwrap();
    assert!(!client.has_open_question());
}
