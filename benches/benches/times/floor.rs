//! The floor of a publickey login: what is left of it without a machine.

use std::hint::black_box;

use crate::clock::CpuTime;
use criterion::Criterion;
use ssh_userauth_testing::wire::{
    ClientMessage, PkOk, PublicKeySignatureData, ServerMessage, encode_exact,
};
use userauth_bench::publickey;

/// What the machine keeps while the login runs, in bytes: the user's name, what never changes,
/// the ledger, one key.
const KEPT: [usize; 4] = [5, 240, 296, 56];

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    let (theirs, ours) = publickey().packets();
    // The service request is a constant; what is signed is sent with the signature behind it.
    let [_, ours @ .., signed] = &ours[..] else {
        panic!("nothing was sent")
    };
    let ours: Vec<_> = ours
        .iter()
        .map(|packet| ClientMessage::decode(packet).unwrap())
        .collect();
    let data = PublicKeySignatureData {
        session_id: &[7; 32],
        user: b"alice",
        service: b"ssh-connection",
        algorithm: b"ssh-ed25519",
        key: &[0xaa; 51],
        host_key: None,
    };
    let signature = &signed[signed.len() - 83..];
    let messages = || {
        for packet in &theirs {
            if let Ok(ServerMessage::Method(ok)) = ServerMessage::decode(black_box(packet)) {
                black_box(PkOk::decode(&ok).is_ok());
            }
        }
        for message in &ours {
            black_box(encode_exact(black_box(message)).unwrap());
        }
        let blob = black_box(signature.to_vec());
        let mut data = encode_exact(black_box(&data)).unwrap();
        data.extend_from_slice(&blob);
        data
    };
    let kept = || KEPT.map(|bytes| Vec::<u8>::with_capacity(black_box(bytes)));
    let mut group = criterion.benchmark_group("floor of publickey");
    group.bench_function("messages read and written", |b| b.iter(messages));
    group.bench_function("memory that is kept", |b| b.iter(kept));
    group.bench_function("both", |b| b.iter(|| (kept(), messages())));
    group.finish();
}
