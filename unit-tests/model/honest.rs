//! The machine and an honest server: every state that the two can reach together, for every
//! policy, credential and way of answering below. What is promised of the pair:
//!
//! - *completeness*: if the caller has what one of the server's lists wants, and neither
//!   withholds it nor uses up his tries, every run ends in success;
//! - *no deadlock*: never do both wait for the other;
//! - an honest server never meets a protocol error, and both agree on who is in;
//! - every run is finite.

use super::*;
use crate::method::publickey::NeedPublicKey;
use crate::quirks::Quirks;
use crate::{AttemptBudget, Discovery, Receipt};

mod caller;
mod server;
mod setups;

use caller::{Caller, Offers, Person};
use server::{Habit, Rules, Server};
use ssh_userauth_testing::Reply;

const RIGHT: &[u8] = b"right";
const NEW: &[u8] = b"new";
/// The server does not take it as a new password.
const WEAK: &[u8] = b"weak";
const SESSION_ID: [u8; 32] = [7; 32];
const MOST_KEYS: usize = 8;

/// One login: who wants what, who has what, and how the machine is configured.
#[derive(Clone, Debug)]
struct Setup {
    rules: Rules,
    person: Person,
    methods: &'static [Method],
    discovery: Discovery,
    pipelining: Pipelining,
    early_password: EarlyPassword,
    max_tries: u32,
    budget: u32,
    /// The server's limit may end a run: the caller has too many wrong keys, or errs.
    may_be_thrown_out: bool,
}

/// Everything that decides what can happen next.
#[derive(Clone)]
struct Pair {
    client: UserAuthClient,
    held: Option<Action>,
    /// What the server has not heard yet.
    on_its_way: VecDeque<Vec<u8>>,
    server: Server,
    caller: Caller,
}

#[derive(Default)]
struct Tally {
    setups: usize,
    states: usize,
    transitions: usize,
    logins: usize,
}

impl Setup {
    fn client(&self) -> UserAuthClient {
        let limits = Limits {
            max_password_tries: self.max_tries,
            max_keyboard_interactive_tries: self.max_tries,
            ..Limits::default()
        };
        let quirks = Quirks {
            swallows_after_dialogue: self.rules.habit == Habit::Swallows,
            refuses_left_dialogues: self.rules.habit == Habit::RefusesLeft,
            ..Quirks::default()
        };
        let budget = AttemptBudget {
            refusals: self.budget,
            ..AttemptBudget::default()
        };
        let config = Config::new("u")
            .methods(self.methods.iter().copied())
            .discovery(self.discovery)
            .pipelining(self.pipelining)
            .early_password(self.early_password)
            .attempt_budget(budget)
            .quirks(quirks)
            .limits(limits);
        UserAuthClient::new(config, Session::encrypted(SESSION_ID)).unwrap()
    }
}

impl Pair {
    fn start(setup: &Setup) -> Self {
        let mut pair = Self {
            client: setup.client(),
            held: None,
            on_its_way: VecDeque::new(),
            server: Server::new(&setup.rules),
            caller: Caller::new(&setup.person),
        };
        pair.drain();
        pair
    }

    fn drain(&mut self) {
        while let Some(action) = self.client.poll_action() {
            match action {
                Action::SendRequest(payload) => self.on_its_way.push_back(payload.bytes().into()),
                action if is_question(&action) => self.held = Some(action),
                _ => {}
            }
        }
        if self.client.open.is_none() {
            self.held = None;
        }
    }

    fn is_over(&self) -> bool {
        self.client.phase != Phase::Running
    }

    fn key(&self) -> (u64, u64) {
        let hash = |seed: u64| {
            let mut hasher = DefaultHasher::new();
            seed.hash(&mut hasher);
            hash_of_client(&self.client, &mut hasher);
            self.on_its_way.hash(&mut hasher);
            self.server.hash(&mut hasher);
            self.caller.hash(&mut hasher);
            hasher.finish()
        };
        (hash(1), hash(2))
    }

    /// Every step that either of them can take.
    fn steps(&self, setup: &Setup) -> Vec<(&'static str, Self)> {
        let mut steps = Vec::new();
        if let Some(message) = self.on_its_way.front() {
            let mut pair = self.clone();
            pair.on_its_way.pop_front();
            let replies = pair.server.hear(message, &setup.rules);
            steps.push(pair.told(&replies));
        } else if self.server.may_time_out(&setup.rules) {
            let mut pair = self.clone();
            let replies = pair.server.time_out();
            steps.push(pair.told(&replies));
        }
        if let Some(question) = &self.held {
            for (caller, name, answer) in self.caller.answers(question, &setup.person) {
                let mut pair = self.clone();
                pair.caller = caller;
                pair.held = None;
                pair.client.handle_answer(answer).unwrap();
                pair.drain();
                steps.push((name, pair));
            }
        }
        steps
    }

    fn told(mut self, replies: &[Reply]) -> (&'static str, Self) {
        let mut last = "silence";
        for reply in replies {
            last = server::name(reply);
            match reply {
                Reply::Packet(packet) => {
                    let received = self.client.handle_packet(packet.bytes());
                    assert_eq!(received, Ok(Receipt::Taken), "{last}");
                }
                Reply::Disconnect { code, description } => {
                    self.client.disconnected(*code, description.as_bytes());
                }
                other => unreachable!("never said: {other:?}"),
            }
            self.drain();
        }
        (last, self)
    }

    /// What is wrong with this state, if anything is.
    fn fault(&self, setup: &Setup, steps: usize) -> Option<&'static str> {
        let is_in = matches!(self.client.phase, Phase::Ended { .. })
            && self.client.report().ending().is_none();
        let (server_is_in, is_closed) = (self.server.is_in(), self.server.is_closed);
        match self.is_over() {
            false if server_is_in || is_closed => Some("the end was not noticed"),
            false => {
                let (turn, waits) = (self.client.turn(), self.on_its_way.is_empty());
                let is_stuck = steps == 0 || (turn == Turn::Server && waits);
                is_stuck.then_some("deadlock")
            }
            true if server_is_in => (!is_in).then_some("gave up although it was in"),
            true if is_in => Some("says that it is in"),
            true if is_closed => (!setup.may_be_thrown_out).then_some("thrown out by the server"),
            true => self
                .caller
                .could_go_on(setup, &self.server)
                .then_some("gave up although it could go on"),
        }
    }
}

/// Walks one setup to its end.
fn walk(setup: &Setup, tally: &mut Tally) {
    tally.setups += 1;
    let start = Pair::start(setup);
    let mut known = std::collections::HashMap::from([(start.key(), 0usize)]);
    let mut all = alloc::vec![start];
    // How each was reached first, and all that it leads to.
    let mut came = alloc::vec![(0, "start")];
    let mut edges: Vec<Vec<usize>> = Vec::new();
    while let Some(pair) = all.get(edges.len()).cloned() {
        let number = edges.len();
        let steps = if pair.is_over() {
            Vec::new()
        } else {
            pair.steps(setup)
        };
        if let Some(fault) = pair.fault(setup, steps.len()) {
            panic!("{fault}: {setup:#?}\n{}", story(&came, number, &pair));
        }
        tally.logins += usize::from(pair.server.is_in());
        tally.transitions += steps.len();
        let mut leads_to = Vec::new();
        for (name, next) in steps {
            let fresh = all.len();
            let there = *known.entry(next.key()).or_insert(fresh);
            if there == fresh {
                all.push(next);
                came.push((number, name));
            }
            leads_to.push(there);
        }
        edges.push(leads_to);
    }
    tally.states += all.len();
    assert!(is_finite(&edges), "a run without end: {setup:#?}");
}

/// The steps from the start to a state.
fn story(came: &[(usize, &'static str)], mut number: usize, pair: &Pair) -> String {
    let mut names = Vec::new();
    while number != 0 {
        names.push(came[number].1);
        number = came[number].0;
    }
    names.reverse();
    format!(
        "{}\n{:#?}\n{:#?}\n{:#?}",
        names.join("\n"),
        pair.client.report(),
        pair.server,
        pair.caller
    )
}

/// Whether the graph has no cycle: states without one before them are taken away until none is
/// left.
fn is_finite(edges: &[Vec<usize>]) -> bool {
    let mut before = alloc::vec![0usize; edges.len()];
    for there in edges.iter().flatten() {
        before[*there] += 1;
    }
    let mut free: Vec<usize> = (0..edges.len()).filter(|at| before[*at] == 0).collect();
    let mut taken = 0;
    while let Some(at) = free.pop() {
        taken += 1;
        for there in &edges[at] {
            before[*there] -= 1;
            if before[*there] == 0 {
                free.push(*there);
            }
        }
    }
    taken == edges.len()
}

/// Completeness and freedom from deadlock, over all setups.
#[test]
fn every_run_with_an_honest_server_ends_as_it_should() {
    let started = std::time::Instant::now();
    let mut tally = Tally::default();
    setups::each(Size::wanted(), |setup| walk(setup, &mut tally));
    let Tally {
        setups,
        states,
        transitions,
        logins,
    } = tally;
    // Written directly: what the print macros write is hidden when a test passes.
    let _unseen = writeln!(
        std::io::stderr(),
        "with an honest server: {setups} setups, {states} states, {transitions} transitions, \
         {logins} of the states are logins, {:?}",
        started.elapsed()
    );
    assert!(logins > setups / 4, "hardly anybody gets in: {logins}");
}
