//! What every case came to with every server. Each server is asked once, whichever test wants to
//! know first.

use core::panic::AssertUnwindSafe;
use core::sync::atomic::{AtomicUsize, Ordering};
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::OnceLock;
use std::thread;

use interop::servers::Kind;

use crate::run::{MODES, Outcome, run};
use crate::{cases, record};

/// Logins at the same time to the servers of one kind. Most of the time they wait: PAM, and others
/// like it, answer a wrong password late.
const AT_ONCE: usize = 3;

/// One case, done in both ways.
#[derive(Debug)]
pub(crate) struct Cell {
    pub(crate) slug: &'static str,
    pub(crate) title: &'static str,
    /// In the order of [`MODES`]; empty where the server can't do this.
    pub(crate) done: Vec<Done>,
    /// Why the test failed.
    pub(crate) failures: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) end: Outcome,
    pub(crate) round_trips: Option<u32>,
    pub(crate) version: String,
    pub(crate) transcript: String,
}

pub(crate) struct Results {
    pub(crate) kind: Kind,
    pub(crate) cells: Vec<Cell>,
}

/// All cases with a server of `kind`, which is there.
pub(crate) fn of(kind: Kind) -> &'static Results {
    static RESULTS: [OnceLock<Results>; Kind::ALL.len()] =
        [const { OnceLock::new() }; Kind::ALL.len()];
    let index = Kind::ALL.iter().position(|other| *other == kind).unwrap();
    RESULTS[index].get_or_init(|| all(kind))
}

fn all(kind: Kind) -> Results {
    let next = AtomicUsize::new(0);
    let cells = Mutex::new(Vec::new());
    let cases = cases::all().len();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= cases {
                        break;
                    }
                    let cell = cell(kind, index);
                    cells.lock().unwrap().push((index, cell));
                }
            });
        }
    });
    let mut cells = cells.into_inner().unwrap();
    cells.sort_by_key(|(index, _)| *index);
    let cells = cells.into_iter().map(|(_, cell)| cell).collect();
    Results { kind, cells }
}

fn cell(kind: Kind, index: usize) -> Cell {
    let case = cases::all().swap_remove(index);
    let mut cell = Cell {
        slug: case.slug,
        title: case.title,
        done: Vec::new(),
        failures: Vec::new(),
    };
    for (mode, pipelining) in MODES {
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            let plan = (case.plan)(kind)?;
            let run = run(kind, &plan, pipelining);
            plan.assert(&run);
            Some(run)
        }));
        match attempt {
            Ok(None) => {}
            Ok(Some(run)) => cell.done.push(Done {
                end: run.end,
                round_trips: run.round_trips,
                version: run.version,
                transcript: run.transcript,
            }),
            Err(panic) => {
                let message = panic.downcast_ref::<String>();
                let message = message.map_or("it is not said why", String::as_str);
                let failure = format!("{kind}, {}, {mode}: {message}", case.slug);
                cell.failures.push(failure);
            }
        }
    }
    cell
}

impl Results {
    pub(crate) fn assert(&self) {
        let failures = self.cells.iter().flat_map(|cell| &cell.failures);
        let mut failures: Vec<String> = failures.cloned().collect();
        for cell in self.cells.iter().filter(|cell| cell.failures.is_empty()) {
            let kept = record::keep(self.kind, cell);
            failures.extend(kept.err().map(|why| format!("{}, {why}", self.kind)));
        }
        assert!(failures.is_empty(), "{}", failures.join("\n"));
    }
}
