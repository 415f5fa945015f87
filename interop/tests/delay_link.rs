//! The links with a delay that round trips are measured with.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::thread::JoinHandle;
use std::time::Instant;

use interop::delay::{DelayLink, Direction};
use interop::skip;

const ONE_WAY: Duration = Duration::from_millis(40);

/// Sends back what it gets, once.
fn echo() -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let serve = move || {
        let (mut stream, _) = listener.accept().unwrap();
        stream.set_nodelay(true).unwrap();
        let mut buffer = [0; 4096];
        loop {
            let count = stream.read(&mut buffer).unwrap();
            if count == 0 {
                return;
            }
            stream.write_all(&buffer[..count]).unwrap();
        }
    };
    (address, std::thread::spawn(serve))
}

fn ask(stream: &mut TcpStream, question: &[u8]) -> Duration {
    let start = Instant::now();
    stream.write_all(question).unwrap();
    let mut answer = vec![0; question.len()];
    stream.read_exact(&mut answer).unwrap();
    assert_eq!(answer, question);
    start.elapsed()
}

/// Each question takes the delay twice, all bytes come in order, and the end of one side reaches
/// the other.
fn check(link: &DelayLink, served: JoinHandle<()>) {
    let mut stream = TcpStream::connect(link.address()).unwrap();
    stream.set_nodelay(true).unwrap();
    let limit = Some(Duration::from_secs(20));
    stream.set_read_timeout(limit).unwrap();
    let long: Vec<u8> = (0..=250).cycle().take(100_000).collect();
    for question in [&b"one"[..], b"another", &long] {
        let time = ask(&mut stream, question);
        assert!(time >= 2 * ONE_WAY, "{time:?}");
        // Far too much, so that a busy machine does not matter; the long one may need more windows.
        let short = question.len() < 10;
        assert!(!short || time < 25 * ONE_WAY, "{time:?}");
    }
    stream.shutdown(Shutdown::Write).unwrap();
    let start = Instant::now();
    assert_eq!(stream.read(&mut [0]).unwrap(), 0);
    assert!(start.elapsed() >= 2 * ONE_WAY);
    served.join().unwrap();

    let traces = link.traces();
    let [trace] = &traces[..] else {
        panic!("{traces:?}")
    };
    for direction in [Direction::ToServer, Direction::ToClient] {
        let chunks = trace.chunks().iter();
        let chunks = chunks.filter(|chunk| chunk.direction == direction);
        let mut bytes = 0;
        for chunk in chunks {
            bytes += chunk.bytes;
            assert!(chunk.arrived.unwrap() - chunk.left >= ONE_WAY);
        }
        assert_eq!(bytes, 10 + long.len(), "{direction:?}\n{trace}");
    }
    assert_eq!(trace.new_keys(), None);
}

#[test]
fn shuttle() {
    let (address, served) = echo();
    check(&DelayLink::shuttle(address, ONE_WAY).unwrap(), served);
}

/// Where nobody is root, or the system has no such devices, this is said aloud.
#[cfg(target_os = "linux")]
#[test]
fn device() {
    let (address, served) = echo();
    let link = match DelayLink::device(address.port(), ONE_WAY) {
        Ok(link) => link,
        Err(error) => {
            skip::without(format_args!("a TUN device: {error}"));
            return;
        }
    };
    check(&link, served);
    // Connecting takes the delay, too, which no shuttle can do.
    let (address, _) = echo();
    let link = DelayLink::device(address.port(), ONE_WAY).unwrap();
    let start = Instant::now();
    let _stream = TcpStream::connect(link.address()).unwrap();
    assert!(start.elapsed() >= 2 * ONE_WAY);
}
