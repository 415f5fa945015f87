//! The login command as its user sees it: arguments in; output, one line of error and status out.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

#[path = "login_command/agent.rs"]
mod agent;
#[path = "login_command/daemon.rs"]
mod daemon;
#[path = "login_command/hostbased.rs"]
mod hostbased;
#[path = "login_command/openssh.rs"]
mod openssh;
#[path = "login_command/refusals.rs"]
mod refusals;
#[path = "login_command/remarks.rs"]
mod remarks;
#[path = "login_command/user.rs"]
mod user;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use interop::embedded::{EmbeddedPolicy, EmbeddedServer, Method, Round};
use interop::skip;
use ssh_key::PublicKey;

use self::user::{LOGIN, Ran, User};

/// A server on a TCP port that lets `alice` in with `key`, and its port.
fn server(policy: EmbeddedPolicy) -> (EmbeddedServer, String) {
    let (server, address) = EmbeddedServer::start_tcp(policy).unwrap();
    (server, address.port().to_string())
}

fn by_password() -> EmbeddedPolicy {
    EmbeddedPolicy::new("alice")
        .with_password("correct horse")
        .then(Method::Password)
}

#[test]
fn without_arguments_it_shows_a_login() {
    let ran = User::new().run(&[]);
    ran.expect(0);
    let last = ran.out.lines().last().unwrap();
    assert_eq!(
        last,
        "Service ssh-connection started with publickey and keyboard-interactive."
    );
    assert_eq!(ran.err, "");
    for line in ran.out.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    for shown in [
        "service request: ssh-userauth",
        "\"Demonstration server. It lives only as long as this login.\"",
        "service accepted: ssh-userauth",
        "? which key shall be offered?",
        "! ssh-ed25519 demonstration key",
        "partial success; can continue: keyboard-interactive",
        "? the answer to \"Verification code: \"?",
        "! ********",
        "= service ssh-connection started",
        "round trips  ",
        "factors      publickey (ssh-ed25519 demonstration key), keyboard-interactive",
    ] {
        assert!(ran.out.contains(shown), "{shown}\n{}", ran.out);
    }
    for secret in EmbeddedPolicy::DEMO_ANSWERS.iter().copied().flatten() {
        assert!(!ran.out.contains(secret), "{secret}\n{}", ran.out);
    }
    assert!(!ran.out.contains('\x1b'));
}

/// As Mermaid and as SVG, with the same words.
#[test]
fn the_conversation_can_be_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let stem = folder.path().join("login");
    let ran = User::new().run(&["--diagram", stem.to_str().unwrap()]);
    ran.expect(0);
    let read = |ending| std::fs::read_to_string(stem.with_extension(ending)).unwrap();
    let (mermaid, picture) = (read("mmd"), read("svg"));
    assert!(mermaid.starts_with("sequenceDiagram\n"), "{mermaid}");
    assert!(picture.starts_with("<svg "), "{picture}");
    let words = mermaid.lines().filter_map(|line| line.split_once(": "));
    let words: Vec<&str> = words.flat_map(|(_, text)| text.split("<br/>")).collect();
    assert!(words.len() > 10, "{mermaid}");
    for text in words {
        assert!(picture.contains(text), "{text}\n{picture}");
    }
}

/// `script` gives the command a terminal.
#[test]
fn colours_are_for_terminals_that_want_them() {
    if Command::new("script").arg("--version").output().is_err() {
        skip::without("script, of bsdutils");
        return;
    }
    for (arguments, variable, coloured) in
        [("", "", true), ("", "1", false), (" --no-color", "", false)]
    {
        let output = Command::new("script")
            .args(["-qec", &format!("{LOGIN}{arguments}"), "/dev/null"])
            .env("NO_COLOR", variable)
            .env("TERM", "xterm")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let shown = String::from_utf8(output.stdout).unwrap();
        assert!(shown.contains("Service ssh-connection started"), "{shown}");
        assert_eq!(shown.contains('\x1b'), coloured, "{arguments} {variable}");
    }
}

#[test]
fn a_key_file_and_a_command() {
    let user = User::new();
    let blob = user.make_key("key", "ed25519", "");
    let policy = EmbeddedPolicy::new("alice")
        .with_key(&blob)
        .with_banner("hello\x1b]0;title\x07\n")
        .with_greeting("output of the command\n")
        .then(Method::PublicKey);
    let (server, port) = server(policy);
    let place = format!("alice@127.0.0.1:{port}");

    // The host is not known, and there is nobody to ask.
    let ran = user.run(&["-i", "key", "-o", "BatchMode=yes", &place, "greet"]);
    ran.expect_failure("is not known (ssh-ed25519 SHA256:");
    let strict = ["-i", "key", "-o", "StrictHostKeyChecking=yes"];
    user.run(&[&strict[..], &[&place]].concat())
        .expect_failure("is not known: ssh-ed25519 SHA256:");

    let ran = user.run(&[
        "-i",
        "key",
        "-o",
        "StrictHostKeyChecking=accept-new",
        &place,
        "greet",
    ]);
    ran.expect(0);
    assert_eq!(ran.out, "output of the command\n");
    assert_eq!(ran.err, "| hello\\u{1b}]0;title\\u{7}\n");
    let line = PublicKey::from_bytes(server.host_key()).unwrap();
    let line = format!("[127.0.0.1]:{port} {}\n", line.to_openssh().unwrap().trim());
    assert_eq!(user.read(".ssh/known_hosts"), line);

    // Now it is known.
    let ran = user.run(&[&strict[..], &["-p", &port, "-l", "alice", "127.0.0.1"]].concat());
    ran.expect(0);
    assert_eq!(
        ran.out,
        "alice@127.0.0.1: service ssh-connection started, by publickey (ssh-ed25519 key)\n"
    );
}

#[test]
fn a_changed_host_key_is_refused_whatever_the_options() {
    let user = User::new();
    let (_server, port) = server(by_password());
    let other = user.make_key("other", "ed25519", "");
    let other = PublicKey::from_bytes(&other).unwrap().to_openssh().unwrap();
    user.write("hosts", &format!("[127.0.0.1]:{port} {}\n", other.trim()));
    user.answer("*", "correct horse");
    for checking in ["ask", "yes", "accept-new", "no"] {
        let checking = format!("StrictHostKeyChecking={checking}");
        let place = format!("alice@127.0.0.1:{port}");
        user.run(&["--known-hosts", "hosts", "-o", &checking, &place])
            .expect_failure("hosts:1 has another key for it");
    }
    assert_eq!(user.asked(), "", "nothing was asked for");
}

#[test]
fn the_user_confirms_an_unknown_host_key() {
    let user = User::new();
    let (_server, port) = server(by_password());
    let place = format!("alice@127.0.0.1:{port}");
    user.answer("*host*key*", "no");
    user.run(&[&place]).expect_failure("was not confirmed");
    user.answer("*host*key*", "yes");
    user.answer("*", "correct horse");
    user.run(&[&place]).expect(0);
    assert!(
        user.asked().contains("ssh-ed25519 SHA256:"),
        "{}",
        user.asked()
    );
    assert!(user.asked().ends_with("Password of alice@127.0.0.1: \n"));
}

/// The same at a terminal, which `script` provides: what is typed is not seen.
#[test]
fn a_password_at_a_terminal() {
    if Command::new("script").arg("--version").output().is_err() {
        skip::without("script, of bsdutils");
        return;
    }
    let user = User::new();
    let (_server, port) = server(by_password());
    let mut child = user
        .command("script")
        .args([
            "-qec",
            &format!("{LOGIN} -p {port} alice@127.0.0.1"),
            "/dev/null",
        ])
        .env_remove("SSH_ASKPASS")
        .env_remove("SSH_ASKPASS_REQUIRE")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut keyboard = child.stdin.take().unwrap();
    let mut screen = child.stdout.take().unwrap();
    let mut shown = String::new();
    for (prompt, typed) in [
        ("known_hosts: ", "yes\n"),
        ("Password of alice@127.0.0.1: ", "correct horse\n"),
    ] {
        while !shown.ends_with(prompt) {
            let mut byte = [0];
            assert_eq!(screen.read(&mut byte).unwrap(), 1, "{shown}");
            shown.push(char::from(byte[0]));
        }
        // The prompt is written ahead of the switch to no echo.
        std::thread::sleep(core::time::Duration::from_millis(300));
        keyboard.write_all(typed.as_bytes()).unwrap();
    }
    screen.read_to_string(&mut shown).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0), "{shown}");
    assert!(shown.contains("service ssh-connection started"), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
}

#[test]
fn a_wrong_password() {
    let user = User::new();
    let (server, port) = server(by_password());
    user.trust(&server, &port);
    user.answer("*", "wrong");
    let place = format!("alice@127.0.0.1:{port}");
    let ran = user.run(&["-o", "NumberOfPasswordPrompts=2", &place]);
    ran.expect_failure("permission denied: ");
    assert!(
        ran.err.contains("the server refused the password twice; "),
        "{}",
        ran.err
    );
    assert_eq!(user.asked().lines().count(), 2);
    assert!(user.asked().contains("Wrong password. "));
}

#[test]
fn nobody_to_ask_and_nothing_to_offer() {
    let user = User::new();
    let (server, port) = server(by_password());
    user.trust(&server, &port);
    let place = format!("alice@127.0.0.1:{port}");
    let ran = user.run(&["-o", "BatchMode=yes", &place]);
    ran.expect_failure("nobody answered for password (the server offers password); ");
}

#[test]
fn prompts_are_marked_as_the_servers() {
    let user = User::new();
    let policy = EmbeddedPolicy::new("alice")
        .with_round(
            Round::new("Title", "Instruction\x1b[2J")
                .with_prompt("Passphrase for key id_rsa: ", false, "first")
                .with_prompt("Code\x1b[1m: ", true, "second"),
        )
        .then(Method::KeyboardInteractive);
    let (server, port) = server(policy);
    user.trust(&server, &port);
    user.answer("*Passphrase*", "first");
    user.answer("*Code*", "second");
    let place = format!("alice@127.0.0.1:{port}");
    let ran = user.run(&[&place]);
    ran.expect(0);
    assert_eq!(ran.err, "| Title\n| Instruction\\u{1b}[2J\n");
    assert_eq!(
        user.asked(),
        "(alice@127.0.0.1) Passphrase for key id_rsa: \n\
         (alice@127.0.0.1) Code\\u{1b}[1m: \n"
    );

    let ran = user.run(&["--verbose", &place]);
    ran.expect(0);
    assert!(
        ran.err.contains("keyboard-interactive: ask me"),
        "{}",
        ran.err
    );
    for hidden in ["first", "second", "\x1b"] {
        assert!(!ran.err.contains(hidden), "{}", ran.err);
    }
}

#[test]
fn no_server_and_no_sense() {
    let user = User::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    user.run(&["-p", &port, "alice@127.0.0.1"])
        .expect_failure(&format!("connect to host 127.0.0.1 port {port}: "));
    user.run(&["-l", "alice"]).expect_failure("which host?");
    user.run(&["--nonsense"]).expect_failure("--nonsense");
    user.run(&["-o", "BatchMode=yes", "bad host"])
        .expect_failure("not the name or address of a host");
    let ran = user.run(&["--help"]);
    ran.expect(0);
    assert!(ran.out.starts_with("Usage: login "));
}

#[test]
fn a_connection_that_ends() {
    let user = User::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let server = std::thread::spawn(move || drop(listener.accept()));
    let ran: Ran = user.run(&["-p", &port, "alice@127.0.0.1"]);
    ran.expect_failure("the connection was closed by the other side");
    server.join().unwrap();

    // This one ends it in the middle.
    let (server, port) = self::server(by_password().with_max_attempts(1));
    user.trust(&server, &port);
    user.answer("*", "wrong");
    let ran = user.run(&["-p", &port, "alice@127.0.0.1"]);
    ran.expect_failure("login: alice@127.0.0.1: ");
}
