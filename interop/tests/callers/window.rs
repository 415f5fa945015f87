//! The graphical client: dialogs that stay open for long, by a clock that jumps.

use core::time::Duration;
use std::time::Instant;

use interop::blocking::LoginError;
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round};
use interop::scripted::{Reply, ScriptedServer};
use ssh_userauth::{AbandonReason, Action, Answer, Config, Ending};
use ssh_userauth_testing::wire::{Banner, InfoRequest, Prompt, encode_exact};

use crate::graphical::{Client, EventLoop};

const MINUTE: Duration = Duration::from_secs(60);

fn fill_in(question: Action) -> Option<Answer> {
    Some(match question {
        Action::NeedPassword(need) => need.password("hunter2"),
        Action::NeedAnswers(need) => need.answer_each(|_| "424242"),
        other => other.decline()?,
    })
}

/// An hour for each dialog, and the timer of half a minute for the network never fires.
#[test]
fn answers_after_hours() {
    let policy = EmbeddedPolicy::new("alice")
        .with_password("hunter2")
        .with_round(Round::new("", "").with_prompt("Code: ", true, "424242"))
        .with_round(Round::new("", "").with_prompt("The next code: ", true, "424242"))
        .then(Method::Password)
        .then(Method::KeyboardInteractive);
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let mut event_loop = EventLoop::new(60 * MINUTE);
    let mut client = Client::new(stream).unwrap();
    let config = Config::new("alice").methods([
        ssh_userauth::Method::Password,
        ssh_userauth::Method::KeyboardInteractive,
    ]);
    let begin = Instant::now();
    let done = event_loop.run(&mut client, server.host_key(), &config, fill_in);
    let factors = done.unwrap();
    let factors: Vec<_> = factors.factors().iter().map(ToString::to_string).collect();
    assert_eq!(factors, ["password", "keyboard-interactive"]);
    assert_eq!((event_loop.clicks, event_loop.now), (3, 180 * MINUTE));
    assert!(begin.elapsed() < MINUTE, "{:?}", begin.elapsed());
}

/// Answers every request for keyboard-interactive with one prompt, and `behind` it.
fn server_that_asks(behind: Vec<Vec<u8>>) -> (ScriptedServer, std::os::unix::net::UnixStream) {
    ScriptedServer::start(move |payload: &[u8]| match payload[0] {
        5 => Reply::send(vec![[&[6][..], &payload[1..]].concat()]),
        50 => {
            let text = &b"Code: "[..];
            let prompts = vec![Prompt { text, echo: true }];
            let (name, instruction, language) = (&b""[..], &b""[..], &b""[..]);
            let request = encode_exact(&InfoRequest {
                name,
                instruction,
                language,
                prompts,
            });
            Reply::send([vec![request.unwrap()], behind.clone()].concat())
        }
        _ => Reply::send(vec![vec![52]]),
    })
    .unwrap()
}

fn prompts_only() -> Config {
    Config::new("alice")
        .methods([ssh_userauth::Method::KeyboardInteractive])
        .discovery(ssh_userauth::Discovery::Skip)
}

/// What comes while the dialog is open is shown at once, ahead of the answer.
#[test]
fn a_banner_behind_an_open_dialog() {
    let (message, language) = (&b"We close at six."[..], &b""[..]);
    let banner = encode_exact(&Banner { message, language }).unwrap();
    let (server, stream) = server_that_asks(vec![banner]);
    let mut event_loop = EventLoop::new(5 * MINUTE);
    let mut client = Client::new(stream).unwrap();
    let run = event_loop.run(&mut client, server.host_key(), &prompts_only(), fill_in);
    run.unwrap();
    assert_eq!(client.text, ["We close at six."]);
    assert_eq!(event_loop.now, 5 * MINUTE);
}

/// The server leaves while somebody thinks: the dialog closes, and the window says why.
#[test]
fn a_server_that_leaves_behind_an_open_dialog() {
    let reason = [&[0, 0, 0, 11][..], b"Going down.", &[0; 4]].concat();
    let goodbye = [&[1, 0, 0, 0, 11][..], &reason].concat();
    let (server, stream) = server_that_asks(vec![goodbye]);
    let mut event_loop = EventLoop::new(5 * MINUTE);
    let mut client = Client::new(stream).unwrap();
    let run = event_loop.run(
        &mut client,
        server.host_key(),
        &prompts_only(),
        |question| panic!("a dialog that is gone was filled in: {question:?}"),
    );
    let error = run.unwrap_err();
    let Some(LoginError::GaveUp(why)) = error.downcast_ref() else {
        panic!("{error}");
    };
    assert_eq!(why.ending(), Ending::ServerDisconnected);
    assert!(client.text[0].contains("Going down."), "{:?}", client.text);
    assert_eq!(event_loop.now, Duration::ZERO);
}

/// The network's timer runs when the server has to act, and only then.
#[test]
fn a_server_that_falls_silent() {
    let (server, stream) = ScriptedServer::start(|_: &[u8]| Reply::silence()).unwrap();
    let mut event_loop = EventLoop::new(5 * MINUTE);
    event_loop.silence = Duration::from_secs(3);
    let mut client = Client::new(stream).unwrap();
    let run = event_loop.run(&mut client, server.host_key(), &prompts_only(), fill_in);
    let error = run.unwrap_err();
    let Some(LoginError::GaveUp(why)) = error.downcast_ref() else {
        panic!("{error}");
    };
    let timeout = Ending::Abandoned(AbandonReason::ServerTimeout);
    assert_eq!(why.ending(), timeout);
    assert_eq!(event_loop.now, Duration::from_secs(30));
}
