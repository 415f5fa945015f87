//! The key exchange's arithmetic and the ciphers.

use core::fmt;

use ring::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey, chacha20_poly1305_openssh};
use ring::agreement::{self, EphemeralPrivateKey, UnparsedPublicKey, X25519};
use ring::digest::{Context, SHA256};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use crate::transport::algorithms::Cipher;
use crate::transport::counter::{self, Counter};
use crate::transport::error::TransportError;
use crate::transport::wire::put_mpint;

/// Length of the authentication tag of the ciphers that authenticate by themselves.
const TAG: usize = 16;

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

    fn counter(&self, direction: Direction) -> Result<Counter, TransportError> {
        let (iv, key) = Self::letters(direction);
        let mac = match direction {
            Direction::ClientToServer => b'E',
            Direction::ServerToClient => b'F',
        };
        let (iv, key, mac) = (self.derive(iv), self.derive(key), self.derive(mac));
        let (Some(iv), Some(key), Some(mac)) =
            (iv.first_chunk(), key.first_chunk(), mac.first_chunk())
        else {
            return Err(TransportError::KeyExchange);
        };
        Ok(Counter::new(key, iv, mac))
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
            Cipher::Aes256Ctr => SealKey::Counter(Box::new(self.counter(direction)?)),
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
            Cipher::Aes256Ctr => OpenKey::Counter(Box::new(self.counter(direction)?)),
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
    Counter(Box<Counter>),
}

impl SealKey {
    /// Padding fills up to a multiple of this.
    pub(crate) const fn block(&self) -> usize {
        match self {
            Self::Clear | Self::ChaCha(_) => 8,
            Self::Gcm(_) | Self::Counter(_) => 16,
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// Whether the length field is part of what is padded (RFC 4253 section 6), as it is not with
    /// the ciphers that authenticate by themselves.
    pub(crate) const fn pads_length(&self) -> bool {
        matches!(self, Self::Clear | Self::Counter(_))
    }

    /// Encrypts `packet` (length field, padding length, payload, padding) in place and gives the
    /// tag, which is empty in the clear.
    pub(crate) fn seal(
        &mut self,
        sequence: u32,
        packet: &mut [u8],
    ) -> Result<Vec<u8>, TransportError> {
        match self {
            Self::Clear => Ok(Vec::new()),
            Self::ChaCha(key) => {
                let mut tag = [0; TAG];
                key.seal_in_place(sequence, packet, &mut tag);
                Ok(tag.to_vec())
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
                Ok(tag.as_ref().to_vec())
            }
            Self::Counter(counter) => Ok(counter.seal(sequence, packet)),
        }
    }
}

/// Opens incoming packets.
pub(crate) enum OpenKey {
    Clear,
    ChaCha(Box<chacha20_poly1305_openssh::OpeningKey>),
    Gcm(Box<Gcm>),
    Counter(Box<Counter>),
}

impl OpenKey {
    pub(crate) const fn block(&self) -> usize {
        match self {
            Self::Clear | Self::ChaCha(_) => 8,
            Self::Gcm(_) | Self::Counter(_) => 16,
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        matches!(self, Self::Clear)
    }

    /// As for [`SealKey::pads_length`].
    pub(crate) const fn pads_length(&self) -> bool {
        matches!(self, Self::Clear | Self::Counter(_))
    }

    /// Length of the tag behind each packet.
    pub(crate) const fn tag(&self) -> usize {
        match self {
            Self::Clear => 0,
            Self::ChaCha(_) | Self::Gcm(_) => TAG,
            Self::Counter(_) => counter::TAG,
        }
    }

    /// The packet length, not yet authenticated.
    pub(crate) fn length(&mut self, sequence: u32, field: [u8; 4]) -> u32 {
        u32::from_be_bytes(match self {
            Self::Clear | Self::Gcm(_) => field,
            Self::ChaCha(key) => key.decrypt_packet_length(sequence, field),
            Self::Counter(counter) => counter.length(field),
        })
    }

    /// Decrypts `packet` (length field and rest) in place.
    pub(crate) fn open(
        &mut self,
        sequence: u32,
        packet: &mut [u8],
        tag: &[u8],
    ) -> Result<(), TransportError> {
        let fixed = tag.first_chunk().copied().unwrap_or_default();
        match self {
            Self::Clear => Ok(()),
            Self::Counter(counter) => counter.open(sequence, packet, tag),
            Self::ChaCha(key) => key
                .open_in_place(sequence, packet, &fixed)
                .map(drop)
                .map_err(|_| TransportError::Integrity),
            Self::Gcm(gcm) => {
                let nonce = gcm.next_nonce();
                let (length, body) = packet
                    .split_first_chunk_mut::<4>()
                    .ok_or(TransportError::Integrity)?;
                gcm.key
                    .open_in_place_separate_tag(nonce, Aad::from(*length), fixed.into(), body, 0..)
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
