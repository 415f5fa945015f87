//! Who logs in where: the facts that never change in a run, shared with every question.

use alloc::boxed::Box;
use core::fmt;

use crate::config::{Config, UserName};
use crate::wire::{Request, RequestMethod};

/// Who logs in where. Every question carries it, so that a prompt can say for which connection
/// it is, and a signer's user interface what it is about to approve.
pub struct Login {
    /// As the caller gave it: what changes during a run is not here.
    pub(crate) config: Config,
    pub(crate) host_key: Option<Box<[u8]>>,
    pub(crate) session_id: Box<[u8]>,
}

impl Login {
    /// The user to log in as.
    #[must_use]
    pub fn user(&self) -> &UserName {
        &self.config.user
    }

    /// The service to be started, such as `ssh-connection`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.config.service
    }

    /// The caller's name for this login; see [`Config::label`](crate::Config::label).
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.config.label.as_deref()
    }

    /// The server's host key blob, if the transport told it.
    #[must_use]
    pub fn host_key(&self) -> Option<&[u8]> {
        self.host_key.as_deref()
    }

    /// The session identifier of the first key exchange (RFC 4253 section 7.2).
    #[must_use]
    pub fn session_id(&self) -> &[u8] {
        &self.session_id
    }

    /// RFC 4252 section 5: "The 'user name' and 'service name' are repeated in every new
    /// authentication attempt", and they never change here.
    pub(crate) fn request<'a>(&'a self, method: RequestMethod<'a>) -> Request<'a> {
        Request {
            user: self.user().as_bytes(),
            service: self.service().as_bytes(),
            method,
        }
    }
}

impl fmt::Debug for Login {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Login")
            .field("user", self.user())
            .field("service", &self.service())
            .field("label", &self.label())
            .finish_non_exhaustive()
    }
}
