//! Every message of every conversation, read and written.

use std::collections::BTreeMap;
use std::hint::black_box;

use crate::clock::CpuTime;
use criterion::Criterion;
use ssh_userauth_testing::wire::{
    ClientMessage, GssapiMethod, GssapiMicData, HostBasedSignatureData, InfoRequest,
    PublicKeySignatureData, ServerMessage, encode_exact, number,
};
use userauth_bench::{Conversation, all_methods, banner_of};

/// The messages by their names, each once.
fn messages() -> (BTreeMap<String, Vec<u8>>, BTreeMap<String, Vec<u8>>) {
    let (mut theirs, mut ours) = (BTreeMap::new(), BTreeMap::new());
    for conversation in all_methods().into_iter().chain([banner_of(80)]) {
        let (server, client) = conversation.packets();
        for packet in server {
            theirs.entry(name(&conversation, &packet)).or_insert(packet);
        }
        for packet in client {
            ours.entry(name(&conversation, &packet)).or_insert(packet);
        }
    }
    (theirs, ours)
}

fn name(conversation: &Conversation, packet: &[u8]) -> String {
    match packet[0] {
        number::USERAUTH_REQUEST => {
            let (user, rest) = split_string(&packet[1..]);
            let (service, rest) = split_string(rest);
            let (method, rest) = split_string(rest);
            black_box((user, service));
            let method = String::from_utf8_lossy(method);
            // With and without a signature.
            let proof = if rest.len() > 100 { ", signed" } else { "" };
            format!("REQUEST {method}{proof}")
        }
        // These numbers mean something else in each method.
        own @ 60.. => format!("{own} of {}", conversation.name()),
        other => number::name(other).to_owned(),
    }
}

fn split_string(bytes: &[u8]) -> (&[u8], &[u8]) {
    let (length, rest) = bytes.split_first_chunk().unwrap();
    let length = u32::from_be_bytes(*length);
    rest.split_at(usize::try_from(length).unwrap())
}

pub(crate) fn bench(criterion: &mut Criterion<CpuTime>) {
    let (theirs, ours) = messages();
    let mut group = criterion.benchmark_group("read");
    for (name, packet) in &theirs {
        group.bench_function(name, |b| {
            b.iter(|| ServerMessage::decode(black_box(packet)).is_ok())
        });
    }
    group.bench_function("INFO_REQUEST", |b| {
        let packet = memory_check::prompts(1, b"Code: ");
        b.iter(|| InfoRequest::decode_payload(black_box(&packet)).is_ok());
    });
    group.finish();
    let mut group = criterion.benchmark_group("write");
    for (name, packet) in &ours {
        let message = ClientMessage::decode(packet).unwrap();
        group.bench_function(name, |b| {
            b.iter(|| encode_exact(black_box(&message)).unwrap())
        });
    }
    group.finish();
    signed(criterion);
}

/// What is signed.
fn signed(criterion: &mut Criterion<CpuTime>) {
    let publickey = PublicKeySignatureData {
        session_id: &[7; 32],
        user: b"alice",
        service: b"ssh-connection",
        algorithm: b"ssh-ed25519",
        key: &[0xaa; 51],
        host_key: None,
    };
    let hostbased = HostBasedSignatureData {
        session_id: &[7; 32],
        user: b"alice",
        service: b"ssh-connection",
        algorithm: b"ssh-ed25519",
        host_key: &[0xaa; 51],
        client_host: b"build1.example.org",
        client_user: b"alice",
    };
    let mic = GssapiMicData {
        session_id: &[7; 32],
        user: b"alice",
        service: b"ssh-connection",
        method: GssapiMethod::WithMic,
    };
    let mut group = criterion.benchmark_group("write what is signed");
    group.bench_function("publickey", |b| {
        b.iter(|| encode_exact(black_box(&publickey)))
    });
    group.bench_function("hostbased", |b| {
        b.iter(|| encode_exact(black_box(&hostbased)))
    });
    group.bench_function("gssapi-with-mic", |b| {
        b.iter(|| encode_exact(black_box(&mic)))
    });
    group.finish();
}
