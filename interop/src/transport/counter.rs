//! `aes256-ctr` (RFC 4344) with `hmac-sha2-256` (RFC 6668), for servers without an authenticated
//! cipher: Twisted Conch has none.

use core::fmt;

use aes::Aes256;
use ctr::Ctr128BE;
use ctr::cipher::{KeyIvInit as _, StreamCipher as _, StreamCipherSeek as _};
use ring::hmac;

use crate::transport::error::TransportError;

/// The MAC that goes with it.
pub(crate) const MAC: &str = "hmac-sha2-256";

/// Length of its tag.
pub(crate) const TAG: usize = 32;

/// One direction: encrypt and MAC (RFC 4253 section 6.4), the MAC over what was not encrypted.
pub(crate) struct Counter {
    stream: Ctr128BE<Aes256>,
    mac: hmac::Key,
}

impl Counter {
    pub(crate) fn new(key: &[u8; 32], iv: &[u8; 16], mac: &[u8; 32]) -> Self {
        Self {
            stream: Ctr128BE::new(key.into(), iv.into()),
            mac: hmac::Key::new(hmac::HMAC_SHA256, mac),
        }
    }

    /// The packet length, not yet authenticated. The key stream stays where it is.
    pub(crate) fn length(&mut self, mut field: [u8; 4]) -> [u8; 4] {
        let here: u64 = self.stream.current_pos();
        self.stream.apply_keystream(&mut field);
        self.stream.seek(here);
        field
    }

    /// Encrypts `packet` in place; gives the tag.
    pub(crate) fn seal(&mut self, sequence: u32, packet: &mut [u8]) -> Vec<u8> {
        let mut context = hmac::Context::with_key(&self.mac);
        context.update(&sequence.to_be_bytes());
        context.update(packet);
        self.stream.apply_keystream(packet);
        context.sign().as_ref().to_vec()
    }

    /// Decrypts `packet` in place and checks the tag.
    pub(crate) fn open(
        &mut self,
        sequence: u32,
        packet: &mut [u8],
        tag: &[u8],
    ) -> Result<(), TransportError> {
        self.stream.apply_keystream(packet);
        let authenticated = [&sequence.to_be_bytes(), &*packet].concat();
        hmac::verify(&self.mac, &authenticated, tag).map_err(|_| TransportError::Integrity)
    }
}

impl fmt::Debug for Counter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counter").finish_non_exhaustive()
    }
}
