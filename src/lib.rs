//! The client side of SSH user authentication as a pure, synchronous, sans-IO state machine.
#![cfg_attr(not(feature = "std"), no_std)]
#![cfg_attr(
    test,
    allow(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::indexing_slicing
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod action;
mod algorithm;
mod banners;
mod client;
mod config;
mod error;
mod flight;
mod identity;
mod login;
mod method;
mod method_list;
mod peer;
mod plan;
mod question;
mod quirks;
mod report;
mod secret;
mod session;
mod signature;
#[cfg(feature = "testing")]
pub mod testing;
mod text;
pub mod wire;

pub use action::{Action, Authenticated, Factor, GiveUp, Notice, Payload};
pub use algorithm::AlgorithmName;
pub use client::{Receipt, Turn, UserAuthClient};
pub use config::{
    AttemptBudget, ClientHost, Config, Discovery, HashFallback, HostBound, Limits, MethodChoice,
    PasswordBridge, Sha1Signatures, TrivialSuccess, TryCounting, UserName,
};
pub use error::{AnswerError, ConfigError, DisconnectReason, ProtocolError, ProtocolErrorKind};
pub use identity::{Identity, IdentityError};
pub use login::Login;
pub use method::Method;
pub use method_list::MethodList;
pub use question::{
    Answer, BadSignature, Integrity, NeedAnswers, NeedGssToken, NeedHostSignature, NeedMethod,
    NeedMethodMessage, NeedMethodRequest, NeedMic, NeedNewPassword, NeedPassword, NeedPublicKey,
    NeedSignature, PreviousAttempt, Prompt, SigningContext, WrongCount,
};
pub use quirks::Quirks;
pub use report::{
    AbandonReason, AttemptRecord, Candidate, Ending, Outcome, Report, ServerDisconnect, Skip,
    SkipReason, Stage,
};
pub use secret::Secret;
pub use session::{ServiceRequest, Session};
pub use signature::BadSignatureReason;
pub use text::{DisplayText, ServerText};

/// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
