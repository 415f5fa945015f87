//! `none`, and success that proves nothing.

use ssh_userauth::{
    ClientHost, Config, Discovery, Ending, Method, Outcome, ProtocolErrorKind, TrivialSuccess,
    Unavailable,
};

use crate::talk::{Talk, identity, key_a, key_b, signature, user};
use crate::vectors;

fn rejecting() -> Config {
    user().trivial_success(TrivialSuccess::Reject)
}

/// Ends of one conversation under both policies: a login called trivial, and a refusal.
fn is_trivial(config: impl Fn() -> Config, play: impl Fn(&mut Talk)) {
    let mut talk = Talk::accepted(config());
    play(&mut talk);
    talk.succeed();
    let done = talk.authenticated();
    assert!(done.is_trivial() && !done.all_answers_empty());
    let mut talk = Talk::accepted(config().trivial_success(TrivialSuccess::Reject));
    play(&mut talk);
    talk.succeed();
    assert_eq!(talk.ending(), Ending::TrivialSuccess);
    assert_eq!(talk.gave_up().disconnect_reason().code(), 11);
}

fn is_substantive(config: Config, play: impl Fn(&mut Talk)) -> Talk {
    let mut talk = Talk::accepted(config.trivial_success(TrivialSuccess::Reject));
    play(&mut talk);
    talk.succeed();
    assert!(!talk.authenticated().is_trivial());
    talk
}

#[test]
fn success_of_probe_can_be_rejected() {
    let mut talk = Talk::accepted(rejecting());
    talk.succeed();
    assert_eq!(talk.ending(), Ending::TrivialSuccess);
    assert!(!talk.client.report().is_authenticated());
    let attempts = talk.client.report().attempts();
    assert_eq!(attempts[0].outcome(), Outcome::Success);
}

#[test]
fn success_of_probe_is_trivial() {
    let mut talk = Talk::accepted(user());
    talk.succeed();
    let done = talk.authenticated();
    assert!(done.is_trivial());
    assert_eq!(done.factors(), []);
    assert_eq!(done.service(), "ssh-connection");
}

#[test]
fn intended_none_is_not_rejected() {
    let mut talk = Talk::accepted(rejecting().methods([Method::None]));
    talk.succeed();
    assert!(talk.authenticated().is_trivial());
}

/// The intention covers `none` only.
#[test]
fn intended_none_excuses_no_other_method() {
    let order = [Method::None, Method::KeyboardInteractive];
    let mut talk = Talk::accepted(rejecting().methods(order));
    talk.refuse("keyboard-interactive");
    talk.succeed();
    assert_eq!(talk.ending(), Ending::TrivialSuccess);
}

fn kbdint() -> Config {
    user().methods([Method::KeyboardInteractive])
}

#[test]
fn immediate_success_of_keyboard_interactive_is_trivial() {
    is_trivial(kbdint, |talk| talk.refuse("keyboard-interactive"));
}

#[test]
fn success_after_rounds_without_prompts_is_trivial() {
    is_trivial(kbdint, |talk| {
        talk.refuse("keyboard-interactive");
        for _ in 0..3 {
            talk.hear(&vectors::info_request_empty());
            assert_eq!(talk.last_sent(), [61, 0, 0, 0, 0]);
        }
    });
}

#[test]
fn empty_answer_is_evidence() {
    let talk = is_substantive(kbdint(), |talk| {
        talk.refuse("keyboard-interactive");
        talk.hear(&vectors::info_request_hidden());
        talk.answers("");
    });
    assert!(talk.authenticated().all_answers_empty());
}

#[test]
fn round_without_prompts_after_signature_is_not_trivial() {
    let talk = is_substantive(user(), |talk| {
        talk.refuse("publickey");
        talk.offer(&key_a());
        talk.hear(&vectors::pk_ok_a());
        talk.sign();
        talk.hear(&vectors::partial_success());
        talk.hear(&vectors::info_request_empty());
    });
    let factors = talk.authenticated().factors();
    let methods: Vec<Method> = factors.iter().map(|factor| factor.method()).collect();
    assert_eq!(methods, [Method::PublicKey, Method::KeyboardInteractive]);
    assert!(!talk.authenticated().all_answers_empty());
}

#[test]
fn a_signature_of_the_host_is_evidence() {
    let host = ClientHost::new("h.example.org", "u").key(identity("ssh-ed25519", 0xcc));
    let config = user().methods([Method::HostBased]).client_host(host);
    is_substantive(config, |talk| {
        talk.refuse("hostbased");
        let need = take!(talk, NeedHostSignature);
        talk.answer(need.signed(signature("ssh-ed25519")).unwrap());
    });
}

/// For a custom method, any bytes count as evidence; without bytes, there is none.
#[test]
fn custom_method_without_bytes_is_trivial() {
    const OWN: Method = Method::Other("ping@example.org");
    let config = || user().methods([OWN]);
    let play = |request: &'static str, message: Option<&'static str>| {
        move |talk: &mut Talk| {
            talk.refuse(OWN.name());
            let need = take!(talk, NeedMethodRequest);
            talk.answer(need.request(request));
            talk.hear(&[60, 1]);
            let need = take!(talk, NeedMethodMessage);
            talk.answer(match message {
                Some(body) => need.message(61, body).unwrap(),
                None => need.silence(),
            });
        }
    };
    is_trivial(config, play("", None));
    is_trivial(config, play("", Some("")));
    is_substantive(config(), play("x", None));
    is_substantive(config(), play("x", Some("")));
    is_substantive(config(), play("", Some("x")));
}

#[test]
fn empty_list_ends_run() {
    let mut talk = Talk::listed(user(), "");
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(talk.gave_up().disconnect_reason().code(), 14);
    for method in [
        Method::PublicKey,
        Method::KeyboardInteractive,
        Method::Password,
    ] {
        assert_eq!(talk.skipped(method), Some(&Unavailable::NotListed));
    }
    assert_eq!(talk.client.report().attempts().len(), 1);
    talk.not_ours(&vectors::failure());
}

/// While nothing was refused, a server that says SUCCESS to a key query lets everybody in, which
/// is a trivial success.
#[test]
fn success_of_first_key_query_is_trivial() {
    let config = || user().discovery(Discovery::Skip);
    is_trivial(config, |talk| talk.offer(&key_a()));
}

/// SUCCESS is believed only where it can have been earned.
#[test]
fn success_is_believed_only_where_it_was_earned() {
    type Play = fn(&mut Talk);
    let plays: [(&str, Play); 8] = [
        ("a key query after the probe", |talk| {
            talk.refuse("publickey");
            talk.offer(&key_a());
        }),
        ("a key query after another key", |talk| {
            talk.refuse("publickey");
            talk.offer(&key_a());
            talk.refuse("publickey");
            talk.offer(&key_b());
        }),
        ("the question for a key", |talk| talk.refuse("publickey")),
        ("the question for a signature", |talk| {
            talk.refuse("publickey");
            talk.offer(&key_a());
            talk.hear(&vectors::pk_ok_a());
        }),
        ("the question for a password", |talk| {
            talk.refuse("password")
        }),
        ("the question for a new password", |talk| {
            talk.refuse("password");
            talk.password("old");
            talk.hear(&vectors::change_request());
        }),
        ("the question for answers", |talk| {
            talk.refuse("keyboard-interactive");
            talk.hear(&vectors::info_request_hidden());
        }),
        ("a key query after a partial success", |talk| {
            talk.refuse("password");
            talk.password("pw");
            talk.partial("publickey");
            talk.offer(&key_a());
        }),
    ];
    for (case, play) in plays {
        let mut talk = Talk::accepted(user());
        play(&mut talk);
        let kind = talk.breaks(&vectors::success());
        assert_eq!(kind, ProtocolErrorKind::UnexpectedSuccess, "{case}");
    }
}

/// SUCCESS with a byte too many is no success.
#[test]
fn success_with_trailing_byte_breaks_protocol() {
    let kind = Talk::accepted(user()).breaks(&vectors::success_trailing());
    assert!(matches!(kind, ProtocolErrorKind::Malformed(_)));
}

/// Every number after the end belongs to the service, or to nobody.
#[test]
fn after_login_nothing_is_ours() {
    for number in 0..=255u8 {
        let mut talk = Talk::accepted(user());
        talk.succeed();
        talk.not_ours(&[number]);
        talk.not_ours(&vectors::failure());
        talk.not_ours(&vectors::success());
        assert_eq!(talk.sent.len(), 1);
        assert!(talk.client.report().is_authenticated());
    }
}
