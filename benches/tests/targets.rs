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
        ("publickey", 28),
        ("publickey, pipelined", 26),
        ("password", 16),
        ("keyboard-interactive", 21),
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

/// At any time, with the machine and the question that the caller holds, whatever the method.
#[test]
fn a_login_that_waits_holds_little() {
    const LIMIT: usize = 2048;
    let mut above = Vec::new();
    for conversation in all_methods() {
        // What is made once for all logins is there.
        conversation.run();
        let mut most = 0;
        let _ = measure(|| conversation.waiting(|_| most = most.max(memory_check::kept())));
        let whole = most.cast_unsigned() + size_of::<UserAuthClient>();
        if whole > LIMIT {
            above.push(format!("{}: {whole} bytes", conversation.name()));
        }
    }
    assert!(above.is_empty(), "above {LIMIT} bytes: {above:#?}");
}

#[test]
fn the_types_are_small() {
    assert!(size_of::<UserAuthClient>() <= 712);
    assert!(size_of::<Action>() <= 104);
}
