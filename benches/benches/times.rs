//! How long everything takes, and how long that is beside the one signature of a login.

#[path = "times/clock.rs"]
mod clock;
#[path = "times/codec.rs"]
mod codec;
#[path = "times/floor.rs"]
mod floor;
#[path = "times/parts.rs"]
mod parts;
#[path = "times/summary.rs"]
mod summary;

use std::hint::black_box;
use std::time::Duration;

use clock::CpuTime;
use criterion::{BatchSize, BenchmarkId, Criterion};
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use userauth_bench::{GROWING, all_methods};

/// Short: there are many, and the table is to be had in minutes.
fn criterion() -> Criterion<CpuTime> {
    Criterion::default()
        .with_measurement(CpuTime)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(1))
        .sample_size(40)
        .without_plots()
        .output_directory(&summary::directory())
        .configure_from_args()
}

fn main() {
    let mut criterion = criterion();
    signature(&mut criterion);
    conversations(&mut criterion);
    floor::bench(&mut criterion);
    parts::bench(&mut criterion);
    codec::bench(&mut criterion);
    growing(&mut criterion);
    criterion.final_summary();
    summary::print();
}

/// What no client can leave out.
fn signature(criterion: &mut Criterion<CpuTime>) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[3; 32]).unwrap();
    black_box(pair.public_key());
    // As much as is signed for a key of this type.
    let data = [5; 148];
    let mut group = criterion.benchmark_group("signature");
    group.bench_function("one Ed25519 signature", |b| {
        b.iter(|| pair.sign(black_box(&data)));
    });
    group.finish();
}

fn conversations(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("login");
    for conversation in all_methods() {
        group.bench_function(conversation.name(), |b| b.iter(|| conversation.run()));
    }
    group.finish();
    let mut group = criterion.benchmark_group("prepared login");
    for conversation in all_methods() {
        group.bench_function(conversation.name(), |b| {
            b.iter_batched(
                || conversation.prepare(),
                |prepared| conversation.begin_with(prepared).finish(&conversation),
                BatchSize::SmallInput,
            );
        });
    }
    group.finish();
}

fn growing(criterion: &mut Criterion<CpuTime>) {
    for (name, of) in GROWING {
        let mut group = criterion.benchmark_group(name);
        for count in [1, 10, 100, 1000] {
            let conversation = of(count);
            group.bench_function(BenchmarkId::from_parameter(count), |b| {
                b.iter(|| conversation.run());
            });
        }
        group.finish();
    }
}
