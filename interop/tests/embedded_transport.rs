//! The embedded and the scripted server, spoken to by hand.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use core::time::Duration;
use std::io::{Read, Write};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::scripted::{Reply, ScriptedServer};
use interop::transport::{
    ClientConfig, HostKey, HostKeyRefused, Incoming, LowLatencyTcp, ServerConfig, Transport,
    TransportError,
};
use ring::signature::{Ed25519KeyPair, KeyPair as _};

#[path = "support/bytes.rs"]
mod bytes;

use bytes::{request, service_request, string};

fn failure(methods: &str, partial: u8) -> Vec<u8> {
    [&[51][..], &string(methods.as_bytes()), &[partial]].concat()
}

fn payload<S: Read + Write>(client: &mut Transport<S>) -> Vec<u8> {
    loop {
        match client.recv().unwrap() {
            Incoming::Payload(payload) if payload[0] == 7 => {}
            Incoming::Payload(payload) => return payload,
            other => panic!("{other:?}"),
        }
    }
}

fn check(expected: &[u8]) -> impl FnMut(&[u8]) -> Result<(), HostKeyRefused> {
    let expected = expected.to_vec();
    move |blob| {
        if blob == expected {
            Ok(())
        } else {
            Err(HostKeyRefused::new("another key"))
        }
    }
}

fn blob(pair: &Ed25519KeyPair) -> Vec<u8> {
    [string(b"ssh-ed25519"), string(pair.public_key().as_ref())].concat()
}

fn answers(answers: &[&str]) -> Vec<u8> {
    let count = u32::try_from(answers.len()).unwrap();
    let mut out = [&[61][..], &count.to_be_bytes()].concat();
    for answer in answers {
        out.extend_from_slice(&string(answer.as_bytes()));
    }
    out
}

fn signed(pair: &Ed25519KeyPair, session_id: &[u8]) -> Vec<u8> {
    let mut fields = vec![1];
    fields.extend_from_slice(&string(b"ssh-ed25519"));
    fields.extend_from_slice(&string(&blob(pair)));
    let mut message = request("demo", "publickey", &fields);
    let data = [string(session_id), message.clone()].concat();
    let signature = [string(b"ssh-ed25519"), string(pair.sign(&data).as_ref())].concat();
    message.extend_from_slice(&string(&signature));
    message
}

#[test]
fn the_demonstration_from_none_to_exit_status() {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    let (server, stream) = EmbeddedServer::start(EmbeddedPolicy::demo(&blob(&pair))).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(30)))
        .unwrap();
    let mut client =
        Transport::client(stream, ClientConfig::new(), check(server.host_key())).unwrap();
    client.send(&service_request()).unwrap();
    client.send(&request("demo", "none", &[])).unwrap();
    assert_eq!(
        payload(&mut client),
        [&[6][..], &string(b"ssh-userauth")].concat()
    );
    assert_eq!(payload(&mut client)[0], 53);
    assert_eq!(payload(&mut client), failure("publickey", 0));
    let session_id = client.session_id().to_vec();
    client.send(&signed(&pair, &session_id)).unwrap();
    assert_eq!(payload(&mut client), failure("keyboard-interactive", 1));
    let start = request(
        "demo",
        "keyboard-interactive",
        &[string(b""), string(b"")].concat(),
    );
    client.send(&start).unwrap();
    assert_eq!(payload(&mut client)[0], 60);
    client.send(&answers(&["wrong"])).unwrap();
    assert_eq!(payload(&mut client), failure("keyboard-interactive", 0));
    client.send(&start).unwrap();
    for round in EmbeddedPolicy::DEMO_ANSWERS {
        assert_eq!(payload(&mut client)[0], 60);
        client.send(&answers(round)).unwrap();
    }
    assert_eq!(payload(&mut client), [52]);
    run_command(&mut client);
    assert!(
        server
            .log()
            .iter()
            .any(|line| line == "publickey for demo: partial success")
    );
    // With the client's end still open.
    drop(server);
}

/// Opens a session channel and runs a command; the greeting and status 0 must come.
fn run_command<S: Read + Write>(client: &mut Transport<S>) {
    let open = [
        &[90][..],
        &string(b"session"),
        &[0, 0, 0, 0],
        &[0, 32, 0, 0],
        &[0, 0, 128, 0],
    ]
    .concat();
    client.send(&open).unwrap();
    let confirmation = loop {
        let message = payload(client);
        if message[0] != 80 {
            break message;
        }
    };
    assert_eq!(confirmation[0], 91);
    let exec = [
        &[98][..],
        &confirmation[5..9],
        &string(b"exec"),
        &[1],
        &string(b"true"),
    ]
    .concat();
    client.send(&exec).unwrap();
    let (mut output, mut status) = (Vec::new(), None);
    loop {
        let message = payload(client);
        match message[0] {
            94 => output.extend_from_slice(&message[9..]),
            98 => status = message.last().copied(),
            97 => break,
            _ => {}
        }
    }
    assert!(String::from_utf8(output).unwrap().contains("Logged in"));
    assert_eq!(status, Some(0));
}

#[test]
fn a_password_over_loopback_with_alternatives() {
    let policy = EmbeddedPolicy::new("demo")
        .with_password("secret")
        .then_one_of(&[Method::Password, Method::PublicKey]);
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    for (password, expected) in [
        ("wrong", failure("password,publickey", 0)),
        ("secret", vec![52]),
    ] {
        let stream = LowLatencyTcp::connect(address, Duration::from_secs(10)).unwrap();
        let limit = Some(Duration::from_secs(30));
        stream.get_ref().set_read_timeout(limit).unwrap();
        let mut client =
            Transport::client(stream, ClientConfig::new(), check(server.host_key())).unwrap();
        client.send(&service_request()).unwrap();
        let fields = [&[0][..], &string(password.as_bytes())].concat();
        client
            .send_padded(&request("demo", "password", &fields), 256)
            .unwrap();
        assert_eq!(payload(&mut client)[0], 6);
        assert_eq!(payload(&mut client), expected);
    }
}

#[test]
fn nobody_gets_in_without_a_step() {
    let policy = EmbeddedPolicy::new("demo").with_password("secret");
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let mut client =
        Transport::client(stream, ClientConfig::new(), check(server.host_key())).unwrap();
    client.send(&service_request()).unwrap();
    let fields = [&[0][..], &string(b"secret")].concat();
    client.send(&request("demo", "password", &fields)).unwrap();
    assert_eq!(payload(&mut client)[0], 6);
    assert_eq!(payload(&mut client), failure("", 0));
}

#[test]
fn a_demo_key_is_an_ed25519_key() {
    let key = demo_key("me").unwrap();
    let blob = key.public_key().to_bytes().unwrap();
    assert!(blob.starts_with(&string(b"ssh-ed25519")));
    assert_ne!(
        blob,
        demo_key("me").unwrap().public_key().to_bytes().unwrap()
    );
}

#[test]
fn a_script_says_what_no_server_would() {
    let (server, stream) = ScriptedServer::start(|payload: &[u8]| match payload[0] {
        5 => vec![[&[6][..], &payload[1..]].concat()],
        _ => vec![vec![51], vec![60, 0xff], vec![3, 0, 0, 0, 1]],
    })
    .unwrap();
    let mut client =
        Transport::client(stream, ClientConfig::new(), check(server.host_key())).unwrap();
    client.send(&service_request()).unwrap();
    let none = request("demo", "none", &[]);
    let sequence = client.send(&none).unwrap();
    assert_eq!(sequence, 1);
    assert_eq!(payload(&mut client)[0], 6);
    assert_eq!(payload(&mut client), [51]);
    assert_eq!(payload(&mut client), [60, 0xff]);
    assert_eq!(client.recv().unwrap(), Incoming::Unimplemented(1));
    drop(client);
    let transcript = server.join().unwrap();
    assert_eq!(transcript.received, [service_request(), none]);
    assert!(matches!(transcript.end, Some(TransportError::Eof)));
}

#[test]
fn a_script_can_begin_and_end() {
    let config = ServerConfig::new(HostKey::generate().unwrap());
    let opening = vec![vec![53, 0]];
    let (server, stream) = ScriptedServer::start_with(config, opening, |_: &[u8]| {
        Reply::send(vec![vec![52]]).and_close()
    })
    .unwrap();
    let mut client = Transport::client(stream, ClientConfig::new(), |_| Ok(())).unwrap();
    assert_eq!(payload(&mut client), [53, 0]);
    client.send(&service_request()).unwrap();
    assert_eq!(payload(&mut client), [52]);
    assert!(matches!(client.recv(), Err(TransportError::Eof)));
    assert!(server.join().unwrap().end.is_none());
}

#[test]
fn a_client_that_stays_does_not_keep_the_servers() {
    let (scripted, first) = ScriptedServer::start(|_: &[u8]| Reply::silence()).unwrap();
    let (embedded, second) = EmbeddedServer::start(EmbeddedPolicy::new("demo")).unwrap();
    drop((scripted, embedded));
    drop((first, second));
}
