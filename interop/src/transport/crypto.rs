//! The key exchange's arithmetic and the two ciphers.

use core::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey, chacha20_poly1305_openssh};
use ring::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey, X25519};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::transport::algorithms::Cipher;
use crate::transport::error::TransportError;
use crate::transport::wire::put_mpint;

/// Length of the authentication tag of both ciphers.
pub(crate) const TAG: usize = 16;

/// Fills `bytes` with random bytes from the system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), TransportError> {
    SystemRandom::new()
        .fill(bytes)
        .map_err(|_| TransportError::Randomness)
}

pub(crate) fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    // Both sides are 32 bytes long.
    for (to, from) in hash.iter_mut().zip(context.finish().as_ref()) {
        *to = *from;
    }
    hash
}

/// One side's half of the X25519 exchange.
pub(crate) struct Ephemeral {
    private: EphemeralPrivateKey,
    public: Vec<u8>,
}

impl fmt::Debug for Ephemeral {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ephemeral").finish_non_exhaustive()
    }
}

impl Ephemeral {
    pub(crate) fn generate() -> Result<Self, TransportError> {
        let private = EphemeralPrivateKey::generate(&X25519, &SystemRandom::new())
            .map_err(|_| TransportError::Randomness)?;
        let public = private
            .compute_public_key()
            .map_err(|_| TransportError::KeyExchange)?
            .as_ref()
            .to_vec();
        Ok(Self { private, public })
    }

    pub(crate) fn public(&self) -> &[u8] {
        &self.public
    }

    /// The shared secret, encoded as mpint. The all-zero secret that RFC 8731 section 3 forbids is
    /// refused by the library.
    pub(crate) fn agree(self, peer: &[u8]) -> Result<Zeroizing<Vec<u8>>, TransportError> {
        let peer = UnparsedPublicKey::new(&X25519, peer);
        agreement::agree_ephemeral(self.private, &peer, |secret| {
            // Room for everything at once, so that growing leaves no copy behind.
            let mut shared = Zeroizing::new(Vec::with_capacity(40));
            put_mpint(&mut shared, secret);
            shared
        })
        .map_err(|_| TransportError::KeyExchange)
    }
}

/// Which way a key protects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Direction {
    ClientToServer,
    ServerToClient,
}

/// The input of the key derivation (RFC 4253 section 7.2).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secrets<'a> {
    /// The shared secret as mpint.
    pub(crate) shared: &'a [u8],
    /// The exchange hash, which is also the session identifier of this first exchange.
    pub(crate) hash: &'a [u8; 32],
}

impl Secrets<'_> {
    /// 64 bytes of key for `letter`; callers use as many as they need.
    fn derive(&self, letter: u8) -> Zeroizing<[u8; 64]> {
        let first = Zeroizing::new(sha256(&[self.shared, self.hash, &[letter], self.hash]));
        let second = Zeroizing::new(sha256(&[self.shared, self.hash, first.as_slice()]));
        let mut key = Zeroizing::new([0; 64]);
        for (to, from) in key.iter_mut().zip(first.iter().chain(second.iter())) {
            *to = *from;
        }
        key
    }

    /// Letters for initial vector and key.
    const fn letters(direction: Direction) -> (u8, u8) {
        match direction {
            Direction::ClientToServer => (b'A', b'C'),
            Direction::ServerToClient => (b'B', b'D'),
        }
    }

    fn gcm(&self, direction: Direction) -> Result<Gcm, TransportError> {
        let (iv, key) = Self::letters(direction);
        let key = self.derive(key);
        let iv = self.derive(iv);
        let (Some(key), Some(nonce)) = (key.get(..32), iv.first_chunk::<12>()) else {
            return Err(TransportError::KeyExchange);
        };
        let key = UnboundKey::new(&AES_256_GCM, key).map_err(|_| TransportError::KeyExchange)?;
        Ok(Gcm {
            key: LessSafeKey::new(key),
            nonce: *nonce,
        })
    }

    pub(crate) fn sealer(
        &self,
        cipher: Cipher,
        direction: Direction,
    ) -> Result<SealKey, TransportError> {
        Ok(match cipher {
            Cipher::ChaCha20Poly1305 => {
                SealKey::ChaCha(Box::new(chacha20_poly1305_openssh::SealingKey::new(
                    &self.derive(Self::letters(direction).1),
                )))
            }
            Cipher::Aes256Gcm => SealKey::Gcm(Box::new(self.gcm(direction)?)),
        })
    }

    pub(crate) fn opener(
        &self,
        cipher: Cipher,
        direction: Direction,
    ) -> Result<OpenKey, TransportError> {
        Ok(match cipher {
            Cipher::ChaCha20Poly1305 => {
                OpenKey::ChaCha(Box::new(chacha20_poly1305_openssh::OpeningKey::new(
                    &self.derive(Self::letters(direction).1),
                )))
            }
            Cipher::Aes256Gcm => OpenKey::Gcm(Box::new(self.gcm(direction)?)),
        })
    }
}

/// AES-256-GCM with RFC 5647's nonce: four fixed bytes and a counter of eight.
pub(crate) struct Gcm {
    key: LessSafeKey,
    nonce: [u8; 12],
}

impl Gcm {
    /// The nonce of this packet; moves on to the next one.
    fn next_nonce(&mut self) -> Nonce {
        let nonce = Nonce::assume_unique_for_key(self.nonce);
        if let Some(counter) = self.nonce.last_chunk_mut::<8>() {
            *counter = u64::from_be_bytes(*counter).wrapping_add(1).to_be_bytes();
        }
        nonce
    }
}

/// Protects outgoing packets.
pub(crate) enum SealKey {
    Clear,
    ChaCha(Box<chacha20_poly1305_openssh::SealingKey>),
    Gcm(Box<Gcm>),
}

impl SealKey {
    /// Padding fills up to a multiple of this, over `length field + rest` in the clear and over
    /// the rest alone with a cipher.
    pub(crate) const fn block(&self) -> usize {
        match self {
            Self::Clear | Self::ChaCha(_) => 8,
            Self::Gcm(_) => 16,
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// Encrypts `packet` (length field, padding length, payload, padding) in place and gives the
    /// tag, if there is one.
    pub(crate) fn seal(
        &mut self,
        sequence: u32,
        packet: &mut [u8],
    ) -> Result<Option<[u8; TAG]>, TransportError> {
        match self {
            Self::Clear => Ok(None),
            Self::ChaCha(key) => {
                let mut tag = [0; TAG];
                key.seal_in_place(sequence, packet, &mut tag);
                Ok(Some(tag))
            }
            Self::Gcm(gcm) => {
                let nonce = gcm.next_nonce();
                let (length, body) = packet
                    .split_first_chunk_mut::<4>()
                    .ok_or(TransportError::Integrity)?;
                let tag = gcm
                    .key
                    .seal_in_place_separate_tag(nonce, Aad::from(*length), body)
                    .map_err(|_| TransportError::Integrity)?;
                let mut bytes = [0; TAG];
                for (to, from) in bytes.iter_mut().zip(tag.as_ref()) {
                    *to = *from;
                }
                Ok(Some(bytes))
            }
        }
    }
}

/// Opens incoming packets.
pub(crate) enum OpenKey {
    Clear,
    ChaCha(Box<chacha20_poly1305_openssh::OpeningKey>),
    Gcm(Box<Gcm>),
}

impl OpenKey {
    pub(crate) const fn block(&self) -> usize {
        match self {
            Self::Clear | Self::ChaCha(_) => 8,
            Self::Gcm(_) => 16,
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// The packet length, not yet authenticated.
    pub(crate) fn length(&self, sequence: u32, field: [u8; 4]) -> u32 {
        u32::from_be_bytes(match self {
            Self::Clear | Self::Gcm(_) => field,
            Self::ChaCha(key) => key.decrypt_packet_length(sequence, field),
        })
    }

    /// Decrypts `packet` (length field and rest) in place.
    pub(crate) fn open(
        &mut self,
        sequence: u32,
        packet: &mut [u8],
        tag: &[u8; TAG],
    ) -> Result<(), TransportError> {
        match self {
            Self::Clear => Ok(()),
            Self::ChaCha(key) => key
                .open_in_place(sequence, packet, tag)
                .map(drop)
                .map_err(|_| TransportError::Integrity),
            Self::Gcm(gcm) => {
                let nonce = gcm.next_nonce();
                let (length, body) = packet
                    .split_first_chunk_mut::<4>()
                    .ok_or(TransportError::Integrity)?;
                gcm.key
                    .open_in_place_separate_tag(nonce, Aad::from(*length), (*tag).into(), body, 0..)
                    .map(drop)
                    .map_err(|_| TransportError::Integrity)
            }
        }
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SealKey").finish_non_exhaustive()
    }
}

impl fmt::Debug for OpenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenKey").finish_non_exhaustive()
    }
}
