//! Messages that no packet takes: OpenSSH closes the connection above 256 KiB. What is too long is
//! not sent, is told in the report, and the next way is tried.

use ssh_userauth::{
    ClientHost, Config, GssapiIntegrity, Identity, Limits, Method, Secret, ServiceRequest,
    Unavailable,
};

use crate::talk::{Talk, key_a, pk_ok, prompts, session, string, user};
use crate::traces::KERBEROS;
use crate::vectors;

const MOST: usize = 256 * 1024;

fn generous() -> Config {
    let mut limits = Limits::default();
    limits.max_password_bytes = 1 << 20;
    limits.max_answer_bytes = 1 << 20;
    limits.max_signature_bytes = 1 << 20;
    user().limits(limits)
}

#[track_caller]
fn assert_too_long(talk: &Talk, method: Method) {
    assert_eq!(talk.skipped(method), Some(&Unavailable::TooLong));
}

#[track_caller]
fn assert_key_too_long(talk: &Talk) {
    let skips = talk.client.report().skips();
    assert_eq!(skips[0].reason(), &Unavailable::TooLong);
}

#[test]
fn a_signed_request_has_at_most_256_kib() {
    for (over, is_sent) in [(0, true), (1, false)] {
        let mut talk = Talk::listed(generous(), "publickey");
        talk.offer(&key_a());
        talk.hear(&pk_ok("ssh-ed25519", key_a().blob()));
        let need = take!(talk, NeedSignature);
        // Behind the session identifier of 4 + 32 bytes, and the signature as a string.
        let rest = MOST - (need.data().len() - 36) - 4;
        let name = string(b"ssh-ed25519");
        let mut signature = name.clone();
        signature.extend(string(&vec![7; rest + over - name.len() - 4]));
        talk.answer(need.signed(signature).unwrap());
        assert_eq!(talk.sent.len(), if is_sent { 3 } else { 2 });
        let skips = talk.client.report().skips();
        let reasons: Vec<_> = skips.iter().map(|skip| skip.reason().clone()).collect();
        if is_sent {
            assert_eq!(talk.last_sent().len(), MOST);
        } else {
            assert_eq!(reasons, [Unavailable::TooLong]);
        }
    }
}

#[test]
fn a_key_and_a_host_key_that_no_packet_takes_together() {
    let key = |byte: u8, length: usize| {
        let mut blob = string(b"ssh-rsa");
        blob.extend(string(&[1, 0, 1]));
        blob.extend(string(&vec![byte; length]));
        Identity::from_blob(blob).unwrap()
    };
    let bound = || {
        let session = session()
            .service_request(ServiceRequest::Accepted)
            .host_key(vec![7; MOST / 2]);
        let mut talk = Talk::with(generous(), session);
        talk.hear(&vectors::host_bound_announced());
        talk.refuse("publickey");
        talk
    };
    let mut talk = bound();
    let (long, short) = (key(1, MOST / 2 - 64), key(2, 256));
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer(long.clone()));
    talk.hear(&pk_ok("rsa-sha2-512", long.blob()));
    assert_key_too_long(&talk);
    // The next key is asked for, and taken.
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer(short.clone()));
    talk.hear(&pk_ok("rsa-sha2-512", short.blob()));
    assert_eq!(take!(talk, NeedSignature).identity(), &short);
    // Unasked, it is not even shown.
    let mut talk = bound();
    let need = take!(talk, NeedPublicKey);
    let sent = talk.sent.len();
    talk.answer(need.offer_unprobed(long));
    assert_key_too_long(&talk);
    assert_eq!(talk.sent.len(), sent);
}

#[test]
fn passwords_and_answers() {
    let long = || Secret::from(vec![b'x'; MOST]);
    let mut talk = Talk::listed(generous(), "password");
    let need = take!(talk, NeedPassword);
    talk.answer(need.password(long()));
    assert_too_long(&talk, Method::Password);
    let mut talk = Talk::listed(generous(), "password");
    talk.password("");
    let rest = MOST - talk.last_sent().len();
    for over in [0, 1] {
        let mut talk = Talk::listed(generous(), "password");
        talk.password(&"x".repeat(rest + over));
        assert_eq!(talk.sent.len(), 2 - over, "at most 256 KiB");
    }
    let mut talk = Talk::listed(generous(), "password");
    talk.password("old");
    talk.hear(&vectors::change_request());
    let need = take!(talk, NeedNewPassword);
    talk.answer(need.change("old", long()));
    assert_too_long(&talk, Method::Password);
    let mut talk = Talk::listed(generous(), "keyboard-interactive");
    talk.hear(&prompts(&[("", false)]));
    let need = take!(talk, NeedAnswers);
    talk.answer(need.answer_each(|_| long()));
    assert_too_long(&talk, Method::KeyboardInteractive);
}

#[test]
fn the_request_for_prompts() {
    let names: Vec<String> = (0..5000).map(|number| format!("{number:060}")).collect();
    let config = user().submethods(names.join(","));
    let talk = Talk::listed(config, "keyboard-interactive");
    assert_too_long(&talk, Method::KeyboardInteractive);
}

#[test]
fn a_host_and_its_signature() {
    let host = |user: String| ClientHost::new("build1.example.org", user).key(key_a());
    let only = generous().methods([Method::HostBased]);
    // Without a signature, the request is just as long as may be, or one byte longer.
    let mut talk = Talk::listed(only.clone().client_host(host("b".into())), "hostbased");
    let rest = MOST + 36 - take!(talk, NeedHostSignature).data().len();
    for (over, is_asked) in [(0, true), (1, false)] {
        let config = only.clone().client_host(host("b".repeat(1 + rest + over)));
        let talk = Talk::listed(config, "hostbased");
        assert_eq!(talk.asked.is_some(), is_asked);
    }
    let config = only.clone().client_host(host("b".repeat(MOST)));
    let talk = Talk::listed(config, "hostbased");
    assert!(talk.asked.is_none(), "nobody need sign what can't be sent");
    assert_key_too_long(&talk);
    let mut talk = Talk::listed(only.client_host(host("bob".into())), "hostbased");
    let need = take!(talk, NeedHostSignature);
    let mut signature = string(b"ssh-ed25519");
    signature.extend(string(&vec![7; MOST]));
    talk.answer(need.signed(signature).unwrap());
    assert_key_too_long(&talk);
}

#[test]
fn tokens_and_codes_of_gssapi() {
    let long = || vec![7; MOST];
    let started = || {
        let config = user().methods([Method::GssapiWithMic]);
        let config = config.gssapi_mechanisms([KERBEROS]);
        let mut talk = Talk::listed(config, "gssapi-with-mic");
        talk.hear(&vectors::gssapi_response());
        let need = take!(talk, NeedGssapiToken);
        (talk, need)
    };
    let (mut talk, need) = started();
    talk.answer(need.token(long()));
    assert_too_long(&talk, Method::GssapiWithMic);
    for (last, mic) in [(Some(long()), vec![7]), (None, long())] {
        let (mut talk, need) = started();
        talk.answer(need.established(last, GssapiIntegrity::Available));
        let need = take!(talk, NeedGssapiMic);
        talk.answer(need.mic(mic));
        assert_too_long(&talk, Method::GssapiWithMic);
    }
    let config = user().methods([Method::GssapiKeyex]);
    let mut talk = Talk::with(config, session().gssapi_key_exchange());
    talk.hear(&vectors::service_accept());
    talk.refuse("gssapi-keyex");
    let need = take!(talk, NeedGssapiMic);
    talk.answer(need.mic(long()));
    assert_too_long(&talk, Method::GssapiKeyex);
}
