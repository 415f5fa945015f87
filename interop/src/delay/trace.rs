//! What crossed a delay link, and how to count flights in it.

use core::fmt;
use core::time::Duration;
use std::time::Instant;

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "a connection has two ends")]
pub enum Direction {
    /// From the client.
    ToServer,
    /// From the server.
    ToClient,
}

/// Bytes that crossed the link together.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Chunk {
    /// Where they went.
    pub direction: Direction,
    /// When their sender gave them to the link.
    pub left: Instant,
    /// When the link gave them to their receiver; `None` while they are on their way.
    pub arrived: Option<Instant>,
    /// How many.
    pub bytes: usize,
}

/// One connection over a delay link.
#[derive(Debug, Clone, Default)]
pub struct Trace {
    chunks: Vec<Chunk>,
    clear: Clear,
    new_keys: Option<NewKeys>,
}

/// Where the client's NEWKEYS was seen.
#[derive(Debug, Clone, Copy)]
struct NewKeys {
    chunk: usize,
    behind: usize,
}

impl Trace {
    /// Takes note of `bytes` that have reached the link; gives the number of their chunk.
    pub(super) fn left(&mut self, direction: Direction, bytes: &[u8], left: Instant) -> usize {
        let chunk = self.chunks.len();
        self.chunks.push(Chunk {
            direction,
            left,
            arrived: None,
            bytes: bytes.len(),
        });
        if direction == Direction::ToServer && self.new_keys.is_none() {
            let behind = self.clear.push(bytes);
            self.new_keys = behind.map(|behind| NewKeys { chunk, behind });
        }
        chunk
    }

    /// Takes note that a chunk was handed over.
    pub(super) fn arrived(&mut self, chunk: usize, at: Instant) {
        if let Some(chunk) = self.chunks.get_mut(chunk) {
            chunk.arrived = Some(at);
        }
    }

    /// Everything that has crossed or is crossing, in the order in which it came to the link.
    #[must_use]
    pub fn chunks(&self) -> &[Chunk] {
        &self.chunks
    }

    /// When the client wrote its NEWKEYS, the last message that is not encrypted: here its
    /// authentication begins.
    #[must_use]
    pub fn new_keys(&self) -> Option<Instant> {
        let chunk = self.chunks.get(self.new_keys?.chunk)?;
        Some(chunk.left)
    }

    /// How many bytes came to the link behind the client's NEWKEYS in the same write: none if the
    /// client writes its first request separately.
    #[must_use]
    pub fn behind_new_keys(&self) -> Option<usize> {
        self.new_keys.map(|found| found.behind)
    }

    /// When the last bytes of the server that the client had by `time` reached it: what the client
    /// knew at `time`, it knew from then on.
    #[must_use]
    pub fn last_word(&self, time: Instant) -> Option<Instant> {
        let theirs = |chunk: &&Chunk| chunk.direction == Direction::ToClient;
        let arrivals = self.chunks.iter().filter(theirs);
        let arrivals = arrivals.filter_map(|chunk| chunk.arrived);
        arrivals.filter(|at| *at <= time).max()
    }

    /// The flights of the client from its NEWKEYS on that began before `until`: a flight is
    /// everything that it writes between two arrivals of something from the server.
    #[must_use]
    pub fn flights_to_server(&self, until: Instant) -> Option<u32> {
        let from = self.new_keys()?;
        let mut events = Vec::new();
        for chunk in &self.chunks {
            match chunk.direction {
                Direction::ToServer => events.push((chunk.left, true)),
                Direction::ToClient => events.extend(chunk.arrived.map(|at| (at, false))),
            }
        }
        Some(runs(events, from, until))
    }

    /// The flights of the server behind the client's NEWKEYS that began before `until`, likewise.
    #[must_use]
    pub fn flights_to_client(&self, until: Instant) -> Option<u32> {
        let chunk = self.chunks.get(self.new_keys?.chunk)?;
        let mut events = Vec::new();
        for chunk in &self.chunks {
            match chunk.direction {
                Direction::ToClient => events.push((chunk.left, true)),
                Direction::ToServer => events.extend(chunk.arrived.map(|at| (at, false))),
            }
        }
        Some(runs(events, chunk.arrived?, until))
    }
}

/// How many runs of `true` begin in the time given.
fn runs(mut events: Vec<(Instant, bool)>, from: Instant, until: Instant) -> u32 {
    events.retain(|(at, _)| (from..until).contains(at));
    events.sort_by_key(|(at, _)| *at);
    let mut count = 0_u32;
    let mut speaking = false;
    for (_, speaks) in events {
        if speaks && !speaking {
            count = count.saturating_add(1);
        }
        speaking = speaks;
    }
    count
}

/// A line for each chunk: when it left, when it arrived, where it went, how much it was; in
/// milliseconds since the client's NEWKEYS, or since the beginning if there was none.
impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.chunks.first().map(|chunk| chunk.left);
        let Some(zero) = self.new_keys().or(first) else {
            return Ok(());
        };
        for chunk in &self.chunks {
            let arrow = match chunk.direction {
                Direction::ToServer => "->",
                Direction::ToClient => "<-",
            };
            let left = Since {
                zero,
                at: chunk.left,
            };
            write!(f, "{left:>9} {arrow} {:>5} bytes", chunk.bytes)?;
            match chunk.arrived {
                Some(at) => writeln!(f, ", there at {}", Since { zero, at })?,
                None => writeln!(f, ", on its way")?,
            }
        }
        Ok(())
    }
}

/// Milliseconds before or behind a moment.
struct Since {
    zero: Instant,
    at: Instant,
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.zero.saturating_duration_since(self.at);
        let behind = self.at.saturating_duration_since(self.zero);
        let (sign, time) = if before > Duration::ZERO {
            ("-", before)
        } else {
            ("+", behind)
        };
        f.pad(&format!("{sign}{:.1}", time.as_secs_f64() * 1000.0))
    }
}

/// The client's bytes as long as they are not encrypted (RFC 4253 sections 4.2 and 6).
#[derive(Debug, Clone, Default)]
struct Clear {
    bytes: Vec<u8>,
    after_version: bool,
}

/// RFC 4253 section 12.
const NEWKEYS: u8 = 21;

impl Clear {
    /// Takes the next bytes; gives how many of them stand behind NEWKEYS once it has come.
    fn push(&mut self, bytes: &[u8]) -> Option<usize> {
        self.bytes.extend_from_slice(bytes);
        if !self.after_version {
            let end = self.bytes.iter().position(|byte| *byte == b'\n')?;
            self.bytes.drain(..=end);
            self.after_version = true;
        }
        loop {
            let (length, packet) = self.bytes.split_first_chunk::<4>()?;
            let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
            // The length of the padding, then the payload.
            let number = packet.get(..length)?.get(1).copied();
            let behind = packet.len().saturating_sub(length);
            if number == Some(NEWKEYS) {
                return Some(behind);
            }
            let read = self.bytes.len().saturating_sub(behind);
            self.bytes.drain(..read);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    /// A packet without any padding to speak of.
    fn packet(number: u8) -> Vec<u8> {
        vec![0, 0, 0, 4, 2, number, 0, 0]
    }

    const MS: Duration = Duration::from_millis(1);

    /// A trace of what the lines say: direction, bytes, when they left; each takes 50 ms.
    fn trace(lines: &[(Direction, &[u8], u32)]) -> (Trace, Instant) {
        let zero = Instant::now();
        let mut trace = Trace::default();
        for (direction, bytes, at) in lines {
            let left = zero + MS * *at;
            let chunk = trace.left(*direction, bytes, left);
            trace.arrived(chunk, left + MS * 50);
        }
        (trace, zero)
    }

    #[test]
    fn new_keys_is_found_in_any_pieces() {
        let mut bytes = b"SSH-2.0-x\r\n".to_vec();
        bytes.extend(packet(20));
        bytes.extend(packet(30));
        bytes.extend(packet(NEWKEYS));
        let mut whole = bytes.clone();
        whole.extend([7; 9]);
        assert_eq!(Clear::default().push(&whole), Some(9));
        let mut clear = Clear::default();
        let found: Vec<_> = bytes
            .iter()
            .filter_map(|byte| clear.push(&[*byte]))
            .collect();
        assert_eq!(found, [0]);
    }

    #[test]
    fn flights_are_runs_between_arrivals() {
        use Direction::{ToClient, ToServer};
        let start = [b"SSH-2.0-x\r\n".to_vec(), packet(20)].concat();
        let (trace, zero) = trace(&[
            (ToServer, &start, 0),
            (ToClient, b"reply", 50),
            // NEWKEYS and what the client wrote apart from it: one flight.
            (ToServer, &packet(NEWKEYS), 100),
            (ToServer, b"service", 101),
            // Two answers with nothing in between, which is one flight, too.
            (ToClient, b"accept", 151),
            (ToClient, b"failure", 160),
            (ToServer, b"signature", 212),
            (ToClient, b"success", 262),
            (ToServer, b"channel", 320),
        ]);
        let success = trace.last_word(zero + MS * 315).unwrap();
        assert_eq!(success, zero + MS * 312);
        assert_eq!(trace.new_keys(), Some(zero + MS * 100));
        assert_eq!(trace.behind_new_keys(), Some(0));
        assert_eq!(trace.flights_to_server(success), Some(2));
        assert_eq!(trace.flights_to_client(success), Some(2));
        assert_eq!(trace.flights_to_server(zero + MS * 400), Some(3));
        let text = trace.to_string();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(
            lines.first(),
            Some(&"   -100.0 ->    19 bytes, there at -50.0")
        );
        assert_eq!(
            lines.get(2),
            Some(&"     +0.0 ->     8 bytes, there at +50.0")
        );
    }
}
