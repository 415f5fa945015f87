//! Who we are for the method `hostbased`.

use alloc::string::String;
use alloc::vec::Vec;

use crate::identity::Identity;

/// The longest domain name (RFC 1035 section 2.3.4).
const MAX_NAME_BYTES: usize = 255;

/// The host that the client runs on, for the method `hostbased` (RFC 4252 section 9): its name,
/// the user there, and the host keys that it can sign with.
///
/// ```
/// # fn example(host_key: ssh_userauth::Identity) -> ssh_userauth::Config {
/// use ssh_userauth::{ClientHost, Config, Method};
///
/// Config::new("alice")
///     .methods([Method::HostBased, Method::PublicKey])
///     .client_host(ClientHost::new("build1.example.org", "alice").key(host_key))
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ClientHost {
    /// The fully qualified domain name of the client's host.
    pub name: String,
    /// The user's name there.
    pub user: String,
    /// The host keys to try, best first.
    pub keys: Vec<Identity>,
}

impl ClientHost {
    /// The fully qualified domain name of the client's host, and the user's name there.
    #[must_use]
    pub fn new(name: impl Into<String>, user: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            user: user.into(),
            keys: Vec::new(),
        }
    }

    /// RFC 4252 section 9: the name goes out as a domain name in US-ASCII.
    pub(crate) fn is_well_named(&self) -> bool {
        (1..=MAX_NAME_BYTES).contains(&self.name.len())
            && self.name.bytes().all(|byte| byte.is_ascii_graphic())
    }

    /// With one more host key to try, best first.
    #[must_use]
    pub fn key(mut self, key: Identity) -> Self {
        if self.keys.is_empty() {
            // Mostly there is one, and a login that waits keeps it.
            self.keys.reserve_exact(1);
        }
        self.keys.push(key);
        self
    }
}
