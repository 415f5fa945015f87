//! The binary packet protocol (RFC 4253 section 6) in each direction.

use zeroize::{Zeroize as _, Zeroizing};

use crate::transport::crypto::{OpenKey, SealKey, random};
use crate::transport::error::TransportError;

/// The longest packet taken or made, in its length field. OpenSSH's limit too.
pub(crate) const MAX_PACKET: usize = 256 * 1024;

/// The longest payload that fits beside the largest padding.
const MAX_PAYLOAD: usize = MAX_PACKET - 256;

/// Packets under one key. RFC 4344 section 3.1 asks for new keys after 2^31 packets; past 2^32 the
/// sequence number, which is ChaCha20's nonce, would repeat.
const MAX_PACKETS: u32 = 1 << 31;

/// The outgoing direction.
#[derive(Debug)]
pub(crate) struct Sender {
    key: SealKey,
    sequence: u32,
    /// Packets sealed with this key.
    sealed: u32,
}

impl Sender {
    pub(crate) const fn new() -> Self {
        Self {
            key: SealKey::Clear,
            sequence: 0,
            sealed: 0,
        }
    }

    pub(crate) fn rekey(&mut self, key: SealKey, reset_sequence: bool) {
        self.key = key;
        self.sealed = 0;
        if reset_sequence {
            self.sequence = 0;
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        self.key.is_clear()
    }

    /// Seals `payload` onto the end of `out`; gives the packet's sequence number.
    pub(crate) fn seal(
        &mut self,
        payload: &[u8],
        pad_to: usize,
        out: &mut Vec<u8>,
    ) -> Result<u32, TransportError> {
        if payload.is_empty() {
            return Err(TransportError::NotSendable("it has no message number"));
        }
        if payload.len() > MAX_PAYLOAD {
            return Err(TransportError::OverLimit {
                what: "an outgoing payload",
                limit: MAX_PAYLOAD,
            });
        }
        if self.sealed >= MAX_PACKETS {
            return Err(TransportError::RekeyUnsupported);
        }
        let padding = self.padding(payload.len(), pad_to);
        let length = payload.len() + 1 + usize::from(padding);
        let field = u32::try_from(length).map_err(|_| TransportError::Malformed("packet"))?;
        // Made at its full size at once: the payload may be a password, and growing would leave a
        // copy behind. Sealing overwrites it in place; in the clear there are no secrets.
        let mut packet = Zeroizing::new(Vec::with_capacity(4 + length));
        packet.extend_from_slice(&field.to_be_bytes());
        packet.push(padding);
        packet.extend_from_slice(payload);
        let body = packet.len();
        packet.resize(4 + length, 0);
        random(packet.get_mut(body..).unwrap_or_default())?;
        let tag = self.key.seal(self.sequence, &mut packet)?;
        out.extend_from_slice(&packet);
        out.extend_from_slice(&tag);
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        self.sealed += 1;
        Ok(sequence)
    }

    /// The padding that makes a payload of `length` bytes look like one of `pad_to`, as far as
    /// 255 bytes of padding reach.
    fn padding(&self, length: usize, pad_to: usize) -> u8 {
        let block = self.key.block();
        let target = length.max(pad_to.min(MAX_PAYLOAD));
        let header = if self.key.pads_length() { 5 } else { 1 };
        let mut padding = block - (header + target) % block;
        if padding < 4 {
            padding += block;
        }
        padding += target - length;
        if padding > 255 {
            // Whole blocks less, so that the packet stays aligned.
            padding -= (padding - 255).div_ceil(block) * block;
        }
        u8::try_from(padding).unwrap_or(u8::MAX)
    }
}

/// The incoming direction.
#[derive(Debug)]
pub(crate) struct Receiver {
    key: OpenKey,
    sequence: u32,
    opened: u32,
}

impl Receiver {
    pub(crate) const fn new() -> Self {
        Self {
            key: OpenKey::Clear,
            sequence: 0,
            opened: 0,
        }
    }

    pub(crate) fn rekey(&mut self, key: OpenKey, reset_sequence: bool) {
        self.key = key;
        self.opened = 0;
        if reset_sequence {
            self.sequence = 0;
        }
    }

    pub(crate) const fn is_clear(&self) -> bool {
        self.key.is_clear()
    }

    /// The next whole packet at the front of `input`: its sequence number and payload. `None`
    /// until there are enough bytes.
    pub(crate) fn open(
        &mut self,
        input: &mut Input,
    ) -> Result<Option<(u32, Vec<u8>)>, TransportError> {
        let Some(field) = input.unread().first_chunk::<4>() else {
            return Ok(None);
        };
        let length = self.key.length(self.sequence, *field);
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > MAX_PACKET {
            return Err(TransportError::OverLimit {
                what: "an incoming packet",
                limit: MAX_PACKET,
            });
        }
        let aligned = if self.key.pads_length() {
            4 + length
        } else {
            length
        };
        let tag = self.key.tag();
        if length < 6 || !aligned.is_multiple_of(self.key.block()) {
            return Err(TransportError::Malformed("packet length"));
        }
        let Some(bytes) = input.unread().get(..4 + length + tag) else {
            return Ok(None);
        };
        if self.opened >= MAX_PACKETS {
            return Err(TransportError::RekeyUnsupported);
        }
        let (packet, tag) = bytes.split_at(4 + length);
        let mut packet = Zeroizing::new(packet.to_vec());
        self.key.open(self.sequence, &mut packet, tag)?;
        let used = bytes.len();
        input.consume(used);
        let sequence = self.sequence;
        self.sequence = self.sequence.wrapping_add(1);
        self.opened += 1;
        let payload = payload_of(&packet).ok_or(TransportError::Malformed("packet padding"))?;
        Ok(Some((sequence, payload.to_vec())))
    }
}

/// The payload between the padding length and the padding. `None` if the padding is shorter than
/// RFC 4253 section 6 allows or leaves no payload.
fn payload_of(packet: &[u8]) -> Option<&[u8]> {
    let (padding, rest) = packet.get(4..)?.split_first()?;
    let end = rest.len().checked_sub(usize::from(*padding))?;
    rest.get(..end)
        .filter(|payload| *padding >= 4 && !payload.is_empty())
}

/// Bytes received and not yet used.
#[derive(Debug, Default)]
pub(crate) struct Input {
    bytes: Vec<u8>,
    used: usize,
}

impl Input {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        // Once for each arrival and not for each packet, so that many small packets in one
        // arrival do not cost a move each.
        self.bytes.drain(..self.used);
        self.used = 0;
        self.bytes.extend_from_slice(bytes);
    }

    pub(crate) fn unread(&self) -> &[u8] {
        self.bytes.get(self.used..).unwrap_or_default()
    }

    pub(crate) fn consume(&mut self, count: usize) {
        self.used = self.used.saturating_add(count).min(self.bytes.len());
    }

    pub(crate) fn clear(&mut self) {
        self.bytes.zeroize();
        self.used = 0;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use super::*;

    #[test]
    fn padding_follows_the_rfc_and_the_wish() {
        let mut sender = Sender::new();
        for length in 1..300 {
            for pad_to in [0, 64, 200, 1000] {
                let mut out = Vec::new();
                sender.seal(&vec![7; length], pad_to, &mut out).unwrap();
                assert!(out.len().is_multiple_of(8));
                assert!(out[4] >= 4);
                if pad_to <= length + 240 {
                    assert!(out.len() >= 4 + 1 + pad_to + 4);
                }
            }
        }
    }

    #[test]
    fn equal_targets_give_equal_lengths() {
        let mut sender = Sender::new();
        let mut lengths: Vec<usize> = (1..100)
            .map(|length| {
                let mut out = Vec::new();
                sender.seal(&vec![7; length], 128, &mut out).unwrap();
                out.len()
            })
            .collect();
        lengths.dedup();
        assert_eq!(lengths.len(), 1);
    }

    #[test]
    fn a_huge_length_is_refused_at_once() {
        let mut input = Input::default();
        input.push(&[0xff, 0xff, 0xff, 0xff]);
        assert!(matches!(
            Receiver::new().open(&mut input),
            Err(TransportError::OverLimit { .. })
        ));
    }

    #[test]
    fn padding_longer_than_the_packet_is_malformed() {
        let mut input = Input::default();
        input.push(&[0, 0, 0, 12, 12, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert!(matches!(
            Receiver::new().open(&mut input),
            Err(TransportError::Malformed(_))
        ));
    }
}
