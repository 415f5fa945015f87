//! Ten times as much takes no more than ten times the memory; `.ci/counts` says the same of
//! instructions.

use memory_check::{Watching, measure};
use userauth_bench::GROWING;

#[global_allocator]
static ALLOCATOR: Watching = Watching;

#[test]
fn memory_grows_in_a_straight_line() {
    for (name, of) in GROWING {
        let [ten, hundred, thousand] = [10, 100, 1000].map(|count| {
            let conversation = of(count);
            conversation.run();
            measure(|| conversation.run()).1
        });
        println!("{name}: {ten:?} {hundred:?} {thousand:?}");
        // Collections double: the last doubling may have come just before or just after.
        assert!(
            thousand.bytes - hundred.bytes <= 20 * (hundred.bytes - ten.bytes),
            "{name}"
        );
        assert!(thousand.count <= 11 * hundred.count, "{name}");
    }
}
