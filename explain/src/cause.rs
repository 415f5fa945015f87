//! From the ledger to the diagnosis: what most likely has to change.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;
use alloc::vec::Vec;

use ssh_userauth::{
    AbandonReason, AttemptRecord, Candidate, Ending, Identity, Method, Outcome, Report,
    ServerDisconnect, Stage, Unavailable,
};

use crate::Diagnosis;

/// `SSH_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE` (RFC 4253 section 11.1).
const NO_MORE_METHODS: u32 = 14;

/// Why there is no login: `None` while the run goes on, and after a login.
pub(crate) fn of(report: &Report) -> Option<Diagnosis> {
    match (report.protocol_error(), report.ending()) {
        (Some(error), _) => Some(Diagnosis::ProtocolViolation(Box::new(error.clone()))),
        (None, Some(ending)) => Some(of_end(report, ending)),
        (None, None) => None,
    }
}

/// Why the run ended as it did.
fn of_end(report: &Report, ending: Ending) -> Diagnosis {
    let refusals = refusals(report);
    let unanswered = unanswered(report);
    match ending {
        Ending::NoMethodLeft => nothing_left(report),
        Ending::RequestsSpent => Diagnosis::RequestsSpent {
            requests: report.attempts().len(),
        },
        Ending::Cancelled => Diagnosis::Cancelled,
        Ending::Abandoned(reason) => Diagnosis::Abandoned { reason, unanswered },
        Ending::ServerDisconnected => disconnected(report, refusals, unanswered),
        Ending::ConnectionLost if report.retry_config().is_some() => sent_ahead(report, refusals),
        Ending::ConnectionLost if unanswered > 0 => Diagnosis::UnansweredRequests {
            refusals,
            unanswered,
        },
        Ending::ConnectionLost => Diagnosis::ConnectionLost {
            refusals,
            while_asking: report.ended_while_asking(),
        },
        Ending::NoUserAuth => Diagnosis::NoUserAuth,
        Ending::TrivialSuccess => Diagnosis::TrivialSuccess,
        // An ending that a later version of the core adds.
        _ => Diagnosis::Abandoned {
            reason: AbandonReason::Other,
            unanswered,
        },
    }
}

/// Refusals, but not that of the request that only learns the methods.
fn refusals(report: &Report) -> usize {
    let counts = |record: &&AttemptRecord| record.is_refused() && is_try(record);
    report.attempts().iter().filter(counts).count()
}

fn refused_or_open(report: &Report) -> Vec<Method> {
    let counts = |record: &&AttemptRecord| {
        is_try(record) && (record.is_refused() || record.outcome() == Outcome::Unanswered)
    };
    let attempts = report.attempts().iter().filter(counts);
    distinct_methods(attempts.map(AttemptRecord::method))
}

/// Requests that the server owes an answer. In a dialogue that waits for the caller it owes none.
fn unanswered(report: &Report) -> usize {
    if report.ended_while_asking() {
        return 0;
    }
    open(report).count()
}

fn open(report: &Report) -> impl Iterator<Item = &AttemptRecord> {
    let is_open = |record: &&AttemptRecord| record.outcome() == Outcome::Unanswered;
    report.attempts().iter().filter(is_open)
}

fn sent_ahead(report: &Report, refusals: usize) -> Diagnosis {
    let unanswered = open(report).map(|record| (record.method(), record.stage()));
    Diagnosis::SentAhead {
        refusals,
        unanswered: unanswered.collect(),
        disconnect: report.server_disconnect().cloned(),
    }
}

/// There is no code for it: OpenSSH and Go say 2 (protocol error) and "Too many authentication
/// failures", others 14.
fn disconnected(report: &Report, refusals: usize, unanswered: usize) -> Diagnosis {
    let had_enough = |said: &&ServerDisconnect| {
        let words = said.description().raw().to_ascii_lowercase();
        let too_many = words.windows(8).any(|window| window == b"too many");
        refusals > 0 && (too_many || said.code() == NO_MORE_METHODS)
    };
    match report.server_disconnect().filter(had_enough) {
        Some(disconnect) => Diagnosis::TooManyRefusals {
            refusals,
            methods: refused_or_open(report),
            disconnect: disconnect.clone(),
        },
        None if report.retry_config().is_some() => sent_ahead(report, refusals),
        None => Diagnosis::ServerDisconnected {
            refusals,
            unanswered,
            disconnect: report.server_disconnect().cloned(),
        },
    }
}

/// Nothing was left to try. What the server said last about what we had counts most; what we did
/// not have counts least.
fn nothing_left(report: &Report) -> Diagnosis {
    let stage = Latest::of(report);
    stage
        .password_expired()
        .or_else(|| stage.second_factor_missing())
        .or_else(|| stage.signature_refused())
        .or_else(|| stage.answer_refused())
        .or_else(|| stage.key_not_signed(WasAccepted::Yes))
        .or_else(|| stage.keys_refused())
        .or_else(|| stage.key_not_signed(WasAccepted::No))
        .or_else(|| stage.no_mutual_algorithm())
        .or_else(|| stage.of_methods())
        .unwrap_or_else(|| nothing_tried(report))
}

/// Nothing was refused: there was nothing to refuse.
fn nothing_tried(report: &Report) -> Diagnosis {
    let offered = report.methods().cloned();
    let of = |reasons: fn(&Unavailable) -> bool| methods_skipped(report, reasons);
    let unlisted = of(|reason| *reason == Unavailable::NotListed);
    let declined =
        of(|reason| matches!(reason, Unavailable::Declined | Unavailable::NotConfigured));
    let listed = of(|reason| *reason != Unavailable::NotListed);
    match offered {
        Some(offered) if offered.is_empty() => Diagnosis::NoMethodsOffered,
        Some(offered) if listed.is_empty() && !unlisted.is_empty() => {
            if offered
                .names()
                .any(|name| Method::from_name(name.raw()).is_some())
            {
                Diagnosis::NoCommonMethod {
                    offered,
                    allowed: unlisted,
                }
            } else {
                Diagnosis::MethodsUnknown { offered }
            }
        }
        offered => Diagnosis::NothingToTry { offered, declined },
    }
}

fn methods_skipped(report: &Report, why: impl Fn(&Unavailable) -> bool) -> Vec<Method> {
    let skipped = report.skips().iter().filter(|skip| why(skip.reason()));
    distinct_methods(skipped.filter_map(|skip| match skip.candidate() {
        Candidate::Method(method) => Some(*method),
        _ => None,
    }))
}

/// The run since the last factor was accepted.
struct Latest<'a> {
    report: &'a Report,
    attempts: &'a [AttemptRecord],
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum WasAccepted {
    Yes,
    No,
}

impl<'a> Latest<'a> {
    fn of(report: &'a Report) -> Self {
        let all = report.attempts();
        let counted = |record: &AttemptRecord| record.outcome() == Outcome::PartialSuccess;
        let first = all.iter().rposition(counted).map_or(0, |last| last + 1);
        Self {
            report,
            attempts: all.get(first..).unwrap_or_default(),
        }
    }

    /// What was refused, but not what the server doesn't offer.
    fn refused(&self) -> impl DoubleEndedIterator<Item = &'a AttemptRecord> + use<'a> {
        let report = self.report;
        let attempts = self.attempts.iter();
        attempts.filter(|record| record.is_refused() && !report.is_guess(record))
    }

    fn password_expired(&self) -> Option<Diagnosis> {
        let passwords = || {
            let attempts = self.attempts.iter();
            attempts.filter(|record| record.method() == Method::Password)
        };
        let last = passwords().rfind(|record| record.demanded_new_password())?;
        if is_refused_while_asking(last) {
            return Some(self.refused_while_asking(Method::Password));
        }
        // A request that follows a demand at once is the change; one that follows a refusal is
        // an ordinary password again.
        let changes = passwords()
            .zip(passwords().skip(1))
            .filter(|(before, _)| before.outcome() == Outcome::NewPasswordDemanded)
            .count();
        Some(Diagnosis::PasswordExpired { changes })
    }

    fn refused_while_asking(&self, method: Method) -> Diagnosis {
        let alike =
            |record: &&AttemptRecord| record.method() == method && is_refused_while_asking(record);
        let times = self.attempts.iter().filter(alike).count();
        Diagnosis::RefusedWhileAsking { method, times }
    }

    fn second_factor_missing(&self) -> Option<Diagnosis> {
        let accepted: Vec<_> = self.report.factors().collect();
        if accepted.is_empty() {
            return None;
        }
        let tries = || self.refused().filter(|record| is_try(record));
        // The last time counts.
        let waited = |method: &Method| {
            let last = tries().rfind(|record| record.method() == *method);
            last.is_some_and(is_refused_while_asking)
        };
        let methods = distinct_methods(tries().map(AttemptRecord::method));
        let (refused_while_asking, refused) = methods.into_iter().partition(waited);
        Some(Diagnosis::SecondFactorMissing {
            accepted,
            wanted: self.report.methods().cloned(),
            refused,
            refused_while_asking,
        })
    }

    fn was_accepted(&self, identity: &Identity) -> bool {
        self.attempts
            .iter()
            .any(|record| record.outcome() == Outcome::KeyAccepted && is_of_key(record, identity))
    }

    fn signature_refused(&self) -> Option<Diagnosis> {
        let of_key = |record: &&AttemptRecord| {
            record.method() == Method::PublicKey && record.stage() == Stage::Proof
        };
        let accepted =
            |record: &&AttemptRecord| record.identity().is_some_and(|key| self.was_accepted(key));
        let record = self.refused().filter(of_key).rfind(accepted)?;
        Some(Diagnosis::KeyAcceptedSignatureRefused {
            identity: record.identity()?.clone(),
            algorithm: record.algorithm().cloned(),
        })
    }

    /// Password or keyboard-interactive, whichever came last: that is what the user remembers.
    fn answer_refused(&self) -> Option<Diagnosis> {
        let asked = || self.refused().filter(|record| self.had_a_question(record));
        let last = asked().next_back()?;
        let method = last.method();
        let answered = asked().filter(|record| !is_refused_while_asking(record));
        let tries = answered.filter(|record| record.method() == method).count();
        Some(match method {
            _ if is_refused_while_asking(last) => self.refused_while_asking(method),
            Method::Password => Diagnosis::PasswordRefused { tries },
            _ => Diagnosis::AnswersRefused { tries },
        })
    }

    /// Whether somebody was asked for the request that was refused.
    fn had_a_question(&self, record: &AttemptRecord) -> bool {
        match record.method() {
            Method::Password => true,
            Method::KeyboardInteractive => !self.is_refused_at_once(record),
            _ => false,
        }
    }

    /// A dialogue may be refused before anything was asked, even after a round without prompts. It
    /// is the last one of its method then, whatever those before it asked.
    fn is_refused_at_once(&self, record: &AttemptRecord) -> bool {
        let at_once = methods_skipped(self.report, |why| *why == Unavailable::RefusedAtOnce);
        let mut same = self.attempts.iter().rev();
        let last = same.find(|other| other.method() == record.method());
        at_once.contains(&record.method()) && last.is_some_and(|last| core::ptr::eq(last, record))
    }

    fn key_not_signed(&self, accepted: WasAccepted) -> Option<Diagnosis> {
        self.report.skips().iter().rev().find_map(|skip| {
            let Candidate::Identity(identity) = skip.candidate() else {
                return None;
            };
            let unsigned = matches!(
                skip.reason(),
                Unavailable::Declined | Unavailable::BadSignature(_)
            );
            let was_accepted = self.was_accepted(identity);
            (unsigned && was_accepted == (accepted == WasAccepted::Yes)).then(|| {
                Diagnosis::KeyNotSigned {
                    identity: identity.clone(),
                    was_accepted,
                    reason: skip.reason().clone(),
                }
            })
        })
    }

    fn keys_refused(&self) -> Option<Diagnosis> {
        let offered = self.attempts.iter();
        let of_key = offered.filter(|record| record.method() == Method::PublicKey);
        let keys = distinct(of_key.filter_map(AttemptRecord::identity));
        let is_refused = |record: &AttemptRecord| record.method() == Method::PublicKey;
        if !self.refused().any(is_refused) {
            return None;
        }
        let skips = self.report.skips().iter();
        let skipped = skips.filter_map(|skip| match skip.candidate() {
            Candidate::Identity(identity) => Some(identity),
            _ => None,
        });
        let offered: BTreeSet<&[u8]> = keys.iter().map(|key| key.blob()).collect();
        let never = |identity: &&Identity| !offered.contains(identity.blob());
        let certificates = keys.iter().filter(|key| key.is_certificate());
        Some(Diagnosis::AllKeysRefused {
            refused: keys.len(),
            first: (*keys.first()?).clone(),
            certificates: certificates.count(),
            not_offered: distinct(skipped.filter(never)).len(),
        })
    }

    fn no_mutual_algorithm(&self) -> Option<Diagnosis> {
        let skips = self.report.skips().iter();
        let mut without = skips.filter_map(|skip| match (skip.candidate(), skip.reason()) {
            (
                Candidate::Identity(identity),
                Unavailable::NoMutualAlgorithm { ours, theirs, .. },
            ) => Some((identity, ours, theirs)),
            _ => None,
        });
        let (identity, ours, theirs) = without.next()?;
        let others = without.map(|(identity, ..)| identity);
        Some(Diagnosis::NoMutualAlgorithm {
            keys: distinct(core::iter::once(identity).chain(others)).len(),
            identity: identity.clone(),
            ours: ours.clone(),
            theirs: theirs.clone(),
        })
    }

    /// What can be said of whole methods.
    fn of_methods(&self) -> Option<Diagnosis> {
        let skipped = |why: Unavailable| methods_skipped(self.report, |reason| *reason == why);
        if !skipped(Unavailable::HostBoundUnavailable).is_empty() {
            return Some(Diagnosis::HostBoundUnavailable);
        }
        if let Some(record) = self.refused().rfind(|record| is_try(record)) {
            let method = record.method();
            return Some(match is_refused_while_asking(record) {
                true => self.refused_while_asking(method),
                false => Diagnosis::MethodRefused { method },
            });
        }
        if let Some(method) = skipped(Unavailable::CannotContinue).first() {
            return Some(Diagnosis::CannotContinue { method: *method });
        }
        let methods = skipped(Unavailable::NotConfidential);
        (!methods.is_empty()).then_some(Diagnosis::NotConfidential { methods })
    }
}

/// Whether it was meant to get us in.
fn is_try(record: &AttemptRecord) -> bool {
    record.method() != Method::None || record.stage() == Stage::Proof
}

/// Whether the server would not wait for an answer, so that none was refused.
pub(crate) fn is_refused_while_asking(record: &AttemptRecord) -> bool {
    record.outcome() == Outcome::RefusedWhileAsking
}

fn is_of_key(record: &AttemptRecord, identity: &Identity) -> bool {
    let own = record.identity();
    own.is_some_and(|own| own.blob() == identity.blob())
}

/// Each key once. There may be very many, so they are not compared each with each.
fn distinct<'a>(identities: impl Iterator<Item = &'a Identity>) -> Vec<&'a Identity> {
    let mut known = BTreeSet::new();
    identities
        .filter(|identity| known.insert(identity.blob()))
        .collect()
}

fn distinct_methods(methods: impl Iterator<Item = Method>) -> Vec<Method> {
    let mut distinct = Vec::new();
    for method in methods {
        if !distinct.contains(&method) {
            distinct.push(method);
        }
    }
    distinct
}
