//! What to do about a diagnosis.

use ssh_userauth::{AbandonReason, Method, Unavailable};

use crate::Diagnosis;

const ANSWER_SOONER: &str = "answer sooner, or ask the server's administrator how long it waits";

impl Diagnosis {
    /// What to do about it; empty if nothing can be said.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::NothingToTry { declined, .. } => what_to_give(declined),
            Self::NoCommonMethod { .. } => {
                "allow one of the server's methods, or have one of yours enabled on the server"
            }
            Self::MethodsUnknown { .. } => {
                "have a usual method such as publickey enabled on the server"
            }
            Self::NoMethodsOffered => {
                "check the user name and whether this account may log in from here"
            }
            Self::AllKeysRefused {
                refused,
                certificates,
                ..
            } => about_refused_keys(*refused, *certificates),
            Self::NoMutualAlgorithm { .. } => {
                "use a key of another type, or change which algorithms are allowed"
            }
            Self::KeyAcceptedSignatureRefused { .. } => {
                "check the signer and the key's restrictions on the server (some servers say yes \
                 to any key that they are asked about)"
            }
            Self::KeyNotSigned {
                reason: Unavailable::BadSignature(_),
                ..
            } => "check the agent or token that signs, or use another key",
            Self::KeyNotSigned { .. } => {
                "check that the private key is there and unlocked, in a file, an agent or a token, \
                 and that its use is confirmed"
            }
            Self::HostBoundUnavailable => "use a server that can, or lift the requirement",
            Self::PasswordRefused { .. } => {
                "check the user name and the password, and that the account is not locked"
            }
            Self::PasswordExpired { .. } => {
                "choose a new password by the server's rules, or have it reset"
            }
            Self::AnswersRefused { .. } => {
                "check the user name and the answers (a password may be wrong, a code may have \
                 expired, or the clock may be wrong)"
            }
            Self::RefusedWhileAsking { .. } => ANSWER_SOONER,
            Self::MethodRefused { .. } | Self::CannotContinue { .. } => {
                "try another method, and see the server's log for the reason"
            }
            Self::NotConfidential { .. } => "use an encrypted connection or a key",
            Self::SecondFactorMissing {
                refused,
                refused_while_asking,
                ..
            } => match (refused.as_slice(), refused_while_asking.as_slice()) {
                ([], []) => "give what the server asks for in addition",
                ([], _) => ANSWER_SOONER,
                _ => "check what was given for it",
            },
            _ => self.advice_about_the_end(),
        }
    }

    fn advice_about_the_end(&self) -> &'static str {
        match self {
            Self::RequestsSpent { .. } => "offer the right key first, or raise the limit",
            Self::TooManyRefusals { methods, .. } => about_too_many(methods),
            Self::ServerDisconnected { .. } => "see the server's log for the reason",
            Self::SentAhead { .. } => {
                "connect again once, with one request at a time (no pipelining)"
            }
            Self::UnansweredRequests { refusals: 0, .. } => {
                "check the network and the server's log"
            }
            Self::UnansweredRequests { .. } => {
                "check the network and the server's log (it may have closed after too many \
                 refusals)"
            }
            Self::ConnectionLost {
                while_asking: true, ..
            } => "servers wait some two minutes for a login, so answer sooner",
            Self::ConnectionLost { .. } => "check the network, and the server's log",
            Self::Abandoned { reason, .. } => match reason {
                AbandonReason::ServerTimeout => "check the network and the load of the server",
                AbandonReason::CallerTimeout => "connect again and answer sooner",
                _ => "",
            },
            Self::NoUserAuth => "check that this is an SSH server for logins",
            Self::TrivialSuccess => {
                "if this server needs no proof, allow that, and otherwise mistrust it"
            }
            Self::ProtocolViolation(_) => {
                "this is a defect of the server or of this client, please report it with the table"
            }
            _ => "",
        }
    }
}

fn what_to_give(declined: &[Method]) -> &'static str {
    match declined {
        [Method::PublicKey] => "give a key",
        [Method::Password] => "give the password",
        [Method::KeyboardInteractive] => "answer its prompts",
        [_] => "answer for this method",
        methods if methods.contains(&Method::PublicKey) => {
            "give a key, or answer for one of these methods"
        }
        _ => "answer for one of these methods",
    }
}

/// A refused key and a refused certificate look alike on the wire, and have different reasons.
fn about_refused_keys(refused: usize, certificates: usize) -> &'static str {
    if certificates == 0 {
        "check the user name, that the public key is in the account's authorized_keys, and that \
         the server allows keys of its type"
    } else if certificates == refused {
        "check that the certificate names this user and has not expired, and that the server \
         trusts its authority"
    } else {
        "check the user name, that the certificate names it, has not expired and is of an \
         authority that the server trusts, or that the public key is in the account's \
         authorized_keys"
    }
}

/// Servers count keys, passwords and answers alike. A password is what the user remembers, also
/// where a request for prompts was sent ahead of it in vain.
fn about_too_many(methods: &[Method]) -> &'static str {
    let tried = |method| methods.contains(&method);
    let keys = tried(Method::PublicKey);
    if tried(Method::Password) {
        if keys {
            "offer fewer keys and the right one first, check the password, then connect again"
        } else {
            "check the user name and the password, then connect again"
        }
    } else if tried(Method::KeyboardInteractive) && !keys {
        "check the user name and the answers, then connect again"
    } else if keys {
        "offer fewer keys and the right one first, then connect again"
    } else {
        "see the server's log for the reason, then connect again"
    }
}
