//! Host keys: checking the server's signature, and making one in the server role.

use alloc::sync::Arc;
use core::fmt;

use ring::rand::{SecureRandom as _, SystemRandom};
use ring::signature::{self, Ed25519KeyPair, KeyPair as _, RsaPublicKeyComponents};
use zeroize::Zeroizing;

use crate::transport::algorithms::HostKeyAlgorithm;
use crate::transport::error::TransportError;
use crate::transport::wire::{Reader, put_string};

/// An Ed25519 host key for the server role (RFC 8709).
#[derive(Clone)]
pub struct HostKey {
    pair: Arc<Ed25519KeyPair>,
    blob: Vec<u8>,
}

impl fmt::Debug for HostKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HostKey").finish_non_exhaustive()
    }
}

impl HostKey {
    fn new(pair: Ed25519KeyPair) -> Self {
        let mut blob = Vec::new();
        put_string(&mut blob, HostKeyAlgorithm::Ed25519.name().as_bytes());
        put_string(&mut blob, pair.public_key().as_ref());
        Self {
            pair: Arc::new(pair),
            blob,
        }
    }

    /// A new random key.
    ///
    /// # Errors
    ///
    /// [`TransportError::Randomness`] if the system gives no random numbers.
    pub fn generate() -> Result<Self, TransportError> {
        let mut seed = Zeroizing::new([0; 32]);
        SystemRandom::new()
            .fill(seed.as_mut_slice())
            .map_err(|_| TransportError::Randomness)?;
        Self::from_seed(&seed)
    }

    /// The key with this 32-byte secret (RFC 8032 section 5.1.5).
    ///
    /// # Errors
    ///
    /// [`TransportError::HostKey`] if the seed is refused.
    pub fn from_seed(seed: &[u8; 32]) -> Result<Self, TransportError> {
        Ed25519KeyPair::from_seed_unchecked(seed)
            .map(Self::new)
            .map_err(|_| TransportError::HostKey("the seed was refused"))
    }

    /// The key in this PKCS #8 document (RFC 8410).
    ///
    /// # Errors
    ///
    /// [`TransportError::HostKey`] if it does not hold an Ed25519 key.
    pub fn from_pkcs8(document: &[u8]) -> Result<Self, TransportError> {
        Ed25519KeyPair::from_pkcs8_maybe_unchecked(document)
            .map(Self::new)
            .map_err(|_| TransportError::HostKey("not an Ed25519 key in PKCS #8"))
    }

    /// The public key in SSH's encoding (RFC 8709 section 4).
    #[must_use]
    pub fn blob(&self) -> &[u8] {
        &self.blob
    }

    /// The signature blob over `message` (RFC 8709 section 6).
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut blob = Vec::new();
        put_string(&mut blob, HostKeyAlgorithm::Ed25519.name().as_bytes());
        put_string(&mut blob, self.pair.sign(message).as_ref());
        blob
    }
}

/// Checks that `signature` over `message` is by the key in `blob`, and that both are of the
/// negotiated algorithm. Without the second check a server could prove itself with a key type that
/// the client did not ask for.
pub(crate) fn verify(
    algorithm: HostKeyAlgorithm,
    blob: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), TransportError> {
    let mut parts = Reader::new(signature, "host key signature");
    if parts.string()? != algorithm.name().as_bytes() {
        return Err(TransportError::HostKey(
            "the signature is not of the negotiated algorithm",
        ));
    }
    let signature = parts.string()?;
    parts.finish()?;
    let mut key = Reader::new(blob, "host key");
    if key.string()? != algorithm.key_type().as_bytes() {
        return Err(TransportError::HostKey(
            "the key is not of the negotiated type",
        ));
    }
    match algorithm {
        HostKeyAlgorithm::Ed25519 => verify_ed25519(key, message, signature),
        HostKeyAlgorithm::EcdsaP256 => verify_p256(key, message, signature),
        HostKeyAlgorithm::RsaSha512 => verify_rsa(
            &signature::RSA_PKCS1_2048_8192_SHA512,
            key,
            message,
            signature,
        ),
        HostKeyAlgorithm::RsaSha256 => verify_rsa(
            &signature::RSA_PKCS1_2048_8192_SHA256,
            key,
            message,
            signature,
        ),
    }
}

fn verify_ed25519(
    mut key: Reader<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), TransportError> {
    let point = key.string()?;
    key.finish()?;
    signature::UnparsedPublicKey::new(&signature::ED25519, point)
        .verify(message, signature)
        .map_err(|_| TransportError::HostKeySignature)
}

fn verify_p256(
    mut key: Reader<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), TransportError> {
    if key.string()? != b"nistp256" {
        return Err(TransportError::HostKey("the curve is not nistp256"));
    }
    let point = key.string()?;
    key.finish()?;
    // SSH sends r and s as mpints (RFC 5656 section 3.1.2), the verifier wants them side by side.
    let mut parts = Reader::new(signature, "host key signature");
    let mut fixed = [0_u8; 64];
    let (r, s) = fixed.split_at_mut(32);
    for half in [r, s] {
        let number = parts.unsigned_mpint()?;
        half.len()
            .checked_sub(number.len())
            .and_then(|start| half.get_mut(start..))
            .ok_or(TransportError::HostKeySignature)?
            .copy_from_slice(number);
    }
    parts.finish()?;
    signature::UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
        .verify(message, &fixed)
        .map_err(|_| TransportError::HostKeySignature)
}

fn verify_rsa(
    parameters: &'static signature::RsaParameters,
    mut key: Reader<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), TransportError> {
    let e = key.unsigned_mpint()?;
    let n = key.unsigned_mpint()?;
    key.finish()?;
    // Some servers leave out the leading zeros of the signature, which must have the length of
    // the modulus here.
    let mut padded = vec![0; n.len().saturating_sub(signature.len())];
    padded.extend_from_slice(signature);
    RsaPublicKeyComponents { n, e }
        .verify(parameters, message, &padded)
        .map_err(|_| TransportError::HostKeySignature)
}
