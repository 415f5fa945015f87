//! What to do about a diagnosis.

use crate::report::{AbandonReason, Diagnosis};

impl Diagnosis {
    /// What to do about it; empty if nothing can be said.
    pub(super) fn advice(&self) -> &'static str {
        match self {
            Self::NothingToTry { .. } => "give a key, or answer for one of these methods",
            Self::NoCommonMethod { .. } => {
                "allow one of the server's methods, or have one of yours enabled on the server"
            }
            Self::MethodsUnknown { .. } => {
                "have a usual method such as publickey enabled on the server"
            }
            Self::NoMethodsOffered => {
                "check the user name and whether this account may log in from here"
            }
            Self::AllKeysRefused { .. } => {
                "check the user name, and that the public key is in the account's authorized_keys"
            }
            Self::NoMutualAlgorithm { .. } => {
                "use a key of another type, or change which algorithms are allowed"
            }
            Self::KeyAcceptedSignatureRefused { .. } => {
                "check the signer and the key's restrictions on the server (some servers say yes \
                 to any key that they are asked about)"
            }
            Self::KeyNotSigned { .. } => {
                "check that the agent or token has the private key, and that its use is confirmed"
            }
            Self::HostBoundUnavailable => "use a server that can, or lift the requirement",
            Self::PasswordRefused { .. } => {
                "check the user name and the password, and that the account is not locked"
            }
            Self::PasswordExpired { .. } => {
                "choose a new password by the server's rules, or have it reset"
            }
            Self::AnswersRefused { .. } => {
                "check the answers: a code may have expired, or the clock may be wrong"
            }
            Self::MethodRefused { .. } | Self::CannotContinue { .. } => {
                "try another method, and see the server's log for the reason"
            }
            Self::NotConfidential { .. } => "use an encrypted connection or a key",
            Self::SecondFactorMissing { refused, .. } if refused.is_empty() => {
                "give what the server asks for in addition"
            }
            Self::SecondFactorMissing { .. } => "check what was given for it",
            _ => self.advice_about_the_end(),
        }
    }

    fn advice_about_the_end(&self) -> &'static str {
        match self {
            Self::BudgetSpent { .. } => "offer the right key first, or raise the limit",
            Self::TooManyRefusals { .. } => {
                "offer fewer keys and the right one first, then connect again"
            }
            Self::ServerDisconnected { .. } => "see the server's log for the reason",
            Self::SentAhead { .. } => "connect again once, without pipelining",
            Self::UnansweredRequests { .. } => {
                "check the network and the server's log, and offer the right key first"
            }
            Self::ConnectionLost {
                while_asking: true, ..
            } => "servers wait some two minutes for a login, so answer sooner",
            Self::ConnectionLost { .. } => "check the network, and the server's log",
            Self::Abandoned { reason, .. } => match reason {
                AbandonReason::ServerTimeout => "check the network and the load of the server",
                AbandonReason::CallerTimeout => "connect again and answer sooner",
                AbandonReason::Other => "",
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
