//! Our client against our server.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::thread;

use interop::transport::{
    Cipher, ClientConfig, Connection, HostKeyRefused, Incoming, Transport, TransportError,
};

#[path = "support/bytes.rs"]
mod bytes;
#[path = "support/pair.rs"]
mod pair;

use bytes::{service_request, string};
use pair::{established, pump, server_config};

/// Counts the writes that reach the stream.
struct Counting {
    inner: UnixStream,
    writes: Vec<usize>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.inner.read(buffer)
    }
}

impl Write for Counting {
    fn write(&mut self, buffer: &[u8]) -> std::io::Result<usize> {
        self.writes.push(buffer.len());
        self.inner.write(buffer)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

#[test]
fn all_ciphers_carry_payloads_both_ways() {
    for cipher in Cipher::ALL {
        let (near, far) = UnixStream::pair().unwrap();
        let config = server_config()
            .with_ext_info([7, 0, 0, 0, 0])
            .with_lines(["Hello", "World"]);
        let server = thread::spawn(move || {
            let mut server = Transport::server(far, config).unwrap();
            for _ in 0..20 {
                let Incoming::Payload(payload) = server.recv().unwrap() else {
                    panic!("not a payload");
                };
                server.send(&payload).unwrap();
            }
            server.flush().unwrap();
            (server.session_id().to_vec(), server.round_trips())
        });
        let config = ClientConfig::new().with_ciphers(&[*cipher]);
        let mut seen = Vec::new();
        let mut client = Transport::client(near, config, |blob| {
            seen = blob.to_vec();
            Ok(())
        })
        .unwrap();
        let agreed = *client.negotiated().unwrap();
        assert_eq!(agreed.client_to_server, *cipher);
        assert_eq!(agreed.server_to_client, *cipher);
        assert!(agreed.strict);
        assert_eq!(client.host_key(), Some(seen.as_slice()));
        assert_eq!(seen, server_config().host_key().blob());
        let payloads: Vec<Vec<u8>> = (0..20).map(|n: usize| vec![80; 1 + n * 700]).collect();
        for payload in &payloads {
            client.send(payload).unwrap();
        }
        // EXT_INFO comes out as it was sent.
        assert_eq!(
            client.recv().unwrap(),
            Incoming::Payload(vec![7, 0, 0, 0, 0])
        );
        for payload in payloads {
            assert_eq!(client.recv().unwrap(), Incoming::Payload(payload));
        }
        assert!(matches!(client.recv(), Err(TransportError::Eof)));
        assert_eq!(server.join().unwrap().0, client.session_id());
        assert_eq!(client.session_id().len(), 32);
    }
}

#[test]
fn newkeys_and_the_first_requests_leave_in_one_write() {
    let (near, far) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || {
        let mut server = Transport::server(far, server_config()).unwrap();
        for _ in 0..3 {
            server.recv().unwrap();
        }
        server.send(&[6]).unwrap();
        server.flush().unwrap();
    });
    let near = Counting {
        inner: near,
        writes: Vec::new(),
    };
    let mut client = Transport::client(near, ClientConfig::new(), |_| Ok(())).unwrap();
    // Version with KEXINIT, then our half of the key exchange.
    assert_eq!(client.stream().writes.len(), 2);
    let before = client.round_trips();
    assert_eq!(before, 2);
    client.send(&service_request()).unwrap();
    client.send(&[50, 1, 2, 3]).unwrap();
    client.send_padded(&[50, 9, 9, 9], 200).unwrap();
    assert_eq!(client.stream().writes.len(), 2);
    assert_eq!(client.recv().unwrap(), Incoming::Payload(vec![6]));
    assert_eq!(client.stream().writes.len(), 3);
    assert_eq!(client.writes(), 3);
    assert_eq!(client.round_trips() - before, 1);
    server.join().unwrap();
}

#[test]
fn a_refused_host_key_ends_before_newkeys() {
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    let mut server = Connection::server(server_config()).unwrap();
    while client.pending_host_key().is_none() {
        server.receive(&client.take_output()).unwrap();
        client.receive(&server.take_output()).unwrap();
    }
    assert!(client.output().is_empty() && !client.can_send());
    assert!(client.send(&[5], None).is_err());
    let error = client.refuse_host_key(HostKeyRefused::new("/home/me/known_hosts:7 differs"));
    assert!(error.to_string().contains("known_hosts:7"));
    // One packet in the clear, a DISCONNECT that does not repeat our reason.
    let output = client.take_output();
    assert!(!output.windows(5).any(|part| part == b"known"));
    let told = server.receive(&output).unwrap_err();
    assert!(matches!(told, TransportError::Disconnected { code: 9, .. }));
    assert!(matches!(
        client.accept_host_key(),
        Err(TransportError::Failed)
    ));
}

#[test]
fn the_blocking_client_reports_the_refusal() {
    let (near, far) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || Transport::server(far, server_config()).unwrap_err());
    let error = Transport::client(near, ClientConfig::new(), |_| {
        Err(HostKeyRefused::new("unknown"))
    })
    .unwrap_err();
    assert!(matches!(error, TransportError::HostKeyRefused(_)));
    assert!(matches!(
        server.join().unwrap(),
        TransportError::Disconnected { code: 9, .. }
    ));
}

#[test]
fn single_bytes_are_enough() {
    let mut client = Connection::client(ClientConfig::new()).unwrap();
    let mut server = Connection::server(server_config()).unwrap();
    loop {
        let (up, down) = (client.take_output(), server.take_output());
        if up.is_empty() && down.is_empty() {
            break;
        }
        for byte in up {
            server.receive(&[byte]).unwrap();
        }
        for byte in down {
            client.receive(&[byte]).unwrap();
            client.accept_host_key().unwrap();
        }
    }
    assert!(client.is_established() && server.is_established());
}

#[test]
fn without_strict_key_exchange_the_numbers_go_on() {
    let mut client = Connection::client(ClientConfig::new().with_strict_kex(false)).unwrap();
    let mut server = Connection::server(server_config()).unwrap();
    pump(&mut client, &mut server).unwrap();
    // KEXINIT, our half and NEWKEYS had numbers 0 to 2.
    assert_eq!(client.send(&[50], None).unwrap(), 3);
    pump(&mut client, &mut server).unwrap();
    assert_eq!(server.poll_payload(), Some(Incoming::Payload(vec![50])));

    let (mut client, _) = established();
    assert_eq!(client.send(&[50], None).unwrap(), 0);
}

#[test]
fn transport_messages_after_the_handshake() {
    let (mut client, mut server) = established();
    server.send(&[2, 0, 0, 0, 0], None).unwrap();
    server.send(&[4, 0, 0, 0, 0, 0, 0, 0, 0, 0], None).unwrap();
    server.send(&[3, 0, 0, 0, 42], None).unwrap();
    let unknown = server.send(&[9, 1], None).unwrap();
    server.send(&[200, 1], None).unwrap();
    pump(&mut client, &mut server).unwrap();
    assert_eq!(client.poll_payload(), Some(Incoming::Unimplemented(42)));
    assert_eq!(client.poll_payload(), Some(Incoming::Payload(vec![200, 1])));
    assert_eq!(client.poll_payload(), None);
    assert_eq!(
        server.poll_payload(),
        Some(Incoming::Unimplemented(unknown))
    );
    // The layer above can answer in the same way.
    client.send_unimplemented().unwrap();
    pump(&mut client, &mut server).unwrap();
    assert_eq!(
        server.poll_payload(),
        Some(Incoming::Unimplemented(unknown + 1))
    );
}

#[test]
fn a_disconnect_is_told_with_filtered_text() {
    let (mut client, mut server) = established();
    let text = "bye\x1b[31m\u{202e}red\r\n";
    let message = [
        &[1, 0, 0, 0, 14][..],
        &string(text.as_bytes()),
        &string(b""),
    ]
    .concat();
    server.send(&[80], None).unwrap();
    server.send(&message, None).unwrap();
    let error = client.receive(&server.take_output()).unwrap_err();
    let shown = error.to_string();
    assert!(!shown.chars().any(char::is_control) && !shown.contains('\u{202e}'));
    let TransportError::Disconnected {
        code: 14,
        text: got,
    } = error
    else {
        panic!("{error}");
    };
    assert_eq!(got.as_bytes(), text.as_bytes());
    // What came before it is not lost, and nobody is told about a disconnect of his own.
    assert_eq!(client.poll_payload(), Some(Incoming::Payload(vec![80])));
    assert!(client.output().is_empty());
}

#[test]
fn nothing_in_common_is_named() {
    let config = ClientConfig::new().with_ciphers(&[Cipher::Aes256Gcm]);
    let mut client = Connection::client(config).unwrap();
    let config = server_config().with_ciphers(&[Cipher::ChaCha20Poly1305]);
    let mut server = Connection::server(config).unwrap();
    let error = pump(&mut client, &mut server).unwrap_err();
    assert_eq!(error.to_string(), "no common algorithm for encryption");
}

#[test]
fn padding_hides_the_length_of_a_password() {
    let (mut client, _) = established();
    let lengths = [1, 10, 60].map(|length| {
        client.send(&vec![50; length], Some(200)).unwrap();
        client.take_output().len()
    });
    assert!(lengths.iter().all(|length| *length == lengths[0]));
    assert!(client.send(&[], None).is_err());
    assert!(client.send(&vec![50; 300_000], None).is_err());
    client.send(&[50], None).unwrap();
}

#[test]
fn a_reason_is_told_to_who_sends_before_reading_it() {
    let (near, far) = UnixStream::pair().unwrap();
    let server = thread::spawn(move || {
        let mut server = Transport::server(far, server_config()).unwrap();
        server.recv().unwrap();
        server.send(&[80]).unwrap();
        server
            .send(&[&[1, 0, 0, 0, 2][..], &string(b"enough"), &string(b"")].concat())
            .unwrap();
        server.flush().unwrap();
    });
    let mut client = Transport::client(near, ClientConfig::new(), |_| Ok(())).unwrap();
    client.send(&service_request()).unwrap();
    assert_eq!(client.recv().unwrap(), Incoming::Payload(vec![80]));
    assert!(matches!(
        client.send(&[50]),
        Err(TransportError::Disconnected { code: 2, .. })
    ));
    server.join().unwrap();
}
