//! The input as a list of operations.
//!
//! Letters stand for operations, by their lower five bits, so that `a` and `A` are the same;
//! digits for parameters, by their lower four bits, so that `:;<=>?` are 10 to 15. A space does
//! nothing. Every byte means something, so no mutation is wasted.

use arbitrary::{Arbitrary, Result, Unstructured};

use crate::MARKER;
use crate::setup::Setup;

/// Longer scripts find nothing that shorter ones don't.
const MOST_OPERATIONS: usize = 120;

#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) setup: Setup,
    pub(crate) variation: Variation,
    pub(crate) closing: Closing,
    pub(crate) operations: Vec<Operation>,
}

/// What is changed in a second run that must go the same way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variation {
    /// There is no second run.
    Nothing,
    /// Nothing is changed: same inputs, same outputs.
    Again,
    /// Banners are left out.
    WithoutBanners,
    /// Lists of methods are reversed and have unknown names; EXT_INFO has unknown extensions.
    OtherLists,
}

/// How the run is brought to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Closing {
    /// The server refuses, the caller declines.
    Declining,
    /// The server refuses, the caller answers as long as he can.
    Eager,
}

#[derive(Debug)]
pub(crate) struct Operation {
    pub(crate) what: What,
    /// Done to the packet before it is handed over.
    pub(crate) damage: Option<Damage>,
    /// Nothing is polled after it.
    pub(crate) unpolled: bool,
}

#[derive(Debug)]
pub(crate) enum What {
    Server(Message),
    /// So many banners at once.
    Banners(u16),
    /// The open question is answered, in one of many ways.
    Answer([u8; 2]),
    /// A question that is no longer open is answered.
    Late(u8, [u8; 2]),
    /// A question of another connection is answered.
    Foreign,
    Decline,
    DeclinePending,
    Cancel,
    /// What the transport or the clock of the caller says.
    Command(Command),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Command {
    OneByOne,
    Unimplemented,
    Disconnected,
    ConnectionLost,
}

#[derive(Debug)]
pub(crate) enum Message {
    Accept(u8),
    ExtInfo(u8),
    Banner(u8),
    Failure { methods: u8, more: u8, flags: u8 },
    Success,
    Gss(u8),
    PkOk(u8),
    ChangeRequest(u8),
    InfoRequest { prompts: u8, text: u8 },
    Method { number: u8, body: Vec<u8> },
    Raw(Vec<u8>),
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Damage {
    Truncate(u8),
    Replace(u8, u8),
    Flip(u8, u8),
    Append(u8),
}

impl Damage {
    pub(crate) fn apply(self, packet: &mut Vec<u8>) {
        let length = packet.len().max(1);
        match self {
            Self::Truncate(at) => packet.truncate(usize::from(at) % length),
            Self::Replace(at, byte) => {
                if let Some(there) = packet.get_mut(usize::from(at) % length) {
                    *there = byte;
                }
            }
            Self::Flip(at, bit) => {
                if let Some(there) = packet.get_mut(usize::from(at) % length) {
                    *there ^= 1 << (bit & 7);
                }
            }
            Self::Append(byte) => packet.push(byte),
        }
    }
}

fn digit(input: &mut Unstructured<'_>) -> Result<u8> {
    Ok(u8::arbitrary(input)? & 15)
}

fn bytes(input: &mut Unstructured<'_>) -> Result<Vec<u8>> {
    let length = usize::from(u8::arbitrary(input)? & 63).min(input.len());
    Ok(input.bytes(length)?.to_vec())
}

impl<'a> Arbitrary<'a> for Script {
    fn arbitrary(input: &mut Unstructured<'a>) -> Result<Self> {
        // A server that says the marker would look like a leak.
        let all = input.peek_bytes(input.len()).unwrap_or_default();
        let marker = MARKER.as_bytes();
        if all.windows(marker.len()).any(|window| window == marker) {
            return Err(arbitrary::Error::IncorrectFormat);
        }
        let mut setup = [0; 7];
        for parameter in &mut setup {
            *parameter = digit(input)?;
        }
        let how = digit(input)?;
        let variation = match how & 3 {
            0 => Variation::Nothing,
            1 => Variation::Again,
            2 => Variation::WithoutBanners,
            _ => Variation::OtherLists,
        };
        let closing = match how & 4 {
            0 => Closing::Declining,
            _ => Closing::Eager,
        };
        let mut setup = Setup::from_digits(setup);
        let mut operations = Vec::new();
        while !input.is_empty() && operations.len() < MOST_OPERATIONS {
            operations.extend(operation(input, &mut setup)?);
        }
        Ok(Self {
            setup,
            variation,
            closing,
            operations,
        })
    }
}

/// The next operation, with the prefixes in front of it; none at the end of the input. What
/// belongs to the setup may stand anywhere.
fn operation(input: &mut Unstructured<'_>, setup: &mut Setup) -> Result<Option<Operation>> {
    let (mut damage, mut unpolled) = (None, false);
    while !input.is_empty() {
        match (u8::arbitrary(input)? & 31) | b'@' {
            b'X' => damage = Some(read_damage(input)?),
            // Inputs in the corpus have it: it once handed the message over decoded.
            b'V' => {}
            b'L' => unpolled = true,
            b'P' => setup.also(digit(input)?, digit(input)?),
            letter => {
                if let Some(what) = read_what(letter, input)? {
                    return Ok(Some(Operation {
                        what,
                        damage,
                        unpolled,
                    }));
                }
            }
        }
    }
    Ok(None)
}

fn read_damage(input: &mut Unstructured<'_>) -> Result<Damage> {
    let kind = digit(input)?;
    let at = u8::arbitrary(input)?;
    Ok(match kind & 3 {
        0 => Damage::Truncate(at),
        1 => Damage::Replace(at, u8::arbitrary(input)?),
        2 => Damage::Flip(at, digit(input)?),
        _ => Damage::Append(at),
    })
}

fn read_what(letter: u8, input: &mut Unstructured<'_>) -> Result<Option<What>> {
    Ok(Some(match letter {
        b'A' => What::Server(Message::Accept(digit(input)?)),
        b'B' => What::Server(Message::Banner(digit(input)?)),
        b'C' => What::Cancel,
        b'D' => What::Decline,
        b'E' => What::Server(Message::ExtInfo(digit(input)?)),
        b'F' => What::Server(Message::Failure {
            methods: digit(input)?,
            more: 0,
            flags: digit(input)?,
        }),
        b'G' => What::Foreign,
        b'H' => What::Server(Message::ChangeRequest(digit(input)?)),
        b'I' => What::Server(Message::InfoRequest {
            prompts: digit(input)?,
            text: digit(input)?,
        }),
        b'J' => What::Server(Message::Gss(digit(input)?)),
        b'K' => What::Server(Message::PkOk(digit(input)?)),
        b'M' => What::Server(Message::Method {
            number: 60 + u8::arbitrary(input)? % 20,
            body: bytes(input)?,
        }),
        b'N' => What::Server(Message::Raw(vec![u8::arbitrary(input)?])),
        b'O' => What::Server(Message::Failure {
            methods: digit(input)?,
            more: digit(input)?,
            flags: digit(input)?,
        }),
        b'Q' => What::Command(match digit(input)? & 3 {
            0 => Command::OneByOne,
            1 => Command::Unimplemented,
            2 => Command::Disconnected,
            _ => Command::ConnectionLost,
        }),
        b'R' => What::Server(Message::Raw(bytes(input)?)),
        b'S' => What::Server(Message::Success),
        b'U' => What::Late(digit(input)?, [digit(input)?, digit(input)?]),
        b'W' => What::DeclinePending,
        b'Y' => What::Answer([digit(input)?, digit(input)?]),
        b'Z' => What::Banners(1 << (digit(input)? % 12)),
        _ => return Ok(None),
    }))
}
