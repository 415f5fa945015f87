//! What leaves together, seen from a link with a delay; and that the link costs what it should.

use core::time::Duration;
use std::net::TcpStream;
use std::time::Instant;

use interop::delay::{DelayLink, Direction};
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method};
use interop::transport::{ClientConfig, LowLatencyTcp, Transport};
use ssh_userauth::{Config, Pipelining};

use crate::support::keys::TestKey;
use crate::support::user::TestUser;
use crate::support::{Login, expect_key, log_in};

const ONE_WAY: Duration = Duration::from_millis(50);

/// Logs `demo` in over a link, and gives what the link saw and how long it took from NEWKEYS to
/// SUCCESS.
fn over_a_link(
    policy: EmbeddedPolicy,
    pipelining: Pipelining,
    user: TestUser,
) -> (Login, interop::delay::Trace, Duration) {
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    let link = DelayLink::shuttle(address, ONE_WAY).unwrap();
    let stream = TcpStream::connect(link.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let stream = LowLatencyTcp::new(stream).unwrap();
    let mut transport = Transport::client(stream, ClientConfig::new(), |seen| {
        expect_key(seen, server.host_key())
    })
    .unwrap();
    let config = Config::new("demo").pipelining(pipelining);
    let login = log_in(&mut transport, config, user);
    let success = Instant::now();
    let trace = link.traces().pop().unwrap();
    let time = success - trace.new_keys().unwrap();
    (login, trace, time)
}

/// The first write behind the key exchange holds NEWKEYS, the service request and all queries:
/// nothing is left for Nagle's algorithm to hold back.
#[test]
fn new_keys_and_the_opening_leave_in_one_write() {
    let keys = ["first", "second", "third"].map(TestKey::ed25519);
    let [first, second, third] = &keys;
    let policy = EmbeddedPolicy::new("demo")
        .with_key(third.blob())
        .then(Method::PublicKey);
    let user = TestUser::new().keys(&[first, second, third]);
    let (login, trace, time) = over_a_link(policy, Pipelining::Opening { queries: 3 }, user);
    assert_eq!(login.factors(), ["publickey (ssh-ed25519 third)"]);
    let queries = ["5", "publickey", "publickey", "publickey"];
    assert_eq!(login.wire[..4], queries);
    // Each query holds the key's blob: no fewer bytes can be all of them.
    let least = 3 * third.blob().len();
    assert!(trace.behind_new_keys().unwrap() > least, "{trace}");
    // The whole login is two writes.
    let from = trace.new_keys().unwrap();
    let writes = trace.chunks().iter();
    let writes = writes.filter(|chunk| chunk.direction == Direction::ToServer);
    assert_eq!(
        writes.filter(|chunk| chunk.left >= from).count(),
        2,
        "{trace}"
    );
    assert_eq!(login.round_trips, 2);
    assert_eq!(trace.flights_to_server(Instant::now()), Some(2), "{trace}");
    assert!(time >= 4 * ONE_WAY, "{time:?}");
}

/// One by one, each request takes a round trip: the link's count is the transport's.
#[test]
fn without_pipelining_each_request_is_a_flight() {
    let keys = ["first", "second"].map(TestKey::ed25519);
    let [first, second] = &keys;
    let policy = EmbeddedPolicy::new("demo")
        .with_key(second.blob())
        .then(Method::PublicKey);
    let user = TestUser::new().key(first).key(second);
    let (login, trace, time) = over_a_link(policy, Pipelining::Off, user);
    assert_eq!(login.factors(), ["publickey (ssh-ed25519 second)"]);
    let flights = u32::try_from(login.wire.len()).unwrap();
    assert_eq!(login.round_trips, flights);
    assert_eq!(
        trace.flights_to_server(Instant::now()),
        Some(flights),
        "{trace}"
    );
    assert!(time >= 2 * flights * ONE_WAY, "{time:?}");
}
