//! Completeness and soundness, from outside: against an honest server with any policy, whoever
//! has what it takes gets in, and nobody else does; and whoever doesn't is told why.
//!
//! What is inside, the exhaustive search in the crate's own tests looks at. Only a whole server
//! can tell whether the sum of its promises is a login.

use proptest::prelude::*;
use ssh_userauth::{Candidate, Config, EarlyPassword, Ending, Method, Pipelining, Session};
use ssh_userauth_testing::{Account, Person, Policy, PolicyServer, Run, RunOutcome, pair};

use crate::credentials::{Credentials, Offering};
use crate::runs;
use crate::world::World;

/// The ledger has every request, and its factors are those of the server.
fn is_accounted_for(world: &World, run: &Run, server: &PolicyServer) {
    let report = run.report();
    assert_eq!(report.attempts().len(), run.requests().count());
    let factors = report.factors().map(|factor| factor.method());
    assert_eq!(factors.collect::<Vec<_>>(), server.factors());
    let unanswered = report.attempts().iter();
    let unanswered = unanswered
        .filter(|attempt| attempt.outcome() == ssh_userauth::Outcome::Unanswered)
        .count();
    let closed = report.ending() == Some(Ending::ServerDisconnected);
    // What was sent behind a signature that was enough has no reply.
    let ahead = run.is_authenticated() && world.early_password == EarlyPassword::BehindSignature;
    assert!(
        unanswered <= usize::from(ahead) || closed,
        "{unanswered} without an outcome"
    );
}

/// Every method of the plan, and every key that was given, was tried or skipped for a reason.
fn is_explained(world: &World, run: &Run) {
    let report = run.report();
    let is_skipped = |candidate: &Candidate| {
        let mut skips = report.skips().iter();
        skips.any(|skip| skip.candidate() == candidate)
    };
    for method in &world.credentials.plan {
        let mut attempts = report.attempts().iter();
        let tried = attempts.any(|attempt| attempt.method() == *method);
        assert!(tried || is_skipped(&Candidate::Method(*method)), "{method}");
    }
    // With the first question they were all given; one by one, only those that were asked for.
    let all_given = matches!(world.credentials.offering, Offering::AllAtOnce)
        && run
            .requests()
            .any(|request| request.starts_with("publickey"));
    for index in (0..world.credentials.keys.len()).filter(|_| all_given) {
        let key = Credentials::key(index);
        let mut attempts = report.attempts().iter();
        let tried = attempts.any(|attempt| attempt.identity() == Some(key.identity()));
        let skipped = is_skipped(&Candidate::Identity(key.identity().clone()));
        assert!(tried || skipped, "{key:?}");
    }
}

proptest! {
    #![proptest_config(runs(2_000))]

    /// Why it must hold: at every FAILURE the server lists what can continue, the
    /// machine tries whatever of its plan is listed until that is used up, and a success of any
    /// method only ever shortens ways (where parts have an order, of the keys there are enough).
    /// So the run ends without a login only if on every way something is missing, or if the
    /// server has counted too many failures first.
    #[test]
    fn whoever_can_get_in_gets_in(world in World::any()) {
        let (run, server) = world.run();
        is_accounted_for(&world, &run, &server);
        prop_assert_eq!(run.is_authenticated(), server.is_authenticated());
        match run.outcome() {
            RunOutcome::Authenticated(_) => prop_assert!(world.is_possible()),
            RunOutcome::GaveUp(why) => {
                is_explained(&world, &run);
                match why.ending() {
                    Ending::NoMethodLeft => prop_assert!(!world.is_possible(), "there was a way"),
                    Ending::ServerDisconnected => {
                        prop_assert_eq!(server.failures(), world.tries);
                    }
                    other => prop_assert!(false, "{other:?}"),
                }
            }
            other => prop_assert!(false, "{other:?}"),
        }
        if let Err(mismatch) = run.transcript().check() {
            prop_assert!(false, "{mismatch}");
        }
    }

    /// `MaxAuthTries` as OpenSSH has it, and the attempt budget that is made for it: however many
    /// keys are wrong, who knows the password gets in before the sixth failure.
    #[test]
    fn the_reserve_is_enough_for_the_password(
        wrong_keys in 0..12_usize,
        all_at_once in any::<bool>(),
        queries in prop::option::of(0..6_u32),
        prompted in any::<bool>(),
    ) {
        let method = if prompted { Method::KeyboardInteractive } else { Method::Password };
        let round = ssh_userauth_testing::Round::new().hidden("Password: ", "right");
        let account = Account::new("alice").password("right").round(round);
        let policy = Policy::any([Method::PublicKey, method]);
        let mut server = PolicyServer::new([1; 32], policy).account(account).max_auth_tries(6);
        let keys = (0..wrong_keys).map(Credentials::key);
        let mut person = keys.fold(Person::new(), Person::key);
        if all_at_once {
            person = person.offers_all_keys_at_once();
        }
        let mut person = person.password("right").answer("Password: ", "right");
        let pipelining = queries.map_or(Pipelining::Off, |queries| Pipelining::Opening { queries });
        let config = Config::new("alice")
            .methods([Method::PublicKey, method])
            .pipelining(pipelining);
        let run = pair(config, Session::encrypted([1; 32]), &mut server, &mut person).unwrap();
        prop_assert!(run.is_authenticated(), "{}", run.transcript());
    }
}

/// Neither half of the claim is empty: of random worlds, many lead in, and many don't.
#[test]
fn worlds_are_of_all_kinds() {
    use proptest::strategy::ValueTree as _;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen = [0_u32; 4];
    for _ in 0..1_000 {
        let world = World::any().new_tree(&mut runner).unwrap().current();
        let (run, server) = world.run();
        let kind = match (run.is_authenticated(), server.factors().len()) {
            (true, 1) => 0,
            (true, _) => 1,
            (false, _) if world.is_possible() => 2,
            (false, _) => 3,
        };
        seen[kind] += 1;
    }
    // In by one factor, by several; thrown out, and without a way.
    let [one, several, thrown_out, no_way] = seen;
    assert!(
        one > 200 && several > 50 && thrown_out > 10 && no_way > 100,
        "{seen:?}"
    );
}
