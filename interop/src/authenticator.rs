//! A FIDO authenticator in software: keys whose signatures also say what the user did.
//!
//! The signatures are genuine (OpenSSH PROTOCOL.u2f): under them are the hash of the application,
//! the flags, the counter and the hash of the message. Only the hardware is missing, and with it
//! the promise that the flags are true; so it can also say that nobody touched it.

use core::sync::atomic::{AtomicU32, Ordering};

use ring::digest::{SHA256, digest};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _,
};

use crate::transport::wire::{put_mpint, put_string};

/// What OpenSSH names as the application of its keys unless told otherwise.
const APPLICATION: &[u8] = b"ssh:";

const ED25519: &str = "sk-ssh-ed25519@openssh.com";
const ECDSA: &str = "sk-ecdsa-sha2-nistp256@openssh.com";
const WEBAUTHN: &str = "webauthn-sk-ecdsa-sha2-nistp256@openssh.com";

/// Where a browser would say that it signed.
const ORIGIN: &str = "https://login.example.org";

/// A key could not be made or used: no random numbers from the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authenticator has no random numbers")]
#[non_exhaustive]
pub struct AuthenticatorError;

/// What the user does when asked to approve a signature: the flags of the signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Gesture {
    /// Nothing; a real authenticator signs so only if told that no touch is needed.
    Nothing,
    /// Touches the authenticator: user presence.
    Touch,
    /// Touches it and enters a PIN: user presence and user verification.
    TouchAndPin,
}

impl Gesture {
    /// Bit 0 is presence, bit 2 is verification (WebAuthn section 6.1).
    #[must_use]
    pub const fn flags(self) -> u8 {
        match self {
            Self::Nothing => 0,
            Self::Touch => 1,
            Self::TouchAndPin => 5,
        }
    }
}

enum Pair {
    Ed25519(Ed25519KeyPair),
    Ecdsa(EcdsaKeyPair),
}

/// An authenticator with one key pair in it.
pub struct Authenticator {
    pair: Pair,
    random: SystemRandom,
    /// Signatures so far; a server could tell a copy of the authenticator by it.
    counter: AtomicU32,
}

impl core::fmt::Debug for Authenticator {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Authenticator")
            .field("key_type", &self.key_type())
            .field("counter", &self.counter)
            .finish_non_exhaustive()
    }
}

impl Authenticator {
    /// With a new key of the type `sk-ssh-ed25519@openssh.com`.
    ///
    /// # Errors
    /// No random numbers.
    pub fn ed25519() -> Result<Self, AuthenticatorError> {
        let random = SystemRandom::new();
        let pair = Ed25519KeyPair::generate_pkcs8(&random)
            .map_err(|_| AuthenticatorError)
            .and_then(|key| {
                Ed25519KeyPair::from_pkcs8(key.as_ref()).map_err(|_| AuthenticatorError)
            })?;
        Ok(Self::with(Pair::Ed25519(pair), random))
    }

    /// With a new key of the type `sk-ecdsa-sha2-nistp256@openssh.com`.
    ///
    /// # Errors
    /// No random numbers.
    pub fn ecdsa() -> Result<Self, AuthenticatorError> {
        let random = SystemRandom::new();
        let signing = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let pair = EcdsaKeyPair::generate_pkcs8(signing, &random)
            .map_err(|_| AuthenticatorError)
            .and_then(|key| {
                EcdsaKeyPair::from_pkcs8(signing, key.as_ref(), &random)
                    .map_err(|_| AuthenticatorError)
            })?;
        Ok(Self::with(Pair::Ecdsa(pair), random))
    }

    const fn with(pair: Pair, random: SystemRandom) -> Self {
        Self {
            pair,
            random,
            counter: AtomicU32::new(0),
        }
    }

    /// The name of the key's type, and of its signatures' algorithm.
    #[must_use]
    pub const fn key_type(&self) -> &'static str {
        match self.pair {
            Pair::Ed25519(_) => ED25519,
            Pair::Ecdsa(_) => ECDSA,
        }
    }

    /// The public key blob: type, for ECDSA the curve, the key, the application.
    #[must_use]
    pub fn blob(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put_string(&mut blob, self.key_type().as_bytes());
        match &self.pair {
            Pair::Ed25519(pair) => put_string(&mut blob, pair.public_key().as_ref()),
            Pair::Ecdsa(pair) => {
                put_string(&mut blob, b"nistp256");
                put_string(&mut blob, pair.public_key().as_ref());
            }
        }
        put_string(&mut blob, APPLICATION);
        blob
    }

    /// Signs `message` after the user did `gesture`: gives the signature blob.
    ///
    /// # Errors
    /// No random numbers.
    pub fn sign(&self, message: &[u8], gesture: Gesture) -> Result<Vec<u8>, AuthenticatorError> {
        let (raw, counter) = self.assertion(message, gesture)?;
        let mut blob = Vec::new();
        put_string(&mut blob, self.key_type().as_bytes());
        put_string(&mut blob, &raw);
        blob.push(gesture.flags());
        blob.extend_from_slice(&counter.to_be_bytes());
        Ok(blob)
    }

    /// Signs `message` as a browser does, for which only the message wrapped in a text can be
    /// signed: the algorithm `webauthn-sk-ecdsa-sha2-nistp256@openssh.com`, of ECDSA keys only.
    ///
    /// # Errors
    /// No random numbers.
    pub fn sign_in_browser(
        &self,
        message: &[u8],
        gesture: Gesture,
    ) -> Result<Vec<u8>, AuthenticatorError> {
        let challenge = base64url(message);
        let client_data = format!(
            r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"{ORIGIN}","crossOrigin":false}}"#
        );
        let (raw, counter) = self.assertion(client_data.as_bytes(), gesture)?;
        let mut blob = Vec::new();
        put_string(&mut blob, WEBAUTHN.as_bytes());
        put_string(&mut blob, &raw);
        blob.push(gesture.flags());
        blob.extend_from_slice(&counter.to_be_bytes());
        put_string(&mut blob, ORIGIN.as_bytes());
        put_string(&mut blob, client_data.as_bytes());
        // No extensions.
        put_string(&mut blob, b"");
        Ok(blob)
    }

    /// The signature without its frame, and the counter under it.
    fn assertion(
        &self,
        message: &[u8],
        gesture: Gesture,
    ) -> Result<(Vec<u8>, u32), AuthenticatorError> {
        let counter = self.counter.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let mut signed = digest(&SHA256, APPLICATION).as_ref().to_vec();
        signed.push(gesture.flags());
        signed.extend_from_slice(&counter.to_be_bytes());
        signed.extend_from_slice(digest(&SHA256, message).as_ref());
        let raw = match &self.pair {
            Pair::Ed25519(pair) => pair.sign(&signed).as_ref().to_vec(),
            Pair::Ecdsa(pair) => {
                let signature = pair
                    .sign(&self.random, &signed)
                    .map_err(|_| AuthenticatorError)?;
                let (r, s) = signature.as_ref().split_at(signature.as_ref().len() / 2);
                let mut numbers = Vec::new();
                put_mpint(&mut numbers, r);
                put_mpint(&mut numbers, s);
                numbers
            }
        };
        Ok((raw, counter))
    }
}

/// RFC 4648 section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| chunk.get(index).copied().map_or(0, u32::from);
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        // One byte makes two digits, two make three, three make four.
        for shift in [18, 12, 6, 0].into_iter().take(chunk.len() + 1) {
            let digit = usize::try_from(group >> shift & 63).unwrap_or_default();
            text.extend(DIGITS.get(digit).copied().map(char::from));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    /// RFC 4648 section 10, with the padding left out.
    #[test]
    fn base64url_of_the_rfc() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64url(bytes.as_bytes()), text);
        }
        assert_eq!(base64url(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn every_signature_counts() {
        let key = Authenticator::ed25519().unwrap();
        let counter = |blob: Vec<u8>| blob[blob.len() - 5..].to_vec();
        assert_eq!(
            counter(key.sign(b"one", Gesture::Touch).unwrap()),
            [1, 0, 0, 0, 1]
        );
        assert_eq!(
            counter(key.sign(b"two", Gesture::TouchAndPin).unwrap()),
            [5, 0, 0, 0, 2]
        );
    }
}
