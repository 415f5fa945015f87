//! Keys, PK_OK and signatures.

use ssh_userauth::{
    BadSignatureReason, Candidate, Ending, Method, Outcome, PreviousAttempt, ProtocolErrorKind,
    ServerText, Stage, TrivialSuccess, Unavailable,
};
use ssh_userauth_testing::wire::RequestMethod;

use crate::talk::{Talk, blob, identity, key_a, key_b, pk_ok, rsa, signature, string, user};
use crate::vectors;

/// Key A was asked about.
fn query_a() -> Talk {
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&key_a());
    assert_eq!(talk.last_sent(), vectors::query_a());
    talk
}

#[test]
fn key_that_was_not_offered_is_not_signed_with() {
    let kind = query_a().breaks(&vectors::pk_ok_b());
    assert_eq!(kind, ProtocolErrorKind::PkOkKeyMismatch);
}

/// What was offered is what is signed, whatever the server calls it.
#[test]
fn server_does_not_choose_algorithm() {
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::sig_algs());
    talk.refuse("publickey");
    talk.offer(&rsa());
    talk.hear(&pk_ok("ssh-rsa", rsa().blob()));
    let need = take!(talk, NeedSignature);
    assert_eq!(need.algorithm(), "rsa-sha2-512");
    assert_eq!(need.signature_algorithm(), "rsa-sha2-512");
    assert_eq!(*need.identity(), rsa());
    let mut expected = vectors::publickey_data()[..36].to_vec();
    expected.extend(&vectors::publickey_data()[36..70]);
    assert!(need.data().starts_with(&expected));
    let names = need.data().windows(16);
    let name = b"\0\0\0\x0crsa-sha2-512";
    assert!(names.into_iter().any(|bytes| bytes == name));
}

#[test]
fn algorithm_of_another_family_is_not_accepted() {
    for name in ["ssh-rsa", "ecdsa-sha2-nistp256", "", "ssh-ed448"] {
        let kind = query_a().breaks(&pk_ok(name, key_a().blob()));
        let name = ServerText::new(name.as_bytes());
        assert_eq!(kind, ProtocolErrorKind::PkOkAlgorithm(name));
    }
}

#[test]
fn publickey_is_left_when_list_drops_it() {
    let mut talk = query_a();
    talk.refuse("password");
    let need = take!(talk, NeedPassword);
    talk.answer(need.decline());
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    assert_eq!(talk.sent.len(), 2, "only `none` and the query");
}

#[test]
fn key_is_compared_whole() {
    let whole = blob("ssh-ed25519", 0xaa);
    let mut longer = whole.clone();
    longer.push(0);
    let mut other = whole.clone();
    other[50] ^= 1;
    for key in [&whole[..50], &longer, b"", &whole[..4], &other, &[0; 51]] {
        let kind = query_a().breaks(&pk_ok("ssh-ed25519", key));
        assert_eq!(kind, ProtocolErrorKind::PkOkKeyMismatch, "{key:?}");
    }
    let huge = vec![0xaa; 250_000];
    let kind = query_a().breaks(&pk_ok("ssh-ed25519", &huge));
    assert_eq!(kind, ProtocolErrorKind::PkOkKeyMismatch);
}

#[test]
fn number_60_answers_neither_none_nor_signature() {
    for reply in [
        vectors::info_request_empty(),
        vectors::info_request_hidden(),
        vectors::gssapi_response(),
        vectors::pk_ok_a(),
        vectors::change_request(),
        vec![60],
    ] {
        let kind = Talk::accepted(user()).breaks(&reply);
        assert_eq!(kind, ProtocolErrorKind::Unexpected);
        let mut talk = query_a();
        talk.hear(&vectors::pk_ok_a());
        talk.sign();
        assert_eq!(talk.breaks(&reply), ProtocolErrorKind::Unexpected);
    }
}

/// An old agent that ignores the flags for SHA-2.
#[test]
fn signature_under_another_name_is_not_sent() {
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&rsa());
    talk.hear(&pk_ok("rsa-sha2-256", rsa().blob()));
    let sent = talk.sent.len();
    let need = take!(talk, NeedSignature);
    let bad = need.signed(signature("ssh-rsa")).unwrap_err();
    talk.answer(bad.decline());
    assert_eq!(talk.sent.len(), sent);
    let skip = talk.client.report().skips().last().unwrap();
    assert_eq!(*skip.candidate(), Candidate::Identity(rsa()));
    let Unavailable::BadSignature(BadSignatureReason::WrongAlgorithm { wanted, got }) =
        skip.reason()
    else {
        panic!("{skip:?}");
    };
    assert_eq!((wanted.as_str(), got.as_str()), ("rsa-sha2-256", "ssh-rsa"));
    talk.offer(&key_b());
    assert_eq!(talk.sent.len(), sent + 1, "the next identity");
}

#[test]
fn malformed_signature_is_not_sent() {
    let mut talk = query_a();
    talk.hear(&vectors::pk_ok_a());
    let sent = talk.sent.len();
    let mut need = take!(talk, NeedSignature);
    let mut past_the_end = signature("ssh-ed25519");
    past_the_end[18] = 0xff;
    let mut wraps = signature("ssh-ed25519");
    wraps[..4].fill(0xff);
    let mut trailing = signature("ssh-ed25519");
    trailing.extend([1, 0, 0, 0, 7]);
    let mut empty = b"\0\0\0\x0bssh-ed25519".to_vec();
    empty.extend([0; 4]);
    for bad in [
        vec![],
        vec![0, 0, 0],
        b"\0\0\0\x0bssh-ed25519".to_vec(),
        empty,
        past_the_end,
        wraps,
        trailing,
    ] {
        let refused = need.signed(bad.clone()).unwrap_err();
        assert_eq!(
            *refused.reason(),
            BadSignatureReason::Malformed.into(),
            "{bad:?}"
        );
        need = refused.into_question();
    }
    for length in [1 << 20, 64 << 20] {
        let refused = need.signed(vec![0; length]).unwrap_err();
        let limit = 64 * 1024;
        let reason = BadSignatureReason::TooLong { length, limit };
        assert_eq!(*refused.reason(), reason.into());
        need = refused.into_question();
    }
    assert!(talk.client.poll_action().is_none());
    talk.answer(need.signed(signature("ssh-ed25519")).unwrap());
    assert_eq!(talk.sent.len(), sent + 1);
}

#[test]
fn trailer_of_security_key_is_forwarded() {
    let name = "sk-ssh-ed25519@openssh.com";
    let key = identity(name, 0x5c);
    let mut talk = Talk::listed(user(), "publickey");
    talk.offer(&key);
    talk.hear(&pk_ok(name, key.blob()));
    let need = take!(talk, NeedSignature);
    let given = signature(name);
    assert_eq!(given.len(), 4 + 26 + 4 + 64 + 5);
    talk.answer(need.signed(given.clone()).unwrap());
    let request = talk.request();
    let RequestMethod::PublicKey { signature, .. } = request.method else {
        panic!("{request:?}");
    };
    assert_eq!(signature, Some(&given[..]));
}

#[test]
fn key_that_gave_factor_is_not_offered_again() {
    let mut talk = Talk::listed(user(), "publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_many([key_a(), key_b()]));
    talk.hear(&vectors::pk_ok_a());
    talk.sign();
    talk.partial("publickey");
    talk.hear(&vectors::pk_ok_b());
    assert_eq!(*take!(talk, NeedSignature).identity(), key_b());
    talk.command(|client| client.decline_pending());
    talk.offer(&key_a());
    let skip = talk.client.report().skips().last().unwrap();
    assert_eq!(*skip.reason(), Unavailable::Duplicate);
    talk.no_key();
    assert_eq!(talk.ending(), Ending::NoMethodLeft);
    let attempts = talk.client.report().attempts().iter();
    let of_a = attempts.filter(|attempt| attempt.identity() == Some(&key_a()));
    let stages: Vec<Stage> = of_a.map(|attempt| attempt.stage()).collect();
    assert_eq!(stages, [Stage::Query, Stage::Proof]);
}

#[test]
fn pk_ok_for_signature_breaks_protocol() {
    let mut talk = Talk::listed(user(), "publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_unprobed(key_a()));
    assert_eq!(take!(talk, NeedSignature).data(), vectors::publickey_data());
    talk.command(|client| client.decline_pending());
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_unprobed(key_b()));
    talk.sign();
    assert_eq!(
        talk.breaks(&vectors::pk_ok_b()),
        ProtocolErrorKind::Unexpected
    );
}

/// The budget defers, it doesn't forbid: the password comes before the last refusal that the
/// server is expected to bear, and the limit of requests ends the run.
#[test]
fn hundred_keys_leave_refusals_for_password() {
    let list = "publickey,password";
    let mut talk = Talk::listed(user(), list);
    let need = take!(talk, NeedPublicKey);
    let keys = (0..100).map(|byte| identity("ssh-ed25519", byte));
    talk.answer(need.offer_many(keys));
    let mut refusals = 0;
    let mut asked_after = Vec::new();
    while talk.end.is_none() {
        if talk.asked.is_some() {
            let need = take!(talk, NeedPassword);
            let refused = Some(PreviousAttempt::Refused);
            let previous = refused.filter(|_| !asked_after.is_empty());
            assert_eq!(need.previous(), previous);
            asked_after.push(refusals);
            talk.answer(need.password("wrong"));
        }
        talk.refuse(list);
        refusals += 1;
    }
    // The sixth refusal is the last that OpenSSH bears; `none` is free.
    assert_eq!(asked_after, [5, 6, 7]);
    assert_eq!(talk.ending(), Ending::RequestsSpent);
    assert_eq!(talk.sent.len(), 64);
    assert_eq!(talk.client.refusals_left(), 0);
    assert_eq!(
        talk.skipped(Method::Password),
        Some(&Unavailable::TriesSpent)
    );
    let skips = talk.client.report().skips().iter();
    let untried = skips.filter(|skip| *skip.reason() == Unavailable::RunEnded);
    assert_eq!(untried.count(), 100 - (64 - 1 - 3));
}

/// A signature is the only thing of a key that proves something, and each is made once.
#[test]
fn no_signature_before_pk_ok() {
    let mut talk = Talk::listed(user().trivial_success(TrivialSuccess::Reject), "publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_many([key_a(), key_b()]));
    talk.refuse("publickey");
    talk.hear(&vectors::pk_ok_b());
    let need = take!(talk, NeedSignature);
    assert_eq!((need.attempt(), need.is_host_bound()), (1, false));
    talk.answer(need.decline());
    assert!(matches!(
        talk.asked,
        Some(ssh_userauth::Action::NeedPublicKey(_))
    ));
    let outcomes: Vec<Outcome> = talk.client.report().attempts()[1..]
        .iter()
        .map(|attempt| attempt.outcome())
        .collect();
    assert_eq!(outcomes, [Outcome::Refused, Outcome::KeyAccepted]);
}

/// The data under a signature is the session identifier and the request that follows, to the
/// byte.
#[test]
fn signed_data_is_what_is_sent() {
    let mut talk = query_a();
    talk.hear(&vectors::pk_ok_a());
    let need = take!(talk, NeedSignature);
    assert_eq!(need.data(), vectors::publickey_data());
    talk.answer(need.signed(signature("ssh-ed25519")).unwrap());
    let mut expected = vectors::publickey_data()[36..].to_vec();
    expected.extend(string(&signature("ssh-ed25519")));
    assert_eq!(talk.last_sent(), expected);
}

/// OpenSSH PROTOCOL.u2f: behind the signature of an authenticator stand its flags and its counter.
#[test]
fn authenticator_signature_needs_flags_and_counter() {
    const SK: &str = "sk-ssh-ed25519@openssh.com";
    for (signature, behind, is_taken) in [
        (&[9; 64][..], &[1, 0, 0, 0, 7][..], true),
        (&[9; 64], &[1, 0, 0, 0], false),
        (&[9; 64], &[1, 0, 0, 0, 7, 0], false),
        (&[9; 64], &[], false),
        (&[], &[1, 0, 0, 0, 7], false),
    ] {
        let mut talk = Talk::listed(user(), "publickey");
        let key = identity(SK, 4);
        talk.offer(&key);
        talk.hear(&pk_ok(SK, key.blob()));
        let need = take!(talk, NeedSignature);
        let mut blob = string(SK.as_bytes());
        blob.extend(string(signature));
        blob.extend(behind);
        match need.signed(&blob) {
            Ok(answer) => {
                assert!(is_taken, "{blob:?}");
                talk.answer(answer);
            }
            Err(bad) => {
                assert!(!is_taken, "{blob:?}");
                assert_eq!(*bad.reason(), BadSignatureReason::Malformed.into());
            }
        }
    }
}
