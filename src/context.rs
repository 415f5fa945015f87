//! What is known about the login while it runs.

use alloc::sync::Arc;

use crate::config::{Config, HostBound, Limits, Pipelining};
use crate::login::Login;
use crate::peer::{HostBoundSupport, Peer};
use crate::report::Unavailable;
use crate::session::{Confidentiality, KeyExchange};

/// What is known about the login: who logs in where, over which connection, and what the server has
/// said about itself.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Context {
    pub(crate) login: Arc<Login>,
    /// Starts as configured; the caller may turn it off during the run.
    pub(crate) pipelining: Pipelining,
    pub(crate) confidentiality: Confidentiality,
    pub(crate) key_exchange: KeyExchange,
    pub(crate) peer: Peer,
}

impl Context {
    pub(crate) fn config(&self) -> &Config {
        &self.login.config
    }

    pub(crate) fn limits(&self) -> &Limits {
        &self.login.config.limits
    }

    /// Whether a secret may be asked for. RFC 4252 section 8: "Both the server and the client
    /// should check whether the underlying transport layer provides confidentiality".
    pub(crate) fn confidential(&self) -> Result<(), Unavailable> {
        match self.confidentiality {
            Confidentiality::Encrypted => Ok(()),
            Confidentiality::Open => Err(Unavailable::NotConfidential),
        }
    }

    /// The host key that signatures are bound to, if policy wants that and the server can.
    pub(crate) fn binding_key(&self) -> Option<&[u8]> {
        let wanted = self.config().host_bound != HostBound::Never;
        let announced = self.peer.host_bound() == HostBoundSupport::Announced;
        self.login.host_key().filter(|_| wanted && announced)
    }
}
