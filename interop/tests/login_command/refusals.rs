//! Servers that refuse in each way: what the user reads, in one line.

use std::io;
use std::net::{Shutdown, TcpListener};
use std::os::unix::net::UnixStream;
use std::thread;

use interop::scripted::{Reply, ScriptedServer};
use ssh_userauth_testing::wire::{Failure, InfoRequest, NameList, PasswdChangeReq, encode_exact};

use super::user::User;

/// What the server says to the requests of a login, in order; then it closes.
type Script = Vec<Vec<u8>>;

fn refuse(methods: &'static str) -> Vec<u8> {
    failure(methods, false)
}

fn failure(methods: &'static str, partial_success: bool) -> Vec<u8> {
    let methods = NameList::try_from(methods).unwrap();
    encode_exact(&Failure {
        methods,
        partial_success,
    })
    .unwrap()
}

fn demand() -> Vec<u8> {
    encode_exact(&PasswdChangeReq {
        prompt: b"Your password has expired.",
        language: b"",
    })
    .unwrap()
}

fn no_prompts() -> Vec<u8> {
    encode_exact(&InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: Vec::new(),
    })
    .unwrap()
}

/// `SSH_MSG_DISCONNECT` (RFC 4253 section 11.1).
fn disconnect(text: &str) -> Vec<u8> {
    let length = u32::try_from(text.len()).unwrap().to_be_bytes();
    [&[1, 0, 0, 0, 2][..], &length, text.as_bytes(), &[0; 4]].concat()
}

/// A server on a TCP port for one connection.
fn server(script: Script) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    thread::spawn(move || {
        let (outside, _) = listener.accept().unwrap();
        let mut script = script.into_iter();
        let (_server, inside) = ScriptedServer::start(move |payload: &[u8]| match payload[0] {
            5 => Reply::send(vec![vec![6]]),
            _ => match script.next() {
                Some(reply) => Reply::send(vec![reply]),
                None => Reply::silence().and_close(),
            },
        })
        .unwrap();
        let (mut to_inside, mut from_outside) = (inside.try_clone().unwrap(), &outside);
        let back = thread::spawn({
            let outside = outside.try_clone().unwrap();
            move || shuttle(inside, outside)
        });
        let _ended = io::copy(&mut from_outside, &mut to_inside);
        let _ended = to_inside.shutdown(Shutdown::Both);
        back.join().unwrap();
    });
    port
}

fn shuttle(mut inside: UnixStream, mut outside: std::net::TcpStream) {
    let _ended = io::copy(&mut inside, &mut outside);
    let _ended = outside.shutdown(Shutdown::Both);
}

#[test]
fn the_user_learns_why() {
    let password = || refuse("password");
    let cases: Vec<(&str, Script)> = vec![
        (
            "the server offers hostbased, and the client may only use ",
            vec![refuse("hostbased"), refuse("hostbased")],
        ),
        (
            "the server offers only what this client does not know: duo@example.org; ",
            vec![refuse("duo@example.org"), refuse("duo@example.org")],
        ),
        (
            "the server offers no way to log in; ",
            vec![refuse(""), refuse("")],
        ),
        (
            "the server refused the password 3 times; ",
            vec![password(), password(), password(), password(), password()],
        ),
        (
            "the server offers keyboard-interactive and refused it before it asked anything; ",
            vec![
                refuse("keyboard-interactive"),
                refuse("keyboard-interactive"),
            ],
        ),
        (
            "the server accepted password and wants hostbased in addition",
            vec![password(), failure("hostbased", true), refuse("hostbased")],
        ),
        (
            "saying \"Go away.\\u{1b}[2J\" (code 2); ",
            vec![password(), disconnect("Go away.\u{1b}[2J")],
        ),
        (
            "the connection was lost after 1 refusal, with 1 request unanswered",
            vec![password()],
        ),
        (
            "protocol error: a message that was not asked for ",
            vec![password(), vec![79]],
        ),
        (
            "protocol error: malformed packet: ",
            vec![password(), vec![51, 0, 0]],
        ),
        (
            "more than 5 password changes demanded in a row",
            [vec![password()], vec![demand(); 7]].concat(),
        ),
        (
            "more than 32 rounds in one exchange",
            vec![no_prompts(); 40],
        ),
    ];
    for (reason, script) in cases {
        let user = User::new();
        user.answer("*", "wrong");
        let port = server(script);
        let place = format!("alice@127.0.0.1:{port}");
        let ran = user.run(&["-o", "StrictHostKeyChecking=accept-new", &place]);
        ran.expect(255);
        let last = ran.err.lines().last().unwrap_or_default();
        assert!(last.starts_with("login: alice@127.0.0.1: "), "{}", ran.err);
        assert!(last.contains(reason), "{reason}\n{}", ran.err);
        assert!(!ran.err.contains('\u{1b}'), "{:?}", ran.err);
    }
}

/// With `--verbose`, the ledger stands in front of the reason.
#[test]
fn the_table_is_for_a_bug_report() {
    let user = User::new();
    user.answer("*", "wrong");
    let port = server(vec![
        refuse("password"),
        refuse("hostbased"),
        refuse("hostbased"),
    ]);
    let place = format!("alice@127.0.0.1:{port}");
    let ran = user.run(&["-v", "-o", "StrictHostKeyChecking=accept-new", &place]);
    ran.expect(255);
    let rows = |word: &str| ran.err.lines().filter(|line| line.contains(word)).count();
    assert!(rows("refused") >= 2, "{}", ran.err);
    assert!(rows("permission denied: ") == 1, "{}", ran.err);
    assert!(!ran.err.contains("wrong"), "{}", ran.err);
    for line in ran.err.lines().filter(|line| !line.starts_with("login: ")) {
        assert!(line.chars().count() <= 80, "{line}");
    }
}
