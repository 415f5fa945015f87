//! What a recorder writes down, and what it doesn't.

use ssh_userauth::{
    AbandonReason, Action, AnswerError, Config, Identity, Method, Pipelining, Receipt, Rejected,
    Session,
};
use ssh_userauth_testing::{FakeKey, Packet, Recorder};

use crate::support::{alice, holds, session};

/// The open question.
fn question(auth: &mut Recorder) -> Action {
    let mut questions = core::iter::from_fn(|| auth.poll_action())
        .filter(|action| !matches!(action, Action::SendRequest(_) | Action::Notify(_)));
    questions.next().unwrap()
}

fn tell(auth: &mut Recorder, packet: Packet) {
    assert_eq!(auth.handle_packet(packet.bytes()), Ok(Receipt::Taken));
}

/// The service is accepted, and these methods are listed.
fn listed(config: Config, methods: &[&str]) -> Recorder {
    let mut auth = Recorder::new(config, session()).unwrap();
    tell(&mut auth, Packet::service_accept());
    tell(&mut auth, Packet::failure(methods));
    auth
}

/// A key as it comes from a file: nothing of it, nor of its signature, is written down.
#[test]
fn keys_and_signatures_have_names() {
    let mut blob = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
    blob.extend([0xab; 32]);
    let identity = Identity::from_blob(blob.clone()).unwrap();
    let mut signature = b"\0\0\0\x0bssh-ed25519\0\0\0\x40".to_vec();
    signature.extend([0xcd; 64]);

    let mut auth = listed(alice(), &["publickey"]);
    if let Action::NeedPublicKey(need) = question(&mut auth) {
        auth.handle_answer(need.offer(identity)).unwrap();
    }
    tell(&mut auth, Packet::pk_ok("ssh-ed25519", &blob));
    if let Action::NeedSignature(need) = question(&mut auth) {
        let answer = need.signed(signature).unwrap_or_else(Rejected::decline);
        auth.handle_answer(answer).unwrap();
    }
    tell(&mut auth, Packet::success());
    let text = auth.transcript().to_string();
    assert!(
        text.contains("C request publickey K1 signed SIG1"),
        "{text}"
    );
    assert!(!text.contains("abab") && !text.contains("cdcd"), "{text}");
    holds(&auth.transcript());
    assert!(!format!("{auth:?}").contains("abab"));
}

/// The same secret has the same name, and no other has it.
#[test]
fn secrets_have_stable_names() {
    let mut auth = listed(alice().methods([Method::Password]), &["password"]);
    for (password, packet) in [
        ("hunter2", Packet::failure(["password"])),
        ("123456", Packet::failure(["password"])),
        ("hunter2", Packet::success()),
    ] {
        if let Action::NeedPassword(need) = question(&mut auth) {
            auth.handle_answer(need.password(password)).unwrap();
        }
        tell(&mut auth, packet);
    }
    let text = auth.transcript().to_string();
    let names: Vec<&str> = text
        .lines()
        .filter_map(|line| line.strip_prefix("! password "))
        .collect();
    assert_eq!(names, ["secret-1", "secret-2", "secret-1"]);
    holds(&auth.transcript());
}

/// Packets that nobody can read stand there as bytes, and end a transcript as they end a login.
#[test]
fn what_can_not_be_read_is_recorded_as_bytes() {
    for payload in [
        &b"\x33\0\0"[..],
        b"\x3c",
        b"\x33\0\0\0\x02\xff\xfe\0",
        b"\x06\0\0\0\x01\xff",
    ] {
        let mut auth = Recorder::new(alice(), session()).unwrap();
        let _ = auth.handle_packet(payload);
        let text = auth.transcript().to_string();
        assert!(text.contains("\nS raw "), "{text}");
        holds(&auth.transcript());
    }
    // What is of another layer changes nothing, and is there.
    let mut auth = Recorder::new(alice(), session()).unwrap();
    assert_eq!(auth.handle_packet(&[2, 1]), Ok(Receipt::NotOurs));
    assert!(
        auth.transcript()
            .to_string()
            .contains("S raw 0201 => not-ours")
    );
    holds(&auth.transcript());
}

/// An answer that comes too late, and one that belongs to somebody else.
#[test]
fn answers_that_were_not_taken() {
    let mut auth = listed(alice(), &["keyboard-interactive", "password"]);
    tell(&mut auth, Packet::prompts([("Code: ", false)]));
    let Action::NeedAnswers(late) = question(&mut auth) else {
        panic!("prompts were asked");
    };
    // The server has lost patience; the next question is about the password.
    tell(&mut auth, Packet::failure(["password"]));
    let late = late.answer_each(|_| "123456");
    assert_eq!(auth.handle_answer(late), Err(AnswerError::Withdrawn));

    let mut other = Recorder::new(alice(), Session::encrypted([8; 32])).unwrap();
    tell(&mut other, Packet::service_accept());
    tell(&mut other, Packet::failure(["password"]));
    if let Action::NeedPassword(need) = question(&mut other) {
        let refused = auth.handle_answer(need.password("hunter2"));
        assert_eq!(refused, Err(AnswerError::OtherConnection));
    }
    let text = auth.transcript().to_string();
    assert!(
        text.contains("! late answer secret-1 => withdrawn"),
        "{text}"
    );
    holds(&auth.transcript());
}

#[test]
fn commands_and_what_the_transport_tells() {
    type Command = fn(&mut Recorder);
    let commands: [(&str, Command); 7] = [
        ("! one-by-one", Recorder::send_one_by_one),
        ("! cancel", Recorder::cancel),
        ("! abandon server-timeout", |auth| {
            auth.abandon(AbandonReason::ServerTimeout)
        }),
        ("! decline-pending", |auth| {
            auth.decline_pending();
        }),
        ("S disconnect 2 bye", |auth| auth.disconnected(2, b"bye")),
        ("S close", Recorder::connection_lost),
        ("S unimplemented", |auth| drop(auth.unimplemented())),
    ];
    for (line, command) in commands {
        let mut auth = Recorder::new(alice(), session()).unwrap();
        tell(&mut auth, Packet::service_accept());
        command(&mut auth);
        let text = auth.transcript().to_string();
        assert!(text.contains(line), "{text}");
        holds(&auth.transcript());
    }
}

/// Webauthn: a signature under another name than was asked for, and good.
#[test]
fn a_signature_with_another_name_is_kept_apart() {
    let key = FakeKey::of_type("sk-ecdsa-sha2-nistp256@openssh.com", "token");
    let mut auth = listed(alice(), &["publickey"]);
    if let Action::NeedPublicKey(need) = question(&mut auth) {
        auth.handle_answer(need.offer(key.identity().clone()))
            .unwrap();
    }
    tell(
        &mut auth,
        Packet::pk_ok(key.identity().key_type(), key.identity().blob()),
    );
    let Action::NeedSignature(need) = question(&mut auth) else {
        panic!("the key was accepted");
    };
    let blob = key.sign("webauthn-sk-ecdsa-sha2-nistp256@openssh.com", need.data());
    match need.signed(blob) {
        Ok(answer) => auth.handle_answer(answer).unwrap(),
        Err(bad) => panic!("{bad}"),
    }
    let text = auth.transcript().to_string();
    assert!(
        text.contains("SIG1 with webauthn-sk-ecdsa-sha2-nistp256@openssh.com"),
        "{text}"
    );
    holds(&auth.transcript());
}

/// What the head says is what the client was made from: all of it, if none of it is usual.
#[test]
fn the_head_is_the_configuration() {
    use ssh_userauth::{
        AttemptBudget, ClientHost, Discovery, EarlyPassword, HashFallback, HostBound, Limits,
        MethodChoice, PasswordBridge, Quirks, ServiceRequest, Sha1Signatures, TrivialSuccess,
        TryCounting,
    };
    let rsa = FakeKey::of_type("ssh-rsa", "host").with_algorithms(["rsa-sha2-256"]);
    let mut limits = Limits::default();
    limits.max_banners = 1;
    let mut quirks = Quirks::default();
    quirks.rsa_certificates_by_type = true;
    let mut budget = AttemptBudget::default();
    budget.refusals = 3;
    let config = Config::new("bob with a space")
        .service("ssh-other")
        .methods([
            Method::HostBased,
            Method::Password,
            Method::Other("own@example.org"),
        ])
        .discovery(Discovery::Skip)
        .submethods("pam")
        .trivial_success(TrivialSuccess::Reject)
        .host_bound(HostBound::Require)
        .sha1_signatures(Sha1Signatures::Allow)
        .signature_algorithms(["rsa-sha2-256"])
        .hash_fallback(HashFallback::AfterSignature)
        .quirks(quirks)
        .client_host(ClientHost::new("client.example.org", "al").key(rsa.identity().clone()))
        .gssapi_mechanisms([ssh_userauth_testing::wire::ObjectIdentifier::KERBEROS_V5])
        .method_choice(MethodChoice::Ask)
        .attempt_budget(budget)
        .try_counting(TryCounting::Shared)
        .password_bridge(PasswordBridge::HiddenSinglePromptOnce)
        .pipelining(Pipelining::Off)
        .early_password(EarlyPassword::InOpening)
        .limits(limits);
    let session = Session::unencrypted([9; 16])
        .host_key(b"no key at all".to_vec())
        .ext_info(Packet::signature_algorithms(["rsa-sha2-256"]).bytes())
        .server_version("SSH-2.0-example")
        .service_request(ServiceRequest::Sent)
        .gssapi_key_exchange();
    let mut auth = Recorder::new(config, session).unwrap();
    let _ = auth.poll_action();
    tell(&mut auth, Packet::service_accept());
    let text = auth.transcript().to_string();
    for line in HEAD {
        assert!(text.lines().any(|own| own == line), "{line}\n{text}");
    }
    holds(&auth.transcript());
}

const HEAD: [&str; 28] = [
    "config user \"bob with a space\"",
    "config service ssh-other",
    "config methods hostbased,password,own@example.org",
    "config discovery skip",
    "config submethods pam",
    "config trivial reject",
    "config host-bound require",
    "config sha1 allow",
    "config signature-algorithms rsa-sha2-256",
    "config hash-fallback after-signature",
    "config quirk rsa-certificates-by-type",
    "config client-host client.example.org al host",
    "config gssapi-mechanisms krb5",
    "config choice ask",
    "config budget 3 1",
    "config tries shared",
    "config bridge hidden-single-prompt-once",
    "config pipelining off",
    "config early-password in-opening",
    "config limit max_banners 1",
    "session unencrypted",
    "session id 09090909090909090909090909090909",
    "session host-key K1",
    "session service sent",
    "session version SSH-2.0-example",
    "session ext-info server-sig-algs=rsa-sha2-256",
    "session gssapi-key-exchange",
    "key host ssh-rsa only rsa-sha2-256",
];
