//! Logins to the real OpenSSH server: what we did is compared with what its log says we did.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs
)]

extern crate alloc;

#[path = "openssh_login/certificates.rs"]
mod certificates;
#[path = "openssh_login/factors.rs"]
mod factors;
#[path = "openssh_login/hostbased.rs"]
mod hostbased;
#[path = "openssh_login/opening.rs"]
mod opening;
#[path = "openssh_login/pam.rs"]
mod pam;
#[path = "openssh_login/passwords.rs"]
mod passwords;
#[path = "openssh_login/publickey.rs"]
mod publickey;
#[path = "openssh_login/security_keys.rs"]
mod security_keys;
#[path = "support/support.rs"]
mod support;
