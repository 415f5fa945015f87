//! Logins that end otherwise.

use alloc::rc::Rc;
use core::cell::RefCell;
use std::io::ErrorKind;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::channel;
use std::thread;

use interop::blocking::LoginError;
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round};
use interop::transport::{HostKey, Incoming, ServerConfig, Transport, TransportError};
use ssh_userauth::{Action, Ending, Outcome, Turn};

use crate::support::keys::TestKey;
use crate::support::one_by_one;
use crate::support::session::disconnect;
use crate::support::user::TestUser;
use crate::support::{attempts, connect, log_in, machine};
use crate::{policy, run, run_with};

/// The one method of the server is one that the user has nothing for.
#[test]
fn no_method_left() {
    let policy = policy().with_password("hunter2").then(Method::Password);
    let (login, log) = run(policy, TestUser::new().key(&TestKey::ed25519("laptop")));
    let why = login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.disconnect_reason().code(), 14);
    assert_eq!(why.remaining().unwrap().to_string(), "password");
    assert_eq!(
        why.to_string(),
        "no authentication method is left to try; the server lists \"password\""
    );
    assert_eq!(login.report.ending(), Some(Ending::NoMethodLeft));
    assert_eq!(login.dialogue, ["? password 1"]);
    assert_eq!(login.attempts(), ["none?: refused [password]"]);
    assert_eq!(
        login.skips(),
        [
            "publickey: NotListed",
            "keyboard-interactive: NotListed",
            "password: Declined",
        ]
    );
    assert_eq!(log, ["none for demo: failed"]);
}

/// A factor was earned, and then there is nothing for the second.
#[test]
fn no_method_left_for_the_second_factor() {
    let key = TestKey::ed25519("laptop");
    let policy = EmbeddedPolicy::demo(key.blob());
    let user = TestUser::new().key(&key).answers(&["correct horse"]);
    let (login, _) = run(policy, user);
    let why = login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.remaining().unwrap().to_string(), "keyboard-interactive");
    assert_eq!(login.report.factors().count(), 1);
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [publickey]",
            "publickey? laptop ssh-ed25519: acceptable",
            "publickey laptop ssh-ed25519: partial [keyboard-interactive]",
            "keyboard-interactive: abandoned",
        ]
    );
}

#[test]
fn wrong_user() {
    let key = TestKey::ed25519("laptop");
    let policy = policy()
        .with_key(key.blob())
        .with_password("hunter2")
        .then_one_of(&[Method::PublicKey, Method::Password]);
    let user = TestUser::new()
        .key(&key)
        .password("hunter2")
        .password("hunter2")
        .password("hunter2")
        .password("hunter2");
    let (login, log) = run_with(policy, one_by_one("stranger"), user);
    let why = login.gave_up();
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(why.disconnect_reason().code(), 14);
    assert_eq!(why.remaining().unwrap().to_string(), "publickey,password");
    assert_eq!(
        login.dialogue,
        [
            "? key, 0 offered",
            "? key, 1 offered",
            "? password 1",
            "? password 2, previous Refused",
            "? password 3, previous Refused",
        ]
    );
    assert_eq!(
        login.skips(),
        [
            "publickey: Declined",
            "keyboard-interactive: NotListed",
            "password: TriesSpent",
        ]
    );
    assert_eq!(
        log,
        [
            "none for stranger: failed",
            "publickey offer for stranger: failed",
            "password for stranger: failed",
            "password for stranger: failed",
            "password for stranger: failed",
        ]
    );
}

#[test]
fn server_tires_before_the_user() {
    let policy = policy()
        .with_password("hunter2")
        .then(Method::Password)
        .with_max_attempts(2);
    let user = TestUser::new().password("one").password("hunter2");
    let (login, _) = run(policy, user);
    let Err(LoginError::Transport(TransportError::Disconnected { code: 14, text })) = &login.result
    else {
        panic!("{:?}", login.result);
    };
    assert_eq!(text.to_string(), "Too many authentication attempts");
    // This server counts the first `none`, too.
    assert_eq!(
        login.attempts(),
        [
            "none?: refused [password]",
            "password: refused [password]",
            "password: unanswered",
        ]
    );
    assert_eq!(login.report.ending(), Some(Ending::ServerDisconnected));
}

/// The user changes his mind at the second question of a dialogue.
#[test]
fn cancelled_in_the_middle_of_a_dialogue() {
    let key = TestKey::ed25519("laptop");
    let (server, stream) = EmbeddedServer::start(EmbeddedPolicy::demo(key.blob())).unwrap();
    let mut transport = connect(stream, server.host_key());
    let mut auth = machine(one_by_one("demo"), &transport);
    let mut user = TestUser::new().key(&key).answers(&["correct horse"]);
    let (why, late) = 'run: loop {
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => drop(transport.send(payload.bytes()).unwrap()),
                Action::NeedAnswers(need) if need.round() == 2 => {
                    assert_eq!(auth.turn(), Turn::Caller);
                    auth.cancel();
                    let Some(Action::GiveUp(why)) = auth.poll_action() else {
                        panic!("not given up");
                    };
                    break 'run (why, need.answer_each(|_| "424242"));
                }
                notice @ Action::Notify(_) => drop(user.answer(notice)),
                question => auth.handle_answer(user.answer(question).unwrap()).unwrap(),
            }
        }
        if let Incoming::Payload(payload) = transport.recv().unwrap() {
            auth.handle_packet(&payload).unwrap();
        }
    };
    assert_eq!(why.ending(), Ending::Cancelled);
    assert_eq!(why.remaining().unwrap().to_string(), "keyboard-interactive");
    assert_eq!(auth.report().ending(), Some(Ending::Cancelled));
    assert_eq!(auth.turn(), Turn::Nobody);
    // The answer that was on its way comes too late, and is not sent.
    assert!(auth.handle_answer(late).is_err());
    assert!(auth.poll_action().is_none());
    let record = auth.report().attempts().last().unwrap();
    assert_eq!(
        record.outcome(),
        Outcome::Unanswered,
        "{:?}",
        attempts(auth.report())
    );
    assert_eq!(disconnect(&mut transport, &why), 13);
    // The server closes in turn, and has let nobody in.
    assert!(transport.recv().is_err());
    let log = server.log();
    assert!(
        !log.iter().any(|line| line.contains(": success")),
        "{log:?}"
    );
}

/// The server vanishes while the user is being asked.
#[test]
fn connection_lost_during_a_question() {
    let key = TestKey::ed25519("laptop");
    for (question, last) in [
        (
            "? signature 1 laptop ssh-ed25519 plain",
            "publickey laptop ssh-ed25519: unanswered",
        ),
        ("? answers 1.2 Code: ", "keyboard-interactive: unanswered"),
    ] {
        let policy = policy()
            .with_key(key.blob())
            .with_round(Round::new("", "").with_prompt("Name: ", false, "demo"))
            .with_round(Round::new("", "").with_prompt("Code: ", false, "424242"))
            .then(Method::PublicKey)
            .then(Method::KeyboardInteractive);
        let (server, stream) = EmbeddedServer::start(policy).unwrap();
        let mut transport = connect(stream, server.host_key());
        let server = Rc::new(RefCell::new(Some(server)));
        let hold = Rc::clone(&server);
        let user = TestUser::new()
            .key(&key)
            .answers(&["demo"])
            .answers(&["424242"])
            .when(question, move || drop(hold.borrow_mut().take()));
        let login = log_in(&mut transport, one_by_one("demo"), user);
        assert!(server.borrow().is_none(), "the question never came");
        match &login.result {
            Err(LoginError::Transport(TransportError::Eof)) => {}
            Err(LoginError::Transport(TransportError::Io(error)))
                if error.kind() == ErrorKind::BrokenPipe => {}
            other => panic!("{other:?}"),
        }
        assert_eq!(login.dialogue.last().unwrap(), question);
        assert_eq!(login.attempts().last().unwrap(), last);
        assert_eq!(login.report.ending(), Some(Ending::ConnectionLost));
    }
}

/// The server says why it closes while the user is still typing; that is what the caller must
/// hear, and not that his answer could not be written.
#[test]

fn disconnected_during_a_question() {
    let (client, server) = UnixStream::pair().unwrap();
    let config = ServerConfig::new(HostKey::generate().unwrap());
    let host_key = config.host_key().blob().to_vec();
    let (asked, question) = channel();
    let serving = thread::spawn(move || {
        let mut transport = Transport::server(server, config).unwrap();
        for reply in [
            &b"\x06\0\0\0\x0cssh-userauth"[..],
            b"\x33\0\0\0\x08password\0",
        ] {
            transport.recv().unwrap();
            transport.send(reply).unwrap();
            transport.flush().unwrap();
        }
        question.recv().unwrap();
        let why = b"\x01\0\0\0\x0b\0\0\0\x08too slow\0\0\0\0";
        transport.send(why).unwrap();
        transport.flush().unwrap();
    });
    let mut transport = connect(client, &host_key);
    let user = TestUser::new()
        .password("hunter2")
        .when("? password 1", move || {
            asked.send(()).unwrap();
            serving.join().unwrap();
        });
    let login = log_in(&mut transport, one_by_one("demo"), user);
    let Err(LoginError::Transport(TransportError::Disconnected { code: 11, text })) = &login.result
    else {
        panic!("{:?}", login.result);
    };
    assert_eq!(text.to_string(), "too slow");
    assert_eq!(
        login.attempts(),
        ["none?: refused [password]", "password: unanswered"]
    );
}
