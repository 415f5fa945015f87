//! One call of `handle_packet` allocates no more than a constant and a multiple of the packet's
//! length, whatever the packet announces.

use memory_check::{
    Caller, KERBEROS, Watching, all_methods, banner, change_request, ext_info, failure,
    gssapi_error, info_request, measure, packet, prompts, rsa_key, sig_algs, success,
};
use ssh_userauth::{Action, Method};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// What may be allocated beside the packet: a question, a request, the growth of a ledger.
const C1: usize = 4 * 1024;
/// Bytes for each byte of the packet: a prompt takes 5 bytes on the wire and 24 decoded, and is
/// refused beyond 100 only then.
const C2: usize = 6;
/// What one call may allocate where the packet is refused for a count alone.
const REFUSED: usize = 1024;

type State = fn() -> Caller;

fn fresh() -> Caller {
    Caller::with_all_methods()
}

fn after(list: &'static [u8]) -> Caller {
    let mut caller = fresh();
    caller.hear(&failure(list, false));
    caller
}

/// A request of each method is on its way.
const STATES: [(&str, State); 6] = [
    ("none", fresh),
    ("keyboard-interactive", || after(b"keyboard-interactive")),
    ("publickey", || {
        let mut caller = after(b"publickey");
        caller.answer();
        caller
    }),
    ("password", || {
        let mut caller = after(b"password");
        caller.answer();
        caller
    }),
    ("gssapi-with-mic", || after(b"gssapi-with-mic")),
    ("own", || {
        let mut caller = after(b"own@example.org");
        caller.answer();
        caller
    }),
];

const LIMIT: usize = 256 * 1024;

type Named = (&'static str, Vec<u8>);

/// What announces much, or is much.
fn prompts_and_lists() -> Vec<Named> {
    let whole = vec![b'x'; LIMIT];
    let names = b"a,".repeat(10_000);
    let all_prompts = u32::try_from((LIMIT - 17) / 5).unwrap();
    vec![
        ("2^32-1 prompts", info_request(b"", u32::MAX, b"")),
        ("2^30-1 prompts", info_request(b"", 0x3fff_ffff, b"")),
        (
            "one of 2^32-1 prompts",
            info_request(b"", u32::MAX, &[0; 5]),
        ),
        ("prompts, as many as fit", prompts(all_prompts, b"")),
        ("100 prompts", prompts(100, b"")),
        ("100 long prompts", prompts(100, &whole[..2600])),
        ("a long prompt", prompts(1, &whole[..LIMIT - 22])),
        ("a long title", info_request(&whole[..80_000], 0, b"")),
        ("10,000 methods", failure(&names, false)),
        ("10,000 methods, partial", failure(&names, true)),
        ("a long method", failure(&whole[64..], false)),
        ("commas", failure(&vec![b','; LIMIT - 64], false)),
        ("a string of 2^32-1", [&[51][..], &[0xff; 4], b"x"].concat()),
    ]
}

fn extensions_and_others() -> Vec<Named> {
    let long = vec![b'x'; LIMIT - 64];
    let many = vec![(&b"name"[..], &b"value"[..]); 1023];
    let smallest = vec![(&b""[..], &b""[..]); 1024];
    vec![
        ("EXT_INFO of 2^32-1", [&[7][..], &[0xff; 4]].concat()),
        ("EXT_INFO of 1023", ext_info(&many)),
        ("EXT_INFO of nothing", ext_info(&smallest[1..])),
        ("EXT_INFO of 1024", ext_info(&smallest)),
        ("a long list of algorithms", sig_algs(&long)),
        ("a long value", ext_info(&[(b"x", &long)])),
        ("a long banner", banner(&long, b"")),
        ("a banner of 64 KiB", banner(&long[..64 * 1024], b"")),
        ("a banner with a long language", banner(b"", &long)),
        ("a long demand", change_request(&long)),
        (
            "PK_OK with a long key",
            packet(60, &[b"ssh-ed25519", &long]),
        ),
        ("PK_OK with a long name", packet(60, &[&long, b"key"])),
        ("a mechanism", packet(60, &[&KERBEROS])),
        ("a long mechanism", packet(60, &[&long])),
        ("a long token", packet(61, &[&long])),
        ("a long error", gssapi_error(&long)),
        ("a long service", packet(6, &[&long])),
        ("too long a packet", vec![51; LIMIT + 1]),
        ("nothing", Vec::new()),
        ("success", success()),
        ("channel", vec![90; 1000]),
    ]
}

#[test]
fn a_call_allocates_in_proportion_to_its_packet() {
    let mut worst = (0, "", "");
    for (name, packet) in prompts_and_lists()
        .into_iter()
        .chain(extensions_and_others())
    {
        for (state, at) in STATES {
            let mut caller = at();
            let (_, used) = measure(|| caller.client.handle_packet(&packet));
            let bound = C1 + C2 * packet.len();
            assert!(
                used.bytes <= bound,
                "{name} while {state}: {} bytes for {}",
                used.bytes,
                packet.len()
            );
            let beside = used.bytes.saturating_sub(C2 * packet.len());
            worst = worst.max((beside, name, state));
        }
    }
    println!(
        "beside {C2} x length at most {} bytes: {} while {}",
        worst.0, worst.1, worst.2
    );
}

#[test]
fn count_alone_allocates_nothing() {
    let counts = [
        info_request(b"", u32::MAX, b""),
        info_request(b"", 0x3fff_ffff, b""),
        info_request(b"", 1 << 31, &[0; 5]),
        [&[7][..], &[0xff; 4]].concat(),
        [&[7][..], &[0, 0, 3, 0xff]].concat(),
    ];
    for packet in counts {
        for (state, at) in STATES {
            let mut caller = at();
            let (_, used) = measure(|| caller.client.handle_packet(&packet));
            assert!(used.bytes <= REFUSED, "{state}: {} bytes", used.bytes);
        }
    }
}

/// Every prefix of a long packet, too: nothing is reserved for what is not there.
#[test]
fn what_is_cut_short_allocates_nothing_for_the_rest() {
    let whole = prompts(1000, &[b'x'; 30]);
    for length in (0..whole.len()).step_by(61) {
        let mut caller = after(b"keyboard-interactive");
        let cut = &whole[..length];
        let (_, used) = measure(|| caller.client.handle_packet(cut));
        assert!(used.bytes <= C1 + C2 * length, "{length}: {}", used.bytes);
    }
}

/// Keys that no algorithm fits are in the ledger, each with the list of the server: a small packet
/// that has them looked at again must not copy the list for each.
#[test]
fn keys_without_an_algorithm_copy_no_list() {
    let mut caller = Caller::new(all_methods().methods([Method::PublicKey, Method::Password]));
    let list = b"unknown,".repeat(2048);
    caller.hear(&sig_algs(&list));
    caller.hear(&failure(b"publickey,password", false));
    let Some(Action::NeedPublicKey(need)) = caller.asked.take() else {
        panic!("a key is asked for");
    };
    let answer = need.offer_many((0..500).map(rsa_key));
    caller.client.handle_answer(answer).unwrap();
    caller.poll();
    caller.client.decline_pending();
    caller.poll();
    caller.hear(&sig_algs(&list));
    caller.answer();
    let refused = failure(b"publickey,password", false);
    let (_, used) = measure(|| caller.client.handle_packet(&refused));
    // A record of the ledger and its growth; the list alone has 16 KiB.
    let keys = 500 * 512;
    let bound = C1 + C2 * refused.len() + keys;
    assert!(used.bytes <= bound, "{} bytes for 500 keys", used.bytes);
}
