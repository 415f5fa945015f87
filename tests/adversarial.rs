//! Cases of hostile and broken servers, agents and callers: public interface only. Each test is
//! named for the behaviour that it shows.
//!
//! "Breaks the protocol" in a name means an `Err` of `handle_packet` that is final, silent and
//! repeated. "Handed back" means `Receipt::NotOurs`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::std_instead_of_alloc
)]

/// The open question, which has to be this one.
macro_rules! take {
    ($talk:expr, $variant:ident) => {
        match $talk.asked.take() {
            Some(ssh_userauth::Action::$variant(need)) => need,
            other => panic!("{} was expected, not {other:?}", stringify!($variant)),
        }
    };
}

#[path = "support/blobs.rs"]
mod blobs;
#[path = "adversarial/talk.rs"]
mod talk;
#[path = "adversarial/traces.rs"]
mod traces;
/// Known packets, good and bad.
#[path = "../unit-tests/client_codec/vectors.rs"]
mod vectors;

#[path = "adversarial/algorithms.rs"]
mod algorithms;
#[path = "adversarial/awaiting.rs"]
mod awaiting;
#[path = "adversarial/banner.rs"]
mod banner;
#[path = "adversarial/failure.rs"]
mod failure;
#[path = "adversarial/gssapi.rs"]
mod gssapi;
#[path = "adversarial/host_bound.rs"]
mod host_bound;
#[path = "adversarial/keyboard_interactive.rs"]
mod keyboard_interactive;
#[path = "adversarial/limits.rs"]
mod limits;
#[path = "adversarial/lists.rs"]
mod lists;
#[path = "adversarial/misuse.rs"]
mod misuse;
#[path = "adversarial/mutations.rs"]
mod mutations;
#[path = "adversarial/none.rs"]
mod none;
#[path = "adversarial/password.rs"]
mod password;
#[path = "adversarial/pipelining.rs"]
mod pipelining;
#[path = "adversarial/publickey.rs"]
mod publickey;
#[path = "adversarial/start.rs"]
mod start;
#[path = "adversarial/text.rs"]
mod text;
#[path = "adversarial/too_long.rs"]
mod too_long;
