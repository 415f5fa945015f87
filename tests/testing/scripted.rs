//! Servers that say what they are told to say, the packets they say it with, and servers that are
//! not the kit's own.

use std::collections::VecDeque;

use ssh_userauth::{Ending, Method, Notice, Outcome};
use ssh_userauth_testing::wire::ServerMessage;
use ssh_userauth_testing::{Packet, Person, Reply, ScriptedServer, Sent, Server};

use crate::support::{alice, run};

/// What the script of the next test says, part by part.
fn parts() -> Vec<Vec<Reply>> {
    vec![
        vec![Packet::service_accept().into()],
        vec![
            Packet::banner("Welcome").into(),
            Packet::failure(["password"]).into(),
        ],
        vec![],
        vec![Packet::raw([0x33, 0]).into()],
        vec![Reply::Close],
    ]
}

#[test]
fn every_packet_releases_the_next_part_of_the_script() {
    let mut server = ScriptedServer::new()
        .greets_with(Packet::signature_algorithms(["ssh-ed25519"]))
        .greets_with(Packet::banner("Hello"))
        .says(Packet::service_accept())
        .says_all([Packet::banner("Welcome"), Packet::failure(["password"])])
        .says_nothing()
        .says_raw([0x33, 0])
        .says(Reply::Close);
    assert!(!server.is_finished());
    let greeting = [
        Packet::signature_algorithms(["ssh-ed25519"]),
        Packet::banner("Hello"),
    ];
    assert_eq!(server.greet(), greeting.map(Reply::from));
    // It greets once, before it has heard anything.
    assert_eq!(server.greet(), []);
    let mut heard = Vec::new();
    for (number, part) in (0_u8..).zip(parts()) {
        assert!(!server.is_finished(), "before part {number}");
        assert_eq!(server.heard(), heard, "before part {number}");
        // Whatever it hears.
        let payload = vec![number; usize::from(number)];
        assert_eq!(server.hear(&payload), part);
        heard.push(payload);
    }
    assert!(server.is_finished());
    // When the script is over, it is silent, and still hears.
    assert_eq!(server.hear(b"\xff"), []);
    heard.push(b"\xff".to_vec());
    assert_eq!(server.heard(), heard);
}

/// A greeting is a part of the script: who never asks for it has not heard all of it.
#[test]
fn a_script_is_not_finished_before_its_greeting() {
    let mut server = ScriptedServer::new().greets_with(Packet::banner("Hello"));
    assert!(!server.is_finished());
    server.greet();
    assert!(server.is_finished());
    assert!(ScriptedServer::new().is_finished());
}

#[test]
fn what_was_sent_is_what_was_heard() {
    let mut server = ScriptedServer::new()
        .greets_with(Packet::banner("Hello"))
        .says(Packet::service_accept())
        .says(Packet::failure(["password"]))
        .says_all([Packet::banner("Welcome"), Packet::success()]);
    let config = alice().methods([Method::Password]);
    let run = run(
        config,
        &mut server,
        &mut Person::new().password("correct horse"),
    );
    assert!(run.is_authenticated());
    let sent: Vec<&[u8]> = run.sent().iter().map(Sent::bytes).collect();
    assert_eq!(sent, server.heard());
    assert_eq!(sent.len(), 3);
    assert_eq!(sent[0], b"\x05\0\0\0\x0cssh-userauth");
    assert!(sent[2].ends_with(b"\0\0\0\x0dcorrect horse"));
    // What was told to the user, in order.
    let told: Vec<String> = run.notices().iter().map(banner).collect();
    assert_eq!(told, ["Hello", "Welcome"]);
}

fn banner(notice: &Notice) -> String {
    match notice {
        Notice::Banner { message, .. } => message.display().to_string(),
        other => panic!("{other:?}"),
    }
}

/// A server of somebody's own, which says its name and repeats what it hears.
struct Echo {
    greeting: VecDeque<Reply>,
}

impl Server for Echo {
    fn greet(&mut self) -> Vec<Reply> {
        self.greeting.drain(..).collect()
    }

    fn hear(&mut self, payload: &[u8]) -> Vec<Reply> {
        vec![Packet::raw(payload).into()]
    }
}

/// One that has no greeting of its own.
struct Silent;

impl Server for Silent {
    fn hear(&mut self, _: &[u8]) -> Vec<Reply> {
        Vec::new()
    }
}

fn greets_and_hears(mut server: impl Server) -> (Vec<Reply>, Vec<Reply>) {
    (server.greet(), server.hear(b"\x01\x02"))
}

/// Whether it is handed over or lent, or nobody knows which one it is.
#[test]
fn a_server_behind_a_reference_says_the_same() {
    let echo = || Echo {
        greeting: VecDeque::from([Reply::Unimplemented]),
    };
    let expected = (vec![Reply::Unimplemented], vec![Packet::raw([1, 2]).into()]);
    assert_eq!(greets_and_hears(echo()), expected);
    assert_eq!(greets_and_hears(&mut echo()), expected);
    let boxed: &mut dyn Server = &mut echo();
    assert_eq!(greets_and_hears(boxed), expected);
    assert_eq!(greets_and_hears(&mut Silent), (vec![], vec![]));
}

#[test]
fn a_packet_is_its_bytes() {
    let packet = Packet::raw([0x33, 0, 0xff]);
    assert_eq!(packet.bytes(), [0x33, 0, 0xff]);
    let as_bytes: &[u8] = packet.as_ref();
    assert_eq!(as_bytes, [0x33, 0, 0xff]);
    // In hexadecimal digits.
    assert_eq!(format!("{packet:?}"), "Packet(3300ff)");
}

/// What the transport of a real server says beside packets of user authentication.
#[test]
fn a_connection_that_ends_and_a_message_that_nobody_knows() {
    let listed = || {
        ScriptedServer::new()
            .says(Packet::service_accept())
            .says(Packet::failure(["password"]))
    };
    let mut lost = listed().says(Reply::Close);
    let mut person = Person::new().password("hunter2");
    let end = run(alice(), &mut lost, &mut person);
    assert_eq!(end.report().ending(), Some(Ending::ConnectionLost));
    let mut unknown = listed().says(Reply::Unimplemented);
    let mut person = Person::new().password("hunter2");
    let end = run(alice(), &mut unknown, &mut person);
    let mut outcomes = end
        .report()
        .attempts()
        .iter()
        .map(|record| record.outcome());
    assert!(outcomes.any(|outcome| outcome == Outcome::Unimplemented));
}

#[test]
fn a_packet_that_offers_host_bound_signatures() {
    let packet = Packet::host_bound(["ssh-ed25519", "rsa-sha2-256"]);
    let ServerMessage::ExtInfo(message) = ServerMessage::decode(packet.bytes()).unwrap() else {
        panic!("EXT_INFO is 7");
    };
    let entries: Vec<_> = message
        .entries
        .iter()
        .map(|entry| (entry.name, entry.value))
        .collect();
    let expected: [(&[u8], &[u8]); 2] = [
        (b"server-sig-algs", b"ssh-ed25519,rsa-sha2-256"),
        (b"publickey-hostbound@openssh.com", b"0"),
    ];
    assert_eq!(entries, expected);
}
