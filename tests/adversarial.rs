//! Every case of a hostile or broken server, by number (`t51_…`), and the policies (`p04_…`) and
//! invariants (`i08_…`) behind them: public API only.
//!
//! The cases are those of a written list. Where its words and ours differ: "start" is
//! `UserAuthClient::new` and polling the service request; FATAL is an `Err` of `handle_packet`
//! that is final, silent and repeated, with the DISCONNECT reason 2; "handed back" is
//! `Receipt::NotOurs`; "refused input" is an `AnswerError`, or the question that comes back.
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

#[path = "adversarial/talk.rs"]
mod talk;
#[path = "adversarial/traces.rs"]
mod traces;
/// The known packets, with the numbers they have there.
#[path = "client_codec/vectors.rs"]
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
