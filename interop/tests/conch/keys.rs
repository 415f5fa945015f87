//! Keys that are made from their names, as `driver.py` makes them.

use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, PrivateKey};
use ssh_userauth::{Answer, NeedSignature, Rejected};

use super::script::{bytes, string};

/// A point that everybody knows: the generator of the curve.
const P256_GENERATOR: &str = "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296\
                              4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

/// A key with a private half, by its seed.
pub(crate) fn ed25519(name: &str) -> Option<PrivateKey> {
    let mut seed = [0; 32];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    name.starts_with("ed")
        .then(|| PrivateKey::from(Ed25519Keypair::from_seed(&seed)))
}

/// The public key.
pub(crate) fn blob(name: &str) -> Vec<u8> {
    if let Some(key) = ed25519(name) {
        return key.public_key().to_bytes().unwrap();
    }
    let mut blob = Vec::new();
    match name {
        "rsa" => {
            string(b"ssh-rsa", &mut blob);
            string(&[1, 0, 1], &mut blob);
            // An `mpint` (RFC 4251 section 5): with a zero in front of a high bit.
            let modulus: Vec<u8> = core::iter::once(0).chain([0xa5; 256]).collect();
            string(&modulus, &mut blob);
        }
        "ecdsa" => {
            string(b"ecdsa-sha2-nistp256", &mut blob);
            string(b"nistp256", &mut blob);
            string(&bytes(P256_GENERATOR), &mut blob);
        }
        other => panic!("there is no key {other}"),
    }
    blob
}

/// Signs: with Ed25519 in earnest, otherwise with a digest in place of the signature.
pub(crate) fn sign(name: &str, need: NeedSignature) -> Answer {
    let signed = match ed25519(name) {
        Some(key) => need.sign_with(&key),
        None => {
            let mut signature = Vec::new();
            string(need.signature_algorithm().as_bytes(), &mut signature);
            string(&HashAlg::Sha256.digest(need.data()), &mut signature);
            need.signed(signature)
        }
    };
    signed.unwrap_or_else(Rejected::decline)
}
