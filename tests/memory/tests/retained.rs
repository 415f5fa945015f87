//! What a run keeps stays under a bound that follows from `Limits`, whatever is fed to it,
//! and nothing is left when it is dropped.

use memory_check::{
    Caller, KERBEROS, Random, Watching, all_methods, banner, change_request, ext_info, failure,
    gssapi_error, info_request, measure, packet, prompts, sig_algs,
};
use ssh_userauth::{Limits, Receipt, Turn};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// What may be kept by these limits.
fn bound(limits: &Limits) -> usize {
    let requests = usize::try_from(limits.max_requests).unwrap();
    let banners = usize::try_from(limits.max_banners).unwrap();
    // In the ledger, and once more as notices that nobody has polled.
    let texts = 2 * limits.max_banner_bytes + banners * 256;
    // One list for each request, and the latest.
    let lists = (requests + 1) * (limits.max_method_list_bytes + 512);
    let algorithms = 4 * limits.max_algorithm_list_bytes;
    // One question with all the text of its packet, and the message that will be sent.
    let question = 2 * limits.max_packet_bytes + limits.max_prompts * 128;
    texts + lists + algorithms + question + 64 * 1024
}

fn hostile() -> Vec<Vec<u8>> {
    let long = vec![b'x'; 60_000];
    let list = [
        &b"publickey,password,keyboard-interactive,"[..],
        &b"x,".repeat(2500),
    ]
    .concat();
    vec![
        failure(b"publickey", false),
        failure(b"password,keyboard-interactive", false),
        failure(b"keyboard-interactive", true),
        failure(b"own@example.org,gssapi-with-mic", false),
        failure(&list, false),
        failure(&list[..4000], true),
        failure(&list[..3999], false),
        banner(b"x", b""),
        banner(b"", b""),
        banner(&long[..1000], b"en"),
        banner(&long, b""),
        prompts(1, b"Password: "),
        prompts(100, b"Code: "),
        prompts(0, b""),
        info_request(&long[..20_000], 0, b""),
        change_request(&long),
        ext_info(&[(b"x", &long)]),
        sig_algs(&long),
        sig_algs(b"ssh-ed25519"),
        packet(60, &[&KERBEROS]),
        packet(61, &[&long]),
        vec![255],
    ]
}

/// One run with random packets from the list; how many it took, and the most that it kept.
fn run(random: &mut Random, packets: &[Vec<u8>], polls: bool) -> (usize, usize) {
    let ((taken, kept), used) = measure(|| {
        let mut caller = Caller::new(all_methods());
        let (mut taken, mut kept) = (0, 0);
        for _ in 0..5000 {
            let packet = &packets[random.below(packets.len())];
            match caller.client.handle_packet(packet) {
                Ok(Receipt::Taken) => taken += 1,
                Ok(Receipt::NotOurs) => {}
                Err(_) => break,
            }
            kept = kept.max(measured());
            if polls || random.below(3) == 0 {
                caller.poll();
            }
            if random.below(3) > 0 {
                caller.answer();
            }
            if caller.client.turn() == Turn::Nobody {
                break;
            }
        }
        (taken, kept)
    });
    assert_eq!(used.kept, 0, "nothing is left of a run");
    (taken, kept)
}

/// What this thread keeps since the beginning of the run.
fn measured() -> usize {
    usize::try_from(memory_check::kept()).unwrap_or_default()
}

#[test]
fn a_million_hostile_packets_keep_no_more_than_the_limits_allow() {
    let (packets, bound) = (hostile(), bound(&Limits::default()));
    let (mut sum, mut most, mut runs) = (0, 0, 0);
    let mut random = Random(1);
    while sum < 1_000_000 {
        let polls = random.below(2) == 0;
        // A run among few kinds lasts longer.
        let kinds = 1 + random.below(4);
        let some: Vec<Vec<u8>> = (0..kinds)
            .map(|_| packets[random.below(packets.len())].clone())
            .collect();
        let (taken, kept) = run(&mut random, &some, polls);
        assert!(kept <= bound, "{kept} bytes of {bound}");
        (sum, most, runs) = (sum + taken, most.max(kept), runs + 1);
    }
    println!("{sum} packets in {runs} runs keep at most {most} bytes; the bound is {bound}");
}

/// The same packet for ever, polled or not.
#[test]
fn a_flood_of_one_kind_keeps_no_more() {
    let bound = bound(&Limits::default());
    for (index, packet) in hostile().into_iter().enumerate() {
        for polls in [true, false] {
            let packets = [packet.clone()];
            for seed in 0..3 {
                let (_, kept) = run(&mut Random(seed), &packets, polls);
                assert!(kept <= bound, "packet {index}: {kept} bytes of {bound}");
            }
        }
    }
}

/// The text of an error is told each time; a caller that doesn't poll must not drown in it.
#[test]
fn errors_of_gssapi_are_bounded() {
    let bound = bound(&Limits::default());
    let error = gssapi_error(&[b'x'; 60_000]);
    let mut caller = Caller::with_all_methods();
    caller.hear(&failure(b"gssapi-with-mic", false));
    let (_, used) = measure(|| {
        for _ in 0..1000 {
            if caller.client.handle_packet(&error).is_err() {
                break;
            }
        }
    });
    let kept = usize::try_from(used.kept).unwrap();
    assert!(kept <= bound, "{kept} bytes of {bound}");
}

/// Neither must the language of a banner count less than its text.
#[test]
fn languages_of_banners_are_bounded() {
    let bound = bound(&Limits::default());
    let packet = banner(b"", &[b'x'; 200_000]);
    let mut caller = Caller::with_all_methods();
    let (_, used) = measure(|| {
        for _ in 0..1000 {
            caller.client.handle_packet(&packet).unwrap();
        }
    });
    let kept = usize::try_from(used.kept).unwrap();
    assert!(kept <= bound, "{kept} bytes of {bound}");
}
