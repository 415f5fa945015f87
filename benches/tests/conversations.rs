//! Whoever does not get in has measured something else.

use userauth_bench::{GROWING, all_methods};

#[test]
fn every_conversation_ends_with_a_login() {
    for conversation in all_methods() {
        println!("{}", conversation.name());
        conversation.run();
    }
    for (_, of) in GROWING {
        for count in [1, 10, 100, 1000] {
            of(count).run();
        }
    }
}
