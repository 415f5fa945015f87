//! The same three conversations, by each client that can be driven without its transport.

pub mod puressh;

use std::hint::black_box;

use ::ring::signature::Ed25519KeyPair;
use userauth_bench::{Conversation, keyboard_interactive, password, publickey};

/// A login of one client.
pub struct Peer {
    /// Who.
    pub name: &'static str,
    /// The whole login, from the name of the user to the end.
    pub login: Box<dyn Fn()>,
}

/// What is compared, with the clients that can do it.
#[must_use]
pub fn conversations() -> Vec<(&'static str, Vec<Peer>)> {
    let of = [
        ("publickey", publickey as fn() -> Conversation),
        ("password", password),
        ("keyboard-interactive", keyboard_interactive),
    ];
    of.into_iter()
        .map(|(name, conversation)| {
            let own = conversation();
            let theirs = puressh::login(name, own.packets());
            let own = Peer {
                name: "ssh-userauth",
                login: Box::new(move || own.run()),
            };
            (name, vec![own, theirs])
        })
        .collect()
}

/// One Ed25519 signature over as much as is signed in a login.
#[must_use]
pub fn signature() -> Peer {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    Peer {
        name: "one Ed25519 signature",
        login: Box::new(move || {
            black_box(pair.sign(black_box(&[5; 148])));
        }),
    }
}
