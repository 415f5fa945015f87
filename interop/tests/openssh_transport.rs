//! Our transport against OpenSSH, in both roles.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

use core::time::Duration;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::thread;

use interop::skip;
use interop::sshd::{self, HostKeyType, Sshd, TestAccount};
use interop::transport::{
    Cipher, ClientConfig, HostKey, HostKeyAlgorithm, Incoming, KexAlgorithm, LowLatencyTcp,
    ServerConfig, Transport, TransportError,
};

#[path = "support/bytes.rs"]
mod bytes;

use bytes::{request, service_request, string};

fn payload(client: &mut Transport<UnixStream>) -> Vec<u8> {
    match client.recv().unwrap() {
        Incoming::Payload(payload) => payload,
        other => panic!("{other:?}"),
    }
}

fn limited(stream: UnixStream) -> UnixStream {
    let limit = Some(Duration::from_secs(30));
    stream.set_read_timeout(limit).unwrap();
    stream
}

/// Asks for the service and sends `none` in one flight; gives the method list of the failure.
fn none_fails(client: &mut Transport<UnixStream>, user: &str) -> String {
    client.send(&service_request()).unwrap();
    client.send(&request(user, "none", &[])).unwrap();
    let mut message = payload(client);
    if message[0] == 7 {
        message = payload(client);
    }
    assert_eq!(message, [&[6][..], &string(b"ssh-userauth")].concat());
    let failure = payload(client);
    assert_eq!(failure[0], 51);
    assert_eq!(failure.last(), Some(&0));
    String::from_utf8(failure[5..failure.len() - 1].to_vec()).unwrap()
}

#[test]
fn every_host_key_with_every_cipher() {
    if sshd::require().is_none() {
        return;
    }
    let server = Sshd::builder().host_keys(HostKeyType::ALL).build().unwrap();
    let user = sshd::current_user().unwrap();
    for algorithm in HostKeyAlgorithm::ALL {
        for cipher in Cipher::ALL {
            let (mut process, stream) = server.connect().unwrap();
            let config = ClientConfig::new()
                .with_host_keys(&[*algorithm])
                .with_ciphers(&[*cipher]);
            let mut seen = Vec::new();
            let mut client = Transport::client(limited(stream), config, |blob| {
                seen = blob.to_vec();
                Ok(())
            })
            .unwrap_or_else(|error| panic!("{error}\n{}", process.log()));
            let expected = match algorithm {
                HostKeyAlgorithm::Ed25519 => HostKeyType::Ed25519,
                HostKeyAlgorithm::EcdsaP256 => HostKeyType::EcdsaP256,
                _ => HostKeyType::Rsa,
            };
            assert_eq!(seen, server.host_key(expected).unwrap());
            assert!(client.peer_version().starts_with("SSH-2.0-OpenSSH"));
            let handshake = client.round_trips();
            let methods = none_fails(&mut client, &user);
            assert!(methods.contains("publickey"), "{methods}");
            assert!(client.round_trips() - handshake <= 3);
            drop(client);
            assert!(process.wait(Duration::from_secs(10)).is_some());
        }
    }
}

#[test]
fn the_older_names_work_too() {
    if sshd::require().is_none() {
        return;
    }
    let (_process, stream) = Sshd::builder().start().unwrap();
    let config = ClientConfig::new()
        .with_kex(&[KexAlgorithm::Curve25519Sha256LibSsh])
        .with_strict_kex(false)
        .with_ext_info(false);
    let mut client = Transport::client(limited(stream), config, |_| Ok(())).unwrap();
    assert!(!client.negotiated().unwrap().strict);
    none_fails(&mut client, "nobody");
}

#[test]
fn too_many_failures_are_disconnected_with_a_reason() {
    if sshd::require().is_none() {
        return;
    }
    let builder = Sshd::builder().config_line("MaxAuthTries 2");
    let (_process, stream) = builder.start().unwrap();
    let user = sshd::current_user().unwrap();
    let mut client = Transport::client(limited(stream), ClientConfig::new(), |_| Ok(())).unwrap();
    none_fails(&mut client, &user);
    let error = loop {
        let wrong = [&[0][..], &string(b"wrong")].concat();
        let result = client.send_padded(&request(&user, "password", &wrong), 256);
        if let Err(error) = result.and_then(|_| client.recv()) {
            break error;
        }
    };
    let TransportError::Disconnected { code: 2, text } = error else {
        panic!("{error}");
    };
    assert!(text.to_string().contains("Too many"), "{text}");
}

#[test]
fn a_password_login_by_the_system() {
    if !sshd::require_root() {
        return;
    }
    let account = TestAccount::create().unwrap();
    for pam in [false, true] {
        let builder = Sshd::builder()
            .use_pam(pam)
            .config_line("PasswordAuthentication yes");
        let (process, stream) = builder.start().unwrap();
        let mut client =
            Transport::client(limited(stream), ClientConfig::new(), |_| Ok(())).unwrap();
        let methods = none_fails(&mut client, account.name());
        assert!(methods.contains("password"), "{methods}");
        let password = [&[0][..], &string(account.password().as_bytes())].concat();
        client
            .send_padded(&request(account.name(), "password", &password), 256)
            .unwrap();
        assert_eq!(payload(&mut client), [52], "{}", process.log());
    }
}

#[test]
fn keyboard_interactive_by_pam() {
    if !sshd::require_root() {
        return;
    }
    let account = TestAccount::create().unwrap();
    let builder = Sshd::builder()
        .use_pam(true)
        .config_line("KbdInteractiveAuthentication yes")
        .config_line("AuthenticationMethods keyboard-interactive");
    let (process, stream) = builder.start().unwrap();
    let mut client = Transport::client(limited(stream), ClientConfig::new(), |_| Ok(())).unwrap();
    let methods = none_fails(&mut client, account.name());
    assert_eq!(methods, "keyboard-interactive");
    let empty = [string(b""), string(b"")].concat();
    client
        .send(&request(account.name(), "keyboard-interactive", &empty))
        .unwrap();
    assert_eq!(payload(&mut client)[0], 60, "{}", process.log());
    let answer = [
        &[61, 0, 0, 0, 1][..],
        &string(account.password().as_bytes()),
    ]
    .concat();
    client.send_padded(&answer, 256).unwrap();
    // PAM then asks nothing, and wants that answered.
    assert_eq!(payload(&mut client)[0], 60, "{}", process.log());
    client.send(&[61, 0, 0, 0, 0]).unwrap();
    assert_eq!(payload(&mut client), [52], "{}", process.log());
}

/// A server that lets anybody in and says a banner. Gives the numbers of what it got.
fn let_in(stream: TcpStream, cipher: Cipher) -> Vec<u8> {
    let limit = Some(Duration::from_secs(30));
    stream.set_read_timeout(limit).unwrap();
    let info = [
        &[7, 0, 0, 0, 1][..],
        &string(b"server-sig-algs"),
        &string(b"ssh-ed25519"),
    ]
    .concat();
    let config = ServerConfig::new(HostKey::generate().unwrap())
        .with_ciphers(&[cipher])
        .with_ext_info(info)
        .with_lines(["A line ahead of the version string."]);
    let stream = LowLatencyTcp::new(stream).unwrap();
    let mut server = Transport::server(stream, config).unwrap();
    let mut seen = Vec::new();
    loop {
        let Ok(Incoming::Payload(payload)) = server.recv() else {
            return seen;
        };
        seen.push(payload[0]);
        match payload[0] {
            5 => {
                let accept = [&[6][..], &payload[1..]].concat();
                server.send(&accept).unwrap();
            }
            50 => {
                let banner = [&[53][..], &string(b"hello banner\n"), &string(b"")].concat();
                server.send(&banner).unwrap();
                server.send(&[52]).unwrap();
            }
            90 => return seen,
            _ => {}
        }
    }
}

/// OpenSSH's client logs in to our server role: not only our two halves agree with each other.
#[test]
fn openssh_client_logs_in_to_our_server() {
    if Command::new("ssh").arg("-V").output().is_err() {
        skip::without("OpenSSH's client");
        return;
    }
    for cipher in Cipher::ALL {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port().to_string();
        let server = thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let_in(stream, *cipher)
        });
        let output = Command::new("ssh")
            .args(["-p", &port, "-v", "-F", "none"])
            .args(["-o", "StrictHostKeyChecking=no"])
            .args(["-o", "UserKnownHostsFile=/dev/null"])
            .args(["-o", "BatchMode=yes", "someone@127.0.0.1", "true"])
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let log = String::from_utf8_lossy(&output.stderr);
        assert!(log.contains("hello banner"), "{log}");
        assert!(log.contains("server-sig-algs=<ssh-ed25519>"), "{log}");
        assert!(log.contains("using \"none\""), "{log}");
        let seen = server.join().unwrap();
        assert!(seen.contains(&90), "{seen:?}\n{log}");
    }
}
