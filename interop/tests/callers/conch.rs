//! The uses of Twisted's class that have no window: the command-line client, the endpoint, a
//! test's client with a fixed password, and one with callbacks.

use alloc::rc::Rc;
use core::cell::RefCell;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use interop::blocking::LoginError;
use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round, demo_key};
use interop::scripted::ScriptedServer;
use ssh_key::{LineEnding, PrivateKey};
use ssh_userauth::{Authenticated, Config, Ending, Notice, Secret};
use ssh_userauth_testing::wire::{Failure, NameList, PasswdChangeReq, encode_exact};
use tempfile::TempDir;

use crate::callbacks::Callbacks;
use crate::command_line::{Person, Terminal, connect::connect, demo};
use crate::endpoint::Endpoint;
use crate::fixed_password::log_in;

type Failed = Box<dyn core::error::Error>;

/// A terminal where somebody types these lines, and where all that is shown is kept.
#[derive(Default, Clone)]
struct Script(Rc<RefCell<(Vec<&'static str>, Vec<String>)>>);

impl Script {
    fn of(lines: &[&'static str]) -> Self {
        let typed = lines.iter().rev().copied().collect();
        Self(Rc::new(RefCell::new((typed, Vec::new()))))
    }

    fn shown(&self) -> Vec<String> {
        assert!(
            self.0.borrow().0.is_empty(),
            "more was typed than asked for"
        );
        self.0.borrow().1.clone()
    }
}

impl Terminal for Script {
    fn tell(&mut self, line: &str) {
        self.0.borrow_mut().1.push(line.to_owned());
    }

    fn ask(&mut self, prompt: &str, echo: bool) -> Option<Secret> {
        let mark = if echo { "echo " } else { "" };
        self.tell(&format!("{mark}{prompt}"));
        self.0.borrow_mut().0.pop().map(Secret::from)
    }
}

/// A key in a file, perhaps behind a passphrase.
fn key_file(folder: &TempDir, name: &str, passphrase: &str) -> (PathBuf, PrivateKey) {
    let key = demo_key(name).unwrap();
    let path = folder.path().join(name);
    if passphrase.is_empty() {
        key.write_openssh_file(&path, LineEnding::LF).unwrap();
    } else {
        let options = ["-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f"];
        let mut keygen = std::process::Command::new("ssh-keygen");
        assert!(keygen.args(options).arg(&path).status().unwrap().success());
    }
    let read = PrivateKey::read_openssh_file(&path).unwrap();
    (path, read)
}

fn person(files: &[PathBuf], terminal: &Script) -> Person<Script> {
    Person {
        label: "alice@here".to_owned(),
        agent: None,
        files: files.to_vec(),
        terminal: terminal.clone(),
    }
}

fn run(policy: EmbeddedPolicy, mut person: Person<Script>) -> Result<Vec<String>, Failed> {
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let config = Config::new("alice");
    let (_transport, done) = connect(stream, server.host_key(), config, |action| {
        person.answer(action)
    })?;
    Ok(factors(&done))
}

fn factors(done: &Authenticated) -> Vec<String> {
    done.factors().iter().map(ToString::to_string).collect()
}

#[test]
fn command_line_with_files_passphrase_and_prompts() {
    let folder = tempfile::tempdir().unwrap();
    let (wrong, _) = key_file(&folder, "wrong", "");
    let (right, key) = key_file(&folder, "right", "open sesame");
    let round = Round::new("Second factor", "Look at your token.");
    let policy = EmbeddedPolicy::new("alice")
        .with_banner("Hello.\n")
        .with_key(&key.public_key().to_bytes().unwrap())
        .with_round(round.with_prompt("Code: ", true, "424242"))
        .then(Method::PublicKey)
        .then(Method::KeyboardInteractive);
    let terminal = Script::of(&["sesame?", "open sesame", "424242"]);
    let missing = folder.path().join("missing");
    let done = run(policy, person(&[missing, wrong, right.clone()], &terminal)).unwrap();
    let by_key = format!("publickey (ssh-ed25519 {})", right.display());
    assert_eq!(done, [&by_key, "keyboard-interactive"]);
    let passphrase = format!("Enter passphrase for key '{}': ", right.display());
    assert_eq!(
        terminal.shown(),
        [
            "| Hello.",
            &passphrase,
            &passphrase,
            "| Second factor",
            "| Look at your token.",
            "echo (alice@here) Code: ",
        ]
    );
}

#[test]
fn command_line_with_a_passphrase_that_is_not_known_and_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let (file, key) = key_file(&folder, "locked", "open sesame");
    let policy = EmbeddedPolicy::new("alice")
        .with_key(&key.public_key().to_bytes().unwrap())
        .with_password("hunter2")
        .then_one_of(&[Method::PublicKey, Method::Password]);
    let terminal = Script::of(&["one", "two", "three", "hunter1", "hunter2"]);
    let done = run(policy, person(&[file], &terminal)).unwrap();
    assert_eq!(done, ["password"]);
    let shown = terminal.shown();
    assert_eq!(
        shown[3..],
        [
            "alice@here's password: ",
            "Permission denied, please try again.",
            "alice@here's password: ",
        ]
    );
}

/// The end of the input declines; the run ends and says why.
#[test]
fn command_line_where_nobody_types() {
    let policy = EmbeddedPolicy::new("alice")
        .with_password("hunter2")
        .then(Method::Password);
    let terminal = Script::of(&[]);
    let error = run(policy, person(&[], &terminal)).unwrap_err();
    let Some(LoginError::GaveUp(why)) = error.downcast_ref() else {
        panic!("{error}");
    };
    assert_eq!(why.ending(), Ending::NoMethodLeft);
    assert_eq!(terminal.shown(), ["alice@here's password: "]);
}

#[test]
fn command_line_as_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let (file, _) = key_file(&folder, "laptop", "");
    let by_key = format!("publickey (ssh-ed25519 {})", file.display());
    let terminal = Script::of(&["42"]);
    let done = demo(person(&[file], &terminal)).unwrap();
    assert_eq!(done, [&by_key, "keyboard-interactive"]);
}

/// Wrong, and sent once: Conch's endpoint repeats it until the server has had enough.
#[test]
fn endpoint_with_a_wrong_password_sends_it_once() {
    let policy = EmbeddedPolicy::new("deploy")
        .with_password("hunter2")
        .then(Method::Password);
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let endpoint = Endpoint {
        user: "deploy".to_owned(),
        password: Some("hunter1".to_owned()),
        ..Endpoint::default()
    };
    let error = endpoint.connect(stream, server.host_key()).unwrap_err();
    assert!(error.to_string().contains("password"), "{error}");
    let refused = "password for deploy: failed".to_owned();
    let log = server.log();
    assert_eq!(log.iter().filter(|line| **line == refused).count(), 1);
}

#[test]
fn fixed_password_right_and_wrong() {
    for (typed, right) in [("testpass", true), ("testpas", false)] {
        let policy = EmbeddedPolicy::new("testuser")
            .with_password("testpass")
            .then(Method::Password);
        let (server, stream) = EmbeddedServer::start(policy).unwrap();
        let login = log_in(stream, server.host_key(), "testuser", typed);
        assert_eq!(login.is_ok(), right);
        let tries = server.log();
        let tries = tries.iter().filter(|line| line.starts_with("password"));
        assert_eq!(tries.count(), 1);
    }
}

/// Keys that run out, a signature that is withheld, and the banner.
#[test]
fn callbacks_are_called_with_what_they_need() {
    let [withheld, refused] = ["withheld", "refused"].map(|name| demo_key(name).unwrap());
    let policy = EmbeddedPolicy::new("testuser")
        .with_banner("Hello.\n")
        .with_key(&withheld.public_key().to_bytes().unwrap())
        .with_password("testpass")
        .then_one_of(&[Method::PublicKey, Method::Password]);
    let (server, stream) = EmbeddedServer::start(policy).unwrap();
    let calls = Rc::new(RefCell::new(Vec::new()));
    let note = || {
        let calls = Rc::clone(&calls);
        move |what: String| calls.borrow_mut().push(what)
    };
    let (offered, signed, typed, told) = (note(), note(), note(), note());
    let keys = [refused, withheld].map(|key| key.public_key().clone());
    let callbacks = Callbacks {
        public_key: Some(Box::new(move |count| {
            offered(format!("key after {count}"));
            keys.get(count).cloned()
        })),
        private_key: Some(Box::new(move |identity| {
            signed(format!("sign with {identity}"));
            None
        })),
        password: Some(Box::new(move |need| {
            typed(format!("password {}", need.attempt()));
            need.password("testpass")
        })),
        notice: Some(Box::new(move |notice| {
            let Notice::Banner { message, .. } = notice else {
                panic!("{notice:?}");
            };
            told(format!("banner {}", message.line()));
        })),
        ..Callbacks::default()
    };
    let config = Config::new("testuser");
    let (_, done) = callbacks.log_in(stream, server.host_key(), config).unwrap();
    assert_eq!(factors(&done), ["password"]);
    let mut calls = calls.take();
    // The banner may come ahead of the first question or behind it.
    calls.retain(|call| call != "banner Hello.\\n");
    assert_eq!(
        calls,
        [
            "key after 0",
            "key after 1",
            "sign with ssh-ed25519 withheld",
            "key after 2",
            "password 1",
        ]
    );
}

/// The dialogue that Conch's endpoint can't do: its `getPassword` takes no prompt (a TypeError).
#[test]
fn callbacks_for_a_password_that_must_be_changed() {
    let (server, stream): (_, UnixStream) = ScriptedServer::start(|payload: &[u8]| {
        let has = |word: &[u8]| payload.windows(word.len()).any(|part| part == word);
        vec![match payload[0] {
            5 => [&[6][..], &payload[1..]].concat(),
            _ if has(b"new one") => vec![52],
            _ if has(b"old one") => {
                let (prompt, language) = (&b"Your password has expired."[..], &b""[..]);
                encode_exact(&PasswdChangeReq { prompt, language }).unwrap()
            }
            _ => {
                let methods = NameList::try_from("password").unwrap();
                let partial_success = false;
                encode_exact(&Failure {
                    methods,
                    partial_success,
                })
                .unwrap()
            }
        }]
    })
    .unwrap();
    let callbacks = Callbacks {
        password: Some(Box::new(|need| need.password("old one"))),
        new_password: Some(Box::new(|need| {
            assert_eq!(
                need.prompt().line().to_string(),
                "Your password has expired."
            );
            need.change("old one", "new one")
        })),
        ..Callbacks::default()
    };
    let config = Config::new("testuser").methods([ssh_userauth::Method::Password]);
    let (_, done) = callbacks.log_in(stream, server.host_key(), config).unwrap();
    assert_eq!(factors(&done), ["password"]);
}
