//! Single steps: the choice of an algorithm, the display filter, the report, hostile packets.

use std::hint::black_box;

use crate::clock::CpuTime;
use criterion::{BatchSize, BenchmarkId, Criterion, Throughput};
use ssh_userauth::{Action, Identity, NeedPublicKey, ServerText, UserAuthClient};
use ssh_userauth_testing::wire::ServerMessage;
use userauth_bench::asking_for_keys;

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    choice(criterion);
    display(criterion);
    hostile(criterion);
}

/// From the offer of a key to its query in the outbox: the choice of the algorithm, one message
/// written, one entry in the ledger. With a list of the server, and without.
fn choice(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("offer of a key");
    for key_type in [
        "ssh-ed25519",
        "ssh-rsa",
        "ssh-rsa-cert-v01@openssh.com",
        "sk-ssh-ed25519-cert-v01@openssh.com",
        "unknown@example.org",
    ] {
        for (list, is_listed) in [("no list", false), ("listed", true)] {
            let blob = [memory_check::string(key_type.as_bytes()), vec![9; 36]].concat();
            let key = Identity::from_blob(blob).unwrap();
            group.bench_function(BenchmarkId::new(key_type, list), |b| {
                b.iter_batched(
                    || ask(is_listed),
                    |(mut client, need)| {
                        client.handle_answer(need.offer(key.clone())).unwrap();
                        client
                    },
                    BatchSize::SmallInput,
                );
            });
        }
    }
    group.finish();
}

/// A machine that asks for keys.
fn ask(is_listed: bool) -> (UserAuthClient, NeedPublicKey) {
    let mut client = asking_for_keys(is_listed);
    while let Some(action) = client.poll_action() {
        if let Action::NeedPublicKey(need) = action {
            return (client, need);
        }
    }
    panic!("no key is asked for")
}

fn display(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("display filter, 1 KiB");
    let texts = [
        ("ASCII", "Authorized uses only.\r\n".repeat(45)),
        ("Greek", "Μόνο εξουσιοδοτημένη χρήση.\n".repeat(20)),
        ("controls", "\u{1b}[2J\u{202e}\u{7}".repeat(128)),
    ];
    group.throughput(Throughput::Bytes(1024));
    for (name, text) in texts {
        let text = ServerText::new(&text.as_bytes()[..1024]);
        group.bench_function(name, |b| {
            b.iter(|| black_box(&text).display().to_string());
        });
    }
    let not_text = ServerText::new(&[0xff; 1024]);
    group.bench_function("not UTF-8", |b| {
        b.iter(|| black_box(&not_text).display().to_string());
    });
    group.finish();
}

/// Decoding a packet of 256 KiB, and reading it once.
fn hostile(criterion: &mut Criterion<CpuTime>) {
    const LENGTH: usize = 256 * 1024;
    let list = |text: &[u8]| memory_check::failure(&text.repeat(LENGTH)[..LENGTH - 6], false);
    let mut group = criterion.benchmark_group("hostile, 256 KiB");
    group.throughput(Throughput::Bytes(u64::try_from(LENGTH).unwrap()));
    let commas = list(b",");
    group.bench_function("reading it once", |b| {
        b.iter(|| {
            black_box(&commas)
                .iter()
                .filter(|byte| **byte == b',')
                .count()
        });
    });
    let mut extensions = memory_check::ext_info(&[(b"x", &vec![b'x'; LENGTH - 20])]);
    extensions[4] = 0xff;
    let packets = [
        ("FAILURE of commas", commas.clone()),
        ("FAILURE of short names", list(b"a,b,")),
        ("FAILURE of one name", list(b"a")),
        ("BANNER", memory_check::banner(&vec![0xff; LENGTH - 9], b"")),
        ("EXT_INFO that claims more", extensions),
    ];
    for (name, packet) in packets {
        group.bench_function(name, |b| {
            b.iter(|| ServerMessage::decode(black_box(&packet)).is_ok());
        });
    }
    group.finish();
}
