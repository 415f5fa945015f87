//! Signatures that are bound to the server's host key.

use ssh_userauth::{
    Config, Ending, HostBound, Method, ServiceRequest, Session, Unavailable, UserAuthClient,
};

use crate::talk::{Talk, blob, ext_info, key_a, session, signature, string, user};
use crate::vectors;

fn with_host_key() -> Session {
    session()
        .service_request(ServiceRequest::Accepted)
        .host_key(blob("ssh-ed25519", 0xcc))
}

fn requiring() -> Config {
    user().host_bound(HostBound::Require)
}

/// Nothing of a key is shown when no signature will be made.
#[test]
fn key_is_not_offered_when_required_binding_is_unavailable() {
    let no_host_key = session().service_request(ServiceRequest::Accepted);
    let late: &[Vec<u8>] = &[vectors::sig_algs(), vectors::host_bound_announced()];
    let other_version: &[(&str, &[u8])] = &[("publickey-hostbound@openssh.com", b"1")];
    for (case, session, packets) in [
        ("not announced", with_host_key(), &[][..]),
        ("announced late", with_host_key(), late),
        (
            "another version",
            with_host_key(),
            &[ext_info(other_version)],
        ),
        (
            "no host key",
            no_host_key,
            &[vectors::host_bound_announced()],
        ),
    ] {
        let mut talk = Talk::with(requiring(), session);
        for packet in packets {
            talk.hear(packet);
        }
        talk.refuse("publickey");
        assert_eq!(talk.ending(), Ending::NoMethodLeft, "{case}");
        let why = talk.skipped(Method::PublicKey);
        assert_eq!(why, Some(&Unavailable::HostBoundUnavailable), "{case}");
        assert_eq!(talk.sent.len(), 1, "{case}");
    }
}

/// The query is plain, as OpenSSH's; the signed request is bound.
#[test]
fn bound_signature_names_host_key() {
    for config in [user(), requiring()] {
        let mut talk = Talk::with(config, with_host_key());
        talk.hear(&vectors::host_bound_announced());
        talk.refuse("publickey");
        talk.offer(&key_a());
        assert_eq!(talk.last_sent(), vectors::query_a());
        talk.hear(&vectors::pk_ok_a());
        let need = take!(talk, NeedSignature);
        assert_eq!(need.data(), vectors::host_bound_data());
        assert!(need.is_host_bound());
        let blob = signature("ssh-ed25519");
        talk.answer(need.signed(blob.clone()).unwrap());
        let mut expected = vectors::host_bound_data()[36..].to_vec();
        expected.extend(string(&blob));
        assert_eq!(talk.last_sent(), expected);
    }
}

/// Never, or not announced, or nothing to bind to: plain.
#[test]
fn unbound_signature_uses_plain_publickey() {
    let never = || user().host_bound(HostBound::Never);
    let no_host_key = || session().service_request(ServiceRequest::Accepted);
    for (config, session, announced) in [
        (never(), with_host_key(), true),
        (user(), with_host_key(), false),
        (user(), no_host_key(), true),
    ] {
        let mut talk = Talk::with(config, session);
        if announced {
            talk.hear(&vectors::host_bound_announced());
        }
        talk.refuse("publickey");
        talk.offer(&key_a());
        talk.hear(&vectors::pk_ok_a());
        let need = take!(talk, NeedSignature);
        assert_eq!(need.data(), vectors::publickey_data());
        assert!(!need.is_host_bound());
    }
}

/// Only what came right after NEWKEYS can be trusted to be the server's: the first EXT_INFO.
#[test]
fn host_bound_counts_in_first_ext_info_only() {
    let mut talk = Talk::with(user(), with_host_key());
    talk.hear(&vectors::sig_algs());
    talk.hear(&vectors::host_bound_announced());
    assert!(!talk.client.report().offers_host_bound());
    let session = with_host_key().ext_info(vectors::host_bound_announced());
    let mut client = UserAuthClient::new(user(), session).unwrap();
    client.handle_packet(&vectors::sig_algs()).unwrap();
    assert!(
        client.report().offers_host_bound(),
        "the second takes nothing back"
    );
}
