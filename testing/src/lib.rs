//! For tests of programs that log in with [`ssh_userauth`]: servers, a user with an agent, and logins
//! written down as text. No network, no cryptography, no clock: every run gives the same result.
//!
//! - [`PolicyServer`] behaves as a real server does: it has [`Account`]s and a [`Policy`], counts
//!   failures as OpenSSH does, and differs from the RFCs where real servers do ([`ServerQuirks`]).
//! - [`ScriptedServer`] says exactly what it is told to say, in [`Packet`]s.
//! - [`Person`] answers what the client asks: has an [`Agent`] with [`FakeKey`]s, knows passwords,
//!   hesitates, mistypes, refuses.
//! - [`pair()`] joins a client with a server and a person, and counts round trips.
//! - [`Recorder`] stands in the place of a client and writes its conversation down, without the
//!   secrets in it.
//! - [`Transcript`] is a conversation as text, which is a test by itself.
//! - [`wire`] decodes and encodes the messages of both sides.
//!
//! All of it uses only the public interface of `ssh_userauth`, so you can write your own.
//!
//! ```
//! use ssh_userauth::Method::{Password, PublicKey};
//! use ssh_userauth_testing::{Account, FakeKey, Person, Policy, PolicyServer, pair};
//! use ssh_userauth::{Config, Pipelining, Session};
//!
//! // A server that wants a key, then a password.
//! let laptop = FakeKey::new("laptop");
//! let account = Account::new("alice").key(laptop.identity()).password("hunter2");
//! let policy = Policy::in_order([PublicKey, Password]);
//! let mut server = PolicyServer::new([7; 32], policy).account(account);
//! // A user who mistypes the password at first.
//! let mut alice = Person::new().key(laptop).password("huntre2").password("hunter2");
//!
//! let config = Config::new("alice").pipelining(Pipelining::Opening { queries: 3 });
//! let run = pair(config, Session::encrypted([7; 32]), &mut server, &mut alice)?;
//! assert!(run.is_authenticated());
//! assert_eq!(server.failures(), 1);
//! // Query; signature; wrong password; right password.
//! assert_eq!(run.round_trips(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The page "Testing your login flow" (`docs/testing.md` in the repository) has a whole test file
//! to start from, and shows how to test a loop of your own.
//!
//! # Transcripts
//!
//! A [`Transcript`] says what the server says and what the caller answers, and what the machine
//! has to do about it. It reads like a play, and it is exact: every byte that is sent, every
//! question and every notice stands in it, in order. [`Transcript::check`] runs it.
//!
//! ```
//! use ssh_userauth_testing::Transcript;
//!
//! let transcript: Transcript = r#"
//! ## One key, then a password.
//! config user alice
//!
//! C service-request ssh-userauth
//! ? public-key
//! ! offer K1
//! C request publickey K1 query
//! S service-accept ssh-userauth
//! S banner "Welcome to example.org"
//! * banner "Welcome to example.org"
//! S pk-ok K1
//! ? signature K1
//! ! sign SIG1
//! C request publickey K1 signed SIG1
//! S partial password
//! * partial publickey:K1 remaining password
//! ? password 1
//! ! password hunter2
//! C request password hunter2
//! S success
//! = start ssh-connection factors publickey:K1,password
//! "#.parse()?;
//! transcript.check()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Lines
//!
//! A line is a mark and words. A word with spaces, quotes or control characters in it stands in
//! double quotes, with `\n \r \t \" \\ \xNN` for what can't be written; so does the empty word,
//! and a value that would read as one of the keywords below. Empty lines and lines that begin
//! with `#` are comments. In the forms below, `[…]` may be left out, `…` may be repeated, and
//! CAPITALS stand for values.
//!
//! ## The head: configuration, session, keys
//!
//! ```text
//! config user NAME                       alice, if not said
//! config user-raw BYTES                  a name that is not text
//! config service NAME
//! config label TEXT
//! config methods METHOD,METHOD           by their names on the wire; one with @ is the caller's
//! config discovery probe-none|skip
//! config submethods NAME,NAME
//! config trivial accept|reject
//! config host-bound prefer|never|require
//! config sha1 refuse|allow|allow-unlisted
//! config signature-algorithms ALGORITHM,…
//! config hash-fallback never|after-signature|after-any-refusal
//! config quirk QUIRK                     a field of `Quirks`, with - for _
//! config client-host HOST USER KEY …
//! config gssapi-mechanisms MECHANISM …
//! config choice order|ask
//! config budget REFUSALS RESERVE         how many refusals to risk, how many to keep for people
//! config tries shared|separate           password and keyboard-interactive
//! config bridge hidden-single-prompt-once|never
//! config pipelining off|opening NUMBER   of key queries
//! config early-password never|in-opening|behind-signature
//! config limit FIELD NUMBER              a field of `Limits`
//! session encrypted|unencrypted
//! session id HEX                         00 01 … 1f, if not said
//! session host-key KEY
//! session service ours|sent|accepted
//! session ext-info NAME=VALUE …
//! session version TEXT
//! session gssapi-key-exchange
//! key KEY TYPE [only ALGORITHM,…]        what the signer can do
//! key KEY blob HEX                       a key from elsewhere
//! ```
//!
//! Each corresponds to the method of [`Config`](ssh_userauth::Config) or [`Session`](ssh_userauth::Session) of
//! that name.
//!
//! ## Inputs
//!
//! ```text
//! S MESSAGE [times NUMBER] [=> OUTCOME]      the server says
//!   service-accept [NAME]        failure [METHOD,…]      success
//!   partial [METHOD,…]           banner TEXT [language TAG]
//!   ext-info NAME=VALUE …        pk-ok KEY [ALGORITHM]
//!   change-request TEXT [language TAG]
//!   info-request DIALOGUE        gssapi-response MECHANISM
//!   gssapi-token HEX             gssapi-error MAJOR MINOR TEXT [language TAG]
//!   gssapi-errtok HEX            method-message NUMBER [HEX]
//!   raw HEX
//! S disconnect CODE TEXT                     `UserAuthClient::disconnected`
//! S close                                    `UserAuthClient::connection_lost`
//! S unimplemented                            `UserAuthClient::unimplemented`
//!
//! ! ANSWER [=> OUTCOME]                      the caller answers the newest question
//!   offer KEY …                  offer-unprobed KEY …    none-left
//!   sign SIGNATURE               password PASSWORD       change OLD NEW
//!   answer [ANSWER …]            token HEX
//!   established integrity|no-integrity [HEX]
//!   mic HEX                      choose METHOD
//!   request [HEX]                message NUMBER [HEX]
//!   silence                      decline
//!   sign-as ALGORITHM            a signature with another name: not taken, the key given up
//!   sign-malformed               bytes that are no signature: the same
//! ! late ANSWER                              … the oldest question not yet answered
//! ! cancel                                   `UserAuthClient::cancel`
//! ! abandon server-timeout|caller-timeout|other
//! ! decline-pending                          `UserAuthClient::decline_pending`
//! ! one-by-one                               `UserAuthClient::send_one_by_one`
//! ```
//!
//! Where nothing else is said, an input is taken. The other outcomes are `not-ours`, `withdrawn`,
//! `other-connection`, `too-long`, `wrong-count`, `bad-signature`, `not-a-choice`, `bad-number`
//! and `not-asked`.
//!
//! ## Outputs
//!
//! What comes out after an input stands behind it, completely and in order.
//!
//! ```text
//! C MESSAGE                                  we send
//!   service-request NAME
//!   request none
//!   request publickey KEY query [ALGORITHM]
//!   request publickey KEY signed SIGNATURE [ALGORITHM] [with ALGORITHM]
//!   request hostbound KEY signed SIGNATURE [ALGORITHM] [with ALGORITHM]
//!   request hostbased KEY signed SIGNATURE [ALGORITHM] [with ALGORITHM]
//!   request password PASSWORD
//!   request password-change OLD NEW
//!   request keyboard-interactive [SUBMETHODS]
//!   request gssapi-with-mic MECHANISM …
//!   request gssapi-keyex HEX     request METHOD [HEX]
//!   response [ANSWER …]          gssapi-token HEX
//!   gssapi-mic HEX               gssapi-complete
//!   method-message NUMBER [HEX]  raw HEX
//!
//! ? QUESTION                                 we ask
//!   public-key [offered NUMBER]
//!   signature KEY [ALGORITHM] [with ALGORITHM] [host-bound] [data HEX]
//!   host-signature KEY [ALGORITHM] [with ALGORITHM] [data HEX]
//!   password ATTEMPT [refused|accepted] [prompt TEXT]
//!   new-password DEMAND TEXT [language TAG]
//!   answers [attempt NUMBER] [round NUMBER] DIALOGUE
//!   gssapi-token MECHANISM STEP [input HEX]
//!   gssapi-mic gssapi-with-mic|gssapi-keyex
//!   gssapi-mic data HEX
//!   method METHOD,…
//!   method-request METHOD ATTEMPT [refused|accepted]
//!   method-message METHOD ROUND NUMBER [HEX]
//!
//! * NOTICE                                   we tell
//!   banner TEXT [language TAG]   banners-dropped
//!   partial FACTOR [remaining METHOD,…]
//!   instruction DIALOGUE
//!   gssapi-error MAJOR MINOR TEXT [language TAG]
//!   password-changed             password-not-changed
//!
//! = END                                      it ends
//!   start SERVICE [trivial|empty-answers] [factors FACTOR,…]
//!   give-up REASON ENDING [remaining METHOD,…]     reason of the disconnect, name of an `Ending`
//!   protocol-error KIND                            name of a `ProtocolErrorKind`
//! ```
//!
//! Between inputs a transcript may look at the machine:
//!
//! ```text
//! turn server|caller|nobody                  `UserAuthClient::turn`
//! skipped METHOD|KEY REASON                  the report has this skip: name of a `Unavailable`
//! refusals-left NUMBER                       `UserAuthClient::refusals_left`
//! unanswered NUMBER                          so many requests of the report were not answered
//! attempt NUMBER OUTCOME                     what became of this request of the report, counted
//!                                            from 1: name of an `Outcome`
//! disconnected CODE TEXT                     the report has this disconnect; TEXT as people see it
//! ```
//!
//! A DIALOGUE is
//! `[name TEXT] [instruction TEXT] [language TAG] [prompt-hidden TEXT | prompt-shown TEXT] …`,
//! and a FACTOR is the name of a method, with `:KEY` behind it if it has one.
//!
//! ## Names for bytes
//!
//! A key is made from its name: a blob of the type `ssh-ed25519`, or of that of its `key` line. A
//! signature is made from its name and the algorithm that was asked for. No cryptography has
//! touched them, and the machine doesn't care. Bytes without a name are written `blob:HEX`. A
//! MECHANISM is `krb5`, or the digits of an object identifier in DER.
//!
//! An algorithm that isn't written is the type of the key, and the algorithm of a signature is the
//! plain one of its request. That the data to sign are the right ones is checked with every
//! `? signature`, `? host-signature` and `? gssapi-mic`; only wrong ones are written. The host and its
//! user in a request for `hostbased` are those of the head.
//!
//! What the messages 60 to 79 mean depends on the request before them, in a transcript as on the
//! wire.

#![no_std]
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

mod agent;
mod diff;
mod fake;
mod keys;
mod names;
mod packet;
mod pair;
mod person;
mod policy;
mod policy_server;
mod recorder;
mod runner;
mod scene;
mod server;
mod transcript;
pub mod wire;

pub use agent::Agent;
pub use fake::FakeKey;
pub use packet::Packet;
pub use pair::{Run, RunOutcome, Sent, pair};
pub use person::Person;
pub use policy::Policy;
pub use policy_server::{
    AbandonedDialogue, Account, AfterSuccess, BannerTime, ExtInfoTime, PolicyServer, Round,
    ServerQuirks, SignedRequest, UnknownMethod,
};
pub use recorder::Recorder;
pub use runner::Mismatch;
pub use server::{Reply, ScriptedServer, Server};
pub use transcript::{ParseError, Transcript};

/// The code of the page is compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/testing.md")]
struct TestingYourLoginFlow;
