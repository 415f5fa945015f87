//! Promise: whatever the server sends and whatever the caller does, in any order, under any
//! configuration:
//! - the machine is never stuck, never asks two questions at once, and `turn` says who is awaited;
//! - a fresh answer is taken, a late or foreign one changes nothing;
//! - nothing comes out after the end, there is one end, and a protocol error is final and silent;
//! - what the protocol allows at this point is taken, and what it forbids is an error;
//! - a secret leaves in one request only, the one that answers its question, and is never printed;
//! - what is signed is what is sent, under an algorithm that policy allows;
//! - methods are the caller's and the server's; the report counts what was sent;
//! - without proof, the login is called trivial, and only then;
//! - banners, unknown names and the order of lists change nothing;
//! - a run ends.
//!
//! The input is a script: eight digits of setup, then letters with digits behind them (see
//! `conversation/script.rs`), so that seeds can be read and written by hand.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[path = "conversation/answers.rs"]
mod answers;
#[path = "conversation/caller.rs"]
mod caller;
#[path = "conversation/closing.rs"]
mod closing;
#[path = "conversation/keys.rs"]
mod keys;
#[path = "conversation/observer.rs"]
mod observer;
#[path = "conversation/oracle.rs"]
mod oracle;
#[path = "conversation/others.rs"]
mod others;
#[path = "conversation/packets.rs"]
mod packets;
#[path = "conversation/script.rs"]
mod script;
#[path = "conversation/setup.rs"]
mod setup;
#[path = "conversation/took.rs"]
mod took;
#[path = "conversation/world.rs"]
mod world;

use script::{Script, Variation};
use world::World;

/// Part of every secret. Long enough that no mutation makes a server's text of it.
const MARKER: &str = "the-marker-of-a-secret";

fuzz_target!(|script: Script| {
    let Some(trace) = World::run(&script, Variation::Nothing) else {
        return;
    };
    if script.variation != Variation::Nothing
        && let Some(varied) = World::run(&script, script.variation)
    {
        assert_eq!(trace, varied, "{:?} changed the run", script.variation);
    }
});
