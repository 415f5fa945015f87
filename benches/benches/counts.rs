//! Instructions of a whole login, counted by callgrind: the same on a busy machine and an idle one.
//! `.ci/counts` compares them with `benches/counts.txt`.
#![allow(missing_docs, reason = "the macros write public items")]

use gungraun::{library_benchmark, library_benchmark_group, main};
use userauth_bench::{Conversation, GROWING, all_methods};

/// The conversation is made, and played once, before anything is counted.
fn method(name: &str) -> Conversation {
    let mut all = all_methods().into_iter();
    warm(
        all.find(|conversation| conversation.name() == name)
            .unwrap(),
    )
}

fn many(name: &str, count: usize) -> Conversation {
    let mut all = GROWING.into_iter();
    let (_, of) = all.find(|(growing, _)| *growing == name).unwrap();
    warm(of(count))
}

fn warm(conversation: Conversation) -> Conversation {
    conversation.run();
    conversation
}

#[library_benchmark(setup = method)]
#[benches::each(
    "none",
    "publickey",
    "publickey, EXT_INFO, host-bound",
    "publickey, pipelined",
    "publickey, no `none`",
    "password",
    "password, pipelined",
    "password change",
    "keyboard-interactive",
    "keyboard-interactive, pipelined",
    "hostbased",
    "gssapi-with-mic",
    "a method of the caller's own",
    "publickey, password, keyboard-interactive"
)]
fn login(conversation: Conversation) -> Conversation {
    conversation.run();
    conversation
}

#[library_benchmark(setup = many)]
#[benches::each(
    ("keys", 1), ("keys", 10), ("keys", 100), ("keys", 1000),
    ("keys at once", 1), ("keys at once", 10), ("keys at once", 100), ("keys at once", 1000),
    ("keys, pipelined", 1), ("keys, pipelined", 10), ("keys, pipelined", 100), ("keys, pipelined", 1000),
    ("methods listed", 1), ("methods listed", 10), ("methods listed", 100), ("methods listed", 1000),
    ("prompts", 1), ("prompts", 10), ("prompts", 100), ("prompts", 1000),
    ("banner bytes", 1), ("banner bytes", 10), ("banner bytes", 100), ("banner bytes", 1000),
    ("signature algorithms", 1), ("signature algorithms", 10), ("signature algorithms", 100), ("signature algorithms", 1000)
)]
fn growing(conversation: Conversation) -> Conversation {
    conversation.run();
    conversation
}

library_benchmark_group!(name = logins, benchmarks = [login, growing]);
main!(library_benchmark_groups = logins);
