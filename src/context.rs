//! What is known about the login while it runs.

use alloc::sync::Arc;

use crate::algorithm::AlgorithmName;
use crate::config::{Config, HostBound, Limits, Pipelining};
use crate::identity::Identity;
use crate::login::Login;
use crate::peer::{Chosen, Peer};
use crate::report::Unavailable;

/// What is known about the login: who logs in where, over which connection, and what the server has
/// said about itself.
#[derive(Debug)]
#[cfg_attr(test, derive(Clone))]
pub(crate) struct Context {
    pub(crate) login: Arc<Login>,
    /// Starts as configured; the caller may turn it off during the run.
    pub(crate) pipelining: Pipelining,
    pub(crate) is_encrypted: bool,
    pub(crate) is_gssapi_key_exchange: bool,
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
        match self.is_encrypted {
            true => Ok(()),
            false => Err(Unavailable::NotConfidential),
        }
    }

    /// The algorithm to offer a key with; frozen from then on. `refused` are those that were tried
    /// before.
    pub(crate) fn choose_algorithm(
        &self,
        identity: &Identity,
        refused: &[AlgorithmName],
    ) -> Result<Chosen, Unavailable> {
        let (peer, config) = (&self.peer, self.config());
        let chosen = peer.choose_algorithm(identity, config, refused);
        chosen.ok_or_else(|| Unavailable::NoMutualAlgorithm {
            ours: peer.allowed_algorithms(identity, config),
            theirs: peer.algorithms().cloned(),
        })
    }

    /// The host key that signatures are bound to, if policy wants that and the server can.
    pub(crate) fn binding_key(&self) -> Option<&[u8]> {
        let wanted = self.config().host_bound != HostBound::Never;
        let host_key = self.login.host_key();
        host_key.filter(|_| wanted && self.peer.takes_host_bound())
    }
}
