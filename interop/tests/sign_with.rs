//! Keys in memory: conversions from and to the types of `ssh-key`, and genuine signatures with the
//! hash that the server wants.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use signature::Verifier;
use ssh_key::certificate::{Builder, CertType};
use ssh_key::private::{EcdsaKeypair, RsaKeypair};
use ssh_key::{
    Algorithm, Certificate, EcdsaCurve, HashAlg, PrivateKey, PublicKey, Signature, rand_core,
};
use ssh_userauth::{
    Action, BadSignatureReason, ClientHost, Config, Identity, Method, NeedSignature, Pipelining,
    Rejection, ServiceRequest, Session, UserAuthClient,
};
use ssh_userauth_testing::wire::{
    ClientMessage, ExtInfo, Extension, Failure, NameList, PkOk, PublicKeySignatureData,
    RequestMethod, SERVER_SIG_ALGS, encode_exact,
};

const SESSION: [u8; 32] = [7; 32];

fn rng() -> impl rand_core::CryptoRng {
    rand_core::UnwrapErr(ssh_key::getrandom::SysRng)
}

fn ed25519() -> PrivateKey {
    PrivateKey::random(&mut rng(), Algorithm::Ed25519).unwrap()
}

/// A machine whose server lists this algorithm, up to the question for the signature.
fn question(algorithm: &str, identity: Identity) -> (UserAuthClient, NeedSignature) {
    let entries = vec![Extension {
        name: SERVER_SIG_ALGS.as_bytes(),
        value: algorithm.as_bytes(),
    }];
    let session = Session::encrypted(SESSION)
        .ext_info(encode_exact(&ExtInfo { entries }).unwrap())
        .service_request(ServiceRequest::Accepted);
    let config = Config::new("u").pipelining(Pipelining::Off);
    let mut client = UserAuthClient::new(config, session).unwrap();
    let refusal = encode_exact(&Failure {
        methods: NameList::try_from("publickey").unwrap(),
        partial_success: false,
    })
    .unwrap();
    let mut replies = vec![refusal];
    loop {
        match client.poll_action() {
            Some(Action::NeedPublicKey(need)) => {
                let answer = need.offer(identity.clone());
                client.handle_answer(answer).unwrap();
            }
            Some(Action::NeedSignature(need)) => return (client, need),
            Some(Action::SendRequest(payload)) => {
                if let Some(ok) = accepted(payload.bytes()) {
                    replies.push(ok);
                }
            }
            Some(other) => panic!("{other:?}"),
            None => {
                client.handle_packet(&replies.remove(0)).unwrap();
            }
        }
    }
}

/// The PK_OK to a query.
fn accepted(payload: &[u8]) -> Option<Vec<u8>> {
    let ClientMessage::Request(request) = ClientMessage::decode(payload).unwrap() else {
        return None;
    };
    let RequestMethod::PublicKey { algorithm, key, .. } = request.method else {
        return None;
    };
    Some(encode_exact(&PkOk { algorithm, key }).unwrap())
}

/// Signs, and checks what leaves as a server would.
fn signs(key: &PrivateKey, identity: Identity, listed: &str) -> String {
    let (mut client, need) = question(listed, identity.clone());
    let wanted = need.signature_algorithm().to_owned();
    let data = need.data().to_vec();
    let covered = PublicKeySignatureData::decode(&data).unwrap();
    assert_eq!(
        (covered.session_id, covered.key),
        (&SESSION[..], identity.blob())
    );
    client.handle_answer(need.sign_with(key).unwrap()).unwrap();
    let Some(Action::SendRequest(payload)) = client.poll_action() else {
        panic!("the signed request");
    };
    let ClientMessage::Request(request) = ClientMessage::decode(payload.bytes()).unwrap() else {
        panic!("a request");
    };
    let RequestMethod::PublicKey {
        algorithm,
        signature: Some(blob),
        ..
    } = request.method
    else {
        panic!("a signed one");
    };
    let signature = Signature::try_from(blob).unwrap();
    // `PublicKey` has a method of this name for `SshSig`.
    Verifier::verify(key.public_key(), &data, &signature).unwrap();
    assert_eq!(signature.algorithm().to_string(), wanted);
    String::from_utf8(algorithm.to_vec()).unwrap()
}

#[test]
fn every_type_signs_what_the_server_verifies() {
    let key = ed25519();
    let identity = Identity::try_from(&key).unwrap();
    assert_eq!(signs(&key, identity, "ssh-ed25519"), "ssh-ed25519");
    let curve = EcdsaCurve::NistP256;
    let key = PrivateKey::from(EcdsaKeypair::random(&mut rng(), curve).unwrap());
    let identity = Identity::try_from(&key).unwrap();
    let name = "ecdsa-sha2-nistp256";
    assert_eq!(signs(&key, identity, name), name);
}

#[test]
fn rsa_signs_with_the_hash_that_is_listed() {
    let key = PrivateKey::from(RsaKeypair::random(&mut rng(), 2048).unwrap());
    let identity = Identity::try_from(key.public_key()).unwrap();
    for name in ["rsa-sha2-256", "rsa-sha2-512"] {
        assert_eq!(signs(&key, identity.clone(), name), name);
    }
}

#[test]
fn a_certificate_signs_as_its_key_does() {
    let (authority, key) = (ed25519(), ed25519());
    let mut builder =
        Builder::new_with_random_nonce(&mut rng(), key.public_key(), 0, u64::MAX - 1).unwrap();
    builder.cert_type(CertType::User).unwrap();
    builder.key_id("laptop").unwrap();
    builder.valid_principal("u").unwrap();
    builder.comment("on a card").unwrap();
    let certificate: Certificate = builder.sign(&authority).unwrap();
    let identity = Identity::try_from(&certificate).unwrap();
    assert!(identity.is_certificate());
    assert_eq!(identity.label(), Some("on a card"));
    let name = "ssh-ed25519-cert-v01@openssh.com";
    assert_eq!(signs(&key, identity.clone(), "ssh-ed25519"), name);
    let back = Certificate::try_from(&identity).unwrap();
    assert_eq!(back.to_bytes().unwrap(), identity.blob());
}

#[test]
fn identities_come_and_go() {
    let mut key = ed25519();
    key.set_comment("laptop");
    let identity = Identity::try_from(&key).unwrap();
    assert_eq!(identity.label(), Some("laptop"));
    assert_eq!(identity.blob(), key.public_key().to_bytes().unwrap());
    assert_eq!(
        identity.fingerprint(),
        key.public_key().fingerprint(HashAlg::Sha256)
    );
    let back = PublicKey::try_from(&identity).unwrap();
    assert_eq!(&back, key.public_key());
    assert!(Certificate::try_from(&identity).is_err());
}

#[test]
fn another_key_is_noticed() {
    let identity = Identity::try_from(&ed25519()).unwrap();
    let (_, need) = question("ssh-ed25519", identity);
    let curve = EcdsaCurve::NistP256;
    let other = PrivateKey::from(EcdsaKeypair::random(&mut rng(), curve).unwrap());
    let refused = need.sign_with(&other).unwrap_err();
    let wrong = matches!(
        refused.reason(),
        Rejection::BadSignature(BadSignatureReason::WrongAlgorithm { .. })
    );
    assert!(wrong, "{refused}");
    let encrypted = ed25519().encrypt(&mut rng(), "secret").unwrap();
    let refused = refused.into_question().sign_with(&encrypted).unwrap_err();
    assert_eq!(*refused.reason(), BadSignatureReason::SignerFailed.into());
}

/// The method hostbased: the same signer, another question.
#[test]
fn a_host_key_signs_as_well() {
    let key = ed25519();
    let identity = Identity::try_from(&key).unwrap();
    let host = ClientHost::new("build1.example.org", "bob").key(identity);
    let config = Config::new("u")
        .methods([Method::HostBased])
        .client_host(host);
    let session = Session::encrypted(SESSION).service_request(ServiceRequest::Accepted);
    let mut client = UserAuthClient::new(config.pipelining(Pipelining::Off), session).unwrap();
    assert!(matches!(client.poll_action(), Some(Action::SendRequest(_))));
    let methods = NameList::try_from("hostbased").unwrap();
    let partial_success = false;
    let refusal = Failure {
        methods,
        partial_success,
    };
    client
        .handle_packet(&encode_exact(&refusal).unwrap())
        .unwrap();
    let Some(Action::NeedHostSignature(need)) = client.poll_action() else {
        panic!("the host key is asked for");
    };
    let data = need.data().to_vec();
    client.handle_answer(need.sign_with(&key).unwrap()).unwrap();
    let Some(Action::SendRequest(payload)) = client.poll_action() else {
        panic!("the signed request");
    };
    let ClientMessage::Request(request) = ClientMessage::decode(payload.bytes()).unwrap() else {
        panic!("a request");
    };
    let RequestMethod::HostBased { signature, .. } = request.method else {
        panic!("hostbased");
    };
    let signature = Signature::try_from(signature).unwrap();
    Verifier::verify(key.public_key(), &data, &signature).unwrap();
}
