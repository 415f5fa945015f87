//! The input as steps. Letters stand for steps by their lower five bits, digits for parameters by
//! their lower four, so that every byte means something.

use arbitrary::{Arbitrary, Result, Unstructured};

const MOST_STEPS: usize = 100;

#[derive(Clone, Debug)]
pub(crate) struct Script {
    pub(crate) setup: Setup,
    pub(crate) steps: Vec<Step>,
}

#[derive(Clone, Debug)]
pub(crate) struct Setup {
    pub(crate) methods: Vec<Way>,
    pub(crate) probe: bool,
    pub(crate) reject_trivial: bool,
    pub(crate) encrypted: bool,
    pub(crate) service_accepted: bool,
    pub(crate) tries: u32,
    pub(crate) rounds: u32,
    pub(crate) partials: u32,
    pub(crate) changes: u32,
    pub(crate) requests: u32,
    pub(crate) identities: usize,
    pub(crate) budget: u32,
    pub(crate) reserve: u32,
}

/// The methods that the model knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    None,
    Key,
    Password,
    Prompts,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Step {
    Accept,
    /// A bit for each method, and partial success.
    Failure(u8, bool),
    Success,
    /// For the key asked about, or another.
    PkOk(bool),
    ChangeRequest,
    /// So many prompts.
    InfoRequest(u8),
    Banner,
    /// Another message, by its number alone.
    Number(u8),
    /// So many keys from this one on, the last of them unprobed.
    Offer(u8, u8, bool),
    Answer,
    Decline,
    DeclinePending,
    Cancel,
    Disconnected,
    Unimplemented,
    OneByOne,
}

fn digit(input: &mut Unstructured<'_>) -> Result<u8> {
    Ok(u8::arbitrary(input)? & 15)
}

impl<'a> Arbitrary<'a> for Script {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        let setup = setup(input)?;
        let mut steps = Vec::new();
        while !input.is_empty() && steps.len() < MOST_STEPS {
            steps.extend(step(input)?);
        }
        Ok(Self { setup, steps })
    }
}

fn setup(input: &mut Unstructured<'_>) -> Result<Setup> {
    let order = digit(input)?;
    let flags = digit(input)?;
    let budget = digit(input)?;
    let shrunk = digit(input)?;
    let [tries, rounds, partials, identities] =
        [digit(input)?, digit(input)?, digit(input)?, digit(input)?];
    use Way::{Key, None, Password, Prompts};
    let orders: [&[Way]; 16] = [
        &[Key, Prompts, Password],
        &[Key],
        &[Password],
        &[Prompts],
        &[None],
        &[],
        &[Password, Key],
        &[Password, Prompts, Key],
        &[None, Key, Password],
        &[Key, None],
        &[Prompts, Password],
        &[Prompts, Key],
        &[Key, Password],
        &[Key, Password, Prompts, None],
        &[Password, None],
        &[Key, Prompts],
    ];
    let or = |digit: u8, default: u32| match digit {
        0 => default,
        more => u32::from(more) - 1,
    };
    Ok(Setup {
        methods: orders[usize::from(order)].to_vec(),
        probe: flags & 1 == 0,
        reject_trivial: flags & 2 != 0,
        encrypted: flags & 4 == 0,
        service_accepted: flags & 8 != 0,
        tries: or(tries, 3),
        rounds: or(rounds, 32),
        partials: or(partials, 16),
        changes: or(rounds, 5),
        requests: or(shrunk, 64),
        identities: match identities {
            0 => 1024,
            more => usize::from(more) - 1,
        },
        budget: if budget < 8 { 6 } else { u32::from(budget) - 8 },
        reserve: if budget & 4 == 0 {
            1
        } else {
            u32::from(budget & 3)
        },
    })
}

fn step(input: &mut Unstructured<'_>) -> Result<Option<Step>> {
    Ok(Some(match (u8::arbitrary(input)? & 31) | b'@' {
        b'A' => Step::Accept,
        b'B' => Step::Banner,
        b'C' => Step::Cancel,
        b'D' => Step::Decline,
        b'F' => Step::Failure(digit(input)?, digit(input)? & 1 != 0),
        b'H' => Step::ChangeRequest,
        b'I' => Step::InfoRequest(digit(input)? & 3),
        b'K' => Step::PkOk(digit(input)? != 1),
        b'N' => Step::Number(u8::arbitrary(input)?),
        b'O' => Step::Offer(digit(input)?, digit(input)? & 3, digit(input)? & 1 != 0),
        b'P' => Step::OneByOne,
        b'Q' => Step::Disconnected,
        b'S' => Step::Success,
        b'T' => Step::Unimplemented,
        b'W' => Step::DeclinePending,
        b'Y' => Step::Answer,
        _ => return Ok(None),
    }))
}
