//! Which algorithm an identity is offered with: never a weaker one because of what the server
//! says, or doesn't say.

use ssh_userauth::{
    Candidate, Config, HashFallback, Identity, Method, ProtocolErrorKind, Quirks, Sha1Signatures,
    Unavailable,
};
use ssh_userauth_testing::wire::RequestMethod;

use crate::talk::{Talk, ext_info, identity, key_a, pk_ok, rsa, sig_algs, signature, user};
use crate::vectors;

const RSA_CERTIFICATE: &str = "ssh-rsa-cert-v01@openssh.com";

/// The names in the publickey requests that were sent.
fn offered(talk: &Talk) -> Vec<String> {
    let requests = talk.sent.iter().filter(|payload| payload[0] == 50);
    let names = requests.filter_map(|payload| {
        match ssh_userauth_testing::wire::Request::decode(payload)
            .unwrap()
            .method
        {
            RequestMethod::PublicKey { algorithm, .. }
            | RequestMethod::HostBoundPublicKey { algorithm, .. } => {
                Some(String::from_utf8(algorithm.to_vec()).unwrap())
            }
            _ => None,
        }
    });
    names.collect()
}

/// A server with this list that refuses everything.
fn refused_under(config: Config, list: Option<&str>, key: Identity) -> Talk {
    let mut talk = Talk::accepted(config);
    if let Some(list) = list {
        talk.hear(&sig_algs(list));
    }
    talk.refuse("publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_unprobed(key));
    while talk.end.is_none() {
        match talk.asked.take() {
            Some(ssh_userauth::Action::NeedPublicKey(need)) => talk.answer(need.none_left()),
            Some(ssh_userauth::Action::NeedSignature(need)) => {
                let blob = signature(need.signature_algorithm());
                talk.answer(need.signed(blob).unwrap());
            }
            None => talk.refuse("publickey"),
            other => panic!("{other:?}"),
        }
    }
    talk
}

fn no_mutual(talk: &Talk, key: &Identity) -> bool {
    let mut skips = talk.client.report().skips().iter();
    skips.any(|skip| {
        *skip.candidate() == Candidate::Identity(key.clone())
            && matches!(skip.reason(), Unavailable::NoMutualAlgorithm { .. })
    })
}

#[test]
fn missing_list_never_brings_sha1() {
    for policy in [Sha1Signatures::Refuse, Sha1Signatures::Allow] {
        for fallback in [HashFallback::Never, HashFallback::AfterAnyRefusal] {
            let config = user().sha1_signatures(policy).hash_fallback(fallback);
            let talk = refused_under(config, None, rsa());
            let names = offered(&talk);
            assert_eq!(names[0], "rsa-sha2-256");
            let weak = |name: &String| name == "ssh-rsa";
            assert!(!names.iter().any(weak), "{policy:?} {fallback:?} {names:?}");
        }
    }
}

/// Nor where a signature is made unasked.
#[test]
fn rsa_is_signed_with_sha2_without_list() {
    let config = user().sha1_signatures(Sha1Signatures::Allow);
    let mut talk = Talk::listed(config, "publickey");
    let need = take!(talk, NeedPublicKey);
    talk.answer(need.offer_unprobed(rsa()));
    let need = take!(talk, NeedSignature);
    assert_eq!(need.algorithm(), "rsa-sha2-256");
}

#[test]
fn list_of_sha1_only_skips_rsa_key() {
    let talk = refused_under(user(), Some("ssh-rsa"), rsa());
    assert_eq!(offered(&talk), [""; 0]);
    let skip = &talk.client.report().skips()[0];
    let Unavailable::NoMutualAlgorithm { ours, theirs, .. } = skip.reason() else {
        panic!("{skip:?}");
    };
    let ours: Vec<&str> = ours.iter().map(|name| name.as_str()).collect();
    assert_eq!(ours, ["rsa-sha2-512", "rsa-sha2-256"]);
    assert_eq!(theirs.as_ref().unwrap().to_string(), "ssh-rsa");
}

#[test]
fn second_list_makes_skipped_key_eligible() {
    let mut talk = Talk::accepted(user());
    talk.hear(&sig_algs("ssh-ed25519"));
    talk.refuse("publickey,password");
    talk.offer(&rsa());
    talk.no_key();
    assert!(no_mutual(&talk, &rsa()));
    talk.hear(&sig_algs("ssh-ed25519,rsa-sha2-256"));
    talk.password("wrong");
    talk.refuse("publickey");
    assert_eq!(offered(&talk), ["rsa-sha2-256"]);
}

#[test]
fn ext_info_is_bounded_and_well_formed() {
    for broken in [
        vectors::ext_info_max_count(),
        vectors::ext_info_entry_missing(),
        vectors::sig_algs_nul(),
        vec![7],
        ext_info(&vec![("", &b""[..]); 1024]),
    ] {
        let kind = Talk::accepted(user()).breaks(&broken);
        assert!(matches!(kind, ProtocolErrorKind::Malformed(_)), "{kind:?}");
    }
    let mut talk = Talk::accepted(user());
    talk.hear(&vectors::sig_algs());
    talk.hear(&ext_info(&vec![("x", &b"\0\xff"[..]); 1023]));
    let kind = talk.breaks(&vectors::sig_algs());
    assert_eq!(kind, ProtocolErrorKind::TooManyExtInfo { limit: 2 });
}

/// One that the transport took counts.
#[test]
fn ext_info_of_session_counts_towards_limit() {
    let session = crate::talk::session().ext_info(vectors::sig_algs());
    let mut talk = Talk::with(user(), session);
    talk.hear(&vectors::sig_algs());
    let kind = talk.breaks(&vectors::sig_algs());
    assert_eq!(kind, ProtocolErrorKind::TooManyExtInfo { limit: 2 });
}

/// Both have the same name, and the later counts.
#[test]
fn later_list_replaces_earlier() {
    let mut talk = Talk::accepted(user());
    talk.hear(&sig_algs("rsa-sha2-512"));
    talk.hear(&sig_algs("rsa-sha2-256"));
    talk.refuse("publickey");
    talk.offer(&rsa());
    assert_eq!(offered(&talk), ["rsa-sha2-256"]);
    // Of two with the same name in one message, the first counts.
    let mut talk = Talk::accepted(user());
    let twice = [
        ("server-sig-algs", &b"rsa-sha2-256"[..]),
        ("server-sig-algs", b"rsa-sha2-512"),
    ];
    talk.hear(&ext_info(&twice));
    talk.refuse("publickey");
    talk.offer(&rsa());
    assert_eq!(offered(&talk), ["rsa-sha2-256"]);
}

/// What was offered under one list is signed under it, whatever list comes in between.
#[test]
fn list_after_pk_ok_does_not_change_what_is_signed() {
    let mut talk = Talk::accepted(user());
    talk.hear(&sig_algs("rsa-sha2-512"));
    talk.refuse("publickey");
    talk.offer(&rsa());
    talk.hear(&sig_algs("ssh-rsa"));
    talk.hear(&pk_ok("rsa-sha2-512", rsa().blob()));
    let need = take!(talk, NeedSignature);
    assert_eq!(need.algorithm(), "rsa-sha2-512");
}

#[test]
fn algorithm_names_are_compared_whole() {
    let p521 = "ecdsa-sha2-nistp521";
    let only = |name: &'static str| user().signature_algorithms([name]);
    for (config, list, key_type, expected) in [
        (only("ecdsa-sha2-nistp256"), p521, p521, None),
        (only(p521), "ecdsa-sha2-nistp256", p521, None),
        (only(p521), p521, p521, Some(p521)),
        (
            user(),
            "rsa-sha2-51,rsa-sha2-5122,xrsa-sha2-512",
            "ssh-rsa",
            None,
        ),
        (user(), "RSA-SHA2-512", "ssh-rsa", None),
        (user(), " rsa-sha2-512", "ssh-rsa", None),
        (user(), "", "ssh-ed25519", None),
        (user(), ",,ssh-ed25519,", "ssh-ed25519", Some("ssh-ed25519")),
        (only("rsa-sha2-256"), "rsa-sha2-512", "ssh-rsa", None),
    ] {
        let talk = refused_under(config, Some(list), identity(key_type, 1));
        let names = offered(&talk);
        assert_eq!(names.first().map(String::as_str), expected, "{list}");
    }
}

/// SHA-1 by explicit policy only, and then only where the server lists it.
#[test]
fn sha1_needs_policy_and_list() {
    let (refuse, allow) = (Sha1Signatures::Refuse, Sha1Signatures::Allow);
    for (policy, list, key_type, expected) in [
        (refuse, "ssh-rsa", "ssh-rsa", None),
        (allow, "ssh-rsa", "ssh-rsa", Some("ssh-rsa")),
        (
            allow,
            "rsa-sha2-256,ssh-rsa",
            "ssh-rsa",
            Some("rsa-sha2-256"),
        ),
        (allow, "ssh-ed25519", "ssh-rsa", None),
        (refuse, "ssh-dss", "ssh-dss", None),
        (allow, "ssh-dss", "ssh-dss", Some("ssh-dss")),
        (refuse, RSA_CERTIFICATE, RSA_CERTIFICATE, None),
        (
            allow,
            RSA_CERTIFICATE,
            RSA_CERTIFICATE,
            Some(RSA_CERTIFICATE),
        ),
        (
            refuse,
            "ssh-dss-cert-v01@openssh.com",
            "ssh-dss-cert-v01@openssh.com",
            None,
        ),
    ] {
        let config = user().sha1_signatures(policy);
        let talk = refused_under(config, Some(list), identity(key_type, 1));
        let names = offered(&talk);
        assert_eq!(
            names.first().map(String::as_str),
            expected,
            "{policy:?} {list}"
        );
    }
}

/// Not by a signer that can do nothing else, not by any fallback.
#[test]
fn no_fallback_leads_to_sha1() {
    let list = Some("rsa-sha2-512,rsa-sha2-256,ssh-rsa");
    for fallback in [
        HashFallback::Never,
        HashFallback::AfterSignature,
        HashFallback::AfterAnyRefusal,
    ] {
        let talk = refused_under(user().hash_fallback(fallback), list, rsa());
        let names = offered(&talk);
        assert!(!names.iter().any(|name| name == "ssh-rsa"), "{names:?}");

        let mut talk = Talk::accepted(user().hash_fallback(fallback));
        talk.hear(&sig_algs("rsa-sha2-512,rsa-sha2-256,ssh-rsa"));
        talk.refuse("publickey");
        talk.offer(&rsa());
        talk.hear(&pk_ok("rsa-sha2-512", rsa().blob()));
        let need = take!(talk, NeedSignature);
        let bad = need.signed(signature("ssh-rsa")).unwrap_err();
        talk.answer(bad.decline());
        assert_eq!(offered(&talk), ["rsa-sha2-512"]);
    }
}

/// A quirk changes the name of a request, never the hash of a signature.
#[test]
fn quirks_bring_no_sha1() {
    let mut quirks = Quirks::default();
    quirks.unlisted_rsa_sha2 = true;
    quirks.rsa_certificates_by_type = true;
    let mut talk = Talk::accepted(user().quirks(quirks));
    talk.hear(&sig_algs("ssh-rsa"));
    talk.refuse("publickey");
    let certificate = identity(RSA_CERTIFICATE, 1);
    talk.offer(&certificate);
    assert_eq!(offered(&talk), [RSA_CERTIFICATE]);
    talk.hear(&pk_ok(RSA_CERTIFICATE, certificate.blob()));
    let need = take!(talk, NeedSignature);
    assert_eq!(need.signature_algorithm(), "rsa-sha2-512");
    assert!(need.signed(signature("ssh-rsa")).is_err());
    let talk = refused_under(user().quirks(quirks), Some("ssh-rsa"), rsa());
    assert_eq!(offered(&talk), ["rsa-sha2-512"]);
}

/// A refused key under another hash costs an attempt, so that the caller must want it.
#[test]
fn no_offer_is_made_twice() {
    let list = Some("rsa-sha2-512,rsa-sha2-256");
    let never = refused_under(user(), list, rsa());
    assert_eq!(offered(&never), ["rsa-sha2-512"]);
    let config = user().hash_fallback(HashFallback::AfterAnyRefusal);
    let both = refused_under(config, list, rsa());
    assert_eq!(offered(&both), ["rsa-sha2-512", "rsa-sha2-256"]);
}

/// The list is cut at its limit. Half a name would be another name.
#[test]
fn cut_list_has_no_partial_names() {
    let mut limits = ssh_userauth::Limits::default();
    limits.max_algorithm_list_bytes = b"ssh-ed25519,rsa-sha2-256".len();
    let list = "ssh-ed25519,rsa-sha2-256-not-this-one@example.org";
    let talk = refused_under(user().limits(limits), Some(list), rsa());
    assert_eq!(offered(&talk), [""; 0]);
}

#[test]
fn key_without_algorithms_is_skipped() {
    for key in [
        rsa().with_algorithms([""; 0]),
        rsa().with_algorithms(["ssh-ed25519", "", "no,name"]),
        key_a().with_algorithms([""; 0]),
    ] {
        let mut talk = Talk::listed(user(), "publickey");
        talk.offer(&key);
        talk.no_key();
        assert!(no_mutual(&talk, &key), "{key}");
        assert_eq!(
            talk.skipped(Method::PublicKey),
            Some(&Unavailable::Declined)
        );
        assert_eq!(talk.sent.len(), 1);
    }
}
