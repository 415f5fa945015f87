//! The policies of `config` and `session`, and the words for them.

use alloc::vec::Vec;

use crate::transcript::words::{Parsed, Sentence, Words};
use ssh_userauth::{
    AttemptBudget, Discovery, EarlyPassword, HashFallback, HostBound, MethodChoice, PasswordBridge,
    Pipelining, Quirks, ServiceRequest, Sha1Signatures, TrivialSuccess, TryCounting,
};

/// One field of [`Quirks`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quirk {
    UnlistedRsaSha2,
    RsaCertificatesByType,
    BareSessionId,
    SwallowsAfterDialogue,
    RefusesLeftDialogues,
    DelaysRefusals,
}

impl Quirk {
    fn field(self, quirks: &mut Quirks) -> &mut bool {
        match self {
            Self::UnlistedRsaSha2 => &mut quirks.unlisted_rsa_sha2,
            Self::RsaCertificatesByType => &mut quirks.rsa_certificates_by_type,
            Self::BareSessionId => &mut quirks.bare_session_id,
            Self::SwallowsAfterDialogue => &mut quirks.swallows_after_dialogue,
            Self::RefusesLeftDialogues => &mut quirks.refuses_left_dialogues,
            Self::DelaysRefusals => &mut quirks.delays_refusals,
        }
    }

    pub(crate) fn set(self, quirks: &mut Quirks) {
        *self.field(quirks) = true;
    }

    /// Those that are set.
    pub(crate) fn all_of(mut quirks: Quirks) -> impl Iterator<Item = Self> {
        let all = QUIRK.iter().map(|(_, quirk)| *quirk);
        all.filter(move |quirk| *quirk.field(&mut quirks))
    }
}

/// Words and what they stand for.
pub(crate) type Table<T> = [(&'static str, T)];

pub(crate) const DISCOVERY: &Table<Discovery> = &[
    ("probe-none", Discovery::ProbeNone),
    ("skip", Discovery::Skip),
];
pub(crate) const TRIVIAL: &Table<TrivialSuccess> = &[
    ("accept", TrivialSuccess::Accept),
    ("reject", TrivialSuccess::Reject),
];
pub(crate) const HOST_BOUND: &Table<HostBound> = &[
    ("prefer", HostBound::Prefer),
    ("never", HostBound::Never),
    ("require", HostBound::Require),
];
pub(crate) const SHA1: &Table<Sha1Signatures> = &[
    ("refuse", Sha1Signatures::Refuse),
    ("allow", Sha1Signatures::Allow),
    ("allow-unlisted", Sha1Signatures::AllowUnlisted),
];
pub(crate) const HASH_FALLBACK: &Table<HashFallback> = &[
    ("never", HashFallback::Never),
    ("after-signature", HashFallback::AfterSignature),
    ("after-any-refusal", HashFallback::AfterAnyRefusal),
];
pub(crate) const QUIRK: &Table<Quirk> = &[
    ("unlisted-rsa-sha2", Quirk::UnlistedRsaSha2),
    ("rsa-certificates-by-type", Quirk::RsaCertificatesByType),
    ("bare-session-id", Quirk::BareSessionId),
    ("swallows-after-dialogue", Quirk::SwallowsAfterDialogue),
    ("refuses-left-dialogues", Quirk::RefusesLeftDialogues),
    ("delays-refusals", Quirk::DelaysRefusals),
];
pub(crate) const CHOICE: &Table<MethodChoice> =
    &[("order", MethodChoice::Order), ("ask", MethodChoice::Ask)];
pub(crate) const COUNTING: &Table<TryCounting> = &[
    ("separate", TryCounting::Separate),
    ("shared", TryCounting::Shared),
];
pub(crate) const BRIDGE: &Table<PasswordBridge> = &[
    ("never", PasswordBridge::Never),
    (
        "hidden-single-prompt-once",
        PasswordBridge::HiddenSinglePromptOnce,
    ),
];
pub(crate) const EARLY: &Table<EarlyPassword> = &[
    ("never", EarlyPassword::Never),
    ("in-opening", EarlyPassword::InOpening),
    ("behind-signature", EarlyPassword::BehindSignature),
];
pub(crate) const SERVICE_REQUEST: &Table<ServiceRequest> = &[
    ("ours", ServiceRequest::Ours),
    ("sent", ServiceRequest::Sent),
    ("accepted", ServiceRequest::Accepted),
];

/// The value of a word, or which words there are.
pub(crate) fn pick<T: Copy>(words: &mut Words, what: &str, table: &Table<T>) -> Parsed<T> {
    let given = words.text(what)?;
    let found = table.iter().find(|(word, _)| *word == given);
    found.map(|(_, value)| *value).ok_or_else(|| {
        let known: Vec<&str> = table.iter().map(|(word, _)| *word).collect();
        alloc::format!("{what}: {given:?} is none of {}", known.join(", "))
    })
}

pub(crate) fn word_of<T: PartialEq>(table: &Table<T>, value: &T) -> &'static str {
    let found = table.iter().find(|(_, own)| own == value);
    found.map_or("?", |(word, _)| word)
}

/// `off`, or `opening` and how many queries.
pub(crate) fn pipelining(words: &mut Words) -> Parsed<Pipelining> {
    match words.text("pipelining")?.as_str() {
        "off" => Ok(Pipelining::Off),
        "opening" => Ok(Pipelining::Opening {
            queries: words.number("number of queries")?,
        }),
        other => Err(alloc::format!(
            "pipelining: {other:?} is none of off, opening"
        )),
    }
}

pub(crate) fn print_pipelining(sentence: Sentence, policy: Pipelining) -> Sentence {
    match policy {
        Pipelining::Opening { queries } => sentence.word("opening").number(queries),
        _ => sentence.word("off"),
    }
}

/// How many refusals, and how many of them are kept.
pub(crate) fn budget(words: &mut Words) -> Parsed<AttemptBudget> {
    let mut budget = AttemptBudget::default();
    budget.refusals = words.number("refusals")?;
    budget.reserve = words.number("reserve")?;
    Ok(budget)
}
