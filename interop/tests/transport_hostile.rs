//! Our client against a hostile server, and the other way round: typed errors, no panic, no wait.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::io::Write;
use std::os::unix::net::UnixStream;

use interop::transport::{
    ClientConfig, Connection, Incoming, ServerConfig, Transport, TransportError,
};

#[path = "support/pair.rs"]
mod pair;

use pair::{established, server_config};

/// One handshake and one payload each way, with `change` applied to everything the server (or the
/// client) sends, taken as one stream of bytes. Gives how many bytes that were.
fn tampered(
    from_server: bool,
    mut change: impl FnMut(usize, &mut u8),
) -> (usize, Result<(), TransportError>) {
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    let mut server = Connection::server(server_config()).unwrap();
    let (mut position, mut sent) = (0, false);
    loop {
        let (mut up, mut down) = (client.take_output(), server.take_output());
        if up.is_empty() && down.is_empty() {
            if sent {
                break;
            }
            sent = true;
            if client.can_send() && server.can_send() {
                client.send(&[80, 1, 2, 3], None).unwrap();
                server.send(&[81, 4, 5, 6], None).unwrap();
            }
            continue;
        }
        for byte in if from_server { &mut down } else { &mut up } {
            change(position, byte);
            position += 1;
        }
        let result = server
            .receive(&up)
            .and_then(|()| client.receive(&down))
            .and_then(|()| client.accept_host_key());
        if result.is_err() {
            return (position, result);
        }
    }
    // Whatever came out is what was put in.
    for (side, expected) in [(&mut client, [81, 4, 5, 6]), (&mut server, [80, 1, 2, 3])] {
        while let Some(incoming) = side.poll_payload() {
            assert_eq!(incoming, Incoming::Payload(expected.to_vec()));
        }
    }
    (position, Ok(()))
}

#[test]
fn every_flipped_bit_is_noticed_or_harmless() {
    for from_server in [true, false] {
        let (length, result) = tampered(from_server, |_, _| {});
        result.unwrap();
        let (mut failed, mut passed) = (0, 0);
        for target in 0..length {
            let bit = 1 << (target % 8);
            let (_, result) = tampered(from_server, |position, byte| {
                if position == target {
                    *byte ^= bit;
                }
            });
            match result {
                Err(
                    TransportError::Io(_) | TransportError::Failed | TransportError::Randomness,
                ) => {
                    panic!("flipping byte {target} failed in the wrong way")
                }
                Err(_) => failed += 1,
                Ok(()) => passed += 1,
            }
        }
        // What may pass: unauthenticated padding of the packets in the clear, and lengths that
        // leave a side waiting for more.
        assert!(failed > passed * 4, "{failed} failed, {passed} passed");
    }
}

#[test]
fn every_cut_leaves_a_side_waiting_without_a_panic() {
    let mut server = Connection::server(server_config()).unwrap();
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    server.receive(&client.take_output()).unwrap();
    let first = server.take_output();
    for end in 0..first.len() {
        let mut client = Connection::client(ClientConfig::new()).unwrap();
        client.receive(&first[..end]).unwrap();
        assert!(client.pending_host_key().is_none());
    }
    client.receive(&first).unwrap();
}

#[test]
fn a_stream_that_ends_is_an_error_and_not_a_wait() {
    let (near, far) = UnixStream::pair().unwrap();
    (&far).write_all(b"SSH-2.0-gone\r\n").unwrap();
    drop(far);
    let error = Transport::client(near, ClientConfig::new(), |_| Ok(())).unwrap_err();
    assert!(matches!(error, TransportError::Eof), "{error}");
}

/// The server's first output with a packet in the clear between version string and KEXINIT.
fn with_early_ignore(config: ServerConfig) -> (Connection, Vec<u8>) {
    let mut server = Connection::server(config).unwrap();
    let output = server.take_output();
    let end = output.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let ignore = [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    let changed = [&output[..end], &ignore, &output[end..]].concat();
    (server, changed)
}

#[test]
fn an_early_ignore_breaks_strict_key_exchange_only() {
    let (_, output) = with_early_ignore(server_config());
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    let error = client.receive(&output).unwrap_err();
    assert!(matches!(error, TransportError::StrictKex(_)), "{error}");
    assert!(matches!(client.receive(b"x"), Err(TransportError::Failed)));

    let (_, output) = with_early_ignore(server_config().with_strict_kex(false));
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    client.receive(&output).unwrap();
    assert!(!client.negotiated().unwrap().strict);
}

#[test]
fn a_second_key_exchange_is_refused() {
    let (mut client, mut server) = established();
    server.send(&[20, 0, 0], None).unwrap();
    let error = client.receive(&server.take_output()).unwrap_err();
    assert!(matches!(error, TransportError::RekeyUnsupported));
    let told = server.receive(&client.take_output()).unwrap_err();
    assert!(matches!(told, TransportError::Disconnected { .. }));
}

#[test]
fn what_waits_to_be_sent_is_dropped_by_a_failure() {
    let (mut client, mut server) = established();
    client.send(b"\x32password", None).unwrap();
    server.send(&[20], None).unwrap();
    client.receive(&server.take_output()).unwrap_err();
    assert!(client.output().is_empty());
}

#[test]
fn hostile_version_exchanges_end() {
    let cases: [(&[u8], bool); 5] = [
        (b"SSH-1.5-old\r\n", true),
        (b"SSH-2.0-con\x07trol\r\n", true),
        (b"SSH-2.0-ok\n", false),
        (b"welcome\r\nSSH-1.99-ok\r\n", false),
        (b"no line end so far", false),
    ];
    for (bytes, fails) in cases {
        let mut client = Connection::client(ClientConfig::new()).unwrap();
        assert_eq!(client.receive(bytes).is_err(), fails, "{bytes:?}");
    }
    for flood in [&[b'x'; 1000][..], b"line\n"] {
        let mut client = Connection::client(ClientConfig::new()).unwrap();
        let error = (0..10_000).find_map(|_| client.receive(flood).err());
        assert!(matches!(error, Some(TransportError::OverLimit { .. })));
    }
    let mut server = Connection::server(server_config()).unwrap();
    assert!(server.receive(b"GET / HTTP/1.1\r\n").is_err());
}

#[test]
fn endless_noise_ends() {
    let (mut client, mut server) = established();
    let error = (0..20_000).find_map(|_| {
        server.send(&[2, 0, 0, 0, 0], None).unwrap();
        client.receive(&server.take_output()).err()
    });
    assert!(matches!(error, Some(TransportError::OverLimit { .. })));
}
