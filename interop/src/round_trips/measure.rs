//! Logs in again and again, and takes the times.

use core::time::Duration;
use std::time::Instant;

use super::case::{Case, Client};
use super::door::Door;
use super::options::{Link, Options};
use super::person::Person;
use super::{Failure, foreign, own, warn};
use crate::delay::{DelayLink, Trace};
use crate::servers::{Kind, Server};

/// All numbers of one server.
#[derive(Debug)]
pub(super) struct Measured {
    pub(super) kind: Kind,
    /// As the server itself says.
    pub(super) version: Option<String>,
    pub(super) rows: Vec<Row>,
    /// What failed.
    pub(super) notes: Vec<String>,
}

/// All numbers of one client, one for each case that was asked for.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) client: Client,
    pub(super) cells: Vec<Cell>,
}

/// One login's numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cell {
    /// There is no such login.
    Nothing,
    /// The client was not let in.
    Failed,
    Cost(Cost),
}

/// From NEWKEYS to SUCCESS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cost {
    pub(super) flights: u32,
    pub(super) time: Duration,
}

impl Cost {
    pub(super) fn round_trips(&self, rtt: Duration) -> f64 {
        self.time.as_secs_f64() / rtt.as_secs_f64()
    }
}

pub(super) fn server(
    kind: Kind,
    clients: &[Client],
    options: &Options,
) -> Result<Measured, Failure> {
    let rows = clients.iter().map(|client| Row {
        client: *client,
        cells: Vec::new(),
    });
    let mut measured = Measured {
        kind,
        version: None,
        rows: rows.collect(),
        notes: Vec::new(),
    };
    for case in options.cases.iter().copied() {
        let place = if case.suits(kind) {
            Some(Place::new(kind, case, options)?)
        } else {
            None
        };
        for row in &mut measured.rows {
            let client = row.client;
            let place = place.as_ref().filter(|_| client.suits(case));
            row.cells
                .push(match place.map(|place| place.cost(client, options)) {
                    None => Cell::Nothing,
                    Some(Ok(cost)) => Cell::Cost(cost),
                    Some(Err(failure)) => {
                        let note = format!("{kind}, {case}, {client}: {failure}");
                        measured.notes.push(note);
                        Cell::Failed
                    }
                });
        }
        if let Some(version) = place.and_then(|place| place.door.version()) {
            measured.version = Some(version);
        }
    }
    Ok(measured)
}

/// A server with a link in front of it, and who is let in.
struct Place {
    person: Person,
    case: Case,
    door: Door,
    link: DelayLink,
}

impl Place {
    fn new(kind: Kind, case: Case, options: &Options) -> Result<Self, Failure> {
        let mut person = Person::new(case)?;
        let server = Server::new(kind, &case.site(&person.lines()?))?;
        person.know(&server);
        let door = Door::open(server)?;
        let one_way = options.rtt.checked_div(2).unwrap_or_default();
        let link = match options.link {
            #[cfg(target_os = "linux")]
            Link::Device => DelayLink::device(door.address().port(), one_way)?,
            #[cfg(not(target_os = "linux"))]
            Link::Device => return Err(Failure::Usage("no such devices here".to_owned())),
            Link::Shuttle => DelayLink::shuttle(door.address(), one_way)?,
        };
        Ok(Self {
            person,
            case,
            door,
            link,
        })
    }

    /// The median of several runs.
    fn cost(&self, client: Client, options: &Options) -> Result<Cost, Failure> {
        let mut costs = Vec::new();
        for _ in 0..options.runs {
            let cost = self.once(client, options);
            self.door.clear();
            costs.push(cost?);
        }
        costs.sort_by_key(|cost| cost.time);
        let middle = costs.len() / 2;
        costs.get(middle).copied().ok_or(Failure::NotSeen)
    }

    fn once(&self, client: Client, options: &Options) -> Result<Cost, Failure> {
        let address = self.link.address();
        let word = if client.is_own() {
            own::run(&self.person, client, address, &self.door)
        } else {
            foreign::run(&self.person, client, self.case, address)
        };
        let trace = self.link.traces().pop().unwrap_or_default();
        if options.trace {
            warn(&format!("{}, {client}\n{trace}", self.case));
            if word.is_err() {
                warn(&self.door.logs());
            }
        }
        cost(&trace, word?, options.rtt).ok_or(Failure::NotSeen)
    }
}

/// What the trace of a login tells whose client said at `word` that it was logged in.
fn cost(trace: &Trace, word: Instant, rtt: Duration) -> Option<Cost> {
    let success = trace.last_word(word)?;
    // What made the server say SUCCESS left at least a round trip before; what left shortly before
    // is the connection protocol already.
    let until = success.checked_sub(rtt.checked_div(2)?)?;
    Some(Cost {
        flights: trace.flights_to_server(until)?,
        time: success.checked_duration_since(trace.new_keys()?)?,
    })
}
