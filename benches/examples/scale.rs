//! A million logins held open, each somewhere in its dialogue, then finished in random order.
//!
//! `cargo run --release -p userauth-bench --example scale [how many]`

use std::env;
use std::fs;
use std::mem::size_of;

use cpu_time::ThreadTime;
use memory_check::{Random, Watching, measure};
use ssh_userauth::UserAuthClient;
use userauth_bench::{Conversation, Login, keyboard_interactive, password, publickey};

#[global_allocator]
static ALLOCATOR: Watching = Watching;

/// What a waiting login may take in all: the target for a million is 1.5 GiB.
const BYTES_PER_LOGIN: usize = 1610;

fn main() {
    let count = env::args()
        .nth(1)
        .map_or(1_000_000, |count| count.parse().unwrap());
    let conversations = [publickey(), password(), keyboard_interactive()];
    let mut random = Random(1);
    let resident = resident_kib();
    let begin = ThreadTime::now();
    let (mut logins, used) = measure(|| open(count, &conversations, &mut random));
    let opened = begin.elapsed();
    let resident = (resident_kib() - resident) * 1024;
    let list = count * size_of::<(u8, Login)>();
    let heap = usize::try_from(used.kept).unwrap() - list;

    let begin = ThreadTime::now();
    let questions = logins
        .iter()
        .filter(|(_, login)| login.asked().is_some())
        .count();
    for index in 0..count {
        logins.swap(index, index + random.below(count - index));
    }
    let shuffled = begin.elapsed();
    let begin = ThreadTime::now();
    for (which, login) in logins {
        login.finish(&conversations[usize::from(which)]);
    }
    let finished = begin.elapsed();

    let each = |bytes: usize| bytes / count;
    let nanoseconds = |time: std::time::Duration| time.as_nanos() / u128::try_from(count).unwrap();
    println!(
        "{count} logins wait: {questions} for an answer, {} for the server",
        count - questions
    );
    println!(
        "resident:              {:>6} MiB, {} bytes each",
        resident >> 20,
        each(resident)
    );
    println!("  heap of each:        {:>6} bytes counted", each(heap));
    println!(
        "  UserAuthClient:      {:>6} bytes",
        size_of::<UserAuthClient>()
    );
    println!(
        "  the caller's own:    {:>6} bytes, with the question",
        each(list) - size_of::<UserAuthClient>()
    );
    println!("opened in              {:>6} ns each", nanoseconds(opened));
    println!(
        "shuffled in            {:>6} ns each",
        nanoseconds(shuffled)
    );
    println!(
        "finished in            {:>6} ns each",
        nanoseconds(finished)
    );
    let verdict = if each(resident) <= BYTES_PER_LOGIN {
        "met"
    } else {
        "missed"
    };
    println!("target {BYTES_PER_LOGIN} bytes each in memory: {verdict}");
}

fn open(count: usize, conversations: &[Conversation], random: &mut Random) -> Vec<(u8, Login)> {
    let waits: Vec<usize> = conversations.iter().map(waits).collect();
    let mut logins = Vec::with_capacity(count);
    for _ in 0..count {
        let which = random.below(conversations.len());
        let conversation = &conversations[which];
        let mut login = conversation.begin();
        login.poll();
        for _ in 0..random.below(waits[which]) {
            login.go_on(conversation);
            login.poll();
        }
        logins.push((u8::try_from(which).unwrap(), login));
    }
    logins
}

/// At how many places a login waits.
fn waits(conversation: &Conversation) -> usize {
    let mut waits = 0;
    conversation.waiting(|_| waits += 1);
    waits
}

/// What the system holds in memory for this process.
fn resident_kib() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.unwrap().parse().unwrap()
}
