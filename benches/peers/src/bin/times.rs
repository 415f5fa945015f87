//! Nanoseconds of each login on the processor: the median of many short runs, the clients taken in
//! turn, so that a disturbance hits all of them.

use cpu_time::ThreadTime;
use peers::{Peer, conversations, signature};

/// Long beside the clock.
const LOGINS: u32 = 100;
const RUNS: usize = 601;

fn main() {
    for (conversation, mut peers) in conversations() {
        peers.push(signature());
        let times = measure(&peers);
        for (peer, time) in peers.iter().zip(times) {
            println!("{conversation}\t{}\t{time:.1}", peer.name);
        }
    }
}

fn measure(peers: &[Peer]) -> Vec<f64> {
    let mut runs = vec![Vec::with_capacity(RUNS); peers.len()];
    for _ in 0..RUNS {
        for (peer, runs) in peers.iter().zip(&mut runs) {
            let begin = ThreadTime::now();
            for _ in 0..LOGINS {
                (peer.login)();
            }
            runs.push(begin.elapsed().as_secs_f64() * 1e9 / f64::from(LOGINS));
        }
    }
    let median = |mut runs: Vec<f64>| {
        runs.sort_by(f64::total_cmp);
        runs[RUNS / 2]
    };
    runs.into_iter().map(median).collect()
}
