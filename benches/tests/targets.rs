//! What a login may allocate and hold: a change that needs more has to say why here.

use std::mem::size_of;

use memory_check::{Watching, measure};
use ssh_userauth::{Action, UserAuthClient};
use userauth_bench::{Conversation, all_methods};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn conversation(name: &str) -> Conversation {
    let mut all = all_methods().into_iter();
    all.find(|one| one.name() == name).unwrap()
}

/// From the name of the user to the end, with what the caller makes: signatures, passwords.
#[test]
fn a_login_allocates_seldom() {
    // The optimiser spares some that are released at once: the targets are those of a release
    // build, which `.ci/run` makes, too.
    let unoptimised = if cfg!(debug_assertions) { 4 } else { 0 };
    for (name, most) in [
        ("publickey", 31),
        ("publickey, pipelined", 27),
        ("password", 19),
        ("keyboard-interactive", 24),
    ] {
        let conversation = conversation(name);
        conversation.run();
        let ((), whole) = measure(|| conversation.run());
        assert!(
            whole.count <= most + unoptimised,
            "{name}: {} allocations",
            whole.count
        );
    }
}

/// At any time, with the question that the caller holds: 2 KiB, whatever the method. More for what
/// else there is to remember: keys, the server's list of algorithms and the host's key under the
/// signature, the ledger of three methods.
#[test]
fn a_login_that_waits_holds_little() {
    let mut above = Vec::new();
    for conversation in all_methods() {
        // What is made once for all logins is there.
        conversation.run();
        let mut most = 0;
        let _ = measure(|| conversation.waiting(|_| most = most.max(memory_check::kept())));
        let more = match conversation.name() {
            "publickey" | "publickey, pipelined" => 128,
            "publickey, EXT_INFO, host-bound" => 512,
            "publickey, password, keyboard-interactive" => 1280,
            _ => 0,
        };
        if most.cast_unsigned() > 2048 + more {
            above.push(format!("{}: {most} bytes", conversation.name()));
        }
    }
    assert!(above.is_empty(), "{above:#?}");
}

#[test]
fn the_types_are_small() {
    assert!(size_of::<UserAuthClient>() <= 712);
    assert!(size_of::<Action>() <= 104);
}
