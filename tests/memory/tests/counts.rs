//! How many allocations a conversation takes, with those of a careless caller.

use memory_check::{Caller, Use, Watching, failure, measure, packet, prompts, success};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

fn print(name: &str, packets: &[Vec<u8>]) -> Use {
    let (_, used) = measure(|| {
        let mut caller = Caller::with_all_methods();
        for packet in packets {
            caller.answer_all();
            caller.hear(packet);
        }
        assert!(caller.client.report().is_authenticated(), "{name}");
    });
    println!(
        "{name}: {} allocations, {} bytes, {} at a time",
        used.count, used.bytes, used.peak
    );
    used
}

#[test]
fn allocations_of_good_conversations() {
    let blob = memory_check::key(0).blob().to_vec();
    let key = [
        failure(b"publickey,password", false),
        packet(60, &[b"ssh-ed25519", &blob]),
        success(),
    ];
    let password = [failure(b"password", false), success()];
    let answers = [
        failure(b"keyboard-interactive", false),
        prompts(1, b"Password: "),
        success(),
    ];
    for (name, packets, most) in [
        ("none and publickey", &key[..], 42),
        ("none and password", &password, 21),
        ("none and keyboard-interactive", &answers, 27),
    ] {
        let used = print(name, packets);
        assert!(used.count <= most, "{name}");
    }
}
