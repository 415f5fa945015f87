//! An honest server with a random policy against a client with random credentials (T100, I31,
//! I32): the client gets in if and only if there is a way, and the ledger explains the rest.

use std::collections::BTreeMap;

use ssh_userauth::{
    Action, AttemptBudget, Candidate, Config, Ending, Identity, Limits, Method, Outcome,
    Pipelining, TryCounting,
};

use crate::model_policy::{METHODS, OWN, RIGHT, Random, Server, Tree};
use crate::talk::{Talk, identity, signature, user};

/// What the user has.
struct Credentials {
    plan: Vec<Method>,
    keys: Vec<Identity>,
    good_keys: usize,
    /// How many of them count only behind another factor.
    late_keys: usize,
    /// Whether his answers to these are right.
    right: BTreeMap<&'static str, bool>,
    in_one_flight: bool,
}

impl Credentials {
    fn random(random: &mut Random, ordered: bool) -> Self {
        let mut plan = METHODS.to_vec();
        random.shuffle(&mut plan);
        plan.truncate(2 + random.below(3));
        // Where branches have an order, a key that is used up early could be missed later: the
        // user has enough of them, or none.
        let good_keys = if ordered {
            12 * random.below(2)
        } else {
            random.below(4)
        };
        let late_keys = if ordered {
            0
        } else {
            random.below(good_keys + 1)
        };
        let bad_keys = random.below(4);
        let byte = |index: usize| u8::try_from(index).unwrap();
        let mut keys: Vec<Identity> = (0..good_keys + bad_keys)
            .map(|index| identity("ssh-ed25519", byte(index)))
            .collect();
        random.shuffle(&mut keys);
        let right = METHODS.map(|method| (method.name(), !random.once_in(3)));
        Self {
            plan,
            keys,
            good_keys,
            late_keys,
            right: right.into_iter().collect(),
            in_one_flight: random.once_in(2),
        }
    }

    /// The good keys, and the late ones among them.
    fn good(&self) -> [Vec<Identity>; 2] {
        [self.good_keys, self.late_keys].map(|count| {
            let bytes = (0..count).map(|byte| u8::try_from(byte).unwrap());
            bytes.map(|byte| identity("ssh-ed25519", byte)).collect()
        })
    }

    /// Whether there is a way through one of the branches.
    fn satisfy(&self, branches: &[Vec<Method>]) -> bool {
        // A late key counts if any other factor can be had.
        let early_keys = self.good_keys - self.late_keys;
        let unlocks = |method: &Method| match method {
            Method::PublicKey => early_keys > 0 && self.plan.contains(method),
            other => self.plan.contains(other) && self.right[other.name()],
        };
        let unlocked = branches.iter().flatten().any(unlocks);
        let keys = if unlocked { self.good_keys } else { 0 };
        let has = |branch: &Vec<Method>, method: Method| {
            let needed = branch.iter().filter(|other| **other == method).count();
            let available = match method {
                _ if !self.plan.contains(&method) => 0,
                Method::PublicKey => keys,
                _ if self.right[method.name()] => usize::MAX,
                _ => 0,
            };
            needed <= available
        };
        let mut branches = branches.iter();
        branches.any(|branch| METHODS.iter().all(|method| has(branch, *method)))
    }

    fn word(&self, method: Method) -> &'static str {
        if self.right[method.name()] {
            RIGHT
        } else {
            "wrong"
        }
    }

    fn answer(&self, question: Action) -> ssh_userauth::Answer {
        match question {
            Action::NeedPublicKey(need) if need.offered() == 0 && self.in_one_flight => {
                need.offer_many(self.keys.clone())
            }
            Action::NeedPublicKey(need) => match self.keys.get(need.offered()) {
                Some(key) => need.offer(key.clone()),
                None => need.none_left(),
            },
            Action::NeedSignature(need) => {
                let blob = signature(need.signature_algorithm());
                need.signed(blob).unwrap()
            }
            Action::NeedPassword(need) => need.password(self.word(Method::Password)),
            Action::NeedNewPassword(need) => need.change(self.word(Method::Password), "new"),
            Action::NeedAnswers(need) => {
                need.answer_each(|_| self.word(Method::KeyboardInteractive).into())
            }
            Action::NeedMethodRequest(need) => need.request(self.word(OWN)),
            other => panic!("{other:?}"),
        }
    }
}

fn config(random: &mut Random, plan: &[Method]) -> Config {
    let mut budget = AttemptBudget::default();
    budget.refusals = u32::try_from(random.below(8)).unwrap();
    let counting = if random.once_in(4) {
        TryCounting::Shared
    } else {
        TryCounting::Separate
    };
    let mut limits = Limits::default();
    limits.max_requests = 1024;
    let config = user().methods(plan.to_vec());
    let mut config = config.attempt_budget(budget).limits(limits);
    if random.once_in(3) {
        let queries = u32::try_from(random.below(4)).unwrap();
        config = config.pipelining(Pipelining::Opening { queries });
    }
    // Counted together, a wrong one of the two uses up the tries of the right one.
    if !plan.contains(&Method::Password) || !plan.contains(&Method::KeyboardInteractive) {
        config = config.try_counting(counting);
    }
    config
}

/// Plays to the end; neither side may ever wait for the other (deadlock).
fn play(talk: &mut Talk, server: &mut Server, user: &Credentials) {
    let mut heard = 0;
    for _ in 0..1000 {
        if talk.end.is_some() {
            return;
        }
        if let Some(question) = talk.asked.take() {
            let answer = user.answer(question);
            talk.answer(answer);
        } else {
            let payload = &talk.sent[heard];
            heard += 1;
            match server.hear(payload) {
                Some(reply) => talk.hear(&reply),
                None => talk.command(|client| client.disconnected(2, b"too many")),
            }
        }
    }
    panic!("no end");
}

/// Whether it ended with a login.
fn run(seed: u64) -> bool {
    let mut random = Random(seed);
    let branches = Tree::random(&mut random, 2).branches();
    let ordered = random.once_in(3);
    let credentials = Credentials::random(&mut random, ordered);
    let possible = credentials.satisfy(&branches);
    let bears = if random.once_in(5) {
        random.below(6)
    } else {
        usize::MAX
    };
    let mut server = Server::new(branches, ordered, credentials.good(), bears, &mut random);
    let mut talk = Talk::fresh(config(&mut random, &credentials.plan));
    play(&mut talk, &mut server, &credentials);
    let report = talk.client.report();
    let requests = talk.sent.iter().filter(|payload| payload[0] == 50);
    assert_eq!(report.attempts().len(), requests.count(), "I31");
    // What was on its way when the connection was closed was not read.
    assert!(server.requests <= report.attempts().len());
    let factors: Vec<Method> = report
        .factors()
        .iter()
        .map(|factor| factor.method())
        .collect();
    assert_eq!(factors, server.accepted);
    if report.is_authenticated() {
        assert!(possible);
        assert_eq!(talk.authenticated().factors().len(), factors.len());
    } else {
        explained(&talk, &credentials, possible);
    }
    report.is_authenticated()
}

/// Everything that could have been tried was tried, or the ledger says why not.
fn explained(talk: &Talk, credentials: &Credentials, possible: bool) {
    let report = talk.client.report();
    match talk.ending() {
        Ending::NoMethodLeft => assert!(!possible, "there was a way"),
        Ending::ServerDisconnected => assert!(report.server_disconnect().is_some()),
        other => panic!("{other:?}"),
    }
    let open = report.attempts().iter();
    let open = open
        .filter(|attempt| attempt.outcome() == Outcome::Unanswered)
        .count();
    let closed = talk.ending() == Ending::ServerDisconnected;
    assert!(open == 0 || closed, "{open} without an outcome");
    let skipped = |candidate: &Candidate| {
        let mut skips = report.skips().iter();
        skips.any(|skip| skip.candidate() == candidate)
    };
    for method in &credentials.plan {
        let mut attempts = report.attempts().iter();
        let tried = attempts.any(|attempt| attempt.method() == *method);
        assert!(tried || skipped(&Candidate::Method(*method)), "{method}");
    }
    // Those that the caller gave; further ones were not asked for.
    let asked = report
        .attempts()
        .iter()
        .any(|attempt| attempt.method() == Method::PublicKey);
    for key in credentials
        .keys
        .iter()
        .filter(|_| asked && credentials.in_one_flight)
    {
        let mut attempts = report.attempts().iter();
        let tried = attempts.any(|attempt| attempt.identity() == Some(key));
        assert!(tried || skipped(&Candidate::Identity(key.clone())), "{key}");
    }
}

#[test]
fn t100_whoever_can_get_in_gets_in() {
    let runs = std::env::var("SSH_USERAUTH_RUNS");
    let runs: u64 = runs.map_or(2_000, |runs| runs.parse().unwrap());
    let mut logins = 0;
    for seed in 0..runs {
        match std::panic::catch_unwind(|| run(seed)) {
            Ok(login) => logins += u64::from(login),
            Err(_) => panic!("seed {seed}"),
        }
    }
    // Neither half of the claim is empty.
    assert!(
        logins > runs / 4 && logins < runs - runs / 4,
        "{logins} of {runs}"
    );
}
