//! Names and texts that try to break the table, the sentence or the diagram.

use core::time::Duration;
use std::time::Instant;

use ssh_userauth::{Identity, Limits, Method};
use ssh_userauth_explain::Explain as _;
use ssh_userauth_testing::wire::{Banner, InfoRequest, Prompt};

use crate::play::{Play, config, identity, key, session};

const NASTY: &str = "a;b#35;c\"d'`e`\n```\n%%{init: {}}%% <b>$$x$$</b>\u{1b}[2J\u{202e}{|}\\";

/// Wide characters take two columns of a terminal.
fn columns(line: &str) -> usize {
    let wide = |character| ('\u{2e80}'..='\u{ffef}').contains(&character);
    line.chars()
        .map(|each| if wide(each) { 2 } else { 1 })
        .sum()
}

fn banner(play: &mut Play, message: &str) {
    let message = message.as_bytes();
    play.hear(&Banner {
        message,
        language: b"",
    });
}

/// A server, a key comment and a method list at their worst.
fn hostile_run() -> Play {
    let methods = [Method::PublicKey, Method::Password];
    let session = session().server_version(format!("SSH-2.0-{NASTY}"));
    let mut play = Play::on(session, config().methods(methods));
    banner(&mut play, NASTY);
    for _ in 0..20 {
        banner(&mut play, &"long words ".repeat(1000));
    }
    let list = format!("publickey,{NASTY},{}", "x".repeat(3000));
    play.learn(&list);
    let long_type = identity(&"k".repeat(64), 1);
    let keys = [
        long_type.with_label("世界".repeat(100)),
        key(2, NASTY),
        key(3, ""),
        key(2, "the same"),
    ];
    play.offer(keys);
    for _ in 0..3 {
        play.refuse(&list);
    }
    play.send();
    play.client.disconnected(2, NASTY.as_bytes());
    play.finish();
    play
}

#[test]
fn the_table_stays_a_table() {
    let table = hostile_run().table();
    for line in table.lines() {
        assert!(columns(line) <= 80, "{} columns: {line}", columns(line));
        assert!(!line.chars().any(char::is_control), "{line:?}");
        assert!(!line.contains('\u{202e}'), "{line:?}");
    }
    assert!(table.lines().count() < 100, "{table}");
    assert!(table.contains("2 more, the rest was dropped"), "{table}");
    assert!(table.contains("k2: offered before"), "{table}");
}

#[test]
fn the_sentence_stays_a_sentence() {
    let play = hostile_run();
    let sentence = play.client.report().diagnosis().unwrap().to_string();
    assert!(!sentence.chars().any(char::is_control), "{sentence:?}");
    assert!(columns(&sentence) < 400, "{sentence}");
}

#[test]
fn the_diagram_stays_a_diagram() {
    let diagram = hostile_run().diagram();
    let (head, body) = diagram.split_once("    participant Server\n").unwrap();
    assert_eq!(head, "sequenceDiagram\n    participant Client\n");
    for line in body.lines() {
        let text = [
            "    Client->>Server: ",
            "    Server->>Client: ",
            "    Server-->>Client: ",
            "    Note over Client: ",
            "    Note over Server: ",
            "    Note over Client,Server: ",
        ];
        let text = text.iter().find_map(|start| line.strip_prefix(start));
        let text = text.unwrap_or_else(|| panic!("no line of a diagram: {line}"));
        let text = text.replace("<br/>", " ");
        let bad = [
            ';', '#', '"', '\'', '`', '<', '>', '{', '}', '%', '$', '\\', '&', '*', '|', '[', ']',
        ];
        assert!(!text.contains(bad), "{line}");
        assert!(columns(&text) <= 250, "{line}");
        assert!(!text.is_empty(), "{line}");
    }
}

/// What people type is nowhere, whoever asks.
#[test]
fn no_secret_is_in_it() {
    let mut play = Play::new(config());
    play.learn("password,keyboard-interactive");
    let code = Prompt {
        text: b"Code: ",
        echo: true,
    };
    play.hear(&InfoRequest {
        name: b"",
        instruction: b"",
        language: b"",
        prompts: vec![code; 2],
    });
    play.answers("s3cret-answer");
    play.refuse("password");
    play.password("s3cret-password");
    play.refuse("");
    play.finish();
    let everything = play.everything();
    assert!(!everything.contains("s3cret"), "{everything}");
    assert!(play.diagram().contains("(2) answers"), "{}", play.diagram());
}

/// A key without a label is told by its fingerprint, or else by its length.
#[test]
fn a_key_without_label_has_a_name() {
    let mut play = Play::new(config().methods([Method::PublicKey]));
    play.learn("publickey");
    let unnamed: Identity = identity("ssh-ed25519", 1);
    play.offer([unnamed.clone()]);
    play.accept(&unnamed);
    play.sign();
    play.refuse("publickey");
    play.decline();
    play.finish();
    let sentence = play.client.report().diagnosis().unwrap().to_string();
    let name = if cfg!(feature = "ssh-key") {
        "the key ssh-ed25519 SHA256:"
    } else {
        "the key ssh-ed25519 (51 bytes)"
    };
    assert!(sentence.contains(name), "{sentence}");
}

/// How long the end of a run takes, and its table, where so many keys were offered and the server
/// took the method away behind the first.
fn end_with_keys(count: u32) -> Duration {
    let mut limits = Limits::default();
    limits.max_identities = usize::try_from(count).unwrap();
    let mut play = Play::new(config().methods([Method::PublicKey]).limits(limits));
    play.learn("publickey");
    play.offer((0..count).map(|number| {
        let mut blob = key(1, "").blob().to_vec();
        blob.extend(number.to_be_bytes());
        Identity::from_blob(blob).unwrap()
    }));
    let before = Instant::now();
    play.refuse("password");
    play.finish();
    assert!(play.table().contains(&format!("k{count}")));
    before.elapsed()
}

/// Each with each, the keys would take 256 times as long, and not 16 times.
#[test]
fn very_many_keys_are_not_compared_each_with_each() {
    let best = |count| (0..3).map(|_| end_with_keys(count)).min().unwrap();
    let (few, many) = (best(1024), best(16 * 1024));
    assert!(many < few * 80, "{few:?}, {many:?}");
}
