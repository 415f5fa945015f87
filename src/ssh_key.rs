//! Conversions from the types of the `ssh-key` crate, and signing with its keys. The only file
//! that knows them.

use alloc::vec::Vec;

use ::ssh_key::{Certificate, Fingerprint, HashAlg, PrivateKey, PublicKey, Signature, SigningKey};

use crate::identity::{Identity, IdentityError};
use crate::method::hostbased::NeedHostSignature;
use crate::method::publickey::NeedSignature;
use crate::question::{Answer, Rejected};

impl Identity {
    /// The SHA-256 fingerprint of the blob, as `ssh-keygen -l` prints it; of a certificate, that
    /// of the certificate itself.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let digest = HashAlg::Sha256.digest(self.blob());
        // A SHA-256 digest has 32 bytes.
        Fingerprint::Sha256(digest.try_into().unwrap_or_default())
    }
}

impl NeedSignature {
    /// Signs with a key in memory, with the hash that is asked for. The crate `ssh-key` must be
    /// built with the algorithm (its features `ed25519`, `p256`, ...); for RSA, enable this
    /// crate's feature `rsa`.
    ///
    /// ```
    /// # fn answer(need: ssh_userauth::NeedSignature, key: &ssh_key::PrivateKey)
    /// # -> ssh_userauth::Answer {
    /// need.sign_with(key).unwrap_or_else(ssh_userauth::Rejected::decline)
    /// # }
    /// ```
    ///
    /// # Errors
    /// The key is encrypted, of another type, or can't sign with this algorithm. The question
    /// comes back inside the error.
    pub fn sign_with(self, key: &PrivateKey) -> Result<Answer, Rejected<Self>> {
        let blob = sign(key, self.signature_algorithm(), self.data());
        self.take(blob.as_deref())
    }
}

impl NeedHostSignature {
    /// As [`NeedSignature::sign_with`].
    ///
    /// # Errors
    /// As [`NeedSignature::sign_with`].
    pub fn sign_with(self, key: &PrivateKey) -> Result<Answer, Rejected<Self>> {
        let blob = sign(key, self.signature_algorithm(), self.data());
        self.take(blob.as_deref())
    }
}

fn sign(key: &PrivateKey, algorithm: &str, data: &[u8]) -> Option<Vec<u8>> {
    let signature = match algorithm {
        "rsa-sha2-256" => sign_rsa(key, Some(HashAlg::Sha256), data),
        "rsa-sha2-512" => sign_rsa(key, Some(HashAlg::Sha512), data),
        "ssh-rsa" => sign_rsa(key, None, data),
        _ => try_sign(key, data),
    }?;
    Vec::try_from(signature).ok()
}

/// RSA signs with one of three hashes; the key alone doesn't say which (RFC 8332 section 3).
#[cfg(feature = "rsa")]
fn sign_rsa(key: &PrivateKey, hash: Option<HashAlg>, data: &[u8]) -> Option<Signature> {
    use signature::Signer as _;

    (key.key_data().rsa()?, hash).try_sign(data).ok()
}

/// Without the feature `rsa`, the key decides; a wrong hash is noticed afterwards.
#[cfg(not(feature = "rsa"))]
fn sign_rsa(key: &PrivateKey, _hash: Option<HashAlg>, data: &[u8]) -> Option<Signature> {
    try_sign(key, data)
}

fn try_sign(key: &impl SigningKey, data: &[u8]) -> Option<Signature> {
    key.try_sign(data).ok()
}

/// The key, labelled with its comment.
impl TryFrom<&PublicKey> for Identity {
    type Error = IdentityError;

    fn try_from(key: &PublicKey) -> Result<Self, IdentityError> {
        labelled(key.to_bytes(), key.comment().as_str_lossy())
    }
}

/// The public half of the key, labelled with its comment. Encrypted keys have one, too.
impl TryFrom<&PrivateKey> for Identity {
    type Error = IdentityError;

    fn try_from(key: &PrivateKey) -> Result<Self, IdentityError> {
        Self::try_from(key.public_key())
    }
}

/// The certificate, labelled with its comment.
impl TryFrom<&Certificate> for Identity {
    type Error = IdentityError;

    fn try_from(certificate: &Certificate) -> Result<Self, IdentityError> {
        labelled(certificate.to_bytes(), certificate.comment())
    }
}

fn labelled(blob: ::ssh_key::Result<Vec<u8>>, comment: &str) -> Result<Identity, IdentityError> {
    let identity = Identity::from_blob(blob.map_err(|_| IdentityError::NotEncodable)?)?;
    Ok(if comment.is_empty() {
        identity
    } else {
        identity.with_label(comment)
    })
}

/// Fails for types that `ssh-key` doesn't know, and for certificates.
impl TryFrom<&Identity> for PublicKey {
    type Error = ::ssh_key::Error;

    fn try_from(identity: &Identity) -> ::ssh_key::Result<Self> {
        let mut key = Self::from_bytes(identity.blob())?;
        key.set_comment(identity.label().unwrap_or_default());
        Ok(key)
    }
}

/// Fails for anything but a certificate of a type that `ssh-key` knows.
impl TryFrom<&Identity> for Certificate {
    type Error = ::ssh_key::Error;

    fn try_from(identity: &Identity) -> ::ssh_key::Result<Self> {
        Self::from_bytes(identity.blob())
    }
}
