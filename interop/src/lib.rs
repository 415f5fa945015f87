//! A real SSH transport, embedded and external servers, and what the login command and the
//! integration tests share.
//!
//! Nothing here is published. The `ssh-userauth` crate only ever sees decrypted payloads; this
//! crate is where those payloads come from and go to:
//!
//! * [`transport`]: SSH transport protocol (RFC 4253), both roles, over the `ring` crate;
//! * [`authenticator`]: security keys in software;
//! * [`delay`]: a link with a delay, for measuring round trips;
//! * [`embedded`]: a complete server in this process, for machines without any other;
//! * [`kerberos`]: a realm of MIT's tools, and, with the feature `gssapi`, `gss`: tickets for the
//!   state machine's questions;
//! * [`sshd`]: the real OpenSSH server, one process for each connection, over a socket pair;
//! * [`servers`]: those and all other servers that others wrote, started in one way;
//! * [`skip`]: what a test does that this machine can't run;
//! * [`scripted`]: our transport in the server role with answers written by a test;
//! * [`login`]: the login command;
//! * [`round_trips`]: the command that measures what a login costs.

extern crate alloc;

pub mod authenticator;
pub mod blocking;
pub mod delay;
pub mod embedded;
#[cfg(feature = "gssapi")]
pub mod gss;
pub mod kerberos;
pub mod login;
pub mod round_trips;
pub mod scripted;
pub mod servers;
pub mod skip;
pub mod sshd;
pub mod transport;
