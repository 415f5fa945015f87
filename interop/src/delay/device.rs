//! The link as a network device: real TCP from end to end.
//!
//! Each packet that the kernel sends to the device is given back with its two addresses exchanged.
//! So a client at 127.0.0.1 that connects to the device's other end (X) is, seen from the server
//! at 127.0.0.1, a client at X: one device is both ends of the link, and no network namespace is
//! needed. Exchanged addresses leave every checksum as it is.

use alloc::collections::BTreeMap;
use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::fs;
use std::io::{Error, ErrorKind, Result};
use std::net::UdpSocket;
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use tappers::Tun;

use super::Traces;
use super::trace::Direction;

/// Packets on their way; more wait in the kernel.
const ON_THE_WAY: usize = 4096;

/// More than a packet can have.
const PACKET: usize = 64 * 1024;

/// RFC 863: what arrives there is thrown away.
const DISCARD: u16 = 9;

/// A device that gives packets back. It disappears when dropped.
#[derive(Debug)]
pub(super) struct Device {
    address: SocketAddr,
    ended: Arc<AtomicBool>,
}

impl Device {
    pub(super) fn start(port: u16, one_way: Duration, traces: Traces) -> Result<Self> {
        let mut device = Tun::new()?;
        device.set_up()?;
        let name = device.name()?.name().to_string_lossy().into_owned();
        // The addresses of RFC 2544 are for measuring, and routed nowhere.
        let number = name.trim_start_matches(char::is_alphabetic).parse();
        let far = Ipv4Addr::new(198, 18, number.unwrap_or_default(), 2);
        // 127.0.0.1 may be used beyond the loopback device: with this one only.
        let option = format!("/proc/sys/net/ipv4/conf/{name}/route_localnet");
        fs::write(option, "1")?;
        let route = format!("route add {far}/32 dev {name} src 127.0.0.1");
        ip(&route)?;
        let device = Arc::new(device);
        let ended = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = sync_channel(ON_THE_WAY);
        let deliverer = (Arc::clone(&device), traces.clone());
        spawn(move || deliver(&deliverer.0, &deliverer.1, receiver))?;
        let collector = Collector {
            device,
            ended: Arc::clone(&ended),
            port,
            one_way,
            traces,
            connections: BTreeMap::new(),
        };
        spawn(move || collector.run(&sender))?;
        Ok(Self {
            address: SocketAddr::from((far, port)),
            ended,
        })
    }

    pub(super) const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Device {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
        // The thread looks at the flag when a packet comes.
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0));
        let _wakes_it = socket.and_then(|socket| {
            let nobody = (self.address.ip(), DISCARD);
            socket.send_to(&[0], nobody)
        });
    }
}

fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip")
        .args(arguments.split(' '))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::new(error.kind(), format!("the command ip: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Error::other(format!("ip {arguments}: {}", said.trim())))
}

fn spawn(run: impl FnOnce() + Send + 'static) -> Result<()> {
    let builder = thread::Builder::new().name("delay-device".to_owned());
    builder.spawn(run).map(drop)
}

/// A packet on its way, and the chunk of a trace that it carries.
struct Crossing {
    due: Instant,
    packet: Vec<u8>,
    chunk: Option<(usize, usize)>,
}

/// Gives back what is due, in order.
fn deliver(device: &Tun, traces: &Traces, crossing: Receiver<Crossing>) {
    for Crossing { due, packet, chunk } in crossing {
        thread::sleep(due.saturating_duration_since(Instant::now()));
        if let Some((connection, chunk)) = chunk {
            traces.arrived(connection, chunk, Instant::now());
        }
        // What a device does not take is lost, as on any network.
        let _lost = device.send(&packet);
    }
}

/// Takes what the kernel sends.
struct Collector {
    device: Arc<Tun>,
    ended: Arc<AtomicBool>,
    port: u16,
    one_way: Duration,
    traces: Traces,
    /// By the client's port.
    connections: BTreeMap<u16, Seen>,
}

/// How far a connection was seen: its number, and the next byte of each direction.
struct Seen {
    connection: usize,
    next: [Option<u32>; 2],
}

impl Collector {
    fn run(mut self, out: &SyncSender<Crossing>) {
        let mut buffer = vec![0; PACKET];
        loop {
            let count = match self.device.recv(&mut buffer) {
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                Err(_) => return,
            };
            if self.ended.load(Ordering::Relaxed) {
                return;
            }
            let left = Instant::now();
            let mut packet = buffer.get(..count).unwrap_or_default().to_vec();
            let Some(segment) = Segment::of(&packet) else {
                continue;
            };
            let chunk = self.note(&segment, left);
            // Source and destination, of four bytes each.
            if let Some(addresses) = packet.get_mut(12..20) {
                addresses.rotate_left(4);
            }
            let due = left + self.one_way;
            if out.send(Crossing { due, packet, chunk }).is_err() {
                return;
            }
        }
    }

    /// Takes note of what has not been seen before; a repeated segment is nothing new.
    fn note(&mut self, segment: &Segment<'_>, left: Instant) -> Option<(usize, usize)> {
        let (direction, client) = if segment.to == self.port {
            (Direction::ToServer, segment.from)
        } else {
            (Direction::ToClient, segment.to)
        };
        if direction == Direction::ToServer && segment.opens {
            let connection = self.traces.begin();
            let next = [None; 2];
            self.connections.insert(client, Seen { connection, next });
        }
        let seen = self.connections.get_mut(&client)?;
        let [up, down] = &mut seen.next;
        let next = match direction {
            Direction::ToServer => up,
            Direction::ToClient => down,
        };
        let length = u32::try_from(segment.data.len()).ok()?;
        if length == 0 || next.is_some_and(|next| next != segment.sequence) {
            return None;
        }
        *next = Some(segment.sequence.wrapping_add(length));
        let connection = seen.connection;
        let chunk = self.traces.left(connection, direction, segment.data, left);
        Some((connection, chunk))
    }
}

/// A TCP segment (RFC 9293 section 3.1) in an IPv4 packet (RFC 791 section 3.1).
#[derive(Debug, PartialEq, Eq)]
struct Segment<'a> {
    from: u16,
    to: u16,
    sequence: u32,
    /// SYN.
    opens: bool,
    data: &'a [u8],
}

impl<'a> Segment<'a> {
    /// `None`: something else.
    fn of(packet: &'a [u8]) -> Option<Self> {
        let [first, _, high, low, ..] = packet else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([*high, *low]));
        let protocol = *packet.get(9)?;
        if first >> 4 != 4 || protocol != 6 {
            return None;
        }
        let words = |nibble: u8| usize::from(nibble).saturating_mul(4);
        let segment = packet.get(words(first & 15)..length)?;
        let (from, rest) = segment.split_first_chunk::<2>()?;
        let (to, rest) = rest.split_first_chunk::<2>()?;
        let sequence = rest.first_chunk::<4>()?;
        let [offset, flags] = segment.get(12..14)? else {
            return None;
        };
        Some(Self {
            from: u16::from_be_bytes(*from),
            to: u16::from_be_bytes(*to),
            sequence: u32::from_be_bytes(*sequence),
            opens: flags & 2 != 0,
            data: segment.get(words(offset >> 4)..)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_and_what_is_none() {
        let mut packet = vec![0x45, 0, 0, 43, 0, 0, 0, 0, 64, 6, 0, 0];
        packet.extend([127, 0, 0, 1, 198, 18, 0, 2]);
        packet.extend([0x30, 0x39, 0, 22, 1, 2, 3, 4, 0, 0, 0, 0, 0x50, 0x12]);
        packet.extend([0; 6]);
        packet.extend(b"abc");
        let segment = Segment {
            from: 12345,
            to: 22,
            sequence: 0x0102_0304,
            opens: true,
            data: b"abc",
        };
        assert_eq!(Segment::of(&packet), Some(segment));
        for length in 0..packet.len() {
            assert_eq!(Segment::of(packet.get(..length).unwrap_or_default()), None);
        }
        // UDP, and IPv6.
        for (place, byte) in [(9, 17), (0, 0x65)] {
            let mut other = packet.clone();
            if let Some(found) = other.get_mut(place) {
                *found = byte;
            }
            assert_eq!(Segment::of(&other), None);
        }
    }
}
