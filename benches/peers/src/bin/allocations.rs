//! Allocations and allocated bytes of each login.

use memory_check::{Watching, measure};
use peers::conversations;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn main() {
    for (conversation, peers) in conversations() {
        for peer in peers {
            (peer.login)();
            let ((), used) = measure(&peer.login);
            println!(
                "{conversation}\t{}\t{}\t{}",
                peer.name, used.count, used.bytes
            );
        }
    }
}
