//! The loops: blocking, with tokio, with mio.

use alloc::sync::Arc;
use core::time::Duration;
use std::time::Instant;

use interop::blocking::LoginError;
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, demo_key};
use interop::scripted::{Reply, ScriptedServer};
use interop::transport::{HostKey, ServerConfig};
use ssh_userauth::{Action, Config, Ending, Identity, Notice, Rejected, Session};
use ssh_userauth::{Authenticated, UserAuthClient};
use ssh_userauth_testing::wire::SERVER_SIG_ALGS;
use tokio::net::UnixStream;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;

use crate::async_tokio::{exchange_keys, log_in};
use crate::blocking::{User, connect};
use crate::flow::FlowServer;
use crate::many_mio::log_in_all;
use crate::support::session::run_command;

/// Who needs longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

fn policy(key: &ssh_key::PrivateKey) -> EmbeddedPolicy {
    EmbeddedPolicy::new("alice").with_key(&key.public_key().to_bytes().unwrap())
}

pub(crate) fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn blocking_with_key_and_password() {
    let key = demo_key("laptop").unwrap();
    let policy = policy(&key)
        .with_password("hunter2")
        .then(Method::PublicKey)
        .then(Method::Password)
        .with_greeting("hello\n");
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let user = User {
        name: "alice",
        key: &key,
        password: "hunter2",
    };
    let (mut transport, done) = connect(stream, server.host_key(), &user).unwrap();
    assert!(!done.is_trivial());
    // Version and KEXINIT; the key; NEWKEYS, the service request and the query; the signature; the
    // password.
    assert_eq!(transport.writes(), 5);
    let factors: Vec<_> = done.factors().iter().map(ToString::to_string).collect();
    assert_eq!(factors, ["publickey (ssh-ed25519 laptop)", "password"]);
    assert_eq!(run_command(&mut transport, "true"), "hello\n");
    assert_eq!(
        server.log()[..3],
        [
            "publickey offer for alice: acceptable",
            "publickey for alice: partial success",
            "password for alice: success",
        ]
    );
}

/// A server that has no use for this type of key, and says so behind its NEWKEYS, ahead of ours:
/// already the first flight doesn't show the key.
#[test]
fn the_first_flight_knows_of_ext_info() {
    let string = |bytes: &[u8]| [&[0, 0, 0, u8::try_from(bytes.len()).unwrap()], bytes].concat();
    let extension = [string(SERVER_SIG_ALGS.as_bytes()), string(b"rsa-sha2-256")].concat();
    let info = [&[7, 0, 0, 0, 1][..], &extension].concat();
    for with_tokio in [false, true] {
        let config = ServerConfig::new(HostKey::generate().unwrap()).with_ext_info(info.clone());
        let script = |payload: &[u8]| match payload[0] {
            5 => Reply::send(vec![[&[6][..], &payload[1..]].concat()]),
            _ => Reply::silence().and_close(),
        };
        let (server, stream) = ScriptedServer::start_with(config, Vec::new(), script).unwrap();
        let host_key = server.host_key().to_vec();
        let key = demo_key("laptop").unwrap();
        let result = if with_tokio {
            stream.set_nonblocking(true).unwrap();
            runtime().block_on(async {
                let mut stream = UnixStream::from_std(stream).unwrap();
                let login = crate::async_tokio::connect(&mut stream, &host_key, Arc::new(key));
                login.await.map(|_| ())
            })
        } else {
            let user = User {
                name: "alice",
                key: &key,
                password: "hunter2",
            };
            connect(stream, &host_key, &user).map(|_| ())
        };
        assert!(result.is_err(), "the server closes at the first request");
        let transcript = server.join().unwrap();
        let is_shown = |payload: &Vec<u8>| payload.windows(11).any(|part| part == b"ssh-ed25519");
        assert!(transcript.received.len() > 1);
        assert!(!transcript.received.iter().any(is_shown), "{with_tokio}");
    }
}

#[test]
fn blocking_with_a_wrong_password_says_why() {
    let key = demo_key("laptop").unwrap();
    let policy = policy(&key).with_password("hunter2").then(Method::Password);
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let user = User {
        name: "alice",
        key: &key,
        password: "hunter1",
    };
    let error = connect(stream, server.host_key(), &user).unwrap_err();
    let Some(LoginError::GaveUp(why)) = error.downcast_ref() else {
        panic!("{error}");
    };
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert!(error.to_string().contains("password"), "{error}");
    let refused = "password for alice: failed".to_owned();
    let log = server.log();
    assert_eq!(log.iter().filter(|line| **line == refused).count(), 1);
}

/// Nothing of the user's goes to a server that isn't the right one.
#[test]
fn another_host_key_ends_it_before_the_login() {
    let key = demo_key("laptop").unwrap();
    let (server, stream) = EmbeddedServer::start(policy(&key).then(Method::PublicKey)).unwrap();
    let user = User {
        name: "alice",
        key: &key,
        password: "hunter2",
    };
    let error = connect(stream, b"another", &user).unwrap_err();
    assert!(error.to_string().contains("not the key"), "{error}");

    let (other, stream) = EmbeddedServer::start(policy(&key).then(Method::PublicKey)).unwrap();
    stream.set_nonblocking(true).unwrap();
    let error = runtime().block_on(async {
        let mut stream = UnixStream::from_std(stream).unwrap();
        let exchanged = exchange_keys(&mut stream, b"another").await;
        exchanged.unwrap_err().to_string()
    });
    assert!(error.contains("not the key"), "{error}");
    for server in [server, other] {
        let log = server.log();
        assert!(!log.iter().any(|line| line.contains("alice")), "{log:?}");
    }
}

/// A login with tokio against a server that is none of the examples': `sign` says when the
/// signature is made.
async fn log_in_when(
    stream: std::os::unix::net::UnixStream,
    host_key: &[u8],
    sign: Arc<Notify>,
    tell: impl FnMut(Notice),
) -> Result<Authenticated, LoginError> {
    let key = Arc::new(demo_key("slow").unwrap());
    stream.set_nonblocking(true).unwrap();
    let mut stream = UnixStream::from_std(stream).unwrap();
    let mut connection = exchange_keys(&mut stream, host_key).await.unwrap();
    let session = Session::encrypted(connection.session_id());
    let mut auth = UserAuthClient::new(Config::new("alice"), session).unwrap();
    let ask = |question| {
        let (key, sign) = (Arc::clone(&key), Arc::clone(&sign));
        async move {
            Some(match question {
                Action::NeedPublicKey(need) if need.offered() == 0 => {
                    need.offer(Identity::try_from(&*key).unwrap())
                }
                Action::NeedSignature(need) => {
                    sign.notified().await;
                    need.sign_with(&key).unwrap_or_else(Rejected::decline)
                }
                other => other.decline()?,
            })
        }
    };
    let login = log_in(&mut auth, &mut stream, &mut connection, ask, tell);
    tokio::time::timeout(PATIENCE, login)
        .await
        .expect("it hangs")
}

/// The signature is made when the banner has come, and the banner comes when the client has
/// answered a packet: a loop that waits for the signature would wait for ever.
#[test]
fn packets_flow_while_a_signature_is_made() {
    let (server, stream) = FlowServer::start();
    let sign = Arc::new(Notify::new());
    let banner = Arc::clone(&sign);
    let mut told = Vec::new();
    let tell = |notice| {
        told.push(notice);
        banner.notify_one();
    };
    let done = runtime().block_on(log_in_when(stream, &server.host_key, sign, tell));
    assert_eq!(done.unwrap().factors().len(), 1);
    assert!(matches!(&told[..], [Notice::Banner { .. }]), "{told:?}");
    let order = ["key taken", "ping answered", "signature"];
    assert_eq!(server.events(), order);
}

/// Nobody ever signs; the end of the connection is heard all the same.
#[test]
fn a_lost_connection_is_heard_while_a_signature_is_made() {
    let (server, stream) = ScriptedServer::start(|payload: &[u8]| match payload[0] {
        5 => Reply::send(vec![[&[6][..], &payload[1..]].concat()]),
        // The query: user, service, method, a boolean, and then what PK_OK repeats.
        _ if payload.windows(9).any(|part| part == b"publickey") => {
            let start = payload
                .windows(9)
                .position(|part| part == b"publickey")
                .unwrap()
                + 10;
            Reply::send(vec![[&[60][..], &payload[start..]].concat()]).and_close()
        }
        _ => Reply::send(vec![[&[51, 0, 0, 0, 9][..], b"publickey", &[0]].concat()]),
    })
    .unwrap();
    let never = Arc::new(Notify::new());
    let login = log_in_when(stream, server.host_key(), never, |_| {});
    match runtime().block_on(login) {
        Err(LoginError::GaveUp(why)) => assert_eq!(why.ending(), Ending::ConnectionLost),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_task_that_panics_is_a_question_declined() {
    let key = demo_key("laptop").unwrap();
    let (server, stream) = EmbeddedServer::start(policy(&key).then(Method::PublicKey)).unwrap();
    stream.set_nonblocking(true).unwrap();
    let login = runtime().block_on(async {
        let mut stream = UnixStream::from_std(stream).unwrap();
        let exchanged = exchange_keys(&mut stream, server.host_key()).await;
        let mut connection = exchanged.unwrap();
        let session = Session::encrypted(connection.session_id());
        let mut auth = UserAuthClient::new(Config::new("alice"), session).unwrap();
        let ask = |_| async { panic!("the dialog crashed, as this test wants") };
        let login = log_in(&mut auth, &mut stream, &mut connection, ask, |_| {});
        tokio::time::timeout(PATIENCE, login)
            .await
            .expect("it hangs")
    });
    match login {
        Err(LoginError::GaveUp(why)) => assert_eq!(why.ending(), Ending::NoMethodLeft),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_thousand_logins_at_once() {
    let key = demo_key("laptop").unwrap();
    let policy = policy(&key).then(Method::PublicKey);
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    let begin = Instant::now();
    let tally = log_in_all(address, server.host_key(), &key, 1000).unwrap();
    println!("1000 logins in {:.1?}", begin.elapsed());
    assert_eq!(tally.failures, [""; 0]);
    assert_eq!((tally.logged_in, tally.at_once), (1000, 1000));
    let accepted = "publickey for alice: success".to_owned();
    let log = server.log();
    assert_eq!(log.iter().filter(|line| **line == accepted).count(), 1000);
}

#[test]
fn many_logins_that_are_all_refused() {
    let (key, other) = (demo_key("laptop").unwrap(), demo_key("other").unwrap());
    let policy = policy(&other).then(Method::PublicKey);
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    let tally = log_in_all(address, server.host_key(), &key, 20).unwrap();
    assert_eq!((tally.logged_in, tally.at_once), (0, 0));
    assert_eq!(tally.failures.len(), 20);
    let reason = "refused";
    assert!(
        tally.failures[0].contains(reason),
        "{:?}",
        tally.failures[0]
    );
    // And a port where nobody listens any more.
    drop(server);
    let tally = log_in_all(address, b"", &key, 3).unwrap();
    assert_eq!(tally.failures.len(), 3);
}
