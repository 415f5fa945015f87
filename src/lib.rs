//! The client side of SSH user authentication (RFC 4252) as a pure, synchronous, sans-IO state
//! machine: decoded packets and the caller's answers go in, [`Action`] values come out.
//!
//! ```text
//!                   handle_packet                    poll_action
//!    transport  ───────────────────▶  UserAuth  ───────────────────▶  SendRequest      do
//!   (decrypted      handle_answer      Client                         Need…            ask
//!    payloads)  ◀─ agent, user, file ─▶                               Notify           tell
//!                                                                     StartService     end
//!                                                                     GiveUp           end
//! ```
//!
//! The caller owns the socket, the keys, the agent, the prompts and the clock. Nothing here does
//! I/O, reads a clock, draws a random number, starts a thread, or calls back.
//!
//! # The contract
//!
//! 1. Make a [`UserAuthClient`] from a [`Config`] (who, and by which rules) and a [`Session`]
//!    (what the transport knows: the session identifier, whether it encrypts).
//! 2. Poll [`UserAuthClient::poll_action`] until it returns `None`. Do what it says:
//!    - *do*: [`Action::SendRequest`]: hand the payload to the transport;
//!    - *ask*: [`Action::NeedPublicKey`], [`Action::NeedSignature`], [`Action::NeedPassword`],
//!      [`Action::NeedAnswers`] and the other questions: answer now or later, from any thread, by
//!      consuming the token and giving the [`Answer`] to [`UserAuthClient::handle_answer`], or
//!      decline;
//!    - *tell*: [`Action::Notify`]: show it, or don't;
//!    - *end*: [`Action::StartService`]: we are in; [`Action::GiveUp`]: we are not.
//! 3. Flush the transport, wait for a packet or an answer, hand it in, and poll again.
//!
//! Denial of access is an action, not an error. [`ProtocolError`] is the server's fault and final;
//! [`AnswerError`] is the caller's, and changes nothing; [`ConfigError`] comes before anything
//! has happened.
//!
//! # What it promises
//!
//! - It never gets stuck: either it has ended, or a question is open, or a reply is awaited.
//! - A run ends, for any server and any caller: everything is counted and bounded ([`Limits`]).
//! - Only `SSH_MSG_USERAUTH_SUCCESS` authenticates, and only while a request is on its way that
//!   can have earned it. [`Authenticated::is_trivial`] tells whether anything was proved.
//! - A password leaves only in answer to a password question of this connection, and never over a
//!   line that is not confidential. What was offered is what is signed, once for each offer.
//! - It says why: [`UserAuthClient::report`] has every attempt, and every skipped candidate with
//!   the reason. The crate `ssh-userauth-explain` turns that into a sentence with advice, a table
//!   and a diagram.
//! - No input panics. Secrets are wiped and never printed.
//!
//! The unit tests walk every reachable state to check this.
//!
//! # The loop
//!
//! ```
//! use ssh_userauth::{Action, Config, Identity, Rejected, Session, UserAuthClient};
//!
//! /// Your transport, after the key exchange.
//! trait Transport {
//!     fn send(&mut self, payload: &[u8]);
//!     fn recv(&mut self) -> Vec<u8>;
//! }
//!
//! /// Your user, agent and key files.
//! trait User {
//!     fn next_key(&mut self) -> Option<Identity>;
//!     fn sign(&mut self, key: &Identity, algorithm: &str, data: &[u8]) -> Option<Vec<u8>>;
//!     fn ask(&mut self, prompt: &str) -> String;
//! }
//!
//! fn log_in(
//!     io: &mut impl Transport,
//!     user: &mut impl User,
//!     session: Session,
//! ) -> Result<(), Box<dyn std::error::Error>> {
//!     let mut auth = UserAuthClient::new(Config::new("alice"), session)?;
//!     loop {
//!         while let Some(action) = auth.poll_action() {
//!             let answer = match action {
//!                 Action::SendRequest(payload) => { io.send(payload.bytes()); continue }
//!                 Action::StartService(_) => return Ok(()),
//!                 Action::GiveUp(why) => return Err(why.into()),
//!                 Action::NeedPublicKey(need) => match user.next_key() {
//!                     Some(key) => need.offer(key),
//!                     None => need.none_left(),
//!                 },
//!                 Action::NeedSignature(need) => {
//!                     match user.sign(need.identity(), need.algorithm(), need.data()) {
//!                         Some(blob) => need.signed(blob).unwrap_or_else(Rejected::decline),
//!                         None => need.decline(),
//!                     }
//!                 }
//!                 Action::NeedPassword(need) => need.password(user.ask("Password: ")),
//!                 Action::NeedAnswers(need) => {
//!                     need.answer_each(|prompt| user.ask(&prompt.text().display().to_string()))
//!                 }
//!                 // What this client can't do, or doesn't know yet: decline, and go on.
//!                 other => match other.decline() { Some(answer) => answer, None => continue },
//!             };
//!             auth.handle_answer(answer)?;
//!         }
//!         auth.handle_packet(&io.recv())?;
//!     }
//! }
//! ```
//!
//! With an async runtime, questions become tasks: tokens are `Send + 'static`, and packets never wait
//! for them.
//!
//! # Cargo features
//!
//! - `std` (default): nothing but conveniences that need it. Without it: `no_std` and `alloc`.
//! - `ssh-key` (default): [`Identity`] from and to the types of the `ssh-key` crate, and
//!   `sign_with` for keys in memory.
//! - `rsa`: RSA keys in `sign_with`.
//!
//! The crate `ssh-userauth-explain` says in words why a login failed. The crate
//! `ssh-userauth-testing` has servers, a user, and conversations as text, for your own tests.
#![cfg_attr(not(feature = "std"), no_std)]
// On docs.rs, which builds with a nightly, each item shows the feature it needs.
#![cfg_attr(docsrs, feature(doc_cfg))]
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
mod algorithm_list;
mod banners;
mod client;
mod config;
mod context;
mod error;
mod flight;
mod identity;
mod login;
mod method;
mod method_list;
mod method_name;
mod notice;
mod payload;
mod peer;
mod plan;
mod question;
mod quirks;
mod report;
mod run;
mod secret;
mod session;
mod sign;
mod signature;
#[cfg(feature = "ssh-key")]
mod ssh_key;
mod text;
mod wire;

pub use action::{Action, Authenticated, GiveUp, NeedMethod, Question};
pub use algorithm::AlgorithmName;
pub use algorithm_list::AlgorithmList;
pub use client::{Receipt, Turn, UserAuthClient};
pub use config::{
    AttemptBudget, ClientHost, Config, Discovery, EarlyPassword, HashFallback, HostBound, Limits,
    MethodChoice, PasswordBridge, Pipelining, Sha1Signatures, TrivialSuccess, TryCounting,
    UserName,
};
pub use error::{AnswerError, ConfigError, DisconnectReason, ProtocolError, ProtocolErrorKind};
pub use identity::{Identity, IdentityError};
pub use login::Login;
pub use method::custom::{NeedMethodMessage, NeedMethodRequest};
pub use method::gssapi::{NeedGssapiMic, NeedGssapiToken};
pub use method::hostbased::NeedHostSignature;
pub use method::keyboard_interactive::{NeedAnswers, Prompt};
pub use method::password::{NeedNewPassword, NeedPassword};
pub use method::publickey::{NeedPublicKey, NeedSignature};
pub use method_list::MethodList;
pub use method_name::Method;
pub use notice::{Factor, Notice};
pub use payload::Payload;
pub use question::{
    Answer, AnswerContent, GssapiIntegrity, PreviousAttempt, Rejected, Rejection, Ticket,
};
pub use quirks::Quirks;
pub use report::{
    AbandonReason, AttemptRecord, Candidate, Ending, Event, Outcome, Report, ServerDisconnect,
    Skip, Stage, Unavailable,
};
pub use secret::Secret;
pub use session::{ServiceRequest, Session};
pub use signature::BadSignatureReason;
pub use text::{DisplayText, ServerText};
pub use wire::{DecodeError, DecodeReason, KERBEROS_V5};

/// The README's code is compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
