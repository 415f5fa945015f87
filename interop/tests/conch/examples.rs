//! The two examples of `docs/from-conch.md` do the same, and the page shows them as they are.

use std::fs;
use std::path::Path;

use ssh_userauth::{Action, Identity, UserAuthClient};

use super::after::User;
use super::script::{Script, Step, place, scripts};
use super::words::Event;
use super::{keys, ours, twisted};

/// The server that both talk to.
fn server() -> Script {
    let mut scripts = scripts().into_iter();
    scripts
        .find(|script| script.name == "three_factors")
        .unwrap()
}

fn packets() -> Vec<Vec<u8>> {
    let steps = server().steps.into_iter().map(|step| match step {
        Step::Server(payload) => payload,
        Step::Answer => panic!("nobody is late in it"),
    });
    steps.collect()
}

/// What `after.rs` sends.
fn after() -> Vec<Event> {
    let pair = |name: &str| {
        let key = keys::ed25519(name).unwrap();
        (Identity::try_from(&key).unwrap(), key)
    };
    let mut user = User {
        keys: vec![pair("ed1"), pair("ed2")],
        offered: 0,
        ask: |prompt: &str| Some(format!("the answer to {prompt}")),
    };
    let mut auth = UserAuthClient::new(ours::config(&server()), ours::session()).unwrap();
    let (mut events, mut packets) = (Vec::new(), packets().into_iter());
    loop {
        while let Some(action) = auth.poll_action() {
            match action {
                Action::SendRequest(payload) => {
                    events.push(Event::Packet(payload.bytes().to_vec()));
                }
                Action::StartService(done) => {
                    events.push(Event::Started(done.service().to_owned()));
                }
                other => {
                    if let Some(answer) = user.answer(other) {
                        auth.handle_answer(answer).unwrap();
                    }
                }
            }
        }
        match packets.next() {
            Some(packet) => drop(auth.handle_packet(&packet).unwrap()),
            None => return events,
        }
    }
}

#[test]
fn both_examples_of_the_page_send_the_same() {
    let ours = after();
    assert_eq!(
        ours.last(),
        Some(&Event::Started("ssh-connection".to_owned()))
    );
    let hex = |packet: Vec<u8>| packet.iter().map(|byte| format!("{byte:02x}")).collect();
    let arguments: Vec<String> = packets().into_iter().map(hex).collect();
    if let Some(output) = twisted::python("examples.py", &arguments) {
        let twisted: Vec<Event> = output.lines().map(Event::parse).collect();
        assert_eq!(twisted, ours);
    }
}

#[test]
fn the_page_shows_both_examples() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("../docs/from-conch.md")).unwrap();
    let before = fs::read_to_string(place().join("before.py")).unwrap();
    assert!(
        page.contains(&format!("```python\n{before}```")),
        "{before}"
    );
    let after = fs::read_to_string(root.join("tests/conch/after.rs")).unwrap();
    let (_, after) = after.split_once("// page: begin\n").unwrap();
    let (after, _) = after.split_once("// page: end\n").unwrap();
    let after = after.replace("pub(crate) ", "");
    assert!(page.contains(&format!("```rust\n{after}```")), "{after}");
}
