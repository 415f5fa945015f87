//! Which logins are walked.

use super::*;

use Method::{KeyboardInteractive, Password, PublicKey};

/// Any of these lists; in order, twice, in any order.
const POLICIES: [&str; 12] = [
    "publickey password keyboard-interactive",
    "publickey,password",
    "password,publickey",
    "publickey,publickey",
    "publickey,password password,publickey",
    "publickey,keyboard-interactive password",
    "keyboard-interactive,publickey",
    "publickey password,keyboard-interactive",
    "publickey,password,keyboard-interactive publickey,keyboard-interactive,password \
     password,publickey,keyboard-interactive password,keyboard-interactive,publickey \
     keyboard-interactive,publickey,password keyboard-interactive,password,publickey",
    "publickey,password,publickey",
    "password keyboard-interactive,publickey,publickey",
    "password,keyboard-interactive,publickey",
];

const GOOD_KEYS: [&[usize]; 4] = [&[], &[0], &[2], &[0, 1, 2]];

const ORDERS: [&[Method]; 3] = [
    &[PublicKey, KeyboardInteractive, Password],
    &[Password, PublicKey, KeyboardInteractive],
    &[KeyboardInteractive, PublicKey, Password],
];

const OFFERS: [Offers; 4] = [
    Offers::OneByOne,
    Offers::AllAtOnce,
    Offers::FirstUnprobed,
    Offers::LastUnprobed,
];

const HABITS: [Habit; 5] = [
    Habit::None,
    Habit::SaysYes,
    Habit::TimesOut,
    Habit::Swallows,
    Habit::RefusesLeft,
];

/// How requests leave.
const FLIGHTS: [(Discovery, Pipelining, EarlyPassword); 6] = [
    (Discovery::ProbeNone, Pipelining::Off, EarlyPassword::Never),
    (Discovery::Skip, Pipelining::Off, EarlyPassword::Never),
    (Discovery::ProbeNone, OPENING, EarlyPassword::Never),
    (Discovery::ProbeNone, OPENING, EarlyPassword::InOpening),
    (
        Discovery::ProbeNone,
        OPENING,
        EarlyPassword::BehindSignature,
    ),
    (Discovery::ProbeNone, ONE, EarlyPassword::Never),
];

const OPENING: Pipelining = Pipelining::Opening { queries: 3 };
const ONE: Pipelining = Pipelining::Opening { queries: 1 };

/// What a caller knows, and how often he errs and declines.
const PEOPLE: [(bool, bool, u8, u8); 6] = [
    (true, true, 0, 0),
    (true, true, 1, 0),
    (true, true, 0, 1),
    (false, true, 0, 1),
    (true, false, 0, 0),
    (false, false, 0, 0),
];

/// All of them, or every eleventh: eleven divides none of the numbers of choices, so that each pair
/// of choices meets many times.
pub(super) fn each(size: Size, mut walk: impl FnMut(&Setup)) {
    let step = match size {
        Size::Small => 11,
        Size::Large => 1,
    };
    let all = POLICIES.len()
        * GOOD_KEYS.len()
        * ORDERS.len()
        * OFFERS.len()
        * HABITS.len()
        * FLIGHTS.len()
        * PEOPLE.len();
    for number in (0..all).step_by(step) {
        let mut rest = number;
        let person = one_of(&PEOPLE, &mut rest);
        let flight = one_of(&FLIGHTS, &mut rest);
        let habit = one_of(&HABITS, &mut rest);
        let offers = one_of(&OFFERS, &mut rest);
        let methods = one_of(&ORDERS, &mut rest);
        let good_keys = one_of(&GOOD_KEYS, &mut rest);
        let wanted = one_of(&POLICIES, &mut rest);
        let rest = (methods, offers, habit, flight, person);
        walk(&setup(number, wanted, good_keys, rest));
    }
    for setup in strict() {
        walk(&setup);
    }
}

/// The choice of the last digit of a number whose base is the number of choices.
fn one_of<T: Copy>(choices: &[T], number: &mut usize) -> T {
    let choice = choices[*number % choices.len()];
    *number /= choices.len();
    choice
}

type Rest = (
    &'static [Method],
    Offers,
    Habit,
    (Discovery, Pipelining, EarlyPassword),
    (bool, bool, u8, u8),
);

fn setup(number: usize, wanted: &'static str, good_keys: &'static [usize], rest: Rest) -> Setup {
    let (methods, offers, habit, flight, person) = rest;
    let (discovery, pipelining, early_password) = flight;
    let (knows_password, knows_answers, mistakes, declines) = person;
    Setup {
        rules: Rules {
            wanted,
            good_keys,
            rounds: [&[1][..], &[1, 0], &[0, 2]][number % 3],
            is_expired: number / 3 % 2 == 1,
            max_failures: 20,
            habit,
        },
        person: Person {
            keys: 3,
            offers,
            knows_password,
            knows_answers,
            mistakes,
            declines,
        },
        methods,
        discovery,
        pipelining,
        early_password,
        max_tries: [3, 2, 1][number / 6 % 3],
        budget: 6,
        may_be_thrown_out: false,
    }
}

/// The server closes after as many failures as the budget says, there are more wrong keys than
/// that, and something else is right at once: the budget must leave room for it. A key that is
/// right must be reached as long as so many failures allow it.
fn strict() -> Vec<Setup> {
    const ANY: &str = "publickey password keyboard-interactive";
    let mut setups = Vec::new();
    for (wanted, good_keys, limit) in [
        (ANY, &[][..], 3),
        (ANY, &[], 6),
        ("publickey password", &[], 3),
        ("publickey,password keyboard-interactive", &[], 6),
        ("publickey", &[2], 3),
        ("publickey", &[5], 6),
        ("publickey,password", &[4], 6),
        ("publickey,password", &[1], 3),
        ("password,publickey", &[0], 3),
    ] {
        for methods in ORDERS {
            for offers in OFFERS {
                for habit in [Habit::None, Habit::SaysYes] {
                    for flight in FLIGHTS {
                        let person = (true, true, 0, 0);
                        let rest = (methods, offers, habit, flight, person);
                        let mut setup = setup(0, wanted, good_keys, rest);
                        // What is sent before the server has listed anything may cost one, and
                        // so does a favourite that goes in front of the right key.
                        let guesses = flight.2 != EarlyPassword::Never || methods[0] != PublicKey;
                        let favours = offers == Offers::LastUnprobed;
                        let spare = u32::from(guesses) + u32::from(favours);
                        let is_needed = !good_keys.is_empty();
                        setup.rules.max_failures = limit + if is_needed { spare } else { 0 };
                        setup.budget = limit;
                        setup.person.keys = MOST_KEYS;
                        setups.push(setup);
                    }
                }
            }
        }
    }
    setups
}
